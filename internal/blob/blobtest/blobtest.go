// Package blobtest is the suite that every store of blobs passes.
package blobtest

import (
	"bytes"
	"sync"
	"testing"

	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
)

// Run tests a store that is empty.
func Run(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	a, b := key(t), key(t)
	content := bytes.Repeat([]byte{0, 1, 0xff}, 1000)

	if _, err := s.Get(ctx, a); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("a blob that is not there: %v", err)
	}
	if err := s.Delete(ctx, a); err != nil {
		t.Errorf("deleting nothing: %v", err)
	}
	for _, wrong := range [][]byte{nil, make([]byte, blob.MaxSize+1)} {
		if err := s.Put(ctx, a, wrong); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("%d bytes: %v", len(wrong), err)
		}
	}
	for range 2 { // a second time is a resend
		if err := s.Put(ctx, a, content); err != nil {
			t.Fatal(err)
		}
	}
	large := bytes.Repeat([]byte{7}, blob.MaxSize)
	if err := s.Put(ctx, b, large); err != nil {
		t.Fatal(err)
	}
	expect(t, s, a, content)
	expect(t, s, b, large)
	if got := list(t, s); len(got) != 2 || got[a] != 1 || got[b] != 1 {
		t.Errorf("listed %d blobs", len(got))
	}
	if err := s.Delete(ctx, a); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(ctx, a); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("a deleted blob: %v", err)
	}
	expect(t, s, b, large)
	if got := list(t, s); len(got) != 1 || got[b] != 1 {
		t.Errorf("listed %d blobs after deleting", len(got))
	}
	many(t, s)
}

// many writes from several goroutines at once; more than one page of a listing.
func many(t *testing.T, s blob.Store) {
	t.Helper()
	const writers, each = 8, 150
	keys := make([][each]blob.Key, writers)
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for i := range each {
				k, err := blob.NewKey()
				if err == nil {
					err = s.Put(t.Context(), k, k[:])
				}
				if err != nil {
					t.Error(err)
					return
				}
				keys[w][i] = k
			}
		})
	}
	work.Wait()
	got := list(t, s)
	for w := range writers {
		for _, k := range keys[w] {
			if got[k] != 1 {
				t.Fatalf("a blob is listed %d times", got[k])
			}
		}
		expect(t, s, keys[w][0], keys[w][0][:])
	}
}

func expect(t *testing.T, s blob.Store, k blob.Key, content []byte) {
	t.Helper()
	got, err := s.Get(t.Context(), k)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes came back as %d: %v", len(content), len(got), err)
	}
}

func list(t *testing.T, s blob.Store) map[blob.Key]int {
	t.Helper()
	found := map[blob.Key]int{}
	if err := s.List(t.Context(), func(k blob.Key) error { found[k]++; return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

func key(t *testing.T) blob.Key {
	t.Helper()
	k, err := blob.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}
