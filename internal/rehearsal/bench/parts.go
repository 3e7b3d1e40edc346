package bench

import (
	"context"
	"errors"
	"runtime"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// parts measures what a message costs where nothing else is done: opening its
// envelope, verifying its signature, and inserting its rows in commits of the
// size that the server had. The letters are of the same kind as those of the
// run, of the same cases, and were not sent.
type parts struct {
	intake seal.Identity
	db     *store.DB
	batch  int
	clock  func() time.Time
}

// opened is a letter on its way through the parts.
type opened struct {
	header seal.RecordHeader
	signed seal.Signed
	file   []byte
	id     seal.Hash
}

func (p parts) measure(ctx context.Context, letters []letter) (Parts, error) {
	var out Parts
	envelopes := make([]seal.Envelope, len(letters))
	var err error
	if out.Open, err = each(len(letters), func() error {
		for i, l := range letters {
			post, err := seal.ParsePost(l.post)
			if err != nil {
				return err
			}
			if err := seal.CheckFile(post.Envelope); err != nil {
				return err
			}
			if envelopes[i], err = seal.OpenEnvelope(p.intake, post.Envelope); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return out, err
	}
	records := make([]opened, len(letters))
	if out.Verify, err = each(len(letters), func() error {
		for i, e := range envelopes {
			h, signed, err := seal.ParseRecordHeader(e.Parts[0])
			if err != nil {
				return err
			}
			if !signed.SignedBy("record", letters[i].from.keys.Signing.Public()) {
				return errors.New("a signature does not verify")
			}
			if err := seal.CheckFile(e.Parts[1]); err != nil {
				return err
			}
			records[i] = opened{h, signed, e.Parts[1], letters[i].record}
		}
		return nil
	}); err != nil {
		return out, err
	}
	out.Insert, err = each(len(letters), func() error { return p.insert(ctx, records) })
	return out, err
}

// each returns the processor time of fn for each of n, in milliseconds. The
// collector runs before, so that nobody else's garbage is counted.
func each(n int, fn func() error) (float64, error) {
	runtime.GC()
	before, err := ownTime()
	if err != nil {
		return 0, err
	}
	if err := fn(); err != nil {
		return 0, err
	}
	after, err := ownTime()
	return milliseconds(after-before) / float64(max(n, 1)), err
}

func (p parts) insert(ctx context.Context, records []opened) error {
	for begin := 0; begin < len(records); begin += p.batch {
		some := records[begin:min(begin+p.batch, len(records))]
		err := p.db.Update(ctx, func(tx *store.Tx) error {
			for _, r := range some { // locks first, as the store demands
				if _, err := tx.LockCase(ctx, r.header.Case[:]); err != nil {
					return err
				}
			}
			for _, r := range some {
				if err := p.row(ctx, tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// row writes what the intake writes for a message.
func (p parts) row(ctx context.Context, tx *store.Tx, r opened) error {
	text := r.signed.Text()
	n, err := tx.InsertRecord(ctx, db.InsertRecordParams{
		ID: r.id[:], CaseID: r.header.Case[:], Side: string(hotline.SideContact), Seq: r.header.Seq,
		Generation: int64(r.header.Gen), Header: text, File: r.file, Hour: int64(r.header.Hour),
	})
	if err != nil {
		return err
	}
	if n != 1 {
		return errors.New("a record that was not sent is kept already")
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	row := db.CaseAfterContactParams{ContactSeq: r.header.Seq, ContactHeader: text, Version: version, ID: r.header.Case[:]}
	row.WaitingSinceMs.Int64, row.WaitingSinceMs.Valid = p.clock().UnixMilli(), true
	_, err = tx.CaseAfterContact(ctx, row)
	return err
}
