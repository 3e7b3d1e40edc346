package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"safeconduct/internal/hotline"
)

// Attachments (docs/sealing.md, section 10): a file is padded, sealed as one
// age file, and cut into parts. A record names it only when all parts are kept.
const (
	// MaxFile is the largest attachment in bytes.
	MaxFile = 25 << 20
	// MaxStrangerFile is what a case may hold before an operator has answered.
	MaxStrangerFile = 1 << 20
	// MaxFiles is how many attachments one record may name.
	MaxFiles = 8
	// MaxPart is the largest part in bytes.
	MaxPart = 1 << 20

	smallPart   = 256 << 10 // parts of files up to smallObject
	smallObject = 4 << 20

	ageChunk = 64 << 10 // of age's payload, each with a tag of 16 bytes
	kindPart = "part"
)

// ObjectID names the sealed form of an attachment inside its case. It is drawn
// at random and tells nothing.
type ObjectID [16]byte

// NewObjectID draws an id.
func NewObjectID() (ObjectID, error) {
	var id ObjectID
	if _, err := rand.Read(id[:]); err != nil {
		return id, fmt.Errorf("object: %w", err)
	}
	return id, nil
}

// ParseObjectID reads 32 lower-case hexadecimal digits.
func ParseObjectID(s string) (ObjectID, error) {
	var id ObjectID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) || hex.EncodeToString(b) != s {
		return id, hotline.Errorf(hotline.KindInvalid, "object", "an object id has %d lower-case hexadecimal digits", 2*len(id))
	}
	return ObjectID(b), nil
}

// String returns the hexadecimal form.
func (id ObjectID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether no object is named.
func (id ObjectID) IsZero() bool { return id == ObjectID{} }

// MarshalText implements encoding.TextMarshaler.
func (id ObjectID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ObjectID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseObjectID(string(b))
	return err
}

// ErrFiles is found in the error of a record whose text is the one that was
// signed and whose list of attachments is not what its header says. The text
// can be read; no file of it may be opened.
var ErrFiles = errors.New("the message names other attachments than its header")

// Object is one sealed form of a file, as the body of a record names it.
type Object struct {
	ID    ObjectID `json:"id"`
	Hash  Hash     `json:"hash"`  // SHA-256 of the whole sealed file
	Parts int      `json:"parts"` // 1, 2…
}

// IsZero reports whether o names nothing.
func (o Object) IsZero() bool { return o == Object{} }

// File is an attachment as the body of a record names it. No name is kept.
type File struct {
	Type   string `json:"type"`          // as its writer claims: image/jpeg…
	Size   int64  `json:"size"`          // in bytes, without padding
	Turn   int    `json:"turn,omitzero"` // how the camera was held, Exif's orientation 2 to 8; 0 for upright
	Object Object `json:"object"`
	Copy   Object `json:"copy,omitzero"` // from the desk: the same file, sealed to the contact
}

// String shows nothing.
func (File) String() string { return "file(hidden)" }

// GoString shows nothing.
func (File) GoString() string { return "file(hidden)" }

// SealedSize returns the length of the sealed file of an attachment of n bytes.
func SealedSize(n int64) int64 {
	padded := Padme(n)
	chunks := (padded + ageChunk - 1) / ageChunk
	return FileOverhead + padded + (chunks-1)*16
}

// PartSize returns the length of all parts but the last of a sealed file.
func PartSize(size int64) int64 {
	if size <= smallObject {
		return smallPart
	}
	return MaxPart
}

// PartCount returns how many parts a sealed file has.
func PartCount(size int64) int { return int((size + PartSize(size) - 1) / PartSize(size)) }

// PartLength returns the length of one part.
func PartLength(size int64, index int) int64 {
	return min(PartSize(size), size-int64(index)*PartSize(size))
}

// CheckObjectSize refuses lengths that no sealed attachment has.
func CheckObjectSize(size int64, parts int) error {
	if size < SealedSize(1) || size > SealedSize(MaxFile) || parts != PartCount(size) {
		return hotline.Errorf(hotline.KindInvalid, "object", "no sealed file has this size and so many parts")
	}
	return nil
}

// NewObject pads and seals an attachment.
func NewObject(to Recipient, content []byte) ([]byte, Object, error) {
	n := int64(len(content))
	if n == 0 || n > MaxFile {
		return nil, Object{}, hotline.Errorf(hotline.KindInvalid, "attachment", "a file has 1 to %d bytes", int64(MaxFile))
	}
	padded := make([]byte, Padme(n))
	copy(padded, content)
	sealed, err := Encrypt(to, padded)
	if err != nil {
		return nil, Object{}, err
	}
	id, err := NewObjectID()
	return sealed, Object{id, sha256.Sum256(sealed), PartCount(int64(len(sealed)))}, err
}

// OpenFile checks a sealed attachment against what the record says and opens it.
// Parts that were swapped, left out, repeated or put in another order change
// the hash, which is compared before any key is used.
func OpenFile(id Identity, f File, o Object, sealed []byte) ([]byte, error) {
	if f.Size < 1 || f.Size > MaxFile || int64(len(sealed)) != SealedSize(f.Size) || o.Parts != PartCount(int64(len(sealed))) {
		return nil, hotline.Errorf(hotline.KindForged, "attachment", "the file has another size than the message says")
	}
	if o.Hash != sha256.Sum256(sealed) {
		return nil, hotline.Errorf(hotline.KindForged, "attachment", "this is not the file that the message names")
	}
	padded, err := Decrypt(id, sealed)
	if err != nil {
		return nil, err
	}
	if int64(len(padded)) != Padme(f.Size) || len(bytes.TrimLeft(padded[f.Size:], "\x00")) != 0 {
		return nil, hotline.Errorf(hotline.KindForged, "attachment", "the file is not padded as it should be")
	}
	return padded[:f.Size:f.Size], nil
}

// Part announces one part of an object of a contact; signed by the contact.
type Part struct {
	preamble
	Case   hotline.CaseID `json:"case"`
	Object ObjectID       `json:"object"`
	Index  int            `json:"index"` // 0, 1…
	Parts  int            `json:"parts"`
	Size   int64          `json:"size"` // of the whole sealed file, bytes
	Hash   Hash           `json:"hash"` // SHA-256 of the part
	Hour   hotline.Hour   `json:"hour"`
}

// SignPart announces a part.
func SignPart(p Part, by SigningKey) (Signed, error) {
	p.preamble = preamble{1, kindPart}
	return signLine(kindPart, p, by)
}

// VerifyPart reads an announcement, checks that key signed it, and that the
// bytes are those it announces.
func VerifyPart(text []byte, key PublicKey, content []byte) (Part, error) {
	var p Part
	s, err := ParseSigned(text)
	if err != nil {
		return p, err
	}
	if err := s.decode(kindPart, &p); err != nil {
		return p, err
	}
	if len(s.Sigs) != 1 || !s.SignedBy(kindPart, key) {
		return p, hotline.Errorf(hotline.KindForged, "part", "not signed by the key of this case alone")
	}
	return p, p.Check(content)
}

// Check compares a part with what is announced.
func (p Part) Check(content []byte) error {
	if err := CheckObjectSize(p.Size, p.Parts); err != nil {
		return err
	}
	switch {
	case p.Index < 0 || p.Index >= p.Parts || p.Object.IsZero() || p.Hour < 0:
		return hotline.Errorf(hotline.KindInvalid, "part", "no file has such a part")
	case int64(len(content)) != PartLength(p.Size, p.Index):
		return hotline.Errorf(hotline.KindInvalid, "part", "the part has another length than its place in the file asks for")
	case p.Hash != sha256.Sum256(content):
		return hotline.Errorf(hotline.KindInvalid, "part", "the part was damaged on the way; send it again")
	}
	return nil
}

// Cut returns one part of a sealed file.
func Cut(sealed []byte, index int) []byte {
	size := int64(len(sealed))
	at := int64(index) * PartSize(size)
	return sealed[at : at+PartLength(size, index)]
}

// checkObjects refuses headers that name objects as no writer would.
func (h RecordHeader) checkObjects() error {
	fail := func() error {
		return hotline.Errorf(hotline.KindInvalid, "record", "the header names attachments as no writer does")
	}
	if len(h.Objects) > MaxFiles || (len(h.Copies) != 0 && (h.Side != hotline.SideDesk || len(h.Copies) != len(h.Objects))) {
		return fail()
	}
	seen := make(map[ObjectID]bool, 2*len(h.Objects))
	for _, list := range [][]ObjectID{h.Objects, h.Copies} {
		for _, id := range list {
			if id.IsZero() || seen[id] {
				return fail()
			}
			seen[id] = true
		}
	}
	return nil
}

// checkFiles compares the files of a body with the objects of its header: the
// server keeps what the header names, people see what the body names.
func (b Body) checkFiles(h RecordHeader) error {
	fail := func() error { return hotline.Errorf(hotline.KindForged, "record", "%w", ErrFiles) }
	if len(b.Files) != len(h.Objects) {
		return fail()
	}
	for i, f := range b.Files {
		size := SealedSize(f.Size)
		if f.Size < 1 || f.Size > MaxFile || f.Turn < 0 || f.Turn > 8 || f.Object.ID != h.Objects[i] || f.Object.Parts != PartCount(size) {
			return fail()
		}
		switch {
		case len(h.Copies) == 0 && f.Copy.IsZero():
		case len(h.Copies) == 0, f.Copy.ID != h.Copies[i], f.Copy.Parts != f.Object.Parts:
			return fail()
		}
	}
	return nil
}

// objectsOf fills the header from the body.
func (b Body) objectsOf(h *RecordHeader) {
	h.Objects, h.Copies = nil, nil
	for _, f := range b.Files {
		h.Objects = append(h.Objects, f.Object.ID)
		if !f.Copy.IsZero() {
			h.Copies = append(h.Copies, f.Copy.ID)
		}
	}
}
