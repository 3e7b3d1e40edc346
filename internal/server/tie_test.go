package server_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// pair makes an act on two cases as they are now; spoil may change the halves
// before they are signed.
func (w *world) pair(a, b *contact, p *person, st seal.Statement, spoil func(here, there *seal.Statement)) api.NewTie {
	w.tb.Helper()
	x, y := w.caseNow(a), w.caseNow(b)
	st.Case, st.Other, st.Hour = a.id, b.id, hotline.HourOf(w.clock.Now())
	st.Seq, st.Prev, st.OtherPrev, st.Gen = x.StatementSeq+1, x.StatementHead, y.StatementHead, x.Generation
	twin := st.Twin(y.StatementSeq+1, y.Generation)
	if spoil != nil {
		spoil(&st, &twin)
	}
	here, _, err := seal.SignStatement(st, nil, seal.Recipient{}, p.key)
	ok(w.tb, err)
	there, _, err := seal.SignStatement(twin, nil, seal.Recipient{}, p.key)
	ok(w.tb, err)
	return api.NewTie{Here: api.NewStatement{Text: here.Text()}, There: api.NewStatement{Text: there.Text()}}
}

func (w *world) tie(a, b *contact, p *person, st seal.Statement) error {
	w.tb.Helper()
	_, err := w.do(p, "POST", fill(api.PathTies, a.id), w.pair(a, b, p, st, nil))
	return err
}

func (w *world) ties(t *testing.T) (out []db.CaseTie) {
	t.Helper()
	ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
		tables, err := tx.Tables(t.Context())
		if err != nil {
			return err
		}
		for _, table := range tables {
			if table.Name == "case_tie" {
				err = tx.EachRow(t.Context(), table, false, 0, func(row []any) error {
					out = append(out, db.CaseTie{PartID: row[0].([]byte), MainID: row[1].([]byte), Kind: row[2].(string), Hour: row[3].(int64)})
					return nil
				})
			}
		}
		return err
	}))
	return out
}

func link() seal.Statement { return seal.Statement{Act: seal.ActLink, How: seal.HowWord} }

func mergeInto(main *contact) seal.Statement {
	return seal.Statement{Act: seal.ActMerge, Main: main.id}
}

func unmergeFrom(main *contact) seal.Statement {
	return seal.Statement{Act: seal.ActUnmerge, Main: main.id}
}

func (w *world) merged(t *testing.T, main, part *contact) {
	t.Helper()
	ok(t, w.tie(part, main, w.people["olga"], link()))
	ok(t, w.tie(part, main, w.people["olga"], mergeInto(main)))
}

// Two cases are linked, merged and taken apart; the part follows its main case.
func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, sam := w.people["olga"], w.people["sam"]
		a, b := w.newCase(hotline.TeamDesk, "first"), w.newCase(hotline.TeamDesk, "again")
		wantKind(t, w.tie(a, b, olga, mergeInto(a)), hotline.KindConflict) // not linked
		ok(t, w.tie(a, b, olga, link()))
		wantKind(t, w.tie(a, b, olga, link()), hotline.KindConflict)
		wantKind(t, w.tie(b, a, olga, link()), hotline.KindConflict)

		again := w.pair(b, a, olga, mergeInto(a), nil)
		for range 2 { // a lost answer costs nothing
			_, err := w.do(olga, "POST", fill(api.PathTies, b.id), again)
			ok(t, err)
		}
		if got := w.ties(t); len(got) != 1 || got[0].Kind != seal.TieMerge || string(got[0].MainID) != string(a.id[:]) {
			t.Fatalf("ties: %+v", got)
		}
		// What is decided is decided on the main case; a part takes notes.
		note := w.statement(b, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "seen"})
		_, err := w.do(olga, "POST", fill(api.PathStatements, b.id), note)
		ok(t, err)
		step := w.statement(b, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageRegistered}, nil)
		_, err = w.do(olga, "POST", fill(api.PathStatements, b.id), step)
		wantKind(t, err, hotline.KindConflict)
		w.state(t, a, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageStandby}, nil)
		if got := w.caseNow(b).Stage; got != hotline.StageStandby {
			t.Errorf("the part is in stage %s", got)
		}
		// An answer by one door ends the waiting at both.
		_, err = w.do(olga, "POST", fill(api.PathReplies, b.id), w.goodReply(b, olga, "we are here"))
		ok(t, err)
		if w.caseNow(a).WaitingSince != 0 || w.caseNow(b).WaitingSince != 0 {
			t.Error("somebody still waits")
		}
		// The time for undoing.
		wantKind(t, w.tie(a, b, olga, seal.Statement{Act: seal.ActUnlink}), hotline.KindConflict) // merged
		w.clock.Move(8 * 24 * time.Hour)
		wantKind(t, w.tie(a, b, olga, unmergeFrom(a)), hotline.KindDenied)
		late := w.pair(a, b, olga, unmergeFrom(a), nil)
		_, err = w.do(olga, "POST", fill(api.PathUntie, a.id), late)
		wantKind(t, err, hotline.KindDenied)
		_, err = w.do(sam, "POST", fill(api.PathUntie, a.id), w.pair(a, b, sam, unmergeFrom(a), nil))
		ok(t, err)
		if got := w.caseNow(b).Stage; got != hotline.StageNew {
			t.Errorf("after undoing, the part is in stage %s", got)
		}
		ok(t, w.tie(a, b, olga, seal.Statement{Act: seal.ActUnlink})) // it is a link since now
		if got := w.ties(t); len(got) != 0 {
			t.Errorf("ties: %+v", got)
		}
		report, err := server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)
		ok(t, err)
		if len(report.Findings) != 0 {
			t.Errorf("the journal lacks something: %+v", report.Findings)
		}
	})
}

// What does not fit together is refused, and nothing is kept.
func TestBadPairs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, otto := w.people["olga"], w.people["otto"]
		a, b, c := w.newCase(hotline.TeamDesk, "a"), w.newCase(hotline.TeamDesk, "b"), w.newCase(hotline.TeamDesk, "c")
		field := w.newCase(hotline.TeamField, "of another team")
		good := func(spoil func(here, there *seal.Statement)) api.NewTie { return w.pair(a, b, olga, link(), spoil) }
		half := good(nil)
		half.There = api.NewStatement{}
		swapped := good(nil)
		swapped.There = w.pair(b, c, olga, link(), nil).Here
		others := good(nil)
		others.There = w.pair(b, a, otto, link(), nil).Here
		w.refuse(t, olga, fill(api.PathTies, a.id), good(nil), []bad{
			{"one half alone", half, hotline.KindInvalid},
			{"the other half names a third case", swapped, hotline.KindForged},
			{"the other half is somebody else's", others, hotline.KindForged},
			{"another state of the other case", good(func(h, _ *seal.Statement) { h.OtherPrev = seal.Hash{1} }), hotline.KindForged},
			{"both of another state", good(func(h, th *seal.Statement) { h.OtherPrev, th.Prev, th.Seq = seal.Hash{1}, seal.Hash{1}, 1 }), hotline.KindConflict},
			{"another hour", good(func(_, th *seal.Statement) { th.Hour++ }), hotline.KindForged},
			{"another way of knowing", good(func(_, th *seal.Statement) { th.How, th.Proposal = seal.HowTwo, seal.Hash{1} }), hotline.KindForged},
			{"with itself", good(func(h, _ *seal.Statement) { h.Other = a.id }), hotline.KindInvalid},
			{"two people who were not asked", good(func(h, th *seal.Statement) {
				h.How, th.How, h.Proposal, th.Proposal = seal.HowTwo, seal.HowTwo, seal.Hash{1}, seal.Hash{1}
			}), hotline.KindConflict},
			{"of another team", w.pair(a, field, olga, link(), nil), hotline.KindNotFound},
			{"not about two cases", api.NewTie{Here: w.statement(a, olga, seal.Statement{Act: seal.ActUrgency, Urgency: 1}, nil), There: half.Here}, hotline.KindInvalid},
			{"a link with a key", api.NewTie{Here: half.Here, There: good(nil).There, Child: &api.NewGeneration{}}, hotline.KindInvalid},
			{"undoing what was not done", w.pair(a, b, olga, unmergeFrom(a), nil), hotline.KindConflict},
		})
		// Half an act on one case's own route is no way in.
		_, err := w.do(olga, "POST", fill(api.PathStatements, a.id), half.Here)
		wantKind(t, err, hotline.KindInvalid)

		// Three cases, and no circles: b and c into a; nothing into a part, and a
		// case with parts becomes none. (refuse has linked a and b.)
		ok(t, w.tie(b, a, olga, mergeInto(a)))
		ok(t, w.tie(a, b, olga, unmergeFrom(a)))
		ok(t, w.tie(a, b, olga, mergeInto(a)))
		w.merged(t, a, c)
		d := w.newCase(hotline.TeamDesk, "d")
		for _, x := range []*contact{a, b} {
			ok(t, w.tie(d, x, olga, link()))
		}
		wantKind(t, w.tie(d, b, olga, mergeInto(b)), hotline.KindConflict) // into a part
		wantKind(t, w.tie(d, b, olga, mergeInto(d)), hotline.KindConflict) // a part once more
		wantKind(t, w.tie(d, a, olga, mergeInto(d)), hotline.KindConflict) // a has parts
		wantKind(t, w.tie(a, b, olga, mergeInto(b)), hotline.KindConflict) // the other way round
		ok(t, w.tie(d, a, olga, mergeInto(a)))

		// A main case that has ended takes nobody in.
		e, f := w.newCase(hotline.TeamDesk, "e"), w.newCase(hotline.TeamDesk, "f")
		ok(t, w.tie(e, f, olga, link()))
		w.state(t, e, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageUnfounded}, nil)
		wantKind(t, w.tie(e, f, olga, mergeInto(e)), hotline.KindConflict)
		ok(t, w.tie(e, f, olga, mergeInto(f)))
		if w.caseNow(e).Stage != hotline.StageNew {
			t.Error("a part of an open case counts as ended")
		}
	})
}

// Of two who merge at once, one is told that another act came first.
func TestTwoMergeAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a, b := w.newCase(hotline.TeamDesk, "a"), w.newCase(hotline.TeamDesk, "b")
		ok(t, w.tie(a, b, w.people["olga"], link()))
		acts := map[string]api.NewTie{
			"olga": w.pair(a, b, w.people["olga"], mergeInto(a), nil),
			"otto": w.pair(b, a, w.people["otto"], mergeInto(b), nil),
		}
		var mu sync.Mutex
		done := map[string]error{}
		var group sync.WaitGroup
		for name, in := range acts {
			group.Go(func() {
				at := a.id
				if name == "otto" {
					at = b.id
				}
				_, err := w.do(w.people[name], "POST", fill(api.PathTies, at), in)
				mu.Lock()
				defer mu.Unlock()
				done[name] = err
			})
		}
		group.Wait()
		won := 0
		for name, err := range done {
			if err == nil {
				won++
			} else if hotline.KindOf(err) != hotline.KindConflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		if won != 1 || len(w.ties(t)) != 1 || w.ties(t)[0].Kind != seal.TieMerge {
			t.Errorf("%d won: %+v", won, w.ties(t))
		}
	})
}

// Where no word could be asked, two people decide, and both can read both cases.
func TestLinkByTwo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		a, b := w.newCase(hotline.TeamDesk, "a"), w.newCase(hotline.TeamDesk, "b")
		proposal := func(by string, x, y hotline.CaseID) []byte {
			s, err := seal.NewSubject(seal.NewLinkSubject(x, y))
			ok(t, err)
			now := hotline.HourOf(w.clock.Now())
			p, err := seal.SignProposal(seal.Proposal{
				Desk: w.roster.Desk, Act: hotline.SharedLink, Subject: s, Reason: "the same words", Hour: now, Expires: now + 20,
			}, w.people[by].key)
			ok(t, err)
			return p.Text()
		}
		ask := func(by string, text []byte) error {
			_, err := w.do(w.people[by], "POST", api.PathProposals, api.NewProposal{Text: text})
			return err
		}
		wantKind(t, ask("frank", proposal("frank", a.id, b.id)), hotline.KindNotFound)
		wantKind(t, ask("olga", proposal("olga", a.id, hotline.CaseID{1})), hotline.KindNotFound)
		text := proposal("olga", a.id, b.id)
		ok(t, ask("olga", text))
		_, signed, err := seal.ParseProposal(text)
		ok(t, err)
		two := seal.Statement{Act: seal.ActLink, How: seal.HowTwo, Proposal: signed.Hash()}
		wantKind(t, w.tie(a, b, olga, two), hotline.KindConflict)
		wantKind(t, w.decide("frank", text, seal.DecisionApprove), hotline.KindNotFound)
		ok(t, w.decide("otto", text, seal.DecisionApprove))
		wrong := two
		wrong.Proposal = seal.Hash{9}
		wantKind(t, w.tie(a, b, olga, wrong), hotline.KindConflict)
		ok(t, w.tie(b, a, w.people["otto"], two))
		if state := w.proposalState(t, "sam", text); state != api.ProposalUsed {
			t.Errorf("the proposal is %s", state)
		}
		ok(t, w.tie(a, b, olga, seal.Statement{Act: seal.ActUnlink}))
		wantKind(t, w.tie(a, b, olga, two), hotline.KindConflict) // it counts once
	})
}

// A merged case ends, is folded and is removed as one; forgetting takes all.
func TestMergedGoTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		a, b := w.newCase(hotline.TeamDesk, "a"), w.newCase(hotline.TeamDesk, "b")
		w.days(t, 1)
		w.merged(t, a, b)
		w.state(t, a, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageUnfounded}, nil)
		row, _ := w.row(b)
		if row.Stage != string(hotline.StageUnfounded) || !row.ClosedHour.Valid || row.WaitingSinceMs.Valid {
			t.Fatalf("the part after closing: %+v", row)
		}
		if got := w.days(t, 32); got.Folded != 2 {
			t.Fatalf("folded %d cases", got.Folded)
		}
		for _, tie := range w.ties(t) {
			if tie.Hour%24 != 0 {
				t.Error("an hour stays of a folded case")
			}
		}
		wantKind(t, w.tie(a, b, olga, unmergeFrom(a)), hotline.KindConflict) // folded
		if got := w.days(t, 60); got.Removed != 2 || len(w.ties(t)) != 0 {
			t.Errorf("removed %d cases, ties left %+v", got.Removed, w.ties(t))
		}

		c, d, e := w.newCase(hotline.TeamDesk, "c"), w.newCase(hotline.TeamDesk, "d"), w.newCase(hotline.TeamDesk, "e")
		w.merged(t, c, d)
		w.merged(t, c, e)
		forget := func(x *contact) error {
			_, err := w.do(w.people["sam"], "POST", api.PathForget, seal.ForgetSubject{Case: x.id})
			return err
		}
		base := func() seal.Hash {
			now, parts := w.caseNow(c), []seal.ForgetPart{}
			for _, p := range []*contact{e, d} {
				n := w.caseNow(p)
				parts = append(parts, seal.ForgetPart{Case: p.id, Statement: n.StatementHead, ContactSeq: n.ContactSeq})
			}
			return seal.ForgetBaseWith(now.StatementHead, now.ContactSeq, parts)
		}
		w.agreed(t, "sam", "olga", hotline.SharedForget, seal.ForgetSubject{Case: c.id}, base())
		wantKind(t, forget(d), hotline.KindConflict)
		w.write(d, "one more") // in a part: what was approved is not what would go
		wantKind(t, forget(c), hotline.KindConflict)
		w.agreed(t, "sam", "olga", hotline.SharedForget, seal.ForgetSubject{Case: c.id}, base())
		ok(t, forget(c))
		for _, x := range []*contact{c, d, e} {
			if _, found := w.row(x); found {
				t.Error("a case is still there")
			}
		}
		gone, err := get[api.GonePage](w, olga, api.PathGone)
		ok(t, err)
		n := 0
		for _, g := range gone.Cases {
			if g.Why == api.GoneForget && len(g.Proof) > 0 {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d cases are proved to be gone", n)
		}
	})
}

// What is merged is read as one case: each is a leaf, together they count once.
func TestMergedCountOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		a, b := w.newCase(hotline.TeamDesk, "a"), w.newCase(hotline.TeamDesk, "b")
		w.merged(t, a, b)
		before := w.marks()[0]
		for _, c := range []*contact{a, b} {
			if rec := w.ask(olga, http.MethodPost, fill(api.PathRead, c.id), []byte(`{"seq":0}`)); rec.Code != http.StatusOK {
				t.Fatal(rec.Body)
			}
		}
		if n := w.marks()[0] - before; n != 2 {
			t.Errorf("%d leaves for two readings", n)
		}
		var n int64
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			mine, err := tx.TallyOf(t.Context(), db.TallyOfParams{Wire: string(hotline.WireRead), Actor: olga.member.ID, AfterMinute: 0})
			n = mine.N
			return err
		}))
		if n != 1 {
			t.Errorf("counted %d times", n)
		}
	})
}

// tieProbe keeps a second case beside c and asks for act on both.
func tieProbe(undo bool) probe {
	return func(w *world, c *contact, p *person) (any, func()) {
		olga := w.people["olga"]
		if c.partner == nil {
			c.partner = w.newCase(c.team, "another")
		}
		linked := func() bool {
			return strings.Contains(w.tieState(c), seal.TieLink)
		}
		if undo != linked() {
			st := link()
			if !undo {
				st = seal.Statement{Act: seal.ActUnlink}
			}
			ok(w.tb, w.tie(c, c.partner, olga, st))
		}
		st := link()
		if undo {
			st = seal.Statement{Act: seal.ActUnlink}
		}
		return w.pair(c, c.partner, p, st, nil), func() {}
	}
}

func (w *world) tieState(c *contact) (out string) {
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.TiesOf(context.Background(), c.id[:])
		for _, r := range rows {
			out += r.Kind
		}
		return err
	}))
	return out
}
