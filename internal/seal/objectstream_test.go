package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// sealStream seals a file piece by piece.
func sealStream(t *testing.T, to Recipient, content []byte, piece int) (sealed []byte, o Object) {
	t.Helper()
	next := 0
	w := must(NewObjectWriter(to, int64(len(content)), func(index int, part []byte) error {
		if index != next || len(part) == 0 || len(part) > 1<<20 {
			t.Errorf("part %d of %d bytes after %d parts", index, len(part), next)
		}
		next++
		sealed = append(sealed, part...)
		return nil
	}))(t)
	for rest := content; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
		if n, err := w.Write(rest[:min(piece, len(rest))]); err != nil || n != min(piece, len(rest)) {
			t.Fatalf("wrote %d: %v", n, err)
		}
	}
	o = must(w.Close())(t)
	if next != o.Parts {
		t.Errorf("%d parts, and a record would name %d", next, o.Parts)
	}
	return sealed, o
}

// What is sealed as it comes is what is sealed whole, but for the file's own key.
func TestObjectWriterMakesWhatNewObjectMakes(t *testing.T) {
	t.Parallel()
	id := must(NewIdentity())(t)
	random := rand.NewChaCha8([32]byte{7})
	for _, size := range []int{1, 2, 31, 1000, 65_535, 65_536, 65_537, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3 << 20, 5_000_003} {
		content := make([]byte, size)
		_, _ = random.Read(content) // never fails
		whole, named, err := NewObject(id.Recipient(), content)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range []int{7_777, 65_536, size} {
			sealed, o := sealStream(t, id.Recipient(), content, piece)
			if len(sealed) != len(whole) || o.Parts != named.Parts || int64(len(sealed)) != SealedSize(int64(size)) {
				t.Fatalf("%d bytes: %d sealed in %d parts, not %d in %d", size, len(sealed), o.Parts, len(whole), named.Parts)
			}
			if o.Hash != sha256.Sum256(sealed) || o.ID == named.ID || o.ID == (ObjectID{}) {
				t.Fatalf("%d bytes: named otherwise than it is", size)
			}
			f := File{Type: "image/png", Size: int64(size), Object: o}
			if got := must(OpenFile(id, f, o, sealed))(t); !bytes.Equal(got, content) {
				t.Fatalf("%d bytes: another file", size)
			}
			if bytes.Contains(sealed, content[:min(size, 64)]) && size >= 16 {
				t.Fatal("in the clear")
			}
		}
	}
}

// A file of another size than was announced comes to nothing.
func TestObjectWriterHoldsToTheSize(t *testing.T) {
	t.Parallel()
	id := must(NewIdentity())(t)
	keep := func(int, []byte) error { return nil }
	for _, size := range []int64{-1, 0, MaxFile + 1} {
		if _, err := NewObjectWriter(id.Recipient(), size, keep); err == nil {
			t.Errorf("a file of %d bytes was begun", size)
		}
	}
	if _, err := NewObjectWriter(Recipient{}, 5, keep); err == nil {
		t.Error("a file for nobody was begun")
	}
	w := must(NewObjectWriter(id.Recipient(), 5, keep))(t)
	if _, err := w.Write(make([]byte, 6)); !errors.Is(err, ErrObjectSize) {
		t.Errorf("too much: %v", err)
	}
	if _, err := w.Write(make([]byte, 4)); err != nil {
		t.Error(err)
	}
	if _, err := w.Close(); !errors.Is(err, ErrObjectSize) {
		t.Errorf("too little: %v", err)
	}
	broken := must(NewObjectWriter(id.Recipient(), 3<<20, func(int, []byte) error { return io.ErrShortWrite }))(t)
	_, err := io.Copy(broken, bytes.NewReader(make([]byte, 3<<20)))
	if !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("who keeps the parts cannot, and it is not said: %v", err)
	}
}
