package seal

import (
	"crypto/sha256"
	"strconv"

	"safeconduct/internal/hotline"
)

// RetentionSubject is the subject of changing one line of the retention table.
type RetentionSubject struct {
	Line string `json:"line"`
	From int    `json:"from"` // days
	To   int    `json:"to"`   // days
}

// DestroySubject is the subject of destroying an epoch: what exactly goes.
type DestroySubject struct {
	Team   hotline.Team `json:"team"`
	Epoch  int          `json:"epoch"`
	Cases  int          `json:"cases"`  // that have ended and that nothing else opens
	Oldest string       `json:"oldest"` // day on which the first of them ended, "2026-03-01"; empty without cases
	Newest string       `json:"newest"`
}

// RewrapSubject is the subject of wrapping many open cases to a newer epoch.
type RewrapSubject struct {
	Team  hotline.Team `json:"team"`
	Epoch int          `json:"epoch"`
}

// ForgetSubject is the subject of forgetting a person's case.
type ForgetSubject struct {
	Case hotline.CaseID `json:"case"`
}

// ForgetBase is the state on which forgetting is proposed: the newest statement
// and how much the person has written. A new message undoes the proposal.
func ForgetBase(statement Hash, contactSeq int64) Hash {
	return sha256.Sum256([]byte("safeconduct forget v1\n" + statement.String() + " " + strconv.FormatInt(contactSeq, 10)))
}

// RetentionBase is the state on which a change of the table is proposed.
func RetentionBase(r hotline.Retention) Hash {
	line, _ := encodeLine(r) // numbers alone: cannot fail
	return sha256.Sum256(line)
}

// DestroyBase is the state on which destroying is proposed: the cases that go.
func DestroyBase(announcement Hash, ids []hotline.CaseID) Hash {
	b := []byte("safeconduct destroy v1\n" + announcement.String() + "\n")
	for _, id := range ids {
		b = append(append(b, id.String()...), '\n')
	}
	return sha256.Sum256(b)
}

const kindFarewell = "farewell"

// Farewell is a desk's word that it holds the key of a destroyed epoch no more.
type Farewell struct {
	preamble
	Team  hotline.Team `json:"team"`
	Epoch int          `json:"epoch"`
	Key   Hash         `json:"key"` // hash of the epoch's announcement
	Day   hotline.Day  `json:"day"`
}

// SignFarewell makes the statement.
func SignFarewell(f Farewell, by SigningKey) (Signed, error) {
	f.preamble = preamble{1, kindFarewell}
	return signLine(kindFarewell, f, by)
}

// ParseFarewell reads the statement; the caller checks who signed.
func ParseFarewell(text []byte) (Farewell, Signed, error) {
	var f Farewell
	s, err := ParseSigned(text)
	if err != nil {
		return f, s, err
	}
	if err := s.decode(kindFarewell, &f); err != nil {
		return f, s, err
	}
	if _, err := hotline.ParseTeam(string(f.Team)); err != nil || f.Epoch < 1 || f.Key.IsZero() || f.Day < 0 {
		return f, s, hotline.Errorf(hotline.KindInvalid, kindFarewell, "incomplete")
	}
	return f, s, nil
}

// FarewellSignedBy reports whether k signed the statement.
func FarewellSignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindFarewell, k) }
