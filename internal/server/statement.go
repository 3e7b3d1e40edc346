package server

import (
	"bytes"
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// statement is one that has been read and whose signature holds.
type statement struct {
	api.NewStatement
	seal.Statement
	hash seal.Hash
}

// state appends a statement to the case's chain and applies what it says to
// the columns that index the case.
func (s *Server) state(c *call) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.NewStatement](c)
	if err != nil {
		return nil, err
	}
	st, err := parseStatement(req, id, c.who)
	if err != nil {
		return nil, err
	}
	if seal.IsTie(st.Act) {
		return nil, invalid("an act on two cases is made on both at once")
	}
	var out api.Case
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		g, err := lockOwnGroup(ctx, tx, c.who, id)
		if err != nil {
			return nil, err
		}
		row := g.row
		out = apiCase(row)
		if held, err := tx.StatementByID(ctx, st.hash[:]); err == nil {
			if !bytes.Equal(held.Header, st.Text) || !bytes.Equal(held.Sealed, st.Sealed) {
				return nil, conflict("this statement is there already, with other signatures or another sealed part")
			}
			return nil, nil // sent again after a lost answer
		} else if !store.Missing(err) {
			return nil, err
		}
		if err := unfolded(row); err != nil {
			return nil, err
		}
		if err := partTakes(g, st.Act); err != nil {
			return nil, err
		}
		after, err := st.apply(row, c.who.house, s.hour())
		if err != nil {
			return nil, err
		}
		if st.Act == seal.ActReview && !hotline.Allowed(hotline.ActionReview, c.who.Roles...) {
			return nil, hotline.Errorf(hotline.KindDenied, "server", "a supervisor reviews silent cases")
		}
		d := &deed{act: actStatement, id: id, detail: detail{
			"seq": number(st.Seq), "statement": st.hash.String(), "kind": st.Act,
		}, byHand: []hotline.CaseID{id}}
		if len(st.Sealed) > 0 {
			d.detail["sealed"] = sum(st.Sealed)
		}
		d.write = func(ctx context.Context, tx *store.Tx, _ int64) error {
			if err := st.keep(ctx, tx, row, after, c.who.ID, s.hour()); err != nil {
				return err
			}
			if st.Act == seal.ActStage {
				if err := followMain(ctx, tx, after, g.others); err != nil {
					return err
				}
			}
			out, err = caseAfter(ctx, tx, id)
			return err
		}
		return d, nil
	})
	return out, err
}

// parseStatement checks all that needs no database.
func parseStatement(n api.NewStatement, id hotline.CaseID, who caller) (statement, error) {
	st := statement{NewStatement: n}
	parsed, signed, err := seal.ParseStatement(n.Text)
	if err != nil {
		return st, err
	}
	st.Statement, st.hash = parsed, signed.Hash()
	switch {
	case st.Case != id:
		return st, invalid("the statement is about another case")
	case !seal.StatementSignedBy(signed, who.Key):
		return st, forged("the statement is not signed by you")
	case st.Body.IsZero() != (len(n.Sealed) == 0):
		return st, invalid("a statement has a sealed part exactly when it commits to one")
	case st.Act != seal.ActUrgency && st.Urgency != 0, st.Act != seal.ActAssign && st.Assignee != "":
		return st, invalid("the statement says more than its act")
	}
	switch st.Act {
	case seal.ActNote, seal.ActHandover, seal.ActFacts, seal.ActWord:
		if st.Body.IsZero() {
			return st, invalid("a %s without a sealed part says nothing", hotline.Term{Of: hotline.OfAct, Name: st.Act})
		}
	}
	if len(n.Sealed) > 0 {
		return st, checkSealed(n.Sealed, maxRecordFile)
	}
	return st, nil
}

// apply returns the row as it is after the statement, or why it cannot be made.
func (st statement) apply(row db.HotlineCase, h *house, now hotline.Hour) (db.HotlineCase, error) {
	switch {
	case st.Seq != row.StatementSeq+1 || st.Prev != hashOf(row.StatementHead):
		return row, conflict("another statement came first; read it, then decide")
	case int64(st.Gen) > row.Generation:
		return row, invalid("the case has no such key")
	case !st.Body.IsZero() && int64(st.Gen) != row.Generation:
		return row, conflict("the case has another key now; seal to it")
	}
	switch st.Act {
	case seal.ActStage:
		next, err := hotline.Stage(row.Stage).StepTo(st.Stage)
		if err != nil {
			return row, err
		}
		row.Stage = string(next)
		row.ClosedHour.Int64, row.ClosedHour.Valid = int64(now), !next.Open()
		if next.Open() {
			row.ClosedHour.Int64 = 0
		}
	case seal.ActUrgency:
		row.Urgency = int64(st.Urgency)
	case seal.ActAssign:
		assignable := slices.ContainsFunc(h.activeIn(hotline.Team(row.Team)), func(m seal.Member) bool {
			return m.ID == st.Assignee && hotline.Allowed(hotline.ActionReply, m.Roles...)
		})
		if st.Assignee != "" && !assignable {
			return row, invalid("nobody of that name answers for the case's team")
		}
		row.Assignee = st.Assignee
	}
	return row, nil
}

// keep writes the statement and the case as it is after it.
func (st statement) keep(ctx context.Context, tx *store.Tx, row, after db.HotlineCase, signer string, now hotline.Hour) error {
	n, err := tx.InsertStatement(ctx, db.InsertStatementParams{
		CaseID: row.ID, Seq: st.Seq, ID: st.hash[:], Kind: st.Act, Signer: signer,
		Header: st.Text, Sealed: st.Sealed, Hour: int64(now),
	})
	if err == nil && n != 1 {
		err = conflict("the statement is there already")
	}
	if err != nil {
		return err
	}
	if after.ClosedHour.Valid && st.Act == seal.ActStage {
		// Nobody waits in a case that was just ended. Who writes into it later
		// waits for an answer, whatever is noted meanwhile.
		if _, err := tx.CaseQuiet(ctx, row.ID); err != nil {
			return err
		}
	} else if row.ClosedHour.Valid && hotline.Stage(after.Stage) == hotline.StageNew && !row.Answered {
		// Called unfounded by mistake: the person waits again, since the hour in
		// which the case began; the exact time went when the case ended.
		p := db.CaseWaitsParams{Version: row.Version, ID: row.ID}
		p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = row.CreatedHour*3_600_000, true
		if _, err := tx.CaseWaits(ctx, p); err != nil {
			return err
		}
	}
	if st.Act == seal.ActReview {
		r, err := retention(ctx, tx)
		if err != nil {
			return err
		}
		day := row.ReviewDay
		day.Int64, day.Valid = int64(now.Day())+int64(r.Again), true
		if _, err := tx.SetReviewDay(ctx, day, row.ID); err != nil {
			return err
		}
	}
	after.StatementSeq, after.StatementHead = st.Seq, bytesOf(st.hash)
	return moveCase(ctx, tx, row, after)
}

// moveCase writes what statements and generations may change of a case:
// compare-and-set on the head of the statements.
func moveCase(ctx context.Context, tx *store.Tx, row, after db.HotlineCase) error {
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	n, err := tx.CaseAfterStatement(ctx, db.CaseAfterStatementParams{
		StatementSeq: after.StatementSeq, StatementHead: after.StatementHead, Stage: after.Stage, Urgency: after.Urgency,
		Team: after.Team, Assignee: after.Assignee, Generation: after.Generation, ClosedHour: after.ClosedHour,
		Version: version, ID: row.ID, ExpectedHead: row.StatementHead,
	})
	if err == nil && n != 1 {
		err = conflict("another statement came first")
	}
	return err
}
