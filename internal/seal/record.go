package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"unicode/utf8"

	"safeconduct/internal/hotline"
)

const kindRecord = "record"

// RecordHeader stands on the first line of a record, signed. The server gets
// it too: it tells nothing that the server does not see anyway, and Body
// commits to the text without revealing it, because every body has a salt.
type RecordHeader struct {
	preamble
	Case hotline.CaseID `json:"case"`
	Gen  int            `json:"gen"`  // generation of the case key that seals it
	Side hotline.Side   `json:"side"` // who speaks
	Seq  int64          `json:"seq"`  // 0, 1, 2… per side
	Prev Hash           `json:"prev"` // line of the side's previous record
	Seen int64          `json:"seen"` // last seq of the other side that this side has seen, -1 for none
	Hour hotline.Hour   `json:"hour"`
	Body Hash           `json:"body"` // SHA-256 of the body line
	// Attachments by the ids of their sealed files, so that the server keeps
	// them: those sealed to the case key, and the desk's copies to the contact.
	Objects []ObjectID `json:"objects,omitempty"`
	Copies  []ObjectID `json:"copies,omitempty"`
}

// Body is what a person reads. Plaintext: it cannot be printed by accident.
type Body struct {
	Salt     string `json:"salt"` // 32 hexadecimal digits, so that Hash hides the text
	Text     string `json:"text"`
	Language string `json:"lang,omitzero"`
	Code     string `json:"code,omitzero"`   // channel code, in the first record of a case
	People   int    `json:"people,omitzero"` // how many they are, when the person said so
	Effort   bool   `json:"effort,omitzero"` // sent without a receipt: nobody can come back to it by the page
	Files    []File `json:"files,omitempty"` // attachments, in the order of the header's objects
	Chat     *Chat  `json:"chat,omitempty"`  // from a gateway: what its channel told beside the text
}

// String shows nothing.
func (Body) String() string { return "body(hidden)" }

// GoString shows nothing.
func (Body) GoString() string { return "body(hidden)" }

// Record is a message: signed header and body.
type Record struct {
	Header RecordHeader
	Signed Signed
	Body   Body
	line   []byte // the body's line as it came
}

// NewBody makes a body with a fresh salt.
func NewBody(text, language string) (Body, error) {
	if !utf8.ValidString(text) {
		return Body{}, hotline.Errorf(hotline.KindInvalid, "record", "the text is not valid UTF-8")
	}
	var salt [16]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return Body{}, fmt.Errorf("record: %w", err)
	}
	return Body{Salt: hexOrEmpty(salt[:], false), Text: text, Language: language}, nil
}

// SignRecord makes a record. The header's Body and its objects are filled in; the signers are
// the contact's key, or the reply key and the operator's key, or the
// gateway's key.
func SignRecord(h RecordHeader, b Body, keys ...SigningKey) (Record, error) {
	line, err := encodeLine(b)
	if err != nil {
		return Record{}, err
	}
	h.preamble = preamble{1, kindRecord}
	h.Body = sha256.Sum256(line)
	b.objectsOf(&h)
	if err := h.checkObjects(); err != nil {
		return Record{}, err
	}
	signed, err := signLine(kindRecord, h, keys...)
	if err != nil {
		return Record{}, err
	}
	return Record{Header: h, Signed: signed, Body: b, line: line}, nil
}

// Seal pads the record and seals it to one recipient.
func (r Record) Seal(to Recipient) ([]byte, error) {
	return sealLines(to, r.Signed, r.line)
}

// SignedBy reports whether k signed the record.
func (r Record) SignedBy(k PublicKey) bool { return r.Signed.SignedBy(kindRecord, k) }

// ParseRecordHeader reads a signed header. No signature is checked here.
func ParseRecordHeader(text []byte) (RecordHeader, Signed, error) {
	s, err := ParseSigned(text)
	if err != nil {
		return RecordHeader{}, s, err
	}
	h, err := recordHeader(s)
	return h, s, err
}

func recordHeader(s Signed) (RecordHeader, error) {
	var h RecordHeader
	if err := s.decode(kindRecord, &h); err != nil {
		return h, err
	}
	switch {
	case h.Side != hotline.SideContact && h.Side != hotline.SideDesk && h.Side != hotline.SideGateway:
		return h, hotline.Errorf(hotline.KindInvalid, "record", "unknown side")
	case h.Seq < 0 || h.Seen < -1 || h.Gen < 0 || h.Hour < 0:
		return h, hotline.Errorf(hotline.KindInvalid, "record", "a number is out of range")
	case (h.Seq == 0) != h.Prev.IsZero():
		return h, hotline.Errorf(hotline.KindInvalid, "record", "the first record of a side has no previous one, every other has")
	case h.Body.IsZero():
		return h, hotline.Errorf(hotline.KindInvalid, "record", "no body")
	}
	return h, h.checkObjects()
}

// OpenRecord opens and parses a sealed record. The caller checks signatures
// (SignedBy) and place in the chain.
func OpenRecord(id Identity, file []byte) (Record, error) {
	padded, err := Decrypt(id, file)
	if err != nil {
		return Record{}, err
	}
	return ParseRecord(padded)
}

// ParseRecord reads the plaintext of a record.
func ParseRecord(padded []byte) (Record, error) {
	signed, line, err := parseLines(padded)
	if err != nil {
		return Record{}, err
	}
	r := Record{Signed: signed, line: line}
	if r.Header, err = recordHeader(signed); err != nil {
		return r, err
	}
	if r.Header.Body != sha256.Sum256(line) {
		return r, hotline.Errorf(hotline.KindForged, "record", "the text is not the one that was signed")
	}
	if err := decodeStrict(line, &r.Body); err != nil {
		return r, err
	}
	if err := r.Body.Chat.check(); err != nil {
		return r, err
	}
	return r, r.Body.checkFiles(r.Header)
}

// sealLines is the container of records and of statements with a body:
//
//	signed text
//	body line
//	line ends up to the size class
func sealLines(to Recipient, s Signed, body []byte) ([]byte, error) {
	plain := append(s.Text(), body...)
	padded, err := padRecord(append(plain, '\n'))
	if err != nil {
		return nil, err
	}
	return Encrypt(to, padded)
}

func parseLines(padded []byte) (Signed, []byte, error) {
	plain, err := unpadRecord(padded)
	if err != nil {
		return Signed{}, nil, err
	}
	signed, rest, err := cutSigned(plain)
	if err != nil {
		return signed, nil, err
	}
	line, after, found := bytes.Cut(rest, []byte{'\n'})
	if !found || len(after) != 0 || len(line) == 0 {
		return signed, nil, hotline.Errorf(hotline.KindInvalid, "record", "exactly one body line must follow the signatures")
	}
	return signed, bytes.Clone(line), nil
}
