package desk

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// AddressesView is the official addresses of the line: what people compare a
// bot, a number or a page with.
type AddressesView struct {
	InForce []seal.ChannelAddress
	Waits   *Waiting              // a change of the list waits for the other administrator
	Wanted  []seal.ChannelAddress // the list after that change; the one in force when none waits
	Mine    bool                  // this person has proposed it, and may propose another in its place
}

// Addresses tells the addresses in force, and whether a change of them waits.
func (d *Desk) Addresses() (AddressesView, error) {
	s, done, err := d.open("addresses")
	if err != nil {
		return AddressesView{}, err
	}
	defer done()
	if s.manifest.Serial == 0 {
		return AddressesView{}, hotline.Errorf(hotline.KindUnavailable, "addresses", "what pages know has not come to this computer yet")
	}
	v := AddressesView{InForce: slices.Clone(s.manifest.Channels), Wanted: slices.Clone(s.manifest.Channels)}
	if waits := s.addressesWait(); len(waits) > 0 {
		w := waits[0]
		v.Waits, v.Wanted, v.Mine = s.waiting(w.proposed), slices.Clone(w.list), w.tally.By.Who() == s.me.Who()
	}
	return v, nil
}

// waitingAddresses is a standing proposal of a manifest that lists other
// addresses than the one in force.
type waitingAddresses struct {
	proposed
	list []seal.ChannelAddress
}

// addressesWait lists the changes of addresses that wait. A proposal follows
// the manifest in force, so one that only renews keys lists the same. Desk.mu
// must be held.
func (s *session) addressesWait() []waitingAddresses {
	var out []waitingAddresses
	for _, p := range s.standing(hotline.SharedManifest) {
		if _, err := s.draftLines(p); err != nil {
			continue
		}
		if m, err := seal.DraftManifest(p.Document); err == nil && !slices.Equal(m.Channels, s.manifest.Channels) {
			out = append(out, waitingAddresses{p, m.Channels})
		}
	}
	return out
}

// SetAddresses publishes the whole list of official addresses anew. In a house
// of two it becomes a proposal, in the place of an earlier one of this person;
// waits is nil once the list is in force.
func (d *Desk) SetAddresses(ctx context.Context, list []seal.ChannelAddress) (waits *Waiting, err error) {
	list, err = checkAddresses(list)
	if err != nil {
		return nil, err
	}
	s, done, err := d.open("addresses")
	if err != nil {
		return nil, err
	}
	err = s.administrator()
	done()
	if err != nil {
		return nil, err
	}
	return s.setAddresses(ctx, list)
}

func (s *session) setAddresses(ctx context.Context, list []seal.ChannelAddress) (*Waiting, error) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if err := s.refreshProposals(ctx); err != nil {
		return nil, err
	}
	var earlier []seal.Hash // of this person: one list is proposed at a time
	waits, err := s.publishManifest(ctx, ReasonAddresses, func(m *seal.Manifest) error {
		if err := s.administrator(); err != nil {
			return err
		}
		for _, p := range s.addressesWait() {
			if p.tally.By.Who() != s.me.Who() {
				return hotline.Errorf(hotline.KindConflict, "addresses", "a change of the addresses by %s waits already: approve or refuse it first", p.tally.By.Name)
			}
			earlier = append(earlier, p.ID)
		}
		if slices.Equal(m.Channels, list) {
			return errPublished
		}
		m.Channels = list
		return nil
	})
	if err != nil {
		return nil, err
	}
	replaced := slices.DeleteFunc(earlier, func(id seal.Hash) bool { return waits != nil && id == waits.ID })
	for _, id := range replaced {
		if err := s.client.Withdraw(ctx, id); err != nil && hotline.KindOf(err) != hotline.KindConflict { // decided meanwhile
			return nil, err
		}
	}
	if len(replaced) > 0 {
		if err := s.refreshProposals(ctx); err != nil {
			return nil, err
		}
	}
	s.d.changed(NoticeState)
	return waits, nil
}

// proposeAddressesAgain takes up what this desk has proposed and another
// manifest has overtaken that left the addresses as they were, such as one with
// new keys. What cannot be proposed any more is left.
func (s *session) proposeAddressesAgain(ctx context.Context, overtaken []proposed) error {
	for _, p := range overtaken {
		if p.tally.Proposal.Act != hotline.SharedManifest {
			continue
		}
		list, due, err := s.overtakenAddresses(ctx, p)
		if err == nil && due {
			_, err = s.setAddresses(ctx, list)
		}
		if err != nil && lost(err) {
			return err
		}
	}
	return nil
}

// overtakenAddresses is the list of an overtaken proposal, and whether it is
// still to be published: it changed the addresses, and nobody has changed them
// or proposed others since. Which manifest it was made on, the proposal says
// under this desk's signature.
func (s *session) overtakenAddresses(ctx context.Context, p proposed) (list []seal.ChannelAddress, due bool, err error) {
	var subject seal.DocumentSubject
	if err := seal.DecodeSubject(p.tally.Proposal.Subject, &subject); err != nil {
		return nil, false, err
	}
	draft, err := documentOf(p.Document, subject.Hash)
	if err != nil {
		return nil, false, err
	}
	doc, err := s.client.DocumentAt(ctx, api.DocumentManifest, subject.Serial-1)
	if err != nil {
		return nil, false, err
	}
	base, err := documentOf(doc.Text, p.tally.Proposal.Base)
	if err != nil {
		return nil, false, err
	}
	err = s.under(func() error {
		due = !slices.Equal(base.Channels, draft.Channels) && slices.Equal(base.Channels, s.manifest.Channels) && len(s.addressesWait()) == 0
		return nil
	})
	return draft.Channels, due, err
}

// documentOf reads the manifest that a hash names.
func documentOf(text []byte, hash seal.Hash) (seal.Manifest, error) {
	signed, err := seal.ParseSigned(text)
	if err != nil {
		return seal.Manifest{}, err
	}
	if signed.Hash() != hash {
		return seal.Manifest{}, hotline.Errorf(hotline.KindForged, "addresses", "the document beside the proposal is not the one that was proposed")
	}
	return seal.ReadManifest(text)
}
