package gateway

import (
	"context"
	"crypto/sha256"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Conversation is where a gateway stands in a case: what is needed to go on in
// it, and nothing that opens what was sealed before.
type Conversation struct {
	Case hotline.CaseID
	Gen  int            // newest generation of the case key
	To   seal.Recipient // of that generation
	Seq  int64          // newest record of the gateway
	Prev seal.Hash      // line of its header
}

// Sealed is a record as it goes into the store.
type Sealed struct {
	ID     seal.Hash // of the file
	Header []byte    // signed text
	Line   seal.Hash // of the header
	File   []byte
	Seq    int64
	Gen    int
	Hour   hotline.Hour
	// Objects are attachments that the record names.
	Named seal.RecordHeader
}

// Next seals the next record of a conversation.
func (s Sealer) Next(c Conversation, body seal.Body) (Sealed, error) {
	h := seal.RecordHeader{
		Case: c.Case, Gen: c.Gen, Side: hotline.SideGateway, Seq: c.Seq + 1, Prev: c.Prev, Seen: -1, Hour: hotline.HourOf(s.Clock()),
	}
	rec, err := seal.SignRecord(h, body, s.Key)
	if err != nil {
		return Sealed{}, err
	}
	file, err := rec.Seal(c.To)
	if err != nil {
		return Sealed{}, err
	}
	return Sealed{
		ID: sha256.Sum256(file), Header: rec.Signed.Text(), Line: rec.Signed.Hash(), File: file,
		Seq: h.Seq, Gen: h.Gen, Hour: h.Hour, Named: rec.Header,
	}, nil
}

// Recipient is the key to which a case's records are sealed now, from the signed
// text of its newest generation: one that this gateway signed, or a later one
// with the signature of a reply key of the manifest. To no other is anything
// sealed: who can write into the database must not be able to read along.
func (s Sealer) Recipient(ctx context.Context, id hotline.CaseID, statement []byte) (seal.Generation, error) {
	g, signed, err := seal.ParseGeneration(statement)
	if err != nil {
		return g, err
	}
	forged := hotline.Errorf(hotline.KindForged, "gateway", "the newest key of a case does not verify: nothing is sealed to it")
	if g.Case != id {
		return g, forged
	}
	if g.Gen == 0 {
		if !seal.GenerationSignedBy(signed, s.Key.Public()) {
			return g, forged
		}
		return g, nil
	}
	_, m, err := s.Manifest(ctx)
	if err != nil {
		return g, err
	}
	for _, k := range replyKeys(m) {
		if seal.GenerationSignedBy(signed, k) {
			return g, nil
		}
	}
	return g, forged
}

// replyKeys are the keys with which teams sign towards people.
func replyKeys(m seal.Manifest) []seal.PublicKey {
	keys := m.ReplyKeys
	for _, t := range m.Teams {
		keys = append(keys, t.ReplyKey)
	}
	return keys
}

// OpenReply opens the copy of a reply that a desk sealed to the gateway, and
// checks that a team of the manifest signed it for this case.
func (s Sealer) OpenReply(ctx context.Context, with seal.Identity, id hotline.CaseID, file []byte) (seal.Record, error) {
	rec, err := seal.OpenRecord(with, file)
	if err != nil {
		return rec, err
	}
	_, m, err := s.Manifest(ctx)
	if err != nil {
		return rec, err
	}
	if rec.Header.Case == id && rec.Header.Side == hotline.SideDesk {
		for _, k := range replyKeys(m) {
			if rec.SignedBy(k) {
				return rec, nil
			}
		}
	}
	return seal.Record{}, hotline.Errorf(hotline.KindForged, "gateway", "a reply is not signed by a team of this house for this case")
}
