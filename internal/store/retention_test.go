package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// Of many nodes that want a turn at once exactly one gets each.
func TestSwapIsOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		nodes := []*store.DB{open(), open()}
		const n = 20
		done := make(chan error, n)
		for i := range n {
			go func() {
				done <- nodes[i%2].Swap(t.Context(), "turn", func(old []byte) ([]byte, error) { return append(old, 'x'), nil })
			}()
		}
		for range n {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := nodes[0].View(t.Context(), func(tx *store.Tx) error {
			v, err := tx.Setting(t.Context(), "turn")
			if string(v) != strings.Repeat("x", n) {
				t.Errorf("%q", v)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A database of an earlier version gets the case of each entry of its journal.
func TestRetentionMigrates(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			raw := rawDB(t, engine)
			id := strings.Repeat("ab", 16)
			for i, line := range []string{
				`{"act":"case.read","actor":"op","case":"` + id + `","detail":{},"hour":480000}`,
				`{"act":"export","actor":"op","case":"","detail":{},"hour":480000}`,
			} {
				if _, err := raw.ExecContext(t.Context(), "INSERT INTO journal_leaf (idx, commitment, blind, entry) VALUES ($1, $2, $3, $4)",
					i, []byte{1}, []byte{2}, []byte(line)); err != nil {
					t.Fatal(err)
				}
			}
			name := migrationFile(t, engine)
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, update, _ := strings.Cut(string(text), "UPDATE journal_leaf")
			update, _, _ = strings.Cut(update, ";")
			if _, err := raw.ExecContext(t.Context(), "UPDATE journal_leaf"+update); err != nil {
				t.Fatal(err)
			}
			got := texts(t, raw, "SELECT COALESCE(about, 'none') FROM journal_leaf ORDER BY idx")
			if fmt.Sprint(got) != "["+id+" none]" {
				t.Errorf("about: %v", got)
			}
		})
	}
}

func migrationFile(t *testing.T, engine string) string {
	t.Helper()
	pattern := "migration/*_retention.sql"
	if engine == storetest.SQLite {
		pattern = "migration/sqlite/*_retention.sql"
	}
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	return names[0]
}

// What was deleted is in no file of the database after a scrub, and writing
// goes on meanwhile.
func TestScrubLeavesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	d := storetest.Open(t, "sqlite://"+path)
	ctx := t.Context()
	secret := storetest.Bytes(900)
	var ids [][]byte
	for range 40 {
		c := storetest.NewCase(t, d, nil)
		ids = append(ids, c.ID)
		for n := range 5 {
			if err := d.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.InsertRecord(ctx, db.InsertRecordParams{
					ID: storetest.Bytes(32), CaseID: c.ID, Side: "contact", Seq: int64(n), File: append(storetest.Bytes(50+100*n), secret...), Hour: 480_000,
				})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !inFiles(t, path, secret) {
		t.Fatal("the test finds nothing even before the deletion")
	}
	writing := make(chan error, 1)
	go func() {
		var err error
		for range 50 {
			if err == nil {
				err = d.Update(ctx, func(tx *store.Tx) error { return tx.PutSetting(ctx, "k", []byte("v")) })
			}
		}
		writing <- err
	}()
	for _, id := range ids {
		if err := d.Update(ctx, func(tx *store.Tx) error { _, err := tx.DeleteCase(ctx, id); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-writing; err != nil {
		t.Error("writers were disturbed:", err)
	}
	if inFiles(t, path, secret) {
		t.Error("deleted content is still in the files")
	}
}

func inFiles(t *testing.T, path string, needle []byte) bool {
	t.Helper()
	names, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range [][]byte{needle, []byte(hex.EncodeToString(needle))} {
			if bytes.Contains(b, form) {
				return true
			}
		}
	}
	return false
}

// Rows of a case lose the numbers that tell in which order they came.
func TestLoseOrder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	d := storetest.Open(t, "sqlite://"+path)
	c := storetest.NewCase(t, d, nil)
	storetest.NewCase(t, d, nil)
	if err := d.Update(t.Context(), func(tx *store.Tx) error { return tx.LoseOrder(context.WithoutCancel(t.Context()), c.ID) }); err != nil {
		t.Fatal(err)
	}
	storetest.NewCase(t, d, nil)
	raw := openRaw(t, path)
	got := texts(t, raw, "SELECT CAST(rowid < 0 AS TEXT) FROM hotline_case ORDER BY rowid")
	if fmt.Sprint(got) != "[1 0 0]" {
		t.Errorf("row ids below zero: %v", got)
	}
}

func openRaw(t *testing.T, path string) *sql.DB {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}
