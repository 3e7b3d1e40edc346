package backup_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// full makes a SQLite database with rows enough for many steps of a move.
func full(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	d := storetest.Open(t, path)
	err := d.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 1500 {
			if err := tx.PutSetting(t.Context(), fmt.Sprintf("Ж%d", i), storetest.Bytes(i%50)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		storetest.NewCase(t, d, nil)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A move that is cut off at any step leaves nothing that can be served, and goes on.
func TestMoveIsCutOff(t *testing.T) {
	t.Parallel()
	from, to := full(t), storetest.URL(t, storetest.Postgres)
	marked := func(url string) {
		t.Helper()
		if _, err := store.Open(t.Context(), url); !errors.Is(err, store.ErrTransfer) {
			t.Errorf("half a move can be served: %v", err)
		}
	}
	for stop := 1; ; stop += 7 {
		ctx, cancel := context.WithCancel(t.Context())
		steps, last := 0, int64(0)
		m := backup.Move{From: from, To: to, Tell: func(p backup.Progress) {
			if p.Step == "move" && p.Table == "setting" {
				if p.Rows <= last {
					t.Errorf("went back: %+v", p)
				}
				last = p.Rows
			}
			if steps++; steps == stop {
				cancel()
			}
		}}
		moved, err := m.Run(ctx)
		cancel()
		if err == nil {
			var rows int64
			for _, table := range moved {
				rows += table.Rows
			}
			if stop < 9 || rows < 1520 {
				t.Errorf("done at once, or little: %d rows, stopped after %d", rows, stop)
			}
			break
		}
		if stop > 200 {
			t.Fatalf("it never ends: %v", err)
		}
		marked(from)
		marked(to)
	}
	marked(from) // it was moved
	d := storetest.Open(t, to)
	err := d.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.CasesAfter(t.Context(), 0, 100)
		if len(rows) != 20 {
			t.Errorf("%d cases", len(rows))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	storetest.NewCase(t, d, nil)
	// Once more does no harm, and back is possible.
	if _, err := (backup.Move{From: from, To: to}).Run(t.Context()); hotline.KindOf(err) != hotline.KindConflict || !strings.Contains(err.Error(), "already") {
		t.Errorf("a second time: %v", err)
	}
	if err := backup.Undo(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	storetest.Open(t, from)
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	from, to := full(t), storetest.URL(t, storetest.Postgres)
	run := func(from, to string) error {
		_, err := backup.Move{From: from, To: to}.Run(t.Context())
		return err
	}
	if err := run(from, "sqlite:///tmp/x"); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("to SQLite: %v", err)
	}
	if err := run(from+"x", to); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("from nothing: %v", err)
	}
	open := storetest.Open(t, from)
	if err := run(from, to); hotline.KindOf(err) != hotline.KindBusy {
		t.Errorf("beside a running server: %v", err)
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	used := storetest.URL(t, storetest.Postgres)
	storetest.NewCase(t, storetest.Open(t, used), nil)
	if err := run(from, used); hotline.KindOf(err) != hotline.KindConflict {
		t.Errorf("into one in use: %v", err)
	}
	if err := backup.Undo(t.Context(), from); err != nil {
		t.Error(err)
	}
	if err := backup.Undo(t.Context(), from); hotline.KindOf(err) != hotline.KindConflict {
		t.Errorf("undo without a move: %v", err)
	}
	// A target that was half filled by a move which was given up is emptied first.
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := (backup.Move{From: from, To: to, Tell: func(backup.Progress) { cancel() }}).Run(ctx); err == nil {
		t.Error("it was not cut off")
	}
	if err := backup.Undo(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	if err := run(from, to); err != nil {
		t.Errorf("a new move: %v", err)
	}
}
