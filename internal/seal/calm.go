package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"safeconduct/internal/hotline"
)

const kindCalm = "calm"

// maxCalm bounds a note in bytes.
const maxCalm = 4 << 10

// Calm is the answer of who has looked into an alarm of a tripwire: signed,
// and bound to how far the alarm had come and to the note. The note itself is
// sealed to each of those who watch, as an auditor holds no key of a team.
type Calm struct {
	preamble
	Alarm Hash         `json:"alarm"`
	Count int64        `json:"count"` // how often it had happened, as the signer saw it
	Hour  hotline.Hour `json:"hour"`
	Log   string       `json:"log,omitzero"` // last checkpoint seen: "<size> <root hash>"
	Note  Hash         `json:"note"`         // SHA-256 of the note's line
}

// calmNote is the sealed part. The salt keeps the commitment from betraying it.
type calmNote struct {
	Salt string `json:"salt"`
	Text string `json:"text"`
}

// SignCalm makes an answer with its note sealed to each of the readers, by
// their names.
func SignCalm(c Calm, text string, readers map[OperatorID]Recipient, by SigningKey) (Signed, map[OperatorID][]byte, error) {
	if text == "" || len(text) > maxCalm || !utf8.ValidString(text) {
		return Signed{}, nil, hotline.Errorf(hotline.KindInvalid, kindCalm, "a note of 1 to %d bytes is needed", maxCalm)
	}
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	line, err := encodeLine(calmNote{hex.EncodeToString(salt[:]), text})
	if err != nil {
		return Signed{}, nil, err
	}
	c.preamble, c.Note = preamble{1, kindCalm}, sha256.Sum256(line)
	signed, err := signLine(kindCalm, c, by)
	if err != nil {
		return signed, nil, err
	}
	files := make(map[OperatorID][]byte, len(readers))
	for id, to := range readers {
		if files[id], err = sealLines(to, signed, line); err != nil {
			return signed, nil, err
		}
	}
	return signed, files, nil
}

// ParseCalm reads an answer; the caller checks who signed.
func ParseCalm(text []byte) (Calm, Signed, error) {
	var c Calm
	s, err := ParseSigned(text)
	if err != nil {
		return c, s, err
	}
	if err := s.decode(kindCalm, &c); err != nil {
		return c, s, err
	}
	if c.Alarm.IsZero() || c.Note.IsZero() || c.Count < 1 || c.Hour < 0 {
		return c, s, hotline.Errorf(hotline.KindInvalid, kindCalm, "a field is missing or out of range")
	}
	return c, s, nil
}

// CalmSignedBy reports whether k signed the answer.
func CalmSignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindCalm, k) }

// OpenCalmNote opens a note and checks that it is the one that the answer
// beside it committed to.
func OpenCalmNote(id Identity, file []byte, beside Signed) (string, error) {
	padded, err := Decrypt(id, file)
	if err != nil {
		return "", err
	}
	inner, line, err := parseLines(padded)
	if err != nil {
		return "", err
	}
	c, _, err := ParseCalm(beside.Text())
	if err != nil {
		return "", err
	}
	if inner.Hash() != beside.Hash() || c.Note != sha256.Sum256(line) {
		return "", hotline.Errorf(hotline.KindForged, kindCalm, "the note belongs to another answer")
	}
	var n calmNote
	err = decodeStrict(line, &n)
	return n.Text, err
}
