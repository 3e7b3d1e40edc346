package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

func put(ctx context.Context, key, value string) func(*store.Tx) error {
	return func(tx *store.Tx) error { return tx.PutSetting(ctx, key, []byte(value)) }
}

// get returns a setting's value, "" when it is not there.
func get(t *testing.T, d *store.DB, key string) string {
	t.Helper()
	var value []byte
	err := d.View(t.Context(), func(tx *store.Tx) (err error) {
		value, err = tx.Setting(t.Context(), key)
		return err
	})
	if err != nil && hotline.KindOf(err) != hotline.KindNotFound {
		t.Fatalf("read %s: %v", key, err)
	}
	return string(value)
}

func update(t *testing.T, d *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

func TestUpdateIsKeptAndSurvivesReopening(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := storetest.URL(t, engine)
			d := storetest.Open(t, url)
			update(t, d, put(t.Context(), "a", "1"))
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if err := d.Update(t.Context(), put(t.Context(), "a", "2")); !errors.Is(err, store.ErrClosed) {
				t.Errorf("update after Close: %v", err)
			}
			if err := d.View(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
				t.Errorf("view after Close: %v", err)
			}
			if got := get(t, storetest.Open(t, url), "a"); got != "1" {
				t.Errorf("after reopening: %q", got)
			}
		})
	}
}

func TestFailedUpdateKeepsNothing(t *testing.T) {
	t.Parallel()
	own := errors.New("our own reason")
	for name, c := range map[string]struct {
		fn   func(ctx context.Context, tx *store.Tx) error
		want func(error) bool
	}{
		"own error": {
			func(context.Context, *store.Tx) error { return own },
			func(err error) bool { return errors.Is(err, own) },
		},
		"own kind": {
			func(context.Context, *store.Tx) error {
				return hotline.Errorf(hotline.KindDenied, "test", "no")
			},
			func(err error) bool { return hotline.KindOf(err) == hotline.KindDenied },
		},
		"panic": {
			func(context.Context, *store.Tx) error { panic("secret word") },
			func(err error) bool {
				return err != nil && strings.Contains(err.Error(), "panic") && !strings.Contains(err.Error(), "secret word")
			},
		},
		"missing row": {
			func(ctx context.Context, tx *store.Tx) error { _, err := tx.Setting(ctx, "none"); return err },
			func(err error) bool { return hotline.KindOf(err) == hotline.KindNotFound },
		},
		"broken rule": {
			func(ctx context.Context, tx *store.Tx) error { return tx.InsertJournalHash(ctx, 1, []byte("short")) },
			func(err error) bool {
				return hotline.KindOf(err) == hotline.KindConflict && errors.Is(err, store.ErrConstraint)
			},
		},
		"swallowed failure": {
			func(ctx context.Context, tx *store.Tx) error {
				_ = tx.InsertJournalHash(ctx, 1, []byte("short"))
				_ = tx.PutSetting(ctx, "a", []byte("2")) // must not run on either database
				return nil
			},
			func(err error) bool { return errors.Is(err, store.ErrConstraint) },
		},
		"empty required bytes": {
			func(ctx context.Context, tx *store.Tx) error { return tx.PutRecoveryPart(ctx, "1-2", []byte{}) },
			func(err error) bool { return errors.Is(err, store.ErrConstraint) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, open func() *store.DB) {
				d := open()
				err := d.Update(t.Context(), func(tx *store.Tx) error {
					tx.AfterCommit(func() { t.Error("AfterCommit ran") })
					if err := tx.PutSetting(t.Context(), "a", []byte("1")); err != nil {
						return err
					}
					return c.fn(t.Context(), tx)
				})
				if !c.want(err) {
					t.Errorf("error: %v (kind %v)", err, hotline.KindOf(err))
				}
				if got := get(t, d, "a"); got != "" {
					t.Errorf("kept %q", got)
				}
				update(t, d, put(t.Context(), "b", "works on"))
			})
		})
	}
}

func TestGoexitInUpdateHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = d.Update(ctx, func(tx *store.Tx) error {
				if err := tx.PutSetting(ctx, "a", []byte("1")); err != nil {
					return err
				}
				runtime.Goexit()
				return nil
			})
		}()
		<-done
		update(t, d, put(ctx, "b", "1"))
		if a, b := get(t, d, "a"), get(t, d, "b"); a != "" || b != "1" {
			t.Errorf("a = %q, b = %q", a, b)
		}
	})
}

func TestCancelledUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := d.Update(ctx, func(*store.Tx) error { t.Error("it ran"); return nil })
		if !errors.Is(err, context.Canceled) || hotline.KindOf(err) != hotline.KindUnavailable {
			t.Errorf("cancelled before: %v", err)
		}
	})
}

// A caller who goes away after its function has run gets the commit's answer, and
// the others in the same commit are not touched.
func TestCancelAfterTheFunctionRan(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Update(ctx, func(tx *store.Tx) error {
			err := tx.PutSetting(ctx, "a", []byte("1"))
			cancel()
			return err
		})
		if err != nil {
			t.Fatalf("update: %v", err)
		}
		if got := get(t, d, "a"); got != "1" {
			t.Errorf("kept %q", got)
		}
	})
}

func TestTxIsDeadAfterItsFunction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		var leaked *store.Tx
		update(t, d, func(tx *store.Tx) error { leaked = tx; return nil })
		if err := leaked.PutSetting(ctx, "a", []byte("1")); !errors.Is(err, store.ErrEnded) {
			t.Errorf("write: %v", err)
		}
		if _, err := leaked.Setting(ctx, "a"); err == nil {
			t.Error("read: no error")
		}
		if got := get(t, d, "a"); got != "" {
			t.Errorf("kept %q", got)
		}
	})
}

func TestAfterCommit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		var order []string
		update(t, d, func(tx *store.Tx) error {
			for _, name := range []string{"first", "second"} {
				tx.AfterCommit(func() { order = append(order, name+get(t, d, "a")) })
			}
			return tx.PutSetting(t.Context(), "a", []byte("!"))
		})
		if got := fmt.Sprint(order); got != "[first! second!]" {
			t.Errorf("ran %v", got)
		}
	})
}

func TestViewSeesOneCommittedState(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		update(t, d, put(ctx, "a", "old"))
		update(t, d, func(tx *store.Tx) error {
			if err := tx.PutSetting(ctx, "a", []byte("new")); err != nil {
				return err
			}
			if got := get(t, d, "a"); got != "old" {
				t.Errorf("before the commit a view sees %q", got)
			}
			return nil
		})
		err := d.View(ctx, func(tx *store.Tx) error {
			if v, err := tx.Setting(ctx, "a"); err != nil || string(v) != "new" {
				t.Errorf("after the commit: %q, %v", v, err)
			}
			update(t, d, put(ctx, "a", "newer"))
			v, err := tx.Setting(ctx, "a")
			if string(v) != "new" {
				t.Errorf("the view moved on to %q", v)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		err := d.View(ctx, put(ctx, "a", "1"))
		if !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("write: %v", err)
		}
		err = d.View(ctx, func(tx *store.Tx) error { _, err := tx.LockCase(ctx, storetest.Bytes(16)); return err })
		if !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("lock: %v", err)
		}
		if got := get(t, d, "a"); got != "" {
			t.Errorf("kept %q", got)
		}
	})
}

// Two nodes on one database count up in one row: no increment may get lost.
func TestConcurrentUpdatesOfOneRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		nodes := []*store.DB{open(), open()}
		const callers, rounds = 8, 25
		var wg sync.WaitGroup
		var failed atomic.Int64
		for i := range callers {
			wg.Go(func() {
				for range rounds {
					err := nodes[i%2].Update(t.Context(), func(tx *store.Tx) error {
						_, err := tx.NextVersion(t.Context())
						return err
					})
					if err != nil {
						failed.Add(1)
						t.Errorf("update: %v", err)
					}
				}
			})
		}
		wg.Wait()
		var last int64
		if err := nodes[0].View(t.Context(), func(tx *store.Tx) (err error) {
			last, err = tx.LastVersion(t.Context())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if want := callers*rounds - failed.Load(); last != want {
			t.Errorf("counted %d, want %d", last, want)
		}
	})
}

func TestCheckAndScrub(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		update(t, d, put(t.Context(), "a", "1"))
		if err := d.Check(t.Context()); err != nil {
			t.Errorf("check: %v", err)
		}
		if err := d.Scrub(t.Context()); err != nil {
			t.Errorf("scrub: %v", err)
		}
		if got := get(t, d, "a"); got != "1" {
			t.Errorf("after scrub: %q", got)
		}
	})
}

func TestOpenRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", ":memory:", "sqlite://", "mysql://root:hunter2@host/db", "postgres://user:hunter2@host:port/db"} {
		d, err := store.Open(t.Context(), url)
		if err == nil {
			t.Errorf("%q was opened", url)
			_ = d.Close()
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
