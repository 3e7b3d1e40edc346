package intake

import (
	"context"
	"crypto/sha256"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
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
	Statement        []byte         // generation 0
	Recipient        seal.Recipient // of it, for whoever goes on in the case at once; not kept
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
	if ok, err := tx.InsertCases(ctx, []store.FreshCase{c.Row(version)}); err != nil || !ok {
		return again(err)
	}
	return nil
}

// RecordID names the first record.
func (c NewCase) RecordID() seal.Hash { return sha256.Sum256(c.Record) }

// Row is the case as the store keeps it; version is a number of the feed.
func (c NewCase) Row(version int64) store.FreshCase {
	id := c.RecordID()
	f := store.FreshCase{
		ID: c.ID[:], ContactRecipient: c.ContactRecipient, Channel: string(c.Channel), CodeIndex: c.CodeIndex, Team: string(c.Team),
		CreatedHour: int64(hotline.HourOf(c.Now)), SinceMs: c.Now.UnixMilli(), Version: version,
		Statement: c.Statement, Epoch: int64(c.Epoch), Wrap: c.Wrap,
		RecordID: id[:], Side: string(c.Side), Header: c.Header, File: c.Record, Hour: int64(c.Hour),
	}
	if c.Lookup != (seal.Lookup{}) {
		f.Lookup = c.Lookup[:]
	}
	if !c.ContactKey.IsZero() {
		f.ContactKey = c.ContactKey[:]
	}
	return f
}

// again says that another node was faster: the operation is run once more by
// itself and then finds what the other has kept.
func again(err error) error {
	if err == nil {
		err = hotline.Errorf(hotline.KindConflict, "intake", "another node was faster")
	}
	return err
}
