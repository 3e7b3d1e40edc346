package bench

import (
	"context"
	"crypto/sha256"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// pageOf is how many rows are read at once.
const pageOf = 500

// missing counts the acknowledged records that the database does not have.
func missing(ctx context.Context, in *store.DB, kept []letter) (int, error) {
	lost := 0
	for begin := 0; begin < len(kept); begin += pageOf {
		some := kept[begin:min(begin+pageOf, len(kept))]
		ids := make([][]byte, len(some))
		for i := range some {
			ids[i] = some[i].record[:]
		}
		err := in.View(ctx, func(tx *store.Tx) error {
			held, err := tx.HeldRecords(ctx, ids)
			lost += len(some) - len(held)
			return err
		})
		if err != nil {
			return lost, err
		}
	}
	return lost, nil
}

// twice counts records which a case holds more than once: the same signed
// header, or the same file.
func twice(ctx context.Context, in *store.DB, kept []letter) (int, error) {
	seen := make(map[hotline.CaseID]bool)
	doubled := 0
	for _, l := range kept {
		if seen[l.from.id] {
			continue
		}
		seen[l.from.id] = true
		n, err := twiceIn(ctx, in, l.from.id)
		if err != nil {
			return doubled, err
		}
		doubled += n
	}
	return doubled, nil
}

func twiceIn(ctx context.Context, in *store.DB, id hotline.CaseID) (int, error) {
	doubled := 0
	files, headers := map[seal.Hash]bool{}, map[seal.Hash]bool{}
	for after := int64(-1); ; {
		n := 0
		err := in.View(ctx, func(tx *store.Tx) error {
			rows, err := tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: id[:], After: after, MaxRows: pageOf})
			for _, r := range rows {
				file, header := seal.Hash(sha256.Sum256(r.File)), seal.Hash(sha256.Sum256(r.Header))
				if files[file] || headers[header] {
					doubled++
				}
				files[file], headers[header] = true, true
				after = r.Place
			}
			n = len(rows)
			return err
		})
		if err != nil || n < pageOf {
			return doubled, err
		}
	}
}
