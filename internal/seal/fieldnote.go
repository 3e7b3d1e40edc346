package seal

import (
	"crypto/sha256"

	"safeconduct/internal/hotline"
)

const kindFieldNote = "field note"

// FieldNote is something that a person told and that only those who run a
// meeting may read: a position. It is sealed to the field team's own key, not to
// the case, and belongs to the record of the case which says that it came.
type FieldNote struct {
	preamble
	Case   hotline.CaseID `json:"case"`
	Record Hash           `json:"record"` // line of the record's header
	Hour   hotline.Hour   `json:"hour"`
	Body   Hash           `json:"body"`
}

// Position is a position as a phone gave it, WGS 84. Plaintext: it cannot be
// printed by accident.
type Position struct {
	Salt   string  `json:"salt"`
	Lat    float64 `json:"lat"`             // degrees, north positive
	Lon    float64 `json:"lon"`             // degrees, east positive
	Radius float64 `json:"radius,omitzero"` // metres, as the phone says; 0: it does not
	Live   bool    `json:"live,omitzero"`   // one of several that the phone sends by itself
}

// String shows nothing.
func (Position) String() string { return "position(hidden)" }

// GoString shows nothing.
func (Position) GoString() string { return "position(hidden)" }

// NewPosition makes one with a fresh salt.
func NewPosition(lat, lon, radius float64, live bool) (Position, error) {
	if !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && radius >= 0 && radius <= 1e6) { // NaN is refused too
		return Position{}, hotline.Errorf(hotline.KindInvalid, "position", "this is nowhere on earth")
	}
	b, err := NewBody("", "")
	return Position{Salt: b.Salt, Lat: lat, Lon: lon, Radius: radius, Live: live}, err
}

// Seal seals a position to the field team's key, with n as what is signed of it.
func (n FieldNote) Seal(to Recipient, p Position, by SigningKey) ([]byte, error) {
	line, err := encodeLine(p)
	if err != nil {
		return nil, err
	}
	n.preamble, n.Body = preamble{1, kindFieldNote}, sha256.Sum256(line)
	signed, err := signLine(kindFieldNote, n, by)
	if err != nil {
		return nil, err
	}
	return sealLines(to, signed, line)
}

// OpenFieldNote opens one; the caller compares Case and Record with where it
// came from and checks who signed.
func OpenFieldNote(id Identity, file []byte) (FieldNote, Position, Signed, error) {
	var n FieldNote
	var p Position
	padded, err := Decrypt(id, file)
	if err != nil {
		return n, p, Signed{}, err
	}
	signed, line, err := parseLines(padded)
	if err != nil {
		return n, p, signed, err
	}
	if err := signed.decode(kindFieldNote, &n); err != nil {
		return n, p, signed, err
	}
	if n.Body != sha256.Sum256(line) {
		return n, p, signed, hotline.Errorf(hotline.KindForged, kindFieldNote, "the position is not the one that was signed")
	}
	if err := decodeStrict(line, &p); err != nil {
		return n, p, signed, err
	}
	_, err = NewPosition(p.Lat, p.Lon, p.Radius, p.Live)
	return n, p, signed, err
}

// FieldNoteSignedBy reports whether k signed the note.
func FieldNoteSignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindFieldNote, k) }
