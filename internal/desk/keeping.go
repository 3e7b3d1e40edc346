package desk

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

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
	var parts []seal.ForgetPart
	for _, p := range s.partsOf(f) {
		parts = append(parts, seal.ForgetPart{Case: p.id, Statement: p.row.StatementHead, ContactSeq: p.row.ContactSeq})
	}
	if m := s.mainOf(f); m != nil {
		err = hotline.Errorf(hotline.KindConflict, "forget", "this case is a part of case %s: ask to forget that one, both go together", m.id.Short())
	}
	base := seal.ForgetBaseWith(f.row.StatementHead, f.row.ContactSeq, parts)
	done()
	if err != nil {
		return err
	}
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
