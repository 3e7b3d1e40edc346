package desk_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// days lets days pass on the server, which lets go what is due.
func (w *world) days(n int) (folded, removed int) {
	w.tb.Helper()
	for range n {
		w.clock.move(24 * time.Hour)
		r, err := w.s.Retain(context.Background())
		ok(w.tb, err)
		folded, removed = folded+r.Folded, removed+r.Removed
	}
	return folded, removed
}

func fileCount(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.age"))
	ok(t, err)
	return len(names)
}

// A folded case opens from the fold, and everything in it is verified as on the
// day it was written; what a desk kept of it goes at the next contact.
func TestFoldedCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.work(&w.anna)
	c := w.newCase("Is anybody there?")
	anna.await("the case", func() bool { v, err := anna.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	_, err := anna.Reply(t.Context(), c.id, "We are here.")
	ok(t, err)
	_, err = anna.Note(t.Context(), c.id, "calm")
	ok(t, err)
	_, err = anna.SetStage(t.Context(), c.id, hotline.StageReferred)
	ok(t, err)
	anna.caughtUp()
	ok(t, anna.SaveDraft(c.id, "half a sentence"))
	if fileCount(t, filepath.Join(anna.dir, "drafts")) != 1 {
		t.Fatal("no draft on the disk")
	}
	before := anna.view(c.id)
	if folded, _ := w.days(32); folded != 1 {
		t.Fatalf("%d cases folded", folded)
	}
	anna.await("the draft to go", func() bool { return fileCount(t, filepath.Join(anna.dir, "drafts")) == 0 })
	boris := w.work(&w.boris) // who has never seen it
	for name, st := range map[string]*station{"who knew it": anna, "a new desk": boris} {
		v := st.view(c.id)
		if !v.Folded || v.CanReply || len(v.NextStages) != 0 || len(v.Summary) != 0 || v.Problems != 0 {
			t.Errorf("%s: folded %v, can reply %v, stages %v, problems %v", name, v.Folded, v.CanReply, v.NextStages, v.Summary)
		}
		if len(v.Messages) != 2 || len(v.History) != len(before.History) || len(v.Notes) != 1 || v.Notes[0].Text != "calm" {
			t.Fatalf("%s sees %d messages, %d acts", name, len(v.Messages), len(v.History))
		}
		for i, m := range v.Messages {
			if !m.Verified || m.Text != before.Messages[i].Text || len(m.Problems) != 0 || m.Arrived%24 != 0 {
				t.Errorf("%s: message %d: %+v", name, i, m)
			}
		}
		if _, err := st.Reply(t.Context(), c.id, "again"); hotline.KindOf(err) != hotline.KindConflict {
			t.Errorf("%s: a reply to a folded case: %v", name, err)
		}
		if a := st.Alarms(); len(a) != 0 {
			t.Errorf("%s is alarmed: %+v", name, a)
		}
	}
	if _, removed := w.days(62); removed != 1 {
		t.Fatalf("%d cases removed", removed)
	}
	for _, st := range []*station{anna, boris} {
		st.await("the removal", func() bool { return st.State().Cases == 0 })
		st.restart()
		st.caughtUp()
		if a := st.Alarms(); len(a) != 0 {
			t.Errorf("alarmed by a removal that was due: %+v", a)
		}
		if _, err := st.Case(t.Context(), c.id); hotline.KindOf(err) != hotline.KindNotFound {
			t.Errorf("the case after its removal: %v", err)
		}
	}
}

// An act that was not sent before the case was let go is gone from the disk,
// and the operator is told.
func TestFoldedCaseTakesTheOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	c := w.newCase("Is anybody there?")
	anna.await("the case", func() bool { v, err := anna.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	boris.await("the case", func() bool { v, err := boris.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	_, err := anna.SetStage(t.Context(), c.id, hotline.StageUnfounded)
	ok(t, err)
	boris.await("the stage", func() bool { return boris.view(c.id).Stage == hotline.StageUnfounded })
	w.stop()
	boris.await("being offline", func() bool { return !boris.State().Online })
	r, err := boris.Note(t.Context(), c.id, "never sent")
	ok(t, err)
	if r.Outcome != desk.OutcomeQueued || fileCount(t, filepath.Join(boris.dir, "outbox")) != 1 {
		t.Fatalf("%+v", r)
	}
	w.days(32)
	w.serve(nil)
	boris.await("the outbox to be empty", func() bool { return fileCount(t, filepath.Join(boris.dir, "outbox")) == 0 && len(boris.Alarms()) > 0 })
	if v := boris.view(c.id); len(v.Notes) != 0 {
		t.Error("the note reached a folded case")
	}
	entries, err := os.ReadDir(filepath.Join(boris.dir, "outbox"))
	if err != nil || len(entries) != 0 {
		t.Errorf("left on the disk: %v, %v", entries, err)
	}
}
