package desk_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

const copied = "Уважаемая горячая линия, очень хочу узнать про условия и прошу ответить подробно, сколько человек у вас работает, вариант %d"

// flooded is a queue with n messages that say nearly the same and, among them,
// two honest ones and three that are short.
func flooded(w *world, n int) (copies, others []*contact) {
	w.tb.Helper()
	for i := range n {
		copies = append(copies, w.newCase(fmt.Sprintf(copied, i)))
		w.clock.move(time.Second)
	}
	for _, text := range []string{
		"Нас одиннадцать, один легко ранен. Командира нет второй день. Как это происходит? Надо вставать на колени?",
		"Здравствуйте, мой муж мобилизован, он хочет сдаться в плен, как ему это сделать, чтобы его не убили?",
		"Хочу сдаться.", "Хочу сдаться", "хочу сдаться!",
	} {
		others = append(others, w.newCase(text))
		w.clock.move(time.Second)
	}
	return copies, others
}

// groupOf is the group in which a desk shows a case.
func (st *station) groupOf(id hotline.CaseID) int64 {
	st.w.tb.Helper()
	for _, r := range must(st.Queue(desk.Filter{})) {
		if r.ID == id {
			return r.Group
		}
	}
	st.w.tb.Fatalf("case %s is not in the queue", id.Short())
	return 0
}

func TestNearlyTheSameIsGrouped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	copies, others := flooded(w, 8)
	st := w.work(&w.boris)
	group := st.groupOf(copies[0].id)
	if group == 0 {
		t.Fatal("no group")
	}
	for _, c := range copies {
		if st.groupOf(c.id) != group {
			t.Errorf("%s stands apart", c.id.Short())
		}
	}
	for _, c := range others {
		if st.groupOf(c.id) != 0 {
			t.Errorf("%s is hidden in a group", c.id.Short())
		}
	}

	// Whoever an operator answers, raises or opens, and who writes again, is a person.
	ctx := t.Context()
	must(st.Reply(ctx, copies[0].id, "Мы читаем вас."))
	must(st.SetUrgency(ctx, copies[1].id, hotline.UrgencyNow))
	must(st.MarkRead(ctx, copies[2].id))
	w.write(copies[3], "Вы читаете? Я правда хочу выйти.")
	st.await("the four stand alone", func() bool {
		return !slices.ContainsFunc(copies[:4], func(c *contact) bool { return st.groupOf(c.id) != 0 })
	})
	must(st.Note(ctx, copies[4].id, "Похоже на рассылку."))
	for _, c := range copies[5:] {
		if st.groupOf(c.id) != group {
			t.Errorf("%s left the group with the others", c.id.Short())
		}
	}
	if st.groupOf(copies[4].id) != 0 {
		t.Error("a case with a note is in a group")
	}
	// Two are no group.
	must(st.MarkRead(ctx, copies[5].id))
	if st.groupOf(copies[6].id) != 0 || st.groupOf(copies[7].id) != 0 {
		t.Error("two are shown as a group")
	}
	// One that comes now is grouped as it comes.
	late := w.newCase(fmt.Sprintf(copied, 99))
	st.await("the late one joins", func() bool {
		rows := must(st.Queue(desk.Filter{}))
		return slices.ContainsFunc(rows, func(r desk.Row) bool { return r.ID == late.id && r.Group == group })
	})
	st.Lock()
	if b := st.Bulk(); b.State != "" {
		t.Errorf("a locked desk shows %+v", b)
	}
}

func TestActOnAGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	copies, others := flooded(w, 12)
	st, colleague := w.work(&w.boris), w.work(&w.anna)
	group := st.groupOf(copies[0].id)
	ended := func() bool { s := st.Bulk().State; return s == desk.BulkDone || s == desk.BulkUndone }

	_, err := st.PlanBulk(group+100, desk.BulkUnfounded)
	wantKind(t, err, hotline.KindNotFound)
	_, err = st.PlanBulk(group, "closed")
	wantKind(t, err, hotline.KindInvalid)
	wantKind(t, st.RunBulk(1), hotline.KindConflict)

	// Calm: they stay together.
	plan := must(st.PlanBulk(group, desk.BulkCalm))
	if plan.Total != 12 || plan.State != desk.BulkPlanned {
		t.Fatalf("%+v", plan)
	}
	ok(t, st.RunBulk(plan.ID))
	st.await("all are calm", ended)
	if b := st.Bulk(); b.Done != 12 || b.Left != 0 || !b.Why.IsZero() || b.Undo {
		t.Errorf("%+v", b)
	}
	if st.groupOf(copies[3].id) != group {
		t.Error("a calm case left its group")
	}
	st.caughtUp()
	_, err = st.PlanBulk(group, desk.BulkCalm)
	wantKind(t, err, hotline.KindNotFound)

	// Unfounded, but for one whom a colleague has answered between the count
	// and the yes, and one who came after the count.
	old := plan.ID
	plan = must(st.PlanBulk(group, desk.BulkUnfounded))
	wantKind(t, st.RunBulk(old), hotline.KindConflict)
	must(colleague.Reply(t.Context(), copies[5].id, "Мы читаем вас."))
	late := w.newCase(fmt.Sprintf(copied, 77))
	ok(t, st.RunBulk(plan.ID))
	wantKind(t, st.RunBulk(plan.ID), hotline.KindConflict)
	st.await("the act has ended", ended)
	if b := st.Bulk(); b.Done != 11 || b.Left != 1 || !b.Undo || !b.Why.IsZero() {
		t.Errorf("%+v", b)
	}
	for i, c := range copies {
		v := colleague.caught(c.id, i != 5)
		if i != 5 && (v.Stage != hotline.StageUnfounded || len(v.History) != 2 || v.History[1].By != "Boris" || !v.History[1].Verified) {
			t.Errorf("%d: %s %+v", i, v.Stage, v.History)
		}
	}
	if v := st.view(copies[5].id); v.Stage != hotline.StageNew || v.Group != 0 {
		t.Errorf("who was answered is %s", v.Stage)
	}
	for _, c := range append(others, late) {
		if v := st.view(c.id); v.Stage != hotline.StageNew || len(v.History) != 0 {
			t.Errorf("who was not counted is %s", v.Stage)
		}
	}

	// Taken back, but for one that a colleague has taken up since.
	must(colleague.SetStage(t.Context(), copies[2].id, hotline.StageRegistered))
	ok(t, st.UndoBulk(plan.ID))
	st.await("it is taken back", ended)
	if b := st.Bulk(); b.Back != 10 || b.Undo || b.State != desk.BulkUndone {
		t.Errorf("%+v", b)
	}
	wantKind(t, st.UndoBulk(plan.ID), hotline.KindConflict)
	if st.view(copies[2].id).Stage != hotline.StageRegistered || st.view(copies[0].id).Stage != hotline.StageNew {
		t.Error("the stages are not what they should be")
	}
	st.await("they are a group again", func() bool { return st.groupOf(copies[0].id) == st.groupOf(late.id) && st.groupOf(late.id) != 0 })
	if v := st.view(copies[0].id); v.Waiting.IsZero() || v.Waiting.After(w.clock.Now()) {
		t.Errorf("the person waits since %v", v.Waiting)
	}
	ok(t, st.StopBulk(plan.ID))
	if b := st.Bulk(); b.State != "" {
		t.Errorf("%+v", b)
	}
	if n := len(st.Outbox()); n != 0 {
		t.Errorf("%d acts are left in the outbox", n)
	}
}

// caught is a case on a colleague's desk, once the newest act has come there.
func (st *station) caught(id hotline.CaseID, ended bool) (v desk.CaseView) {
	st.w.tb.Helper()
	st.await("the act on the colleague's desk", func() bool {
		v = st.view(id)
		return !ended || v.Stage == hotline.StageUnfounded
	})
	return v
}

// TestActOnAGroupBreaksOff: without a server nothing is lost and nothing is
// done in silence.
func TestActOnAGroupBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	copies, _ := flooded(w, 6)
	st := w.work(&w.boris)
	plan := must(st.PlanBulk(st.groupOf(copies[0].id), desk.BulkUnfounded))
	w.stop()
	st.await("the desk sees that the server is gone", func() bool { return !st.State().Online })
	wantKind(t, st.RunBulk(plan.ID), hotline.KindUnavailable)
	if st.groupOf(copies[0].id) == 0 {
		t.Error("the group is gone with the connection")
	}
	w.serve(nil)
	st.await("the desk is back", func() bool { return st.State().Online })
	// An answer is lost in the middle: the act breaks off, and what was begun
	// goes out by itself, once.
	n := 0
	st.wire.set(func(x *wire) {
		x.drop = func(r *http.Request) bool {
			if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/statements") {
				return false
			}
			n++
			return n == 3
		}
	})
	ok(t, st.RunBulk(plan.ID))
	st.await("the act has broken off", func() bool { return st.Bulk().State == desk.BulkDone })
	// The outbox may have gone out, with a new connection, before the act looked
	// whether it had: then the act went on until it saw that the line was down.
	b := st.Bulk()
	if b.Done < 2 || b.Done == len(copies) || b.Left != 0 || !b.Undo || !strings.Contains(b.Why.String(), "connection") {
		t.Errorf("%+v", b)
	}
	st.await("the outbox is empty", func() bool { s := st.State(); return s.Online && s.Waiting == 0 && s.Undecided == 0 })
	unfounded := 0
	for _, c := range copies {
		if v := st.view(c.id); v.Stage == hotline.StageUnfounded && len(v.History) == 1 {
			unfounded++
		}
	}
	if unfounded != b.Done+1 {
		t.Errorf("%d cases were signed unfounded, and %d were done and one begun", unfounded, b.Done)
	}
}
