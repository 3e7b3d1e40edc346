package desk

import (
	"context"
	"reflect"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Reasons that a desk gives by itself for what it proposes; pages say them in
// the reader's language.
const (
	ReasonJoins     = "a newcomer is let in"
	ReasonLeaves    = "somebody's access ends"
	ReasonManifest  = "the published keys are signed again"
	ReasonAddresses = "the official addresses change"
)

// Waiting is a change that the other administrator has not signed yet.
type Waiting struct {
	ID    seal.Hash
	By    string       // call-name of who proposed it
	For   []string     // call-names of whom it waits for; one of them is enough
	Until hotline.Hour // the first hour in which it no longer stands
}

// together reports whether two administrators must sign in this house.
func (s *session) together() bool { return s.authority().Threshold > 1 }

// takeOver gives the authority to the administrators that r names. A roster
// that changes the authority names the manifest that stays in force. Desk.mu
// must be held.
func (s *session) takeOver(r *seal.Roster) error {
	next := r.NextAuthority()
	if len(next.Keys) == 0 || reflect.DeepEqual(next, r.Authority) {
		return nil // the only key of an older house stands in nobody's entry
	}
	now, err := seal.ParseSigned(s.kept.Manifest)
	if err != nil {
		return err
	}
	r.Authority, r.Manifest = next, now.Hash()
	return nil
}

// publish hands a signed document in. In a house of two it becomes a proposal
// with the first signature; waits is nil once the document is in force.
func (s *session) publish(ctx context.Context, act hotline.Shared, doc api.Document, reason string) (waits *Waiting, err error) {
	var two bool
	var base seal.Hash
	err = s.under(func() error {
		two = s.together()
		now, err := seal.ParseSigned(s.inForce(act))
		base = now.Hash()
		return err
	})
	if err != nil {
		return nil, err
	}
	if !two {
		s.trusting.Lock()
		defer s.trusting.Unlock()
		if err := s.client.Publish(ctx, doc); err != nil {
			return nil, err
		}
		return nil, s.under(func() error {
			take := s.takeRoster
			if act == hotline.SharedManifest {
				take = s.takeManifest
			}
			if err := take(doc.Text); err != nil {
				return err
			}
			return s.keep()
		})
	}
	line, err := seal.ParseSigned(doc.Text)
	if err != nil {
		return nil, err
	}
	id, err := s.proposeWith(ctx, act, seal.DocumentSubject{Serial: doc.Serial, Hash: line.Hash()}, base, reason, doc.Text)
	if err != nil {
		return nil, err
	}
	err = s.under(func() error {
		for _, p := range s.standing(act) {
			if p.ID == id {
				waits = s.waiting(p)
				return nil
			}
		}
		return nil // signed by the other meanwhile
	})
	return waits, err
}

// inForce is the text of the roster or of the manifest that this desk knows.
func (s *session) inForce(act hotline.Shared) []byte {
	if act == hotline.SharedManifest {
		return s.kept.Manifest
	}
	return s.kept.Roster
}

// standing lists the proposals of a document that still stand and follow the
// one in force. Desk.mu must be held.
func (s *session) standing(act hotline.Shared) []proposed {
	var out []proposed
	now, err := seal.ParseSigned(s.inForce(act))
	if err != nil {
		return nil
	}
	for _, p := range s.proposals {
		q := p.tally.Proposal
		if _, err := s.find(p.ID); err == nil && q.Act == act && q.Base == now.Hash() {
			out = append(out, p)
		}
	}
	return out
}

func (s *session) waiting(p proposed) *Waiting {
	q := p.tally.Proposal
	w := &Waiting{ID: p.ID, By: p.tally.By.Name, Until: q.Expires}
	for _, m := range s.roster.Members {
		if m.Active() && !m.Authority.IsZero() && m.Who() != p.tally.By.Who() && slices.Contains(s.authority().Keys, m.Authority) {
			w.For = append(w.For, m.Name)
		}
	}
	return w
}

// rosterWaits is the proposal of a roster that does something to r, if one
// stands. Desk.mu must be held.
func (s *session) rosterWaits(does func(seal.Roster) bool) *Waiting {
	for _, p := range s.standing(hotline.SharedRoster) {
		if _, err := s.draftLines(p); err != nil {
			continue
		}
		if r, err := seal.DraftRoster(p.Document); err == nil && does(r) {
			return s.waiting(p)
		}
	}
	return nil
}

// leaveWaits tells whether the end of somebody's access waits for a signature.
func (s *session) leaveWaits(id seal.OperatorID) *Waiting {
	if now, ok := s.roster.Member(id); !ok || !now.Active() {
		return nil
	}
	return s.rosterWaits(func(r seal.Roster) bool {
		m, ok := r.Member(id)
		return ok && !m.Active()
	})
}

// joinWaits tells whether somebody's entry waits for a signature.
func (s *session) joinWaits(id seal.OperatorID) *Waiting {
	if _, known := s.roster.Member(id); known {
		return nil
	}
	return s.rosterWaits(func(r seal.Roster) bool {
		_, ok := r.Member(id)
		return ok
	})
}

// manifestWaits is the proposal of a manifest that says what m says.
func (s *session) manifestWaits(m seal.Manifest) *Waiting {
	for _, p := range s.standing(hotline.SharedManifest) {
		if _, err := s.draftLines(p); err != nil {
			continue
		}
		if d, err := seal.DraftManifest(p.Document); err == nil && saysSame(d, m) {
			return s.waiting(p)
		}
	}
	return nil
}

// saysSame reports whether two manifests name the same keys and list the same
// addresses: what a desk changes of a manifest, but for its number and times.
func saysSame(a, b seal.Manifest) bool {
	if len(a.Teams) != len(b.Teams) || !slices.Equal(a.Channels, b.Channels) {
		return false
	}
	for team, key := range a.Teams {
		if other, ok := b.Teams[team]; !ok || other.Epoch != key.Epoch || !sameKey(other, key) {
			return false
		}
	}
	return true
}

// putOff keeps in mind that a revocation goes on by itself when the other
// administrator has signed. member is empty for a renewal of keys alone.
func (s *session) putOff(member seal.OperatorID) error {
	return s.under(func() error {
		s.kept.Renewing = true
		if member != "" && !slices.Contains(s.kept.Leaving, member) {
			s.kept.Leaving = append(s.kept.Leaving, member)
		}
		s.d.changed(NoticeState)
		return s.keep()
	})
}

// goOn takes up what waited for the other administrator's signature, and
// withdraws proposals of this desk's that another document has overtaken. What
// only somebody else can do is left; Renewal tells it.
func (s *session) goOn(ctx context.Context) error {
	var overtaken []proposed
	var again []seal.OperatorID
	var due bool
	err := s.under(func() error {
		if s.blocked() {
			return nil // nothing can be proposed again until the alarms were looked at
		}
		overtaken = s.overtaken()
		if !s.kept.Renewing {
			return nil
		}
		var left []seal.OperatorID
		for _, id := range s.kept.Leaving {
			m, ok := s.roster.Member(id)
			switch {
			case !ok || !m.Active(): // it is done
			case s.leaveWaits(id) != nil:
				left = append(left, id)
			case slices.ContainsFunc(overtaken, func(p proposed) bool { return ends(p, id) }):
				left, again = append(left, id), append(again, id)
			}
		}
		changed := len(left) != len(s.kept.Leaving)
		s.kept.Leaving = left
		due = len(left) == 0
		if !changed {
			return nil
		}
		s.d.changed(NoticeState)
		return s.keep()
	})
	if err == nil {
		err = s.proposeAddressesAgain(ctx, overtaken) // before it is forgotten what they were
	}
	for _, p := range overtaken {
		if err == nil {
			err = s.client.Withdraw(ctx, p.ID)
		}
	}
	if err == nil && len(overtaken) > 0 {
		err = s.refreshProposals(ctx)
	}
	for _, id := range again {
		if err == nil {
			_, err = s.endAccess(ctx, id)
		}
	}
	if err == nil && due {
		err = s.renew(ctx, nil)
	}
	if err != nil && !lost(err) {
		return nil // Renewal says what is left, and who presses the button is told why
	}
	return err
}

// overtaken lists this desk's open proposals of documents whose number is
// taken by now: they can never be approved. Desk.mu must be held.
func (s *session) overtaken() []proposed {
	var out []proposed
	for _, p := range s.proposals {
		if _, err := s.find(p.ID); err != nil || p.tally.By.ID != s.me.ID {
			continue
		}
		var subject seal.DocumentSubject
		serial := s.roster.Serial
		switch p.tally.Proposal.Act {
		case hotline.SharedManifest:
			serial = s.manifest.Serial
		case hotline.SharedRoster:
		default:
			continue
		}
		if seal.DecodeSubject(p.tally.Proposal.Subject, &subject) == nil && subject.Serial <= serial {
			out = append(out, p)
		}
	}
	return out
}

// ends reports whether a proposal is a roster in which a member has left.
func ends(p proposed, id seal.OperatorID) bool {
	if p.tally.Proposal.Act != hotline.SharedRoster {
		return false
	}
	r, err := seal.DraftRoster(p.Document)
	m, ok := r.Member(id)
	return err == nil && ok && !m.Active()
}
