package server

import (
	"bytes"
	"context"
	"slices"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// group is a case with the cases that are one with it: what was merged.
type group struct {
	row    db.HotlineCase   // the one that was asked for
	main   []byte           // id of the one that the others are parts of; row's own when it stands alone
	others []db.HotlineCase // of the same group
}

// part reports whether the case asked for is a part of another.
func (g group) part() bool { return !bytes.Equal(g.main, g.row.ID) }

// waits reports whether somebody waits in any of them.
func (g group) waits() bool {
	return g.row.WaitingSinceMs.Valid || slices.ContainsFunc(g.others, func(r db.HotlineCase) bool { return r.WaitingSinceMs.Valid })
}

// parts are the others as forgetting looks at them.
func (g group) parts() []seal.ForgetPart {
	var out []seal.ForgetPart
	for _, r := range g.others {
		out = append(out, seal.ForgetPart{Case: hotline.CaseID(r.ID), Statement: hashOf(r.StatementHead), ContactSeq: r.ContactSeq})
	}
	return out
}

// groupOf names the main case and the parts, without locking them.
func groupOf(ctx context.Context, tx *store.Tx, id []byte) (main []byte, ids [][]byte, err error) {
	main, ids = id, [][]byte{id}
	ties, err := tx.TiesOf(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range ties {
		if t.Kind == seal.TieMerge && bytes.Equal(t.PartID, id) {
			main = t.MainID
			if ties, err = tx.TiesOf(ctx, main); err != nil {
				return nil, nil, err
			}
			ids = append(ids, main)
			break
		}
	}
	for _, t := range ties {
		if t.Kind == seal.TieMerge && bytes.Equal(t.MainID, main) && !bytes.Equal(t.PartID, id) {
			ids = append(ids, t.PartID)
		}
	}
	slices.SortFunc(ids, bytes.Compare)
	return main, ids, nil
}

// lockGroup locks a case and what is one with it. Its error is of
// store.Missing when the case is not there.
func lockGroup(ctx context.Context, tx *store.Tx, id []byte) (group, error) {
	var g group
	_, before, err := groupOf(ctx, tx, id)
	if err != nil {
		return g, err
	}
	if len(before) == 1 {
		if g.row, err = tx.LockCase(ctx, id); err != nil {
			return g, err
		}
	} else {
		rows, err := tx.LockCases(ctx, before)
		if err != nil {
			return g, err
		}
		i := slices.IndexFunc(rows, func(r db.HotlineCase) bool { return bytes.Equal(r.ID, id) })
		if i < 0 || len(rows) != len(before) {
			return g, conflict("the case was merged or taken apart at this moment; nothing was kept, try again")
		}
		if g.row, err = tx.LockCase(ctx, id); err != nil { // held already: read whole, with the person's own key
			return g, err
		}
		g.others = slices.Delete(rows, i, i+1)
	}
	main, after, err := groupOf(ctx, tx, id)
	if err == nil && !slices.EqualFunc(before, after, bytes.Equal) {
		err = conflict("the case was merged or taken apart at this moment; nothing was kept, try again")
	}
	g.main = main
	return g, err
}

// lockOwnGroup is lockGroup for a caller: a case of another team does not exist.
func lockOwnGroup(ctx context.Context, tx *store.Tx, who caller, id hotline.CaseID) (group, error) {
	g, err := lockGroup(ctx, tx, id[:])
	if store.Missing(err) || (err == nil && !who.sees(g.row)) {
		return g, noCase()
	}
	return g, err
}

// partTakes refuses on a part what is decided on its main case.
func partTakes(g group, act string) error {
	if g.part() && act != seal.ActNote {
		return conflict("this case is a part of another: stage, people and who has it are decided there")
	}
	return nil
}

// followMain writes the main case's stage to its parts, so that they end, wait
// to be folded and are removed with it.
func followMain(ctx context.Context, tx *store.Tx, main db.HotlineCase, parts []db.HotlineCase) error {
	for _, p := range parts {
		if main.ClosedHour.Valid {
			if _, err := tx.CaseQuiet(ctx, p.ID); err != nil {
				return err
			}
		}
		if err := follow(ctx, tx, p.ID, main.Stage, main.ClosedHour.Int64, main.ClosedHour.Valid); err != nil {
			return err
		}
	}
	return nil
}

func follow(ctx context.Context, tx *store.Tx, id []byte, stage string, closed int64, ended bool) error {
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	p := db.FollowMainParams{Stage: stage, Version: version, ID: id}
	p.ClosedHour.Int64, p.ClosedHour.Valid = closed, ended
	_, err = tx.FollowMain(ctx, p)
	return err
}

// answeredTogether ends the waiting in the other cases of a group: the person
// was answered, by whichever door.
func answeredTogether(ctx context.Context, tx *store.Tx, others []db.HotlineCase) error {
	for _, r := range others {
		if !r.WaitingSinceMs.Valid {
			continue
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.CaseAnswered(ctx, version, r.ID); err != nil {
			return err
		}
	}
	return nil
}
