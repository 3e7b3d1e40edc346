package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

func TestFullDatabaseKeepsNothingAndRecovers(t *testing.T) {
	t.Parallel()
	d := storetest.Open(t, storetest.URL(t, storetest.SQLite), store.WithMaxPages(160))
	ctx := t.Context()
	update(t, d, put(ctx, "small", "1"))
	err := d.Update(ctx, func(tx *store.Tx) error {
		if err := tx.PutSetting(ctx, "before", []byte("1")); err != nil {
			return err
		}
		return tx.PutSetting(ctx, "big", make([]byte, 1<<20))
	})
	if !errors.Is(err, store.ErrFull) || hotline.KindOf(err) != hotline.KindUnavailable {
		t.Fatalf("big update: %v (%v)", err, hotline.KindOf(err))
	}
	if got := get(t, d, "before"); got != "" {
		t.Error("half of the update was kept")
	}
	update(t, d, put(ctx, "small", "2"))
	if got := get(t, d, "small"); got != "2" {
		t.Errorf("after that: %q", got)
	}
}

// When SQLite itself rolls back because the disk is full, those in the same commit hear that
// they were not kept; nobody is told otherwise.
func TestFullDatabaseInABatch(t *testing.T) {
	t.Parallel()
	g := newGate()
	d := storetest.Open(t, storetest.URL(t, storetest.SQLite), store.WithCommitHook(g.hook), store.WithMaxPages(160))
	ctx := t.Context()
	first := make(chan error, 1)
	go func() { first <- d.Update(ctx, put(ctx, "first", "1")) }()
	<-g.arrived
	const n = 9
	results := make([]chan error, n)
	for i := range n {
		results[i] = make(chan error, 1)
		value := []byte("1")
		if i == 4 {
			value = make([]byte, 1<<20)
		}
		go func() {
			results[i] <- d.Update(ctx, func(tx *store.Tx) error { return tx.PutSetting(ctx, fmt.Sprint("k", i), value) })
		}()
		waitFor(t, func() bool { return d.Stats().Queue == i+1 })
	}
	g.open <- nil
	done := make(chan struct{})
	go func() { // whether one or two commits follow is SQLite's affair
		for {
			select {
			case <-g.arrived:
				g.open <- nil
			case <-done:
				return
			}
		}
	}()
	defer close(done)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	for i, result := range results {
		err := <-result
		kept := get(t, d, fmt.Sprint("k", i)) != ""
		if kept != (err == nil) {
			t.Errorf("update %d: kept %v, error %v", i, kept, err)
		}
		if err != nil && !errors.Is(err, store.ErrFull) {
			t.Errorf("update %d: %v", i, err)
		}
		if i == 4 && err == nil {
			t.Error("the big update was kept")
		}
		if i > 4 && err != nil {
			t.Errorf("update %d came after the full one and failed: %v", i, err)
		}
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "odd ?#%41 name.db")
	d := storetest.Open(t, path)
	update(t, d, put(t.Context(), "a", "1"))
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 {
		t.Errorf("%d files, want the database, its log and its index", len(files))
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
}

func TestNoDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), path); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("open: %v", err)
	}
	if _, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "missing", "a.db")); hotline.KindOf(err) != hotline.KindUnavailable {
		t.Errorf("open in a missing folder: %v", err)
	}
}

// What was deleted is nowhere in the files after Scrub.
func TestDeletedBytesAreGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := storetest.Open(t, filepath.Join(dir, "a.db"))
	ctx := t.Context()
	mark := []byte("the wrap of a destroyed epoch's key")
	found := func() (in []string) {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, mark) {
				in = append(in, f.Name())
			}
		}
		return in
	}
	update(t, d, func(tx *store.Tx) error { return tx.PutSetting(ctx, "a", mark) })
	if len(found()) == 0 {
		t.Fatal("the mark is not in the files: the test looks for the wrong thing")
	}
	update(t, d, func(tx *store.Tx) error { _, err := tx.DeleteSetting(ctx, "a"); return err })
	if err := d.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if in := found(); len(in) != 0 {
		t.Errorf("deleted bytes are still in %v", in)
	}
}
