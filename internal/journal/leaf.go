package journal

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
)

// leafDomain separates this hash from every other use of SHA-256 in the system.
const leafDomain = "safeconduct journal leaf v1\n"

// Blind hides an entry inside its commitment. It never shows itself in print:
// with the blind, a short entry can be found by trying.
type Blind [32]byte

const hidden = "[blind]"

// String implements fmt.Stringer and shows nothing.
func (Blind) String() string { return hidden }

// Format implements fmt.Formatter, so that no verb shows the bytes.
func (Blind) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue implements slog.LogValuer.
func (Blind) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON shows nothing; who means to send a blind sends its bytes.
func (Blind) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// Commitment is what enters the tree in place of an entry.
type Commitment [sha256.Size]byte

// Hash returns the leaf hash of RFC 6962 §2.1 over the commitment.
func (c Commitment) Hash() tlog.Hash { return tlog.RecordHash(c[:]) }

// Opening is what proves that a commitment stands for an entry. It is kept as
// long as the entry serves, and then deleted as a whole.
type Opening struct {
	Blind Blind
	Line  []byte // the entry's canonical line
}

// Leaf is a commitment with its opening.
type Leaf struct {
	Commitment Commitment
	Opening    Opening
}

// Commit blinds e with fresh random bytes.
func Commit(e Entry) (Leaf, error) {
	line, err := e.Line()
	if err != nil {
		return Leaf{}, err
	}
	o := Opening{Line: line}
	// crypto/rand.Read never returns an error (Go 1.24): it crashes the program instead.
	_, _ = rand.Read(o.Blind[:])
	return Leaf{Commitment: o.commitment(), Opening: o}, nil
}

// VerifyOpening checks that o opens c and returns the entry it stands for.
func VerifyOpening(c Commitment, o Opening) (Entry, error) {
	got := o.commitment()
	if subtle.ConstantTimeCompare(got[:], c[:]) != 1 {
		return Entry{}, hotline.Errorf(hotline.KindForged, "journal: opening", "%w", ErrOpening)
	}
	return ParseEntry(o.Line)
}

// commitment needs no length prefix: domain and blind have fixed lengths.
func (o Opening) commitment() Commitment {
	h := sha256.New()
	h.Write([]byte(leafDomain))
	h.Write(o.Blind[:])
	h.Write(o.Line)
	return Commitment(h.Sum(nil))
}
