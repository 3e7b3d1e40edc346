package seal

import "safeconduct/internal/hotline"

const kindRestored = "restored"

// Restored is an administrator's word that the house goes on with a server that
// was made from a backup: which entry of the journal says so, and how many
// acts this administrator's desk knew of that are missing since.
type Restored struct {
	preamble
	Desk       DeskID       `json:"desk"`
	Leaf       int64        `json:"leaf"`       // index of the restore in the journal
	Commitment Hash         `json:"commitment"` // of that entry
	Missing    int64        `json:"missing"`
	Hour       hotline.Hour `json:"hour"`
}

// SignRestored makes the statement.
func SignRestored(r Restored, key SigningKey) (Signed, error) {
	r.preamble = preamble{1, kindRestored}
	return signLine(kindRestored, r, key)
}

// ParseRestored reads the statement. No signature is checked here.
func ParseRestored(text []byte) (Restored, Signed, error) {
	var r Restored
	s, err := ParseSigned(text)
	if err != nil {
		return r, s, err
	}
	if err := s.decode(kindRestored, &r); err != nil {
		return r, s, err
	}
	if r.Leaf < 0 || r.Missing < 0 || r.Hour < 0 || r.Commitment.IsZero() {
		return r, s, hotline.Errorf(hotline.KindInvalid, "restored", "a number is out of range")
	}
	return r, s, nil
}

// RestoredSignedBy reports whether k signed the statement.
func RestoredSignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindRestored, k) }
