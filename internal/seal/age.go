package seal

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"safeconduct/internal/hotline"
)

const (
	identityPrefix  = "AGE-SECRET-KEY-PQ-"
	recipientPrefix = "age1pq1"
	stanzaType      = "mlkem768x25519"
	ageIntro        = "age-encryption.org/v1"

	// SeedSize is the length in bytes of an age identity's seed and of an
	// Ed25519 seed.
	SeedSize = 32
	// FileOverhead is what one recipient adds to a plaintext of up to 64 KiB.
	FileOverhead = 1659
)

// Identity is an age post-quantum hybrid private key (X-Wing, HPKE KEM
// 0x647a). It cannot be printed by accident.
type Identity struct {
	age       *age.HybridIdentity
	recipient Recipient
}

// Recipient is an age post-quantum hybrid public key, "age1pq1…", 1,959
// characters.
type Recipient struct {
	age  *age.HybridRecipient
	text string
}

// NewIdentity draws an identity from the system's random source.
func NewIdentity() (Identity, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return Identity{}, fmt.Errorf("new identity: %w", err)
	}
	return wrapIdentity(id), nil
}

// IdentityFromSeed makes the identity whose X-Wing seed is seed (32 bytes).
func IdentityFromSeed(seed []byte) (Identity, error) {
	if len(seed) != SeedSize {
		return Identity{}, hotline.Errorf(hotline.KindInvalid, "identity", "a seed has %d bytes", SeedSize)
	}
	return ParseIdentity(strings.ToUpper(bech32Encode(strings.ToLower(identityPrefix), seed)))
}

// ParseIdentity reads "AGE-SECRET-KEY-PQ-1…". Other kinds of age identities,
// the classic ones too, are refused.
func ParseIdentity(s string) (Identity, error) {
	id, err := age.ParseHybridIdentity(s)
	if err != nil { // the library's error may repeat the text: a secret
		return Identity{}, hotline.Errorf(hotline.KindInvalid, "identity", "not a post-quantum age identity")
	}
	return wrapIdentity(id), nil
}

func wrapIdentity(id *age.HybridIdentity) Identity {
	r := id.Recipient()
	return Identity{id, Recipient{r, r.String()}}
}

// Recipient returns the public key.
func (i Identity) Recipient() Recipient { return i.recipient }

// Secret returns "AGE-SECRET-KEY-PQ-1…", for a place that keeps keys.
func (i Identity) Secret() string { return i.age.String() }

// IsZero reports whether i holds no key.
func (i Identity) IsZero() bool { return i.age == nil }

// String shows nothing.
func (Identity) String() string { return "identity(hidden)" }

// GoString shows nothing.
func (Identity) GoString() string { return "identity(hidden)" }

// MarshalText refuses: an identity leaves only through Secret.
func (Identity) MarshalText() ([]byte, error) { return []byte("identity(hidden)"), nil }

// ParseRecipient reads "age1pq1…". Classic recipients (age1…), SSH keys and
// plugins are refused by our own check: one of them in a file would undo the
// protection against a later quantum computer for the whole of it.
func ParseRecipient(s string) (Recipient, error) {
	if !strings.HasPrefix(s, recipientPrefix) {
		return Recipient{}, hotline.Errorf(hotline.KindInvalid, "recipient", "only age1pq1 recipients are allowed")
	}
	r, err := age.ParseHybridRecipient(s)
	if err != nil || r.String() != s {
		return Recipient{}, hotline.Errorf(hotline.KindInvalid, "recipient", "malformed age1pq1 recipient")
	}
	return Recipient{r, s}, nil
}

// String returns "age1pq1…".
func (r Recipient) String() string { return r.text }

// IsZero reports whether r holds no key.
func (r Recipient) IsZero() bool { return r.age == nil }

// MarshalText implements encoding.TextMarshaler.
func (r Recipient) MarshalText() ([]byte, error) { return []byte(r.text), nil }

// UnmarshalText implements encoding.TextUnmarshaler; the empty text is the
// zero Recipient.
func (r *Recipient) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*r = Recipient{}
		return nil
	}
	v, err := ParseRecipient(string(b))
	*r = v
	return err
}

// Encrypt seals plaintext to exactly one recipient as a binary age file.
func Encrypt(to Recipient, plaintext []byte) ([]byte, error) {
	if to.IsZero() {
		return nil, hotline.Errorf(hotline.KindInvalid, "seal", "no recipient")
	}
	var out bytes.Buffer
	out.Grow(len(plaintext) + FileOverhead)
	w, err := age.Encrypt(&out, to.age)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if _, err := w.Write(plaintext); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

// Decrypt opens a file sealed to id alone. Nothing is returned before the
// end of the file has been authenticated. Files with several recipients or
// with one of another kind are refused before any key is used.
func Decrypt(id Identity, file []byte) ([]byte, error) {
	if id.IsZero() {
		return nil, hotline.Errorf(hotline.KindLocked, "open", "no key")
	}
	if err := CheckFile(file); err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(file), id.age)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindForged, "open", "sealed to another key, or changed")
	}
	plaintext, err := io.ReadAll(r)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindForged, "open", "changed or cut short")
	}
	return plaintext, nil
}

// CheckFile verifies the shape of a sealed file without any key: an age v1
// header with exactly one stanza, which is post-quantum, of the right size
// (1,120 bytes of encapsulation, 32 of wrapped file key), a MAC, and a
// payload that is at least a nonce and one tag long. (age-encryption.org/v1,
// "mlkem768x25519 recipient stanza".)
func CheckFile(file []byte) error {
	fail := func(why string) error { return hotline.Errorf(hotline.KindInvalid, "sealed file", "%s", why) }
	line := func() (string, bool) {
		head, rest, found := bytes.Cut(file, []byte{'\n'})
		if !found || len(head) > 2048 {
			return "", false
		}
		file = rest
		return string(head), true
	}
	if s, ok := line(); !ok || s != ageIntro {
		return fail("not an age v1 file")
	}
	stanza, ok := line()
	encapsulation, isOurs := strings.CutPrefix(stanza, "-> "+stanzaType+" ")
	if !ok || !isOurs {
		return fail("only post-quantum hybrid recipients are allowed")
	}
	if raw, err := base64.RawStdEncoding.Strict().DecodeString(encapsulation); err != nil || len(raw) != 1120 {
		return fail("malformed recipient stanza")
	}
	body, ok := line()
	if raw, err := base64.RawStdEncoding.Strict().DecodeString(body); !ok || err != nil || len(raw) != 32 {
		return fail("malformed recipient stanza")
	}
	mac, ok := line()
	if !ok {
		return fail("header is cut short")
	}
	encoded, isMAC := strings.CutPrefix(mac, "--- ")
	if !isMAC {
		return fail("exactly one recipient is allowed")
	}
	if raw, err := base64.RawStdEncoding.Strict().DecodeString(encoded); err != nil || len(raw) != 32 {
		return fail("malformed header")
	}
	if len(file) < 16+16 {
		return fail("payload is cut short")
	}
	return nil
}
