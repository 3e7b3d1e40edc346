package store

import (
	"context"
	"math"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store/db"
)

// Journal is the journal's rows inside a transaction; see [journal.Append].
type Journal struct{ tx *Tx }

var (
	_ journal.Tree       = Journal{}
	_ journal.Source     = Journal{}
	_ journal.TileSource = Journal{}
)

// Journal returns the journal inside tx, so that a leaf is appended in the
// transaction of its act: no leaf, no act.
func (tx *Tx) Journal() Journal { return Journal{tx} }

// Size returns the number of leaves. In an Update it keeps other writers out
// of the journal until the transaction ends; in a View it only reads.
func (j Journal) Size(ctx context.Context) (int64, error) {
	if !j.tx.readOnly && !j.tx.journaled {
		if err := j.tx.mayLock(); err != nil {
			return 0, err
		}
		if err := j.tx.dialect.hold(ctx, j.tx.q, lockJournal); err != nil {
			return 0, err
		}
		j.tx.journaled = true
	}
	head, err := j.tx.JournalHead(ctx)
	return head.Size, err
}

// ReadHashes returns one hash for each index, in their order.
func (j Journal) ReadHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	found, err := j.tx.journalHashes(ctx, indexes)
	if err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, len(indexes))
	for i, idx := range indexes {
		h, ok := found[idx]
		if !ok {
			return nil, hotline.Errorf(hotline.KindNotFound, "store: journal", "hash %d is not there", idx)
		}
		hashes[i] = h
	}
	return hashes, nil
}

// Write appends leaves and hashes and moves the size on.
func (j Journal) Write(ctx context.Context, leaves []journal.StoredLeaf, hashes []journal.StoredHash) error {
	if len(leaves) == 0 {
		return nil
	}
	for _, l := range leaves {
		row := db.InsertJournalLeafParams{Idx: l.Index, Commitment: l.Commitment[:]}
		if l.Opening != nil {
			row.Blind, row.Entry = l.Opening.Blind[:], l.Opening.Line
			if e, err := journal.ParseEntry(l.Opening.Line); err == nil && e.Case != "" {
				row.About.String, row.About.Valid = e.Case, true
			}
		}
		if err := j.tx.InsertJournalLeaf(ctx, row); err != nil {
			return err
		}
	}
	for _, h := range hashes {
		if err := j.tx.InsertJournalHash(ctx, h.Index, h.Hash[:]); err != nil {
			return err
		}
	}
	n, err := j.tx.GrowJournal(ctx, leaves[len(leaves)-1].Index+1, leaves[0].Index)
	if err == nil && n != 1 {
		err = hotline.Errorf(hotline.KindConflict, "store: journal", "the journal has grown meanwhile")
	}
	return err
}

// Checkpoint returns the newest stored checkpoint, empty if there is none.
func (j Journal) Checkpoint(ctx context.Context) ([]byte, error) {
	head, err := j.tx.JournalHead(ctx)
	return []byte(head.Checkpoint), err
}

// Hashes returns at most n stored hashes in their order, beginning at from.
func (j Journal) Hashes(ctx context.Context, from int64, n int) ([]journal.StoredHash, error) {
	rows, err := j.tx.JournalHashes(ctx, from, maxRows(n))
	if err != nil {
		return nil, err
	}
	hashes := make([]journal.StoredHash, len(rows))
	for i, r := range rows {
		hashes[i].Index = r.Idx
		if copy(hashes[i].Hash[:], r.Hash) != len(hashes[i].Hash) {
			return nil, hotline.Errorf(hotline.KindInternal, "store: journal", "hash %d is damaged", r.Idx)
		}
	}
	return hashes, nil
}

func maxRows(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }

// Leaves returns at most n leaves in their order, beginning at from.
func (j Journal) Leaves(ctx context.Context, from int64, n int) ([]journal.StoredLeaf, error) {
	rows, err := j.tx.JournalLeaves(ctx, from, maxRows(n))
	if err != nil {
		return nil, err
	}
	leaves := make([]journal.StoredLeaf, len(rows))
	for i, r := range rows {
		leaves[i].Index = r.Idx
		if copy(leaves[i].Commitment[:], r.Commitment) != len(leaves[i].Commitment) {
			return nil, hotline.Errorf(hotline.KindInternal, "store: journal", "leaf %d is damaged", r.Idx)
		}
		if r.Blind == nil {
			continue
		}
		leaves[i].Opening = &journal.Opening{Line: r.Entry}
		copy(leaves[i].Opening.Blind[:], r.Blind)
	}
	return leaves, nil
}
