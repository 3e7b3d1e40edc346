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

// compare reads every file of every case that was written to. Lost are the
// acknowledged records whose bytes are not there; doubled are those that a
// case holds more than once, as the same file or under the same signed header.
func compare(ctx context.Context, in *store.DB, kept []letter) (lost, doubled int, err error) {
	acknowledged := make(map[hotline.CaseID][]seal.Hash)
	for _, l := range kept {
		acknowledged[l.from.id] = append(acknowledged[l.from.id], l.record)
	}
	for id, records := range acknowledged {
		files, twice, err := readCase(ctx, in, id)
		if err != nil {
			return lost, doubled, err
		}
		doubled += twice
		for _, record := range records {
			if !files[record] {
				lost++
			}
		}
	}
	return lost, doubled, nil
}

// readCase returns the hashes of a case's files as they are on disk.
func readCase(ctx context.Context, in *store.DB, id hotline.CaseID) (files map[seal.Hash]bool, twice int, err error) {
	files, headers := make(map[seal.Hash]bool), make(map[seal.Hash]bool)
	for after := int64(-1); ; {
		var rows []db.Record
		err := in.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: id[:], After: after, MaxRows: pageOf})
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		for _, r := range rows {
			file, header := seal.Hash(sha256.Sum256(r.File)), seal.Hash(sha256.Sum256(r.Header))
			if files[file] || headers[header] {
				twice++
			}
			files[file], headers[header] = true, true
			after = r.Place
		}
		if len(rows) < pageOf {
			return files, twice, nil
		}
	}
}
