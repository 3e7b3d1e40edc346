package seal

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strconv"

	"safeconduct/internal/hotline"
)

// A tie is what operators have said of two cases: that they are of one person
// (link), that one is a part of the other (merge), or that one has left the
// other (split). It is said by a pair of statements, one on each case's own
// chain, each bound to the statement before it on both. One without its twin
// says nothing: see [Statement.Pair].

// How it is known that two cases are of one person.
const (
	HowWord = "word" // the word of one of them was said in the other
	HowTwo  = "two"  // it could not be asked: two people decided
)

// The kinds of ties.
const (
	TieLink  = "link"
	TieMerge = "merge"
	TieSplit = "split"
)

// IsTie reports whether an act is about two cases.
func IsTie(act string) bool {
	switch act {
	case ActLink, ActUnlink, ActMerge, ActUnmerge, ActSplit, ActUnsplit:
		return true
	}
	return false
}

// checkTie checks the fields of an act on two cases, and that no other act has any.
func (st Statement) checkTie() error {
	bad := func(why string) error { return hotline.Errorf(hotline.KindInvalid, "statement", "%s", why) }
	none := hotline.CaseID{}
	if !IsTie(st.Act) {
		if st.Other != none || !st.OtherPrev.IsZero() || st.Main != none || st.How != "" || !st.Proposal.IsZero() {
			return bad("an act on one case names another")
		}
		return nil
	}
	main := st.Main == st.Case || st.Main == st.Other
	if st.Act == ActLink || st.Act == ActUnlink {
		main = st.Main == none
	}
	how := st.How == "" && st.Proposal.IsZero()
	if st.Act == ActLink {
		how = (st.How == HowWord && st.Proposal.IsZero()) || (st.How == HowTwo && !st.Proposal.IsZero())
	}
	stage := st.Stage == ""
	if st.Act == ActSplit {
		stage = st.Stage.Valid() && st.Stage.Open()
	}
	switch {
	case st.Other == none || st.Other == st.Case:
		return bad("the other case is missing, or is this one")
	case !main:
		return bad("which of the two cases goes on is not said rightly")
	case !how:
		return bad("how the link is known is not said rightly")
	case !stage:
		return bad("the stage is not said rightly")
	case st.Act == ActSplit && st.Main == st.Case && !st.OtherPrev.IsZero(),
		st.Act == ActSplit && st.Main == st.Other && st.Seq != 0:
		return bad("a case that leaves another begins with leaving it")
	case st.Act == ActUnsplit && (st.Main != st.Case || st.OtherPrev.IsZero()):
		return bad("only the case that was left takes people back")
	}
	return nil
}

// Pair names the act on both cases alike: the statements of an act on two cases
// have one pair, and no other two statements have it. by is who signed.
func (st Statement) Pair(by PublicKey) Hash {
	a, b := st.Case.String()+" "+st.Prev.String(), st.Other.String()+" "+st.OtherPrev.String()
	if bytes.Compare(st.Other[:], st.Case[:]) < 0 {
		a, b = b, a
	}
	return sha256.Sum256([]byte("safeconduct pair v1\n" + st.Act + "\n" + a + "\n" + b + "\n" + st.Main.String() + "\n" + st.How + " " +
		st.Proposal.String() + "\n" + string(st.Stage) + " " + strconv.FormatInt(int64(st.Hour), 10) + "\n" + by.ID().String()))
}

// Twin is the statement on the other case that makes a pair with st: seq is the
// number that it has on that chain, gen the generation that seals its body.
func (st Statement) Twin(seq int64, gen int) Statement {
	twin := st
	twin.Case, twin.Other = st.Other, st.Case
	twin.Prev, twin.OtherPrev = st.OtherPrev, st.Prev
	twin.Seq, twin.Gen, twin.Body = seq, gen, Hash{}
	return twin
}

// Tie is how a case stands to another, as its own chain says.
type Tie struct {
	Other    hotline.CaseID `json:"other"`
	Kind     string         `json:"kind"`
	Main     hotline.CaseID `json:"main,omitzero"` // of a merge or a split
	Hour     hotline.Hour   `json:"hour"`          // since when
	Pair     Hash           `json:"pair"`          // of the act that made it so
	By       OperatorID     `json:"by"`
	How      string         `json:"how,omitzero"` // of the link
	Proposal Hash           `json:"proposal,omitzero"`
}

// Part reports whether the case whose tie this is has become a part of Other.
func (t Tie) Part() bool { return t.Kind == TieMerge && t.Main == t.Other }

// Retie returns the ties of a case after an act on two cases, or false when
// the act does not fit them: then they stay as they are. A case that is a part
// has no parts, so that nothing goes in circles.
func Retie(ties []Tie, st Statement, by Member) ([]Tie, bool) {
	i := slices.IndexFunc(ties, func(t Tie) bool { return t.Other == st.Other })
	kind := ""
	if i >= 0 {
		kind = ties[i].Kind
	}
	next := Tie{Other: st.Other, Main: st.Main, Hour: st.Hour, Pair: st.Pair(by.Key), By: by.ID, How: st.How, Proposal: st.Proposal}
	part := slices.ContainsFunc(ties, Tie.Part)
	parts := slices.ContainsFunc(ties, func(t Tie) bool { return t.Kind == TieMerge && !t.Part() })
	fits, drop := false, false
	switch st.Act {
	case ActLink:
		next.Kind, fits = TieLink, kind == "" && st.Seq >= 0
	case ActUnlink:
		drop, fits = true, kind == TieLink
	case ActMerge:
		next.Kind, fits = TieMerge, kind == TieLink && !part && (!parts || st.Main == st.Case)
	case ActUnmerge:
		next.Kind, next.Main, fits = TieLink, hotline.CaseID{}, kind == TieMerge && ties[i].Main == st.Main
	case ActSplit:
		next.Kind, fits = TieSplit, kind == "" && !part
	case ActUnsplit:
		drop, fits = true, kind == TieSplit && ties[i].Main == st.Main
	}
	if !fits {
		return ties, false
	}
	if i >= 0 && kind != TieSplit { // how the link is known stays known
		next.How, next.Proposal = ties[i].How, ties[i].Proposal
	}
	out := slices.Clone(ties)
	if i >= 0 {
		out = slices.Delete(out, i, i+1)
	}
	if !drop {
		out = append(out, next)
	}
	return out, true
}

// LinkSubject is the subject of linking two cases where no word could be
// asked, the lower id first.
type LinkSubject struct {
	One hotline.CaseID `json:"one"`
	Two hotline.CaseID `json:"two"`
}

// NewLinkSubject puts two cases in order.
func NewLinkSubject(a, b hotline.CaseID) LinkSubject {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return LinkSubject{One: a, Two: b}
}

// SplitCaseID is the id of a case that leaves another: nobody can show the key
// of one as that of another, or move it to another parent.
func SplitCaseID(parent hotline.CaseID, key Recipient) hotline.CaseID {
	h := sha256.Sum256([]byte("safeconduct split v1\n" + parent.String() + "\n" + key.String()))
	return hotline.CaseID(h[:16])
}

// ForgetPart is what forgetting looks at of a part of a case.
type ForgetPart struct {
	Case       hotline.CaseID
	Statement  Hash
	ContactSeq int64
}

// ForgetBaseWith is [ForgetBase] for a case with parts, which are forgotten
// with it: an act on one of them, or a message in it, undoes the proposal too.
func ForgetBaseWith(statement Hash, contactSeq int64, parts []ForgetPart) Hash {
	base := ForgetBase(statement, contactSeq)
	if len(parts) == 0 {
		return base
	}
	sorted := slices.SortedFunc(slices.Values(parts), func(a, b ForgetPart) int { return bytes.Compare(a.Case[:], b.Case[:]) })
	text := "safeconduct forget v1 with\n" + base.String()
	for _, p := range sorted {
		text += "\n" + p.Case.String() + " " + p.Statement.String() + " " + strconv.FormatInt(p.ContactSeq, 10)
	}
	return sha256.Sum256([]byte(text))
}
