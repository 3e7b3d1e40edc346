package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strconv"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// ownInvitation is an invitation made on this computer. What it grants is
// taken from here and never from the server.
type ownInvitation struct {
	Name    string         `json:"name"`
	Roles   []hotline.Role `json:"roles"`
	Teams   []hotline.Team `json:"teams"`
	Expires int64          `json:"expires"`
}

// People lists the roster, active members first.
func (d *Desk) People() []Person {
	s, done, err := d.open("people")
	if err != nil {
		return nil
	}
	defer done()
	out := make([]Person, 0, len(s.roster.Members))
	for _, m := range s.roster.Members {
		out = append(out, Person{
			ID: m.ID, Name: m.Name, Roles: slices.Clone(m.Roles), Teams: slices.Clone(m.Teams),
			Since: m.Since, Until: m.Until, Me: m.ID == s.me.ID, Person: m.Who(), Leaves: s.leaveWaits(m.ID),
		})
	}
	slices.SortStableFunc(out, func(a, b Person) int {
		if (a.Until == 0) != (b.Until == 0) {
			if a.Until == 0 {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// administrator checks that this desk holds the authority's key.
func (s *session) administrator() error {
	switch {
	case !hotline.Allowed(hotline.ActionPublish, s.me.Roles...):
		return hotline.Errorf(hotline.KindDenied, "people", "only an administrator does this")
	case s.keys.Authority.IsZero() || !slices.Contains(s.authority().Keys, s.keys.Authority.Public()):
		return hotline.Errorf(hotline.KindDenied, "people", "this computer does not hold the authority's key")
	case s.blocked():
		return hotline.Errorf(hotline.KindForged, "people", "something does not verify: look at the alarms first")
	}
	return nil
}

// replaceable refuses another administrator in a house whose sheets hold no
// key of the authority: with two keys, two must sign, and a lost one could
// never be replaced.
func (s *session) replaceable(roles []hotline.Role) error {
	if !slices.Contains(roles, hotline.RoleAdministrator) || !s.roster.RecoveryKey.IsZero() {
		return nil
	}
	return hotline.Errorf(hotline.KindConflict, "people",
		"a second administrator is not possible in this house: its recovery sheets hold no key of the authority, so a lost administrator would lock everybody out")
}

// Invite registers an invitation and returns the line to hand over.
func (d *Desk) Invite(ctx context.Context, name string, roles []hotline.Role, teams []hotline.Team, valid time.Duration) (string, error) {
	if err := hotline.CheckRoles(roles); err != nil {
		return "", err
	}
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 64 || valid <= 0 {
		return "", hotline.Errorf(hotline.KindInvalid, "invite", "a call-name and a time are needed")
	}
	s, done, err := d.open("invite")
	if err != nil {
		return "", err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	id := seal.Hash(sha256.Sum256(secret))
	own := ownInvitation{name, roles, teams, s.d.cfg.Clock.Now().Add(valid).UnixMilli()}
	in := invitation{
		Server: s.keys.Server, Pin: s.keys.ServerTLS, Desk: s.keys.Desk, Authority: s.authority(), Secret: secret,
		Administrator: slices.Contains(roles, hotline.RoleAdministrator),
	}
	if !s.roster.ServerTLS.IsZero() {
		in.Pin = s.roster.ServerTLS
	}
	if err = s.administrator(); err == nil {
		err = s.replaceable(roles)
	}
	if err == nil {
		if s.kept.Invitations == nil {
			s.kept.Invitations = map[string]ownInvitation{}
		}
		s.kept.Invitations[id.String()] = own
		err = s.keep()
	}
	done()
	if err != nil {
		return "", err
	}
	if err := s.client.Invite(ctx, api.NewInvitation{ID: id, Name: name, Roles: roles, Teams: teams, Expires: own.Expires}); err != nil {
		return "", err
	}
	return in.encode()
}

// Enrolments lists the invitations and how far they have come.
func (d *Desk) Enrolments(ctx context.Context) ([]EnrolmentView, error) {
	s, done, err := d.open("enrolments")
	if err != nil {
		return nil, err
	}
	authority := s.authority()
	done()
	list, err := s.client.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]EnrolmentView, 0, len(list))
	err = s.under(func() error {
		for _, i := range list {
			v := EnrolmentView{ID: i.ID, Name: i.Name, Roles: i.Roles, Teams: i.Teams, Expires: time.UnixMilli(i.Expires), State: i.State}
			if own, ok := s.kept.Invitations[i.ID.String()]; ok {
				v.Ours, v.Name, v.Roles, v.Teams = true, own.Name, own.Roles, own.Teams
			}
			if b, err := seal.ParseBundle(i.Bundle); err == nil {
				v.Proposed, v.Joins = b.Name, s.joinWaits(b.Key.ID().String())
				if v.Fingerprint, err = seal.Fingerprint(authority, i.Bundle); err != nil {
					return err
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// ConfirmEnrolment signs a roster with the newcomer in it. fingerprint is the
// one that both people have read to each other; if the server has other keys
// by now nothing is signed. In a house of two the other administrator signs as
// well before the newcomer is in; until then EnrolmentView.Joins says so.
func (d *Desk) ConfirmEnrolment(ctx context.Context, id seal.Hash, fingerprint string) error {
	s, done, err := d.open("confirm")
	if err != nil {
		return err
	}
	own, ours := s.kept.Invitations[id.String()]
	authority := s.authority()
	err = s.administrator()
	done()
	switch {
	case err != nil:
		return err
	case !ours:
		return hotline.Errorf(hotline.KindDenied, "confirm", "this invitation was not made on this computer: what it grants is not known here. Invite again")
	}
	bundle, line, err := s.newcomer(ctx, id)
	if err != nil {
		return err
	}
	seen, err := seal.Fingerprint(authority, line)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(digitsOf(seen)), []byte(digitsOf(fingerprint))) != 1 {
		return hotline.Errorf(hotline.KindForged, "confirm", "these are not the keys whose fingerprint was compared. Nobody was let in")
	}
	s.keeping.Lock()
	defer s.keeping.Unlock()
	var waits *Waiting
	err = s.under(func() error { waits = s.joinWaits(bundle.Key.ID().String()); return nil })
	if err != nil || waits != nil {
		return err
	}
	waits, err = s.publishRoster(ctx, ReasonJoins, func(r *seal.Roster) error { return s.letIn(r, own, bundle) })
	if err != nil {
		return err
	}
	if waits != nil {
		return nil // the invitation stays: the proposal may be overtaken
	}
	err = s.under(func() error {
		delete(s.kept.Invitations, id.String())
		return s.keep()
	})
	if err != nil {
		return err
	}
	if err := s.refreshEpochs(ctx); err != nil && !lost(err) {
		return err
	}
	return nil // what is left, the connection makes up for
}

// letIn enters a newcomer. An administrator brings his own key of the
// authority, unless it is a second computer of somebody who has one.
func (s *session) letIn(r *seal.Roster, own ownInvitation, b seal.Bundle) error {
	if _, ok := r.Member(b.Key.ID().String()); ok {
		return nil
	}
	m := seal.Member{
		ID: b.Key.ID().String(), Name: freeName(*r, b.Name), Person: personNamed(*r, b.Name), Roles: own.Roles, Teams: own.Teams,
		Recipient: b.Recipient, Key: b.Key, TLS: b.TLS, Since: r.Hour,
	}
	if slices.Contains(own.Roles, hotline.RoleAdministrator) {
		if err := s.replaceable(own.Roles); err != nil {
			return err
		}
		for i := range r.Members { // an older house does not say whose its only key is
			if mine := &r.Members[i]; mine.ID == s.me.ID && mine.Authority.IsZero() && !s.together() {
				mine.Authority = s.keys.Authority.Public()
			}
		}
		has := slices.ContainsFunc(r.Members, func(x seal.Member) bool { return x.Active() && x.Who() == m.Person && !x.Authority.IsZero() })
		if !has {
			m.Authority = b.Authority
		}
		if !has && b.Authority.IsZero() {
			return hotline.Errorf(hotline.KindInvalid, "confirm", "the newcomer's desk has made no key of the authority: invite again")
		}
	}
	r.Members = append(r.Members, m)
	return s.takeOver(r)
}

// newcomer returns the keys that came with an invitation.
func (s *session) newcomer(ctx context.Context, id seal.Hash) (seal.Bundle, []byte, error) {
	list, err := s.client.Invitations(ctx)
	if err != nil {
		return seal.Bundle{}, nil, err
	}
	i := slices.IndexFunc(list, func(i api.Invitation) bool { return i.ID == id })
	if i < 0 {
		return seal.Bundle{}, nil, hotline.Errorf(hotline.KindNotFound, "confirm", "the server does not know this invitation")
	}
	if list[i].State != api.InvitationKeys {
		return seal.Bundle{}, nil, hotline.Errorf(hotline.KindConflict, "confirm", "the invitation is %q: there is nothing to confirm", hotline.Term{Of: hotline.OfInvitation, Name: list[i].State})
	}
	b, err := seal.ParseBundle(list[i].Bundle)
	return b, list[i].Bundle, err
}

// freeName keeps names apart: a second computer of one person is "Name (2)".
func freeName(r seal.Roster, name string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(r.Members, func(m seal.Member) bool { return m.Name == n && m.Active() })
	}
	free := name
	for n := 2; taken(free); n++ {
		free = name + " (" + strconv.Itoa(n) + ")"
	}
	return free
}

// personNamed is the first entry of the person who has that call-name on some
// active computer; none for a new person. Whoever enrols under a colleague's
// call-name counts as that colleague: two are made one, never one two.
func personNamed(r seal.Roster, name string) seal.OperatorID {
	for _, m := range r.Members {
		first, _ := r.Member(m.Who())
		if m.Active() && (strings.EqualFold(m.Name, name) || strings.EqualFold(first.Name, name)) {
			return m.Who()
		}
	}
	return ""
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// RefuseEnrolment takes an invitation back, or refuses the keys that came.
func (d *Desk) RefuseEnrolment(ctx context.Context, id seal.Hash) error {
	s, done, err := d.open("refuse")
	if err != nil {
		return err
	}
	err = s.administrator()
	done()
	if err != nil {
		return err
	}
	if err := s.client.RevokeInvitation(ctx, id); err != nil {
		return err
	}
	return s.under(func() error {
		delete(s.kept.Invitations, id.String())
		return s.keep()
	})
}

// publishRoster signs the next roster. The newest one is fetched and verified
// first; nothing that this desk has not verified is built upon. waits is set
// when another administrator must sign before it counts.
func (s *session) publishRoster(ctx context.Context, reason string, change func(*seal.Roster) error) (waits *Waiting, err error) {
	if err := s.refreshDocuments(ctx); err != nil {
		return nil, err
	}
	var doc api.Document
	err = s.under(func() error {
		r := s.roster
		r.Members = slices.Clone(r.Members)
		r.Serial, r.Hour = r.Serial+1, s.hour()
		if err := change(&r); err != nil {
			return err
		}
		signed, err := seal.SignRoster(r, s.keys.Authority)
		if err != nil {
			return err
		}
		doc = api.Document{Kind: api.DocumentRoster, Serial: r.Serial, Text: signed.Text()}
		_, err = seal.DraftRoster(doc.Text) // say here what every reader would refuse
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.publish(ctx, hotline.SharedRoster, doc, reason)
}
