package intake

import (
	"bytes"
	"context"
	"slices"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// patience bounds one update: a database that does not answer is down.
const patience = 30 * time.Second

// operation is one act on the store, verified as far as it can be without it.
// It is an [applier], or a [*send]; those and new cases are written many at a time.
type operation interface {
	// caseID is the case to lock, the zero value for none.
	caseID() hotline.CaseID
}

// applier is an operation that does its own work.
type applier interface {
	operation
	// apply does the work; row is the locked case, or nil when it is not
	// there, and version is a number of the feed for what it changes. It can
	// run more than once. What the person should hear (a refusal) it keeps in
	// the operation; an error undoes the whole update.
	apply(ctx context.Context, tx *store.Tx, row *db.HotlineCase, version int64) error
}

// admitted is a gateway's act.
type admitted func(context.Context, *store.Tx) error

func (admitted) caseID() hotline.CaseID { return hotline.CaseID{} }

// commit keeps what was called from the room, together where possible: one
// commit for many costs little more than for one. What cannot share an update
// (a second act on the same case, a gateway's act, which takes its own locks)
// goes after it.
func (i *Intake) commit(ctx context.Context, seats []*seat[operation]) {
	slices.SortStableFunc(seats, func(a, b *seat[operation]) int {
		x, y := a.load.caseID(), b.load.caseID()
		return bytes.Compare(x[:], y[:])
	})
	together := make([]*seat[operation], 0, len(seats))
	var alone []*seat[operation]
	for n, s := range seats {
		id := s.load.caseID()
		if id == (hotline.CaseID{}) || (n > 0 && seats[n-1].load.caseID() == id) {
			alone = append(alone, s)
			continue
		}
		together = append(together, s)
	}
	if len(together) > 1 {
		err := i.update(ctx, together)
		if err != nil && hotline.KindOf(err) != hotline.KindUnavailable {
			// One of them failed and took the others with it.
			alone = append(together, alone...)
		} else {
			tell(together, err)
		}
	} else {
		alone = append(together, alone...)
	}
	for n := range alone {
		one := alone[n : n+1]
		err := i.update(ctx, one)
		switch hotline.KindOf(err) {
		case hotline.KindConflict, hotline.KindUnknown:
			// Another node was faster, or the answer to the commit was lost:
			// every operation finds what is kept already, so run it again.
			err = i.update(ctx, one)
		default:
		}
		tell(one, err)
	}
}

func tell(seats []*seat[operation], err error) {
	for _, s := range seats {
		s.done <- err
	}
}

// update runs operations in one transaction: a gateway's act by itself, or
// acts on different cases, by ascending id.
func (i *Intake) update(ctx context.Context, seats []*seat[operation]) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := i.cfg.DB.Update(ctx, func(tx *store.Tx) error {
		if a, ok := seats[0].load.(admitted); ok {
			return a(ctx, tx)
		}
		return applyAll(ctx, tx, seats)
	})
	if err != nil {
		i.cfg.Logger.WarnContext(ctx, "intake: an update failed", "kind", hotline.KindOf(err).String(), "operations", len(seats))
	}
	return err
}

// applyAll takes every lock first, as the store demands, and the feed's
// counter, for which all writers wait, as late as it can.
func applyAll(ctx context.Context, tx *store.Tx, seats []*seat[operation]) error {
	ids := make([][]byte, len(seats))
	for n, s := range seats {
		id := s.load.caseID()
		ids[n] = id[:]
	}
	rows, err := tx.LockCases(ctx, ids)
	if err != nil {
		return err
	}
	var sends sendBatch
	var creates createBatch
	var others []func(version int64) error
	other := func(op applier, row *db.HotlineCase) {
		others = append(others, func(version int64) error { return op.apply(ctx, tx, row, version) })
	}
	for n, s := range seats {
		var row *db.HotlineCase
		if len(rows) > 0 && bytes.Equal(rows[0].ID, ids[n]) {
			row, rows = &rows[0], rows[1:]
		}
		switch op := s.load.(type) {
		case *send:
			sends.add(op, row)
		case *create:
			if row != nil || !creates.add(op) {
				other(op, row)
			}
		case *part: // nobody sees it before a record names it: no number of the feed
			if err := op.take(ctx, tx, row); err != nil {
				return err
			}
		case applier:
			other(op, row)
		default:
			return hotline.Errorf(hotline.KindInternal, "intake", "an operation that nobody applies: %T", op)
		}
	}
	if err := sends.insert(ctx, tx); err != nil {
		return err
	}
	known, err := creates.part(ctx, tx)
	if err != nil {
		return err
	}
	for _, c := range known {
		other(c, nil)
	}
	return step(ctx, tx, sends, creates, others)
}

// step does what shows in the feed.
func step(ctx context.Context, tx *store.Tx, sends sendBatch, creates createBatch, others []func(version int64) error) error {
	all := len(sends.sends) + len(creates.creates) + len(others)
	if all == 0 {
		return nil
	}
	version, err := tx.NextVersions(ctx, all)
	if err != nil {
		return err
	}
	if err := sends.step(ctx, tx, version); err != nil {
		return err
	}
	version += int64(len(sends.sends))
	if err := creates.insert(ctx, tx, version); err != nil {
		return err
	}
	version += int64(len(creates.creates))
	for n, apply := range others {
		if err := apply(version + int64(n)); err != nil {
			return err
		}
	}
	return nil
}
