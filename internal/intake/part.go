package intake

import (
	"context"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// part is one part of an attachment of a case that is known. Its bytes are on
// disk before it waits for its turn; only then comes the row.
type part struct {
	intake  *Intake
	in      object.Part
	content []byte
	have    []int
	written bool // the bytes are under in.Key and have no row yet
	refused error
	gone    bool // the case was removed or folded
}

// preparePart takes a part. Like a record it needs no request: it is signed by
// the contact, and the same part sent again is recognised.
func (i *Intake) preparePart(ctx context.Context, env seal.Envelope, now time.Time) (job, error) {
	call := env.Call
	if len(env.Parts) != 2 || call.Case.IsZero() || call.After != nil || len(call.IDs) != 0 || call.Lookup != (seal.Lookup{}) ||
		call.Code != "" || !call.Object.IsZero() || call.Index != nil || call.Bytes != 0 {
		return job{}, invalid("part takes a case, an announcement and a part")
	}
	p := &part{intake: i, content: env.Parts[1]}
	var row db.HotlineCase
	held := false
	err := i.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		row, err = tx.CaseByID(ctx, call.Case.CaseID[:])
		if store.Missing(err) || (err == nil && row.FoldedDay.Valid) {
			p.gone = true
			return nil
		}
		if err != nil {
			return err
		}
		if len(row.ContactKey) != len(seal.PublicKey{}) {
			return invalid("this case was not made by the page")
		}
		announced, err := seal.VerifyPart(env.Parts[0], seal.PublicKey(row.ContactKey), p.content)
		if err != nil {
			return err
		}
		if announced.Case != call.Case.CaseID {
			return invalid("the part belongs to another case")
		}
		if announced.Index == 0 {
			if err := seal.CheckFile(p.content); err != nil {
				return err
			}
		}
		p.in = object.Part{Part: announced, Side: object.SideContact}
		held, p.have, err = i.cfg.Objects.Held(ctx, tx, p.in)
		return err
	})
	if err != nil {
		return job{}, err
	}
	if p.gone {
		return job{answer: unknownCase}, nil
	}
	if err := checkHour(p.in.Hour, now); err != nil || held {
		return job{answer: p.answer}, err
	}
	if err := i.cfg.Objects.Room(ctx, row.Answered); err != nil {
		return job{}, err
	}
	todo := job{lane: LanePart, key: call.Case.CaseID, op: p, before: p.write, answer: p.answer, after: p.settle}
	if row.Answered {
		todo.work = workCap // before strangers
	}
	return todo, nil
}

func (p *part) write(ctx context.Context) (err error) {
	p.in.Key, err = p.intake.cfg.Objects.Write(ctx, p.in.Side, p.content)
	p.written = err == nil
	return err
}

// settle removes bytes that got no row. When nobody knows whether they got
// one, they stay for the sweep.
func (p *part) settle(ctx context.Context, err error) {
	if p.written && hotline.KindOf(err) != hotline.KindUnknown && p.in.Key != (blob.Key{}) {
		p.intake.cfg.Objects.Drop(ctx, p.in.Key)
	}
}

func (p *part) caseID() hotline.CaseID { return p.in.Case }

// take writes the row. The case is not told to desks: until a record names the
// attachment there is nothing to see.
func (p *part) take(ctx context.Context, tx *store.Tx, row *db.HotlineCase) error {
	p.refused = nil
	if p.gone = row == nil || row.FoldedDay.Valid; p.gone {
		return nil
	}
	have, kept, err := p.intake.cfg.Objects.Take(ctx, tx, *row, p.in)
	if err != nil {
		if refused(err) {
			p.refused, err = err, nil
		}
		return err
	}
	p.have = have
	if kept {
		tx.AfterCommit(func() { p.written = false })
	}
	return nil
}

func (p *part) answer() (seal.Answer, [][]byte) {
	if p.gone {
		return unknownCase()
	}
	a, parts := received(p.refused)
	if p.refused == nil {
		a.Have = p.have
	}
	return a, parts
}
