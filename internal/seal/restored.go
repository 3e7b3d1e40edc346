package seal

import (
	"slices"

	"safeconduct/internal/hotline"
)

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

// Acceptance is who stands behind going on after a restore, and how many
// persons that takes.
type Acceptance struct {
	By     []Member
	Needed int
}

// Enough reports whether the house goes on.
func (a Acceptance) Enough() bool { return len(a.By) >= a.Needed }

// Has reports whether a person is among them.
func (a Acceptance) Has(who OperatorID) bool {
	return slices.ContainsFunc(a.By, func(m Member) bool { return m.Who() == who })
}

// AcceptedBy counts the administrators who have signed that the house goes on
// after the restore that stands at leaf, one for each person, by this roster.
// One is enough where there is only one; otherwise it takes two, as for a
// roster. What is not such a statement does not count.
func (r Roster) AcceptedBy(leaf int64, commitment Hash, texts ...[]byte) Acceptance {
	rule, _ := hotline.SharedRoster.Rule()
	a := Acceptance{Needed: rule.Needed(r.Persons(rule))}
	for _, text := range texts {
		x, signed, err := ParseRestored(text)
		if err != nil || x.Desk != r.Desk || x.Leaf != leaf || x.Commitment != commitment {
			continue
		}
		m, ok := r.signerOf(signed, kindRestored)
		// An hour of tolerance: the newcomer's clock is not the administrator's.
		if ok && m.Active() && x.Hour+1 >= m.Since && hotline.Allowed(hotline.ActionAccept, m.Roles...) && !a.Has(m.Who()) {
			a.By = append(a.By, m)
		}
	}
	return a
}
