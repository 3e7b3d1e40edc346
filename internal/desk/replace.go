package desk

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// ReplaceLost ends the access of an administrator who is lost, with the key that
// k recovery sheets yield in place of his signature. It works also on a server
// that was restored and waits for his word. The keys that he knew are renewed
// afterwards: Renew, as after every revocation.
func (d *Desk) ReplaceLost(ctx context.Context, name string, sheets seal.SigningKey) error {
	s, done, err := d.open("replace")
	if err != nil {
		return err
	}
	done()
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if err := s.bringDocuments(ctx); err != nil {
		return err
	}
	var doc api.Document
	err = s.under(func() (err error) {
		doc, err = s.without(name, sheets)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.client.Publish(ctx, doc); err != nil {
		return err
	}
	return s.under(func() error {
		if err := s.takeRoster(doc.Text); err != nil {
			return err
		}
		s.kept.Renewing = true
		poke(s.kick)
		return s.keep()
	})
}

// bringDocuments comes to the same newest roster as the server: it reads what is
// newer there, and after a restore hands in what is newer here.
func (s *session) bringDocuments(ctx context.Context) error {
	there, err := s.client.Document(ctx, api.DocumentRoster)
	if err != nil {
		return err
	}
	var known int64
	if err := s.under(func() error { known = s.roster.Serial; return nil }); err != nil {
		return err
	}
	if there.Serial >= known {
		if err := s.catchUp(ctx, there); err != nil {
			return err
		}
		return s.under(func() error { return s.takeRoster(there.Text) })
	}
	manifest, err := s.client.Document(ctx, api.DocumentManifest)
	if err != nil {
		return err
	}
	var lost []api.Document
	if err := s.under(func() error { lost = s.newerThan(there.Serial, manifest.Serial); return nil }); err != nil {
		return err
	}
	return s.client.AcceptRestored(ctx, api.Acceptance{Documents: lost})
}

// without is the next roster, in which an administrator has left, signed by this
// one and by the sheets. Desk.mu must be held.
func (s *session) without(name string, sheets seal.SigningKey) (api.Document, error) {
	bad := func(kind hotline.Kind, format string, args ...any) (api.Document, error) {
		return api.Document{}, hotline.Errorf(kind, "replace", format, args...)
	}
	mine := s.keys.Authority
	switch {
	case mine.IsZero() || !slices.Contains(s.authority().Keys, mine.Public()):
		return bad(hotline.KindDenied, "this computer does not hold the authority's key")
	case sheets.Public() != s.roster.RecoveryKey:
		return bad(hotline.KindDenied, "these sheets are not those of this house")
	case !s.together():
		return bad(hotline.KindConflict, "this house has one administrator: no sheets are needed, end the access on the page People")
	}
	r := s.roster
	r.Members = slices.Clone(r.Members)
	r.Serial, r.Hour = r.Serial+1, s.hour()
	i := slices.IndexFunc(r.Members, func(m seal.Member) bool {
		return m.Name == name && m.Active() && slices.Contains(m.Roles, hotline.RoleAdministrator)
	})
	if i < 0 {
		return bad(hotline.KindNotFound, "the roster has no active administrator called %q", name)
	}
	lost := r.Members[i].Who()
	if lost == s.me.Who() {
		return bad(hotline.KindInvalid, "you cannot end your own access: the house would have no administrator")
	}
	for i := range r.Members { // his other computers too
		if m := &r.Members[i]; m.Active() && m.Who() == lost {
			m.Until = r.Hour
		}
	}
	if err := s.takeOver(&r); err != nil {
		return api.Document{}, err
	}
	signed, err := seal.SignRoster(r, mine, sheets)
	if err != nil {
		return api.Document{}, err
	}
	_, err = seal.DraftRoster(signed.Text()) // say here what every reader would refuse
	return api.Document{Kind: api.DocumentRoster, Serial: r.Serial, Text: signed.Text()}, err
}
