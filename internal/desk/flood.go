package desk

import (
	"slices"
	"strings"

	"safeconduct/internal/desk/alike"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// smallestGroup is how many messages that say nearly the same are shown as
// one. Two people in one trench may well write the same.
const smallestGroup = 3

// regroup puts a case among those that say nearly the same, or takes it out,
// after every change of it. Desk.mu must be held.
func (s *session) regroup(id hotline.CaseID) {
	f := s.files[id]
	if f == nil {
		return
	}
	switch may := s.mayBeGrouped(f); {
	case may && !f.grouped:
		if s.groups == nil {
			s.groups = alike.New[hotline.CaseID]()
		}
		s.groups.Add(id, f.records[0].body.Text)
		f.grouped = true
	case !may && f.grouped:
		s.groups.Remove(id)
		f.grouped = false
	}
}

// mayBeGrouped reports whether a case is one first message that nobody has
// touched. Whoever writes again, is read, answered or raised by an operator,
// or shows anything that does not verify, stands alone: a group must not hide
// a person whom somebody already knows as one.
func (s *session) mayBeGrouped(f *caseFile) bool {
	r := f.row
	if f.synced == 0 || f.gone || r.Stage != hotline.StageNew || r.Answered || r.WaitingSince == 0 ||
		r.ContactSeq > 0 || r.DeskSeq >= 0 || r.SeenSeq >= 0 || len(f.records) != 1 || s.drafts[f.id] != nil {
		return false
	}
	first := f.records[0]
	if !first.verified || !first.readable || first.side == hotline.SideDesk {
		return false
	}
	if len(first.body.Files) > 0 && strings.TrimSpace(first.body.Text) == "" {
		return false // nobody can say that two sealed files are alike
	}
	if first.event() != hotline.ChatMessage {
		return false // buttons that were pressed are no text
	}
	if known, _ := f.lastStatement(); r.StatementSeq > known && r.StatementSeq >= f.sentHarmless {
		return false // an act that this desk has not read yet
	}
	for _, o := range f.statements {
		if !o.verified || !harmless(o.st.Act, o.st.Urgency) {
			return false
		}
	}
	if slices.ContainsFunc(s.outbox, func(e *entry) bool { return e.Case == f.id && !harmless(e.Act, e.Urgency) }) {
		return false
	}
	g := f.gist()
	return g.stage == hotline.StageNew && g.problems == 0
}

// harmless reports whether an act leaves a case in its group: being called
// calm, and being called unfounded and new again.
func harmless(act string, u hotline.Urgency) bool {
	return act == seal.ActStage || act == seal.ActUrgency && u == hotline.UrgencyCalm
}

// groupOf is the number of a case's group if it is large enough to be shown.
func (s *session) groupOf(f *caseFile) int64 {
	if !f.grouped {
		return 0
	}
	if g := s.groups.Of(f.id); g != nil && g.Size >= smallestGroup {
		return g.Number
	}
	return 0
}
