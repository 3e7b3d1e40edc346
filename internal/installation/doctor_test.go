package installation_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/blob"
	"safeconduct/internal/installation"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// states returns what the doctor says by check, the worst of each.
func states(t *testing.T, dir string, at time.Time) map[string]installation.Finding {
	t.Helper()
	out := map[string]installation.Finding{}
	rank := map[string]int{installation.StateOK: 0, installation.StateWarn: 1, installation.StateFail: 2}
	for _, f := range installation.Doctor(t.Context(), dir, func() time.Time { return at }) {
		if f.State != installation.StateOK && f.Next == "" {
			t.Errorf("%s: %q, and not a word on what to do", f.Check, f.Text)
		}
		if old, seen := out[f.Check]; !seen || rank[f.State] > rank[old.State] {
			out[f.Check] = f
		}
	}
	return out
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Each fault is made for real, and found.
func TestDoctor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		check, state string
		harm         func(t *testing.T, in *installation.Installation)
		later        time.Duration
	}{
		"nothing":            {"journal", installation.StateOK, func(*testing.T, *installation.Installation) {}, 0},
		"a file open to all": {"permissions", installation.StateFail, func(t *testing.T, in *installation.Installation) { do(t, os.Chmod(in.DatabaseURL(), 0o644)) }, 0},
		"a secret is missing": {"keys", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			do(t, os.Remove(filepath.Join(in.Dir, "secret", "tls.ed25519")))
		}, 0},
		"another intake key": {"intake key", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			do(t, os.WriteFile(filepath.Join(in.Dir, "secret", "intake.age"), read(t, in.Dir, "secret", "gateway.age"), 0o600))
		}, 0},
		"another journal key": {"journal", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			other := made(t, settings(filepath.Join(t.TempDir(), "other")))
			do(t, os.WriteFile(filepath.Join(in.Dir, "secret", "journal.key"), read(t, other.Dir, "secret", "journal.key"), 0o600))
		}, 0},
		"half a move": {"database", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			do(t, store.MarkAlone(t.Context(), in.DatabaseURL(), store.Mark{State: store.TransferMoving, Detail: "x"}))
		}, 0},
		"a damaged database": {"database", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			do(t, os.WriteFile(in.DatabaseURL(), []byte(strings.Repeat("no database ", 999)), 0o600))
		}, 0},
		"a damaged backup": {"backup", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			all, err := backup.List(in.BackupTarget().Dir)
			do(t, err)
			do(t, os.Truncate(all[0], 3000))
		}, 0},
		"a damaged key store":   {"key store", installation.StateFail, func(t *testing.T, in *installation.Installation) { do(t, os.Truncate(in.BackupTarget().Keys, 700)) }, 0},
		"no backup":             {"backup", installation.StateWarn, func(t *testing.T, in *installation.Installation) { do(t, os.RemoveAll(in.BackupTarget().Dir)) }, 0},
		"an old backup":         {"backup", installation.StateWarn, func(*testing.T, *installation.Installation) {}, 72 * time.Hour},
		"an old manifest":       {"manifest", installation.StateWarn, func(*testing.T, *installation.Installation) {}, 31 * 24 * time.Hour},
		"a manifest out of use": {"manifest", installation.StateFail, func(*testing.T, *installation.Installation) {}, 91 * 24 * time.Hour},
		"bytes that belong to nothing": {"attachments", installation.StateWarn, func(t *testing.T, in *installation.Installation) {
			putBytes(t, in, blob.Key{1, 2, 3})
		}, 0},
		"a lost attachment": {"attachments", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			putBytes(t, in, blob.Key{1, 2, 3})
			nameBytes(t, in, blob.Key{1, 2, 3}, blob.Key{4, 5, 6})
		}, 0},
		"an attachment": {"attachments", installation.StateOK, func(t *testing.T, in *installation.Installation) {
			putBytes(t, in, blob.Key{1, 2, 3})
			nameBytes(t, in, blob.Key{1, 2, 3})
		}, 0},
		"a backup that is open": {"permissions", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			all, err := backup.List(in.BackupTarget().Dir)
			do(t, err)
			do(t, os.Chmod(all[0], 0o640))
		}, 0},
		"a folder that cannot be made": {"folders", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			in.Config.Backup.Dir = "/proc/nowhere"
			saveConfig(t, in)
		}, 0},
		"another program at the door": {"public door", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			in.Config.Public = stranger(t)
			saveConfig(t, in)
		}, 0},
		"another program at the desks' door": {"door for desks", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			in.Config.DeskListen = stranger(t)
			saveConfig(t, in)
		}, 0},
		"no such address": {"public door", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			in.Config.Public = "127.0.0.1:99999"
			saveConfig(t, in)
		}, 0},
		"PostgreSQL is away": {"database", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			in.Config.Database = "postgres://nobody:pa55word@127.0.0.1:1/none"
			saveConfig(t, in)
		}, 0},
		"a wrong bound": {"connections", installation.StateFail, func(t *testing.T, in *installation.Installation) {
			in.Config.Connections.Desk = -1
			saveConfig(t, in)
		}, 0},
		"a manifest that nobody renews": {"manifest", installation.StateWarn, func(*testing.T, *installation.Installation) {}, 25 * 24 * time.Hour},
		"a clock behind":                {"clock", installation.StateFail, func(*testing.T, *installation.Installation) {}, -48 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := made(t, settings(filepath.Join(t.TempDir(), "house")))
			if _, err := in.Backup(t.Context(), in.BackupTarget(), time.Now, nil); err != nil {
				t.Fatal(err)
			}
			c.harm(t, in)
			got := states(t, in.Dir, time.Now().Add(c.later))
			if got[c.check].State != c.state {
				t.Errorf("%s: %+v", c.check, got)
			}
			for check, f := range got {
				if strings.Contains(f.Text, "pa55word") {
					t.Errorf("a password is shown: %+v", f)
				}
				if name == "nothing" && f.State != installation.StateOK && check != "sheets" {
					t.Errorf("a sound house: %+v", f)
				}
			}
		})
	}
}

// A full disk, or one of which nothing is known, is found by what it has left.
func TestDoctorLooksForRoom(t *testing.T) {
	t.Parallel()
	in := made(t, settings(filepath.Join(t.TempDir(), "house")))
	for name, c := range map[string]struct {
		free uint64
		err  error
		want string
	}{
		"room": {5 << 30, nil, installation.StateOK}, "little": {500 << 20, nil, installation.StateWarn}, "none": {1 << 20, nil, installation.StateFail},
		"no answer": {0, os.ErrPermission, installation.StateWarn},
	} {
		e := installation.Examination{Dir: in.Dir, Clock: time.Now, Free: func(string) (uint64, uint64, error) { return c.free, 100 << 30, c.err }}
		for _, f := range e.Findings(t.Context()) {
			if f.Check == "room" && f.State != c.want {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// stranger is the address of a program that is not ours.
func stranger(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func saveConfig(t *testing.T, in *installation.Installation) {
	t.Helper()
	raw, err := json.Marshal(in.Config)
	do(t, err)
	do(t, os.WriteFile(filepath.Join(in.Dir, "server.json"), raw, 0o600))
}

// putBytes puts a part of an attachment where the installation keeps them.
func putBytes(t *testing.T, in *installation.Installation, key blob.Key) {
	t.Helper()
	files, err := blob.OpenFiles(in.ObjectsDir())
	do(t, err)
	do(t, files.Put(t.Context(), key, []byte("sealed")))
	do(t, files.Close())
}

// nameBytes makes the rows of a file with these parts.
func nameBytes(t *testing.T, in *installation.Installation, keys ...blob.Key) {
	t.Helper()
	ctx, d := t.Context(), storetest.Open(t, in.DatabaseURL())
	c, id := storetest.NewCase(t, d, nil), storetest.Bytes(16)
	do(t, d.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.InsertObject(ctx, db.InsertObjectParams{CaseID: c.ID, ID: id, Side: "contact", Size: 6, Parts: int64(len(keys)), Hour: 1}); err != nil {
			return err
		}
		for i, key := range keys {
			if _, err := tx.InsertObjectPart(ctx, db.InsertObjectPartParams{CaseID: c.ID, ObjectID: id, Idx: int64(i), Hash: storetest.Bytes(32), Blob: key[:]}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// The doctor works beside a running server, and on PostgreSQL.
func TestDoctorBesideTheServer(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		o := settings(filepath.Join(t.TempDir(), "house"))
		if engine == storetest.Postgres {
			o.Database = storetest.URL(t, engine)
		}
		in := made(t, o)
		storetest.Open(t, in.DatabaseURL())
		for check, f := range states(t, in.Dir, time.Now()) {
			if f.State == installation.StateFail {
				t.Errorf("%s: %s: %+v", engine, check, f)
			}
		}
	}
}
