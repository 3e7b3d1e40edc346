package seal

import (
	"crypto/sha256"

	"safeconduct/internal/hotline"
)

const kindStatement = "statement"

// The acts of statements about a case.
const (
	ActStage    = "stage"    // the case steps to Stage
	ActUrgency  = "urgency"  // the case is of Urgency
	ActAssign   = "assign"   // the case is Assignee's; nobody's when empty
	ActNote     = "note"     // an internal note, sealed
	ActHandover = "handover" // a note to who takes over, sealed
	ActFacts    = "facts"    // language, number of people, a title, sealed
	ActWord     = "word"     // the word and the duress word, hashed and sealed
	ActReview   = "review"   // a supervisor has looked at a silent case and keeps it
	ActLink     = "link"     // this case and Other are of one person; see tie.go for these six
	ActUnlink   = "unlink"   // they are not, or nobody knows any more
	ActMerge    = "merge"    // of the two, one becomes a part of Main
	ActUnmerge  = "unmerge"  // the part is a case of its own again
	ActSplit    = "split"    // some people of Main leave into a case of their own
	ActUnsplit  = "unsplit"  // they come back; their case is removed
)

// Statement is an act of an operator on a case, signed by the operator and
// bound to the previous statement. The server only indexes it.
type Statement struct {
	preamble
	Case     hotline.CaseID  `json:"case"`
	Act      string          `json:"act"`
	Seq      int64           `json:"seq"`
	Prev     Hash            `json:"prev"`
	Hour     hotline.Hour    `json:"hour"`
	Gen      int             `json:"gen"`          // generation that seals the body
	Log      string          `json:"log,omitzero"` // last checkpoint seen: "<size> <root hash>"
	Stage    hotline.Stage   `json:"stage,omitzero"`
	Urgency  hotline.Urgency `json:"urgency,omitzero"`
	Assignee string          `json:"assignee,omitzero"`
	Body     Hash            `json:"body,omitzero"` // SHA-256 of the sealed body's line, or none

	// Of the acts on two cases, see tie.go.
	Other     hotline.CaseID `json:"other,omitzero"`      // the case on the other side
	OtherPrev Hash           `json:"other_prev,omitzero"` // its newest statement before this act; none for none
	Main      hotline.CaseID `json:"main,omitzero"`       // which of the two goes on; none of a link
	How       string         `json:"how,omitzero"`        // of a link: how it is known, see the How constants
	Proposal  Hash           `json:"proposal,omitzero"`   // of a link that two people decided
}

// StatementBody is the sealed part. Plaintext: it cannot be printed by accident.
type StatementBody struct {
	Salt     string `json:"salt"`
	Text     string `json:"text,omitzero"`
	Title    string `json:"title,omitzero"`
	Language string `json:"lang,omitzero"`
	People   *int   `json:"people,omitzero"`
	Word     string `json:"word,omitzero"`   // see HashWord
	Duress   string `json:"duress,omitzero"` // see HashWord
}

// String shows nothing.
func (StatementBody) String() string { return "statement body(hidden)" }

// GoString shows nothing.
func (StatementBody) GoString() string { return "statement body(hidden)" }

// SignStatement makes a statement; with a body it also returns the sealed
// file, otherwise nil.
func SignStatement(st Statement, body *StatementBody, to Recipient, by SigningKey) (Signed, []byte, error) {
	st.preamble = preamble{1, kindStatement}
	var line []byte
	if body != nil {
		var err error
		if line, err = encodeLine(body); err != nil {
			return Signed{}, nil, err
		}
		st.Body = sha256.Sum256(line)
	}
	signed, err := signLine(kindStatement, st, by)
	if err != nil || body == nil {
		return signed, nil, err
	}
	file, err := sealLines(to, signed, line)
	return signed, file, err
}

// ParseStatement reads a signed statement; the caller checks the signature.
func ParseStatement(text []byte) (Statement, Signed, error) {
	var st Statement
	s, err := ParseSigned(text)
	if err != nil {
		return st, s, err
	}
	if err := s.decode(kindStatement, &st); err != nil {
		return st, s, err
	}
	if st.Seq < 0 || st.Gen < 0 || st.Hour < 0 || (st.Seq == 0) != st.Prev.IsZero() || !st.Urgency.Valid() {
		return st, s, hotline.Errorf(hotline.KindInvalid, "statement", "a field is out of range")
	}
	switch st.Act {
	case ActStage:
		if !st.Stage.Valid() {
			return st, s, hotline.Errorf(hotline.KindInvalid, "statement", "%q is no stage", st.Stage)
		}
	case ActUrgency, ActAssign, ActNote, ActHandover, ActFacts, ActWord, ActReview:
		if st.Stage != "" {
			return st, s, hotline.Errorf(hotline.KindInvalid, "statement", "only a step names a stage")
		}
	default:
		if !IsTie(st.Act) {
			return st, s, hotline.Errorf(hotline.KindInvalid, "statement", "unknown act")
		}
	}
	return st, s, st.checkTie()
}

// StatementSignedBy reports whether k signed the statement.
func StatementSignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindStatement, k) }

// OpenStatementBody opens the sealed part and checks that it is the one that
// the statement beside it committed to.
func OpenStatementBody(id Identity, file []byte, beside Signed) (StatementBody, error) {
	var body StatementBody
	padded, err := Decrypt(id, file)
	if err != nil {
		return body, err
	}
	inner, line, err := parseLines(padded)
	if err != nil {
		return body, err
	}
	st, _, err := ParseStatement(beside.Text())
	if err != nil {
		return body, err
	}
	if inner.Hash() != beside.Hash() || st.Body != sha256.Sum256(line) {
		return body, hotline.Errorf(hotline.KindForged, "statement", "the sealed part belongs to another statement")
	}
	return body, decodeStrict(line, &body)
}
