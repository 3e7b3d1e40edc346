package intake

import (
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

const (
	// kindRecord is what a header's signature covers (docs/sealing.md, section 4).
	kindRecord = "record"
	// maxAge is how many hours a record's hour may be away from ours, either way.
	maxAge = 336
	// wrapSize is an identity line, sealed.
	wrapSize = seal.FileOverhead + len("AGE-SECRET-KEY-PQ-1") + 52 + 6 + len("\n")
)

// noReplySeen is what a header says before the desk has spoken.
const noReplySeen = -1

// checkHour refuses what is too old or comes from the future.
func checkHour(hour hotline.Hour, now time.Time) error {
	if d := hotline.HourOf(now) - hour; d > maxAge || d < -maxAge {
		return invalid("the hour is too far from the server's")
	}
	return nil
}

// checkRecord refuses files that are not one padded record, sealed: its length
// would tell what padding should hide.
func checkRecord(file []byte) error {
	n := len(file) - seal.FileOverhead
	if n < 1<<10 || n > seal.MaxRecord || n&(n-1) != 0 {
		return invalid("the record is not padded to a class")
	}
	return seal.CheckFile(file)
}

func checkWrap(file []byte) error {
	if len(file) != wrapSize {
		return invalid("the wrap does not hold one key")
	}
	return seal.CheckFile(file)
}

// header is a contact's signed header, verified.
type header struct {
	seal.RecordHeader
	signed seal.Signed
}

// checkHeader reads a header of the contact's side and checks its signature.
func checkHeader(text []byte, id hotline.CaseID, key seal.PublicKey, now time.Time) (header, error) {
	h, signed, err := seal.ParseRecordHeader(text)
	if err != nil {
		return header{}, err
	}
	switch {
	case h.Case != id:
		return header{}, invalid("the record belongs to another case")
	case h.Side != hotline.SideContact:
		return header{}, invalid("not a record of the contact")
	case len(signed.Sigs) != 1 || !signed.SignedBy(kindRecord, key):
		return header{}, hotline.Errorf(hotline.KindForged, "intake", "the record is not signed by the key of this case alone")
	}
	return header{h, signed}, checkHour(h.Hour, now)
}
