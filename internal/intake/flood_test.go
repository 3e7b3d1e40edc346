package intake_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// Fifty new cases with the least work for one honest message, while the disk
// is slow. Messages to answered cases all get in at the first try; honest new
// cases get in after coming again; what was answered "received" is kept, and
// what was answered "busy" is not.
func TestFlood(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{Room: 8, Reserved: 16, Writers: 1, Batch: 4})
	ctx := t.Context()
	const honest, flood = 6, 300

	var answered []*draft
	for range honest {
		d := h.draft().finish(t)
		if r := h.send(d); r.answer.Status != seal.StatusReceived {
			t.Fatal(r)
		}
		h.reply(d.gen.Case, 0, seal.Hash{}, "answer")
		answered = append(answered, d)
	}
	challenge := h.challenge()
	release := h.holdWriter()

	// The flood comes first and fills every place that is not reserved.
	var received, busy atomic.Int64
	var attackers sync.WaitGroup
	attack := make([][]byte, flood)
	for n := range attack {
		d := h.draft().finish(t)
		envelope, _, err := seal.NewEnvelope(d.to, d.call, d.parts...)
		if err != nil {
			t.Fatal(err)
		}
		attack[n] = hardPost(t, challenge, envelope).Bytes()
	}
	full := make(chan struct{})
	var once sync.Once
	for _, body := range attack {
		attackers.Go(func() {
			switch r := h.postBody(body, nil); {
			case r.status == 200:
				received.Add(1)
			case r.kind == "busy" && r.retry >= 2:
				if busy.Add(1) == flood/2 {
					once.Do(func() { close(full) })
				}
			default:
				t.Errorf("a stranger hears %d %s %d", r.status, r.kind, r.retry)
			}
		})
	}
	<-full
	if c := h.challenge(); c[1] < 5 {
		t.Errorf("in the rush only %d bits are asked for", c[1])
	}

	// Answered cases write, with a challenge of the calm time: no extra work.
	var people sync.WaitGroup
	for _, d := range answered {
		_, first, err := seal.ParseRecordHeader(d.parts[2])
		if err != nil {
			t.Fatal(err)
		}
		head, file := record(t, seal.RecordHeader{
			Case: d.gen.Case, Side: hotline.SideContact, Seq: 1, Prev: first.Hash(), Seen: 0, Hour: d.header.Hour,
		}, d.s0.Recipient(), d.keys.Signing)
		envelope, key, err := seal.NewEnvelope(d.to, seal.Call{Op: seal.OpSend, Case: seal.CallCase{CaseID: d.gen.Case}}, head, file)
		if err != nil {
			t.Fatal(err)
		}
		people.Go(func() {
			if r := h.deliver(envelope, key, challenge); r.answer.Status != seal.StatusReceived {
				t.Errorf("an answered case hears %d %s at the first try", r.status, r.kind)
			}
		})
	}
	// A new case comes too; its page does the work that is asked for.
	fresh := make([]hotline.CaseID, honest)
	for n := range fresh {
		people.Go(func() {
			mine, err := h.client().StartWith(ctx, h.keys(), "help", "ru")
			if err != nil {
				t.Errorf("an honest new case: %v", err)
				return
			}
			fresh[n] = mine.ID()
		})
	}
	release()
	people.Wait()
	attackers.Wait()

	kept := h.cases()
	if want := 2*honest + int(received.Load()); len(kept) != want {
		t.Errorf("%d cases are kept, %d were answered received (%d busy)", len(kept), want, busy.Load())
	}
	for _, id := range fresh {
		if !slices.ContainsFunc(kept, func(row db.HotlineCase) bool { return hotline.CaseID(row.ID) == id }) {
			t.Error("an honest new case is lost")
		}
	}
	for _, d := range answered {
		if row := h.row(d.gen.Case); row.ContactSeq != 1 {
			t.Error("a message of an answered case is lost")
		}
	}
	t.Logf("of the flood %d got in, %d were told to come again", received.Load(), busy.Load())
}

// holdWriter keeps SQLite's writer busy until the returned function is called.
func (h *house) holdWriter() (release func()) {
	h.t.Helper()
	held, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_ = h.db.Update(context.Background(), func(*store.Tx) error {
			close(held)
			<-end
			return nil
		})
	}()
	<-held
	return sync.OnceFunc(func() { close(end); <-done })
}
