package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

var operator = []hotline.Role{hotline.RoleOperator}

// enrol brings a new desk into the house.
func (w *world) enrol(admin *station, name string) *station {
	w.tb.Helper()
	ctx := context.Background()
	text := must(admin.Invite(ctx, name, operator, []hotline.Team{hotline.TeamDesk}, time.Hour))
	st := w.newStation(nil)
	if st.State().Phase != desk.PhaseNoKeys {
		w.tb.Fatal("a new desk has keys")
	}
	mine := must(st.Enrol(ctx, text, name, passphrase))
	e := admin.comes(name)
	if mine != e.Fingerprint {
		w.tb.Fatalf("fingerprints differ: %s, %s", mine, e.Fingerprint)
	}
	ok(w.tb, admin.ConfirmEnrolment(ctx, e.ID, mine))
	ok(w.tb, st.WaitEnrolled(ctx))
	st.caughtUp()
	return st
}

// comes waits for a newcomer's keys.
func (st *station) comes(name string) desk.EnrolmentView {
	st.w.tb.Helper()
	var found desk.EnrolmentView
	st.await("the newcomer's keys", func() bool {
		for _, e := range must(st.Enrolments(context.Background())) {
			if e.Name == name && e.State == api.InvitationKeys {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

func TestEnrolAndRevoke(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c, closed := w.newCase("первое"), w.newCase("закрыто")
	admin := w.work(&w.anna)
	r, err := admin.SetStage(ctx, closed.id, hotline.StageUnfounded)
	sent(t, r, err)
	clara := w.enrol(admin, "Clara")
	second := w.enrol(admin, "Clara") // her second computer, or a forgotten passphrase
	names := func() (out []string) {
		for _, p := range admin.People() {
			if p.Until == 0 {
				out = append(out, p.Name)
			}
		}
		return out
	}
	if !slices.Equal(names(), []string{"Anna", "Boris", "Clara", "Clara (2)"}) {
		t.Fatalf("%q", names())
	}
	for _, st := range []*station{clara, second} {
		st.await("the team's key", func() bool { return st.view(c.id).CanReply })
		if v := st.view(c.id); v.Messages[0].Text != "первое" {
			t.Errorf("%+v", v)
		}
	}
	r, err = clara.Reply(ctx, c.id, "ответ Клары")
	sent(t, r, err)
	lost := clara.State().ID
	w.clock.move(time.Hour)
	var steps []desk.Progress
	ok(t, admin.Revoke(ctx, lost, func(p desk.Progress) { steps = append(steps, p) }))
	if len(steps) < 4 {
		t.Errorf("%+v", steps)
	}
	if v := admin.Renewal(); v.Manifest || v.Cases != 0 || len(v.Epochs) != 0 {
		t.Errorf("left to do: %+v", v)
	}
	clara.await("the revoked desk to be out", func() bool { return !clara.State().Online })
	v := admin.view(c.id)
	if v.Generation != 1 || v.Problems != 0 || v.Messages[1].Signer != "Clara" {
		t.Errorf("%+v", v)
	}
	if v := admin.view(closed.id); v.Generation != 0 || v.Problems != 0 {
		t.Errorf("%+v", v)
	}
	// The rest of the house goes on under the new keys, the person too.
	second.await("the new key", func() bool { return second.view(c.id).CanReply && second.view(c.id).Generation == 1 })
	r, err = second.Reply(ctx, c.id, "под новым ключом")
	sent(t, r, err)
	if got := w.replies(c); !slices.Equal(got, []string{"ответ Клары", "под новым ключом"}) {
		t.Errorf("%q", got)
	}
	if v := admin.view(c.id); v.Problems != 0 {
		t.Errorf("%+v", v)
	}
	ok(t, admin.Revoke(ctx, lost, nil)) // again: nothing is left to do
	wantKind(t, admin.Revoke(ctx, admin.State().ID, nil), hotline.KindInvalid)
	wantKind(t, admin.Revoke(ctx, "nobody", nil), hotline.KindNotFound)
}

// TestRevocationIsResumed breaks the renewal off at each step and starts the
// program again.
func TestRevocationIsResumed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var cases []*contact
	for range 3 {
		cases = append(cases, w.newCase("дело"))
	}
	admin := w.work(&w.anna)
	for _, stop := range []string{"new key for team desk", "publishing the new keys", "new keys for open cases"} {
		ctx, cancel := context.WithCancel(t.Context())
		err := admin.Revoke(ctx, w.boris.OperatorID(), func(p desk.Progress) {
			if p.Step.String() == stop && (p.Total == 0 || p.Done == p.Total-1 || p.Done == 1) {
				cancel()
			}
		})
		cancel()
		if err == nil {
			t.Fatalf("not broken off at %q", stop)
		}
		admin.restart()
		admin.caughtUp()
		if v := admin.Renewal(); v.Cases == 0 && len(v.Epochs) == 0 && !v.Manifest {
			t.Fatalf("after %q nothing is left to do: %+v", stop, v)
		}
	}
	ok(t, admin.Renew(t.Context(), nil))
	for _, c := range cases {
		if v := admin.view(c.id); v.Generation != 1 || v.Problems != 0 || !v.CanReply {
			t.Errorf("%+v", v)
		}
	}
	if v := admin.Renewal(); v.Cases != 0 || v.Manifest || len(v.Epochs) != 0 {
		t.Errorf("%+v", v)
	}
}

// TestEnrolmentIsNotFooled lets the server put its own keys and its own rights
// into an enrolment.
func TestEnrolmentIsNotFooled(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	admin := w.work(&w.anna)
	text := must(admin.Invite(ctx, "Clara", operator, nil, time.Hour))
	st := w.newStation(nil)
	fingerprint := must(st.Enrol(ctx, text, "Clara", passphrase))
	e := admin.comes("Clara")
	mallory := w.person("Clara", w.roster.Desk)
	admin.wire.set(func(x *wire) {
		x.change = tamper("/v1/invitations", func(list *[]api.Invitation) {
			(*list)[0].Bundle = must(mallory.Bundle(must(api.Pin(mallory.TLS.Public()))).Encode())
		})
	})
	wantKind(t, admin.ConfirmEnrolment(ctx, e.ID, fingerprint), hotline.KindForged)
	admin.wire.set(func(x *wire) {
		x.change = tamper("/v1/invitations", func(list *[]api.Invitation) {
			(*list)[0].Roles, (*list)[0].Teams = hotline.Roles()[:3], []hotline.Team{hotline.TeamDesk, hotline.TeamField}
		})
	})
	ok(t, admin.ConfirmEnrolment(ctx, e.ID, fingerprint))
	i := slices.IndexFunc(admin.People(), func(p desk.Person) bool { return p.Name == "Clara" })
	if p := admin.People()[i]; !slices.Equal(p.Roles, operator) || len(p.Teams) != 0 {
		t.Errorf("the server gave rights: %+v", p)
	}
	admin.wire.set(func(x *wire) { x.change = nil })
	// The newcomer believes only a roster of the invitation's authority.
	other := newWorld(t)
	fooled := w.newStation(nil)
	text = must(admin.Invite(ctx, "Dora", operator, nil, time.Hour))
	roster := must(seal.SignRoster(other.roster, other.authority)).Text()
	fooled.wire.set(func(x *wire) {
		x.change = tamper("/v1/enrol", func(e *api.Enrolment) { e.State, e.Roster = api.InvitationSigned, roster })
	})
	must(fooled.Enrol(ctx, text, "Dora", passphrase))
	fooled.await("an alarm", func() bool { return fooled.State().Blocked })
	if fooled.State().Phase != desk.PhaseEnrolling {
		t.Errorf("%+v", fooled.State())
	}
}

// TestEnrolmentSurvivesRestarts ends the newcomer's program at each step.
func TestEnrolmentSurvivesRestarts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	admin := w.work(&w.anna)
	text := must(admin.Invite(ctx, "Clara", operator, []hotline.Team{hotline.TeamDesk}, time.Hour))
	st := w.newStation(nil)
	st.wire.set(func(x *wire) { x.cut = true }) // the keys do not get through at first
	fingerprint := must(st.Enrol(ctx, text, "Clara", passphrase))
	st.restart()
	if s := st.State(); s.Phase != desk.PhaseEnrolling || s.Fingerprint != fingerprint {
		t.Fatalf("%+v", s)
	}
	st.wire.set(func(x *wire) { x.cut = false })
	e := admin.comes("Clara")
	st.Lock()
	ok(t, admin.ConfirmEnrolment(ctx, e.ID, strings.ReplaceAll(fingerprint, " ", "")))
	st.restart()
	ok(t, st.WaitEnrolled(ctx))
	st.caughtUp()
	if _, err := st.Enrol(ctx, text, "Clara", passphrase); hotline.KindOf(err) != hotline.KindConflict {
		t.Errorf("enrolled twice: %v", err)
	}
}

func TestRefusedEnrolmentAndBadInvitations(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	admin := w.work(&w.anna)
	_, err := admin.Invite(ctx, "Second", []hotline.Role{hotline.RoleAdministrator}, nil, time.Hour)
	wantKind(t, err, hotline.KindConflict) // the sheets of this house hold no key of the authority
	_, err = admin.Invite(ctx, "Both", []hotline.Role{hotline.RoleAuditor, hotline.RoleOperator}, nil, time.Hour)
	wantKind(t, err, hotline.KindInvalid)
	boris := w.work(&w.boris)
	_, err = boris.Invite(ctx, "Clara", operator, nil, time.Hour)
	wantKind(t, err, hotline.KindDenied)
	wantKind(t, boris.Revoke(ctx, w.anna.OperatorID(), nil), hotline.KindDenied)
	text := must(admin.Invite(ctx, "Clara", operator, nil, time.Hour))
	st := w.newStation(nil)
	for _, bad := range []string{"", "scinvite1.", text[:len(text)-9], "x" + text} {
		_, err := st.Enrol(ctx, bad, "Clara", passphrase)
		wantKind(t, err, hotline.KindInvalid)
	}
	_, err = st.Enrol(ctx, text, "Clara", "short")
	wantKind(t, err, hotline.KindInvalid)
	must(st.Enrol(ctx, " "+text[:20]+"\n"+text[20:], "Clara", passphrase))
	e := admin.comes("Clara")
	ok(t, admin.RefuseEnrolment(ctx, e.ID))
	st.await("the refusal", func() bool { return strings.Contains(st.State().Offline.String(), "did not confirm") })
	wantKind(t, admin.ConfirmEnrolment(ctx, e.ID, e.Fingerprint), hotline.KindDenied)
}

// TestActsBeforeTheirRoster shows a newcomer's acts to a desk that does not
// know the newcomer yet: they count as forged until the roster is there.
func TestActsBeforeTheirRoster(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c := w.newCase("слово")
	admin := w.work(&w.anna)
	clara := w.enrol(admin, "Clara")
	clara.await("the team's key", func() bool { return clara.view(c.id).CanReply })
	r, err := clara.Reply(ctx, c.id, "ответ Клары")
	sent(t, r, err)
	r, err = clara.SetStage(ctx, c.id, hotline.StageStandby)
	sent(t, r, err)
	st := w.newStation(&w.boris)
	old := must(seal.SignRoster(w.roster, w.authority)).Text()
	st.wire.set(func(x *wire) {
		x.change = tamper("/v1/documents/roster", func(d *api.Document) { d.Text = old })
	})
	ok(t, st.Unlock(ctx, passphrase))
	st.caughtUp()
	v := st.view(c.id)
	if v.Messages[1].Verified || v.Stage != hotline.StageNew || kinds(v)[desk.ProblemForged] != 2 {
		t.Fatalf("%v %+v", kinds(v), v)
	}
	st.wire.set(func(x *wire) { x.change = nil })
	w.stop()
	w.serve(nil)
	st.await("the roster", func() bool { return len(st.People()) == 3 && st.view(c.id).Problems == 0 })
	if v := st.view(c.id); v.Messages[1].Signer != "Clara" || v.Stage != hotline.StageStandby || v.Problems != 0 {
		t.Errorf("%v %+v", kinds(v), v)
	}
}
