package server

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// epochs lists the epochs of the caller's teams. Who publishes manifests sees
// the public half of all teams' epochs: a manifest names them.
func (s *Server) epochs(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := []api.Epoch{}
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		rows, err := tx.TeamEpochs(c.Context())
		if err != nil {
			return err
		}
		mine, err := tx.TeamWrapsOf(c.Context(), c.who.ID)
		if err != nil {
			return err
		}
		holders, err := tx.TeamHolders(c.Context())
		if err != nil {
			return err
		}
		farewells, err := tx.Farewells(c.Context())
		if err != nil {
			return err
		}
		for _, row := range rows {
			team := hotline.Team(row.Team)
			if !c.who.inTeam(team) && !hotline.Allowed(hotline.ActionPublish, c.who.Roles...) {
				continue
			}
			e := api.Epoch{
				Team: team, Epoch: int(row.N), Announcement: row.Statement, Holders: []string{},
				Retired: hotline.Hour(row.RetiredHour.Int64), Destroyed: row.DestroyedDay.Valid,
			}
			for _, h := range holders {
				if h.Team == row.Team && h.N == row.N {
					e.Holders = append(e.Holders, h.Holder)
				}
			}
			for _, f := range farewells {
				if f.Team == row.Team && f.N == row.N {
					e.Farewells = append(e.Farewells, f.Statement)
				}
			}
			for _, w := range mine {
				if w.Team == row.Team && w.N == row.N && c.who.inTeam(team) {
					e.Wrap = w.Wrap
				}
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// parseEpoch checks an announcement, who made it, and that the wraps are for
// exactly the recovery key and the team's active members.
func parseEpoch(n api.NewEpoch, h *house, by func(seal.Epoch, seal.Signed) bool) (seal.Epoch, seal.Signed, error) {
	e, signed, err := seal.ParseEpoch(n.Announcement)
	if err != nil {
		return e, signed, err
	}
	if !by(e, signed) {
		return e, signed, forged("the epoch is not signed by a member of the team who sent it")
	}
	want := []string{api.HolderRecovery}
	for _, m := range h.activeIn(e.Team) {
		want = append(want, m.ID)
	}
	slices.Sort(want)
	if !slices.Equal(want, slices.Sorted(maps.Keys(n.Wraps))) {
		return e, signed, invalid("an epoch is wrapped to the recovery key and to every active member of the team, and to nobody else")
	}
	for _, file := range n.Wraps {
		if err := checkSealed(file, maxWrapFile); err != nil {
			return e, signed, err
		}
	}
	return e, signed, nil
}

// newEpoch starts an epoch of a team key and retires the one before.
func (s *Server) newEpoch(c *call) (any, error) {
	req, err := in[api.NewEpoch](c)
	if err != nil {
		return nil, err
	}
	e, signed, err := parseEpoch(req, c.who.house, func(e seal.Epoch, signed seal.Signed) bool {
		return c.who.inTeam(e.Team) && seal.EpochSignedBy(signed, c.who.Key)
	})
	if err != nil {
		return nil, err
	}
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		all, err := tx.TeamEpochs(ctx)
		if err != nil {
			return nil, err
		}
		newest := int64(0)
		for _, old := range all {
			if old.Team == string(e.Team) {
				newest = old.N
			}
			if old.Team == string(e.Team) && int64(e.Epoch) == old.N && bytes.Equal(old.Statement, req.Announcement) {
				return nil, nil // sent again after a lost answer
			}
			if old.Recipient == e.Recipient.String() || seal.PublicKey(old.ReplyKey) == e.ReplyKey {
				return nil, invalid("the epoch repeats a key of an earlier one")
			}
		}
		if int64(e.Epoch) != newest+1 {
			return nil, conflict("the team's newest epoch is %d; the next one follows it", newest)
		}
		return &deed{
			act: actEpoch, detail: epochDetail(req, e, signed), hint: api.EventEpoch,
			write: func(ctx context.Context, tx *store.Tx, _ int64) error { return keepEpoch(ctx, tx, req, e, s.hour()) },
		}, nil
	})
	if err == nil {
		s.keysFollow(c.Context())
	}
	return nil, err
}

func epochDetail(n api.NewEpoch, e seal.Epoch, signed seal.Signed) detail {
	var all []byte
	for _, holder := range slices.Sorted(maps.Keys(n.Wraps)) {
		all = append(all, holder+" "+sum(n.Wraps[holder])+"\n"...)
	}
	return detail{"team": string(e.Team), "epoch": number(e.Epoch), "announcement": signed.Hash().String(), "wraps": sum(all)}
}

// keepEpoch writes an epoch with its wraps and retires the one before.
func keepEpoch(ctx context.Context, tx *store.Tx, n api.NewEpoch, e seal.Epoch, now hotline.Hour) error {
	team, epoch := string(e.Team), int64(e.Epoch)
	rows, err := tx.InsertTeamEpoch(ctx, db.InsertTeamEpochParams{
		Team: team, N: epoch, Recipient: e.Recipient.String(), ReplyKey: e.ReplyKey[:],
		Statement: n.Announcement, CreatedHour: int64(now),
	})
	if err == nil && rows != 1 {
		err = conflict("the team has this epoch already")
	}
	if err != nil {
		return err
	}
	for _, holder := range slices.Sorted(maps.Keys(n.Wraps)) {
		if err := tx.PutTeamWrap(ctx, db.PutTeamWrapParams{Team: team, N: epoch, Holder: holder, Wrap: n.Wraps[holder]}); err != nil {
			return err
		}
	}
	if err := dueKeys(ctx, tx); err != nil || epoch == 1 {
		return err
	}
	p := db.RetireTeamEpochParams{Team: team, N: epoch - 1}
	p.RetiredHour.Int64, p.RetiredHour.Valid = int64(now), true
	_, err = tx.RetireTeamEpoch(ctx, p)
	return err
}

// wrapTeam gives a member the key of an epoch. A wrap that is there stays:
// nobody can take a colleague's key away by writing over it.
func (s *Server) wrapTeam(c *call) (any, error) {
	team, epoch, err := c.teamEpoch()
	if err != nil {
		return nil, err
	}
	req, err := in[api.TeamWrap](c)
	if err != nil {
		return nil, err
	}
	if err := checkSealed(req.File, maxWrapFile); err != nil {
		return nil, err
	}
	isHolder := func(m seal.Member) bool { return m.ID == req.Holder }
	if !slices.ContainsFunc(c.who.house.activeIn(team), isHolder) {
		return nil, invalid("who is to get the key is no active member of the team")
	}
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		if err := knownEpoch(ctx, tx, team, epoch); err != nil {
			return nil, err
		}
		held, err := tx.TeamWraps(ctx, string(team), int64(epoch))
		if err != nil {
			return nil, err
		}
		have := func(holder string) int {
			return slices.IndexFunc(held, func(w db.TeamWrap) bool { return w.Holder == holder })
		}
		if have(c.who.ID) < 0 {
			return nil, hotline.Errorf(hotline.KindDenied, "server", "you do not hold the key of this epoch yourself")
		}
		if i := have(req.Holder); i >= 0 {
			if bytes.Equal(held[i].Wrap, req.File) {
				return nil, nil
			}
			return nil, conflict("this member has the key already")
		}
		return &deed{
			act:    actTeamWrap,
			detail: detail{"team": string(team), "epoch": number(epoch), "holder": req.Holder, "wrap": sum(req.File)},
			hint:   api.EventEpoch,
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				err := tx.PutTeamWrap(ctx, db.PutTeamWrapParams{Team: string(team), N: int64(epoch), Holder: req.Holder, Wrap: req.File})
				if err != nil {
					return err
				}
				return dueKeys(ctx, tx)
			},
		}, nil
	})
	if err == nil {
		s.keysFollow(c.Context())
	}
	return nil, err
}
