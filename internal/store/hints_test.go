package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

func hinted(t *testing.T, ch <-chan struct{}) {
	t.Helper()
	select {
	case _, open := <-ch:
		if !open {
			t.Fatal("the subscription was closed")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no hint within 30 s")
	}
}

func TestSubscribersHearOfCommits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx, cancel := context.WithCancel(t.Context())
		quick, slow := d.Subscribe(ctx), d.Subscribe(ctx)
		for range 5 {
			update(t, d, put(t.Context(), "a", "1"))
			hinted(t, quick) // it is there when Update returns, or another node's echo is
		}
		hinted(t, slow) // five commits, one hint
		cancel()
		for range slow { // until it is closed
		}
	})
}

// A hint is never lost: who looks after each hint sees the last commit.
func TestNoLostHint(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		hints := d.Subscribe(t.Context())
		go func() {
			for range 100 {
				if err := d.Update(t.Context(), func(tx *store.Tx) error {
					_, err := tx.NextVersion(t.Context())
					return err
				}); err != nil {
					t.Errorf("update: %v", err)
				}
			}
		}()
		for version := int64(0); version < 100; {
			hinted(t, hints)
			view(t, d, func(tx *store.Tx) (err error) {
				version, err = tx.LastVersion(t.Context())
				return err
			})
		}
	})
}

func TestFailedUpdatesGiveNoHint(t *testing.T) {
	t.Parallel()
	d := storetest.Open(t, storetest.URL(t, storetest.SQLite))
	hints := d.Subscribe(t.Context())
	if err := d.Update(t.Context(), func(*store.Tx) error { return errors.New("no") }); err == nil {
		t.Fatal("no error")
	}
	select {
	case <-hints:
		t.Error("a hint of what was not kept")
	default:
	}
}

// On PostgreSQL a commit on one node wakes the others.
func TestNodesHearOfEachOther(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t, storetest.Postgres)
	here, there := storetest.Open(t, url), storetest.Open(t, url)
	hints := there.Subscribe(t.Context())
	for range 5 { // the first hint may be that of the listener's own start
		update(t, here, put(t.Context(), "a", "1"))
		hinted(t, hints)
	}
}
