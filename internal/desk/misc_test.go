package desk_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

func TestExportAndJournal(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("не для чужих глаз")
	st := w.work(&w.anna)
	var out bytes.Buffer
	wantKind(t, st.ExportTo(ctx, &out), hotline.KindConflict) // a reason first, although nobody else is asked here
	must(st.ProposeExport(ctx, "на случай пожара"))
	ok(t, st.ExportTo(ctx, &out))
	names := 0
	for r := tar.NewReader(bytes.NewReader(out.Bytes())); ; names++ {
		if _, err := r.Next(); err != nil {
			break
		}
	}
	if names < 5 || strings.Contains(out.String(), "чужих") {
		t.Errorf("%d files", names)
	}
	ok(t, st.ReadLedger(time.Minute))
	synced, _ := st.LedgerPage(desk.LedgerFilter{Actor: st.State().ID, Act: "case.sync"}, 0, 10)
	if len(synced) == 0 || !synced[0].Proved {
		t.Errorf("the fetching of a case is not in the journal: %+v", synced)
	}
	if !strings.Contains(st.State().Checkpoint, " ") {
		t.Errorf("%q", st.State().Checkpoint)
	}
	_ = w.work(&w.boris)
	operator := w.newStation(nil)
	wantKind(t, operator.ExportTo(ctx, &out), hotline.KindLocked)
	_, err := st.Case(ctx, hotline.CaseID{1})
	wantKind(t, err, hotline.KindNotFound)
	if _, err := st.Note(ctx, c.id, " \n"); hotline.KindOf(err) != hotline.KindInvalid {
		t.Error(err)
	}
}

// TestDamagedFolder opens nothing when an act cannot be read, and deletes
// nothing either.
func TestDamagedFolder(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("слово")
	st := w.work(&w.anna)
	st.powerCut()
	r, err := st.Reply(ctx, c.id, "ответ")
	queued(t, r, err)
	ok(t, st.Close())
	files := must(filepath.Glob(filepath.Join(st.dir, "outbox", "*.age")))
	if len(files) != 1 {
		t.Fatal(files)
	}
	whole := must(os.ReadFile(files[0]))
	ok(t, os.WriteFile(files[0], whole[:len(whole)-3], 0o600))
	ok(t, os.WriteFile(filepath.Join(st.dir, "outbox", ".new-123"), []byte("half"), 0o600)) // what a power cut leaves
	st.open()
	wantKind(t, st.Unlock(ctx, passphrase), hotline.KindInvalid)
	if st.State().Phase != desk.PhaseLocked {
		t.Errorf("%+v", st.State())
	}
	ok(t, os.WriteFile(files[0], whole, 0o600))
	w.serve(nil)
	ok(t, st.Unlock(ctx, passphrase))
	st.await("the outbox to empty", func() bool { s := st.State(); return s.Online && s.Waiting == 0 })
	if got := w.replies(c); len(got) != 1 || got[0] != "ответ" {
		t.Errorf("%q", got)
	}
}

// TestNoticesAreMerged lets a subscriber sleep while much happens.
func TestNoticesAreMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("слово")
	st := w.work(&w.anna)
	notices, stop := st.Subscribe()
	for range 20 {
		ok(t, st.SaveDraft(c.id, "а"))
		ok(t, st.SaveDraft(c.id, ""))
	}
	seen := map[desk.Notice]int{}
	want := desk.Notice{Kind: desk.NoticeCase, Case: c.id}
	for seen[want] == 0 {
		seen[<-notices]++
	}
	stop()
	stop() // ending twice is fine
	for n := range notices {
		seen[n]++
	}
	if seen[want] > 3 {
		t.Errorf("told %d times", seen[want])
	}
}
