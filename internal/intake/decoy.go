package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// decoy is a case that belongs to nobody. Whoever asks for a receipt that is
// unknown is served from it until the answer is written, so that neither time
// nor size tells whether a receipt exists. All nodes derive the same one.
//
// Its row has no team, is closed, and its version is negative, so that the
// feed, whose readers begin at 0, never shows it.
type decoy struct {
	contact   seal.Contact
	clock     func() time.Time
	statement []byte
	header    seal.Signed
}

func newDecoy(indexKey []byte, clock func() time.Time) (decoy, error) {
	derive := func(label string) []byte {
		h := hmac.New(sha256.New, indexKey)
		h.Write([]byte("safeconduct decoy v1\n" + label))
		return h.Sum(nil)
	}
	d := decoy{clock: clock}
	fail := func(err error) (decoy, error) { return decoy{}, fmt.Errorf("intake: decoy: %w", err) }
	var err error
	d.contact.Lookup = seal.Lookup(derive("lookup")[:16])
	if d.contact.Identity, err = seal.IdentityFromSeed(derive("age")); err != nil {
		return fail(err)
	}
	if d.contact.Signing, err = seal.SigningKeyFromSeed(derive("signing")); err != nil {
		return fail(err)
	}
	recipient := d.contact.Identity.Recipient()
	generation, err := seal.SignGeneration(seal.Generation{
		Case: d.contact.CaseID(), Team: hotline.TeamDesk, Epoch: 1, Recipient: recipient,
		ContactKey: d.contact.Signing.Public(), ContactRecipient: recipient,
	}, d.contact.Signing)
	if err != nil {
		return fail(err)
	}
	d.statement = generation.Text()
	record, err := seal.SignRecord(seal.RecordHeader{
		Case: d.contact.CaseID(), Side: hotline.SideContact, Seen: noReplySeen,
	}, seal.Body{}, d.contact.Signing)
	if err != nil {
		return fail(err)
	}
	d.header = record.Signed
	return d, nil
}

// verifyOne costs what verifying the signature of a request costs.
func (d *decoy) verifyOne() bool { return d.header.SignedBy(kindRecord, d.contact.Signing.Public()) }

// missingRow stands in until the decoy's row is there.
func (d *decoy) missingRow() db.HotlineCase {
	id, key := d.contact.CaseID(), d.contact.Signing.Public()
	return db.HotlineCase{ID: id[:], ContactKey: key[:]}
}

// keep makes the decoy's row where it is missing.
func (d *decoy) keep(ctx context.Context, tx *store.Tx) error {
	id := d.contact.CaseID()
	_, err := tx.CaseByID(ctx, id[:])
	if !store.Missing(err) {
		return err
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	return d.insert(ctx, tx, version)
}

func (d *decoy) insert(ctx context.Context, tx *store.Tx, version int64) error {
	id, key := d.contact.CaseID(), d.contact.Signing.Public()
	hour := int64(hotline.HourOf(d.clock()))
	n, err := tx.InsertCase(ctx, db.InsertCaseParams{
		ID: id[:], Lookup: d.contact.Lookup[:], ContactKey: key[:], ContactRecipient: d.contact.Identity.Recipient().String(),
		Channel: string(hotline.ChannelWeb), Stage: string(hotline.StageClosed),
		DeskSeq: -1, StatementSeq: -1, SeenSeq: -1, ContactHeader: d.header.Text(), CreatedHour: hour, Version: -version,
	})
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: id[:], Statement: d.statement, Hour: hour})
	return err
}
