package desk

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
)

// authority is whose signatures count now: that of the newest roster, or the
// one pinned at enrolment.
func (s *session) authority() seal.Authority {
	if s.roster.Serial > 0 {
		return s.roster.Authority
	}
	return s.keys.Trust
}

// restoreDocuments reads the documents that were verified earlier, so that a
// desk without a connection still knows its house.
func (s *session) restoreDocuments() error {
	earlier := []seal.Authority{s.keys.Trust}
	for _, text := range s.kept.Chain {
		if err := s.adoptRoster(text); err != nil {
			return fmt.Errorf("kept chain of rosters: %w", err)
		}
		earlier = append(earlier, s.authority())
	}
	last := len(s.kept.Chain) - 1
	if s.kept.Roster != nil && (last < 0 || !bytes.Equal(s.kept.Roster, s.kept.Chain[last])) {
		if err := s.adoptRoster(s.kept.Roster); err != nil {
			return fmt.Errorf("kept roster: %w", err)
		}
	}
	if s.kept.Manifest != nil {
		m, err := s.readManifest(s.kept.Manifest)
		for _, a := range earlier { // kept before the roster that came last
			if err != nil {
				m, err = seal.VerifyManifest(s.kept.Manifest, a)
			}
		}
		if err != nil {
			return fmt.Errorf("kept manifest: %w", err)
		}
		s.adoptManifest(m)
	}
	return nil
}

// readManifest verifies the manifest in force: the authority's, or the one that
// the roster has taken over from the authority before.
func (s *session) readManifest(text []byte) (seal.Manifest, error) {
	if s.roster.Serial == 0 {
		return seal.VerifyManifest(text, s.keys.Trust)
	}
	return seal.VerifyManifestIn(text, s.roster)
}

// adoptRoster takes a roster that the authority in force has signed.
func (s *session) adoptRoster(text []byte) error {
	r, err := seal.VerifyRoster(text, s.authority())
	if err != nil {
		return err
	}
	v, err := journal.ParseVerifier(r.Journal)
	if err != nil || v.Origin() != journal.Origin(s.keys.Desk[:]) || r.Desk != s.keys.Desk {
		return hotline.Errorf(hotline.KindForged, "roster", "the roster is of another house")
	}
	teams := s.me.Teams
	s.roster, s.verifier = r, v
	s.me, _ = r.Member(s.keys.OperatorID())
	if !slices.Equal(teams, s.me.Teams) {
		s.cursor = 0 // other cases are to be seen now
	}
	return nil
}

func (s *session) adoptManifest(m seal.Manifest) {
	s.manifest = m
	if !m.GatewayKey.IsZero() && !slices.Contains(s.kept.GatewayKeys, m.GatewayKey) {
		s.kept.GatewayKeys = append(s.kept.GatewayKeys, m.GatewayKey)
	}
	for _, k := range m.ReplyKeys {
		if _, ok := s.replyKeys[k]; !ok {
			s.replyKeys[k] = hotline.TeamDesk
		}
	}
	for team, k := range m.Teams {
		s.replyKeys[k.ReplyKey] = team
	}
}

// refreshDocuments fetches roster and manifest and verifies them. One at a
// time: of two answers that overlap the older could come last and look like a
// server that went back.
func (s *session) refreshDocuments(ctx context.Context) error {
	s.trusting.Lock()
	defer s.trusting.Unlock()
	// The manifest first: a roster that comes between names the one that stays in force.
	m, err := s.client.Document(ctx, api.DocumentManifest)
	if err != nil {
		return err
	}
	r, err := s.client.Document(ctx, api.DocumentRoster)
	if err != nil {
		return err
	}
	if err := s.catchUp(ctx, r); err != nil {
		return err
	}
	return s.under(func() error {
		before := s.kept
		if err := s.takeRoster(r.Text); err != nil {
			return err
		}
		if err := s.takeManifest(m.Text); err != nil {
			return err
		}
		if bytes.Equal(before.Roster, s.kept.Roster) && bytes.Equal(before.Manifest, s.kept.Manifest) {
			return nil
		}
		s.reopen()
		return s.keep()
	})
}

// longestChain bounds how many rosters a desk that was away reads.
const longestChain = 1000

// catchUp follows the chain of rosters to the newest: each that changed the
// authority was signed by the authority before it. What does not lead there is
// left to takeRoster, which says so.
func (s *session) catchUp(ctx context.Context, newest api.Document) error {
	for {
		var authority seal.Authority
		var known int64
		err := s.under(func() error {
			authority, known = s.authority(), s.roster.Serial
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := seal.VerifyRoster(newest.Text, authority); err == nil || newest.Serial <= known {
			return nil
		}
		text, err := s.believable(ctx, authority, max(known, newest.Serial-longestChain), newest.Serial)
		if err != nil || text == nil {
			return err
		}
		stuck := true // the chain leads nowhere
		err = s.under(func() error {
			err := s.takeRoster(text)
			stuck = s.roster.Serial <= known
			return err
		})
		if err != nil || stuck {
			return err
		}
	}
}

// believable is the newest roster between two serials that an authority has
// signed, nil if there is none.
func (s *session) believable(ctx context.Context, a seal.Authority, after, before int64) ([]byte, error) {
	for serial := before - 1; serial > after; serial-- {
		doc, err := s.client.DocumentAt(ctx, api.DocumentRoster, serial)
		if hotline.KindOf(err) == hotline.KindNotFound {
			continue // a number that a restore has left out
		}
		if err != nil {
			return nil, err
		}
		if _, err := seal.VerifyRoster(doc.Text, a); err == nil {
			return doc.Text, nil
		}
	}
	return nil, nil
}

// takeRoster believes a roster that the authority has signed and that is not
// older than the one kept. Otherwise the kept one stays in force.
func (s *session) takeRoster(text []byte) error {
	if bytes.Equal(text, s.kept.Roster) {
		return nil
	}
	r, err := seal.VerifyRoster(text, s.authority())
	switch {
	case err != nil:
		return s.documentAlarm("roster", text, "The server showed a roster that the authority has not signed. The one known before stays in force.")
	case r.Serial < s.roster.Serial:
		return s.documentAlarm("roster", text,
			"The server showed an old roster: number %d after number %d. The newer one stays in force. "+
				"If the server was restored from a backup, an administrator must publish the roster again.", r.Serial, s.roster.Serial)
	case r.Serial == s.roster.Serial && !sameLine(text, s.kept.Roster):
		return s.documentAlarm("roster", text, "Two different rosters bear the same number. The one known before stays in force.")
	}
	before := s.authority()
	if err := s.adoptRoster(text); err != nil {
		return s.documentAlarm("roster", text, "The server showed the roster of another house.")
	}
	if !reflect.DeepEqual(before, s.authority()) {
		s.kept.Chain = append(s.kept.Chain, bytes.Clone(text))
	}
	s.kept.Roster = bytes.Clone(text)
	s.d.changed(NoticeState)
	return nil
}

func (s *session) takeManifest(text []byte) error {
	if bytes.Equal(text, s.kept.Manifest) {
		return nil
	}
	m, err := s.readManifest(text)
	switch {
	case err != nil || m.Desk != s.keys.Desk:
		return s.documentAlarm("manifest", text, "The server showed a manifest that the authority has not signed. The one known before stays in force.")
	case m.Serial < s.manifest.Serial:
		return s.documentAlarm("manifest", text,
			"The server showed an old manifest: number %d after number %d. The newer one stays in force.", m.Serial, s.manifest.Serial)
	case m.Serial == s.manifest.Serial && !sameLine(text, s.kept.Manifest):
		return s.documentAlarm("manifest", text, "Two different manifests bear the same number. The one known before stays in force.")
	}
	s.adoptManifest(m)
	s.kept.Manifest = bytes.Clone(text)
	return nil
}

func (s *session) documentAlarm(kind string, text []byte, format string, args ...any) error {
	return s.alarm(fmt.Sprintf("%s %x", kind, text), keptAlarm{Text: hotline.Say(format, args...), Blocking: true})
}

// sameLine reports whether two signed texts say the same, whoever signed.
func sameLine(a, b []byte) bool {
	x, errX := seal.ParseSigned(a)
	y, errY := seal.ParseSigned(b)
	return errX == nil && errY == nil && x.Hash() == y.Hash()
}

// signer finds the member of the roster who signed a text and was a member at
// that hour. signedBy checks one key.
func (s *session) signer(text seal.Signed, hour hotline.Hour, signedBy func(seal.PublicKey) bool) (seal.Member, bool) {
	for _, sig := range text.Sigs {
		m, ok := s.roster.Member(sig.Key.String())
		if !ok || !signedBy(m.Key) {
			continue
		}
		// An hour of tolerance: the newcomer's clock is not the administrator's.
		if hour+1 >= m.Since && (m.Active() || hour < m.Until) {
			return m, true
		}
	}
	return seal.Member{}, false
}

// byReplyKey reports whether one of the house's reply keys signed.
func (s *session) byReplyKey(signedBy func(seal.PublicKey) bool) bool {
	for k := range s.replyKeys {
		if signedBy(k) {
			return true
		}
	}
	return false
}

// nameOf is how pages call a member.
func (s *session) nameOf(id seal.OperatorID) string {
	if id == "" {
		return ""
	}
	if m, ok := s.roster.Member(id); ok {
		return m.Name
	}
	return "somebody unknown"
}
