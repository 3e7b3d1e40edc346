package server

import (
	"context"
	"encoding/json"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// table shows how long things are kept, and how the job stands.
func (s *Server) table(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	var out api.Keeping
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		var err error
		if out.Table, err = retention(c.Context(), tx); err != nil {
			return err
		}
		b, err := tx.Setting(c.Context(), settingKeeper)
		if err != nil && !store.Missing(err) {
			return err
		}
		k, err := parseKeeper(b)
		out.Hour, out.Failed, out.Scrubbed = k.Hour, k.Failed, k.Scrub
		if k.Leap != nil {
			out.Paused, out.Clock = true, k.Leap.To
		}
		return err
	})
	return out, err
}

// changeTable changes one line of the table, once two people agree.
func (s *Server) changeTable(c *call) (any, error) {
	req, err := in[seal.RetentionSubject](c)
	if err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		old, err := retention(ctx, tx)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(old.Lines(), func(l hotline.RetentionLine) bool { return l.Key == req.Line })
		if i < 0 || old.Lines()[i].Value != req.From {
			return nil, conflict("the table has changed since; look again, then decide")
		}
		next, err := old.Set(req.Line, req.To)
		if err == nil {
			err = next.Check()
		}
		if err != nil {
			return nil, err
		}
		subject, err := seal.NewSubject(req)
		if err != nil {
			return nil, err
		}
		ok, err := s.approved(ctx, tx, c.who, hotline.SharedRetention, subject, seal.RetentionBase(old))
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(next)
		if err != nil {
			return nil, err
		}
		return &deed{
			act: actRetention, hint: api.EventDocument, then: ok.used(),
			detail: detail{"line": req.Line, "from": number(req.From), "to": number(req.To), "proposal": ok.tally.ID.String()},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				return tx.PutSetting(ctx, settingRetention, value)
			},
		}, nil
	})
}

// trustClock says that the clock is right after a leap: what is due may go again.
func (s *Server) trustClock(c *call) (any, error) {
	req, err := in[api.TrustClock](c)
	if err != nil {
		return nil, err
	}
	now := s.hour()
	if req.Hour < now-1 || req.Hour > now+1 {
		return nil, conflict("the server's clock says another hour than the one you confirm; look again")
	}
	err = s.act(c.Context(), c.who, func(context.Context, *store.Tx) (*deed, error) {
		return &deed{act: actClock, detail: detail{"clock": number(int64(now))}}, nil
	})
	if err != nil {
		return nil, err
	}
	_, err = s.keeping(c.Context(), func(k *keeper) { k.Hour, k.Leap = now, nil })
	return nil, err
}

// unleapt refuses what cannot be undone while the clock is not believed.
func (s *Server) unleapt(ctx context.Context) error {
	k, err := s.believed(ctx)
	if err == nil && k.Leap != nil {
		err = conflict("the server's clock has jumped: nothing is destroyed until it is right or a supervisor says so")
	}
	return err
}

// reviewPage is how many silent cases are shown at once.
const reviewPage = 200

// review lists cases on standby of the caller's teams that gave no sign of life.
func (s *Server) review(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := api.Review{Cases: []hotline.CaseID{}}
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		r, err := retention(c.Context(), tx)
		if err != nil {
			return err
		}
		today := s.hour().Day()
		for _, team := range c.who.Teams {
			p := db.SilentCasesParams{Team: string(team), BeforeHour: int64((today - hotline.Day(r.Silence)).Hour()), MaxRows: reviewPage}
			p.Today.Int64, p.Today.Valid = int64(today), true
			rows, err := tx.SilentCases(c.Context(), p)
			if err != nil {
				return err
			}
			for _, row := range rows {
				out.Cases = append(out.Cases, hotline.CaseID(row.ID))
			}
		}
		return nil
	})
	return out, err
}

// forget removes a case because the person asked for it and two people agree.
func (s *Server) forget(c *call) (any, error) {
	req, err := in[seal.ForgetSubject](c)
	if err != nil {
		return nil, err
	}
	var leaf int64 = -1
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		g, err := lockOwnGroup(ctx, tx, c.who, req.Case)
		if err != nil {
			return nil, err
		}
		row := g.row
		if g.part() {
			return nil, conflict("this case is a part of another: ask to forget that one, both go together")
		}
		switch hotline.Stage(row.Stage) {
		case hotline.StageMeeting, hotline.StageReceived, hotline.StageCustody, hotline.StageSettled:
			return nil, conflict("a person who is being met or is in custody cannot be forgotten yet: end that first")
		default:
		}
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		subject, err := seal.NewSubject(req)
		if err != nil {
			return nil, err
		}
		ok, err := s.approved(ctx, tx, c.who, hotline.SharedForget, subject, seal.ForgetBaseWith(hashOf(row.StatementHead), row.ContactSeq, g.parts()))
		if err != nil {
			return nil, err
		}
		answers, err := answersTo(ctx, tx, ok.row.ID)
		if err != nil {
			return nil, err
		}
		proof, err := json.Marshal(api.ForgetProof{Proposal: ok.row.Statement, Answers: answers})
		if err != nil {
			return nil, err
		}
		d, last, err := s.removals(ctx, tx, g, gone{why: api.GoneForget, proof: proof, today: s.hour().Day()})
		if err != nil {
			return nil, err
		}
		d.detail["proposal"], last.then = ok.tally.ID.String(), ok.used()
		remove := d.write
		d.write = func(ctx context.Context, tx *store.Tx, at int64) error {
			leaf = at
			return remove(ctx, tx, at)
		}
		return d, nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.keeping(c.Context(), func(k *keeper) { k.Dirty = true }); err != nil {
		return nil, err
	}
	if err := s.db.Tidy(c.Context()); err != nil && hotline.KindOf(err) != hotline.KindBusy {
		return nil, err
	}
	return s.receipt(c.Context(), leaf)
}

// receipt is the proof of an act for who keeps it: the leaf with its opening and
// the checkpoint over it.
func (s *Server) receipt(ctx context.Context, leaf int64) (api.Receipt, error) {
	var out api.Receipt
	err := s.db.View(ctx, func(tx *store.Tx) error {
		rows, err := source{tx}.Leaves(ctx, leaf, 1)
		if err != nil || len(rows) != 1 || rows[0].Index != leaf {
			return hotline.Errorf(hotline.KindInternal, "server", "the entry of the act cannot be read: %v", err)
		}
		out.Leaf = apiLeaf(rows[0])
		out.Checkpoint, err = signedHead(ctx, tx)
		return err
	})
	return out, err
}

// maxRewraps is how many open cases may be wrapped to another epoch without a
// second person.
const maxRewraps = 50

// settingRewrap begins the settings that say for which epoch many cases may be
// wrapped: "rewrap desk 4".
const settingRewrap = "rewrap "

// allowRewrap lets many open cases be wrapped to an epoch, once two people agree.
func (s *Server) allowRewrap(c *call) (any, error) {
	team, n, err := c.teamEpoch()
	if err != nil {
		return nil, err
	}
	if _, err := in[struct{}](c); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		if err := knownEpoch(ctx, tx, team, n); err != nil {
			return nil, err
		}
		subject, err := seal.NewSubject(seal.RewrapSubject{Team: team, Epoch: n})
		if err != nil {
			return nil, err
		}
		ok, err := s.approved(ctx, tx, c.who, hotline.SharedRewrap, subject, seal.Hash{})
		if err != nil {
			return nil, err
		}
		return &deed{
			act: actAllowRewrap, hint: api.EventEpoch, then: ok.used(),
			detail: detail{"team": string(team), "epoch": number(n), "proposal": ok.tally.ID.String()},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				return tx.PutSetting(ctx, settingRewrap+string(team)+" "+number(n), []byte("yes"))
			},
		}, nil
	})
}

// mayRewrap refuses to wrap many cases without a second person.
func mayRewrap(ctx context.Context, tx *store.Tx, team string, n int) error {
	left, err := tx.CountWithoutWrap(ctx, db.CountWithoutWrapParams{Team: team, Epoch: int64(n), MaxRows: maxRewraps + 1})
	if err != nil || left <= maxRewraps {
		return err
	}
	_, err = tx.Setting(ctx, settingRewrap+team+" "+number(n))
	if store.Missing(err) {
		return conflict("more than %d open cases are to be wrapped to another key: this takes two persons", maxRewraps)
	}
	return err
}
