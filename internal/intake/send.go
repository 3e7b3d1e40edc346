package intake

import (
	"context"
	"crypto/sha256"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// send is one more record of a case that is known.
type send struct {
	header   header
	record   []byte
	recordID seal.Hash
	now      time.Time
	refused  error
}

func (i *Intake) prepareSend(ctx context.Context, env seal.Envelope, now time.Time) (job, error) {
	call := env.Call
	if len(env.Parts) != 2 || call.Case.IsZero() || call.After != nil || len(call.IDs) != 0 || call.Lookup != (seal.Lookup{}) || call.Code != "" {
		return job{}, invalid("send takes a case and two parts")
	}
	s := &send{record: env.Parts[1], recordID: sha256.Sum256(env.Parts[1]), now: now}
	if err := checkRecord(s.record); err != nil {
		return job{}, err
	}
	var row db.HotlineCase
	err := i.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		row, err = tx.CaseByID(ctx, call.Case.CaseID[:])
		return err
	})
	if err != nil {
		return job{}, err
	}
	if len(row.ContactKey) != len(seal.PublicKey{}) {
		return job{}, invalid("this case was not made by the page")
	}
	if s.header, err = checkHeader(env.Parts[0], call.Case.CaseID, seal.PublicKey(row.ContactKey), now); err != nil {
		return job{}, err
	}
	lane := LaneKnown
	if row.Answered {
		lane = LaneAnswered
	}
	return job{lane: lane, key: call.Case.CaseID, op: s, answer: s.answer}, nil
}

func (s *send) caseID() hotline.CaseID { return s.header.Case }

// apply keeps the record whatever its number: two devices with one receipt can
// write at the same time, and the desk shows both. The case's own last header,
// from which the page goes on, moves only along the chain.
func (s *send) apply(ctx context.Context, tx *store.Tx, row *db.HotlineCase, version int64) error {
	s.refused = nil
	if row == nil {
		s.refused = hotline.Errorf(hotline.KindNotFound, "intake", "no such case")
		return nil
	}
	if int64(s.header.Gen) > row.Generation {
		s.refused = invalid("the case has no such key")
		return nil
	}
	text := s.header.signed.Text()
	n, err := tx.InsertRecord(ctx, db.InsertRecordParams{
		ID: s.recordID[:], CaseID: row.ID, Side: string(hotline.SideContact), Seq: s.header.Seq,
		Generation: int64(s.header.Gen), Header: text, File: s.record, Hour: int64(s.header.Hour),
	})
	if err != nil {
		return err
	}
	if n == 0 {
		held, err := heldBy(ctx, tx, s.recordID, s.header.Case)
		if err == nil && !held {
			s.refused = hotline.Errorf(hotline.KindConflict, "intake", "this record belongs to another case")
		}
		return err
	}
	if s.extends(row) {
		p := db.CaseAfterContactParams{ContactSeq: s.header.Seq, ContactHeader: text, Version: version, ID: row.ID}
		p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = s.now.UnixMilli(), true
		_, err = tx.CaseAfterContact(ctx, p)
		return err
	}
	p := db.CaseWaitsParams{Version: version, ID: row.ID}
	p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = s.now.UnixMilli(), true
	_, err = tx.CaseWaits(ctx, p)
	return err
}

// extends reports whether the record follows the last one of the chain.
func (s *send) extends(row *db.HotlineCase) bool {
	if s.header.Seq != row.ContactSeq+1 {
		return false
	}
	if row.ContactSeq < 0 {
		return true
	}
	last, err := seal.ParseSigned(row.ContactHeader)
	return err == nil && last.Hash() == s.header.Prev
}

func (s *send) answer() (seal.Answer, [][]byte) { return received(s.refused) }
