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

// tie makes an act on two cases: link, merge, split, or the undoing of one.
func (s *Server) tie(c *call) (any, error) { return s.tying(c, false) }

// untie undoes one after the time for undoing.
func (s *Server) untie(c *call) (any, error) { return s.tying(c, true) }

// pair is an act on two cases that has been read and whose signatures hold.
type pair struct {
	here, there statement
	child       *generation // of a split
	late        bool
}

func (p pair) undoes() bool {
	return p.here.Act == seal.ActUnlink || p.here.Act == seal.ActUnmerge || p.here.Act == seal.ActUnsplit
}

func (s *Server) tying(c *call, late bool) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.NewTie](c)
	if err != nil {
		return nil, err
	}
	p, err := parsePair(req, id, c.who)
	if err != nil {
		return nil, err
	}
	if p.late = late; late && !p.undoes() {
		return nil, invalid("this is no undoing")
	}
	var out api.Tied
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		x, again, err := s.tieable(ctx, tx, c.who, p)
		if err != nil {
			return nil, err
		}
		if again {
			return nil, x.result(ctx, tx, &out) // sent again after a lost answer
		}
		return s.tieing(x, &out)
	})
	return out, err
}

// parsePair checks all that needs no database.
func parsePair(req api.NewTie, id hotline.CaseID, who caller) (pair, error) {
	var p pair
	var err error
	if p.here, err = parseStatement(req.Here, id, who); err != nil {
		return p, err
	}
	if !seal.IsTie(p.here.Act) {
		return p, invalid("the statement is not about two cases")
	}
	if (p.here.Act == seal.ActSplit) != (req.Child != nil) {
		return p, invalid("a new key comes with people who leave a case, and with nothing else")
	}
	if p.here.Act == seal.ActUnsplit {
		if req.There.Text != nil || req.There.Sealed != nil {
			return p, invalid("who comes back leaves no statement behind")
		}
		return p, nil
	}
	if p.there, err = parseStatement(req.There, p.here.Other, who); err != nil {
		return p, err
	}
	if p.there.Other != id || p.here.Pair(who.Key) != p.there.Pair(who.Key) {
		return p, forged("the two halves of the act do not belong together")
	}
	if req.Child == nil {
		return p, nil
	}
	if p.here.Main != id {
		return p, invalid("people leave the case of the address, not the other way round")
	}
	g, err := parseFirst(*req.Child, p.here.Other, who)
	p.child = &g
	if err == nil && g.Parent != id {
		err = forged("the new key belongs to another parting")
	}
	return p, err
}

// tied is a pair that has been found to be possible, with both cases locked.
type tied struct {
	pair
	who         caller
	row, other  db.HotlineCase // other is empty of a split
	after, then db.HotlineCase // after the statements
	ok          *agreed        // of a link that two people decided
	own         db.HotlineCase // of unmerging: stage and hour of ending that are the part's own
	now         hotline.Hour
}

func (x *tied) result(ctx context.Context, tx *store.Tx, out *api.Tied) error {
	var err error
	if out.Here, err = caseAfter(ctx, tx, x.here.Case); err != nil || x.here.Act == seal.ActUnsplit {
		return err
	}
	out.There, err = caseAfter(ctx, tx, x.here.Other)
	if store.Missing(err) {
		err = conflict("this was done, and undone since: the other case is gone")
	}
	return err
}

// tieable locks both cases and decides. It reports true when exactly this is
// there already.
func (s *Server) tieable(ctx context.Context, tx *store.Tx, who caller, p pair) (x *tied, again bool, err error) {
	x = &tied{pair: p, who: who, now: s.hour()}
	rows, err := tx.LockCases(ctx, [][]byte{p.here.Case[:], p.here.Other[:]})
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		if !who.sees(row) {
			return nil, false, noCase()
		}
		if hotline.CaseID(row.ID) == p.here.Case {
			x.row = row
		} else {
			x.other = row
		}
	}
	if x.row.ID == nil {
		return nil, false, noCase()
	}
	if held, err := tx.StatementByID(ctx, p.here.hash[:]); err == nil {
		if !bytes.Equal(held.Header, p.here.Text) || !bytes.Equal(held.Sealed, p.here.Sealed) {
			return nil, false, conflict("this statement is there already, with other signatures or another sealed part")
		}
		return x, true, nil
	} else if !store.Missing(err) {
		return nil, false, err
	}
	if err := unfolded(x.row); err != nil {
		return nil, false, err
	}
	if p.here.Act == seal.ActSplit {
		return x, false, s.splittable(ctx, tx, x)
	}
	if x.other.ID == nil {
		return nil, false, noCase()
	}
	return x, false, s.pairable(ctx, tx, x)
}

// pairable checks an act on two cases that are there.
func (s *Server) pairable(ctx context.Context, tx *store.Tx, x *tied) error {
	if err := unfolded(x.other); err != nil {
		return err
	}
	if x.row.Team != x.other.Team {
		return invalid("the two cases belong to different teams: their compartments stay apart")
	}
	var err error
	if x.after, err = x.here.apply(x.row, x.who.house, x.now); err != nil {
		return err
	}
	if x.here.Act == seal.ActUnsplit {
		if x.here.OtherPrev != hashOf(x.other.StatementHead) {
			return conflict("another statement came first; read it, then decide")
		}
	} else if x.then, err = x.there.apply(x.other, x.who.house, x.now); err != nil {
		return err
	}
	mine, err := tx.TiesOf(ctx, x.row.ID)
	if err != nil {
		return err
	}
	theirs, err := tx.TiesOf(ctx, x.other.ID)
	if err != nil {
		return err
	}
	if err := x.allowed(mine, theirs); err != nil {
		return err
	}
	if x.undoes() {
		if err := s.undoable(ctx, tx, x, mine); err != nil {
			return err
		}
	}
	if x.here.How != seal.HowTwo {
		return nil
	}
	if err := lockHouse(ctx, tx); err != nil {
		return err
	}
	subject, err := seal.NewSubject(seal.NewLinkSubject(x.here.Case, x.here.Other))
	if err != nil {
		return err
	}
	if x.ok, err = s.approved(ctx, tx, x.who, hotline.SharedLink, subject, seal.Hash{}); err != nil {
		return err
	}
	if x.ok.tally.ID != x.here.Proposal {
		return conflict("the statement names another proposal than the one that was approved")
	}
	return nil
}

func between(ties []db.CaseTie, other []byte) (db.CaseTie, bool) {
	i := slices.IndexFunc(ties, func(t db.CaseTie) bool { return bytes.Equal(t.PartID, other) || bytes.Equal(t.MainID, other) })
	if i < 0 {
		return db.CaseTie{}, false
	}
	return ties[i], true
}

// allowed checks the act against how the cases stand to each other and to
// third ones; seal.Retie says the same for one chain.
func (x *tied) allowed(mine, theirs []db.CaseTie) error {
	t, is := between(mine, x.other.ID)
	isPart := func(ties []db.CaseTie, id []byte) bool {
		return slices.ContainsFunc(ties, func(t db.CaseTie) bool { return t.Kind == seal.TieMerge && bytes.Equal(t.PartID, id) })
	}
	hasParts := func(ties []db.CaseTie, id []byte) bool {
		return slices.ContainsFunc(ties, func(t db.CaseTie) bool { return t.Kind == seal.TieMerge && bytes.Equal(t.MainID, id) })
	}
	switch x.here.Act {
	case seal.ActLink:
		if is {
			return conflict("these two cases are linked, merged or split already; read it, then decide")
		}
	case seal.ActUnlink:
		if !is || t.Kind != seal.TieLink {
			return conflict("these two cases are not linked, or they are merged: undo that first")
		}
	case seal.ActMerge:
		part, main, parts := x.other, x.row, theirs
		if x.here.Main != x.here.Case {
			part, main, parts = x.row, x.other, mine
		}
		switch {
		case !is || t.Kind != seal.TieLink:
			return conflict("only cases that are linked are merged, and only once")
		case isPart(mine, x.row.ID) || isPart(theirs, x.other.ID):
			return conflict("one of the two is a part of a case already: merge with that one, or undo it first")
		case hasParts(parts, part.ID):
			return conflict("the case that would become a part has parts of its own: make it the main case, or undo them first")
		case main.ClosedHour.Valid:
			return conflict("the main case has ended: take it up again first, or let the other be the main case")
		}
	case seal.ActUnmerge:
		if !is || t.Kind != seal.TieMerge || !bytes.Equal(t.MainID, x.here.Main[:]) {
			return conflict("these two cases are not merged in this way")
		}
	case seal.ActUnsplit:
		if !is || t.Kind != seal.TieSplit || !bytes.Equal(t.MainID, x.row.ID) {
			return conflict("nobody has left this case into that one")
		}
		o := x.other
		if len(theirs) != 1 || o.StatementSeq != 0 || o.ContactSeq >= 0 || o.DeskSeq >= 0 || o.Generation != 0 {
			return conflict("something has been added to the case that left: it stays. Close it if it is not needed")
		}
	}
	return nil
}

// undoable checks the time for undoing, and finds what becomes of a part.
func (s *Server) undoable(ctx context.Context, tx *store.Tx, x *tied, mine []db.CaseTie) error {
	t, _ := between(mine, x.other.ID)
	r, err := retention(ctx, tx)
	if err != nil {
		return err
	}
	if !x.late && int64(x.now) > t.Hour+24*int64(r.Undo) {
		return hotline.Errorf(hotline.KindDenied, "server", "the time for undoing this is over: a supervisor can still do it")
	}
	if x.here.Act == seal.ActUnmerge {
		x.own, err = ownStage(ctx, tx, t.PartID)
	}
	return err
}

// ownStage is the stage that a part's own statements give it.
func ownStage(ctx context.Context, tx *store.Tx, id []byte) (db.HotlineCase, error) {
	own := db.HotlineCase{ID: id, Stage: string(hotline.StageNew)}
	for after := int64(-1); ; {
		rows, err := tx.StatementsAfter(ctx, db.StatementsAfterParams{CaseID: id, After: after, MaxRows: syncPage})
		if err != nil {
			return own, err
		}
		for _, row := range rows {
			after = row.Seq
			if row.Kind != seal.ActStage && row.Kind != seal.ActSplit {
				continue
			}
			st, _, err := seal.ParseStatement(row.Header)
			if err != nil {
				return own, hotline.Errorf(hotline.KindInternal, "server", "a statement of a case is damaged")
			}
			if st.Act == seal.ActSplit && st.Main == st.Case {
				continue // the people left this case; its own stage stays
			}
			own.Stage = string(st.Stage)
			own.ClosedHour.Int64, own.ClosedHour.Valid = row.Hour, !st.Stage.Open()
		}
		if len(rows) < syncPage {
			return own, nil
		}
	}
}

// tieing makes the deeds: a leaf and a statement for each case, then the index.
func (s *Server) tieing(x *tied, out *api.Tied) (*deed, error) {
	first := x.stating(x.here, x.row, x.after)
	first.byHand = []hotline.CaseID{x.here.Case}
	switch x.here.Act {
	case seal.ActSplit:
		return s.splitting(x, first, out), nil
	case seal.ActUnsplit:
		return s.unsplitting(x, first, out), nil
	}
	first.byHand = append(first.byHand, x.here.Other)
	second := x.stating(x.there, x.other, x.then)
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
	first.then = second
	if x.ok != nil {
		second.then = x.ok.used()
	}
	return first, nil
}

// stating is the deed of one of the two statements.
func (x *tied) stating(st statement, row, after db.HotlineCase) *deed {
	d := &deed{act: actStatement, id: st.Case, detail: detail{
		"seq": number(st.Seq), "statement": st.hash.String(), "kind": st.Act,
	}}
	if len(st.Sealed) > 0 {
		d.detail["sealed"] = sum(st.Sealed)
	}
	d.write = func(ctx context.Context, tx *store.Tx, _ int64) error {
		return st.keep(ctx, tx, row, after, x.who.ID, x.now)
	}
	return d
}

// index writes how the two cases stand to each other now.
func (x *tied) index(ctx context.Context, tx *store.Tx) error {
	if x.here.Act != seal.ActLink && x.here.Act != seal.ActSplit {
		if _, err := tx.DeleteTie(ctx, x.row.ID, x.here.Other[:]); err != nil {
			return err
		}
	}
	p := db.InsertTieParams{PartID: x.here.Case[:], MainID: x.here.Other[:], Kind: seal.TieLink, Hour: int64(x.now)}
	switch x.here.Act {
	case seal.ActUnlink:
		return nil
	case seal.ActMerge, seal.ActSplit:
		if p.Kind = seal.TieMerge; x.here.Act == seal.ActSplit {
			p.Kind = seal.TieSplit
		}
		if p.MainID = x.here.Main[:]; x.here.Main == x.here.Case {
			p.PartID = x.here.Other[:]
		}
	}
	if n, err := tx.InsertTie(ctx, p); err != nil || n != 1 {
		if err == nil {
			err = conflict("these two cases are linked, merged or split already; read it, then decide")
		}
		return err
	}
	switch x.here.Act {
	case seal.ActMerge:
		main := x.row
		if x.here.Main != x.here.Case {
			main = x.other
		}
		return follow(ctx, tx, p.PartID, main.Stage, 0, false)
	case seal.ActUnmerge:
		return follow(ctx, tx, x.own.ID, x.own.Stage, x.own.ClosedHour.Int64, x.own.ClosedHour.Valid)
	}
	return nil
}

// seesBoth refuses to propose or to decide a link of cases that the caller
// could not read.
func seesBoth(ctx context.Context, tx *store.Tx, who caller, p seal.Proposal) error {
	if p.Act != hotline.SharedLink {
		return nil
	}
	var x seal.LinkSubject
	if err := seal.DecodeSubject(p.Subject, &x); err != nil {
		return err
	}
	if seal.NewLinkSubject(x.One, x.Two) != x || x.One == x.Two {
		return invalid("a link names two cases, the lower id first")
	}
	for _, id := range []hotline.CaseID{x.One, x.Two} {
		row, err := tx.CaseByID(ctx, id[:])
		if store.Missing(err) || (err == nil && !who.sees(row)) {
			return noCase()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
