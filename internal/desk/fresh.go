package desk

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// manifestSigns is when the manifest runs out, once two thirds of its fresh
// time are over: half of it was the time to sign it again. Zero before, and
// for who is no administrator.
func (s *session) manifestSigns() hotline.Hour {
	m := s.manifest
	if m.Serial == 0 || s.hour() < m.Hour+(m.Expires-m.Hour)*2/3 || !hotline.Allowed(hotline.ActionPublish, s.me.Roles...) {
		return 0
	}
	return m.Expires
}

// answered reports whether the next manifest was proposed already, and was not
// left to run out: a desk proposes once by itself, and does not press a
// colleague who has said no. A no to other addresses is none to the keys.
// Desk.mu must be held.
func (s *session) answered() bool {
	if !s.together() {
		return false
	}
	now, err := seal.ParseSigned(s.kept.Manifest)
	if err != nil {
		return true
	}
	want := s.nextManifest()
	for _, p := range s.proposals {
		q := p.tally.Proposal
		if q.Act != hotline.SharedManifest || q.Base != now.Hash() || p.State == api.ProposalExpired || q.Expires <= s.hour() {
			continue
		}
		if d, err := seal.DraftManifest(p.Document); err != nil || saysSame(d, want) {
			return true
		}
	}
	return false
}

// manifestDue reports whether the manifest is to be signed again. In a house
// of two it is the desk of the first administrator who begins; the others
// leave him a day, or an hour for new keys, so that there is one proposal.
func (s *session) manifestDue() bool {
	a := s.authority()
	later := hotline.Hour(max(0, slices.Index(a.Keys, s.keys.Authority.Public())))
	for team, n := range s.newest {
		if m, ok := s.manifest.Teams[team]; ok && m.Epoch < n.Epoch.Epoch && (later == 0 || s.hour() >= n.Epoch.Hour+later) {
			return true
		}
	}
	m := s.manifest
	if s.hour() >= m.Hour+(m.Expires-m.Hour)/2+24*later {
		return true
	}
	// Taken over from an earlier authority: pages are stamped for that one until theirs signs.
	return !seal.ManifestSignedBy(s.kept.Manifest, a) && s.hour() >= s.roster.Hour+24*later
}

// keepManifestFresh signs the manifest again in good time, at the desk of an
// administrator. Other desks, and a colleague who was quicker, leave it alone.
func (s *session) keepManifestFresh(ctx context.Context) error {
	var due bool
	err := s.under(func() error {
		due = s.manifestDue() && s.administrator() == nil && !s.answered()
		return nil
	})
	if err != nil || !due {
		return err
	}
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if _, err := s.publishKeys(ctx, s.manifestDue); err != nil && hotline.KindOf(err) != hotline.KindConflict {
		return err
	}
	s.d.changed(NoticeState)
	return nil
}
