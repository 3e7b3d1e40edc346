package desk_test

import (
	"slices"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// rowFor finds a case in the queue.
func (st *station) rowFor(c hotline.CaseID) (desk.Row, bool) {
	st.w.tb.Helper()
	rows, err := st.Queue(desk.Filter{})
	ok(st.w.tb, err)
	i := slices.IndexFunc(rows, func(r desk.Row) bool { return r.ID == c })
	if i < 0 {
		return desk.Row{}, false
	}
	return rows[i], true
}

// twice is a person with two cases and a word in the first of them.
func twice(t *testing.T, w *world, anna *station) (first, again *contact) {
	t.Helper()
	first, again = w.newCase("I wrote in spring"), w.newCase("I have lost the code")
	anna.await("both", func() bool { return anna.State().Cases >= 2 })
	anna.caughtUp()
	r, err := anna.SetWords(t.Context(), first.id, "куст сирени", "зонтик")
	sent(t, r, err)
	return first, again
}

func TestLinkMergeReplyUndo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	first, again := twice(t, w, anna)
	for word, kind := range map[string]hotline.Kind{"wrong": hotline.KindConflict, "зонтик": hotline.KindConflict} {
		_, err := anna.Link(ctx, again.id, first.id, word)
		wantKind(t, err, kind)
	}
	_, err := anna.Link(ctx, again.id, again.id, "куст сирени")
	wantKind(t, err, hotline.KindInvalid)
	_, err = anna.Merge(ctx, again.id, first.id, first.id)
	wantKind(t, err, hotline.KindConflict)
	r, err := anna.Link(ctx, again.id, first.id, "Куст  сирени")
	sent(t, r, err)
	boris.await("the link", func() bool {
		v := boris.view(first.id)
		return len(v.Ties) == 1 && v.Ties[0].State == desk.TieBoth && v.Ties[0].Kind == seal.TieLink && v.Ties[0].By == "Anna"
	})
	if _, there := boris.rowFor(again.id); !there {
		t.Error("a linked case has left the queue")
	}
	w.clock.move(time.Hour)
	w.write(again, "are you there?")
	r, err = boris.Merge(ctx, again.id, first.id, first.id)
	sent(t, r, err)
	anna.await("the merge", func() bool { _, there := anna.rowFor(again.id); return !there })
	row, _ := anna.rowFor(first.id)
	if row.Parts != 1 || row.Unread != 3 || row.Snippet != "are you there?" {
		t.Errorf("the one row: %+v", row)
	}
	v := anna.view(first.id)
	var told []string
	for _, m := range v.Messages {
		told = append(told, m.Text)
	}
	if len(told) != 3 || told[2] != "are you there?" || v.Messages[2].Case != again.id || len(kinds(v)) != 0 {
		t.Errorf("one timeline: %q, problems %v", told, kinds(v))
	}
	hits, err := anna.Search("lost", 0)
	ok(t, err)
	if len(hits) != 1 || hits[0].Row.ID != first.id {
		t.Errorf("found %+v", hits)
	}
	// The reply goes where the person wrote last.
	if len(v.Doors) != 2 || v.Doors[0].Case != again.id || !v.CanReply {
		t.Fatalf("doors: %+v", v.Doors)
	}
	ok(t, anna.SaveDraft(first.id, "half"))
	r, err = anna.ReplyBy(ctx, first.id, v.Doors[0].Case, "we have you", v.Doors[0].DeskSeq)
	sent(t, r, err)
	if got := w.replies(again); len(got) != 1 || got[0] != "we have you" || len(w.replies(first)) != 0 {
		t.Errorf("the person gets %q", got)
	}
	anna.await("that nobody waits", func() bool { row, _ := anna.rowFor(first.id); return row.Waiting.IsZero() && !row.Draft })
	_, err = anna.MarkRead(ctx, first.id)
	ok(t, err)
	anna.await("that all is read", func() bool { row, _ := anna.rowFor(first.id); return row.Unread == 0 })
	_, err = anna.ReplyBy(ctx, first.id, hotline.CaseID{7}, "nobody", -1)
	wantKind(t, err, hotline.KindConflict)
	// What is decided is decided on the main case.
	_, err = anna.SetStage(ctx, again.id, hotline.StageRegistered)
	wantKind(t, err, hotline.KindConflict)
	r, err = anna.SetStage(ctx, first.id, hotline.StageStandby)
	sent(t, r, err)
	// A quiet group comes back from its cards as one.
	boris.await("the stage", func() bool {
		row, _ := boris.rowFor(first.id)
		return row.Stage == hotline.StageStandby && row.Unread == 0
	})
	boris.restart()
	boris.caughtUp()
	boris.await("one row", func() bool {
		_, part := boris.rowFor(again.id)
		row, _ := boris.rowFor(first.id)
		return !part && row.Parts == 1 && row.Problems == 0
	})
	if v := boris.view(again.id); v.PartOf != first.id || len(v.NextStages) != 0 || len(kinds(v)) != 0 {
		t.Errorf("the part: %+v", v)
	}
	// Boris is no supervisor: after the time he cannot undo it, Anna can.
	w.clock.move(8 * 24 * time.Hour)
	_, err = boris.Untie(ctx, first.id, again.id)
	wantKind(t, err, hotline.KindDenied)
	r, err = anna.Untie(ctx, first.id, again.id)
	sent(t, r, err)
	boris.await("two rows", func() bool {
		row, there := boris.rowFor(again.id)
		return there && row.Stage == hotline.StageNew && row.Problems == 0 && row.Linked
	})
	r, err = boris.Untie(ctx, first.id, again.id)
	sent(t, r, err)
	boris.await("nothing between them", func() bool { return len(boris.view(first.id).Ties) == 0 })
}

// Where no word could be asked, two people decide; one of their desks acts.
func TestLinkByTwoDesks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorldWith(t, (*world).supervised)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	a, b := w.newCase("one"), w.newCase("two")
	for _, st := range []*station{anna, boris} {
		st.await("both", func() bool { return st.State().Cases == 2 })
		st.caughtUp()
	}
	_, err := anna.Link(ctx, a.id, b.id, "слово")
	wantKind(t, err, hotline.KindConflict) // no word was agreed
	ok(t, anna.ProposeLink(ctx, a.id, b.id, "he knows what was written"))
	boris.approve(hotline.SharedLink)
	for _, st := range []*station{anna, boris} {
		st.await("the link", func() bool {
			v := st.view(b.id)
			return len(v.Ties) == 1 && v.Ties[0].State == desk.TieBoth && v.Ties[0].How == seal.HowTwo
		})
	}
}

// A server that shows half an act, or lets one be said of another case, gets
// nothing merged.
func TestHalfLink(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	anna := w.work(&w.anna)
	first, again := twice(t, w, anna)
	third := w.newCase("somebody else")
	r, err := anna.Link(ctx, again.id, first.id, "куст сирени")
	sent(t, r, err)
	r, err = anna.Merge(ctx, again.id, first.id, first.id)
	sent(t, r, err)
	without := func(id hotline.CaseID, act string) func(string, []byte) []byte {
		return tamper(api.PathSync, func(a *api.SyncAnswer) {
			for i, b := range a.Cases {
				if b.Case.ID != id {
					continue
				}
				a.Cases[i].Statements = slices.DeleteFunc(slices.Clone(b.Statements), func(st api.Statement) bool {
					parsed, _, err := seal.ParseStatement(st.Text)
					return err == nil && parsed.Act == act
				})
				n := len(a.Cases[i].Statements)
				a.Cases[i].Case.StatementSeq = int64(n) - 1
			}
		})
	}
	for name, x := range map[string]struct {
		change func(string, []byte) []byte
		at     hotline.CaseID
	}{
		"the main case does not speak of the merge": {without(first.id, seal.ActMerge), again.id},
		"the part does not speak of the merge":      {without(again.id, seal.ActMerge), first.id},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			boris := w.newStation(&w.boris)
			boris.wire.set(func(l *wire) { l.change = x.change })
			ok(t, boris.Unlock(ctx, passphrase))
			boris.await("the half act", func() bool {
				v, err := boris.Case(ctx, x.at)
				return err == nil && kinds(v)[desk.ProblemTie] > 0
			})
			for _, c := range []*contact{first, again} {
				if _, there := boris.rowFor(c.id); !there {
					t.Error("half an act has taken a case out of the queue")
				}
			}
			if _, err := boris.Merge(ctx, first.id, again.id, first.id); err == nil {
				t.Error("a desk has gone on from half an act")
			}
		})
	}
	t.Run("a statement is shown in another case", func(t *testing.T) {
		t.Parallel()
		boris := w.newStation(&w.boris)
		var moved *api.Statement
		boris.wire.set(func(l *wire) {
			l.change = tamper(api.PathSync, func(a *api.SyncAnswer) {
				for i, b := range a.Cases {
					if b.Case.ID == first.id && len(b.Statements) > 1 {
						moved = &b.Statements[1]
						moved.Seq = 0
					}
					if b.Case.ID == third.id && moved != nil {
						a.Cases[i].Statements = []api.Statement{*moved}
					}
				}
			})
		})
		ok(t, boris.Unlock(ctx, passphrase))
		boris.await("the three", func() bool { return boris.State().Cases == 3 && boris.State().Synced == 3 })
		if v := boris.view(third.id); len(v.Ties) != 0 {
			t.Errorf("ties of a third case: %+v", v.Ties)
		}
	})
}

// Some leave a case; their own has no door until they come by one.
func TestSplitAndOwnDoor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	c := w.newCase("we are two") // says so: two people
	anna.await("the case", func() bool { v, err := anna.Case(ctx, c.id); return err == nil && v.People == 2 })
	r, err := anna.SetStage(ctx, c.id, hotline.StageStandby)
	sent(t, r, err)
	_, err = anna.Split(ctx, c.id, desk.Parting{People: 2, Title: "all of them"})
	wantKind(t, err, hotline.KindInvalid)
	child, err := anna.Split(ctx, c.id, desk.Parting{People: 1, Title: "Son", Text: "he stays with his unit"})
	ok(t, err)
	for _, st := range []*station{anna, boris} {
		st.await("both sides", func() bool {
			p, o := st.view(c.id), st.view(child)
			return p.People == 1 && o.People == 1 && o.Title == "Son" && o.Stage == hotline.StageStandby && !o.CanReply &&
				len(p.Ties) == 1 && p.Ties[0].State == desk.TieBoth && p.Ties[0].Main && len(o.Ties) == 1 && len(kinds(p))+len(kinds(o)) == 0
		})
	}
	if v := boris.view(child); boris.view(c.id).Ties[0].Undo != true || v.Ties[0].Undo {
		t.Error("a parting is undone where it was made, and while nothing was added")
	}
	_, err = boris.Reply(ctx, child, "hello")
	wantKind(t, err, hotline.KindConflict)
	r, err = boris.Untie(ctx, c.id, child)
	sent(t, r, err)
	for _, st := range []*station{anna, boris} {
		st.await("that all are back", func() bool {
			_, there := st.rowFor(child)
			return !there && st.view(c.id).People == 2 && len(st.view(c.id).Ties) == 0
		})
		if a := st.Alarms(); len(a) != 0 {
			t.Errorf("alarms: %+v", a)
		}
	}
	// They leave again, and the son comes by a door of his own.
	child, err = anna.Split(ctx, c.id, desk.Parting{People: 1, Title: "Son"})
	ok(t, err)
	r, err = anna.SetWords(ctx, child, "якорь", "")
	sent(t, r, err)
	own := w.newCase("it is me, the son")
	anna.await("him", func() bool { _, there := anna.rowFor(own.id); return there })
	r, err = anna.Link(ctx, child, own.id, "якорь")
	sent(t, r, err)
	r, err = anna.Merge(ctx, child, own.id, child)
	sent(t, r, err)
	v := anna.view(child)
	if len(v.Doors) != 1 || v.Doors[0].Case != own.id || !v.CanReply || len(v.Messages) != 1 {
		t.Fatalf("his door: %+v", v.Doors)
	}
	r, err = anna.ReplyBy(ctx, child, own.id, "good that you write", v.Doors[0].DeskSeq)
	sent(t, r, err)
	if got := w.replies(own); len(got) != 1 {
		t.Errorf("he gets %q", got)
	}
	_, err = anna.Untie(ctx, c.id, child)
	wantKind(t, err, hotline.KindConflict) // it has grown
}

// Both cases of a person are forgotten together, and every desk believes it.
func TestForgottenTogether(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorldWith(t, (*world).supervised)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	first, again := twice(t, w, anna)
	r, err := anna.Link(ctx, again.id, first.id, "куст сирени")
	sent(t, r, err)
	r, err = anna.Merge(ctx, again.id, first.id, first.id)
	sent(t, r, err)
	boris.await("the merge", func() bool { row, _ := boris.rowFor(first.id); return row.Parts == 1 })
	wantKind(t, anna.ProposeForget(ctx, again.id, "asked"), hotline.KindConflict)
	ok(t, anna.ProposeForget(ctx, first.id, "asked"))
	boris.approve(hotline.SharedForget)
	for _, st := range []*station{anna, boris} {
		st.await("forgetting", func() bool { return st.State().Cases == 0 })
		if a := st.Alarms(); len(a) != 0 {
			t.Errorf("alarms: %+v", a)
		}
	}
}
