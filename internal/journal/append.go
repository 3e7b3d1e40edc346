package journal

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
)

// MaxSize bounds the number of leaves that this package counts with. A hostile
// size near 2^63 would make tlog's index arithmetic run without end.
const MaxSize = 1 << 48

// StoredLeaf is one row of the journal: position, commitment, and the
// opening for as long as it is kept.
type StoredLeaf struct {
	Index      int64
	Commitment Commitment
	Opening    *Opening // nil once it was let go
}

// StoredHash is one node of the tree, at tlog.StoredHashIndex(level, n).
type StoredHash struct {
	Index int64
	Hash  tlog.Hash
}

// HashReader reads nodes of the tree. It returns one hash for each index, in
// the order asked, or an error.
type HashReader interface {
	ReadHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error)
}

// Tree is the journal's rows inside one transaction of the store.
//
// Size must keep every other writer out until the transaction ends (SQLite's
// single writer; a lock on PostgreSQL), and the rows' indexes must be unique:
// two appends at one size would be a fork.
type Tree interface {
	HashReader
	Size(ctx context.Context) (int64, error)
	Write(ctx context.Context, leaves []StoredLeaf, hashes []StoredHash) error
}

// Head is the tree at one size.
type Head struct {
	Size int64
	Root tlog.Hash
}

// Appended says what an append wrote and where the tree stands after it.
type Appended struct {
	Before Head   // the tree as it was found; its size is the first new leaf's index
	Leaves []Leaf // one for each entry, in order
	Head   Head   // the tree as it is now
}

// Append writes entries, in order, as the next leaves of t. It reads the size
// and the tree's right edge once, and writes once, whatever the number of entries.
// Without entries it writes nothing and returns the present head.
func Append(ctx context.Context, t Tree, entries ...Entry) (Appended, error) {
	leaves := make([]Leaf, len(entries))
	for i, e := range entries {
		leaf, err := Commit(e)
		if err != nil {
			return Appended{}, fmt.Errorf("journal: append entry %d of %d: %w", i+1, len(entries), err)
		}
		leaves[i] = leaf
	}
	size, err := t.Size(ctx)
	if err != nil {
		return Appended{}, fmt.Errorf("journal: append: size: %w", err)
	}
	if size < 0 || size > MaxSize-int64(len(entries)) {
		return Appended{}, hotline.Errorf(hotline.KindInternal, "journal: append", "%w: size %d", ErrRange, size)
	}
	edge, err := readEdge(ctx, t, size)
	if err != nil {
		return Appended{}, fmt.Errorf("journal: append: %w", err)
	}
	before := edge.head()
	rows := make([]StoredLeaf, len(leaves))
	hashes := make([]StoredHash, 0, 2*len(leaves))
	for i := range leaves {
		at := tlog.StoredHashIndex(0, edge.size)
		rows[i] = StoredLeaf{Index: edge.size, Commitment: leaves[i].Commitment, Opening: &leaves[i].Opening}
		for level, h := range edge.push(leaves[i].Commitment.Hash()) {
			hashes = append(hashes, StoredHash{Index: at + int64(level), Hash: h})
		}
	}
	if len(rows) > 0 {
		if err := t.Write(ctx, rows, hashes); err != nil {
			return Appended{}, fmt.Errorf("journal: append: write: %w", err)
		}
	}
	return Appended{Before: before, Leaves: leaves, Head: edge.head()}, nil
}

// ReadHead computes the tree's head at size from its stored nodes.
func ReadHead(ctx context.Context, r HashReader, size int64) (Head, error) {
	if size < 0 || size > MaxSize {
		return Head{}, hotline.Errorf(hotline.KindInvalid, "journal: head", "%w: size %d", ErrRange, size)
	}
	edge, err := readEdge(ctx, r, size)
	if err != nil {
		return Head{}, fmt.Errorf("journal: head: %w", err)
	}
	return edge.head(), nil
}
