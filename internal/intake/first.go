package intake

import (
	"context"
	"crypto/sha256"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// NewCase is a case with its first record, sealed and signed by the person's
// device or by a gateway: what stands in the store when "received" is said.
type NewCase struct {
	ID               hotline.CaseID
	Lookup           seal.Lookup    // none without a receipt
	ContactKey       seal.PublicKey // none for a case from a gateway
	ContactRecipient string
	Channel          hotline.Channel
	CodeIndex        []byte
	Team             hotline.Team
	Epoch            int
	Statement        []byte // generation 0
	Wrap             []byte
	Side             hotline.Side // who wrote the first record
	Header           []byte
	Record           []byte
	Hour             hotline.Hour // of generation and record
	Now              time.Time    // somebody waits since then
}

// Insert keeps the case; version is a number of the feed. When its id or its record is there already, the error
// is of KindConflict: look again.
func (c NewCase) Insert(ctx context.Context, tx *store.Tx, version int64) error {
	if n, err := tx.InsertCase(ctx, c.row(version)); err != nil || n != 1 {
		return again(err)
	}
	_, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: c.ID[:], Statement: c.Statement, Hour: int64(c.Hour)})
	if err != nil {
		return err
	}
	_, err = tx.InsertCaseWrap(ctx, db.InsertCaseWrapParams{CaseID: c.ID[:], Team: string(c.Team), Epoch: int64(c.Epoch), Wrap: c.Wrap})
	if err != nil {
		return err
	}
	id := sha256.Sum256(c.Record)
	n, err := tx.InsertRecord(ctx, db.InsertRecordParams{
		ID: id[:], CaseID: c.ID[:], Side: string(c.Side), Header: c.Header, File: c.Record, Hour: int64(c.Hour),
	})
	if err != nil || n != 1 {
		return again(err)
	}
	return nil
}

func (c NewCase) row(version int64) db.InsertCaseParams {
	p := db.InsertCaseParams{
		ID: c.ID[:], ContactRecipient: c.ContactRecipient, Channel: string(c.Channel), CodeIndex: c.CodeIndex,
		Stage: string(hotline.StageNew), Team: string(c.Team), ContactSeq: 0, DeskSeq: -1, StatementSeq: -1, SeenSeq: -1,
		CreatedHour: int64(hotline.HourOf(c.Now)), Version: version,
	}
	if c.Lookup != (seal.Lookup{}) {
		p.Lookup = c.Lookup[:]
	}
	if !c.ContactKey.IsZero() {
		p.ContactKey = c.ContactKey[:]
	}
	if c.Side == hotline.SideContact {
		p.ContactHeader = c.Header
	}
	p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = c.Now.UnixMilli(), true
	return p
}

// again says that another node was faster: the operation is run once more by
// itself and then finds what the other has kept.
func again(err error) error {
	if err == nil {
		err = hotline.Errorf(hotline.KindConflict, "intake", "another node was faster")
	}
	return err
}
