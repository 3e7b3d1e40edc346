package backup_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"safeconduct/internal/backup"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// The key store is written alone, over the old one, and what the old file held is
// gone from its blocks too.
func TestKeyStoreIsWrittenOver(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, f *fixture) {
		wraps := map[int64][]byte{1: storetest.Bytes(99), 2: storetest.Bytes(99)}
		f.update(func(tx *store.Tx) error {
			for n, wrap := range wraps {
				_, err := tx.InsertTeamEpoch(t.Context(), db.InsertTeamEpochParams{Team: "desk", N: n, Recipient: string(rune('a' + n)), ReplyKey: storetest.Bytes(32), Statement: []byte("s"), CreatedHour: 1})
				if err != nil {
					return err
				}
				if err := tx.PutTeamWrap(t.Context(), db.PutTeamWrapParams{Team: "desk", N: n, Holder: "recovery", Wrap: wrap}); err != nil {
					return err
				}
			}
			return nil
		})
		write := func() []byte {
			t.Helper()
			if err := f.source().WriteKeys(t.Context(), f.to.Keys); err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(f.to.Keys)
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		has := func(raw []byte, n int64) bool {
			return bytes.Contains(raw, []byte(base64.StdEncoding.EncodeToString(wraps[n])))
		}
		if raw := write(); !has(raw, 1) || !has(raw, 2) {
			t.Fatal("the key store lacks a wrap")
		}
		old := filepath.Join(t.TempDir(), "the same blocks")
		if err := os.Link(f.to.Keys, old); err != nil {
			t.Fatal(err)
		}
		f.update(func(tx *store.Tx) error { _, err := tx.DestroyTeamEpoch(t.Context(), "desk", 1); return err })
		if raw := write(); has(raw, 1) || !has(raw, 2) {
			t.Error("the destroyed wrap is there, or the other is not")
		}
		if raw, err := os.ReadFile(old); err != nil || len(bytes.Trim(raw, "\x00")) != 0 {
			t.Errorf("the old file's blocks still hold something: %v", err)
		}
		if m, err := backup.CheckFile(f.to.Keys, f.signer.Verifier()); err != nil || m.Kind != backup.KindKeys {
			t.Errorf("%v %v", m.Kind, err)
		}
		if all, err := filepath.Glob(f.to.Keys + "*"); err != nil || len(all) != 1 {
			t.Errorf("beside it: %v", all)
		}
	})
}

func (f *fixture) update(change func(*store.Tx) error) {
	f.t.Helper()
	if err := f.db.Update(f.t.Context(), change); err != nil {
		f.t.Fatal(err)
	}
}
