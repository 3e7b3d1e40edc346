package journal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// edge is the right edge of a growing tree: the roots of its complete subtrees,
// largest first, one for each bit set in size. It is all that is needed
// to add leaves and to know the root, so neither has to go back to the storage.
type edge struct {
	size  int64
	peaks []tlog.Hash
}

// readEdge reads the edge of the tree of the given size.
func readEdge(ctx context.Context, r HashReader, size int64) (*edge, error) {
	e := &edge{size: size}
	if size == 0 {
		return e, nil
	}
	var indexes []int64
	for lo, rest := int64(0), uint64(size); rest != 0; {
		level := bits.Len64(rest) - 1
		indexes = append(indexes, tlog.StoredHashIndex(level, lo>>level))
		lo += 1 << level
		rest &^= 1 << level
	}
	hashes, err := r.ReadHashes(ctx, indexes)
	if err != nil {
		return nil, fmt.Errorf("read hashes: %w", err)
	}
	if len(hashes) != len(indexes) {
		return nil, fmt.Errorf("read hashes: %d asked, %d returned", len(indexes), len(hashes))
	}
	e.peaks = slices.Clone(hashes) // push overwrites them
	return e, nil
}

// push adds a leaf hash and returns it with the nodes it completes, from level
// 0 upwards: the rows of the storage from tlog.StoredHashIndex(0, size) on.
func (e *edge) push(h tlog.Hash) []tlog.Hash {
	nodes := []tlog.Hash{h}
	for range bits.TrailingZeros64(uint64(e.size) + 1) {
		last := len(e.peaks) - 1
		h = tlog.NodeHash(e.peaks[last], h)
		e.peaks = e.peaks[:last]
		nodes = append(nodes, h)
	}
	e.peaks = append(e.peaks, h)
	e.size++
	return nodes
}

// head returns the root of RFC 6962 §2.1; the empty tree's is the hash of nothing.
func (e *edge) head() Head {
	if e.size == 0 {
		return Head{Root: sha256.Sum256(nil)}
	}
	root := e.peaks[len(e.peaks)-1]
	for i := len(e.peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(e.peaks[i], root)
	}
	return Head{Size: e.size, Root: root}
}
