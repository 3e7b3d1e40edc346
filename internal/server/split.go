package server

import (
	"context"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// parseFirst checks the first key of a case that leaves another.
func parseFirst(n api.NewGeneration, id hotline.CaseID, who caller) (generation, error) {
	g := generation{NewGeneration: n}
	var err error
	if g.Generation, g.signed, err = seal.ParseGeneration(n.Statement); err != nil {
		return g, err
	}
	switch {
	case g.Case != id || g.Gen != 0 || g.Parent == hotline.CaseID{}:
		return g, invalid("not the first key of the case that leaves")
	case !seal.GenerationSignedBy(g.signed, who.Key):
		return g, forged("the new key is not signed by you")
	}
	return g, g.checkWraps()
}

// splittable checks that people of a case can leave it.
func (s *Server) splittable(ctx context.Context, tx *store.Tx, x *tied) error {
	if x.other.ID != nil {
		return conflict("there is such a case already")
	}
	if _, err := tx.CaseGone(ctx, x.here.Other[:]); err == nil {
		return conflict("this case was removed; make a new one")
	} else if !store.Missing(err) {
		return err
	}
	var err error
	if x.after, err = x.here.apply(x.row, x.who.house, x.now); err != nil {
		return err
	}
	main, _, err := groupOf(ctx, tx, x.row.ID)
	switch {
	case err != nil:
		return err
	case string(main) != string(x.row.ID):
		return conflict("this case is a part of another: stage, people and who has it are decided there")
	case x.row.ClosedHour.Valid || string(x.here.Stage) != x.row.Stage:
		return conflict("who leaves a case goes on from the stage in which it is; look again, then decide")
	case string(x.child.Team) != x.row.Team:
		return invalid("the case belongs to another team")
	case x.there.Gen != 0:
		return invalid("the case has no such key")
	}
	for _, w := range x.child.Wraps {
		if err := knownEpoch(ctx, tx, w.Team, w.Epoch); err != nil {
			return err
		}
	}
	latest, err := tx.LatestTeamEpoch(ctx, x.row.Team)
	if err != nil {
		return err
	}
	if int64(x.child.Epoch) != latest.N {
		return conflict("the team has a newer epoch; wrap the key to it")
	}
	return signedForTeam(ctx, tx, x.row.Team, x.child.Hour, func(k seal.PublicKey) bool {
		return seal.GenerationSignedBy(x.child.signed, k)
	})
}

// splitting makes the new case, then the statements on both.
func (s *Server) splitting(x *tied, first *deed, out *api.Tied) *deed {
	child := db.HotlineCase{
		ID: x.here.Other[:], Channel: string(hotline.ChannelDesk), Stage: string(x.here.Stage), Urgency: x.row.Urgency, Team: x.row.Team,
		StatementSeq: -1,
	}
	begin := &deed{
		act: actGeneration, id: x.here.Other, byHand: first.byHand,
		detail: detail{"gen": number(0), "generation": x.child.signed.Hash().String(), "wraps": wrapsSum(x.child.Wraps)},
		write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			return x.beginChild(ctx, tx, child)
		},
	}
	after := child
	second := x.stating(x.there, child, after)
	state := second.write
	second.write = func(ctx context.Context, tx *store.Tx, leaf int64) error {
		if err := state(ctx, tx, leaf); err != nil {
			return err
		}
		if err := x.index(ctx, tx); err != nil {
			return err
		}
		return x.result(ctx, tx, out)
	}
	begin.then, first.byHand, first.then = first, nil, second
	return begin
}

func (x *tied) beginChild(ctx context.Context, tx *store.Tx, child db.HotlineCase) error {
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	n, err := tx.InsertCase(ctx, db.InsertCaseParams{
		ID: child.ID, Channel: child.Channel, Stage: child.Stage, Urgency: child.Urgency, Team: child.Team,
		ContactSeq: -1, DeskSeq: -1, StatementSeq: -1, SeenSeq: -1, Answered: true, CreatedHour: int64(x.now), Version: version,
	})
	if err == nil && n != 1 {
		err = conflict("there is such a case already")
	}
	if err != nil {
		return err
	}
	if _, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: child.ID, Statement: x.child.NewGeneration.Statement, Hour: int64(x.now)}); err != nil {
		return err
	}
	for _, w := range x.child.Wraps {
		if _, err := tx.InsertCaseWrap(ctx, caseWrap(child.ID, 0, w)); err != nil {
			return err
		}
	}
	return nil
}

// unsplitting removes the case that left, in which nothing is.
func (s *Server) unsplitting(x *tied, first *deed, out *api.Tied) *deed {
	state := first.write
	first.write = func(ctx context.Context, tx *store.Tx, leaf int64) error {
		if err := state(ctx, tx, leaf); err != nil {
			return err
		}
		return x.result(ctx, tx, out)
	}
	first.then = &deed{
		act: actRemove, id: x.here.Other, hint: api.EventGone,
		detail: detail{
			"why": api.GoneUnsplit, "stage": x.other.Stage, "records": number(0), "statements": number(1), "keys": number(1),
		},
		write: func(ctx context.Context, tx *store.Tx, leaf int64) error {
			return s.removeCase(ctx, tx, x.other, gone{why: api.GoneUnsplit, proof: x.here.Text, today: x.now.Day(), leaf: leaf})
		},
	}
	return first
}
