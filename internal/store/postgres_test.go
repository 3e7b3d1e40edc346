package store_test

import (
	"errors"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// cutOff ends every connection to the database that is inside a transaction.
func cutOff(t *testing.T, dbURL string) {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, dbURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	// Two statements: a view of the activity is one moment's.
	tag, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND state = 'idle in transaction'`)
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("cut off %d connections: %v", tag.RowsAffected(), err)
	}
}

func TestConnectionLostBeforeTheCommitIsRunAgain(t *testing.T) {
	t.Parallel()
	dbURL := storetest.URL(t, storetest.Postgres)
	d := storetest.Open(t, dbURL)
	ctx := t.Context()
	runs, after := 0, 0
	update(t, d, func(tx *store.Tx) error {
		runs++
		tx.AfterCommit(func() { after++ })
		if err := tx.PutSetting(ctx, "a", []byte("1")); err != nil {
			return err
		}
		if runs == 1 {
			cutOff(t, dbURL)
		}
		return tx.PutSetting(ctx, "b", []byte("1"))
	})
	if runs != 2 || after != 1 || get(t, d, "a") != "1" || get(t, d, "b") != "1" {
		t.Errorf("%d runs, %d calls after the commit", runs, after)
	}
	if s := d.Stats(); s.Retries != 1 || s.Updates != 1 {
		t.Errorf("stats %+v", s)
	}
}

// When the answer to a commit is lost the update is not run again: it might be
// kept twice. The caller hears that nobody knows.
func TestConnectionLostInTheCommitIsUnknown(t *testing.T) {
	t.Parallel()
	dbURL := storetest.URL(t, storetest.Postgres)
	var armed atomic.Bool
	d := storetest.Open(t, dbURL, store.WithCommitHook(func(int) error {
		if armed.Swap(false) {
			cutOff(t, dbURL)
		}
		return nil
	}))
	ctx := t.Context()
	armed.Store(true)
	runs := 0
	err := d.Update(ctx, func(tx *store.Tx) error {
		runs++
		tx.AfterCommit(func() { t.Error("AfterCommit ran") })
		return tx.PutSetting(ctx, "a", []byte("1"))
	})
	if hotline.KindOf(err) != hotline.KindUnknown || !errors.Is(err, store.ErrUnknown) || runs != 1 {
		t.Errorf("after %d runs: %v (%v)", runs, err, hotline.KindOf(err))
	}
	update(t, d, put(ctx, "b", "works on"))
}

// Two transactions that wait for each other both succeed in the end.
func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	d := storetest.Open(t, storetest.URL(t, storetest.Postgres))
	ctx := t.Context()
	one, two := storetest.NewCase(t, d, nil), storetest.NewCase(t, d, nil)
	holds := map[string]chan struct{}{"a": make(chan struct{}), "b": make(chan struct{})}
	lock := func(me, other string, first, then db.HotlineCase) error {
		run := 0
		return d.Update(ctx, func(tx *store.Tx) error {
			run++
			if _, err := tx.LockCase(ctx, first.ID); err != nil {
				return err
			}
			if run == 1 {
				close(holds[me])
				<-holds[other]
			}
			if _, err := tx.LockCase(ctx, then.ID); err != nil {
				return err
			}
			return tx.PutSetting(ctx, me, []byte("done"))
		})
	}
	result := make(chan error, 1)
	go func() { result <- lock("a", "b", one, two) }()
	if err := lock("b", "a", two, one); err != nil {
		t.Errorf("b: %v", err)
	}
	if err := <-result; err != nil {
		t.Errorf("a: %v", err)
	}
	if s := d.Stats(); s.Retries < 1 || get(t, d, "a") != "done" || get(t, d, "b") != "done" {
		t.Errorf("stats %+v", s)
	}
}

func TestPostgresMustFlush(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(storetest.URL(t, storetest.Postgres))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("synchronous_commit", "off")
	u.RawQuery = q.Encode()
	if _, err := store.Open(t.Context(), u.String()); !errors.Is(err, store.ErrUnsafeSetting) {
		t.Errorf("open: %v", err)
	}
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), "postgres://me:hunter2@/db?host="+t.TempDir())
	if hotline.KindOf(err) != hotline.KindUnavailable {
		t.Errorf("open: %v (%v)", err, hotline.KindOf(err))
	}
}
