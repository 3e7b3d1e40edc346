package seal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"

	"safeconduct/internal/hotline"
)

// ObjectWriter seals an attachment as it comes, part by part, so that nothing of
// it has to lie anywhere in the clear. What it makes is what [NewObject] makes.
type ObjectWriter struct {
	out  *cutter
	age  io.WriteCloser
	size int64
	left int64
}

// ErrObjectSize says that an attachment has another length than was announced.
var ErrObjectSize = errors.New("the file has another size than was announced")

// NewObjectWriter begins an attachment of size bytes. emit gets each part of the
// sealed file when it is full, by its index; it keeps nothing of the slice.
func NewObjectWriter(to Recipient, size int64, emit func(index int, part []byte) error) (*ObjectWriter, error) {
	if size < 1 || size > MaxFile {
		return nil, hotline.Errorf(hotline.KindInvalid, "attachment", "a file has 1 to %d bytes", int64(MaxFile))
	}
	if to.IsZero() {
		return nil, hotline.Errorf(hotline.KindInvalid, "attachment", "no recipient")
	}
	sealed := SealedSize(size)
	out := &cutter{part: make([]byte, 0, min(PartSize(sealed), sealed)), emit: emit, hash: sha256.New()}
	w, err := age.Encrypt(out, to.age)
	if err != nil {
		return nil, fmt.Errorf("attachment: %w", err)
	}
	return &ObjectWriter{out: out, age: w, size: size, left: size}, nil
}

// Write seals the next bytes of the file.
func (w *ObjectWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > w.left {
		return 0, ErrObjectSize
	}
	n, err := w.age.Write(p)
	w.left -= int64(n)
	return n, err
}

// Close pads and ends the file and says what a record names.
func (w *ObjectWriter) Close() (Object, error) {
	if w.left != 0 {
		return Object{}, ErrObjectSize
	}
	zeros := make([]byte, 32<<10)
	for padding := Padme(w.size) - w.size; padding > 0; {
		n, err := w.age.Write(zeros[:min(padding, int64(len(zeros)))])
		if err != nil {
			return Object{}, err
		}
		padding -= int64(n)
	}
	if err := w.age.Close(); err != nil {
		return Object{}, err
	}
	if err := w.out.end(); err != nil {
		return Object{}, err
	}
	id, err := NewObjectID()
	return Object{ID: id, Hash: Hash(w.out.hash.Sum(nil)), Parts: w.out.parts}, err
}

// cutter cuts what is written into parts of the capacity of part.
type cutter struct {
	part  []byte
	parts int
	emit  func(int, []byte) error
	hash  hash.Hash
}

func (c *cutter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := min(len(p), cap(c.part)-len(c.part))
		c.part, p, written = append(c.part, p[:n]...), p[n:], written+n
		if len(c.part) == cap(c.part) {
			if err := c.end(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// end hands on what has come together.
func (c *cutter) end() error {
	if len(c.part) == 0 {
		return nil
	}
	_, _ = c.hash.Write(c.part) // never fails
	err := c.emit(c.parts, c.part)
	c.part, c.parts = c.part[:0], c.parts+1
	return err
}
