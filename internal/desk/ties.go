package desk

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// TieState says whether both cases speak of a tie between them.
type TieState string

// The states of ties. A desk acts only on those that both cases speak of.
const (
	TieBoth  TieState = "both"  // both say so: it counts
	TieWaits TieState = "waits" // the other case is not opened on this desk yet
	TieHalf  TieState = "half"  // the server shows it on one side only: it does not count
	TieGone  TieState = "gone"  // the other case is not kept any more
)

// TieView is how a case stands to another.
type TieView struct {
	Case  hotline.CaseID
	Kind  string // see the seal.Tie constants
	Main  bool   // the case that is shown is the main one of a merge or of a split
	State TieState
	Row   Row          // the other case; its ID is none when it is gone
	Hour  hotline.Hour // since when
	By    string       // call-name
	How   string       // see the seal.How constants
	Until hotline.Hour // last hour in which anybody of the desk may undo it
	Undo  bool         // this person may undo it now
}

// Door is a way by which the person of a case can be answered.
type Door struct {
	Case    hotline.CaseID
	Channel hotline.Channel
	Last    hotline.Hour // when the person wrote there last; 0: never
	DeskSeq int64        // newest reply that was shown: hand it to ReplyBy
	Phrase  string       // that the chat says too, see CaseView
	Blocked bool         // the person has blocked it
	Quiet   bool         // the person asked not to be written to first
	WhyNot  hotline.Sentence
}

// ties are what a case's own acts say of it and others.
func (f *caseFile) ties() []seal.Tie {
	if f.synced == 0 {
		return nil
	}
	return f.gist().ties
}

// tieState looks whether the other case says the same. Desk.mu must be held.
func (s *session) tieState(t seal.Tie) (*caseFile, TieState) {
	o := s.files[t.Other]
	switch {
	case o == nil || !s.knows(o) || o.gone:
		return nil, TieGone
	case o.synced == 0:
		return o, TieWaits
	case slices.ContainsFunc(o.ties(), func(x seal.Tie) bool { return x.Pair == t.Pair }):
		return o, TieBoth
	case o.reload || s.dirty[o.id] || !s.paired[t.Pair]:
		return o, TieWaits
	}
	return o, TieHalf
}

// lookAtTies asks once more for cases that should speak of a tie and do not:
// of two cases that change together one can be read before the other.
func (s *session) lookAtTies(f *caseFile) {
	for _, t := range f.ties() {
		o := s.files[t.Other]
		if o == nil || !s.knows(o) || slices.ContainsFunc(o.ties(), func(x seal.Tie) bool { return x.Pair == t.Pair }) || s.paired[t.Pair] {
			continue
		}
		s.paired[t.Pair] = true
		o.reload = true
		s.dirty[o.id] = true
		poke(s.work)
	}
}

// mainOf is the case that f has become a part of, if both say so.
func (s *session) mainOf(f *caseFile) *caseFile {
	for _, t := range f.ties() {
		if t.Part() {
			if o, state := s.tieState(t); state == TieBoth {
				return o
			}
		}
	}
	return nil
}

// partsOf are the cases that are parts of f, in order of their beginning.
func (s *session) partsOf(f *caseFile) []*caseFile {
	var out []*caseFile
	for _, t := range f.ties() {
		if t.Kind != seal.TieMerge || t.Part() {
			continue
		}
		if o, state := s.tieState(t); state == TieBoth {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *caseFile) int {
		return cmp.Or(cmp.Compare(a.row.Created, b.row.Created), bytes.Compare(a.id[:], b.id[:]))
	})
	return out
}

// whole is f with its parts.
func (s *session) whole(f *caseFile) []*caseFile { return append([]*caseFile{f}, s.partsOf(f)...) }

// notPart refuses what is decided on the main case. Desk.mu must be held.
func (s *session) notPart(f *caseFile) error {
	if m := s.mainOf(f); m != nil {
		return hotline.Errorf(hotline.KindConflict, "act", "this case is a part of case %s: stage, people and who has it are decided there", m.id.Short())
	}
	return nil
}

// undoDays is how long anybody of the desk may undo an act on two cases.
func (s *session) undoDays() hotline.Hour {
	return hotline.Hour(24 * cmp.Or(s.retention.Undo, hotline.DefaultRetention().Undo))
}

func (s *session) tieViews(f *caseFile) []TieView {
	var out []TieView
	for _, t := range f.ties() {
		v := TieView{
			Case: t.Other, Kind: t.Kind, Main: t.Main == f.id, Hour: t.Hour, By: s.nameOf(t.By), How: t.How, Until: t.Hour + s.undoDays(),
		}
		var o *caseFile
		if o, v.State = s.tieState(t); o != nil {
			v.Row = s.rowAlone(o)
		}
		v.Undo = v.State == TieBoth && s.mayUntie(f, o, t) == nil
		out = append(out, v)
	}
	return out
}

// tieProblems are the ties of which the server shows one half.
func (s *session) tieProblems(f *caseFile) []Problem {
	var out []Problem
	for _, t := range f.ties() {
		if _, state := s.tieState(t); state == TieHalf {
			out = append(out, Problem{ProblemTie, hotline.Say("The server shows an act on this case and on case %s on this side only. It does not count.", t.Other.Short())})
		}
	}
	return out
}

// doors are the ways to the person, the one that was used last first.
func (s *session) doors(f *caseFile) []Door {
	var out []Door
	waiting := map[hotline.CaseID]int64{}
	for _, c := range s.whole(f) {
		g, ok := c.newestKey()
		if (ok && g.Parent != hotline.CaseID{}) || !c.row.Channel.Door() {
			continue
		}
		d := Door{Case: c.id, Channel: c.row.Channel, DeskSeq: s.deskSeq(c), Phrase: c.phraseOf()}
		for _, r := range c.records {
			if r.verified && r.header.Side != hotline.SideDesk {
				d.Last = max(d.Last, r.arrived)
			}
		}
		if _, err := s.canReply(c); err != nil {
			d.WhyNot = hotline.SaidBy(err)
		}
		if c.synced > 0 {
			d.Blocked, d.Quiet = c.gist().chat.Blocked, c.gist().chat.Quiet
		}
		waiting[c.id] = c.row.WaitingSince
		out = append(out, d)
	}
	slices.SortStableFunc(out, func(a, b Door) int {
		return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(waiting[b.Case], waiting[a.Case]), cmp.Compare(s.files[b.Case].row.Created, s.files[a.Case].row.Created))
	})
	return out
}

// refreshWhole brings the cases that a case is one with up to date, and opens
// once those that it is linked to.
func (s *session) refreshWhole(ctx context.Context, id hotline.CaseID) error {
	var due []hotline.CaseID
	err := s.under(func() error {
		f := s.files[id]
		if f == nil || !s.online {
			return nil
		}
		for _, t := range f.ties() {
			o := s.files[t.Other]
			if o == nil || !s.knows(o) {
				continue
			}
			if o.synced == 0 || (t.Kind == seal.TieMerge && (!o.upToDate() || o.content != nil)) {
				due = append(due, o.id)
			}
		}
		return nil
	})
	for _, other := range due {
		if err == nil {
			err = s.refreshCase(ctx, other)
		}
	}
	return err
}

// rowOf shows a case in the queue, with its parts as one. Desk.mu must be held.
func (s *session) rowOf(f *caseFile) Row {
	r := s.rowAlone(f)
	for _, t := range f.ties() {
		r.Linked = r.Linked || t.Kind == seal.TieLink
	}
	r.Problems += len(s.tieProblems(f))
	for _, p := range s.partsOf(f) {
		x := s.rowAlone(p)
		r.Parts++
		r.Unread += x.Unread
		r.Problems += x.Problems
		r.Draft = r.Draft || x.Draft
		r.Answered = r.Answered || x.Answered
		if !x.Waiting.IsZero() {
			if r.Waiting.IsZero() || x.Waiting.Before(r.Waiting) { // who waits longest
				r.Waiting = x.Waiting
			}
			r.Snippet, r.Files, r.Event = x.Snippet, x.Files, x.Event
		}
	}
	return r
}

// join puts the parts' messages and notes into the view of the main case, each
// marked with the case that it came in. Chains stay as they are: two.
func (s *session) join(f *caseFile, v *CaseView) {
	parts := s.partsOf(f)
	if len(parts) == 0 {
		return
	}
	// By hours of arrival, which are the server's word: inside one case the order
	// of its own places stays, so that nothing is moved by a false hour.
	at := orderOf(nil, v.Messages)
	for _, p := range parts {
		each, whole := p.chains()
		v.Summary = append(v.Summary, slices.Concat(p.lasting, whole, p.rowProblems(p.acts()))...)
		own := s.messages(p, each)
		at = orderOf(at, own)
		v.Messages = append(v.Messages, own...)
		for _, o := range p.statements {
			if o.st.Act == seal.ActNote || o.st.Act == seal.ActHandover {
				v.Notes = append(v.Notes, s.statementView(o))
			}
		}
		if v.Draft == "" && s.drafts[p.id] != nil {
			v.Draft = s.drafts[p.id].Text
		}
	}
	order := make([]int, len(v.Messages))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[a], at[b]) })
	sorted := make([]Message, len(order))
	for i, from := range order {
		sorted[i] = v.Messages[from]
	}
	v.Messages = sorted
}

// orderOf adds to at the hour under which each message of one case stands: its
// own, or that of the one before it if that is later.
func orderOf(at []hotline.Hour, messages []Message) []hotline.Hour {
	last := hotline.Hour(0)
	for _, m := range messages {
		last = max(last, m.Arrived)
		at = append(at, last)
	}
	return at
}

// mayUntie says why this person cannot undo a tie now.
func (s *session) mayUntie(f, o *caseFile, t seal.Tie) error {
	switch {
	case !hotline.Allowed(hotline.ActionTie, s.me.Roles...):
		return hotline.Errorf(hotline.KindDenied, "undo", "your roles do not allow this")
	case f.row.Folded || o.row.Folded:
		return hotline.Errorf(hotline.KindConflict, "undo", "this case has ended and is folded: nothing can be added to it")
	case s.hour() > t.Hour+s.undoDays() && !hotline.Allowed(hotline.ActionUntie, s.me.Roles...):
		return hotline.Errorf(hotline.KindDenied, "undo", "the time for undoing this is over: a supervisor can still do it")
	case t.Kind == seal.TieSplit && t.Main != f.id:
		return hotline.Errorf(hotline.KindConflict, "undo", "who left comes back in the case that they left: undo it there")
	case t.Kind == seal.TieSplit && (len(o.statements) > 1 || len(o.records) > 0 || len(o.generations) > 1 || len(o.ties()) > 1):
		return hotline.Errorf(hotline.KindConflict, "undo", "something has been added to the case that left: it stays")
	}
	return nil
}
