package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// answer is a reply that has been read and whose operator's signature holds.
type answer struct {
	api.Reply
	header seal.RecordHeader
	signed seal.Signed
	id     [sha256.Size]byte // of the record
}

// reply appends an answer to the person: compare-and-set on the case's desk
// chain, so that of two desks that answer at once one is told to read again.
func (s *Server) reply(c *call) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.Reply](c)
	if err != nil {
		return nil, err
	}
	a, err := parseReply(req, id, c.who)
	if err != nil {
		return nil, err
	}
	var out api.Case
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		g, err := lockOwnGroup(ctx, tx, c.who, id)
		if err != nil {
			return nil, err
		}
		row := g.row
		out = apiCase(row)
		if held, err := tx.RecordByID(ctx, a.id[:]); err == nil {
			if !bytes.Equal(held.CaseID, id[:]) || !bytes.Equal(held.Header, a.Header) {
				return nil, conflict("another record has this content")
			}
			return nil, nil // sent again after a lost answer
		} else if !store.Missing(err) {
			return nil, err
		}
		if err := unfolded(row); err != nil {
			return nil, err
		}
		if err := a.fits(ctx, tx, row); err != nil {
			return nil, err
		}
		hash := a.signed.Hash()
		d := &deed{act: actReply, id: id, detail: detail{
			"seq": number(a.header.Seq), "header": hash.String(), "record": sum(a.File),
		}, byHand: []hotline.CaseID{id}}
		if len(a.Copy) > 0 {
			d.detail["copy"] = sum(a.Copy)
		}
		d.write = func(ctx context.Context, tx *store.Tx, _ int64) error {
			if err := a.keep(ctx, tx, row, int64(s.hour())); err != nil {
				return err
			}
			if err := s.deliver(ctx, tx, row, a.id[:]); err != nil {
				return err
			}
			if err := answeredTogether(ctx, tx, g.others); err != nil {
				return err
			}
			out, err = caseAfter(ctx, tx, id)
			return err
		}
		return d, nil
	})
	return out, err
}

// parseReply checks all that needs no database.
func parseReply(r api.Reply, id hotline.CaseID, who caller) (answer, error) {
	a := answer{Reply: r, id: sha256.Sum256(r.File)}
	var err error
	if a.header, a.signed, err = seal.ParseRecordHeader(r.Header); err != nil {
		return a, err
	}
	if a.header.Case != id || a.header.Side != hotline.SideDesk {
		return a, invalid("the header is not of a reply in this case")
	}
	if !a.signedBy(who.Key) {
		return a, forged("the reply is not signed by you")
	}
	if err := checkSealed(r.File, maxRecordFile); err != nil {
		return a, err
	}
	if len(a.header.Objects) > 0 && (len(a.header.Copies) > 0) != (len(r.Copy) > 0) {
		return a, invalid("a file to a person's own key has a copy for it, and no other has")
	}
	if len(r.Copy) > 0 {
		return a, checkSealed(r.Copy, maxRecordFile)
	}
	return a, nil
}

func (a answer) signedBy(k seal.PublicKey) bool { return seal.Record{Signed: a.signed}.SignedBy(k) }

// fits checks the reply against the case as it is.
func (a answer) fits(ctx context.Context, tx *store.Tx, row db.HotlineCase) error {
	h := a.header
	switch {
	case !hotline.Channel(row.Channel).Door():
		return invalid("this case has no door of its own: write in the case that its people left")
	case hotline.Channel(row.Channel).Delivered() && len(a.Copy) == 0:
		return invalid("a reply that a gateway delivers has a copy sealed to it")
	case !hotline.Channel(row.Channel).Delivered() && (row.ContactRecipient != "") != (len(a.Copy) > 0):
		return invalid("a reply to a person's own key has a copy for it, and no other has")
	case int64(h.Gen) != row.Generation:
		return conflict("the case has another key now; seal the reply to it")
	case h.Seq != row.DeskSeq+1 || h.Prev != hashOf(row.DeskHead):
		return conflict("somebody has answered meanwhile; read it, then decide whether to send this")
	case h.Seen > row.ContactSeq:
		return invalid("the reply claims to have seen a record that is not there")
	}
	if err := object.Whole(ctx, tx, h); err != nil {
		return err
	}
	return signedForTeam(ctx, tx, row.Team, h.Hour, a.signedBy)
}

// signedForTeam checks that a reply key of the team signed: of the newest
// epoch, or of one that was retired only after the text was written (an
// outbox can wait for a connection while the epoch changes).
func signedForTeam(ctx context.Context, tx *store.Tx, team string, written hotline.Hour, by func(seal.PublicKey) bool) error {
	epochs, err := tx.TeamEpochs(ctx)
	if err != nil {
		return err
	}
	for _, e := range epochs {
		if e.Team != team || (e.RetiredHour.Valid && int64(written) > e.RetiredHour.Int64) {
			continue
		}
		if by(seal.PublicKey(e.ReplyKey)) {
			return nil
		}
	}
	return forged("not signed by a reply key of the team that is in use")
}

// keep writes the record, the person's copy, whose attachments go with them, and
// the case's new head.
func (a answer) keep(ctx context.Context, tx *store.Tx, row db.HotlineCase, hour int64) error {
	n, err := tx.InsertRecord(ctx, db.InsertRecordParams{
		ID: a.id[:], CaseID: row.ID, Side: string(hotline.SideDesk), Seq: a.header.Seq, Generation: int64(a.header.Gen),
		Header: a.Header, File: a.File, Hour: hour,
	})
	if err != nil {
		return err
	}
	if n != 1 {
		return conflict("the record is there already")
	}
	if len(a.Copy) > 0 {
		if _, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{
			RecordID: a.id[:], CaseID: row.ID, Seq: a.header.Seq, File: a.Copy, Hour: hour,
		}); err != nil {
			return err
		}
	}
	if err := object.Name(ctx, tx, a.header, a.id[:]); err != nil {
		return err
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	n, err = tx.CaseAfterDesk(ctx, db.CaseAfterDeskParams{
		DeskSeq: a.header.Seq, DeskHead: bytesOf(a.signed.Hash()), Reply: true, Version: version,
		ID: row.ID, ExpectedHead: row.DeskHead,
	})
	if err == nil && n != 1 {
		err = conflict("somebody has answered meanwhile")
	}
	return err
}

// deliver leaves it to the gateway of the case's channel to send a reply whose
// copy was kept in this transaction. To whom the copy is sealed only the gateway
// can see. Kept once, whoever asks again; in order with the chat's other replies.
func (s *Server) deliver(ctx context.Context, tx *store.Tx, row db.HotlineCase, record []byte) error {
	channel := hotline.Channel(row.Channel)
	if !channel.Delivered() {
		return nil
	}
	lane := row.ID // where the chat is not known any more the gateway says so
	switch chat, err := tx.ChatOfCase(ctx, row.ID); {
	case err == nil:
		lane = chat.Handle
	case !store.Missing(err):
		return err
	}
	_, err := tx.Enqueue(ctx, store.Job{
		Kind: channel.ReplyJob(), Key: "reply " + hex.EncodeToString(record), Lane: hex.EncodeToString(lane), Payload: record, RunAt: s.clock(),
	})
	return err
}
