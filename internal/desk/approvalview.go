package desk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// LineKind names a sentence about what will be done.
type LineKind string

// The kinds of lines. Each says which fields of [ApprovalLine] it uses.
const (
	LineExport     LineKind = "export"     // Name takes everything of Teams out
	LineLink       LineKind = "link"       // cases Values[0] and Values[1] are of one person
	LineJoins      LineKind = "joins"      // Name joins with Roles and Teams; Values: id of the key
	LineSecond     LineKind = "second"     // Name joins as a second computer of Values[0], with Roles and Teams
	LineLeaves     LineKind = "leaves"     // the access of Name ends
	LineReturns    LineKind = "returns"    // Name is let in again
	LineGone       LineKind = "gone"       // the entry of Name is taken out as if it had never been
	LineRoles      LineKind = "roles"      // Name has Roles from now on
	LineTeams      LineKind = "teams"      // Name is in Teams from now on
	LineKeys       LineKind = "keys"       // other keys or other entries in the place of those of Name; Values: which
	LineAuthority  LineKind = "authority"  // from now on Values[0] of Values[1] keys must sign
	LineHouse      LineKind = "house"      // a key of the house changes; Values: which
	LineRenewed    LineKind = "renewed"    // pages take it for fresh until Hours[0], and send until Hours[1]
	LineTeamKey    LineKind = "team_key"   // pages seal to key number Values[0] of Teams
	LineTeamOff    LineKind = "team_off"   // pages seal no more to Teams
	LineRouteOn    LineKind = "route_on"   // a new way to the server: Values[0]
	LineRouteOff   LineKind = "route_off"  // a way to the server less: Values[0]
	LineDoorOn     LineKind = "door_on"    // a new official door: Values[0] at Values[1]
	LineDoorOff    LineKind = "door_off"   // an official door less
	LineReplyOn    LineKind = "reply_on"   // answers signed by one more key are believed
	LineReplyOff   LineKind = "reply_off"  // answers signed by a key are believed no more
	LineIntake     LineKind = "intake"     // envelopes are sealed to another key of the server
	LineGateway    LineKind = "gateway"    // the gateway has other keys
	LineKeep       LineKind = "keep"       // line Name of the retention table changes from Values[0] to Values[1] days
	LineDestroy    LineKind = "destroy"    // key number Values[0] of Teams is destroyed, and Values[1] cases with it that ended from Values[2] to Values[3]
	LineDestroyKey LineKind = "destroykey" // the same, and no case goes with it
	LineRewrap     LineKind = "rewrap"     // all open cases of Teams take key number Values[0]
	LineForget     LineKind = "forget"     // everything of case Name is removed
	LineNothing    LineKind = "nothing"    // nothing changes but the number
	LineField      LineKind = "field"      // a name and a value of the subject
	LineUnreadable LineKind = "unreadable" // it cannot be shown, so it cannot be approved: Why
)

// LineKinds returns every kind.
func LineKinds() []LineKind {
	return []LineKind{
		LineExport, LineLink, LineJoins, LineSecond, LineLeaves, LineReturns, LineGone,
		LineRoles, LineTeams, LineKeys, LineAuthority, LineHouse, LineRenewed,
		LineTeamKey, LineTeamOff, LineRouteOn, LineRouteOff, LineDoorOn, LineDoorOff,
		LineReplyOn, LineReplyOff, LineIntake, LineGateway, LineKeep, LineDestroy,
		LineDestroyKey, LineRewrap, LineForget, LineNothing, LineField,
		LineUnreadable,
	}
}

// ApprovalLine is one sentence about what exactly will be done. It is made
// from what was signed, so both persons read the same.
type ApprovalLine struct {
	Kind   LineKind
	Name   string
	Roles  []hotline.Role
	Teams  []hotline.Team
	Values []string
	Hours  []hotline.Hour
	Why    hotline.Sentence
}

// ApprovalAnswer is an answer that counts.
type ApprovalAnswer struct {
	Name string
	Hour hotline.Hour
}

// ApprovalView is a proposal as a page shows it.
type ApprovalView struct {
	ID       seal.Hash
	Act      hotline.Shared
	State    string // see the api.Proposal constants
	By       string // call-name
	Mine     bool   // proposed by this person
	Reason   string
	Hour     hotline.Hour
	Expires  hotline.Hour
	Lines    []ApprovalLine
	Approved []ApprovalAnswer
	Refused  []ApprovalAnswer
	Void     []hotline.Sentence // answers that do not count, and why
	Needed   int                // persons
	Ready    bool               // it may be done
	Decide   bool               // this person is asked
	WhyNot   hotline.Sentence   // why this person cannot decide
}

// Open reports whether a proposal still waits for something.
func (v ApprovalView) Open() bool {
	return v.State == api.ProposalOpen || v.State == api.ProposalApproved
}

// Approvals lists what is proposed: what this person is asked first, then what
// else is open, then the past.
func (d *Desk) Approvals() ([]ApprovalView, error) {
	s, done, err := d.open("approvals")
	if err != nil {
		return nil, err
	}
	defer done()
	out := make([]ApprovalView, 0, len(s.proposals))
	for _, p := range s.proposals {
		out = append(out, s.approvalView(p))
	}
	rank := func(v ApprovalView) int {
		switch {
		case v.Decide:
			return 0
		case v.Open():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b ApprovalView) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Hour, a.Hour))
	})
	return out, nil
}

func (s *session) approvalView(p proposed) ApprovalView {
	q := p.tally.Proposal
	v := ApprovalView{
		ID: p.ID, Act: q.Act, State: p.State, By: p.tally.By.Name, Mine: p.tally.By.Who() == s.me.Who(), Reason: q.Reason,
		Hour: q.Hour, Expires: q.Expires, Void: slices.Clone(p.tally.Void), Needed: p.tally.Needed, Ready: p.tally.Ready(),
	}
	if !p.void.IsZero() {
		v.Void = append(v.Void, p.void)
	}
	for _, a := range p.tally.Approved {
		v.Approved = append(v.Approved, ApprovalAnswer{a.By.Name, a.Hour})
	}
	for _, a := range p.tally.Refused {
		v.Refused = append(v.Refused, ApprovalAnswer{a.By.Name, a.Hour})
	}
	var err error
	if v.Lines, err = s.lines(p); err != nil {
		v.Lines = []ApprovalLine{{Kind: LineUnreadable, Why: hotline.SaidBy(err)}}
	}
	if _, gone := s.find(p.ID); gone != nil {
		return v
	}
	if err == nil {
		err = s.mayAnswer(p)
	}
	if v.Decide = err == nil; !v.Decide {
		v.WhyNot = hotline.SaidBy(err)
	}
	return v
}

// asked counts the proposals that wait for this person. Desk.mu must be held.
func (s *session) asked() (n int) {
	for _, p := range s.proposals {
		if _, err := s.find(p.ID); err == nil && p.State == api.ProposalOpen && s.mayAnswer(p) == nil {
			n++
		}
	}
	return n
}

// lines says what exactly a proposal does.
func (s *session) lines(p proposed) ([]ApprovalLine, error) {
	switch q := p.tally.Proposal; q.Act {
	case hotline.SharedRoster, hotline.SharedManifest:
		if p.State != api.ProposalOpen && p.State != api.ProposalApproved {
			return pastLines(p)
		}
		return s.draftLines(p)
	default:
		return s.subjectLines(q.Act, q.Subject)
	}
}

// subjectLines says what the subject of an act names. An act without words of
// its own shows its names and values as they were signed.
func (s *session) subjectLines(act hotline.Shared, subject seal.Subject) ([]ApprovalLine, error) {
	switch act {
	case hotline.SharedExport:
		return lineOf(subject, func(x seal.ExportSubject) ApprovalLine {
			return ApprovalLine{Kind: LineExport, Name: s.nameOf(x.To), Teams: x.Teams}
		})
	case hotline.SharedRetention:
		return lineOf(subject, func(x seal.RetentionSubject) ApprovalLine {
			return ApprovalLine{Kind: LineKeep, Name: x.Line, Values: []string{strconv.Itoa(x.From), strconv.Itoa(x.To)}}
		})
	case hotline.SharedDestroy:
		return lineOf(subject, func(x seal.DestroySubject) ApprovalLine {
			l := ApprovalLine{Kind: LineDestroyKey, Teams: []hotline.Team{x.Team}, Values: []string{strconv.Itoa(x.Epoch)}}
			if x.Cases > 0 {
				l.Kind, l.Values = LineDestroy, append(l.Values, strconv.Itoa(x.Cases), x.Oldest, x.Newest)
			}
			return l
		})
	case hotline.SharedRewrap:
		return lineOf(subject, func(x seal.RewrapSubject) ApprovalLine {
			return ApprovalLine{Kind: LineRewrap, Teams: []hotline.Team{x.Team}, Values: []string{strconv.Itoa(x.Epoch)}}
		})
	case hotline.SharedForget:
		return lineOf(subject, func(x seal.ForgetSubject) ApprovalLine {
			return ApprovalLine{Kind: LineForget, Name: x.Case.Short()}
		})
	case hotline.SharedLink:
		return lineOf(subject, func(x seal.LinkSubject) ApprovalLine {
			return ApprovalLine{Kind: LineLink, Values: []string{x.One.Short(), x.Two.Short()}}
		})
	default:
		return fieldLines(subject), nil
	}
}

// lineOf puts a subject of a known form into one line.
func lineOf[T any](subject seal.Subject, line func(T) ApprovalLine) ([]ApprovalLine, error) {
	var x T
	if err := seal.DecodeSubject(subject, &x); err != nil {
		return nil, err
	}
	return []ApprovalLine{line(x)}, nil
}

// fieldLines shows the names and values of a subject as they were signed.
func fieldLines(subject seal.Subject) []ApprovalLine {
	var out []ApprovalLine
	if err := eachMember(subject, func(name, value string) {
		out = append(out, ApprovalLine{Kind: LineField, Values: []string{name, value}})
	}); err != nil {
		return []ApprovalLine{{Kind: LineField, Values: []string{"", subject.String()}}}
	}
	return out
}

// eachMember visits the names and values of a JSON object in their order. A
// text is visited as it reads, anything else as it is written.
func eachMember(object []byte, visit func(name, value string)) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		text := string(value)
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			text = plain
		}
		if n, ok := name.(string); ok {
			visit(n, text)
		}
	}
	return nil
}

// WaitApproved waits until a proposal may be done, or no longer.
func (d *Desk) WaitApproved(ctx context.Context, id seal.Hash) error {
	notices, stop := d.Subscribe()
	defer stop()
	for {
		list, err := d.Approvals()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(v ApprovalView) bool { return v.ID == id })
		switch {
		case i >= 0 && !list[i].Open():
			return hotline.Errorf(hotline.KindConflict, "approvals", "the proposal was not approved")
		case i >= 0 && list[i].Ready:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-notices:
		}
	}
}
