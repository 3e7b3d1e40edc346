package server

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// doom is what goes with the key of an epoch.
type doom struct {
	subject seal.DestroySubject
	base    seal.Hash
	ids     []hotline.CaseID
	whyNot  *hotline.Error // it cannot be destroyed now
}

// doomOf finds what goes with an epoch and whether it may go.
func (s *Server) doomOf(ctx context.Context, tx *store.Tx, team hotline.Team, n int) (doom, error) {
	d := doom{subject: seal.DestroySubject{Team: team, Epoch: n}}
	row, err := tx.TeamEpoch(ctx, string(team), int64(n))
	if store.Missing(err) {
		return d, invalid("the team has no such epoch")
	}
	if err != nil {
		return d, err
	}
	r, err := retention(ctx, tx)
	if err != nil {
		return d, err
	}
	named, err := s.namedByManifest(ctx, tx, team, n)
	if err != nil {
		return d, err
	}
	switch {
	case row.DestroyedDay.Valid:
		d.whyNot = hotline.Errorf(hotline.KindConflict, "server", "this key was destroyed")
	case !row.RetiredHour.Valid:
		d.whyNot = hotline.Errorf(hotline.KindConflict, "server", "this key is in use: only one that was replaced can be destroyed")
	case named:
		d.whyNot = hotline.Errorf(hotline.KindConflict, "server", "a manifest that is still in force names this key: pages may seal to it")
	}
	cases, err := tx.DependentCases(ctx, string(team), int64(n))
	if err != nil {
		return d, err
	}
	today := s.hour().Day()
	var oldest, newest hotline.Day
	for _, c := range cases {
		past := due(group{row: db.HotlineCase{Stage: c.Stage, ClosedHour: c.ClosedHour, WaitingSinceMs: c.WaitingSinceMs, Version: c.Version}},
			func(k hotline.Keeping) hotline.Day { return k.WholeBy(today) }, r)
		if !past && d.whyNot == nil {
			d.whyNot = hotline.Errorf(hotline.KindConflict, "server", "a case that only this key opens is open, or not yet past its time")
		}
		if c.ClosedHour.Valid {
			day := hotline.Hour(c.ClosedHour.Int64).Day()
			if oldest == 0 || day < oldest {
				oldest = day
			}
			newest = max(newest, day)
		}
		d.ids = append(d.ids, hotline.CaseID(c.ID))
	}
	d.subject.Cases = len(d.ids)
	if oldest > 0 {
		d.subject.Oldest, d.subject.Newest = oldest.Hour().Time().Format(time.DateOnly), newest.Hour().Time().Format(time.DateOnly)
	}
	d.base = seal.DestroyBase(lineHash(row.Statement), d.ids)
	return d, nil
}

// namedByManifest reports whether pages may still seal to an epoch.
func (s *Server) namedByManifest(ctx context.Context, tx *store.Tx, team hotline.Team, n int) (bool, error) {
	for after := int64(0); ; {
		rows, err := tx.DocumentsAfter(ctx, db.DocumentsAfterParams{Kind: api.DocumentManifest, After: after, MaxRows: 10})
		if err != nil {
			return false, err
		}
		for _, row := range rows {
			after = row.Serial
			m, err := seal.ReadManifest(row.Body)
			if err != nil {
				return false, hotline.Errorf(hotline.KindInternal, "server", "manifest %d is damaged", row.Serial)
			}
			if m.Teams[team].Epoch == n && m.UseUntil >= s.hour() {
				return true, nil
			}
		}
		if len(rows) < 10 {
			return false, nil
		}
	}
}

// doomed shows what would go with an epoch.
func (s *Server) doomed(c *call) (any, error) {
	team, n, err := c.teamEpoch()
	if err != nil {
		return nil, err
	}
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	var out api.Doom
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		d, err := s.doomOf(c.Context(), tx, team, n)
		out = api.Doom{Subject: d.subject, Base: d.base}
		if d.whyNot != nil {
			out.WhyNot = hotline.SaidBy(d.whyNot)
		}
		return err
	})
	return out, err
}

// destroy destroys an epoch: its wraps, and then the cases that nothing else
// opens. What is left to do when it is broken off, the next run of retention does.
func (s *Server) destroy(c *call) (any, error) {
	team, n, err := c.teamEpoch()
	if err != nil {
		return nil, err
	}
	if _, err := in[struct{}](c); err != nil {
		return nil, err
	}
	if err := s.unleapt(c.Context()); err != nil {
		return nil, err
	}
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		row, err := tx.TeamEpoch(ctx, string(team), int64(n))
		if err == nil && row.DestroyedDay.Valid {
			return nil, nil // sent again after a lost answer
		}
		d, err := s.doomOf(ctx, tx, team, n)
		if err != nil {
			return nil, err
		}
		if d.whyNot != nil {
			return nil, d.whyNot
		}
		subject, err := seal.NewSubject(d.subject)
		if err != nil {
			return nil, err
		}
		ok, err := s.approved(ctx, tx, c.who, hotline.SharedDestroy, subject, d.base)
		if err != nil {
			return nil, err
		}
		return s.destroying(d, ok), nil
	})
	if err != nil {
		return nil, err
	}
	return nil, s.finishDestroying(c.Context())
}

func (s *Server) destroying(d doom, ok *agreed) *deed {
	x := d.subject
	out := detail{
		"team": string(x.Team), "epoch": number(x.Epoch), "proposal": ok.tally.ID.String(),
		"oldest": x.Oldest, "newest": x.Newest,
	}
	maps.Copy(out, idsDetail(d.ids))
	return &deed{
		act: actDestroy, detail: out, hint: api.EventEpoch, then: ok.used(),
		write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			p := db.MarkEpochDestroyedParams{Team: string(x.Team), N: int64(x.Epoch)}
			p.Day.Int64, p.Day.Valid = int64(s.hour().Day()), true
			if _, err := tx.MarkEpochDestroyed(ctx, p); err != nil {
				return err
			}
			if _, err := tx.DestroyTeamEpoch(ctx, string(x.Team), int64(x.Epoch)); err != nil {
				return err
			}
			if _, err := tx.DeleteWraps(ctx, string(x.Team), int64(x.Epoch)); err != nil {
				return err
			}
			return dueKeys(ctx, tx)
		},
	}
}

// finishDestroying rewrites the key store, removes the cases whose key is gone
// and makes what was deleted unreadable.
func (s *Server) finishDestroying(ctx context.Context) error {
	if _, err := s.keeping(ctx, func(k *keeper) { k.Dirty = true }); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	keysErr := s.keepKeys(ctx) // tried again every minute; the rest does not wait for it
	_, err := s.removeKeyless(ctx)
	if err == nil {
		err = s.scrub(ctx)
	}
	return errors.Join(keysErr, err)
}

// removeKeyless removes cases that have ended and whose key is wrapped to nobody.
func (s *Server) removeKeyless(ctx context.Context) (n int, err error) {
	for _, team := range []hotline.Team{hotline.TeamDesk, hotline.TeamField, hotline.TeamRegistry, hotline.TeamClaims} {
		for {
			var ids [][]byte
			err := s.db.View(ctx, func(tx *store.Tx) (err error) {
				ids, err = tx.CasesWithoutKey(ctx, string(team), maxRemovals)
				return err
			})
			if err != nil {
				return n, err
			}
			for _, id := range ids {
				if err := s.removeOne(ctx, id); err != nil {
					return n, err
				}
				n++
			}
			if len(ids) < maxRemovals {
				break
			}
		}
	}
	return n, nil
}

func (s *Server) removeOne(ctx context.Context, id []byte) error {
	return s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		row, err := tx.LockCase(ctx, id)
		if store.Missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return s.removal(ctx, tx, row, gone{why: api.GoneEpoch, today: s.hour().Day()})
	})
}

// farewell takes a desk's word that it holds a destroyed key no more.
func (s *Server) farewell(c *call) (any, error) {
	team, n, err := c.teamEpoch()
	if err != nil {
		return nil, err
	}
	req, err := in[api.Farewell](c)
	if err != nil {
		return nil, err
	}
	f, signed, err := seal.ParseFarewell(req.Text)
	if err != nil {
		return nil, err
	}
	if f.Team != team || f.Epoch != n || !seal.FarewellSignedBy(signed, c.who.Key) {
		return nil, forged("the statement is about another key, or not signed by you")
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		row, err := tx.TeamEpoch(ctx, string(team), int64(n))
		if err != nil {
			return nil, err
		}
		if !row.DestroyedDay.Valid || f.Key != lineHash(row.Statement) {
			return nil, conflict("this key was not destroyed")
		}
		held, err := tx.Farewells(ctx)
		if err != nil {
			return nil, err
		}
		for _, h := range held {
			if h.Team == string(team) && h.N == int64(n) && h.Holder == c.who.ID {
				if bytes.Equal(h.Statement, req.Text) {
					return nil, nil
				}
				return nil, conflict("you have said so already")
			}
		}
		return &deed{
			act: actDestroyed, hint: api.EventEpoch,
			detail: detail{"team": string(team), "epoch": number(n), "statement": signed.Hash().String()},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				_, err := tx.InsertFarewell(ctx, db.InsertFarewellParams{Team: string(team), N: int64(n), Holder: c.who.ID, Statement: req.Text})
				return err
			},
		}, nil
	})
}
