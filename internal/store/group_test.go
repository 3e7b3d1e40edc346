package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// gate holds commits up until it is opened, and counts the updates in each.
type gate struct {
	arrived chan int
	open    chan error
}

func newGate() *gate { return &gate{arrived: make(chan int), open: make(chan error)} }

func (g *gate) hook(n int) error {
	g.arrived <- n
	return <-g.open
}

// pass lets the next commit through, or fails it with err.
func (g *gate) pass(err error) int {
	n := <-g.arrived
	g.open <- err
	return n
}

// backlog opens a gated SQLite store whose writer stands before its first commit, lets
// the n updates of fn queue up behind it, and returns their results.
func backlog(t *testing.T, n int, fn func(i int, tx *store.Tx) error) (*store.DB, *gate, []chan error) {
	t.Helper()
	g := newGate()
	d := storetest.Open(t, storetest.URL(t, storetest.SQLite), store.WithCommitHook(g.hook))
	first := make(chan error, 1)
	go func() { first <- d.Update(t.Context(), put(t.Context(), "first", "1")) }()
	<-g.arrived
	results := make([]chan error, n)
	for i := range n {
		results[i] = make(chan error, 1)
		go func() {
			results[i] <- d.Update(t.Context(), func(tx *store.Tx) error { return fn(i, tx) })
		}()
	}
	waitFor(t, func() bool { return d.Stats().Queue == n })
	g.open <- nil
	if err := <-first; err != nil {
		t.Fatalf("first update: %v", err)
	}
	return d, g, results
}

func TestGroupCommit(t *testing.T) {
	t.Parallel()
	const n = 50
	d, g, results := backlog(t, n, func(i int, tx *store.Tx) error {
		ctx := t.Context()
		if err := tx.PutSetting(ctx, fmt.Sprint("k", i), []byte("1")); err != nil {
			return err
		}
		switch i {
		case 7:
			return errors.New("changed its mind")
		case 8:
			panic("fault of one")
		case 9:
			_, err := tx.InsertCase(ctx, storetest.CaseParams()) // version 0 twice: a broken rule
			if err != nil {
				return err
			}
			p := storetest.CaseParams()
			_, err = tx.InsertCase(ctx, p)
			return err
		}
		return nil
	})
	if kept := g.pass(nil); kept != n-3 {
		t.Errorf("the commit takes %d updates, want %d", kept, n-3)
	}
	for i, result := range results {
		err := <-result
		switch {
		case i == 7 && err != nil && err.Error() == "changed its mind",
			i == 8 && err != nil && strings.Contains(err.Error(), "panic"),
			i == 9 && errors.Is(err, store.ErrConstraint):
			if got := get(t, d, fmt.Sprint("k", i)); got != "" {
				t.Errorf("update %d failed and was kept", i)
			}
		case i < 7 || i > 9:
			if got := get(t, d, fmt.Sprint("k", i)); err != nil || got != "1" {
				t.Errorf("update %d: kept %q, error %v", i, got, err)
			}
		default:
			t.Errorf("update %d: %v", i, err)
		}
	}
	if s := d.Stats(); s.Commits != 2 || s.Updates != n-3+1 || s.MaxBatch != n-3 {
		t.Errorf("stats %+v", s)
	}
}

// Nobody hears "kept" before the commit, and when it fails all hear that.
func TestNoAnswerBeforeTheCommit(t *testing.T) {
	t.Parallel()
	const n = 10
	d, g, results := backlog(t, n, func(i int, tx *store.Tx) error {
		return tx.PutSetting(t.Context(), fmt.Sprint("k", i), []byte("1"))
	})
	if got := <-g.arrived; got != n {
		t.Errorf("%d updates in the commit", got)
	}
	for i, result := range results {
		select {
		case err := <-result:
			t.Errorf("update %d was answered (%v) before the commit", i, err)
		default:
		}
	}
	if got := get(t, d, "k0"); got != "" {
		t.Error("a view sees what is not committed")
	}
	broken := errors.New("the disk is gone")
	g.open <- broken
	for i, result := range results {
		if err := <-result; !errors.Is(err, broken) {
			t.Errorf("update %d: %v", i, err)
		}
	}
	if got := get(t, d, "k0"); got != "" {
		t.Error("a failed commit was kept")
	}
	after := make(chan error, 1)
	go func() { after <- d.Update(t.Context(), put(t.Context(), "later", "1")) }()
	g.pass(nil)
	if err := <-after; err != nil {
		t.Errorf("update after a failed commit: %v", err)
	}
}

func TestWhoLeavesTheQueueIsNotRun(t *testing.T) {
	t.Parallel()
	g := newGate()
	d := storetest.Open(t, storetest.URL(t, storetest.SQLite), store.WithCommitHook(g.hook))
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := d.Update(t.Context(), put(t.Context(), "first", "1")); err != nil {
			t.Errorf("first: %v", err)
		}
	})
	<-g.arrived // the writer is busy
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		left <- d.Update(ctx, func(*store.Tx) error { t.Error("it ran"); return nil })
	}()
	waitFor(t, func() bool { return d.Stats().Queue == 1 })
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) || hotline.KindOf(err) != hotline.KindUnavailable {
		t.Errorf("left the queue: %v", err)
	}
	g.open <- nil
	wg.Wait()
	if s := d.Stats(); s.Updates != 1 {
		t.Errorf("stats %+v", s)
	}
}

// Close runs what was accepted: an update that waits is not lost.
func TestCloseRunsTheQueue(t *testing.T) {
	t.Parallel()
	g := newGate()
	url := storetest.URL(t, storetest.SQLite)
	d := storetest.Open(t, url, store.WithCommitHook(g.hook))
	results := make(chan error, 4)
	for i := range 4 {
		go func() { results <- d.Update(t.Context(), put(t.Context(), fmt.Sprint("k", i), "1")) }()
	}
	n := <-g.arrived
	waitFor(t, func() bool { return d.Stats().Queue == 4-n })
	closed := make(chan error, 1)
	go func() { closed <- d.Close() }()
	g.open <- nil
	for n < 4 {
		n += g.pass(nil)
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	again := storetest.Open(t, url)
	for i := range 4 {
		if err := <-results; err != nil {
			t.Errorf("update: %v", err)
		}
		if got := get(t, again, fmt.Sprint("k", i)); got != "1" {
			t.Errorf("update %d was lost", i)
		}
	}
}

// After a failed flush nobody knows what is on the disk: the update in it is
// told so, and nothing more is promised until a restart has looked.
func TestFailedDiskStopsTheWriter(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	url := storetest.URL(t, storetest.SQLite)
	d := storetest.Open(t, url, store.WithCommitHook(func(int) error {
		if broken.Load() {
			return store.ErrDisk
		}
		return nil
	}))
	update(t, d, put(t.Context(), "a", "1"))
	broken.Store(true)
	err := d.Update(t.Context(), put(t.Context(), "a", "2"))
	if hotline.KindOf(err) != hotline.KindUnknown || !errors.Is(err, store.ErrUnknown) {
		t.Errorf("in the failed commit: %v (%v)", err, hotline.KindOf(err))
	}
	broken.Store(false)
	err = d.Update(t.Context(), func(*store.Tx) error { t.Error("it ran"); return nil })
	if hotline.KindOf(err) != hotline.KindUnavailable || !errors.Is(err, store.ErrDisk) {
		t.Errorf("afterwards: %v (%v)", err, hotline.KindOf(err))
	}
	if got := get(t, d, "a"); got != "1" {
		t.Errorf("a view reads %q", got)
	}
	update(t, storetest.Open(t, url), put(t.Context(), "a", "3"))
}

// One caller leaves in the middle of its writes; the others in the commit do not notice.
func TestCancelInABatchHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	const n = 20
	d, g, results := backlog(t, n, func(i int, tx *store.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for j := range 20 {
			if i%5 == 0 && j == 10 {
				cancel()
			}
			if err := tx.PutSetting(ctx, fmt.Sprint("k", i, "-", j), make([]byte, 3000)); err != nil {
				return err
			}
		}
		if i%5 == 0 {
			return ctx.Err()
		}
		return nil
	})
	if kept := g.pass(nil); kept != n-n/5 {
		t.Errorf("%d updates in the commit", kept)
	}
	for i, result := range results {
		err := <-result
		kept := get(t, d, fmt.Sprint("k", i, "-", 19)) != ""
		if (err == nil) != (i%5 != 0) || kept != (err == nil) {
			t.Errorf("update %d: kept %v, error %v", i, kept, err)
		}
	}
}
