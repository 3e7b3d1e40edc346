package installation_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// schema1 is an installation with a backup, written by a program of the first schema.
const schema1 = "testdata/schema1"

// olderHouse is that installation with its database, as that program left it.
func olderHouse(t *testing.T, database string) *installation.Installation {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(schema1)); err != nil {
		t.Fatal(err)
	}
	in, err := installation.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if database != "" {
		in.Config.Database = database
	}
	verifier, err := journal.ParseVerifier(in.JournalKey())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(schema1, "backup.tar")
	m, err := backup.CheckFile(path, verifier)
	if err != nil {
		t.Fatal(err)
	}
	d := storetest.Open(t, in.DatabaseURL(), store.UpTo(1))
	if err := errors.Join(backup.LoadFile(t.Context(), path, m, d, nil), d.Close()); err != nil {
		t.Fatal(err)
	}
	return in
}

// Before a schema is changed there is a verified backup of it, on both databases.
func TestBackupBeforeMigrating(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			database := ""
			if engine == storetest.Postgres {
				database = storetest.URL(t, engine)
			}
			in := olderHouse(t, database)
			// Where no backup can be taken nothing is changed.
			if err := os.WriteFile(in.BackupTarget().Dir, []byte("in the way"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := in.Open(t.Context(), time.Now); err == nil || !strings.Contains(err.Error(), "was not changed") {
				t.Errorf("without a backup: %v", err)
			}
			if err := os.Remove(in.BackupTarget().Dir); err != nil {
				t.Fatal(err)
			}
			d, err := in.Open(t.Context(), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			all, err := backup.List(in.BackupTarget().Dir)
			if err != nil || len(all) != 1 {
				t.Fatalf("backups: %v, %v", all, err)
			}
			if err := in.TryBackup(t.Context(), all[0], nil); err != nil {
				t.Error(err)
			}
			if report, _, err := in.Verify(t.Context(), "", nil); err != nil || !report.OK() {
				t.Errorf("afterwards the journal: %v %v", report, err)
			}
			// A schema that is up to date needs none.
			if d, err = in.Open(t.Context(), time.Now); err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if all, err := backup.List(in.BackupTarget().Dir); err != nil || len(all) != 1 {
				t.Errorf("another backup without need: %v, %v", all, err)
			}
		})
	}
}

// TestRestoreOfTheFirstSchema restores a committed backup of the first schema into
// both databases and brings it up to date.
func TestRestoreOfTheFirstSchema(t *testing.T) {
	t.Parallel()
	const fixture = schema1
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			r := installation.Restore{
				From: filepath.Join(fixture, "backup.tar"), Keys: filepath.Join(fixture, "keys.tar"), Secrets: fixture,
				To: filepath.Join(t.TempDir(), "new"), Clock: time.Now,
			}
			if engine == storetest.Postgres {
				r.Database = storetest.URL(t, engine)
			}
			report, err := r.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Manifest.Schema) != 1 {
				t.Errorf("the fixture has schema %d", len(report.Manifest.Schema))
			}
			in, err := installation.Open(r.To)
			if err != nil {
				t.Fatal(err)
			}
			verified, _, err := in.Verify(t.Context(), "", nil)
			if err != nil || !verified.OK() {
				t.Errorf("the journal: %v %v", verified, err)
			}
			d := storetest.Open(t, in.DatabaseURL())
			err = d.View(t.Context(), func(tx *store.Tx) error {
				wraps, err := tx.TeamHolders(t.Context())
				if err != nil || len(wraps) != 2 {
					t.Errorf("wraps: %v", wraps)
				}
				rows, err := tx.CasesAfter(t.Context(), 0, 10)
				if err != nil || len(rows) != 1 || rows[0].CreatedHour != 480_000 {
					t.Errorf("cases: %v", rows)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A backup of a newer program is refused in words.
func TestRestoreOfANewerSchema(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		ours, err := store.Migrations(engine)
		if err != nil {
			t.Fatal(err)
		}
		m := backup.Manifest{Engine: engine, Schema: append(ours, store.Migration{N: int64(len(ours) + 1)})}
		if err := m.Known(); hotline.KindOf(err) != hotline.KindConflict || !strings.Contains(fmt.Sprint(err), "newer program") {
			t.Errorf("%v", err)
		}
		m.Schema = append([]store.Migration{}, ours...)
		m.Schema[0].Checksum = "another"
		if err := m.Known(); hotline.KindOf(err) != hotline.KindConflict {
			t.Errorf("a changed step: %v", err)
		}
	}
}
