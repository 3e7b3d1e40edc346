package installation_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

var update = flag.Bool("update", false, "write testdata/schema1 anew: only a program of that schema's days should")

// olderHouse makes an installation of the first schema with a case in it.
func olderHouse(t *testing.T, o installation.Init) *installation.Installation {
	t.Helper()
	in := made(t, o.At(1))
	d := storetest.Open(t, in.DatabaseURL(), store.UpTo(1))
	c := storetest.NewCase(t, d, nil)
	err := d.Update(t.Context(), func(tx *store.Tx) error {
		id := storetest.Bytes(32)
		if _, err := tx.InsertRecord(t.Context(), db.InsertRecordParams{ID: id, CaseID: c.ID, Side: "contact", File: []byte("sealed"), Hour: 480_000}); err != nil {
			return err
		}
		_, err := tx.InsertReplyCopy(t.Context(), db.InsertReplyCopyParams{RecordID: id, CaseID: c.ID, File: []byte("the person's copy"), Hour: 480_000})
		return err
	})
	if err = errors.Join(err, d.Close()); err != nil {
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
			o := settings(filepath.Join(t.TempDir(), "new"))
			if engine == storetest.Postgres {
				o.Database = storetest.URL(t, engine)
			}
			in := olderHouse(t, o)
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
	const fixture = "testdata/schema1"
	if *update {
		writeFixture(t, fixture)
	}
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

func writeFixture(t *testing.T, to string) {
	t.Helper()
	in := olderHouse(t, settings(filepath.Join(t.TempDir(), "new")))
	d := storetest.Open(t, in.DatabaseURL(), store.AsItIs())
	target := backup.Target{Dir: t.TempDir(), Keys: filepath.Join(to, "keys.tar"), Keep: 1}
	taken, err := in.BackupOf(t.Context(), d, target)
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{"backup.tar": taken.Path, "server.json": filepath.Join(in.Dir, "server.json")} {
		if err := os.WriteFile(filepath.Join(to, name), read(t, from), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(to, "secret"), os.DirFS(filepath.Join(in.Dir, "secret"))); err != nil {
		t.Fatal(err)
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
