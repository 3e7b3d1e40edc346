package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// connections is how many people write at once.
const connections = 16

// TestSIGKILLUnderLoad kills the server at random moments while people write, and
// looks afterwards with an operator's eyes and with the store's: what was
// acknowledged is there, and nothing is there twice.
func TestSIGKILLUnderLoad(t *testing.T) {
	t.Parallel()
	for engine, rounds := range map[string]int{storetest.SQLite: 20, storetest.Postgres: 5} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, onDatabase(engine))
			acked := make(chan struct{}, connections)
			done := make(chan struct{}) // closed: nobody begins another message
			people := make([]*writer, connections)
			var group sync.WaitGroup
			for i := range people {
				w := newWriter(t, h, i)
				people[i] = w
				group.Go(func() { w.run(t.Context(), acked, done) })
			}
			for range rounds {
				for range 20 + rand.N(60) {
					awaitOne(t, acked)
				}
				h.kill()
				h.serve()
			}
			close(done)
			finished := make(chan struct{})
			go func() {
				group.Wait()
				close(finished)
			}()
			for ended := false; !ended; {
				select {
				case <-acked:
				case <-finished:
					ended = true
				}
			}
			d := h.openDesk()
			total := 0
			for _, w := range people {
				w.check(t, d)
				total += len(w.acked)
			}
			h.server.stop()
			countRecords(t, h, people)
			t.Logf("%s: %d rounds, %d messages acknowledged, each there once", engine, rounds, total)
		})
	}
}

func awaitOne(t *testing.T, acked <-chan struct{}) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-acked:
	case <-limit.C:
		t.Fatal("no message was acknowledged for a long time")
	}
}

// writer is a person who writes one message after the other and sends each until
// it is acknowledged.
type writer struct {
	name  string
	c     *contact.Case
	acked []string
	err   error
}

func newWriter(t *testing.T, h *house, n int) *writer {
	t.Helper()
	// A server that is down is asked again soon; one attempt at a time, so that
	// the same envelope goes out again and again, as the page does it.
	soon := contact.WithSleep(func(ctx context.Context, _ time.Duration) error {
		pause := time.NewTimer(time.Duration(5+rand.N(20)) * time.Millisecond)
		defer pause.Stop()
		select {
		case <-pause.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	w := &writer{name: fmt.Sprintf("person %d", n)}
	var err error
	if w.c, err = h.contact(soon, contact.WithTries(1000)).Prepare(quickKeys(t), w.message(), "ru"); err != nil {
		t.Fatal(err)
	}
	return w
}

// message is the next message's text.
func (w *writer) message() string { return fmt.Sprintf("%s says message %d", w.name, len(w.acked)) }

func (w *writer) run(ctx context.Context, acked chan<- struct{}, done <-chan struct{}) {
	for {
		if w.err = w.c.Resend(ctx); w.err != nil {
			return
		}
		w.acked = append(w.acked, w.message())
		select {
		case <-done:
			return
		case acked <- struct{}{}:
		}
		if w.err = w.c.Queue(w.message(), "ru"); w.err != nil {
			return
		}
	}
}

// check looks with an operator's eyes.
func (w *writer) check(t *testing.T, d *desk.Desk) {
	t.Helper()
	if w.err != nil {
		t.Errorf("%s: %v", w.name, w.err)
	}
	view := caseWith(t, d, w.c.ID(), w.name+"'s last message is on the desk", func(v desk.CaseView) bool {
		return len(v.Messages) >= len(w.acked)
	})
	got := texts(view, hotline.SideContact)
	if len(got) != len(w.acked) || strings.Join(got, "\n") != strings.Join(w.acked, "\n") {
		t.Errorf("%s: the desk shows\n%q\nacknowledged were\n%q", w.name, got, w.acked)
	}
	for _, m := range view.Messages {
		if !m.Verified || len(m.Problems) > 0 {
			t.Errorf("%s: message %d: verified %t, problems %v", w.name, m.Seq, m.Verified, m.Problems)
		}
	}
	if len(view.Summary) > 0 {
		t.Errorf("%s: problems of the case: %v", w.name, view.Summary)
	}
}

// countRecords looks with the store's eyes, past everything that could hide a
// second copy.
func countRecords(t *testing.T, h *house, people []*writer) {
	t.Helper()
	base := storetest.Open(t, h.installation().DatabaseURL())
	for _, w := range people {
		id := w.c.ID()
		err := base.View(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.RecordsAfter(t.Context(), db.RecordsAfterParams{CaseID: id[:], After: -1, MaxRows: 1 << 20})
			if err != nil {
				return err
			}
			if len(rows) != len(w.acked) {
				t.Errorf("%s: %d records in the database, %d were acknowledged", w.name, len(rows), len(w.acked))
			}
			for i, r := range rows {
				if r.Seq != int64(i) || r.Place != int64(i) {
					t.Errorf("%s: record %d has number %d and place %d", w.name, i, r.Seq, r.Place)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
