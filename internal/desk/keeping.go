package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// letGoOnce does what keys that age and approved acts ask for.
func (s *session) letGoOnce(ctx context.Context, docs, epochs, votes bool) error {
	var cases, publishes, rewrap bool
	err := s.under(func() error {
		cases, publishes = hotline.Allowed(hotline.ActionSync, s.me.Roles...), hotline.Allowed(hotline.ActionPublish, s.me.Roles...)
		rewrap, s.rewrapDue = s.rewrapDue, false
		return nil
	})
	if err != nil {
		return err
	}
	if docs || votes {
		if err := s.doApproved(ctx); err != nil {
			return err
		}
	}
	if docs {
		if err := s.refreshRetention(ctx); err != nil {
			return err
		}
	}
	if docs || epochs {
		if publishes && !cases { // the public halves: a manifest names them
			if err := s.refreshEpochs(ctx); err != nil {
				return err
			}
		}
		for _, step := range []func(context.Context) error{s.keepEpochsFresh, s.keepManifestFresh, s.sayFarewell} {
			if err := step(ctx); err != nil {
				return err
			}
		}
	}
	if cases && (docs || epochs || rewrap) {
		return s.rewrapCases(ctx)
	}
	return nil
}

// refreshRetention fetches the table: this desk makes new team keys by it.
func (s *session) refreshRetention(ctx context.Context) error {
	k, err := s.client.Retention(ctx)
	if err != nil {
		return err
	}
	if err := k.Table.Check(); err != nil {
		return nil // a table out of its bounds is not believed; the one before stays
	}
	return s.under(func() error {
		s.retention = k.Table
		return nil
	})
}

// keepEpochsFresh makes a new key of a team whose key is older than the table
// allows, at a desk that may. A colleague who was quicker is fine.
func (s *session) keepEpochsFresh(ctx context.Context) error {
	var due []hotline.Team
	err := s.under(func() error {
		if s.blocked() || s.retention.Epoch == 0 || !hotline.Allowed(hotline.ActionEpoch, s.me.Roles...) {
			return nil
		}
		for team, n := range s.newest {
			if slices.Contains(s.me.Teams, team) && s.hour()-n.Hour >= hotline.Hour(24*s.retention.Epoch) {
				due = append(due, team)
			}
		}
		slices.Sort(due)
		return nil
	})
	if err != nil || len(due) == 0 {
		return err
	}
	s.keeping.Lock()
	defer s.keeping.Unlock()
	for _, team := range due {
		if err := s.startEpoch(ctx, team); err != nil {
			return err
		}
	}
	return s.refreshEpochs(ctx)
}

// rewrapStep is how many cases are wrapped before other work has its turn.
const rewrapStep = 20

// rewrapCases wraps the keys of open cases to the newest epoch of my teams,
// some at a time. It goes on where it was broken off: the server lists what is left.
func (s *session) rewrapCases(ctx context.Context) error {
	type work struct {
		team  hotline.Team
		epoch int
		to    seal.Recipient
	}
	var all []work
	err := s.under(func() error {
		if s.blocked() || !hotline.Allowed(hotline.ActionRotate, s.me.Roles...) {
			return nil
		}
		for team, n := range s.newest {
			if _, held := s.epochs[epochID{team, n.Epoch.Epoch}]; held && n.Epoch.Epoch > 1 && slices.Contains(s.me.Teams, team) {
				all = append(all, work{team, n.Epoch.Epoch, n.Recipient})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range all {
		list, err := s.client.RewrapList(ctx, w.team, w.epoch)
		if err != nil {
			return err
		}
		state := rewrapState{left: list.Left}
		done := 0
		for _, id := range list.Cases[:min(len(list.Cases), rewrapStep)] {
			n, err := s.rewrapCase(ctx, id, w.team, w.epoch, w.to)
			if hotline.KindOf(err) == hotline.KindConflict && err != nil {
				state.why = hotline.SaidBy(err)
				break
			}
			if err != nil {
				return err
			}
			done += n
		}
		err = s.under(func() error {
			if s.rewraps == nil {
				s.rewraps = map[hotline.Team]rewrapState{}
			}
			if old := s.rewraps[w.team]; old.left != state.left || old.why.String() != state.why.String() {
				s.rewraps[w.team] = state
				s.d.changed(NoticeState)
			}
			if done > 0 { // look again what is left
				s.rewrapDue = true
				poke(s.work)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rewrapState is how far the wrapping of a team's open cases is.
type rewrapState struct {
	left int
	why  hotline.Sentence // it waits for something
}

// rewrapCase wraps those generations of a case's key that this desk holds. A
// wrap that is there already stays as it is.
func (s *session) rewrapCase(ctx context.Context, id hotline.CaseID, team hotline.Team, epoch int, to seal.Recipient) (int, error) {
	fresh := false
	err := s.under(func() error {
		f := s.files[id]
		fresh = f != nil && f.synced > 0
		return nil
	})
	if err == nil && !fresh {
		err = s.refreshCase(ctx, id)
	}
	if err != nil {
		return 0, err
	}
	keys := map[int]seal.Identity{}
	err = s.under(func() error {
		if f := s.files[id]; f != nil && f.keyTrouble.IsZero() {
			for n, key := range f.keys {
				keys[n] = key
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for n, key := range keys {
		file, err := seal.WrapIdentity(to, key)
		if err != nil {
			return 0, err
		}
		if err := s.client.Rewrap(ctx, id, api.Rewrap{Generation: n, Wrap: api.Wrap{Team: team, Epoch: epoch, File: file}}); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// takeDestroyed lets go of the key of a destroyed epoch. Desk.mu must be held.
func (s *session) takeDestroyed(e api.Epoch, announcement seal.Hash) {
	id := epochID{e.Team, e.Epoch}
	delete(s.epochs, id)
	delete(s.holders, id)
	said, before := false, len(s.farewells[id])
	for _, text := range e.Farewells {
		f, signed, err := seal.ParseFarewell(text)
		if err != nil || f.Team != e.Team || f.Epoch != e.Epoch || f.Key != announcement {
			continue
		}
		for _, m := range s.roster.Members {
			if seal.FarewellSignedBy(signed, m.Key) {
				s.farewells[id] = append(slices.DeleteFunc(s.farewells[id], func(x seal.OperatorID) bool { return x == m.ID }), m.ID)
				said = said || m.ID == s.me.ID
			}
		}
	}
	if _, known := s.destroyed[id]; !known || len(s.farewells[id]) != before {
		s.d.changed(NoticeState)
	}
	s.destroyed[id] = announcement
	s.owesFarewell[id] = !said && slices.Contains(s.me.Teams, e.Team) && hotline.Allowed(hotline.ActionWrapTeam, s.me.Roles...)
}

// sayFarewell tells the server that this desk holds destroyed keys no more.
func (s *session) sayFarewell(ctx context.Context) error {
	type word struct {
		id   epochID
		text []byte
	}
	var words []word
	err := s.under(func() error {
		for id, owes := range s.owesFarewell {
			if _, held := s.epochs[id]; !owes || held {
				continue
			}
			signed, err := seal.SignFarewell(seal.Farewell{Team: id.Team, Epoch: id.Epoch, Key: s.destroyed[id], Day: s.hour().Day()}, s.keys.Signing)
			if err != nil {
				return err
			}
			words = append(words, word{id, signed.Text()})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range words {
		err := s.client.Farewell(ctx, w.id.Team, w.id.Epoch, w.text)
		if err != nil && hotline.KindOf(err) != hotline.KindConflict { // a conflict: said before the desk was restarted
			return err
		}
		err = s.under(func() error {
			s.owesFarewell[w.id] = false
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// KeepingView is how long things are kept and what is to be decided, as a page shows it.
type KeepingView struct {
	Lines    []hotline.RetentionLine
	Paused   bool
	Clock    hotline.Hour // what the server's clock said when the pause began
	Believed hotline.Hour
	Failed   bool
	Scrubbed hotline.Day
	Review   []Row
	Epochs   []EpochView
}

// EpochView is a team's key that was replaced, or the newest one.
type EpochView struct {
	Team      hotline.Team
	Epoch     int
	Since     hotline.Hour
	Newest    bool
	Destroyed bool
	Left      int              // newest: open cases that are not wrapped to it yet
	Waits     hotline.Sentence // newest: why that does not go on
	Doom      api.Doom         // replaced: what would go with it
	May       bool             // it can be proposed to be destroyed
	Confirmed []string         // destroyed: desks that have let it go
	Missing   []string         // destroyed: desks that have not said so
}

// Keeping returns how long things are kept, and, for who may decide, what
// there is to decide.
func (d *Desk) Keeping(ctx context.Context) (KeepingView, error) {
	s, done, err := d.open("keeping")
	if err != nil {
		return KeepingView{}, err
	}
	roles := slices.Clone(s.me.Roles)
	done()
	k, err := s.client.Retention(ctx)
	if err != nil {
		return KeepingView{}, err
	}
	v := KeepingView{
		Lines: k.Table.Lines(), Paused: k.Paused, Clock: k.Clock, Believed: k.Hour, Failed: k.Failed != "", Scrubbed: k.Scrubbed,
	}
	if hotline.Allowed(hotline.ActionReview, roles...) {
		r, err := s.client.Review(ctx)
		if err != nil {
			return v, err
		}
		err = s.under(func() error {
			for _, id := range r.Cases {
				if f := s.files[id]; f != nil && s.knows(f) {
					v.Review = append(v.Review, s.rowOf(f))
				}
			}
			return nil
		})
		if err != nil {
			return v, err
		}
	}
	v.Epochs, err = s.epochViews(ctx, hotline.Allowed(hotline.ActionDestroy, roles...))
	return v, err
}

func (s *session) epochViews(ctx context.Context, mayDestroy bool) ([]EpochView, error) {
	epochs, err := s.client.Epochs(ctx)
	if err != nil {
		return nil, err
	}
	var out []EpochView
	for _, e := range epochs {
		a, _, err := seal.ParseEpoch(e.Announcement)
		if err != nil {
			return nil, err
		}
		v := EpochView{Team: e.Team, Epoch: e.Epoch, Since: a.Hour, Newest: e.Retired == 0, Destroyed: e.Destroyed}
		mine := false
		err = s.under(func() error {
			mine = slices.Contains(s.me.Teams, e.Team)
			if v.Newest {
				v.Left, v.Waits = s.rewraps[e.Team].left, s.rewraps[e.Team].why
			}
			for _, m := range s.roster.Members {
				if !v.Destroyed || !m.Active() || !slices.Contains(m.Teams, e.Team) || !hotline.Allowed(hotline.ActionWrapTeam, m.Roles...) {
					continue
				}
				if slices.Contains(s.farewells[epochID{e.Team, e.Epoch}], m.ID) {
					v.Confirmed = append(v.Confirmed, m.Name)
				} else {
					v.Missing = append(v.Missing, m.Name)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if !v.Newest && !v.Destroyed && mayDestroy && mine {
			if v.Doom, err = s.client.Doom(ctx, e.Team, e.Epoch); err != nil {
				return nil, err
			}
			v.May = v.Doom.WhyNot.IsZero()
		}
		out = append(out, v)
	}
	return out, nil
}

// ProposeRetention proposes to change one line of the table.
func (d *Desk) ProposeRetention(ctx context.Context, line string, days int, reason string) error {
	s, done, err := d.open("keeping")
	if err != nil {
		return err
	}
	done()
	k, err := s.client.Retention(ctx)
	if err != nil {
		return err
	}
	next, err := k.Table.Set(line, days)
	if err == nil {
		err = next.Check()
	}
	if err != nil {
		return err
	}
	i := slices.IndexFunc(k.Table.Lines(), func(l hotline.RetentionLine) bool { return l.Key == line })
	_, err = s.propose(ctx, hotline.SharedRetention, seal.RetentionSubject{Line: line, From: k.Table.Lines()[i].Value, To: days},
		seal.RetentionBase(k.Table), reason)
	return err
}

// ProposeDestroy proposes to destroy an epoch with exactly what the server names.
func (d *Desk) ProposeDestroy(ctx context.Context, team hotline.Team, epoch int, reason string) error {
	s, done, err := d.open("destroy")
	if err != nil {
		return err
	}
	done()
	doom, err := s.client.Doom(ctx, team, epoch)
	if err != nil {
		return err
	}
	if !doom.WhyNot.IsZero() {
		return hotline.Errorf(hotline.KindConflict, "destroy", "it cannot be destroyed now: %v", doom.WhyNot)
	}
	_, err = s.propose(ctx, hotline.SharedDestroy, doom.Subject, doom.Base, reason)
	return err
}

// ProposeRewrap proposes to wrap many open cases to a team's newest key.
func (d *Desk) ProposeRewrap(ctx context.Context, team hotline.Team, reason string) error {
	s, done, err := d.open("rewrap")
	if err != nil {
		return err
	}
	n := s.newest[team].Epoch.Epoch
	done()
	_, err = s.propose(ctx, hotline.SharedRewrap, seal.RewrapSubject{Team: team, Epoch: n}, seal.Hash{}, reason)
	return err
}

// ProposeForget proposes to forget a case as it is now.
func (d *Desk) ProposeForget(ctx context.Context, id hotline.CaseID, reason string) error {
	s, f, done, err := d.ready(ctx, "forget", id)
	if err != nil {
		return err
	}
	base := seal.ForgetBase(f.row.StatementHead, f.row.ContactSeq)
	done()
	_, err = s.propose(ctx, hotline.SharedForget, seal.ForgetSubject{Case: id}, base, reason)
	return err
}

// KeepAfterReview keeps a silent case on standby; the supervisor is asked again later.
func (d *Desk) KeepAfterReview(ctx context.Context, id hotline.CaseID) (Result, error) {
	return d.state(ctx, id, &entry{Act: seal.ActReview}, nil)
}

// TrustClock says that the server's clock is right.
func (d *Desk) TrustClock(ctx context.Context) error {
	s, done, err := d.open("clock")
	if err != nil {
		return err
	}
	hour := s.hour()
	done()
	return s.client.TrustClock(ctx, hour)
}

// doApproved does what this person has proposed or approved and enough persons
// stand behind. The other's desk does the same; the first one is enough.
func (s *session) doApproved(ctx context.Context) error {
	var due []seal.Proposal
	err := s.under(func() error {
		for _, p := range s.proposals {
			if p.State == api.ProposalApproved && p.void.IsZero() && p.tally.Ready() && p.tally.Signed(s.me.Who()) && p.tally.Proposal.Expires > s.hour() {
				due = append(due, p.tally.Proposal)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range due {
		err := s.do(ctx, p)
		if err != nil && (lost(err) || hotline.KindOf(err) == hotline.KindLocked) {
			return err
		}
		if err != nil && hotline.KindOf(err) != hotline.KindConflict && hotline.KindOf(err) != hotline.KindNotFound {
			s.d.cfg.Log.Warn("an approved act could not be done", "act", string(p.Act), "kind", hotline.KindOf(err).String())
		}
	}
	return nil
}

func (s *session) do(ctx context.Context, p seal.Proposal) error {
	switch p.Act {
	case hotline.SharedRetention:
		var x seal.RetentionSubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		return s.client.ChangeRetention(ctx, x)
	case hotline.SharedDestroy:
		var x seal.DestroySubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		return s.client.Destroy(ctx, x.Team, x.Epoch)
	case hotline.SharedRewrap:
		var x seal.RewrapSubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		return s.client.AllowRewrap(ctx, x.Team, x.Epoch)
	case hotline.SharedForget:
		var x seal.ForgetSubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		receipt, err := s.client.Forget(ctx, x.Case)
		if err != nil {
			return err
		}
		return s.under(func() error {
			s.kept.Receipts = append(s.kept.Receipts, keptReceipt{s.d.cfg.Clock.Now().UTC().Truncate(24 * time.Hour), receipt})
			return s.keep()
		})
	default:
		return nil // done where it is asked for
	}
}

// keptReceipt is the proof of a removal, for the auditor.
type keptReceipt struct {
	Day     time.Time   `json:"day"`
	Receipt api.Receipt `json:"receipt"`
}

// Receipts returns the proofs of what this desk has had forgotten.
func (d *Desk) Receipts() []api.Receipt {
	s, done, err := d.open("receipts")
	if err != nil {
		return nil
	}
	defer done()
	var out []api.Receipt
	for _, r := range s.kept.Receipts {
		out = append(out, r.Receipt)
	}
	return out
}

// provenGone reports whether what comes with a removal shows that two people
// wanted exactly this case to be forgotten.
func (s *session) provenGone(g api.Gone) bool {
	var proof api.ForgetProof
	if g.Why != api.GoneForget || json.Unmarshal(g.Proof, &proof) != nil {
		return false
	}
	t, err := s.roster.Count(proof.Proposal, proof.Answers...)
	if err != nil || !t.Ready() || t.Proposal.Act != hotline.SharedForget {
		return false
	}
	var x seal.ForgetSubject
	return seal.DecodeSubject(t.Proposal.Subject, &x) == nil && x.Case == g.ID
}
