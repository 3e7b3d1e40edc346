package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"safeconduct/internal/hotline"
)

const (
	maxSignedLine = 256 << 10 // a roster member takes 2.4 KB: a hundred members
	maxSignatures = 8
)

// SigningKey is an Ed25519 private key. It cannot be printed by accident.
type SigningKey struct{ key ed25519.PrivateKey }

// NewSigningKey draws a key from the system's random source.
func NewSigningKey() (SigningKey, error) {
	seed := make([]byte, SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return SigningKey{}, fmt.Errorf("new signing key: %w", err)
	}
	return SigningKeyFromSeed(seed)
}

// SigningKeyFromSeed makes the key of a 32-byte seed (RFC 8032, section 5.1.5).
func SigningKeyFromSeed(seed []byte) (SigningKey, error) {
	if len(seed) != SeedSize {
		return SigningKey{}, hotline.Errorf(hotline.KindInvalid, "signing key", "a seed has %d bytes", SeedSize)
	}
	return SigningKey{ed25519.NewKeyFromSeed(seed)}, nil
}

// Public returns the public key.
func (k SigningKey) Public() PublicKey {
	var p PublicKey
	if !k.IsZero() {
		copy(p[:], k.key[SeedSize:])
	}
	return p
}

// Seed returns the 32 secret bytes, for a place that keeps keys.
func (k SigningKey) Seed() []byte { return k.key.Seed() }

// IsZero reports whether k holds no key.
func (k SigningKey) IsZero() bool { return k.key == nil }

// String shows nothing.
func (SigningKey) String() string { return "signing key(hidden)" }

// GoString shows nothing.
func (SigningKey) GoString() string { return "signing key(hidden)" }

// MarshalText shows nothing.
func (SigningKey) MarshalText() ([]byte, error) { return []byte("signing key(hidden)"), nil }

// KeyID names a public key in a signature line: the first 8 bytes of
// SHA-256("safeconduct key v1\n" ‖ key).
type KeyID [8]byte

// ID returns the key's name.
func (k PublicKey) ID() KeyID {
	sum := sha256.Sum256(append([]byte("safeconduct key v1\n"), k[:]...))
	return KeyID(sum[:8])
}

// String returns 16 hexadecimal digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Signature is one line under a signed text.
type Signature struct {
	Key KeyID
	Sig [ed25519.SignatureSize]byte
}

// Signed is a signed text: one line of JSON and one to eight signatures.
//
//	{"v":1,"kind":"…",…}
//	sig <key id> <base64 of 64 bytes>
//
// Each signature covers "safeconduct v1 " ‖ kind ‖ "\n" ‖ line. The bytes of
// the line are kept as they came, so nothing depends on how JSON is written.
type Signed struct {
	Line []byte
	Sigs []Signature
}

func signedBytes(kind string, line []byte) []byte {
	return append([]byte("safeconduct v1 "+kind+"\n"), line...)
}

// signLine makes a signed text of kind from v.
func signLine(kind string, v any, keys ...SigningKey) (Signed, error) {
	line, err := encodeLine(v)
	if err != nil {
		return Signed{}, err
	}
	s := Signed{Line: line}
	for _, k := range keys {
		s.Add(kind, k)
	}
	return s, nil
}

// Add signs the line with one more key.
func (s *Signed) Add(kind string, k SigningKey) {
	sig := Signature{Key: k.Public().ID()}
	copy(sig.Sig[:], ed25519.Sign(k.key, signedBytes(kind, s.Line)))
	s.Sigs = append(s.Sigs, sig)
}

// Only returns the text with the signatures of the given keys alone.
func (s Signed) Only(keys ...PublicKey) Signed {
	out := Signed{Line: s.Line}
	for _, sig := range s.Sigs {
		for _, k := range keys {
			if sig.Key == k.ID() {
				out.Sigs = append(out.Sigs, sig)
			}
		}
	}
	return out
}

// Hash is SHA-256 of the line: what the next text of a chain names as prev.
func (s Signed) Hash() Hash { return sha256.Sum256(s.Line) }

// SignedBy reports whether k signed the text as kind.
func (s Signed) SignedBy(kind string, k PublicKey) bool {
	if k.IsZero() {
		return false
	}
	for _, sig := range s.Sigs {
		if sig.Key == k.ID() && ed25519.Verify(k[:], signedBytes(kind, s.Line), sig.Sig[:]) {
			return true
		}
	}
	return false
}

// Text returns the text as it travels.
func (s Signed) Text() []byte {
	var b bytes.Buffer
	b.Write(s.Line)
	b.WriteByte('\n')
	for _, sig := range s.Sigs {
		fmt.Fprintf(&b, "sig %s %s\n", sig.Key, base64.StdEncoding.EncodeToString(sig.Sig[:]))
	}
	return b.Bytes()
}

// ParseSigned reads a signed text and nothing after it. It checks form only:
// whose signatures are needed is the caller's knowledge.
func ParseSigned(text []byte) (Signed, error) {
	s, rest, err := cutSigned(text)
	if err == nil && len(rest) != 0 {
		err = hotline.Errorf(hotline.KindInvalid, "signed text", "something stands after the signatures")
	}
	return s, err
}

// cutSigned reads a signed text and returns what follows it.
func cutSigned(text []byte) (Signed, []byte, error) {
	fail := func(why string) (Signed, []byte, error) {
		return Signed{}, nil, hotline.Errorf(hotline.KindInvalid, "signed text", "%s", why)
	}
	line, rest, found := bytes.Cut(text, []byte{'\n'})
	if !found || len(line) < 2 || len(line) > maxSignedLine || line[0] != '{' {
		return fail("no line of JSON")
	}
	s := Signed{Line: bytes.Clone(line)}
	for bytes.HasPrefix(rest, []byte("sig ")) {
		var sigLine []byte
		sigLine, rest, found = bytes.Cut(rest, []byte{'\n'})
		sig, ok := parseSignature(string(sigLine))
		if !found || !ok || len(s.Sigs) == maxSignatures {
			return fail("malformed signature line")
		}
		for _, other := range s.Sigs {
			if other.Key == sig.Key {
				return fail("one key signed twice")
			}
		}
		s.Sigs = append(s.Sigs, sig)
	}
	if len(s.Sigs) == 0 {
		return fail("not signed")
	}
	return s, rest, nil
}

func parseSignature(line string) (Signature, bool) {
	const size = len("sig ") + 16 + 1 + 88
	var sig Signature
	if len(line) != size || line[20] != ' ' {
		return sig, false
	}
	if err := unhex(sig.Key[:], []byte(line[4:20])); err != nil {
		return sig, false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(line[21:])
	if err != nil || len(raw) != len(sig.Sig) {
		return sig, false
	}
	copy(sig.Sig[:], raw)
	return sig, true
}

// decode reads the line into v and checks that it says the kind and version
// that the caller expects.
func (s Signed) decode(kind string, v interface{ head() (int, string) }) error {
	if err := decodeStrict(s.Line, v); err != nil {
		return err
	}
	if version, k := v.head(); version != 1 || k != kind {
		return hotline.Errorf(hotline.KindInvalid, kind, "not a %s of version 1", kind)
	}
	return nil
}

// preamble is the beginning of every signed line.
type preamble struct {
	V    int    `json:"v"`
	Kind string `json:"kind"`
}

func (p preamble) head() (int, string) { return p.V, p.Kind }
