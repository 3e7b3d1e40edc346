package seal

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json"

	"safeconduct/internal/hotline"
)

// decodeStrict reads one JSON object: unknown and repeated names, other
// capitals, invalid UTF-8 and anything after the object are refused, so that
// two readers never see two different things in one signed line.
func decodeStrict(line []byte, v any) error {
	if bytes.IndexByte(line, '\n') >= 0 {
		return hotline.Errorf(hotline.KindInvalid, "json", "must be one line")
	}
	if err := json.Unmarshal(line, v, json.RejectUnknownMembers(true)); err != nil {
		return hotline.Errorf(hotline.KindInvalid, "json", "malformed %T", v)
	}
	return nil
}

// encodeLine writes v as one line of JSON without the line's end.
func encodeLine(v any) ([]byte, error) {
	line, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return line, nil
}

// Hash is a SHA-256 sum, in JSON 64 hexadecimal digits; the zero value, in
// JSON the empty text, means "none".
type Hash [32]byte

// IsZero reports whether h is "none".
func (h Hash) IsZero() bool { return h == Hash{} }

// String returns the hexadecimal form, empty for none.
func (h Hash) String() string { return hexOrEmpty(h[:], h.IsZero()) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(b []byte) error { return unhex(h[:], b) }

// PublicKey is an Ed25519 public key (RFC 8032), in JSON 64 hexadecimal
// digits; the zero value, in JSON the empty text, means "none".
type PublicKey [32]byte

// IsZero reports whether k is "none".
func (k PublicKey) IsZero() bool { return k == PublicKey{} }

// String returns the hexadecimal form, empty for none.
func (k PublicKey) String() string { return hexOrEmpty(k[:], k.IsZero()) }

// MarshalText implements encoding.TextMarshaler.
func (k PublicKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *PublicKey) UnmarshalText(b []byte) error { return unhex(k[:], b) }

func hexOrEmpty(b []byte, zero bool) string {
	if zero {
		return ""
	}
	return hex.EncodeToString(b)
}

func unhex(dst, src []byte) error {
	if len(src) == 0 {
		clear(dst)
		return nil
	}
	if len(src) != 2*len(dst) || !bytes.Equal(bytes.ToLower(src), src) {
		return hotline.Errorf(hotline.KindInvalid, "hex", "must be %d lower-case hexadecimal digits", 2*len(dst))
	}
	if _, err := hex.Decode(dst, src); err != nil {
		return hotline.Errorf(hotline.KindInvalid, "hex", "must be %d lower-case hexadecimal digits", 2*len(dst))
	}
	return nil
}
