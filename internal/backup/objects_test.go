package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safeconduct/internal/backup"
	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// attach gives a case a file of one part; draw says under what kind of name.
// Without named no record names it yet.
func (f *fixture) attach(c db.HotlineCase, side string, named bool, content string) blob.Key {
	f.t.Helper()
	if f.blobs == nil {
		files, err := blob.OpenFiles(filepath.Join(f.t.TempDir(), "objects"))
		if err != nil {
			f.t.Fatal(err)
		}
		f.t.Cleanup(func() { _ = files.Close() })
		f.blobs = files
	}
	draw := blob.NewKey
	if side == "copy" {
		draw = blob.NewPassingKey
	}
	key, err := draw()
	if err == nil {
		err = f.blobs.Put(f.t.Context(), key, []byte(content))
	}
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, id, record, sum := f.t.Context(), storetest.Bytes(16), storetest.Bytes(32), sha256.Sum256([]byte(content))
	if err := f.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.InsertObject(ctx, db.InsertObjectParams{CaseID: c.ID, ID: id, Side: side, Size: int64(len(content)), Parts: 1, Hour: 1}); err != nil {
			return err
		}
		if _, err := tx.InsertObjectPart(ctx, db.InsertObjectPartParams{CaseID: c.ID, ObjectID: id, Hash: sum[:], Blob: key[:]}); err != nil || !named {
			return err
		}
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: record, CaseID: c.ID, Side: "contact", File: []byte("f"), Hour: 1}); err != nil {
			return err
		}
		p := db.NameObjectParams{RecordID: record, CaseID: c.ID, ID: id, Side: side}
		_, err := tx.NameObject(ctx, p)
		return err
	}); err != nil {
		f.t.Fatal(err)
	}
	return key
}

func (f *fixture) holds(taken backup.Taken, content string) bool {
	f.t.Helper()
	raw, err := os.ReadFile(taken.Path)
	if err != nil {
		f.t.Fatal(err)
	}
	return bytes.Contains(raw, []byte(content))
}

// The bytes of attachments go into a backup and come back out of it; what waits
// for a person, and what nobody has named, does not; nor what was removed since.
func TestAttachmentsAreInBackups(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, f *fixture) {
		stays, goes := storetest.NewCase(t, f.db, nil), storetest.NewCase(t, f.db, nil)
		photo := strings.Repeat("sealed photo of the paper ", 30_000)
		want := map[blob.Key]string{
			f.attach(stays, "contact", true, photo):            photo,
			f.attach(stays, "desk", true, "sealed way to go"):  "sealed way to go",
			f.attach(goes, "contact", true, "of who has left"): "of who has left",
		}
		f.attach(stays, "copy", true, "waits for the person")
		f.attach(stays, "contact", false, "named by nobody yet")
		taken := f.take()
		if o := taken.Manifest.Objects; o.Parts != 3 || o.Missing+o.Removed != 0 || o.Bytes != int64(len(photo)+16+15) {
			t.Errorf("in the list of contents: %+v", o)
		}
		if f.holds(taken, "waits for the person") || f.holds(taken, "named by nobody yet") || !f.holds(taken, "of who has left") {
			t.Error("the backup holds what it must not, or lacks a file")
		}
		f.restored(taken, want)

		if err := f.db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.DeleteCase(t.Context(), goes.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		later := f.take()
		if f.holds(later, "of who has left") || later.Manifest.Objects.Parts != 2 || len(later.Missing) != 0 {
			t.Errorf("after the case was removed: %+v, missing %v", later.Manifest.Objects, later.Missing)
		}
	})
}

// restored loads a backup twice into a new place, the first time cut off.
func (f *fixture) restored(taken backup.Taken, want map[blob.Key]string) {
	f.t.Helper()
	ctx, dir := f.t.Context(), filepath.Join(f.t.TempDir(), "objects")
	d := storetest.Open(f.t, storetest.URL(f.t, storetest.SQLite))
	to, err := blob.OpenFiles(dir)
	if err != nil {
		f.t.Fatal(err)
	}
	defer to.Close()
	if err := backup.LoadFile(ctx, taken.Path, taken.Manifest, d, nil); err != nil {
		f.t.Fatal(err)
	}
	errCut := errors.New("the power went")
	first := true
	put := backup.PutInto(to)
	cut := func(ctx context.Context, key blob.Key, content []byte) error {
		if !first {
			return errCut
		}
		first = false
		return put(ctx, key, content)
	}
	if err := backup.LoadObjects(ctx, taken.Path, taken.Manifest, d, cut, nil); len(want) > 1 && !errors.Is(err, errCut) {
		f.t.Errorf("cut off: %v", err)
	}
	if err := backup.LoadObjects(ctx, taken.Path, taken.Manifest, d, put, nil); err != nil {
		f.t.Fatal(err)
	}
	for key, content := range want {
		if got, err := to.Get(ctx, key); err != nil || string(got) != content {
			f.t.Errorf("%d bytes came back as %d: %v", len(content), len(got), err)
		}
	}
}

// A lost or damaged part does not end all backups: it is named, and all else is kept.
func TestLostAttachmentsAreNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.SQLite)
	c := storetest.NewCase(t, f.db, nil)
	whole, lost, damaged := f.attach(c, "contact", true, "whole"), f.attach(c, "contact", true, "lost"), f.attach(c, "contact", true, "damaged")
	if err := errors.Join(f.blobs.Delete(t.Context(), lost), f.blobs.Put(t.Context(), damaged, []byte("dameged"))); err != nil {
		t.Fatal(err)
	}
	taken := f.take()
	missing := map[blob.Key]bool{}
	for _, k := range taken.Missing {
		missing[k] = true
	}
	if len(missing) != 2 || !missing[lost] || !missing[damaged] || taken.Manifest.Objects.Missing != 2 {
		t.Errorf("named as missing: %v, %+v", taken.Missing, taken.Manifest.Objects)
	}
	f.restored(taken, map[blob.Key]string{whole: "whole"})
	// Where the bytes cannot be reached there is no backup that looks whole.
	f.blobs = unreachable{f.blobs}
	if _, err := f.source().Take(t.Context(), f.to); hotline.KindOf(err) != hotline.KindUnavailable {
		t.Errorf("attachments out of reach: %v", err)
	}
	f.nothingLeft(taken)
	f.blobs = nil
	if _, err := f.source().Take(t.Context(), f.to); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("nobody says where attachments are: %v", err)
	}
}

type unreachable struct{ blob.Store }

func (unreachable) Get(context.Context, blob.Key) ([]byte, error) {
	return nil, hotline.Errorf(hotline.KindUnavailable, "blob", "the disk is away")
}

// What was changed in a backup's attachments is found, and the part is named.
func TestDamagedAttachmentsAreFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.SQLite)
	c := storetest.NewCase(t, f.db, nil)
	key := f.attach(c, "contact", true, "the sealed file")
	other := f.attach(c, "contact", true, "another one")
	raw := f.archive()
	of := func(edit func(name string, b []byte) (string, []byte)) []byte {
		return rewrite(t, raw, func(name string, b []byte) (string, []byte) {
			if strings.Contains(name, key.String()) {
				return edit(name, b)
			}
			return name, b
		})
	}
	for what, c := range map[string]struct {
		b    []byte
		word string
	}{
		"other bytes": {of(func(name string, b []byte) (string, []byte) { return name, bytes.ToUpper(b) }), key.String()},
		"no bytes":    {of(func(name string, b []byte) (string, []byte) { return name, b[:0] }), "parts of attachments"},
		"taken out":   {of(func(name string, _ []byte) (string, []byte) { return name, nil }), "parts of attachments"},
		"too long":    {of(func(name string, _ []byte) (string, []byte) { return name, make([]byte, blob.MaxSize+1) }), "too long"},
		"another place": {of(func(name string, b []byte) (string, []byte) {
			return strings.Replace(name, key.String(), other.String(), 1), b
		}), "parts of attachments"},
		"out of folder": {of(func(name string, b []byte) (string, []byte) { return "objects/../" + name, b }), "out of its place"},
		"among the rows": {rewrite(t, raw, func(name string, b []byte) (string, []byte) {
			if name == "tables/setting-000001.jsonl" {
				name = "objects/" + key.String() + "/" + strings.Repeat("0", 64)
			}
			return name, b
		}), "other bytes"},
	} {
		_, err := backup.Check(bytes.NewReader(c.b), f.signer.Verifier())
		if hotline.KindOf(err) != hotline.KindForged || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: %v (%v)", what, err, hotline.KindOf(err))
		}
	}
}
