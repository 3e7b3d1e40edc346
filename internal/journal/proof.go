package journal

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
)

// ProveConsistency proves that the tree of newSize begins with the tree of oldSize.
// The proof from an empty tree is empty.
func ProveConsistency(ctx context.Context, r HashReader, oldSize, newSize int64) (tlog.TreeProof, error) {
	if oldSize < 0 || oldSize > newSize || newSize > MaxSize {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: prove consistency", "%w: from %d to %d", ErrRange, oldSize, newSize)
	}
	if oldSize == 0 {
		return tlog.TreeProof{}, nil
	}
	p, err := tlog.ProveTree(newSize, oldSize, reader(ctx, r))
	if err != nil {
		return nil, fmt.Errorf("journal: prove consistency from %d to %d: %w", oldSize, newSize, err)
	}
	return p, nil
}

// CheckConsistency checks that now continues old: same journal, not shorter,
// and every leaf of old unchanged at its place. Both must come from [ParseCheckpoint].
func CheckConsistency(p tlog.TreeProof, old, now Checkpoint) error {
	const op = "journal: consistency"
	if old.Origin != now.Origin {
		return hotline.Errorf(hotline.KindForged, op, "%w", ErrOrigin)
	}
	if err := checkSizes(op, old.Size, now.Size); err != nil {
		return err
	}
	if now.Size < old.Size {
		return hotline.Errorf(hotline.KindForged, op, "%w: %d entries, before %d", ErrRolledBack, now.Size, old.Size)
	}
	if old.Size == 0 {
		if len(p) != 0 || !soundEmpty(old) || !soundEmpty(now) {
			return hotline.Errorf(hotline.KindForged, op, "%w", ErrRewritten)
		}
		return nil
	}
	if err := tlog.CheckTree(p, now.Size, now.Root, old.Size, old.Root); err != nil {
		return hotline.Errorf(hotline.KindForged, op, "%w: first %d of %d entries", ErrRewritten, old.Size, now.Size)
	}
	return nil
}

// ProveInclusion proves that the tree of size holds its leaf at index.
func ProveInclusion(ctx context.Context, r HashReader, size, index int64) (tlog.RecordProof, error) {
	if index < 0 || index >= size || size > MaxSize {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: prove inclusion", "%w: entry %d of %d", ErrRange, index, size)
	}
	p, err := tlog.ProveRecord(size, index, reader(ctx, r))
	if err != nil {
		return nil, fmt.Errorf("journal: prove inclusion of entry %d in %d: %w", index, size, err)
	}
	return p, nil
}

// CheckInclusion checks that the tree of cp holds c at index.
func CheckInclusion(p tlog.RecordProof, cp Checkpoint, index int64, c Commitment) error {
	const op = "journal: inclusion"
	if err := checkSizes(op, cp.Size); err != nil {
		return err
	}
	if err := tlog.CheckRecord(p, cp.Size, cp.Root, index, c.Hash()); err != nil {
		return hotline.Errorf(hotline.KindForged, op, "%w: entry %d of %d", ErrNotIncluded, index, cp.Size)
	}
	return nil
}

// checkSizes guards tlog against sizes that a checkpoint made by hand may hold.
func checkSizes(op string, sizes ...int64) error {
	for _, n := range sizes {
		if n < 0 || n > MaxSize {
			return hotline.Errorf(hotline.KindForged, op, "%w: size %d", ErrRange, n)
		}
	}
	return nil
}

func reader(ctx context.Context, r HashReader) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		return r.ReadHashes(ctx, indexes)
	})
}
