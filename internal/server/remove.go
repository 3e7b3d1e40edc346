package server

import (
	"context"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// removeCase removes a case: its rows, keys, sealed files and the words of the
// journal about it. It is the one way for a case to go; whatever else hangs on a
// case joins here. The trace that stays tells desks that were away, and keeps an
// old envelope from bringing the case back.
func (s *Server) removeCase(ctx context.Context, tx *store.Tx, row db.HotlineCase, g gone) error {
	id := hotline.CaseID(row.ID)
	if err := forgetAbout(ctx, tx, id, g.leaf); err != nil {
		return err
	}
	if err := s.objects.DropCase(ctx, tx, id); err != nil {
		return err
	}
	for _, forget := range []func(context.Context, []byte) (int64, error){tx.ForgetCaseOfAlarms, tx.ForgetMarksOfCase} {
		if _, err := forget(ctx, row.ID); err != nil {
			return err
		}
	}
	n, err := tx.DeleteCase(ctx, row.ID)
	if err == nil && n != 1 {
		err = conflict("the case is gone already")
	}
	if err != nil {
		return err
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	_, err = tx.InsertGone(ctx, db.InsertGoneParams{ID: row.ID, Team: row.Team, Why: g.why, Proof: g.proof, Day: int64(g.today), Version: version})
	return err
}

// gone is why a case goes.
type gone struct {
	why   string // see the api.Gone constants
	proof []byte // the decision of two people, where it was theirs
	today hotline.Day
	leaf  int64
}

// removal is the deed of removing a case that is held by the transaction. Its
// leaf says what went, in counts.
func (s *Server) removal(ctx context.Context, tx *store.Tx, row db.HotlineCase, g gone) (*deed, error) {
	n, err := tx.CountCase(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return &deed{
		act: actRemove, id: hotline.CaseID(row.ID), hint: api.EventGone,
		detail: detail{
			"why": g.why, "stage": row.Stage, "records": number(n.Records), "statements": number(n.Statements),
			"keys": number(n.Keys), "wraps": number(n.Wraps), "copies": number(n.Copies),
		},
		write: func(ctx context.Context, tx *store.Tx, leaf int64) error {
			g.leaf = leaf
			return s.removeCase(ctx, tx, row, g)
		},
	}, nil
}

// removals is removal for a case and its parts; last is the last of the deeds.
func (s *Server) removals(ctx context.Context, tx *store.Tx, g group, why gone) (first, last *deed, err error) {
	if first, err = s.removal(ctx, tx, g.row, why); err != nil {
		return nil, nil, err
	}
	last = first
	for _, row := range g.others {
		if last.then, err = s.removal(ctx, tx, row, why); err != nil {
			return nil, nil, err
		}
		last = last.then
	}
	return first, last, nil
}

// removeDue removes a case that has ended and is past its time, with its parts.
func (s *Server) removeDue(ctx context.Context, id []byte, today hotline.Day) (removed int, err error) {
	err = s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		removed = 0
		r, err := retention(ctx, tx)
		if err != nil {
			return nil, err
		}
		g, err := lockGroup(ctx, tx, id)
		if store.Missing(err) || hotline.KindOf(err) == hotline.KindConflict && err != nil {
			return nil, nil // gone, or merged at this moment: the next run looks again
		}
		if err != nil || g.part() || !due(g, func(k hotline.Keeping) hotline.Day { return k.WholeBy(today) }, r) {
			return nil, err // a part goes with its case
		}
		removed = 1 + len(g.others)
		d, _, err := s.removals(ctx, tx, g, gone{why: api.GoneDue, today: today})
		return d, err
	})
	if err != nil {
		removed = 0
	}
	return removed, err
}

// gonePage is how many removed cases are told at once.
const gonePage = 500

// goneCases tells which cases of the caller's teams were removed since a version.
func (s *Server) goneCases(c *call) (any, error) {
	q, err := c.numbers("after")
	if err != nil {
		return nil, err
	}
	out := api.GonePage{Cases: []api.Gone{}, Cursor: q["after"]}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		if out.Cursor, err = knownCursor(c.Context(), tx, out.Cursor); err != nil {
			return err
		}
		rows, err := tx.GoneAfter(c.Context(), out.Cursor, gonePage)
		for _, row := range rows {
			out.Cursor = row.Version
			if c.who.inTeam(hotline.Team(row.Team)) {
				out.Cases = append(out.Cases, api.Gone{ID: hotline.CaseID(row.ID), Why: row.Why, Proof: row.Proof})
			}
		}
		out.More = len(rows) == gonePage
		return err
	})
	return out, err
}
