package intake_test

import (
	"slices"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// A person writes, comes back with the receipt, reads replies, puts them away
// and writes again.
func TestConversation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		keys := h.keys()
		mine, err := h.client().StartWith(ctx, keys, "Я хочу жить", "ru")
		if err != nil {
			t.Fatal(err)
		}
		if err := mine.Send(ctx, "нас одиннадцать", "ru"); err != nil {
			t.Fatal(err)
		}
		if got := h.read(mine.ID()); !slices.Equal(got, []string{"Я хочу жить", "нас одиннадцать"}) {
			t.Errorf("the desk reads %q", got)
		}
		row := h.row(mine.ID())
		if row.ContactSeq != 1 || row.WaitingSinceMs.Int64 != h.clock.Now().UnixMilli() || row.Stage != "new" || row.Channel != "web" {
			t.Errorf("case: seq %d, waiting %v, %s, %s", row.ContactSeq, row.WaitingSinceMs, row.Stage, row.Channel)
		}

		first := h.reply(mine.ID(), 0, seal.Hash{}, "Вы не одни")
		h.reply(mine.ID(), 1, first.Hash(), "Ждите")
		h.clock.Add(50 * time.Hour)

		back := h.client().ReturnWith(keys)
		st, err := back.Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if st.Pending != 2 || st.Sent != 1 || st.LastReply != 1 || !st.Answered || st.UsedCount != 0 || st.Read != -1 || st.Manifest != 7 {
			t.Errorf("state: %+v", st)
		}
		a, ok, err := back.Fetch(ctx, -1, nil)
		if err != nil || !ok || a.Text != "Вы не одни" || !a.More {
			t.Fatalf("first reply: %+v %v", a, err)
		}
		b, ok, err := back.Fetch(ctx, a.Seq, &a)
		if err != nil || !ok || b.Text != "Ждите" || b.More || b.Missing {
			t.Fatalf("second reply: %+v %v", b, err)
		}
		if _, ok, err := back.Fetch(ctx, b.Seq, &b); ok || err != nil {
			t.Errorf("a third reply: %v", err)
		}
		if err := back.PutAway(ctx, a.ID, b.ID); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := back.Fetch(ctx, -1, nil); ok || err != nil {
			t.Errorf("a reply that was put away: %v", err)
		}
		if err := back.Send(ctx, "понял", "ru"); err != nil {
			t.Fatal(err)
		}
		if row := h.row(mine.ID()); row.ContactSeq != 2 || row.WaitingSinceMs.Int64 != h.clock.Now().UnixMilli() {
			t.Errorf("after coming back: seq %d", row.ContactSeq)
		}
		again, err := h.client().ReturnWith(keys).Open(ctx)
		if err != nil || again.UsedCount != 1 || again.UsedHour != hotline.HourOf(h.clock.Now()) || again.Pending != 0 {
			t.Errorf("second use: %+v %v", again, err)
		}
	})
}
