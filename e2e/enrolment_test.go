package e2e

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

// newcomer is a desk without keys, on another computer.
func newcomer(tb testing.TB) (d *desk.Desk, dir string) {
	tb.Helper()
	dir = filepath.Join(tb.TempDir(), "desk")
	d, err := desk.Open(desk.Config{Dir: dir, WorkFactor: quick})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Errorf("close the desk: %v", err)
		}
	})
	return d, dir
}

// knock is the newcomer's half: steps 1 to 3. It returns the fingerprint that the newcomer
// reads aloud.
func knock(tb testing.TB, admin, d *desk.Desk, name string) string {
	tb.Helper()
	line, err := admin.Invite(tb.Context(), name, []hotline.Role{hotline.RoleOperator}, []hotline.Team{hotline.TeamDesk}, time.Hour)
	if err != nil {
		tb.Fatalf("invite: %v", err)
	}
	fingerprint, err := d.Enrol(tb.Context(), line, name, passphrase)
	if err != nil {
		tb.Fatalf("enrol: %v", err)
	}
	if d.State().Fingerprint != fingerprint {
		tb.Errorf("the newcomer's desk shows the fingerprint %q and then %q", fingerprint, d.State().Fingerprint)
	}
	return fingerprint
}

// arrived waits until the newest newcomer's keys are at the administrator's desk.
func arrived(tb testing.TB, admin *desk.Desk) desk.EnrolmentView {
	tb.Helper()
	var view desk.EnrolmentView
	until(tb, admin, "the newcomer's keys are here", func() bool {
		all, err := admin.Enrolments(tb.Context())
		i := slices.IndexFunc(all, func(v desk.EnrolmentView) bool { return v.State == api.InvitationKeys })
		if err != nil || i < 0 {
			return false
		}
		view = all[i]
		return true
	})
	return view
}

// enrol goes all six steps and waits until the newcomer can work.
func enrol(tb testing.TB, admin *desk.Desk, name string) (d *desk.Desk, dir string) {
	tb.Helper()
	d, dir = newcomer(tb)
	fingerprint := knock(tb, admin, d, name)
	view := arrived(tb, admin)
	if view.Fingerprint != fingerprint || fingerprint == "" {
		tb.Fatalf("the newcomer reads %q, the administrator %q", fingerprint, view.Fingerprint)
	}
	if err := admin.ConfirmEnrolment(tb.Context(), view.ID, fingerprint); err != nil {
		tb.Fatalf("confirm: %v", err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	if err := d.WaitEnrolled(ctx); err != nil {
		tb.Fatalf("the newcomer is not let in: %v; %s", err, stateOf(d))
	}
	connected(tb, d)
	return d, dir
}

// TestEnrolment brings a second operator in, who reads what was written before, and
// answers; then the same operator's second computer, and new keys after a
// forgotten passphrase.
func TestEnrolment(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, onDatabase(engine))
			client := h.contact()
			keys := quickKeys(t)
			c, err := client.StartWith(t.Context(), keys, "Написано раньше.", "ru")
			if err != nil {
				t.Fatal(err)
			}
			admin := h.openDesk()
			readable := func(d *desk.Desk, text string) {
				t.Helper()
				caseWith(t, d, c.ID(), text+" can be read", func(v desk.CaseView) bool {
					return v.CanReply && slices.Contains(texts(v, hotline.SideContact), text) && len(v.Summary) == 0
				})
			}
			readable(admin, "Написано раньше.")

			second, _ := enrol(t, admin, "Stork")
			readable(second, "Написано раньше.")
			if r, err := second.Reply(t.Context(), c.ID(), "Здравствуйте."); err != nil || r.Outcome != desk.OutcomeSent {
				t.Fatalf("the newcomer's reply: %+v, %v", r, err)
			}
			caseWith(t, admin, c.ID(), "the newcomer's reply is signed by him", func(v desk.CaseView) bool {
				return slices.ContainsFunc(v.Messages, func(m desk.Message) bool { return m.Signer == "Stork" && m.Verified })
			})

			// A second computer: own keys, told apart by name.
			other, _ := enrol(t, admin, "Stork")
			readable(other, "Написано раньше.")
			if got := other.State().ID; got == second.State().ID {
				t.Error("two computers have one id")
			}
			names := map[string]int{}
			for _, p := range admin.People() {
				names[p.Name]++
			}
			if len(names) != 3 {
				t.Errorf("the roster tells people apart as %v", names)
			}

			// A forgotten passphrase: the keys are as good as gone. The old entry goes, and
			// new ones have come already.
			forgotten := second.State().ID
			if err := second.Close(); err != nil {
				t.Fatal(err)
			}
			if err := admin.Revoke(t.Context(), forgotten, nil); err != nil {
				t.Fatalf("revoke: %v", err)
			}
			if err := c.Send(t.Context(), "Написано после.", "ru"); err != nil {
				t.Fatal(err)
			}
			readable(admin, "Написано после.")
			readable(other, "Написано после.")
			readable(other, "Написано раньше.")
		})
	}
}

// TestSwappedKeys lets the server put other keys in the place of the newcomer's: the
// two fingerprints differ, and what the newcomer reads aloud confirms nothing.
func TestSwappedKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.openDesk()
	d, _ := newcomer(t)
	fingerprint := knock(t, admin, d, "Stork")
	view := arrived(t, admin)
	if view.Fingerprint != fingerprint {
		t.Fatalf("the fingerprints differ before anything was swapped: %q, %q", fingerprint, view.Fingerprint)
	}

	identity, signing := newKeys(t)
	_, tls := newKeys(t)
	pin, err := api.Pin(tls.Public())
	if err != nil {
		t.Fatal(err)
	}
	stranger := seal.KeyFile{Name: "Stork", Identity: identity, Signing: signing, TLS: tls}
	bundle, err := stranger.Bundle(pin).Encode()
	if err != nil {
		t.Fatal(err)
	}
	base, err := sql.Open("sqlite", h.database()+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	if _, err := base.ExecContext(t.Context(), "UPDATE invitation SET bundle = $1, operator = $2", bundle, stranger.OperatorID()); err != nil {
		t.Fatal(err)
	}

	swapped := arrived(t, admin)
	if swapped.Fingerprint == fingerprint {
		t.Fatal("the administrator reads the newcomer's fingerprint for other keys")
	}
	if err := admin.ConfirmEnrolment(t.Context(), swapped.ID, fingerprint); err == nil {
		t.Error("the fingerprint that the newcomer reads confirms other keys")
	}
	if people := admin.People(); len(people) != 1 {
		t.Errorf("somebody is in the roster: %+v", people)
	}
}
