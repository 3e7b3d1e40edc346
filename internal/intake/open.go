package intake

import (
	"context"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// open tells the state of a case and counts the use of its receipt, so that a
// person sees when somebody else has used it.
type open struct {
	intake     *Intake
	back       returning
	generation []byte
	deskHeader []byte
	pending    int64
	manifest   int64
	now        time.Time
	gone       bool
}

func (i *Intake) prepareOpen(ctx context.Context, env seal.Envelope, post seal.Post, now time.Time) (job, error) {
	if err := checkReturn(env); err != nil {
		return job{}, err
	}
	o := &open{intake: i, now: now}
	if _, m, err := i.documents.get(ctx); err == nil {
		o.manifest = m.Serial
	}
	err := i.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		if o.back, err = i.find(ctx, tx, env.Call.Lookup); err != nil {
			return err
		}
		return o.read(ctx, tx)
	})
	if err != nil {
		return job{}, err
	}
	if err := i.verify(&o.back, env, post, []byte(env.Call.Lookup.String())); err != nil {
		return job{}, err
	}
	return job{lane: LaneReturn, op: o, answer: o.answer}, nil
}

func (o *open) read(ctx context.Context, tx *store.Tx) error {
	id := o.back.row.ID
	key, err := tx.CaseKey(ctx, id, o.back.row.Generation)
	if err != nil && !store.Missing(err) {
		return err
	}
	o.generation = key.Statement
	if o.pending, err = tx.CountReplyCopies(ctx, id); err != nil {
		return err
	}
	last, err := tx.LastHeaderOf(ctx, id, string(hotline.SideDesk))
	if err != nil && !store.Missing(err) {
		return err
	}
	o.deskHeader = last.Header
	return nil
}

func (o *open) caseID() hotline.CaseID { return hotline.CaseID(o.back.row.ID) }

func (o *open) apply(ctx context.Context, tx *store.Tx, row *db.HotlineCase, version int64) error {
	o.gone = o.back.known && (row == nil || row.FoldedDay.Valid) // meanwhile
	if row == nil || row.FoldedDay.Valid {
		if o.back.known {
			return nil
		}
		return o.intake.decoy.insert(ctx, tx, version)
	}
	o.back.row.UsedHour, o.back.row.UsedCount = row.UsedHour, row.UsedCount
	if !o.back.known {
		version = -version // the decoy never shows in the feed
	}
	p := db.CaseUsedParams{Version: version, ID: row.ID}
	p.UsedHour.Int64, p.UsedHour.Valid = int64(hotline.HourOf(o.now)), true
	_, err := tx.CaseUsed(ctx, p)
	return err
}

func (o *open) answer() (seal.Answer, [][]byte) {
	row := o.back.row
	a := seal.Answer{
		Status: seal.StatusKnown, Case: seal.CallCase{CaseID: hotline.CaseID(row.ID)}, Generation: int(row.Generation),
		Pending: int(o.pending), UsedCount: row.UsedCount, Answered: row.Answered, Manifest: o.manifest,
	}
	if row.SeenSeq >= 0 {
		a.Read = &row.SeenSeq
	}
	if row.ReadHour.Valid {
		a.ReadHour = hotline.Hour(row.ReadHour.Int64)
	}
	if row.UsedHour.Valid {
		a.UsedHour = hotline.Hour(row.UsedHour.Int64)
	}
	if !o.back.known || o.gone {
		return seal.Answer{Status: seal.StatusUnknown}, nil
	}
	return a, [][]byte{o.generation, row.ContactHeader, o.deskHeader}
}
