package desk

import (
	"slices"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// chains finds what is wrong between the records of a case (docs/sealing.md
// §4): per record, in the order of f.records, and for the case as a whole. It
// looks at all of them each time, so that nothing depends on the order in
// which they were fetched.
func (f *caseFile) chains() (each [][]Problem, whole []Problem) {
	if f.content != nil {
		return nil, nil // a card is made of what verified
	}
	each = make([][]Problem, len(f.records))
	for _, side := range []hotline.Side{hotline.SideContact, hotline.SideGateway, hotline.SideDesk} {
		f.chain(side, each)
	}
	for i := 1; i < len(f.records); i++ {
		if f.records[i].place != f.records[i-1].place+1 {
			each[i] = append(each[i], Problem{ProblemMissing, hotline.Say("The server left out what arrived before this.")})
		}
	}
	if len(f.records) > 0 && f.records[0].place != 0 {
		each[0] = append(each[0], Problem{ProblemMissing, hotline.Say("The server left out what arrived before this.")})
	}
	whole = append(f.ends(), f.astray...)
	if !f.keyTrouble.IsZero() {
		whole = append(whole, Problem{ProblemKey, f.keyTrouble})
	}
	return each, whole
}

// chain checks one side: seq follows seq, and prev is the hash of the one before.
func (f *caseFile) chain(side hotline.Side, each [][]Problem) {
	bySeq := map[int64]map[seal.Hash]bool{}
	for _, r := range f.records {
		if r.verified && r.header.Side == side {
			if bySeq[r.header.Seq] == nil {
				bySeq[r.header.Seq] = map[seal.Hash]bool{}
			}
			bySeq[r.header.Seq][r.hash] = true
		}
	}
	seen := map[seal.Hash]bool{}
	highest := int64(-1)
	for i, r := range f.records {
		if !r.verified || r.header.Side != side {
			continue
		}
		add := func(kind ProblemKind, text hotline.Sentence) { each[i] = append(each[i], Problem{kind, text}) }
		seq := r.header.Seq
		if seen[r.hash] {
			add(ProblemReplayed, hotline.Say("This message is shown a second time."))
			continue
		}
		seen[r.hash] = true
		if len(bySeq[seq]) > 1 {
			add(ProblemFork, hotline.Say("Two devices wrote under the same number: perhaps somebody else holds the receipt, perhaps the person has two."))
		}
		switch before := bySeq[seq-1]; {
		case seq == 0:
		case len(before) == 0:
			add(ProblemGap, hotline.Say("The message before this one is missing."))
		case !before[r.header.Prev]:
			add(ProblemFork, hotline.Say("This message does not follow the one before it: it was written on another device."))
		}
		if seq < highest && len(bySeq[seq]) == 1 {
			add(ProblemOrder, hotline.Say("This message was written before the one above it."))
		}
		highest = max(highest, seq)
	}
}

// ends finds what is missing at the end of a chain: the server's own row and
// what the other side has seen say how long it must be.
func (f *caseFile) ends() []Problem {
	var out []Problem
	person := f.lastOfPerson()
	desk, deskHead := f.last(hotline.SideDesk)
	if !f.upToDate() {
		return nil
	}
	if f.row.ContactSeq > person {
		out = append(out, Problem{ProblemMissing, hotline.Say("The server counts %d messages of the person and shows %d that verify.", f.row.ContactSeq+1, person+1)})
	}
	var seenDesk, seenContact int64 = -1, -1
	for _, r := range f.records {
		switch {
		case !r.verified:
		case r.header.Side == hotline.SideDesk:
			seenContact = max(seenContact, r.header.Seen)
		default:
			seenDesk = max(seenDesk, r.header.Seen)
		}
	}
	switch {
	case seenDesk > desk:
		out = append(out, Problem{ProblemMissing, hotline.Say("The person has seen replies that the server does not show.")})
	case f.row.DeskSeq > desk || (desk >= 0 && f.row.DeskHead != deskHead && !f.deskForked()):
		out = append(out, Problem{ProblemMissing, hotline.Say("The server speaks of replies that it does not show.")})
	}
	if seenContact > person {
		out = append(out, Problem{ProblemMissing, hotline.Say("A reply answers messages that the server does not show.")})
	}
	if seq, _ := f.lastStatement(); f.row.StatementSeq > seq {
		out = append(out, Problem{ProblemMissing, hotline.Say("The server speaks of acts that it does not show.")})
	}
	return out
}

// deskForked reports whether two replies bear one number; that is shown at
// the replies themselves.
func (f *caseFile) deskForked() bool {
	seen := map[int64]seal.Hash{}
	for _, r := range f.records {
		if !r.verified || r.header.Side != hotline.SideDesk {
			continue
		}
		if h, ok := seen[r.header.Seq]; ok && h != r.hash {
			return true
		}
		seen[r.header.Seq] = r.hash
	}
	return false
}

// rowProblems compares the server's row with what operators have signed.
func (f *caseFile) rowProblems(a acts) []Problem {
	if !f.upToDate() {
		return nil
	}
	var out []Problem
	add := func(format string, args ...any) { out = append(out, Problem{ProblemRow, hotline.Say(format, args...)}) }
	if a.unfit > 0 {
		out = append(out, Problem{ProblemTie, hotline.Say("An act on this case and another does not fit what was before it. It does not count.")})
	}
	// A part is filed under the stage of its main case.
	if !slices.ContainsFunc(a.ties, seal.Tie.Part) && f.row.Stage != a.stage {
		add("The server files this case under %q; operators have signed %q.", f.row.Stage, a.stage)
	}
	if a.urged && f.row.Urgency != a.urgency {
		add("The server gives this case another urgency than operators have signed.")
	}
	if f.row.Assignee != a.assignee {
		add("The server gives this case to somebody else than operators have signed.")
	}
	return out
}
