package object

import (
	"context"

	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// Difference is what rows and bytes do not agree on.
type Difference struct {
	Parts   int64      // that rows name
	Lost    []blob.Key // named by a row, and the bytes are not there
	Orphans int64      // bytes that no row names; sweeps remove them
}

// Compare holds the rows of a database against the bytes beside it. It changes
// nothing and may run beside a server: what comes or goes meanwhile is no difference.
func Compare(ctx context.Context, d *store.DB, blobs blob.Store) (Difference, error) {
	var diff Difference
	listed := map[blob.Key]bool{}
	if err := blobs.List(ctx, func(key blob.Key) error { listed[key] = true; return ctx.Err() }); err != nil {
		return diff, err
	}
	for after := []byte{0}; after != nil; {
		var page [][]byte
		err := d.View(ctx, func(tx *store.Tx) (err error) {
			page, err = tx.BlobsAfter(ctx, after, sweepPage)
			return err
		})
		if err != nil {
			return diff, err
		}
		after = nil
		for _, b := range page {
			key := blob.Key(b)
			after = b
			diff.Parts++
			if listed[key] {
				delete(listed, key)
				continue
			}
			lost, err := isLost(ctx, d, blobs, key)
			if err != nil {
				return diff, err
			}
			if lost {
				diff.Lost = append(diff.Lost, key)
			}
		}
	}
	diff.Orphans = int64(len(listed))
	return diff, nil
}

// isLost looks again at a row whose bytes were not listed: they can have come
// after the listing, or the row can have gone.
func isLost(ctx context.Context, d *store.DB, blobs blob.Store, key blob.Key) (bool, error) {
	if _, err := blobs.Get(ctx, key); err == nil || hotline.KindOf(err) != hotline.KindNotFound {
		return false, err
	}
	var held [][]byte
	err := d.View(ctx, func(tx *store.Tx) (err error) {
		held, err = tx.HeldBlobs(ctx, [][]byte{key[:]})
		return err
	})
	return len(held) > 0, err
}
