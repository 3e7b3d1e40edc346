package storetest

import (
	"crypto/rand"
	"testing"

	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// CaseParams returns a web case as it stands when nothing has been written.
// The version is for the caller to set.
func CaseParams() db.InsertCaseParams {
	return db.InsertCaseParams{
		ID: Bytes(16), Lookup: Bytes(16), ContactKey: Bytes(32), ContactRecipient: "age1pq1contact",
		Channel: "web", CodeIndex: Bytes(16), Stage: "new", Team: "desk",
		ContactSeq: -1, DeskSeq: -1, StatementSeq: -1, SeenSeq: -1, CreatedHour: 480_000,
	}
}

// NewCase keeps a new case and returns it; change may be nil.
func NewCase(tb testing.TB, d *store.DB, change func(*db.InsertCaseParams)) db.HotlineCase {
	tb.Helper()
	ctx := tb.Context()
	p := CaseParams()
	if change != nil {
		change(&p)
	}
	var kept db.HotlineCase
	err := d.Update(ctx, func(tx *store.Tx) (err error) {
		if p.Version, err = tx.NextVersion(ctx); err != nil {
			return err
		}
		if _, err := tx.InsertCase(ctx, p); err != nil {
			return err
		}
		kept, err = tx.CaseByID(ctx, p.ID)
		return err
	})
	if err != nil {
		tb.Fatalf("keep a new case: %v", err)
	}
	return kept
}

// Bytes returns n random bytes.
func Bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return b
}
