// Package blob keeps the bytes of attachments beside the database: sealed
// parts of at most a MiB under names drawn at random. It is one small
// interface, which [Files] implements with a folder; what comes later is held
// against the same suite (blobtest). Several nodes need a folder that all see.
//
// It must not know what a blob is a part of, who wrote it or when: a file's
// time is set to a constant.
package blob

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"safeconduct/internal/hotline"
)

// MaxSize is the largest blob in bytes.
const MaxSize = 1 << 20

// Key names a blob. Every blob has a fresh one, also when the same bytes come
// again: so nobody can come to need a blob that somebody else is about to delete.
type Key [32]byte

// passing is the first byte of the keys of blobs that must be in no copy of
// the store: the folder "ff" is left out of backups.
const passing = 0xff

// NewKey draws a key.
func NewKey() (Key, error) {
	for {
		var k Key
		if _, err := rand.Read(k[:]); err != nil {
			return k, fmt.Errorf("blob: %w", err)
		}
		if k[0] != passing {
			return k, nil
		}
	}
}

// NewPassingKey draws a key for what waits for a person: it goes when he has
// remembered it, and must not come back out of a backup.
func NewPassingKey() (Key, error) {
	k, err := NewKey()
	k[0] = passing
	return k, err
}

// Passing reports whether a blob belongs in no backup.
func (k Key) Passing() bool { return k[0] == passing }

// String returns 64 hexadecimal digits.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// ParseKey reads 64 lower-case hexadecimal digits.
func ParseKey(s string) (Key, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(Key{}) || hex.EncodeToString(b) != s {
		return Key{}, hotline.Errorf(hotline.KindInvalid, "blob", "not a blob's name")
	}
	return Key(b), nil
}

// Store keeps blobs.
type Store interface {
	// Put keeps a blob; it is on disk when Put returns nil.
	Put(ctx context.Context, key Key, content []byte) error
	// Get returns a blob; an error of KindNotFound when it is not there.
	Get(ctx context.Context, key Key) ([]byte, error)
	// Delete removes a blob; one that is gone already is fine.
	Delete(ctx context.Context, key Key) error
	// List visits the blobs in no order. What changes meanwhile may be left out.
	List(ctx context.Context, visit func(Key) error) error
}

func notFound() error { return hotline.Errorf(hotline.KindNotFound, "blob", "there is no such blob") }

func unavailable(err error) error {
	return hotline.Errorf(hotline.KindUnavailable, "blob", "the attachments cannot be reached: %w", err)
}

func checkSize(content []byte) error {
	if len(content) == 0 || len(content) > MaxSize {
		return hotline.Errorf(hotline.KindInvalid, "blob", "a blob has 1 to %d bytes", MaxSize)
	}
	return nil
}
