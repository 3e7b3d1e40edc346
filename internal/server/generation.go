package server

import (
	"bytes"
	"context"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	// maxWraps is how many epochs a new key of a case may be wrapped to.
	maxWraps = 8
	// rewrapPage is how many cases a list of work names.
	rewrapPage = 100
	// rewrapCount bounds what is counted of the work that is left.
	rewrapCount = 100_000
)

// generation is a new case key that has been read and whose operator's signature holds.
type generation struct {
	api.NewGeneration
	seal.Generation
	signed seal.Signed
}

// rotate appends a generation of the case key.
func (s *Server) rotate(c *call) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.NewGeneration](c)
	if err != nil {
		return nil, err
	}
	g, err := parseGeneration(req, id, c.who)
	if err != nil {
		return nil, err
	}
	var out api.Case
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		row, err := lockCase(ctx, tx, c.who, id)
		if err != nil {
			return nil, err
		}
		out = apiCase(row)
		if err := unfolded(row); err != nil {
			return nil, err
		}
		again, err := g.fits(ctx, tx, row)
		if err != nil || again {
			return nil, err
		}
		hash := g.signed.Hash()
		return &deed{
			act: actGeneration, id: id,
			detail: detail{"gen": number(g.Gen), "generation": hash.String(), "wraps": wrapsSum(g.Wraps)},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				if err := g.keep(ctx, tx, row, s.hour()); err != nil {
					return err
				}
				out, err = caseAfter(ctx, tx, id)
				return err
			},
		}, nil
	})
	return out, err
}

// wrapsSum commits to wraps in their order.
func wrapsSum(wraps []api.Wrap) string {
	var all []byte
	for _, w := range wraps {
		all = append(all, string(w.Team)+" "+number(w.Epoch)+" "+sum(w.File)+"\n"...)
	}
	return sum(all)
}

// parseGeneration checks all that needs no database.
func parseGeneration(n api.NewGeneration, id hotline.CaseID, who caller) (generation, error) {
	g := generation{NewGeneration: n}
	var err error
	if g.Generation, g.signed, err = seal.ParseGeneration(n.Statement); err != nil {
		return g, err
	}
	switch {
	case g.Case != id || g.Gen == 0:
		return g, invalid("not a later key of this case")
	case !seal.GenerationSignedBy(g.signed, who.Key):
		return g, forged("the new key is not signed by you")
	}
	return g, g.checkWraps()
}

// checkWraps checks the wraps that come with a new key.
func (g generation) checkWraps() error {
	if len(g.Wraps) == 0 || len(g.Wraps) > maxWraps {
		return invalid("a new key comes with 1 to %d wraps", maxWraps)
	}
	seen := make(map[int]bool)
	for _, w := range g.Wraps {
		if w.Team != g.Team || seen[w.Epoch] {
			return invalid("each wrap is for another epoch of the case's team")
		}
		seen[w.Epoch] = true
		if err := checkSealed(w.File, maxWrapFile); err != nil {
			return err
		}
	}
	if !seen[g.Epoch] {
		return invalid("the wrap for the epoch that the new key names is missing")
	}
	return nil
}

// fits checks the generation against the case as it is. It reports true when
// exactly this one is there already.
func (g generation) fits(ctx context.Context, tx *store.Tx, row db.HotlineCase) (again bool, err error) {
	keys, err := tx.CaseKeys(ctx, row.ID)
	if err != nil {
		return false, err
	}
	if len(keys) == 0 || keys[len(keys)-1].N != row.Generation {
		return false, hotline.Errorf(hotline.KindInternal, "server", "a case lacks its newest key")
	}
	newest := keys[len(keys)-1]
	if int64(g.Gen) == newest.N && bytes.Equal(newest.Statement, g.Statement) {
		return true, nil
	}
	last, signed, err := seal.ParseGeneration(newest.Statement)
	if err != nil {
		return false, hotline.Errorf(hotline.KindInternal, "server", "a case's newest key is damaged: %w", err)
	}
	switch {
	case int64(g.Gen) != newest.N+1 || g.Prev != signed.Hash():
		return false, conflict("the case has another key now; read it, then decide")
	case g.ContactKey != last.ContactKey || g.ContactRecipient.String() != last.ContactRecipient.String() || g.Parent != last.Parent:
		return false, forged("the person's own keys cannot be changed")
	case g.Recipient.String() == last.Recipient.String():
		return false, invalid("the new key is the old one")
	case string(g.Team) != row.Team:
		return false, invalid("the case belongs to another team")
	}
	for _, w := range g.Wraps {
		if err := knownEpoch(ctx, tx, w.Team, w.Epoch); err != nil {
			return false, err
		}
	}
	latest, err := tx.LatestTeamEpoch(ctx, row.Team)
	if err != nil {
		return false, err
	}
	if int64(g.Epoch) != latest.N {
		return false, conflict("the team has a newer epoch; wrap the key to it")
	}
	return false, signedForTeam(ctx, tx, row.Team, g.Hour, func(k seal.PublicKey) bool {
		return seal.GenerationSignedBy(g.signed, k)
	})
}

func knownEpoch(ctx context.Context, tx *store.Tx, team hotline.Team, n int) error {
	row, err := tx.TeamEpoch(ctx, string(team), int64(n))
	if store.Missing(err) {
		return invalid("the team has no such epoch")
	}
	if err == nil && row.DestroyedDay.Valid {
		err = conflict("this key was destroyed")
	}
	return err
}

func (g generation) keep(ctx context.Context, tx *store.Tx, row db.HotlineCase, now hotline.Hour) error {
	n, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{
		CaseID: row.ID, N: int64(g.Gen), Statement: g.NewGeneration.Statement, Hour: int64(now),
	})
	if err == nil && n != 1 {
		err = conflict("the case has another key now")
	}
	if err != nil {
		return err
	}
	for _, w := range g.Wraps {
		if _, err := tx.InsertCaseWrap(ctx, caseWrap(row.ID, g.Gen, w)); err != nil {
			return err
		}
	}
	after := row
	after.Generation = int64(g.Gen)
	return moveCase(ctx, tx, row, after)
}

func caseWrap(id []byte, gen int, w api.Wrap) db.InsertCaseWrapParams {
	return db.InsertCaseWrapParams{CaseID: id, N: int64(gen), Team: string(w.Team), Epoch: int64(w.Epoch), Wrap: w.File}
}

// rewrap adds a wrap of a key of the case for another epoch of its team. Where
// one is there already it stays: two desks that re-wrap at once do not disturb
// each other.
func (s *Server) rewrap(c *call) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.Rewrap](c)
	if err != nil {
		return nil, err
	}
	if err := checkSealed(req.Wrap.File, maxWrapFile); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		row, err := lockCase(ctx, tx, c.who, id)
		if err != nil {
			return nil, err
		}
		if err := unfolded(row); err != nil {
			return nil, err
		}
		if req.Generation < 0 || int64(req.Generation) > row.Generation || string(req.Wrap.Team) != row.Team {
			return nil, invalid("the case has no such key, or belongs to another team")
		}
		if err := knownEpoch(ctx, tx, req.Wrap.Team, req.Wrap.Epoch); err != nil {
			return nil, err
		}
		held, err := tx.CaseWrapsOfTeam(ctx, id[:], row.Team)
		if err != nil {
			return nil, err
		}
		for _, w := range held {
			if w.N == int64(req.Generation) && w.Epoch == int64(req.Wrap.Epoch) {
				return nil, nil
			}
		}
		if err := mayRewrap(ctx, tx, row.Team, req.Wrap.Epoch); err != nil {
			return nil, err
		}
		return &deed{
			act: actRewrap, id: id,
			detail: detail{
				"gen": number(req.Generation), "team": row.Team, "epoch": number(req.Wrap.Epoch), "wrap": sum(req.Wrap.File),
			},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				if _, err := tx.InsertCaseWrap(ctx, caseWrap(id[:], req.Generation, req.Wrap)); err != nil {
					return err
				}
				version, err := tx.NextVersion(ctx)
				if err != nil {
					return err
				}
				_, err = tx.CaseTouched(ctx, version, id[:])
				return err
			},
		}, nil
	})
}

// rewrapList names cases with a key that is not yet wrapped to an epoch.
func (s *Server) rewrapList(c *call) (any, error) {
	team, epoch, err := c.teamEpoch()
	if err != nil {
		return nil, err
	}
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := api.RewrapList{Cases: []hotline.CaseID{}}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		if err := knownEpoch(c.Context(), tx, team, epoch); err != nil {
			return err
		}
		rows, err := tx.CasesWithoutWrap(c.Context(), db.CasesWithoutWrapParams{
			After: 0, Team: string(team), Epoch: int64(epoch), MaxRows: rewrapPage + 1,
		})
		if err != nil {
			return err
		}
		left, err := tx.CountWithoutWrap(c.Context(), db.CountWithoutWrapParams{Team: string(team), Epoch: int64(epoch), MaxRows: rewrapCount})
		if err != nil {
			return err
		}
		out.Left = int(left)
		if out.More = len(rows) > rewrapPage; out.More {
			rows = rows[:rewrapPage]
		}
		ids := make([][]byte, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		found, err := tx.CasesByIDs(c.Context(), ids)
		if err != nil {
			return err
		}
		mine := make(map[hotline.CaseID]bool, len(found))
		for _, row := range found {
			mine[hotline.CaseID(row.ID)] = row.Team == string(team)
		}
		for _, r := range rows {
			if id := hotline.CaseID(r.ID); mine[id] {
				out.Cases = append(out.Cases, id)
			}
		}
		return nil
	})
	return out, err
}
