package desk

import (
	"context"
	"slices"
	"strings"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// proposed is a proposal that verifies, as this desk counts it.
type proposed struct {
	api.Proposal
	tally seal.Tally
	void  hotline.Sentence // why it counts no more: its proposer has left
}

// refreshProposals fetches what is proposed. What nobody of the roster has
// signed is not shown.
func (s *session) refreshProposals(ctx context.Context) error {
	list, err := s.client.Proposals(ctx)
	if err != nil {
		return err
	}
	return s.under(func() error {
		s.proposals = s.proposals[:0]
		for _, p := range list.Proposals {
			t, err := s.roster.Count(p.Text, p.Answers...)
			switch {
			case p.ID != t.ID || (err != nil && hotline.KindOf(err) != hotline.KindDenied):
				if err := s.alarm("proposal "+p.ID.String(), keptAlarm{Text: hotline.Say("The server showed a proposal that nobody of the house has signed. It is not shown.")}); err != nil {
					return err
				}
			case err != nil:
				s.proposals = append(s.proposals, proposed{p, t, hotline.SaidBy(err)})
			default:
				s.proposals = append(s.proposals, proposed{p, t, hotline.Sentence{}})
			}
		}
		s.d.changed(NoticeState)
		return nil
	})
}

// propose signs a proposal and sends it.
func (s *session) propose(ctx context.Context, act hotline.Shared, subject any, base seal.Hash, reason string) (seal.Hash, error) {
	return s.proposeWith(ctx, act, subject, base, reason, nil)
}

// proposeWith is propose with the document that the subject names, under this
// desk's signature of the authority.
func (s *session) proposeWith(ctx context.Context, act hotline.Shared, subject any, base seal.Hash, reason string, document []byte) (seal.Hash, error) {
	reason = strings.Join(strings.Fields(reason), " ")
	if err := seal.CheckReason(reason); err != nil {
		return seal.Hash{}, err
	}
	what, err := seal.NewSubject(subject)
	if err != nil {
		return seal.Hash{}, err
	}
	var signed seal.Signed
	err = s.under(func() error {
		rule, ok := act.Rule()
		switch {
		case !ok || !rule.MayPropose(s.me.Roles...):
			return hotline.Errorf(hotline.KindDenied, "propose", "your role does not allow to propose this")
		case s.blocked():
			return hotline.Errorf(hotline.KindForged, "propose", "something does not verify: look at the alarms first")
		}
		now := s.hour()
		signed, err = seal.SignProposal(seal.Proposal{
			Desk: s.roster.Desk, Act: act, Subject: what, Base: base, Reason: reason, Hour: now, Expires: now + rule.Hours, Log: s.log(),
		}, s.keys.Signing)
		return err
	})
	if err != nil {
		return seal.Hash{}, err
	}
	if err := s.client.Propose(ctx, api.NewProposal{Text: signed.Text(), Document: document}); err != nil {
		return seal.Hash{}, err
	}
	return signed.Hash(), s.refreshProposals(ctx)
}

// find returns a proposal that still stands. Desk.mu must be held.
func (s *session) find(id seal.Hash) (proposed, error) {
	i := slices.IndexFunc(s.proposals, func(p proposed) bool { return p.ID == id })
	if i < 0 {
		return proposed{}, hotline.Errorf(hotline.KindNotFound, "approvals", "there is no such proposal")
	}
	p := s.proposals[i]
	switch {
	case p.State != api.ProposalOpen && p.State != api.ProposalApproved:
		return p, hotline.Errorf(hotline.KindConflict, "approvals", "this proposal is decided already")
	case !p.void.IsZero():
		return p, hotline.Errorf(hotline.KindDenied, "approvals", "this proposal counts no more: %v", p.void)
	case p.tally.Proposal.Expires <= s.hour():
		return p, hotline.Errorf(hotline.KindConflict, "approvals", "the time of this proposal is over; propose it again")
	}
	return p, nil
}

// mayAnswer says whether this desk can approve a proposal, and why not.
func (s *session) mayAnswer(p proposed) error {
	rule, _ := p.tally.Proposal.Act.Rule()
	me := s.me.Who()
	switch {
	case !rule.MayApprove(s.me.Roles...):
		return hotline.Errorf(hotline.KindDenied, "approvals", "your role does not allow to decide this")
	case p.tally.By.Who() == me:
		return hotline.Errorf(hotline.KindDenied, "approvals", "you have proposed it yourself: another person decides")
	case p.tally.Signed(me):
		return hotline.Errorf(hotline.KindConflict, "approvals", "you have approved it already")
	}
	return nil
}

// Answer approves or refuses a proposal. What is approved is exactly what
// Approvals shows of it; a roster or a manifest is signed with it.
func (d *Desk) Answer(ctx context.Context, id seal.Hash, approve bool) error {
	s, done, err := d.open("approvals")
	if err != nil {
		return err
	}
	done()
	var answer api.NewAnswer
	err = s.under(func() error {
		p, err := s.find(id)
		if err == nil {
			err = s.mayAnswer(p)
		}
		switch {
		case err != nil:
			return err
		case s.blocked():
			return hotline.Errorf(hotline.KindForged, "approvals", "something does not verify: look at the alarms first")
		}
		decision := seal.DecisionRefuse
		if approve {
			decision = seal.DecisionApprove
			if answer.Document, err = s.cosign(p); err != nil {
				return err
			}
		}
		signed, err := seal.SignApproval(seal.Approval{Proposal: id, Decision: decision, Hour: s.hour(), Log: s.log()}, s.keys.Signing)
		answer.Text = signed.Text()
		return err
	})
	if err != nil {
		return err
	}
	if err := s.client.Answer(ctx, id, answer); err != nil {
		return err
	}
	if err := s.refreshDocuments(ctx); err != nil {
		return err
	}
	return s.refreshProposals(ctx)
}

// Withdraw takes back a proposal of one's own.
func (d *Desk) Withdraw(ctx context.Context, id seal.Hash) error {
	s, done, err := d.open("approvals")
	if err != nil {
		return err
	}
	done()
	if err := s.client.Withdraw(ctx, id); err != nil {
		return err
	}
	return s.refreshProposals(ctx)
}

// ProposeExport asks for everything of this person's teams to be taken out.
func (d *Desk) ProposeExport(ctx context.Context, reason string) (seal.Hash, error) {
	s, done, err := d.open("export")
	if err != nil {
		return seal.Hash{}, err
	}
	subject, base := s.exportSubject()
	done()
	return s.propose(ctx, hotline.SharedExport, subject, base, reason)
}

func (s *session) exportSubject() (seal.ExportSubject, seal.Hash) {
	subject := seal.ExportSubject{To: s.me.ID, Teams: slices.Sorted(slices.Values(s.me.Teams))}
	var newest []seal.Epoch
	for _, team := range subject.Teams {
		if n, ok := s.newest[team]; ok {
			newest = append(newest, n.Epoch)
		}
	}
	return subject, seal.ExportBase(newest...)
}

// ExportReady reports whether an export of this person's may be taken out now.
func (d *Desk) ExportReady() bool {
	s, done, err := d.open("export")
	if err != nil {
		return false
	}
	defer done()
	subject, base := s.exportSubject()
	what, err := seal.NewSubject(subject)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(s.proposals, func(p proposed) bool {
		q := p.tally.Proposal
		_, err := s.find(p.ID)
		return err == nil && q.Act == hotline.SharedExport && seal.SubjectHash(q.Subject) == seal.SubjectHash(what) && q.Base == base && p.tally.Ready()
	})
}

// cosign is the proposal's document under the signature of this desk's key of
// the authority; nil for an act without a document. Desk.mu must be held.
func (s *session) cosign(p proposed) ([]byte, error) {
	act := p.tally.Proposal.Act
	if act != hotline.SharedRoster && act != hotline.SharedManifest {
		return nil, nil
	}
	if _, err := s.draftLines(p); err != nil {
		return nil, err
	}
	if err := s.administrator(); err != nil {
		return nil, err
	}
	signed, err := seal.Cosign(p.Document, act, s.keys.Authority)
	return signed.Text(), err
}
