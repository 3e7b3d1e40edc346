// Package journaltest holds a journal in memory, for tests of the packages
// that write to one or check one. Its rows can be changed at will, as by
// somebody who has the database. It must not be linked into the product.
package journaltest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/journal"
)

// Memory is a journal in memory. It implements [journal.Tree] and
// [journal.Source]. It is not safe for use by several goroutines.
type Memory struct {
	Rows   map[int64]journal.StoredLeaf
	Nodes  map[int64]tlog.Hash
	Signed []byte // newest checkpoint
}

// New returns an empty journal.
func New() *Memory {
	return &Memory{Rows: map[int64]journal.StoredLeaf{}, Nodes: map[int64]tlog.Hash{}}
}

// Clone returns a copy that shares nothing.
func (m *Memory) Clone() *Memory {
	c := &Memory{Rows: maps.Clone(m.Rows), Nodes: maps.Clone(m.Nodes), Signed: slices.Clone(m.Signed)}
	for i, row := range c.Rows {
		if row.Opening != nil {
			o := *row.Opening
			o.Line = slices.Clone(o.Line)
			row.Opening = &o
			c.Rows[i] = row
		}
	}
	return c
}

// Size implements [journal.Tree].
func (m *Memory) Size(context.Context) (int64, error) { return int64(len(m.Rows)), nil }

// ReadHashes implements [journal.Tree].
func (m *Memory) ReadHashes(_ context.Context, indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		h, ok := m.Nodes[at]
		if !ok {
			return nil, fmt.Errorf("no stored hash %d", at)
		}
		out[i] = h
	}
	return out, nil
}

// Write implements [journal.Tree]. As in a database, a row that is there is a
// conflict, and then nothing is written.
func (m *Memory) Write(_ context.Context, leaves []journal.StoredLeaf, hashes []journal.StoredHash) error {
	for _, l := range leaves {
		if _, ok := m.Rows[l.Index]; ok {
			return fmt.Errorf("leaf %d is there", l.Index)
		}
	}
	for _, h := range hashes {
		if _, ok := m.Nodes[h.Index]; ok {
			return fmt.Errorf("hash %d is there", h.Index)
		}
	}
	for _, l := range leaves {
		m.Rows[l.Index] = l
	}
	for _, h := range hashes {
		m.Nodes[h.Index] = h.Hash
	}
	return nil
}

// Checkpoint implements [journal.Source].
func (m *Memory) Checkpoint(context.Context) ([]byte, error) { return m.Signed, nil }

// Leaves implements [journal.Source].
func (m *Memory) Leaves(_ context.Context, from int64, n int) ([]journal.StoredLeaf, error) {
	var out []journal.StoredLeaf
	for _, i := range page(m.Rows, from, n) {
		out = append(out, m.Rows[i])
	}
	return out, nil
}

// Hashes implements [journal.Source].
func (m *Memory) Hashes(_ context.Context, from int64, n int) ([]journal.StoredHash, error) {
	var out []journal.StoredHash
	for _, i := range page(m.Nodes, from, n) {
		out = append(out, journal.StoredHash{Index: i, Hash: m.Nodes[i]})
	}
	return out, nil
}

func page[V any](rows map[int64]V, from int64, n int) []int64 {
	at := make([]int64, 0, n)
	for i := from; i < from+int64(n); i++ {
		if _, ok := rows[i]; ok {
			at = append(at, i)
		}
	}
	if len(at) == n { // no gap, so no need to look at every row
		return at
	}
	at = at[:0]
	for i := range rows {
		if i >= from {
			at = append(at, i)
		}
	}
	slices.Sort(at)
	return at[:min(n, len(at))]
}

// LetGo deletes the opening of the entry at index, as retention does.
func (m *Memory) LetGo(index int64) {
	row := m.Rows[index]
	row.Opening = nil
	m.Rows[index] = row
}

// Append appends entries and signs the new head with s.
func (m *Memory) Append(ctx context.Context, s *journal.Signer, entries ...journal.Entry) (journal.Appended, error) {
	a, err := journal.Append(ctx, m, entries...)
	if err != nil {
		return a, err
	}
	m.Signed, err = s.Extend(m.Signed, a)
	return a, err
}
