package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"safeconduct/internal/hotline"
)

const (
	kindProposal = "proposal"
	kindApproval = "approval"
)

const (
	maxSubject = 64 << 10 // bytes of JSON
	maxReason  = 500      // characters
	saltDigits = 32
)

// Subject is exactly what a shared act will do: one JSON object without white
// space. Its bytes count, not what they mean, so that nobody approves one
// thing and does another.
type Subject = jsontext.Value

// NewSubject writes a typed subject; v is a struct of strings, integers and
// lists of them.
func NewSubject(v any) (Subject, error) {
	line, err := encodeLine(v)
	return Subject(line), err
}

// DecodeSubject reads a subject into its type, strictly.
func DecodeSubject(s Subject, v any) error { return decodeStrict(s, v) }

// SubjectHash is SHA-256 of a subject's bytes.
func SubjectHash(s Subject) Hash { return sha256.Sum256(s) }

// DocumentSubject is the subject of [hotline.SharedRoster] and
// [hotline.SharedManifest]: the line of the document that will be published.
// The line itself travels beside the proposal, signed by the proposer's
// authority key.
type DocumentSubject struct {
	Serial int64 `json:"serial"`
	Hash   Hash  `json:"hash"` // of the document's line
}

// ExportSubject is the subject of [hotline.SharedExport].
type ExportSubject struct {
	To    OperatorID     `json:"to"` // who takes it out
	Teams []hotline.Team `json:"teams"`
}

// ExportBase is the base of [hotline.SharedExport]: which keys open what is
// taken out. newest holds the newest epoch of each of the subject's teams.
func ExportBase(newest ...Epoch) Hash {
	var b bytes.Buffer
	for _, e := range newest {
		line, err := encodeLine(TeamKey{Epoch: e.Epoch, Recipient: e.Recipient, ReplyKey: e.ReplyKey})
		if err != nil {
			continue // of three plain fields: cannot fail
		}
		b.WriteString(string(e.Team) + " ")
		b.Write(line)
		b.WriteByte('\n')
	}
	return sha256.Sum256(b.Bytes())
}

// Proposal asks for a shared act. Its hash names it. The reason is staff text
// and stands in the clear: it says nothing about a person.
type Proposal struct {
	preamble
	Desk    DeskID         `json:"desk"`
	Act     hotline.Shared `json:"act"`
	Subject Subject        `json:"subject"`
	Base    Hash           `json:"base"` // of the state it was made on; none where the act has no such state
	Reason  string         `json:"reason"`
	Hour    hotline.Hour   `json:"hour"`
	Expires hotline.Hour   `json:"expires"` // the first hour in which it no longer stands
	Log     string         `json:"log,omitzero"`
	Salt    string         `json:"salt"` // the same thing may be asked for again
}

// SignProposal makes a proposal with a fresh salt.
func SignProposal(p Proposal, by SigningKey) (Signed, error) {
	p.preamble = preamble{1, kindProposal}
	salt := make([]byte, saltDigits/2)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	p.Salt = hex.EncodeToString(salt)
	return signLine(kindProposal, p, by)
}

// ParseProposal reads a proposal; who signed it, [Roster.Count] checks.
func ParseProposal(text []byte) (Proposal, Signed, error) {
	var p Proposal
	s, err := ParseSigned(text)
	if err != nil {
		return p, s, err
	}
	if err := s.decode(kindProposal, &p); err != nil {
		return p, s, err
	}
	rule, known := p.Act.Rule()
	switch {
	case !known:
		return p, s, hotline.Errorf(hotline.KindInvalid, kindProposal, "%q is no act that is proposed", p.Act)
	case !plainObject(p.Subject):
		return p, s, hotline.Errorf(hotline.KindInvalid, kindProposal, "the subject must be one JSON object without white space, of at most %d bytes", maxSubject)
	case p.Hour < 0 || p.Expires <= p.Hour || p.Expires > p.Hour+rule.Hours:
		return p, s, hotline.Errorf(hotline.KindInvalid, kindProposal, "a proposal of this kind stands for at most %d hours", rule.Hours)
	case len(p.Salt) != saltDigits || len(s.Sigs) != 1:
		return p, s, hotline.Errorf(hotline.KindInvalid, kindProposal, "incomplete, or signed by more than one")
	}
	return p, s, CheckReason(p.Reason)
}

// CheckReason refuses a reason that says nothing, too much, or that hides
// something from who reads it.
func CheckReason(reason string) error {
	n := utf8.RuneCountInString(reason)
	if n == 0 || n > maxReason || strings.TrimSpace(reason) != reason {
		return hotline.Errorf(hotline.KindInvalid, kindProposal, "a reason of up to %d characters is needed", maxReason)
	}
	hidden := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if strings.ContainsFunc(reason, hidden) {
		return hotline.Errorf(hotline.KindInvalid, kindProposal, "a reason is one line of plain text")
	}
	return nil
}

// plainObject reports whether s is an object as [NewSubject] writes it.
func plainObject(s Subject) bool {
	if len(s) < 2 || s[0] != '{' || len(s) > maxSubject {
		return false
	}
	c := s.Clone()
	return c.Compact() == nil && bytes.Equal(c, s)
}

// Decision is what somebody answers to a proposal.
type Decision string

// The decisions.
const (
	DecisionApprove Decision = "approve"
	DecisionRefuse  Decision = "refuse"
)

// Approval answers a proposal.
type Approval struct {
	preamble
	Proposal Hash         `json:"proposal"`
	By       OperatorID   `json:"by"` // whose key signs it: two people's answers are two texts
	Decision Decision     `json:"decision"`
	Hour     hotline.Hour `json:"hour"`
	Log      string       `json:"log,omitzero"`
}

// SignApproval makes an answer.
func SignApproval(a Approval, by SigningKey) (Signed, error) {
	a.preamble, a.By = preamble{1, kindApproval}, by.Public().ID().String()
	return signLine(kindApproval, a, by)
}

// ParseApproval reads an answer; who signed it, [Roster.Count] checks.
func ParseApproval(text []byte) (Approval, Signed, error) {
	var a Approval
	s, err := ParseSigned(text)
	if err != nil {
		return a, s, err
	}
	if err := s.decode(kindApproval, &a); err != nil {
		return a, s, err
	}
	if a.Proposal.IsZero() || a.Hour < 0 || (a.Decision != DecisionApprove && a.Decision != DecisionRefuse) ||
		len(s.Sigs) != 1 || s.Sigs[0].Key.String() != a.By {
		return a, s, hotline.Errorf(hotline.KindInvalid, kindApproval, "incomplete, or signed by more than one")
	}
	return a, s, nil
}
