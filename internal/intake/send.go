package intake

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
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
	gone     bool
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
	row, err := i.doors.find(ctx, call.Case.CaseID)
	if err != nil {
		return job{}, err
	}
	if row == nil || row.Folded {
		return job{answer: unknownCase}, nil
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

// sendBatch is records of different cases on their way into the store. A
// record is kept whatever its number: two devices with one receipt can write at
// the same time, and the desk shows both. The case's own last header, from
// which the page goes on, moves only along the chain.
type sendBatch struct {
	sends []*send
	rows  []*db.HotlineCase
	fresh []bool // not kept before
}

// add takes a record in whose case is there and can take it; another is refused.
func (b *sendBatch) add(s *send, row *db.HotlineCase) {
	s.refused = nil
	s.gone = row == nil || row.FoldedDay.Valid
	switch {
	case s.gone:
	case int64(s.header.Gen) > row.Generation:
		s.refused = invalid("the case has no such key")
	default:
		b.sends, b.rows = append(b.sends, s), append(b.rows, row)
	}
}

// insert keeps the records.
func (b *sendBatch) insert(ctx context.Context, tx *store.Tx) error {
	if err := b.whole(ctx, tx); err != nil {
		return err
	}
	records := make([]db.InsertRecordParams, len(b.sends))
	for n, s := range b.sends {
		records[n] = db.InsertRecordParams{
			ID: s.recordID[:], CaseID: b.rows[n].ID, Side: string(hotline.SideContact), Seq: s.header.Seq,
			Generation: int64(s.header.Gen), Header: s.header.signed.Text(), File: s.record, Hour: int64(s.header.Hour),
		}
	}
	var err error
	b.fresh, err = tx.InsertRecords(ctx, records)
	return err
}

// whole refuses records whose attachments are not all there. What was kept
// before and is sent again needs no second look.
func (b *sendBatch) whole(ctx context.Context, tx *store.Tx) error {
	for n := 0; n < len(b.sends); n++ {
		s := b.sends[n]
		if len(s.header.Objects) == 0 {
			continue
		}
		if held, err := heldBy(ctx, tx, s.recordID, s.header.Case); err != nil {
			return err
		} else if held {
			continue
		}
		err := object.Whole(ctx, tx, s.header.RecordHeader)
		if err == nil {
			continue
		}
		if !refused(err) {
			return err
		}
		s.refused = err
		b.sends, b.rows = slices.Delete(b.sends, n, n+1), slices.Delete(b.rows, n, n+1)
		n--
	}
	return nil
}

// step moves the cases whose records are new, with numbers of the feed from version on.
func (b *sendBatch) step(ctx context.Context, tx *store.Tx, version int64) error {
	steps := make([]store.ContactStep, 0, len(b.sends))
	for n, s := range b.sends {
		if !b.fresh[n] {
			held, err := heldBy(ctx, tx, s.recordID, s.header.Case)
			if err != nil {
				return err
			}
			if !held {
				s.refused = hotline.Errorf(hotline.KindConflict, "intake", "this record belongs to another case")
			}
			continue
		}
		if err := object.Name(ctx, tx, s.header.RecordHeader, s.recordID[:]); err != nil {
			return err
		}
		step := store.ContactStep{ID: b.rows[n].ID, Version: version + int64(n), SinceMs: s.now.UnixMilli()}
		if s.extends(b.rows[n]) {
			step.Seq, step.Header = s.header.Seq, s.header.signed.Text()
		}
		steps = append(steps, step)
	}
	return tx.StepCases(ctx, steps)
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

func (s *send) answer() (seal.Answer, [][]byte) {
	if s.gone {
		return unknownCase()
	}
	return received(s.refused)
}

// unknownCase answers whoever writes to a case that was removed or folded as an
// unknown receipt is answered: the page offers to begin anew.
func unknownCase() (seal.Answer, [][]byte) { return seal.Answer{Status: seal.StatusUnknown}, nil }
