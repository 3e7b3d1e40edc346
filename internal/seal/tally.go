package seal

import (
	"slices"

	"safeconduct/internal/hotline"
)

// Answered is an answer that counts, with who gave it.
type Answered struct {
	Approval
	By Member
}

// Tally is how far a proposal is, by the roster in force.
type Tally struct {
	Proposal Proposal
	ID       Hash
	By       Member     // the proposer
	Approved []Answered // each by another person, none by the proposer's
	Refused  []Answered
	Needed   int                // persons, the proposer among them
	Void     []hotline.Sentence // why an answer does not count
}

// Ready reports whether enough persons stand behind the act, and none against it.
func (t Tally) Ready() bool { return len(t.Refused) == 0 && 1+len(t.Approved) >= t.Needed }

// Signed reports whether a person proposed or approved.
func (t Tally) Signed(person OperatorID) bool {
	return t.By.Who() == person || slices.ContainsFunc(t.Approved, func(a Answered) bool { return a.By.Who() == person })
}

// Who names the person behind a member: a second computer of one person is no
// second person.
func (m Member) Who() OperatorID {
	if m.Person != "" {
		return m.Person
	}
	return m.ID
}

// Persons counts the persons who may propose or approve an act now.
func (r Roster) Persons(rule hotline.SharedRule) int {
	seen := map[OperatorID]bool{}
	for _, m := range r.Members {
		if m.Active() && (rule.MayPropose(m.Roles...) || rule.MayApprove(m.Roles...)) {
			seen[m.Who()] = true
		}
	}
	return len(seen)
}

// Count verifies a proposal and its answers by the roster in force and says
// who stands behind it. It is the one rule: the server lets an act happen by
// it, and desks show by it. An error means that the proposal itself does not
// count; an answer that does not count is left out and explained.
func (r Roster) Count(proposal []byte, answers ...[]byte) (Tally, error) {
	p, signed, err := ParseProposal(proposal)
	t := Tally{Proposal: p, ID: signed.Hash()}
	if err != nil {
		return t, err
	}
	if p.Desk != r.Desk {
		return t, hotline.Errorf(hotline.KindForged, kindProposal, "the proposal is of another house")
	}
	rule, _ := p.Act.Rule() // ParseProposal has checked that there is one
	by, ok := r.signerOf(signed, kindProposal)
	t.By = by
	switch {
	case !ok:
		return t, hotline.Errorf(hotline.KindForged, kindProposal, "nobody of the roster signed the proposal")
	case !by.Active():
		return t, hotline.Errorf(hotline.KindDenied, kindProposal, "%s proposed it, whose access has ended since", by.Name)
	case !rule.MayPropose(by.Roles...):
		return t, hotline.Errorf(hotline.KindDenied, kindProposal, "%s proposed it, whose role does not allow that", by.Name)
	}
	t.Needed = rule.Needed(r.Persons(rule))
	for _, text := range answers {
		r.count(&t, rule, text)
	}
	return t, nil
}

func (r Roster) signerOf(s Signed, kind string) (Member, bool) {
	m, ok := r.Member(s.Sigs[0].Key.String())
	return m, ok && s.SignedBy(kind, m.Key)
}

func (r Roster) count(t *Tally, rule hotline.SharedRule, text []byte) {
	void := func(why hotline.Sentence) { t.Void = append(t.Void, why) }
	a, signed, err := ParseApproval(text)
	if err != nil {
		void(hotline.Say("an answer is malformed"))
		return
	}
	m, ok := r.signerOf(signed, kindApproval)
	same := func(other Answered) bool { return other.By.Who() == m.Who() }
	switch {
	case !ok || a.Proposal != t.ID:
		void(hotline.Say("an answer is not signed by anybody of the roster, or belongs to another proposal"))
	case !m.Active():
		void(hotline.Say("the access of %s has ended since", m.Name))
	case !rule.MayApprove(m.Roles...):
		void(hotline.Say("the role of %s does not allow to approve this", m.Name))
	case a.Decision == DecisionRefuse:
		if !slices.ContainsFunc(t.Refused, same) {
			t.Refused = append(t.Refused, Answered{a, m})
		}
	case m.Who() == t.By.Who():
		void(hotline.Say("%s cannot approve what the same person proposed", m.Name))
	case slices.ContainsFunc(t.Approved, same):
		void(hotline.Say("%s has approved already: two computers of one person are one person", m.Name))
	default:
		t.Approved = append(t.Approved, Answered{a, m})
	}
}
