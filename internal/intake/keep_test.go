package intake_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// The same envelope, at once and again, over two nodes, is kept once and
// always answered "received".
func TestReplayIsKeptOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		h := newHouse(t, open(), intake.Limits{})
		second := *h
		second.db = h.db
		if h.db.Stats().Engine == storetest.Postgres {
			second.db = open()
		}
		second.log = &bytes.Buffer{}
		second.run(intake.Limits{})
		d := h.draft().finish(t)
		created, key, err := seal.NewEnvelope(d.to, d.call, d.parts...)
		if err != nil {
			t.Fatal(err)
		}
		again := func(envelope []byte, key seal.AnswerKey) {
			t.Helper()
			var all sync.WaitGroup
			for n := range 40 {
				all.Go(func() {
					node := h
					if n%2 == 1 {
						node = &second
					}
					if r := node.deliver(envelope, key, nil); r.answer.Status != seal.StatusReceived {
						t.Errorf("%d %s %q", r.status, r.kind, r.answer.Text)
					}
				})
			}
			all.Wait()
		}
		again(created, key)
		if n := len(h.cases()); n != 1 {
			t.Fatalf("%d cases", n)
		}
		_, first, err := seal.ParseRecordHeader(d.parts[2])
		if err != nil {
			t.Fatal(err)
		}
		head, file := record(t, seal.RecordHeader{
			Case: d.gen.Case, Side: hotline.SideContact, Seq: 1, Prev: first.Hash(), Seen: -1, Hour: d.header.Hour,
		}, d.s0.Recipient(), d.keys.Signing)
		sent, sentKey, err := seal.NewEnvelope(d.to, seal.Call{Op: seal.OpSend, Case: seal.CallCase{CaseID: d.gen.Case}}, head, file)
		if err != nil {
			t.Fatal(err)
		}
		again(sent, sentKey)
		if records := h.records(d.gen.Case); len(records) != 2 {
			t.Errorf("%d records", len(records))
		}
		since := h.row(d.gen.Case).WaitingSinceMs.Int64
		version := h.row(d.gen.Case).Version
		h.clock.Add(time.Hour)
		if r := h.deliver(created, key, nil); r.status != 200 {
			t.Errorf("an hour later: %d", r.status)
		}
		if row := h.row(d.gen.Case); row.Version != version || row.WaitingSinceMs.Int64 != since {
			t.Error("a resend changed the case")
		}
	})
}

// Two devices with one receipt write the same number, a third leaves one out:
// all is kept, and the case's own header moves along one chain only.
func TestForksAreKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		keys := h.keys()
		one, err := h.client().StartWith(ctx, keys, "0", "ru")
		if err != nil {
			t.Fatal(err)
		}
		two := h.client().ReturnWith(keys)
		if _, err := two.Open(ctx); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			send func(context.Context, string, string) error
			text string
			seq  int64 // of the case afterwards
		}{{one.Send, "1a", 1}, {two.Send, "1b", 1}, {two.Send, "2b", 1}, {one.Send, "2a", 2}} {
			if err := c.send(ctx, c.text, "ru"); err != nil {
				t.Fatal(err)
			}
			if row := h.row(one.ID()); row.ContactSeq != c.seq {
				t.Errorf("after %s: seq %d, want %d", c.text, row.ContactSeq, c.seq)
			}
		}
		if got := h.read(one.ID()); !slices.Equal(got, []string{"0", "1a", "1b", "2b", "2a"}) {
			t.Errorf("the desk reads %q", got)
		}
		st, err := h.client().ReturnWith(keys).Open(ctx)
		if err != nil || st.Sent != 2 {
			t.Errorf("the page goes on after %d: %v", st.Sent, err)
		}
	})
}

// What stands in a row: hours, not minutes, except while somebody waits.
func TestOnlyHoursAreKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		keys := h.keys()
		mine, err := h.client().StartWith(t.Context(), keys, "0", "ru")
		if err != nil {
			t.Fatal(err)
		}
		hour := int64(hotline.HourOf(h.clock.Now()))
		h.reply(mine.ID(), 0, seal.Hash{}, "answer")
		if _, err := h.client().ReturnWith(keys).Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		row := h.row(mine.ID())
		if row.WaitingSinceMs.Valid {
			t.Error("an exact time is kept though nobody waits")
		}
		if row.CreatedHour != hour || row.UsedHour.Int64 != hour || row.UsedCount != 1 {
			t.Errorf("hours: %d %v, want %d", row.CreatedHour, row.UsedHour, hour)
		}
		for _, r := range h.records(mine.ID()) {
			if r.Hour != hour {
				t.Errorf("record: %d", r.Hour)
			}
		}
	})
}

// Without a receipt nobody can come back by the page, but the case is there.
func TestWithoutReceipt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		for range 2 { // two of them do not collide on the missing lookup
			mine, err := h.client().Start(t.Context(), "text", "ru", nil)
			if err != nil {
				t.Fatal(err)
			}
			row := h.row(mine.ID())
			if len(row.Lookup) != 0 || string(row.CodeIndex) != string(intake.CodeIndex(h.index, mine.Code())) {
				t.Error("lookup or code")
			}
		}
	})
}

// A real receipt, with its key derivation, from both ends.
func TestReceipt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{})
	receipt := hotline.NewReceipt()
	if _, err := h.client().Start(t.Context(), "text", "ru", &receipt); err != nil {
		t.Fatal(err)
	}
	back, err := h.client().Return(receipt)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := back.Open(t.Context()); err != nil || st.Sent != 0 {
		t.Errorf("%+v %v", st, err)
	}
}
