// Package objecttest gives tests a keeper of attachments over a folder of their own.
package objecttest

import (
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/object"
	"safeconduct/internal/store"
)

// Kept is a keeper with what a test turns.
type Kept struct {
	*object.Keeper
	Dir   string // of the blobs
	Blobs *blob.Files
	used  atomic.Int64 // of the disk, per mille
}

// Fill says how full the disk is, from 0 to 1.
func (k *Kept) Fill(used float64) { k.used.Store(int64(used * 1000)) }

// New makes a keeper; its disk is empty.
func New(t testing.TB, db *store.DB, clock func() time.Time, limits object.Limits) *Kept {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "objects")
	files, err := blob.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	k := &Kept{Dir: dir, Blobs: files}
	k.Keeper, err = object.New(object.Config{
		DB: db, Blobs: files, Clock: clock, Log: slog.New(slog.DiscardHandler), Limits: limits,
		Disk: func() (float64, error) { return float64(k.used.Load()) / 1000, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Files counts what lies in the folder, whatever it is.
func (k *Kept) Files(t testing.TB) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(k.Dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
