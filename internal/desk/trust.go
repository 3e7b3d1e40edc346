package desk

import (
	"bytes"
	"context"
	"fmt"
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
	if s.kept.Roster != nil {
		if err := s.adoptRoster(s.kept.Roster); err != nil {
			return fmt.Errorf("kept roster: %w", err)
		}
	}
	if s.kept.Manifest != nil {
		m, err := seal.VerifyManifest(s.kept.Manifest, s.authority())
		if err != nil {
			return fmt.Errorf("kept manifest: %w", err)
		}
		s.adoptManifest(m)
	}
	return nil
}

// adoptRoster takes a roster that is in force. A kept one is signed by the
// authority before it, so only its form is read again there.
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

// refreshDocuments fetches roster and manifest and verifies them.
func (s *session) refreshDocuments(ctx context.Context) error {
	r, err := s.client.Document(ctx, api.DocumentRoster)
	if err != nil {
		return err
	}
	m, err := s.client.Document(ctx, api.DocumentManifest)
	if err != nil {
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
	if err := s.adoptRoster(text); err != nil {
		return s.documentAlarm("roster", text, "The server showed the roster of another house.")
	}
	s.kept.Roster = bytes.Clone(text)
	s.d.changed(NoticeState)
	return nil
}

func (s *session) takeManifest(text []byte) error {
	if bytes.Equal(text, s.kept.Manifest) {
		return nil
	}
	m, err := seal.VerifyManifest(text, s.authority())
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
