package installation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"safeconduct/internal/journal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// Verify checks the journal in the database. The key comes from a source
// other than the server where there is one; empty takes the installation's
// own. old is an earlier checkpoint, or nil. It also returns the newest
// checkpoint, for an auditor to keep.
func (in *Installation) Verify(ctx context.Context, key string, old []byte) (report *journal.Report, newest []byte, err error) {
	if key == "" {
		key = in.JournalKey()
	}
	db, err := in.Open(ctx, time.Now)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if closeErr := db.Close(); err == nil {
			err = closeErr
		}
	}()
	if report, err = server.Verify(ctx, db, key, old); err != nil {
		return nil, nil, err
	}
	err = db.View(ctx, func(tx *store.Tx) error {
		head, err := tx.JournalHead(ctx)
		newest = []byte(head.Checkpoint)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	return report, newest, nil
}

// CheckReceipt checks the receipt of a removal against the journal in the
// database, under a key as in [Installation.Verify].
func (in *Installation) CheckReceipt(ctx context.Context, key string, text []byte) error {
	if key == "" {
		key = in.JournalKey()
	}
	db, err := in.Open(ctx, time.Now)
	if err != nil {
		return err
	}
	return errors.Join(server.CheckReceipt(ctx, db, key, text), db.Close())
}
