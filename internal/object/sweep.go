package object

import (
	"context"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

const (
	sweepEvery = time.Hour
	// sweepPage is how many names are compared with the database at once.
	sweepPage = 500
)

// Run sweeps now and every hour until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := k.Sweep(ctx); err != nil && ctx.Err() == nil {
			k.cfg.Log.WarnContext(ctx, "attachments could not be swept", "kind", hotline.KindOf(err).String())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return nil
}

// Sweep removes attachments that no record has named for days, and bytes
// without a row. Such bytes may be on their way to one, so they go when the
// next sweep still finds them without; that needs no time on disk.
func (k *Keeper) Sweep(ctx context.Context) error {
	before := int64(hotline.HourOf(k.cfg.Clock())) - waitHours
	err := k.cfg.DB.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.DeleteWaitingObjects(ctx, before)
		return err
	})
	if err != nil {
		return err
	}
	orphans := make(map[blob.Key]bool)
	page := make([]blob.Key, 0, sweepPage)
	flush := func() error {
		err := k.without(ctx, page, orphans)
		page = page[:0]
		return err
	}
	err = k.cfg.Blobs.List(ctx, func(key blob.Key) error {
		if page = append(page, key); len(page) < sweepPage {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for key := range orphans {
		if k.orphans[key] {
			if err := k.cfg.Blobs.Delete(ctx, key); err != nil {
				return err
			}
			delete(orphans, key)
		}
	}
	k.orphans = orphans
	return nil
}

// without adds those of the keys to orphans which no part has.
func (k *Keeper) without(ctx context.Context, page []blob.Key, orphans map[blob.Key]bool) error {
	ids := make([][]byte, len(page))
	for i := range page {
		orphans[page[i]] = true
		ids[i] = page[i][:]
	}
	return k.cfg.DB.View(ctx, func(tx *store.Tx) error {
		held, err := tx.HeldBlobs(ctx, ids)
		for _, b := range held {
			delete(orphans, blob.Key(b))
		}
		return err
	})
}
