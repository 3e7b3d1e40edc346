package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// fixture is a database with a journal, and where its backups go.
type fixture struct {
	t      *testing.T
	db     *store.DB
	signer *journal.Signer
	blobs  blob.Store // attachments, of tests that have some
	mu     sync.Mutex
	now    time.Time
	to     backup.Target
}

func newFixture(t *testing.T, engine string) *fixture {
	t.Helper()
	f := &fixture{t: t, db: storetest.Open(t, storetest.URL(t, engine)), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	var err error
	if f.signer, err = journal.GenerateSigner(journal.Origin(make([]byte, 16))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f.to = backup.Target{Dir: filepath.Join(dir, "backup"), Keys: filepath.Join(dir, "keys", "keys.tar"), Keep: 2}
	f.write("begin")
	return f
}

// write changes two settings together, with a leaf.
func (f *fixture) write(value string) {
	f.t.Helper()
	if err := f.change(f.t.Context(), value); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) change(ctx context.Context, value string) error {
	return f.db.Update(ctx, func(tx *store.Tx) error {
		a, err := journal.Append(ctx, tx.Journal(), journal.Entry{Hour: 1, Actor: "server", Act: "test"})
		if err != nil {
			return err
		}
		head, err := tx.JournalHead(ctx)
		if err != nil {
			return err
		}
		signed, err := f.signer.Extend([]byte(head.Checkpoint), a)
		if err != nil {
			return err
		}
		if _, err := tx.SetCheckpoint(ctx, string(signed), a.Head.Size); err != nil {
			return err
		}
		for _, key := range []string{"left", "right"} {
			if err := tx.PutSetting(ctx, key, []byte(value)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(time.Second)
	return f.now
}

func (f *fixture) source() backup.Source {
	return backup.Source{DB: f.db, Blobs: f.blobs, Signer: f.signer, Clock: f.clock}
}

func (f *fixture) take() backup.Taken {
	f.t.Helper()
	taken, err := f.source().Take(f.t.Context(), f.to)
	if err != nil {
		f.t.Fatal(err)
	}
	return taken
}

func (f *fixture) archive() []byte {
	f.t.Helper()
	raw, err := os.ReadFile(f.take().Path)
	if err != nil {
		f.t.Fatal(err)
	}
	return raw
}

func eachEngine(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, newFixture(t, engine))
		})
	}
}

// settings reads the settings out of a backup.
func settings(t *testing.T, taken backup.Taken) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := backup.Rows(taken.Path, taken.Manifest, func(table string, row map[string]any) error {
		if table == "setting" {
			value, _ := row["value"].([]byte)
			out[row["key"].(string)] = string(value)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// A backup is one state of the database, while writers go on and are not held up.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, f *fixture) {
		ctx, stop := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		var mu sync.Mutex
		written := 0
		for w := range 3 {
			writers.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					if err := f.change(ctx, strconv.Itoa(w)+"/"+strconv.Itoa(i)); err != nil && ctx.Err() == nil {
						t.Errorf("a write beside the backup: %v", err)
						return
					}
					mu.Lock()
					written++
					mu.Unlock()
				}
			})
		}
		count := func() int { mu.Lock(); defer mu.Unlock(); return written }
		for range 3 {
			before := count()
			taken := f.take()
			got := settings(t, taken)
			if got["left"] == "" || got["left"] != got["right"] {
				t.Errorf("the backup is of two states: %v", got)
			}
			if count() == before {
				t.Error("nobody could write while the backup was taken")
			}
		}
		stop()
		writers.Wait()
	})
}

// What destroys a key, or a person has put away, must not come back.
func TestNeverInABackup(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, f *fixture) {
		wrap, letter, kept := []byte("the wrap of a team key 123456"), []byte("the copy for the person 12345"), []byte("the desk's own file 123456789")
		position, word := []byte("where somebody is 12345678901"), []byte("what a bot still has to say 1")
		c := storetest.NewCase(t, f.db, nil)
		ctx := t.Context()
		id := storetest.Bytes(32)
		if err := f.db.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.InsertTeamEpoch(ctx, db.InsertTeamEpochParams{Team: "desk", N: 1, Recipient: "r", ReplyKey: storetest.Bytes(32), Statement: []byte("s"), CreatedHour: 1})
			if err != nil {
				return err
			}
			if err := tx.PutTeamWrap(ctx, db.PutTeamWrapParams{Team: "desk", N: 1, Holder: "recovery", Wrap: wrap}); err != nil {
				return err
			}
			if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: id, CaseID: c.ID, Side: "desk", File: kept, Hour: 1}); err != nil {
				return err
			}
			if _, err := tx.InsertFieldNote(ctx, db.InsertFieldNoteParams{RecordID: id, CaseID: c.ID, Team: "field", Epoch: 1, File: position, Day: 1}); err != nil {
				return err
			}
			if _, err := tx.Enqueue(ctx, store.Job{Kind: "telegram word", Key: "1", Payload: word, RunAt: time.UnixMilli(1)}); err != nil {
				return err
			}
			_, err = tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{RecordID: id, CaseID: c.ID, Seq: 7, File: letter, Hour: 1})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		has := func(file, content []byte) bool {
			return bytes.Contains(file, content) || bytes.Contains(file, []byte(base64.StdEncoding.EncodeToString(content)))
		}
		taken := f.take()
		raw, err := os.ReadFile(taken.Path)
		if err != nil {
			t.Fatal(err)
		}
		if has(raw, wrap) || has(raw, letter) || has(raw, position) || has(raw, word) {
			t.Error("the backup holds a wrap of a team key, a person's copy or position, or what a bot has to say")
		}
		if !has(raw, kept) {
			t.Error("the search finds nothing at all")
		}
		keys, err := os.ReadFile(f.to.Keys)
		if err != nil || !has(keys, wrap) || has(keys, letter) {
			t.Errorf("the key store lacks the wrap, or holds more: %v", err)
		}
		// It says which copies a desk must seal again.
		var missing []any
		if err := backup.Rows(taken.Path, taken.Manifest, func(table string, row map[string]any) error {
			if table == "reply_missing" {
				missing = append(missing, row["seq"])
			}
			return nil
		}); err != nil || !slices.Equal(missing, []any{int64(7)}) {
			t.Errorf("missing copies %v, %v", missing, err)
		}
		for _, path := range []string{taken.Path, f.to.Keys} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", filepath.Base(path), info.Mode(), err)
			}
		}
	})
}

// rewrite passes the files of an archive through change; nil leaves one out.
func rewrite(t *testing.T, raw []byte, change func(name string, content []byte) (string, []byte)) []byte {
	t.Helper()
	in := tar.NewReader(bytes.NewReader(raw))
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if h.Name, content = change(h.Name, content); content == nil {
			continue
		}
		h.Size = int64(len(content))
		if err := errors.Join(w.WriteHeader(h), func() error { _, err := w.Write(content); return err }()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.SQLite)
	raw := f.archive()
	other := newFixture(t, storetest.SQLite).archive()
	only := func(want string, edit func([]byte) []byte) []byte {
		return rewrite(t, raw, func(name string, content []byte) (string, []byte) {
			if name == want {
				content = edit(content)
			}
			return name, content
		})
	}
	leaves := "tables/journal_leaf-000001.jsonl"
	cases := map[string][]byte{
		"nothing":              {},
		"no archive":           []byte(strings.Repeat("a letter ", 200)),
		"of another authority": other,
		"a row changed":        only("tables/setting-000001.jsonl", func(b []byte) []byte { return bytes.Replace(b, []byte("left"), []byte("lefu"), 1) }),
		"a row taken out":      only(leaves, func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] }),
		"a row twice":          only(leaves, func(b []byte) []byte { return append(b, b...) }),
		"a table taken out":    only(leaves, func([]byte) []byte { return nil }),
		"the contents changed": only("manifest.txt", func(b []byte) []byte { return bytes.Replace(b, []byte(`"v":1`), []byte(`"v":2`), 1) }),
		"no contents":          only("manifest.txt", func([]byte) []byte { return nil }),
		"a line without end":   only(leaves, func(b []byte) []byte { return b[:len(b)-1] }),
		"a table renamed":      rewrite(t, raw, func(name string, b []byte) (string, []byte) { return strings.Replace(name, "setting", "settinh", 1), b }),
		"a stranger's file": rewrite(t, raw, func(name string, b []byte) (string, []byte) {
			return strings.Replace(name, leaves, "tables/../../etc", 1), b
		}),
		"a second part first": rewrite(t, raw, func(name string, b []byte) (string, []byte) { return strings.Replace(name, "000001", "000002", 1), b }),
	}
	for _, at := range []int{1, 511, 600, 5000, len(raw) / 2, len(raw) - 4096} {
		cases["cut off at "+strconv.Itoa(at)] = raw[:at]
	}
	for name, b := range cases {
		_, err := backup.Check(bytes.NewReader(b), f.signer.Verifier())
		if hotline.KindOf(err) != hotline.KindForged {
			t.Errorf("%s: %v (%v)", name, err, hotline.KindOf(err))
		}
	}
	if _, err := backup.Check(bytes.NewReader(raw), f.signer.Verifier()); err != nil {
		t.Errorf("the whole one: %v", err)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.SQLite)
	f.take()
	f.take()
	third := f.take()
	if all, err := backup.List(f.to.Dir); err != nil || len(all) != 2 || all[0] != third.Path || len(third.Removed) != 1 {
		t.Errorf("kept %v, removed %v, %v", all, third.Removed, err)
	}
	// A clock that was set back gives the newest the oldest name.
	f.mu.Lock()
	f.now = f.now.AddDate(-1, 0, 0)
	f.mu.Unlock()
	fourth := f.take()
	if all, err := backup.List(f.to.Dir); err != nil || len(all) != 2 || !slices.Contains(all, fourth.Path) {
		t.Errorf("after the clock went back: kept %v, %v", all, err)
	}
	if err := backup.Trial(t.Context(), fourth.Path, f.signer.Verifier(), f.to.Dir, nil); err != nil {
		t.Error(err)
	}
}

// nothingLeft checks that a backup which failed has left no half file, and the
// earlier one.
func (f *fixture) nothingLeft(earlier backup.Taken) {
	f.t.Helper()
	names, err := filepath.Glob(filepath.Join(f.to.Dir, "*"))
	names = slices.DeleteFunc(names, func(name string) bool { return filepath.Base(name) == ".lock" })
	if err != nil || !slices.Equal(names, []string{earlier.Path}) {
		f.t.Errorf("in the folder: %v, %v", names, err)
	}
	if err := backup.Trial(f.t.Context(), earlier.Path, f.signer.Verifier(), f.to.Dir, nil); err != nil {
		f.t.Errorf("the earlier backup: %v", err)
	}
	if _, err := backup.CheckFile(f.to.Keys, f.signer.Verifier()); err != nil {
		f.t.Errorf("the key store: %v", err)
	}
}

func TestBackupIsCutOff(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, f *fixture) {
		earlier := f.take()
		for _, step := range []string{"write", "verify", "restore"} {
			ctx, cancel := context.WithCancel(t.Context())
			s := f.source()
			s.Progress = func(p backup.Progress) {
				if p.Step == step {
					cancel()
				}
			}
			if _, err := s.Take(ctx, f.to); err == nil {
				t.Errorf("cut off at %s: no error", step)
			}
			cancel()
			f.nothingLeft(earlier)
		}
		// What a killed program left is swept away by the next backup.
		for _, name := range []string{"safeconduct-20260101T000000Z.tar.part", ".trial-1/trial.db"} {
			path := filepath.Join(f.to.Dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("half"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		f.take()
		if left, err := filepath.Glob(filepath.Join(f.to.Dir, "*.part")); err != nil || len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if _, err := os.Stat(filepath.Join(f.to.Dir, ".trial-1")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the scratch folder: %v", err)
		}
	})
}

func FuzzParseRow(f *testing.F) {
	columns := []store.Column{{Name: "a", Kind: store.KindInt}, {Name: "b", Kind: store.KindText}, {Name: "c", Kind: store.KindBytes}}
	for _, seed := range []string{`[1,"x","AAE="]`, `[null,null,null]`, `[1,2,3]`, `[1,"x"]`, `[1,"x","AAE=",4]`, `[1.5,"x",""]`, `[1,"\u0000","AAE="]`, `[`, `{}`, `[[1]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, err := backup.ParseRow(line, columns)
		if err == nil && len(row) != len(columns) {
			t.Fatalf("%q gave %d values", line, len(row))
		}
	})
}

func FuzzCheck(f *testing.F) {
	signer, err := journal.GenerateSigner(journal.Origin(make([]byte, 16)))
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	object := "objects/" + strings.Repeat("0a", 32) + "/" + strings.Repeat("0b", 32)
	for _, name := range []string{"README.txt", "tables/setting-000001.jsonl", object, "manifest.txt"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: 3, Mode: 0o600}); err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write([]byte("[]\n")); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.Bytes())
	f.Add([]byte("no archive"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := backup.Check(bytes.NewReader(raw), signer.Verifier()); err == nil {
			t.Fatal("an archive that nobody signed was believed")
		}
	})
}
