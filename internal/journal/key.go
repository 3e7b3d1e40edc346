package journal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"safeconduct/internal/hotline"
)

// Origin returns the journal's name for a desk id. It is the checkpoint's first
// line and the name of the key, so that a checkpoint never passes for one of another desk.
func Origin(deskID []byte) string { return "safeconduct/" + hex.EncodeToString(deskID) }

// Signer signs checkpoints with the server's journal key J. The key stands inside
// functions, where no printing of the value or of what contains it reaches.
type Signer struct {
	note     note.Signer
	secret   func() string
	verifier *Verifier
}

// NewSigner makes a signer from an Ed25519 seed (32 bytes, RFC 8032 §5.1.5) and
// the journal's name.
func NewSigner(origin string, seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: signer", "%w: a seed has %d bytes", ErrMalformed, ed25519.SeedSize)
	}
	pub := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	v, err := NewVerifier(origin, pub)
	if err != nil {
		return nil, err
	}
	key := append([]byte{algEd25519}, seed...)
	s := &Signer{verifier: v, secret: func() string {
		return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", v.Origin(), v.note.KeyHash(), base64.StdEncoding.EncodeToString(key))
	}}
	s.note, err = note.NewSigner(s.secret())
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: signer", "%w", ErrMalformed)
	}
	return s, nil
}

// GenerateSigner makes a signer with a new random key.
func GenerateSigner(origin string) (*Signer, error) {
	var seed [ed25519.SeedSize]byte
	_, _ = rand.Read(seed[:]) // never fails since Go 1.24
	return NewSigner(origin, seed[:])
}

// ParseSigner reads what [Signer.SecretFile] wrote.
func ParseSigner(file []byte) (*Signer, error) {
	const op = "journal: secret key file"
	malformed := hotline.Errorf(hotline.KindInvalid, op, "%w", ErrMalformed)
	f := strings.Split(strings.TrimSuffix(string(file), "\n"), "+")
	// Base64 may itself hold pluses: "PRIVATE+KEY+<name>+<hash>+<base64>".
	if len(f) < 5 {
		return nil, malformed
	}
	key, err := base64.StdEncoding.Strict().DecodeString(strings.Join(f[4:], "+"))
	if err != nil || len(key) != 1+ed25519.SeedSize {
		return nil, malformed
	}
	s, err := NewSigner(f[2], key[1:])
	if err != nil {
		return nil, malformed
	}
	if string(s.SecretFile()) != strings.TrimSuffix(string(file), "\n")+"\n" {
		return nil, malformed
	}
	return s, nil
}

// SecretFile returns the content of the secret key's file, in the encoding of
// sumdb/note. It is the only way to get the key out.
func (s *Signer) SecretFile() []byte { return []byte(s.secret() + "\n") }

// Verifier returns the public half.
func (s *Signer) Verifier() *Verifier { return s.verifier }

// algEd25519 is the signature type of c2sp.org/signed-note for Ed25519.
const algEd25519 = 1

// String implements fmt.Stringer and shows the public key only.
func (s *Signer) String() string { return "journal signer " + s.verifier.String() }

// LogValue implements slog.LogValuer.
func (s *Signer) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Verifier checks the signature of checkpoints.
type Verifier struct {
	note note.Verifier
	key  string
}

// NewVerifier makes a verifier from the journal's name and public key.
func NewVerifier(origin string, pub ed25519.PublicKey) (*Verifier, error) {
	vkey, err := note.NewEd25519VerifierKey(origin, pub)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: verifier", "%w: public key", ErrMalformed)
	}
	return ParseVerifier(vkey)
}

// ParseVerifier reads a verifier key: "<origin>+<hash>+<base64>".
func ParseVerifier(vkey string) (*Verifier, error) {
	n, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: verifier key", "%w", ErrMalformed)
	}
	// The note package reads hex and base64 loosely; one key has one spelling here.
	f := strings.SplitN(vkey, "+", 3) // base64 may itself hold pluses
	raw, err := base64.StdEncoding.DecodeString(f[2])
	if err != nil || vkey != fmt.Sprintf("%s+%08x+%s", n.Name(), n.KeyHash(), base64.StdEncoding.EncodeToString(raw)) {
		return nil, hotline.Errorf(hotline.KindInvalid, "journal: verifier key", "%w", ErrMalformed)
	}
	return &Verifier{note: n, key: vkey}, nil
}

// Origin returns the name of the journal.
func (v *Verifier) Origin() string { return v.note.Name() }

// String returns the verifier key, as [ParseVerifier] reads it.
func (v *Verifier) String() string { return v.key }
