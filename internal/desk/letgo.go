package desk

import (
	"context"
	"slices"

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
