package journal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is what is wrong with a journal.
type Fault string

// The faults that [Verify] finds.
const (
	// FaultOpening: the kept text or blind does not match the commitment, which itself is in the tree.
	FaultOpening Fault = "opening"
	// FaultLeaf: the entry's commitment is not the one in the tree.
	FaultLeaf Fault = "leaf"
	// FaultMissing: a leaf is not there, and later ones are.
	FaultMissing Fault = "missing"
	// FaultHash: a stored node of the tree is missing or not what the leaves give.
	FaultHash Fault = "hash"
	// FaultShort: the newest checkpoint covers more leaves than there are.
	FaultShort Fault = "short"
	// FaultRolledBack: a checkpoint given by the auditor covers more leaves than there are.
	FaultRolledBack Fault = "rolled-back"
	// FaultRewritten: the leaves give another root than a checkpoint of that size.
	FaultRewritten Fault = "rewritten"
	// FaultCheckpoint: a checkpoint is missing, unsigned, of another journal, or older than one given.
	FaultCheckpoint Fault = "checkpoint"
)

// Finding is one fault and where it is.
type Finding struct {
	Fault Fault
	Index int64 // first entry concerned, -1 when no entry is
	Last  int64 // last entry concerned: one of Index..Last is bad, and it cannot be said which
	Row   int64 // stored hash concerned (tlog.StoredHashIndex), -1 when none is
	Why   string
}

// String returns the finding as one line for a person.
func (f Finding) String() string {
	switch {
	case f.Index < 0:
		return f.Why
	case f.Index == f.Last:
		return fmt.Sprintf("entry %d: %s", f.Index, f.Why)
	default:
		return fmt.Sprintf("entries %d to %d: %s", f.Index, f.Last, f.Why)
	}
}

// Report is what [Verify] found.
type Report struct {
	Entries     int64      // leaves that are there
	Opened      int64      // of these, entries whose text is kept and verifies
	LetGo       int64      // of these, entries whose text was let go
	NewestLetGo int64      // the last of them, -1 when none: newer than the retention allows is a question to ask
	Newest      Checkpoint // the newest stored checkpoint; zero if it does not verify
	Unsigned    int64      // leaves after the newest checkpoint, which nothing vouches for yet
	Proved      int64      // the first so many leaves are exactly those of a signed checkpoint
	Findings    []Finding  // in the order found, at most maxFindings
	More        int        // findings left out
}

const maxFindings = 100

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// First returns the fault that begins at the lowest entry. A rewritten range
// that a closer finding explains does not come before that finding.
func (r *Report) First() (Finding, bool) {
	if r.OK() {
		return Finding{}, false
	}
	var open []Finding
	for _, f := range r.Findings {
		if f.Fault != FaultRewritten || !r.explained(f) {
			open = append(open, f)
		}
	}
	return slices.MinFunc(open, func(a, b Finding) int {
		// An index of -1 names no entry and comes last.
		return cmp.Or(cmp.Compare(uint64(a.Index), uint64(b.Index)), cmp.Compare(a.Last-a.Index, b.Last-b.Index))
	}), true
}

// explained reports whether a fault that changes the tree lies inside f.
func (r *Report) explained(f Finding) bool {
	return slices.ContainsFunc(r.Findings, func(g Finding) bool {
		tree := g.Fault == FaultLeaf || g.Fault == FaultMissing || g.Fault == FaultHash && g.Index >= r.Proved
		return tree && f.Index <= g.Index && g.Last <= f.Last
	})
}

// String returns the report as short text for a person.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d entries: %d with text that verifies, %d whose text was let go.\n", r.Entries, r.Opened, r.LetGo)
	if r.Newest.Origin != "" {
		fmt.Fprintf(&b, "Newest checkpoint: %s, %d entries; %d entries after it.\n", r.Newest.Origin, r.Newest.Size, r.Unsigned)
	}
	first, bad := r.First()
	if !bad {
		fmt.Fprintf(&b, "Nothing is wrong. The first %d entries are exactly those that were signed.\n", r.Proved)
		return b.String()
	}
	fmt.Fprintf(&b, "Something is wrong. First: %s\n", first)
	for _, f := range r.Findings {
		if f != first {
			fmt.Fprintf(&b, "Also: %s\n", f)
		}
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "And %d more.\n", r.More)
	}
	return b.String()
}

func (r *Report) add(f Finding) {
	if len(r.Findings) >= maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}
