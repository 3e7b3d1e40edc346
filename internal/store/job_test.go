package store_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

var noon = time.UnixMilli(1_750_000_000_000)

const lease = time.Minute

func enqueue(t *testing.T, d *store.DB, jobs ...store.Job) {
	t.Helper()
	for _, j := range jobs {
		update(t, d, func(tx *store.Tx) error { _, err := tx.Enqueue(t.Context(), j); return err })
	}
}

func claim(t *testing.T, d *store.DB, n int, now time.Time) (jobs []store.Claimed) {
	t.Helper()
	update(t, d, func(tx *store.Tx) (err error) {
		jobs, err = tx.Claim(t.Context(), "send", n, now, lease)
		return err
	})
	return jobs
}

func settle(t *testing.T, d *store.DB, c store.Claimed, o store.Outcome) error {
	t.Helper()
	return d.Update(t.Context(), func(tx *store.Tx) error { return tx.Settle(t.Context(), c, o) })
}

func keys(jobs []store.Claimed) string {
	s := ""
	for _, j := range jobs {
		s += j.Key + " "
	}
	return s
}

func TestJobLife(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		enqueue(t, d, store.Job{Kind: "send", Key: "a", Payload: []byte("sealed"), RunAt: noon})
		update(t, d, func(tx *store.Tx) error {
			again, err := tx.Enqueue(ctx, store.Job{Kind: "send", Key: "a", RunAt: noon})
			if again {
				t.Error("the key was kept twice")
			}
			return err
		})
		if got := claim(t, d, 10, noon.Add(-time.Millisecond)); len(got) != 0 {
			t.Errorf("claimed before its time: %v", keys(got))
		}
		got := claim(t, d, 10, noon)
		if len(got) != 1 || got[0].Attempt != 1 || got[0].Kind != "send" || !bytes.Equal(got[0].Payload, []byte("sealed")) || !got[0].RunAt.Equal(noon) {
			t.Fatalf("claimed %+v", got)
		}
		if twice := claim(t, d, 10, noon.Add(lease-time.Millisecond)); len(twice) != 0 {
			t.Errorf("claimed twice: %v", keys(twice))
		}
		// The worker dies; its lease runs out; another takes over.
		late := claim(t, d, 10, noon.Add(lease))
		if len(late) != 1 || late[0].Attempt != 2 {
			t.Fatalf("after the lease: %+v", late)
		}
		if err := settle(t, d, got[0], store.Outcome{}); hotline.KindOf(err) != hotline.KindConflict {
			t.Errorf("the dead worker settles: %v", err)
		}
		retryAt := noon.Add(time.Hour)
		if err := settle(t, d, late[0], store.Outcome{Retry: retryAt, Error: "429"}); err != nil {
			t.Fatal(err)
		}
		if early := claim(t, d, 10, retryAt.Add(-time.Millisecond)); len(early) != 0 {
			t.Errorf("claimed before the retry: %v", keys(early))
		}
		third := claim(t, d, 10, retryAt)
		if len(third) != 1 || third[0].Attempt != 3 {
			t.Fatalf("retry: %+v", third)
		}
		if err := settle(t, d, third[0], store.Outcome{Dead: true, Error: "gone"}); err != nil {
			t.Fatal(err)
		}
		if dead := claim(t, d, 10, retryAt.Add(time.Hour)); len(dead) != 0 {
			t.Errorf("claimed a dead job: %v", keys(dead))
		}
		update(t, d, func(tx *store.Tx) error {
			dead, err := tx.DeadJobs(ctx, 10)
			if err != nil || len(dead) != 1 || dead[0].LastError != "gone" {
				t.Fatalf("dead letters: %+v, %v", dead, err)
			}
			_, err = tx.ReviveJob(ctx, noon.UnixMilli(), dead[0].ID)
			return err
		})
		alive := claim(t, d, 10, retryAt)
		if len(alive) != 1 {
			t.Fatalf("revived: %+v", alive)
		}
		if err := settle(t, d, alive[0], store.Outcome{}); err != nil {
			t.Fatal(err)
		}
		if err := settle(t, d, alive[0], store.Outcome{}); hotline.KindOf(err) != hotline.KindConflict {
			t.Errorf("settled twice: %v", err)
		}
		view(t, d, func(tx *store.Tx) error {
			left, err := tx.CountJobs(ctx)
			if len(left) != 0 {
				t.Errorf("left: %+v", left)
			}
			return err
		})
	})
}

func TestLanesKeepOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		later := noon.Add(time.Hour)
		enqueue(t, d,
			store.Job{Kind: "send", Key: "a1", Lane: "a", RunAt: noon},
			store.Job{Kind: "send", Key: "a2", Lane: "a", RunAt: noon.Add(-time.Hour)}, // due earlier, enqueued later
			store.Job{Kind: "send", Key: "b1", Lane: "b", RunAt: later},
			store.Job{Kind: "send", Key: "b2", Lane: "b", RunAt: noon},
			store.Job{Kind: "send", Key: "x", RunAt: noon},
			store.Job{Kind: "send", Key: "y", RunAt: noon},
		)
		first := claim(t, d, 10, noon)
		if got := keys(first); got != "a1 x y " {
			t.Fatalf("first claim: %s", got)
		}
		if err := settle(t, d, first[0], store.Outcome{Retry: later}); err != nil {
			t.Fatal(err)
		}
		if got := keys(claim(t, d, 10, noon)); got != "" {
			t.Errorf("a lane does not wait for its first job: %s", got)
		}
		second := claim(t, d, 10, later)
		// The leases of x and y have run out by then.
		if got := keys(second); got != "x y b1 a1 " && got != "x y a1 b1 " {
			t.Fatalf("an hour later: %s", got)
		}
		for _, j := range second {
			outcome := store.Outcome{}
			if j.Key == "b1" {
				outcome = store.Outcome{Dead: true}
			}
			if err := settle(t, d, j, outcome); err != nil {
				t.Fatal(err)
			}
		}
		if got := keys(claim(t, d, 10, later)); got != "a2 b2 " {
			t.Errorf("then: %s", got)
		}
	})
}

// Many workers on two nodes: every job is claimed once, and in each lane never two
// at a time and never out of order.
func TestConcurrentClaims(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		nodes := []*store.DB{open(), open()}
		const lanes, perLane = 5, 8
		for i := range perLane {
			for l := range lanes {
				enqueue(t, nodes[l%2], store.Job{Kind: "send", Key: fmt.Sprintf("%d-%d", l, i), Lane: fmt.Sprint("lane", l), RunAt: noon})
			}
		}
		var mu sync.Mutex
		inFlight, next, done := map[string]bool{}, map[string]int{}, 0
		var wg sync.WaitGroup
		for w := range 6 {
			d := nodes[w%2]
			wg.Go(func() {
				for {
					mu.Lock()
					over := done == lanes*perLane
					mu.Unlock()
					if over || t.Failed() {
						return
					}
					for _, j := range claim(t, d, 2, noon) {
						mu.Lock()
						if inFlight[j.Lane] {
							t.Errorf("%s: two in flight", j.Lane)
						}
						if want := fmt.Sprintf("%s-%d", j.Lane[len("lane"):], next[j.Lane]); j.Key != want {
							t.Errorf("claimed %s, want %s", j.Key, want)
						}
						inFlight[j.Lane] = true
						mu.Unlock()
						// Free the lane in our books before the database does.
						mu.Lock()
						inFlight[j.Lane] = false
						next[j.Lane]++
						mu.Unlock()
						if err := settle(t, d, j, store.Outcome{}); err != nil {
							t.Errorf("settle %s: %v", j.Key, err)
						}
						mu.Lock()
						done++
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
	})
}
