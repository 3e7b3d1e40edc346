package blob_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/blob/blobtest"
	"safeconduct/internal/hotline"
)

func open(t *testing.T, dir string) *blob.Files {
	t.Helper()
	f, err := blob.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestFiles(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, open(t, filepath.Join(t.TempDir(), "objects")))
}

func TestFilesSurviveAndTellNoTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k, err := blob.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Put(t.Context(), k, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	if got, err := open(t, dir).Get(t.Context(), k); err != nil || string(got) != "sealed" {
		t.Fatalf("after opening again: %q, %v", got, err)
	}
	info, err := os.Stat(filepath.Join(dir, k.String()[:2], k.String()))
	if err != nil {
		t.Fatal(err)
	}
	if !info.ModTime().Equal(time.Unix(0, 0)) || info.Mode().Perm() != 0o600 {
		t.Errorf("the file says %s, %s", info.ModTime(), info.Mode())
	}
}

// What must be in no backup lies in a folder of its own.
func TestPassingBlobsLieApart(t *testing.T) {
	t.Parallel()
	for range 2000 {
		k, err := blob.NewKey()
		if err != nil || k.Passing() {
			t.Fatal(k, err)
		}
	}
	k, err := blob.NewPassingKey()
	if err != nil || !k.Passing() || k.String()[:2] != "ff" {
		t.Error(k, err)
	}
}

// Links that somebody puts into the folder lead nowhere.
func TestFilesFollowNoLinks(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	file, inFolder := blob.Key{0xaa}, blob.Key{0xbb}
	if err := os.Mkdir(filepath.Join(dir, "aa"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "aa", file.String())); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "bb")); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get(t.Context(), file); err == nil {
		t.Errorf("a link was followed: %q", got)
	}
	if err := f.Put(t.Context(), inFolder, []byte("x")); err == nil {
		t.Error("a blob was written through a linked folder")
	}
	if err := f.Put(t.Context(), file, []byte("x")); err != nil {
		t.Errorf("a link in the place of a blob: %v", err)
	}
	if got, err := os.ReadFile(secret); err != nil || string(got) != "secret" {
		t.Errorf("outside: %q, %v", got, err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenFiles(link); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("a linked folder: %v", err)
	}
}

// A crash in the middle of writing leaves something that is no blob.
func TestFilesTidy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := open(t, dir)
	k, err := blob.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Put(t.Context(), k, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, k.String()[:2], ".new-HALF")
	if err := os.WriteFile(half, []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.List(t.Context(), func(got blob.Key) error {
		if got != k {
			t.Errorf("listed %s", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := f.Tidy(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("what was half written is still there")
	}
	if _, err := f.Get(t.Context(), k); err != nil {
		t.Error(err)
	}
}
