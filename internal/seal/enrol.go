package seal

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"strings"

	"safeconduct/internal/hotline"
)

// Bundle is what a newcomer's desk sends at enrolment: public keys only.
type Bundle struct {
	V         int       `json:"v"`
	Name      string    `json:"name"`
	Recipient Recipient `json:"recipient"`
	Key       PublicKey `json:"key"`
	TLS       Hash      `json:"tls"`
	Authority PublicKey `json:"authority,omitzero"` // of who is to be an administrator
}

// ParseBundle reads a bundle.
func ParseBundle(line []byte) (Bundle, error) {
	var b Bundle
	if err := decodeStrict(line, &b); err != nil {
		return b, err
	}
	if b.V != 1 || b.Recipient.IsZero() || b.Key.IsZero() || b.TLS.IsZero() || len(b.Name) > 64 || strings.TrimSpace(b.Name) == "" {
		return b, hotline.Errorf(hotline.KindInvalid, "enrolment", "the newcomer's keys are incomplete")
	}
	return b, nil
}

// Encode writes the bundle as one line.
func (b Bundle) Encode() ([]byte, error) {
	b.V = 1
	return encodeLine(b)
}

// Fingerprint is what both people read to each other: the first 100 bits of
// SHA-256("safeconduct enrolment v1\n" ‖ authority ‖ "\n" ‖ bundle) as 31
// decimal digits, in five groups of five and one of
// six. The authority is in it, so the newcomer checks the house as the house
// checks him.
func Fingerprint(a Authority, bundle []byte) (string, error) {
	authority, err := encodeLine(a)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "safeconduct enrolment v1\n%s\n%s", authority, bundle)
	n := new(big.Int).SetBytes(h.Sum(nil))
	n.Rsh(n, 256-100)
	digits := fmt.Sprintf("%031s", n.String())
	var groups []string
	for i := 0; i < 30; i += 5 {
		groups = append(groups, digits[i:i+5])
	}
	groups[5] += digits[30:]
	return strings.Join(groups, " "), nil
}
