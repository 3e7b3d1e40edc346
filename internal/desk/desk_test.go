package desk_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func sent(t *testing.T, r desk.Result, err error) {
	t.Helper()
	ok(t, err)
	if r.Outcome != desk.OutcomeSent {
		t.Fatalf("not sent: %+v", r)
	}
}

func TestConversation(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("Я хочу сдаться. Ёлка у моста")
	st := w.work(&w.anna)
	v := st.view(c.id)
	if len(v.Messages) != 1 || v.Messages[0].Text != "Я хочу сдаться. Ёлка у моста" || !v.Messages[0].Verified || !v.Messages[0].New ||
		v.Unread != 1 || v.People != 2 || v.Language != "ru" || !slices.Equal(v.Code, c.Code.Groups()) || v.Problems != 0 || len(v.Summary) != 0 {
		t.Fatalf("%+v", v)
	}
	r, err := st.Reply(ctx, c.id, "Мы слышим вас.")
	sent(t, r, err)
	if got := w.replies(c); !slices.Equal(got, []string{"Мы слышим вас."}) {
		t.Fatalf("the person gets %q", got)
	}
	r, err = st.Reply(ctx, c.id, "Где вы?")
	sent(t, r, err)
	people := 11
	for _, act := range []func() (desk.Result, error){
		func() (desk.Result, error) { return st.MarkRead(ctx, c.id) },
		func() (desk.Result, error) { return st.SetStage(ctx, c.id, hotline.StageRegistered) },
		func() (desk.Result, error) { return st.SetStage(ctx, c.id, hotline.StageStandby) },
		func() (desk.Result, error) { return st.SetUrgency(ctx, c.id, hotline.UrgencyUrgent) },
		func() (desk.Result, error) { return st.Note(ctx, c.id, "спокоен, говорит ясно") },
		func() (desk.Result, error) {
			return st.SetFacts(ctx, c.id, desk.Facts{Title: "Взвод у моста", People: &people})
		},
		func() (desk.Result, error) { return st.SetWords(ctx, c.id, "Берёза", "осина") },
		func() (desk.Result, error) {
			return st.Handover(ctx, c.id, "позвонить утром", w.boris.OperatorID())
		},
	} {
		r, err := act()
		sent(t, r, err)
	}
	v = st.view(c.id)
	if v.Stage != hotline.StageStandby || v.Urgency != hotline.UrgencyUrgent || v.Assignee != "Boris" || v.People != 11 || v.Title != "Взвод у моста" ||
		!v.WordSet || !v.DuressSet || v.Unread != 0 || len(v.Notes) != 2 || v.Handover == nil || v.Handover.Text != "позвонить утром" ||
		len(v.History) != 8 || v.Problems != 0 || len(v.Messages) != 3 || v.Messages[2].Signer != "Anna" || v.Messages[2].PutAway {
		t.Fatalf("%+v", v)
	}
	for word, want := range map[string]desk.WordCheck{"береза": desk.WordMatch, " ОСИНА ": desk.WordDuress, "сосна": desk.WordNo} {
		if got, err := st.CheckWord(c.id, word); err != nil || got != want {
			t.Errorf("%q: %v, %v", word, got, err)
		}
	}
	if _, err := st.SetStage(ctx, c.id, hotline.StageSettled); hotline.KindOf(err) != hotline.KindConflict {
		t.Errorf("an impossible step: %v", err)
	}
	// A colleague sees the same, live, and what the person adds.
	colleague := w.work(&w.boris)
	if v := colleague.view(c.id); v.Messages[1].Text != "Мы слышим вас." || v.Messages[1].Signer != "Anna" || !v.Mine || v.Problems != 0 {
		t.Fatalf("%+v", v)
	}
	w.write(c, "мы готовы")
	colleague.await("the new message", func() bool { return len(colleague.view(c.id).Messages) == 4 })
}

func TestQueueSearchLocate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	first, second := w.newCase("первый, ещё дома"), w.newCase("второй, на фронте")
	st := w.work(&w.anna)
	r, err := st.SetUrgency(ctx, second.id, hotline.UrgencyNow)
	sent(t, r, err)
	r, err = st.Assign(ctx, first.id, w.anna.OperatorID())
	sent(t, r, err)
	st.caughtUp()
	ids := func(f desk.Filter) []hotline.CaseID {
		var out []hotline.CaseID
		for _, row := range must(st.Queue(f)) {
			out = append(out, row.ID)
		}
		return out
	}
	for name, tc := range map[string]struct {
		f    desk.Filter
		want []hotline.CaseID
	}{
		"all":      {desk.Filter{}, []hotline.CaseID{second.id, first.id}},
		"mine":     {desk.Filter{Mine: true}, []hotline.CaseID{first.id}},
		"free":     {desk.Filter{Free: true}, []hotline.CaseID{second.id}},
		"text":     {desk.Filter{Text: "еще ДОМА"}, []hotline.CaseID{first.id}},
		"stage":    {desk.Filter{Stages: []hotline.Stage{hotline.StageMeeting}}, nil},
		"language": {desk.Filter{Language: "RU", Unread: true, Limit: 1}, []hotline.CaseID{second.id}},
	} {
		if got := ids(tc.f); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	hits := must(st.Search("ДОМА еще", 10))
	if len(hits) != 1 || hits[0].Row.ID != first.id || !strings.Contains(hits[0].Snippet, "ещё дома") {
		t.Errorf("%+v", hits)
	}
	for _, q := range []string{first.id.Short(), first.Code.Digits(), strings.Join(first.Code.Groups(), "-")} {
		if hits := must(st.Search(q, 10)); len(hits) != 1 || hits[0].Row.ID != first.id {
			t.Errorf("%q: %+v", q, hits)
		}
	}
	rows, err := st.Locate(ctx, strings.Join(second.Code.Groups(), " "))
	if err != nil || len(rows) != 1 || rows[0].ID != second.id {
		t.Errorf("%+v %v", rows, err)
	}
	_, err = st.Locate(ctx, "1234 5678 9012")
	wantKind(t, err, hotline.KindInvalid)
}

// TestNothingPlainOnDisk looks into every file of the folder and the log.
func TestNothingPlainOnDisk(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("тайное слово человека")
	st := w.work(&w.anna)
	ok(t, st.SaveDraft(c.id, "черновик ответа"))
	st.wire.set(func(x *wire) { x.cut = true })
	w.stop()
	st.await("being offline", func() bool { return !st.State().Online })
	r, err := st.Reply(ctx, c.id, "ответ в ящике")
	ok(t, err)
	if r.Outcome != desk.OutcomeQueued || st.State().Waiting != 1 {
		t.Fatalf("%+v", r)
	}
	ok(t, st.SaveDraft(c.id, "ещё черновик"))
	st.Lock()
	secrets := []string{
		"тайное", "черновик", "ящике", c.id.String(), c.id.Short(), w.anna.Identity.Secret(), c.Code.Digits(), "Anna", passphrase,
		w.boris.OperatorID(),
	}
	files := 0
	err = filepath.WalkDir(st.dir, func(path string, e fs.DirEntry, err error) error {
		ok(t, err)
		info := must(e.Info())
		if e.IsDir() {
			if info.Mode().Perm() != 0o700 {
				t.Errorf("%s has mode %v", e.Name(), info.Mode())
			}
			return nil
		}
		files++
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
		content := must(os.ReadFile(path))
		for _, s := range secrets {
			if strings.Contains(string(content), s) || strings.Contains(path, s) {
				t.Errorf("%s shows %q", e.Name(), s)
			}
		}
		if strings.HasSuffix(path, ".age") && seal.CheckFile(content) != nil {
			t.Errorf("%s is not sealed", e.Name())
		}
		return nil
	})
	ok(t, err)
	if files < 5 { // key, state, heads, one act, one draft
		t.Errorf("only %d files", files)
	}
	for _, s := range append(secrets, w.boris.OperatorID(), w.anna.OperatorID()) {
		if strings.Contains(st.log.String(), s) {
			t.Errorf("the log shows %q", s)
		}
	}
}

func TestLockDropsEverything(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("слово")
	st := w.work(&w.anna)
	st.Lock()
	if s := st.State(); s.Phase != desk.PhaseLocked || s.Online || s.Name != "" || s.Cases != 0 {
		t.Errorf("%+v", s)
	}
	_, err := st.Case(ctx, c.id)
	wantKind(t, err, hotline.KindLocked)
	_, err = st.Queue(desk.Filter{})
	wantKind(t, err, hotline.KindLocked)
	_, err = st.Search("слово", 1)
	wantKind(t, err, hotline.KindLocked)
	_, err = st.Reply(ctx, c.id, "x")
	wantKind(t, err, hotline.KindLocked)
	if st.Outbox() != nil || st.People() != nil || st.Alarms() != nil {
		t.Error("a locked desk shows something")
	}
	wantKind(t, st.Unlock(ctx, "wrong passphrase"), hotline.KindDenied)
	ok(t, st.Unlock(ctx, passphrase))
	st.caughtUp()
	if st.view(c.id).Messages[0].Text != "слово" {
		t.Error("not there again")
	}
}

func TestOneProgramForEachFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	st := w.newStation(&w.anna)
	_, err := desk.Open(desk.Config{Dir: st.dir})
	wantKind(t, err, hotline.KindConflict)
}

// TestChangePassphrase: whatever goes wrong leaves the key file as it was, and
// afterwards only the new passphrase opens it.
func TestChangePassphrase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	st := w.newStation(&w.anna)
	file := filepath.Join(st.dir, "operator.key")
	before := must(os.ReadFile(file))
	for _, tc := range []struct {
		old, phrase string
		want        hotline.Kind
	}{
		{"wrong one here", "a new passphrase", hotline.KindDenied},
		{"", "a new passphrase", hotline.KindDenied},
		{passphrase, "short", hotline.KindInvalid},
		{passphrase, "        1", hotline.KindInvalid},
		{passphrase, passphrase, hotline.KindInvalid},
	} {
		wantKind(t, st.ChangePassphrase(tc.old, tc.phrase), tc.want)
		if !bytes.Equal(before, must(os.ReadFile(file))) {
			t.Fatalf("%q to %q changed the key file", tc.old, tc.phrase)
		}
	}
	ok(t, st.ChangePassphrase(passphrase, "a new passphrase"))
	wantKind(t, st.ChangePassphrase(passphrase, "a third passphrase"), hotline.KindDenied)
	wantKind(t, st.Unlock(t.Context(), passphrase), hotline.KindDenied)
	ok(t, st.Unlock(t.Context(), "a new passphrase"))
	st.caughtUp()
	if left := must(filepath.Glob(filepath.Join(st.dir, ".new-*"))); len(left) != 0 {
		t.Errorf("half-written files stay: %q", left)
	}
}

// TestChangePassphraseTwiceAtOnce: one of two changes wins, and the file opens
// by what it was told.
func TestChangePassphraseTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	st := w.newStation(&w.anna)
	phrases := []string{"the first of two passphrases", "the second of two passphrases"}
	errs := make([]error, len(phrases))
	var both sync.WaitGroup
	for i, p := range phrases {
		both.Go(func() { errs[i] = st.ChangePassphrase(passphrase, p) })
	}
	both.Wait()
	won := slices.IndexFunc(errs, func(err error) bool { return err == nil })
	if won < 0 || errs[1-won] == nil {
		t.Fatalf("both changes ended with %v", errs)
	}
	ok(t, st.Unlock(t.Context(), phrases[won]))
}

// TestComputer: the fingerprint is that of the enrolment, and a locked desk
// says nothing.
func TestComputer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	st := w.newStation(&w.anna)
	_, err := st.Computer()
	wantKind(t, err, hotline.KindLocked)
	ok(t, st.Unlock(t.Context(), passphrase))
	c, err := st.Computer()
	ok(t, err)
	keys := must(seal.Unlock(must(os.ReadFile(filepath.Join(st.dir, "operator.key"))), passphrase))
	bundle := must(keys.Bundle(must(api.Pin(keys.TLS.Public()))).Encode())
	if c.Name != "Anna" || c.ID != keys.OperatorID() || c.Fingerprint != must(seal.Fingerprint(keys.Trust, bundle)) || c.Folder != st.dir {
		t.Errorf("%+v", c)
	}
}
