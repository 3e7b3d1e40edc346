package server_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// invite registers an invitation and returns its secret.
func (w *world) invite(t *testing.T, word string) []byte {
	t.Helper()
	secret := sha256.Sum256([]byte(word))
	n := api.NewInvitation{
		ID: sha256.Sum256(secret[:]), Name: word, Roles: []hotline.Role{hotline.RoleOperator},
		Teams: []hotline.Team{hotline.TeamDesk}, Expires: w.clock.Now().Add(time.Hour).UnixMilli(),
	}
	_, err := w.do(w.people["ada"], "POST", api.PathInvitations, n)
	ok(t, err)
	return secret[:]
}

func (w *world) states(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, err := get[[]api.Invitation](w, w.people["ada"], api.PathInvitations)
	ok(t, err)
	for _, i := range list {
		out[i.Name] = i.State
	}
	return out
}

// publish changes the roster.
func (w *world) publish(t *testing.T, change func(*seal.Roster)) {
	t.Helper()
	w.roster.Serial++
	w.roster.Members = append([]seal.Member(nil), w.roster.Members...)
	change(&w.roster)
	_, err := w.do(w.people["ada"], "POST", api.PathDocuments, api.Document{Kind: api.DocumentRoster, Serial: w.roster.Serial, Text: w.sign(w.roster)})
	ok(t, err)
}

func TestEnrolment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		nora, thief := newPerson("nora", nil, hotline.TeamDesk), newPerson("thief", nil, hotline.TeamDesk)
		nora.member.Roles = []hotline.Role{hotline.RoleOperator}
		secret := w.invite(t, "nora")
		good := api.Enrol{Secret: secret, Bundle: bundle(nora)}
		_, err := get[api.Enrolment](w, nora, api.PathEnrol)
		wantKind(t, err, hotline.KindNotFound)
		member := newPerson("x", nil)
		member.key = w.people["olga"].key
		w.refuse(t, nora, api.PathEnrol, good, []bad{
			{"nothing", api.Enrol{}, hotline.KindInvalid},
			{"another secret", api.Enrol{Secret: make([]byte, 32), Bundle: bundle(nora)}, hotline.KindDenied},
			{"the id as secret", api.Enrol{Secret: func() []byte { s := sha256.Sum256(secret); return s[:] }(), Bundle: bundle(nora)}, hotline.KindDenied},
			{"a short secret", api.Enrol{Secret: secret[:31], Bundle: bundle(nora)}, hotline.KindDenied},
			{"another's certificate", api.Enrol{Secret: secret, Bundle: bundle(thief)}, hotline.KindForged},
			{"a bundle that is none", api.Enrol{Secret: secret, Bundle: []byte("{}")}, hotline.KindInvalid},
			{"a member's key", api.Enrol{Secret: secret, Bundle: must(seal.Bundle{
				Name: "x", Recipient: nora.id.Recipient(), Key: member.key.Public(), TLS: nora.member.TLS,
			}.Encode())}, hotline.KindConflict},
		})
		if s := w.states(t)["nora"]; s != api.InvitationKeys {
			t.Errorf("after the keys came: %q", s)
		}
		e, err := get[api.Enrolment](w, nora, api.PathEnrol)
		ok(t, err)
		if e.State != api.InvitationKeys || e.Roster != nil {
			t.Errorf("the newcomer sees %+v", e)
		}
		_, err = w.do(nora, "POST", api.PathEnrol, good)
		ok(t, err) // sent again after a lost answer
		_, err = get[api.Me](w, nora, api.PathMe)
		wantKind(t, err, hotline.KindDenied)
		_, err = w.do(thief, "POST", api.PathEnrol, api.Enrol{Secret: secret, Bundle: bundle(thief)})
		wantKind(t, err, hotline.KindConflict)
		if s := w.states(t)["nora"]; s != api.InvitationContested {
			t.Errorf("after other keys came: %q", s)
		}
		_, err = get[api.Enrolment](w, thief, api.PathEnrol)
		wantKind(t, err, hotline.KindNotFound)

		w.publish(t, func(r *seal.Roster) { r.Members = append(r.Members, nora.member) })
		if s := w.states(t)["nora"]; s != api.InvitationSigned {
			t.Errorf("after the roster: %q", s)
		}
		e, err = get[api.Enrolment](w, nora, api.PathEnrol)
		ok(t, err)
		if r := must(seal.VerifyRoster(e.Roster, w.trust())); e.State != api.InvitationSigned || r.Serial != w.roster.Serial {
			t.Errorf("the newcomer gets %q and roster %d", e.State, r.Serial)
		}
		_, err = get[api.Me](w, nora, api.PathMe)
		ok(t, err)
		_, err = w.do(w.people["ada"], "DELETE", fill(api.PathInvitation, seal.Hash(sha256.Sum256(secret))), struct{}{})
		wantKind(t, err, hotline.KindConflict)
		late := newPerson("late", nil)
		_, err = w.do(late, "POST", api.PathEnrol, api.Enrol{Secret: secret, Bundle: bundle(late)})
		wantKind(t, err, hotline.KindDenied)

		w.publish(t, func(r *seal.Roster) { r.Members[len(r.Members)-1].Until = 2 })
		e, err = get[api.Enrolment](w, nora, api.PathEnrol)
		ok(t, err)
		if e.State != api.InvitationRevoked || e.Roster != nil {
			t.Errorf("a revoked member sees %q", e.State)
		}
	})
}

func TestInvitationsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ada, nora, paul := w.people["ada"], newPerson("nora", nil), newPerson("paul", nil)
		revoked, over, used := w.invite(t, "revoked"), w.invite(t, "over"), w.invite(t, "used")
		_, err := w.do(ada, "DELETE", fill(api.PathInvitation, seal.Hash(sha256.Sum256(revoked))), struct{}{})
		ok(t, err)
		_, err = w.do(nora, "POST", api.PathEnrol, api.Enrol{Secret: revoked, Bundle: bundle(nora)})
		wantKind(t, err, hotline.KindDenied)
		_, err = w.do(paul, "POST", api.PathEnrol, api.Enrol{Secret: used, Bundle: bundle(paul)})
		ok(t, err)
		w.clock.Move(time.Hour)
		_, err = w.do(nora, "POST", api.PathEnrol, api.Enrol{Secret: over, Bundle: bundle(nora)})
		wantKind(t, err, hotline.KindDenied)
		e, err := get[api.Enrolment](w, paul, api.PathEnrol)
		ok(t, err)
		if e.State != api.InvitationExpired {
			t.Errorf("keys that nobody signed in time: %q", e.State)
		}
		// The background work says the same, and leaves leaves.
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		hints := w.db.Subscribe(ctx)
		at := int64(len(w.entries(0)))
		go func() { done <- w.s.Run(ctx) }()
		for len(w.entries(at)) < 2 {
			<-hints
		}
		cancel()
		ok(t, <-done)
		for _, entry := range w.entries(at) {
			if entry.Act != "invitation.expire" || entry.Actor != "server" {
				t.Errorf("leaf %+v", entry)
			}
		}
		got := w.states(t)
		if got["revoked"] != api.InvitationRevoked || got["over"] != api.InvitationExpired || got["used"] != api.InvitationExpired {
			t.Errorf("states %v", got)
		}
	})
}

// Whoever is revoked is refused at the next request, on every node, and the
// wraps for him are gone; so are those of a team that somebody has left.
func TestRevocation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		other := *w
		other.s = w.node(w.db, nil)
		otto, frank := w.people["otto"], w.people["frank"]
		for _, node := range []*world{w, &other} {
			_, err := get[api.Me](node, otto, api.PathMe)
			ok(t, err)
		}
		w.publish(t, func(r *seal.Roster) {
			r.Members[1].Until = 2
			r.Members[5].Teams = nil
		})
		for _, node := range []*world{w, &other} {
			_, err := get[api.Me](node, otto, api.PathMe)
			wantKind(t, err, hotline.KindDenied)
		}
		me, err := get[api.Me](&other, frank, api.PathMe)
		ok(t, err)
		if len(me.Member.Teams) != 0 || me.Roster != 2 {
			t.Errorf("frank is %+v", me)
		}
		epochs, err := get[[]api.Epoch](w, w.people["ada"], api.PathEpochs)
		ok(t, err)
		for _, e := range epochs {
			for _, h := range e.Holders {
				if h == otto.member.ID || h == frank.member.ID {
					t.Errorf("team %s is still wrapped to %s", e.Team, h)
				}
			}
		}
		if len(epochs) != 2 || len(epochs[0].Holders) != 3 || len(epochs[1].Holders) != 1 {
			t.Errorf("epochs: %+v", epochs)
		}
	})
}
