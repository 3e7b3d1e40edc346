package contact

import (
	"context"
	"crypto/sha256"
	"slices"
	"strconv"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// State is what the server says of a case, as far as it verifies.
type State struct {
	Generation int
	Pending    int          // replies that were not put away
	Read       int64        // last of our messages that an operator has read, -1 for none
	ReadHour   hotline.Hour // when
	UsedHour   hotline.Hour // last use of the receipt before this one
	UsedCount  int64        // uses before this one
	Answered   bool
	Sent       int64 // last of our messages, -1 for none
	LastReply  int64 // last reply of the desk, -1 for none
	Manifest   int64 // serial of the newest manifest
}

// Reply is a message of the desk that verified.
type Reply struct {
	Seq     int64
	Text    string
	Files   []seal.File
	Hour    hotline.Hour
	Missing bool      // replies between this one and the one fetched before are not there
	ID      seal.Hash // for PutAway
	More    bool      // others follow
	header  seal.Signed
}

// Return is a case that the person comes back to: Open it before anything else.
func (c *Client) Return(receipt hotline.Receipt) (*Case, error) {
	keys, err := seal.DeriveContact(receipt, c.manifest.Desk)
	if err != nil {
		return nil, err
	}
	return c.ReturnWith(keys), nil
}

// ReturnWith is Return with keys that are there already.
func (c *Client) ReturnWith(keys seal.Contact) *Case {
	return &Case{client: c, contact: keys, id: keys.CaseID(), seq: -1, seen: -1}
}

// request delivers a call that the case's key signs over each challenge.
func (p *Case) request(ctx context.Context, call seal.Call, args string) (seal.Answer, [][]byte, error) {
	call.Lookup = p.contact.Lookup
	return p.client.deliver(ctx, func(challenge []byte) (sealed, error) {
		req, err := seal.SignRequest(p.id, call.Op, []byte(args), challenge, p.contact.Signing)
		if err != nil {
			return sealed{}, err
		}
		envelope, answer, err := seal.NewEnvelope(p.client.manifest.Intake, call, req.Text())
		return sealed{envelope, answer}, err
	})
}

// Open asks for the state of the case. Afterwards messages go to its newest
// key and follow the last message that the server has.
func (p *Case) Open(ctx context.Context) (State, error) {
	a, parts, err := p.request(ctx, seal.Call{Op: seal.OpOpen}, p.contact.Lookup.String())
	if err != nil {
		return State{}, err
	}
	if a.Status != seal.StatusKnown {
		return State{}, statusError(a)
	}
	if a.Case.CaseID != p.id || len(parts) != 3 {
		return State{}, forged("the answer is about another case")
	}
	generation, err := p.verifyGeneration(parts[0], a.Generation)
	if err != nil {
		return State{}, err
	}
	last, err := p.verifyOwn(parts[1])
	if err != nil {
		return State{}, err
	}
	st := State{
		Generation: a.Generation, Pending: a.Pending, Read: -1, ReadHour: a.ReadHour, UsedHour: a.UsedHour,
		UsedCount: a.UsedCount, Answered: a.Answered, Sent: last.seq, LastReply: -1, Manifest: a.Manifest,
	}
	if a.Read != nil {
		st.Read = *a.Read
	}
	if len(parts[2]) != 0 {
		h, s, err := seal.ParseRecordHeader(parts[2])
		if err != nil {
			return State{}, err
		}
		if h.Case != p.id || h.Side != hotline.SideDesk || !p.signedByDesk(s) {
			return State{}, forged("the desk's last header is not the desk's")
		}
		st.LastReply = h.Seq
	}
	p.generation = generation
	if last.seq > p.seq { // what waits here may be further on than the server
		p.seq, p.prev = last.seq, last.hash
	}
	return st, nil
}

func forged(why string) error { return hotline.Errorf(hotline.KindForged, "contact", "%s", why) }

const kindRecord = "record"

func (p *Case) signedByDesk(s seal.Signed) bool {
	return slices.ContainsFunc(p.client.manifest.ReplyKeys, func(k seal.PublicKey) bool { return s.SignedBy(kindRecord, k) })
}

// verifyGeneration believes generation 0 with our own signature and later ones
// with that of a reply key of the manifest.
func (p *Case) verifyGeneration(text []byte, n int) (seal.Generation, error) {
	g, s, err := seal.ParseGeneration(text)
	if err != nil {
		return g, err
	}
	if g.Gen != n || g.Case != p.id || g.ContactKey != p.contact.Signing.Public() || g.Gen < p.generation.Gen {
		return g, forged("the key belongs to another case")
	}
	if g.Gen == 0 {
		if !seal.GenerationSignedBy(s, p.contact.Signing.Public()) {
			return g, forged("the case's first key is not the one that this person made")
		}
		return g, nil
	}
	if !slices.ContainsFunc(p.client.manifest.ReplyKeys, func(k seal.PublicKey) bool { return seal.GenerationSignedBy(s, k) }) {
		return g, forged("the case's key is not signed by the desk")
	}
	return g, nil
}

// own is the last record of ours that the server has.
type own struct {
	seq  int64
	hash seal.Hash
}

func (p *Case) verifyOwn(text []byte) (own, error) {
	if len(text) == 0 {
		return own{seq: -1}, nil
	}
	h, s, err := seal.ParseRecordHeader(text)
	if err != nil {
		return own{}, err
	}
	if h.Case != p.id || h.Side != hotline.SideContact || !s.SignedBy(kindRecord, p.contact.Signing.Public()) {
		return own{}, forged("our last header is not ours")
	}
	return own{h.Seq, s.Hash()}, nil
}

// Fetch returns the first reply after the given number that was not put away,
// false when there is none. Before is the reply fetched before it, if any.
func (p *Case) Fetch(ctx context.Context, after int64, before *Reply) (Reply, bool, error) {
	args := p.contact.Lookup.String() + " " + strconv.FormatInt(after, 10)
	a, parts, err := p.request(ctx, seal.Call{Op: seal.OpFetch, After: &after}, args)
	if err != nil {
		return Reply{}, false, err
	}
	switch {
	case a.Status == seal.StatusNothing:
		return Reply{}, false, nil
	case a.Status != seal.StatusKnown:
		return Reply{}, false, statusError(a)
	case len(parts) != 1:
		return Reply{}, false, forged("the answer holds no reply")
	}
	rec, err := seal.OpenRecord(p.contact.Identity, parts[0])
	if err != nil {
		return Reply{}, false, err
	}
	h := rec.Header
	if h.Case != p.id || h.Side != hotline.SideDesk || h.Seq != a.Seq || h.Seq <= after || !p.signedByDesk(rec.Signed) {
		return Reply{}, false, forged("this reply is not from the desk, or not for this case")
	}
	r := Reply{Seq: h.Seq, Text: rec.Body.Text, Files: rec.Body.Files, Hour: h.Hour, ID: sha256.Sum256(parts[0]), More: a.More, header: rec.Signed}
	if before != nil {
		r.Missing = h.Seq != before.Seq+1
		if !r.Missing && h.Prev != before.header.Hash() {
			return Reply{}, false, forged("this reply does not follow the one before")
		}
	}
	p.seen = max(p.seen, h.Seq)
	return r, true, nil
}

// PutAway says that replies were remembered; they will not be shown again.
func (p *Case) PutAway(ctx context.Context, ids ...seal.Hash) error {
	args := p.contact.Lookup.String()
	for _, id := range ids {
		args += " " + id.String()
	}
	a, _, err := p.request(ctx, seal.Call{Op: seal.OpPutAway, IDs: ids}, args)
	if err != nil {
		return err
	}
	if a.Status != seal.StatusReceived {
		return statusError(a)
	}
	return nil
}
