package seal

import (
	"bytes"

	"safeconduct/internal/hotline"
)

const kindFold = "fold"

// Fold is what stood in the clear beside the sealed files of a case that has
// ended: signed texts, which carry hours and cannot be rewritten. Sealed to the
// newest key of the case it is one standard age file (docs/sealing.md §10).
type Fold struct {
	preamble
	Case        hotline.CaseID    `json:"case"`
	Gen         int               `json:"gen"`         // generation of the case key that seals the fold
	Generations [][]byte          `json:"generations"` // signed texts, by number
	Records     []FoldedRecord    `json:"records"`     // by place
	Statements  []FoldedStatement `json:"statements"`  // by seq
}

// FoldedRecord is the header of the record at a place of the case.
type FoldedRecord struct {
	Place  int64        `json:"place"`
	Header []byte       `json:"header"`
	Hour   hotline.Hour `json:"hour"` // of arrival
}

// FoldedStatement is a statement with its sealed part, if it has one.
type FoldedStatement struct {
	Text   []byte `json:"text"`
	Sealed []byte `json:"sealed,omitzero"`
}

// WriteFold seals a fold: one line of JSON, padded with line ends (Padmé).
func WriteFold(to Recipient, f Fold) ([]byte, error) {
	f.preamble = preamble{1, kindFold}
	line, err := encodeLine(f)
	if err != nil {
		return nil, err
	}
	line = append(line, '\n')
	line = append(line, bytes.Repeat([]byte{'\n'}, int(Padme(int64(len(line))))-len(line))...)
	return Encrypt(to, line)
}

// OpenFold opens a fold. The texts inside are verified by the caller, exactly
// as those of a case that is not folded.
func OpenFold(with Identity, file []byte) (Fold, error) {
	plain, err := Decrypt(with, file)
	if err != nil {
		return Fold{}, err
	}
	return ParseFold(plain)
}

// ParseFold reads the plaintext of a fold.
func ParseFold(plain []byte) (Fold, error) {
	var f Fold
	line, rest, found := bytes.Cut(plain, []byte{'\n'})
	if !found || len(bytes.Trim(rest, "\n")) != 0 || int64(len(plain)) != Padme(int64(len(line)+1)) {
		return f, hotline.Errorf(hotline.KindInvalid, kindFold, "not one padded line")
	}
	if err := decodeStrict(line, &f); err != nil {
		return f, err
	}
	if f.V != 1 || f.Kind != kindFold || f.Gen < 0 || f.Gen != len(f.Generations)-1 {
		return f, hotline.Errorf(hotline.KindInvalid, kindFold, "not a fold of version 1, or incomplete")
	}
	last := int64(-1)
	for _, r := range f.Records {
		if r.Place <= last || r.Hour < 0 {
			return f, hotline.Errorf(hotline.KindInvalid, kindFold, "its records are out of order")
		}
		last = r.Place
	}
	return f, nil
}
