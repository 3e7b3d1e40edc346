package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/argon2"

	"safeconduct/internal/hotline"
)

// Argon2id parameters of a receipt (RFC 9106): 64 MiB, three passes, one lane.
const (
	receiptMemoryKiB = 64 << 10
	receiptPasses    = 3
	receiptLanes     = 1
)

// DeskID names an installation: 16 random bytes, the salt of its receipts.
type DeskID [16]byte

// String returns 32 hexadecimal digits.
func (d DeskID) String() string { return hexOrEmpty(d[:], false) }

// MarshalText implements encoding.TextMarshaler.
func (d DeskID) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *DeskID) UnmarshalText(b []byte) error { return unhex(d[:], b) }

// Lookup finds a case for whoever holds its receipt.
type Lookup [16]byte

// String returns 32 hexadecimal digits, or nothing for the zero value (a case
// that was sent without a receipt).
func (l Lookup) String() string { return hexOrEmpty(l[:], l == Lookup{}) }

// MarshalText implements encoding.TextMarshaler.
func (l Lookup) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Lookup) UnmarshalText(b []byte) error { return unhex(l[:], b) }

// Contact is what a receipt yields: the person's own keys and the two ways to
// find the case. Nobody but the person's device computes it.
type Contact struct {
	Lookup   Lookup
	Code     hotline.ChannelCode
	Identity Identity
	Signing  SigningKey
}

// DeriveContact computes M = Argon2id(24 digits, salt = desk) and from it, by
// HKDF-SHA256 without salt under labels "safeconduct v1 …", the look-up id
// (16 bytes), the age seed, the Ed25519 seed and the channel code (the first
// 8 bytes, big endian, modulo 10^10). It takes 64 MiB and about 0.2 s.
func DeriveContact(r hotline.Receipt, desk DeskID) (Contact, error) {
	master := argon2.IDKey([]byte(r.Digits()), desk[:], receiptPasses, receiptMemoryKiB, receiptLanes, SeedSize)
	return contactFrom(master)
}

func contactFrom(master []byte) (Contact, error) {
	var c Contact
	expand := func(label string, n int) ([]byte, error) {
		b, err := hkdf.Key(sha256.New, master, nil, "safeconduct v1 "+label, n)
		if err != nil {
			return nil, fmt.Errorf("derive %s: %w", label, err)
		}
		return b, nil
	}
	lookup, err := expand("lookup", len(c.Lookup))
	if err != nil {
		return c, err
	}
	copy(c.Lookup[:], lookup)
	ageSeed, err := expand("contact age seed", SeedSize)
	if err != nil {
		return c, err
	}
	if c.Identity, err = IdentityFromSeed(ageSeed); err != nil {
		return c, err
	}
	signSeed, err := expand("contact signing seed", SeedSize)
	if err != nil {
		return c, err
	}
	if c.Signing, err = SigningKeyFromSeed(signSeed); err != nil {
		return c, err
	}
	code, err := expand("channel code", 8)
	if err != nil {
		return c, err
	}
	c.Code = hotline.ChannelCodeOf(binary.BigEndian.Uint64(code))
	return c, nil
}

// CaseID returns the id of the case that these keys open: the first 16 bytes
// of SHA-256("safeconduct case v1" ‖ signing key, 32 bytes ‖ recipient as
// text).
func (c Contact) CaseID() hotline.CaseID {
	return CaseIDOf(c.Signing.Public(), c.Identity.Recipient())
}

// CaseIDOf computes a case's id from the contact's public keys.
func CaseIDOf(key PublicKey, recipient Recipient) hotline.CaseID {
	h := sha256.New()
	h.Write([]byte("safeconduct case v1"))
	h.Write(key[:])
	h.Write([]byte(recipient.String()))
	return hotline.CaseID(h.Sum(nil)[:16])
}
