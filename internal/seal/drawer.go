package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"safeconduct/internal/hotline"
)

// Drawer is what a gateway locks away for itself: an address to which a reply
// goes, a word that waits to be sent. What is in it is sealed with
// XChaCha20-Poly1305 under a key that HKDF-SHA256 derives from the gateway's
// secret G, so whoever has the database and not G reads nothing. It takes
// microseconds, which an age file to oneself would not.
type Drawer struct {
	aead   cipher.AEAD
	handle []byte
}

// NewDrawer opens the drawer of a gateway's key.
func NewDrawer(g Identity) (Drawer, error) {
	if g.IsZero() {
		return Drawer{}, hotline.Errorf(hotline.KindLocked, "drawer", "no key")
	}
	derive := func(label string) ([]byte, error) {
		return hkdf.Key(sha256.New, []byte(g.Secret()), nil, "safeconduct v1 gateway "+label, SeedSize)
	}
	key, err := derive("drawer")
	if err != nil {
		return Drawer{}, fmt.Errorf("drawer: %w", err)
	}
	handle, err := derive("handle")
	if err != nil {
		return Drawer{}, fmt.Errorf("drawer: %w", err)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return Drawer{}, fmt.Errorf("drawer: %w", err)
	}
	return Drawer{aead, handle}, nil
}

// String shows nothing.
func (Drawer) String() string { return "drawer(hidden)" }

// GoString shows nothing.
func (Drawer) GoString() string { return "drawer(hidden)" }

// Handle is the keyed hash (HMAC-SHA256) by which an address of a channel is
// found again without being kept.
func (d Drawer) Handle(channel hotline.Channel, address string) Hash {
	h := hmac.New(sha256.New, d.handle)
	fmt.Fprintf(h, "safeconduct handle v1\n%s\n%s", channel, address)
	return Hash(h.Sum(nil))
}

// Lock seals plaintext. It opens only under the same purpose, so that a row put
// in another's place is found out.
func (d Drawer) Lock(purpose string, plaintext []byte) []byte {
	nonce := make([]byte, d.aead.NonceSize(), d.aead.NonceSize()+len(plaintext)+d.aead.Overhead())
	_, _ = rand.Read(nonce) // never fails (Go 1.24)
	return d.aead.Seal(nonce, nonce, plaintext, []byte(purpose))
}

// Unlock opens what Lock sealed.
func (d Drawer) Unlock(purpose string, sealed []byte) ([]byte, error) {
	n := d.aead.NonceSize()
	if len(sealed) < n {
		return nil, hotline.Errorf(hotline.KindForged, "drawer", "cut short")
	}
	plain, err := d.aead.Open(nil, sealed[:n], sealed[n:], []byte(purpose))
	if err != nil {
		return nil, hotline.Errorf(hotline.KindForged, "drawer", "sealed under another key or for another purpose, or changed")
	}
	return plain, nil
}
