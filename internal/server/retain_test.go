package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/doctest"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const day = 24 * time.Hour

// days lets days pass, with the job running each day as it does.
func (w *world) days(t *testing.T, n int) (total server.Retained) {
	t.Helper()
	for range n {
		w.clock.Move(day)
		r, err := w.s.Retain(t.Context())
		ok(t, err)
		if r.Paused {
			t.Fatal("the clock is not believed")
		}
		total.Folded, total.Removed, total.Words = total.Folded+r.Folded, total.Removed+r.Removed, total.Words+r.Words
		total.Deep = total.Deep || r.Deep
	}
	return total
}

// state makes a statement, and fails the test where that is refused.
func (w *world) state(t *testing.T, c *contact, p *person, st seal.Statement, body *seal.StatementBody) {
	t.Helper()
	_, err := w.do(p, http.MethodPost, fill(api.PathStatements, c.id), w.statement(c, p, st, body))
	ok(t, err)
}

// ended writes a case that was answered and has ended in a stage.
func (w *world) ended(t *testing.T, stage hotline.Stage) *contact {
	t.Helper()
	olga := w.people["olga"]
	c := w.newCase(hotline.TeamDesk, "I would like to live")
	_, err := w.do(olga, http.MethodPost, fill(api.PathReplies, c.id), w.goodReply(c, olga, "we are here"))
	ok(t, err)
	w.state(t, c, olga, seal.Statement{Act: seal.ActNote}, &seal.StatementBody{Text: "calm"})
	for _, s := range hotline.StageNew.Route(stage) {
		w.state(t, c, olga, seal.Statement{Act: seal.ActStage, Stage: s}, nil)
	}
	return c
}

func (w *world) row(c *contact) (row db.HotlineCase, found bool) {
	w.tb.Helper()
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) (err error) {
		row, err = tx.CaseByID(context.Background(), c.id[:])
		if found = err == nil; store.Missing(err) {
			err = nil
		}
		return err
	}))
	return row, found
}

func (w *world) sync(t *testing.T, p *person, c *contact) api.Bundle {
	t.Helper()
	a, err := post[api.SyncAnswer](w, p, api.PathSync, api.SyncRequest{Items: []api.SyncItem{{ID: c.id, AfterPlace: -1, AfterStatement: -1}}})
	ok(t, err)
	if len(a.Cases) != 1 {
		t.Fatalf("%d cases", len(a.Cases))
	}
	return a.Cases[0]
}

// docs/retention.md shows the table that the program has.
func TestRetentionDocument(t *testing.T) {
	t.Parallel()
	doctest.Section(t, "retention.md", "table", hotline.DefaultRetention().Markdown())
}

func TestFold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.ended(t, hotline.StageReferred)
		before := w.sync(t, olga, c)
		grace := hotline.DefaultRetention().Referred.Fold
		w.days(t, 1)
		if r := w.days(t, grace-1); r.Folded != 0 {
			t.Fatal("folded within the grace")
		}
		if r := w.days(t, 1); r.Folded != 1 {
			t.Fatalf("after the grace: %+v", r)
		}
		row, _ := w.row(c)
		if row.Lookup != nil || row.ContactKey != nil || row.ContactRecipient != "" || row.CodeIndex != nil || row.ContactHeader != nil ||
			row.ReadHour.Valid || row.UsedHour.Valid || row.UsedCount != 0 || row.CreatedHour%24 != 0 || row.ClosedHour.Int64%24 != 0 {
			t.Errorf("what is left of the row: %+v", row)
		}
		after := w.sync(t, olga, c)
		if !after.Case.Folded || len(after.Statements) != 0 || len(after.Pending) != 0 || len(after.Records) != len(before.Records) {
			t.Errorf("a folded case: %+v", after.Case)
		}
		f, err := seal.OpenFold(c.keys[0], after.Fold)
		ok(t, err)
		for i, r := range after.Records {
			if r.Header != nil || r.Hour%24 != 0 || !bytes.Equal(r.File, before.Records[i].File) {
				t.Errorf("record %d: hour %d, header of %d bytes", i, r.Hour, len(r.Header))
			}
			if !bytes.Equal(f.Records[i].Header, before.Records[i].Header) || f.Records[i].Place != r.Place || f.Records[i].Hour != before.Records[i].Hour {
				t.Errorf("record %d is another in the fold", i)
			}
		}
		for i, st := range before.Statements {
			if !bytes.Equal(f.Statements[i].Text, st.Text) || !bytes.Equal(f.Statements[i].Sealed, st.Sealed) {
				t.Errorf("statement %d is another in the fold", i)
			}
		}
		if !bytes.Equal(f.Generations[0], before.Generations[0].Statement) || string(after.Generations[0].Statement) != c.keys[0].Recipient().String() {
			t.Error("the key's announcement is not in the fold, or not out of it")
		}

		report := must(server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil))
		if !report.OK() || report.LetGo == 0 {
			t.Errorf("the journal: %v", report)
		}
		w.refusesActs(t, c)
		if r := w.days(t, 3); r.Folded != 0 {
			t.Error("folded twice")
		}
	})
}

// refusesActs tries everything that would add to a folded case.
func (w *world) refusesActs(t *testing.T, c *contact) {
	t.Helper()
	olga := w.people["olga"]
	g, _, _ := w.generation(c, nil, w.teams[c.team].Reply, olga.key)
	for path, in := range map[string]any{
		api.PathReplies:     w.goodReply(c, olga, "again"),
		api.PathStatements:  w.statement(c, olga, seal.Statement{Act: seal.ActStage, Stage: hotline.StageRegistered}, nil),
		api.PathGenerations: g,
		api.PathWraps:       api.Rewrap{Wrap: g.Wraps[0]},
	} {
		_, err := w.do(olga, http.MethodPost, fill(path, c.id), in)
		wantKind(t, err, hotline.KindConflict)
	}
	_, err := w.do(olga, http.MethodPost, fill(api.PathRead, c.id), api.Read{Seq: 0}) // reading is allowed, and leaves no hour
	ok(t, err)
	if row, _ := w.row(c); row.ReadHour.Valid {
		t.Error("reading a folded case left its hour")
	}
}

// A row that has no leaf is found although leaves were let go, and so is a case
// that is said to be folded and is not.
func TestVerifyAfterRetention(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.ended(t, hotline.StageReferred)
		other := w.ended(t, hotline.StageStandby)
		if r := w.days(t, 40); r.Folded != 1 || r.Words != 0 {
			t.Fatalf("%+v", r)
		}
		verify := func() int {
			return len(must(server.Verify(ctx, w.db, w.signer.Verifier().String(), nil)).Findings)
		}
		if verify() != 0 {
			t.Error("retention alone is found fault with")
		}
		ok(t, w.db.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: bytes.Repeat([]byte{1}, 32), CaseID: other.id[:], Side: "desk", File: []byte("x"), Hour: 1})
			return err
		}))
		if verify() != 1 {
			t.Error("an old row without a leaf is not found")
		}
		ok(t, w.db.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.InsertFold(ctx, db.InsertFoldParams{CaseID: other.id[:], File: []byte("x")})
			return err
		}))
		if verify() == 0 {
			t.Error("a fold of nobody's making is not found")
		}
	})
}

// Each stage goes at its own time, and somebody who waits holds everything up.
func TestRemove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		table := hotline.DefaultRetention()
		cases := map[hotline.Stage]*contact{}
		for _, s := range hotline.EndStages() {
			cases[s] = w.ended(t, s)
		}
		waits := w.ended(t, hotline.StageUnfounded)
		w.write(waits, "I am still here")
		open := w.ended(t, hotline.StageStandby)
		w.decoy(t)
		for n := range 184 {
			w.days(t, 1)
			for s, c := range cases {
				k, _ := table.Of(s)
				row, found := w.row(c)
				if found != (n+1 <= k.Whole) || (found && row.FoldedDay.Valid != (n+1 > k.Fold)) {
					t.Fatalf("%s after %d days: there %v, folded %v", s, n+1, found, row.FoldedDay)
				}
			}
		}
		for name, c := range map[string]*contact{"somebody waits": waits, "on standby": open} {
			if row, found := w.row(c); !found || row.FoldedDay.Valid {
				t.Errorf("%s: there %v, folded %v", name, found, row.FoldedDay)
			}
		}
		w.hasDecoy(t)
		if report := must(server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)); !report.OK() {
			t.Error(report)
		}
		page, err := get[api.GonePage](w, w.people["olga"], api.PathGone)
		ok(t, err)
		if len(page.Cases) != 2 { // of 4, two went more than a quarter ago
			t.Errorf("traces: %+v", page)
		}
		if others, err := get[api.GonePage](w, w.people["frank"], api.PathGone); err != nil || len(others.Cases) != 0 {
			t.Errorf("another team sees %+v, %v", others, err)
		}
	})
}

// decoy keeps the intake's case that belongs to nobody: no team, closed, below the feed.
func (w *world) decoy(t *testing.T) {
	t.Helper()
	p := db.InsertCaseParams{
		ID: bytes.Repeat([]byte{9}, 16), Lookup: bytes.Repeat([]byte{9}, 16), Channel: "web", Stage: "closed",
		DeskSeq: -1, StatementSeq: -1, SeenSeq: -1, CreatedHour: 1, Version: -7,
	}
	p.ClosedHour.Int64, p.ClosedHour.Valid = 1, true // worse than it is
	ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.InsertCase(t.Context(), p); return err }))
}

func (w *world) hasDecoy(t *testing.T) {
	t.Helper()
	ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.CaseByID(t.Context(), bytes.Repeat([]byte{9}, 16))
		if err == nil && (row.Lookup == nil || row.FoldedDay.Valid) {
			t.Error("the decoy was folded")
		}
		return err
	}))
}

// A jump of the clock removes nothing, whichever way it goes.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.ended(t, hotline.StageClosed)
		w.days(t, 1)
		before := w.snapshotCases()
		for _, jump := range []time.Duration{365 * day, -366 * day} {
			w.clock.Move(jump)
			for range 3 {
				r, err := w.s.Retain(t.Context())
				ok(t, err)
				if !r.Paused || r.Folded+r.Removed != 0 {
					t.Fatalf("after a jump of %v: %+v", jump, r)
				}
				w.clock.Move(time.Hour)
			}
		}
		if w.snapshotCases() != before {
			t.Error("a jump has changed something")
		}
		w.clock.Move(day) // right again
		r, err := w.s.Retain(t.Context())
		ok(t, err)
		if r.Paused {
			t.Error("still paused when the clock is right again")
		}
		if _, found := w.row(c); !found {
			t.Error("the case is gone")
		}
	})
}

func (w *world) snapshotCases() string {
	var lines []string
	for line := range strings.SplitSeq(w.snapshot(), "\n") {
		if !strings.Contains(line, "Setting") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// Of several nodes one has the turn; a clock that went back does not stop it.
func TestOneNodeLetsGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		nodes := []*server.Server{w.s, w.node(w.db, nil), w.node(w.db, nil)}
		turns := func() (n int) {
			for range 3 {
				for _, s := range nodes {
					mine, err := s.Turn(t.Context())
					ok(t, err)
					if mine {
						n++
					}
				}
			}
			return n
		}
		for _, move := range []time.Duration{0, time.Hour, 2 * time.Hour, -30 * day} {
			w.clock.Move(move)
			if n := turns(); n != 1 {
				t.Errorf("after %v: %d turns", move, n)
			}
		}
	})
}

// A case that was removed does not come back with an envelope that is sent again.
func TestRemovedStaysAway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.ended(t, hotline.StageUnfounded)
		w.days(t, hotline.DefaultRetention().Unfounded.Whole+1)
		if _, found := w.row(c); found {
			t.Fatal("still there")
		}
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			row, err := tx.CaseGone(t.Context(), c.id[:])
			if err == nil && (row.Why != api.GoneDue || row.Proof != nil) {
				t.Errorf("%+v", row)
			}
			return err
		}))
		words := 0
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			leaves, err := tx.JournalLeaves(t.Context(), 0, 10_000)
			for _, l := range leaves {
				if bytes.Contains(l.Entry, []byte(c.id.String())) {
					words++
				}
			}
			return err
		}))
		if words != 1 { // the removal itself, for a month
			t.Errorf("%d entries of the journal name the case", words)
		}
		if r := w.days(t, hotline.DefaultRetention().Reads+1); r.Words == 0 {
			t.Error("the removal keeps its words")
		}
		if text := fmt.Sprint(w.logs); strings.Contains(text, c.id.String()) {
			t.Error("the log names the case")
		}
	})
}
