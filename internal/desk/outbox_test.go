package desk_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// powerCut takes the server away and waits until the desk knows.
func (st *station) powerCut() {
	st.w.tb.Helper()
	st.w.stop()
	st.await("being offline", func() bool { return !st.State().Online })
}

func queued(t *testing.T, r desk.Result, err error) {
	t.Helper()
	ok(t, err)
	if r.Outcome != desk.OutcomeQueued || r.OutboxID == "" {
		t.Fatalf("not queued: %+v", r)
	}
}

// TestOutboxSurvivesPowerCuts writes without a server, ends the program before
// anything was sent, and starts it again.
func TestOutboxSurvivesPowerCuts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("вы здесь?")
	st := w.work(&w.anna)
	st.powerCut()
	r, err := st.Reply(ctx, c.id, "да, мы здесь")
	queued(t, r, err)
	r, err = st.Reply(ctx, c.id, "подождите")
	queued(t, r, err)
	r, err = st.SetStage(ctx, c.id, hotline.StageRegistered)
	queued(t, r, err)
	r, err = st.Note(ctx, c.id, "пишу без связи")
	queued(t, r, err)
	r, err = st.SetStage(ctx, c.id, hotline.StageStandby)
	queued(t, r, err)
	r, err = st.MarkRead(ctx, c.id)
	queued(t, r, err)
	v := st.view(c.id)
	if len(v.Messages) != 3 || v.Messages[2].Delivery != desk.DeliveryWaiting || v.Messages[2].Text != "подождите" || len(v.History) != 3 || v.Unread != 0 {
		t.Fatalf("%+v", v)
	}
	st.restart()
	if got := len(st.Outbox()); got != 6 {
		t.Fatalf("%d acts after the restart", got)
	}
	w.serve(nil)
	st.await("the outbox to empty", func() bool { s := st.State(); return s.Online && s.Waiting+s.Undecided == 0 && s.Synced == s.Cases })
	if got := w.replies(c); !slices.Equal(got, []string{"да, мы здесь", "подождите"}) {
		t.Errorf("%q", got)
	}
	if v := st.view(c.id); v.Stage != hotline.StageStandby || v.Unread != 0 || v.Problems != 0 || v.Notes[0].Text != "пишу без связи" {
		t.Errorf("%+v", v)
	}
	if names := must(os.ReadDir(filepath.Join(st.dir, "outbox"))); len(names) != 0 {
		t.Errorf("%d files are left", len(names))
	}
}

// TestLostAnswer loses the answer to a reply and to a note that the server has
// kept: each is there once.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("вы здесь?")
	st := w.work(&w.anna)
	st.wire.set(func(x *wire) {
		x.drop = func(r *http.Request) bool {
			return r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/replies") || strings.HasSuffix(r.URL.Path, "/statements"))
		}
	})
	r, err := st.Reply(ctx, c.id, "да")
	queued(t, r, err)
	if got := w.replies(c); len(got) != 1 {
		t.Fatalf("the server has %q", got)
	}
	r, err = st.Note(ctx, c.id, "одна запись")
	queued(t, r, err)
	st.restart()
	st.wire.set(func(x *wire) { x.drop = nil })
	st.await("the outbox to empty", func() bool { s := st.State(); return s.Online && s.Waiting+s.Undecided == 0 && s.Synced == s.Cases })
	if got := w.replies(c); !slices.Equal(got, []string{"да"}) {
		t.Errorf("%q", got)
	}
	if v := st.view(c.id); len(v.Notes) != 1 || len(v.Messages) != 2 || v.Problems != 0 {
		t.Errorf("%+v", v)
	}
}

// TestConflictInTheOutbox answers without a connection while a colleague
// answers with one.
func TestConflictInTheOutbox(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("вы здесь?")
	st, colleague := w.work(&w.anna), w.work(&w.boris)
	st.wire.set(func(x *wire) { x.cut = true })
	w.stop()
	st.await("being offline", func() bool { return !st.State().Online })
	r, err := st.Reply(ctx, c.id, "ответ Анны")
	queued(t, r, err)
	r, err = st.SetStage(ctx, c.id, hotline.StageRegistered)
	queued(t, r, err)
	r, err = st.Note(ctx, c.id, "заметка Анны")
	queued(t, r, err)
	w.serve(nil)
	colleague.await("the colleague to be back", func() bool { return colleague.State().Online })
	_, err = colleague.Reply(ctx, c.id, "ответ Бориса")
	ok(t, err)
	_, err = colleague.SetStage(ctx, c.id, hotline.StageStandby)
	ok(t, err)
	colleague.await("the colleague's acts to arrive", func() bool { s := colleague.State(); return s.Waiting+s.Undecided == 0 })
	st.wire.set(func(x *wire) { x.cut = false })
	st.await("the conflicts to show", func() bool { s := st.State(); return s.Online && s.Waiting == 0 && s.Undecided == 2 })
	if got := w.replies(c); !slices.Equal(got, []string{"ответ Бориса"}) {
		t.Fatalf("%q", got)
	}
	v := st.view(c.id)
	last := v.Messages[len(v.Messages)-1]
	if v.Stage != hotline.StageStandby || last.Delivery != desk.DeliveryConflict || last.Text != "ответ Анны" || v.Messages[1].Text != "ответ Бориса" ||
		len(v.Notes) != 1 || v.Problems == 0 {
		t.Fatalf("%+v", v)
	}
	// The operator reads, then decides: this one is sent all the same, the
	// other one is dropped.
	for _, item := range st.Outbox() {
		if item.Act == "reply" {
			r, err := st.Retry(ctx, item.ID)
			sent(t, r, err)
			continue
		}
		ok(t, st.Discard(item.ID))
	}
	if got := w.replies(c); !slices.Equal(got, []string{"ответ Бориса", "ответ Анны"}) {
		t.Errorf("%q", got)
	}
	st.caughtUp()
	if v := st.view(c.id); v.Problems != 0 || v.Stage != hotline.StageStandby || len(st.Outbox()) != 0 {
		t.Errorf("%+v", v)
	}
}

// TestConflictWhileWriting is the same with both connected: nothing is sent,
// and the text becomes the draft.
func TestConflictWhileWriting(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("вы здесь?")
	st, colleague := w.work(&w.anna), w.work(&w.boris)
	seen := st.view(c.id).DeskSeq
	r, err := colleague.Reply(ctx, c.id, "ответ Бориса")
	sent(t, r, err)
	st.await("the colleague's reply", func() bool { return st.view(c.id).DeskSeq == seen+1 })
	r, err = st.ReplyAfter(ctx, c.id, "ответ Анны", seen)
	ok(t, err)
	if r.Outcome != desk.OutcomeConflict || len(r.Newer) != 1 || r.Newer[0].Text != "ответ Бориса" || st.view(c.id).Draft != "ответ Анны" {
		t.Fatalf("%+v", r)
	}
	// Now the colleague's next reply comes while this one is on its way.
	var once sync.Once
	st.wire.set(func(x *wire) {
		x.refuse = func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/replies") {
				once.Do(func() {
					r, err := colleague.Reply(ctx, c.id, "второй ответ Бориса")
					sent(t, r, err)
				})
			}
			return nil
		}
	})
	r, err = st.Reply(ctx, c.id, "второй ответ Анны")
	ok(t, err)
	if got := w.replies(c); r.Outcome != desk.OutcomeConflict || len(got) != 2 || r.Newer[0].Text != "второй ответ Бориса" ||
		len(st.Outbox()) != 0 || must(st.Draft(c.id)) != "второй ответ Анны" {
		t.Fatalf("%+v %q", r, got)
	}
	r, err = st.ReplyAfter(ctx, c.id, "теперь можно", st.view(c.id).DeskSeq)
	sent(t, r, err)
	if d := must(st.Draft(c.id)); d != "" {
		t.Errorf("a draft is left: %q", d)
	}
}

// TestRaceOfTwoDesks lets both answer over and over: the chain never forks,
// and whatever was said to be sent is there once.
func TestRaceOfTwoDesks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("вы здесь?")
	desks := []*station{w.work(&w.anna), w.work(&w.boris)}
	got := make([][]string, len(desks))
	done := make(chan struct{})
	for i, st := range desks {
		go func() {
			defer func() { done <- struct{}{} }()
			for n := range 5 {
				text := st.State().Name + string(rune('0'+n))
				if r, err := st.Reply(ctx, c.id, text); err == nil && r.Outcome == desk.OutcomeSent {
					got[i] = append(got[i], text)
				} else if err != nil {
					t.Error(err)
				}
				if r, err := st.Note(ctx, c.id, text); err != nil || r.Outcome == desk.OutcomeConflict {
					t.Error(r, err)
				}
			}
		}()
	}
	<-done
	<-done
	for _, st := range desks {
		st.await("all notes", func() bool { return st.State().Waiting == 0 && len(st.view(c.id).Notes) == 10 })
	}
	want := slices.Sorted(slices.Values(slices.Concat(got...)))
	if have := slices.Sorted(slices.Values(w.replies(c))); !slices.Equal(have, want) {
		t.Errorf("the person gets %q, said to be sent %q", have, want)
	}
	v := desks[0].view(c.id)
	if len(v.Notes) != 10 || v.Problems != 0 {
		t.Errorf("%d notes, %d problems %+v", len(v.Notes), v.Problems, v.Summary)
	}
}

// TestRefusedStays shows what the server does not take, and lets the operator
// decide.
func TestRefusedStays(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("вы здесь?")
	st := w.work(&w.anna)
	st.wire.set(func(x *wire) {
		x.refuse = func(r *http.Request) error {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/replies") {
				return hotline.Errorf(hotline.KindInvalid, "server", "no such case")
			}
			return nil
		}
	})
	r, err := st.Reply(ctx, c.id, "первый")
	ok(t, err)
	if r.Outcome != desk.OutcomeRefused || !strings.Contains(r.Text.String(), "no such case") || st.State().Undecided != 1 {
		t.Fatalf("%+v", r)
	}
	st.restart()
	if items := st.Outbox(); len(items) != 1 || items[0].Outcome != desk.OutcomeRefused || items[0].Text != "первый" {
		t.Fatalf("%+v", items)
	}
	st.caughtUp()
	st.wire.set(func(x *wire) { x.refuse = nil })
	again, err := st.Retry(ctx, r.OutboxID)
	sent(t, again, err)
	if got := w.replies(c); !slices.Equal(got, []string{"первый"}) {
		t.Errorf("%q", got)
	}
}

// TestTakenBack discards what waits: without a connection that is possible,
// and the text becomes the draft.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("вы здесь?")
	st := w.work(&w.anna)
	st.powerCut()
	r, err := st.Reply(t.Context(), c.id, "поздно")
	queued(t, r, err)
	ok(t, st.Discard(r.OutboxID))
	if d := must(st.Draft(c.id)); d != "поздно" || len(st.Outbox()) != 0 {
		t.Errorf("%q", d)
	}
	w.serve(nil)
	st.caughtUp()
	if got := w.replies(c); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
