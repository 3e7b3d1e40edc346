package desk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"           //nolint:depguard // a real server to work with
	"safeconduct/internal/store/db"        //nolint:depguard // a real server to work with
	"safeconduct/internal/store/storetest" //nolint:depguard // a real server to work with
)

var administrator = []hotline.Role{hotline.RoleAdministrator, hotline.RoleOperator}

// withSheets gives the sheets a key of the authority, as every new house does.
func withSheets(w *world) {
	w.roster.RecoveryKey = must(seal.RecoverySigningKey(w.recovery.Key)).Public()
	w.roster.Members[0].Authority = w.authority.Public()
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, newWorldBut(t, storetest.Open(t, storetest.URL(t, engine)), withSheets))
		})
	}
}

// invited brings a desk as far as its keys, and returns the administrator's
// view of it.
func (w *world) invited(admin *station, name string, roles []hotline.Role) (*station, desk.EnrolmentView) {
	w.tb.Helper()
	ctx := context.Background()
	text := must(admin.Invite(ctx, name, roles, []hotline.Team{hotline.TeamDesk}, time.Hour))
	st := w.newStation(nil)
	must(st.Enrol(ctx, text, name, passphrase))
	return st, admin.comes(name)
}

// twoAdministrators is a house of Anna and Abel.
func twoAdministrators(w *world) (anna, abel *station) {
	w.tb.Helper()
	anna = w.work(&w.anna)
	abel, e := w.invited(anna, "Abel", administrator)
	ok(w.tb, anna.ConfirmEnrolment(context.Background(), e.ID, e.Fingerprint))
	ok(w.tb, abel.WaitEnrolled(context.Background()))
	abel.caughtUp()
	return anna, abel
}

// asks waits for the one proposal of a kind that this person is asked about.
func (st *station) asks(act hotline.Shared) desk.ApprovalView {
	st.w.tb.Helper()
	var found desk.ApprovalView
	st.await("a proposal to decide", func() bool {
		for _, v := range must(st.Approvals()) {
			if v.Act == act && v.Decide {
				found = v
				return true
			}
		}
		return false
	})
	return found
}

func (w *world) inForce(t *testing.T) (seal.Roster, []byte) {
	t.Helper()
	var doc db.Document
	ok(t, w.db.View(t.Context(), func(tx *store.Tx) (err error) {
		doc, err = tx.LatestDocument(t.Context(), api.DocumentRoster)
		return err
	}))
	return must(seal.DraftRoster(doc.Body)), doc.Body
}

func isWaiting(w *desk.Waiting, by, forWhom string) bool {
	return w != nil && w.By == by && slices.Equal(w.For, []string{forWhom})
}

// Two administrators: from the second one on, nobody is let in and nobody put
// out by one of them alone, and a revocation goes on by itself when the other
// has signed.
func TestTwoAdministrators(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.newCase("слово")
		anna, abel := twoAdministrators(w)
		r, _ := w.inForce(t)
		if a := r.Authority; a.Threshold != 2 || len(a.Keys) != 3 || !slices.Contains(a.Keys, r.RecoveryKey) || r.Manifest.IsZero() {
			t.Fatalf("authority %+v", a)
		}
		// Let in: Anna proposes, Abel reads who comes, and approves.
		clara, e := w.invited(anna, "Clara", operator)
		ok(t, anna.ConfirmEnrolment(ctx, e.ID, e.Fingerprint))
		ok(t, anna.ConfirmEnrolment(ctx, e.ID, e.Fingerprint)) // again: it waits already
		if got := anna.comes("Clara").Joins; !isWaiting(got, "Anna", "Abel") || got.Until != hotline.HourOf(w.clock.Now())+72 {
			t.Errorf("waits: %+v", got)
		}
		if now, _ := w.inForce(t); now.Serial != r.Serial {
			t.Fatal("one administrator alone has let somebody in")
		}
		v := abel.asks(hotline.SharedRoster)
		if len(v.Lines) != 1 || v.Lines[0].Kind != desk.LineJoins || v.Lines[0].Name != "Clara" || v.Reason != desk.ReasonJoins {
			t.Errorf("%+v", v.Lines)
		}
		wantKind(t, anna.Answer(ctx, v.ID, true), hotline.KindDenied)
		ok(t, abel.Answer(ctx, v.ID, true))
		ok(t, clara.WaitEnrolled(ctx))
		clara.caughtUp()
		clara.await("the team's key", func() bool { return clara.view(c.id).CanReply })

		// Put out: it waits, and goes on when Abel has signed, after a restart too.
		lost := clara.State().ID
		w.clock.move(time.Hour)
		ok(t, anna.Revoke(ctx, lost, nil))
		i := slices.IndexFunc(anna.People(), func(p desk.Person) bool { return p.ID == lost })
		if p := anna.People()[i]; p.Until != 0 || !isWaiting(p.Leaves, "Anna", "Abel") {
			t.Errorf("%+v", p)
		}
		anna.restart()
		anna.caughtUp()
		v = abel.asks(hotline.SharedRoster)
		if len(v.Lines) != 1 || v.Lines[0].Kind != desk.LineLeaves || v.Lines[0].Name != "Clara" {
			t.Errorf("%+v", v.Lines)
		}
		ok(t, abel.Answer(ctx, v.ID, true))
		clara.await("the revoked desk to be out", func() bool { return !clara.State().Online })
		w.approveManifest(t, anna, abel, 2)
		anna.await("the new keys", func() bool {
			left := anna.Renewal()
			return len(left.Epochs) == 0 && !left.Manifest && left.Cases == 0 && anna.view(c.id).Generation == 1
		})
		for _, st := range []*station{anna, abel} {
			if s := st.State(); s.Blocked || s.Alarms > 0 {
				t.Errorf("alarms: %+v", st.Alarms())
			}
		}
	})
}

// approveManifest lets either administrator sign what the other's desk has
// proposed by itself, until a manifest names an epoch.
func (w *world) approveManifest(t *testing.T, anna, abel *station, epoch int) {
	t.Helper()
	anna.await("the manifest with the new key", func() bool {
		for _, st := range []*station{anna, abel} {
			list, err := st.Approvals()
			ok(t, err)
			for _, v := range list {
				if v.Act == hotline.SharedManifest && v.Decide {
					_ = st.Answer(t.Context(), v.ID, true) // the other may have been overtaken
				}
			}
		}
		var doc db.Document
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) (err error) {
			doc, err = tx.LatestDocument(t.Context(), api.DocumentManifest)
			return err
		}))
		r, _ := w.inForce(t)
		m := must(seal.VerifyManifestIn(doc.Body, r))
		return m.Teams[hotline.TeamDesk].Epoch == epoch
	})
}

// A desk that was away while the house came to have two administrators, and
// while both signed more, follows the chain of rosters; after a restart it
// knows its house without the server.
func TestAbsentDeskCatchesUp(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, withSheets)
	boris := w.work(&w.boris)
	boris.Lock()
	anna, abel := twoAdministrators(w)
	_, e := w.invited(anna, "Clara", operator)
	ok(t, anna.ConfirmEnrolment(t.Context(), e.ID, e.Fingerprint))
	ok(t, abel.Answer(t.Context(), abel.asks(hotline.SharedRoster).ID, true))
	ok(t, boris.Unlock(t.Context(), passphrase))
	boris.caughtUp()
	boris.restart()
	boris.caughtUp()
	if s := boris.State(); s.Blocked || s.Alarms > 0 || len(boris.People()) != 4 {
		t.Errorf("%+v; people %+v; alarms %+v", s, boris.People(), boris.Alarms())
	}
}

// A server that joins a signature of its own to one administrator's is not
// believed, neither as a roster in force nor as a proposal's document; and what
// one administrator signs alone the server does not publish.
func TestForgedSecondSignature(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorldWith(t, withSheets)
	anna, abel := twoAdministrators(w)
	now, _ := w.inForce(t)
	next := now
	next.Serial, next.Members = now.Serial+1, slices.Clone(now.Members)
	next.Members[1].Until = now.Hour // Boris
	alone := must(seal.SignRoster(next, w.authority))
	client := api.NewClient(w.addr, must(api.Certificate(w.anna.TLS)), w.anna.ServerTLS)
	wantKind(t, client.Publish(ctx, api.Document{Kind: api.DocumentRoster, Serial: next.Serial, Text: alone.Text()}), hotline.KindForged)
	forged := must(seal.SignRoster(next, w.authority, must(seal.NewSigningKey())))
	st := w.newStation(&w.boris)
	ok(t, st.Unlock(ctx, passphrase))
	st.caughtUp()
	st.wire.set(func(x *wire) {
		x.change = tamper("/v1/documents/roster", func(d *api.Document) { d.Serial, d.Text = next.Serial, forged.Text() })
	})
	w.stop()
	w.serve(nil)
	st.await("an alarm", func() bool { return st.State().Blocked })
	for _, p := range st.People() {
		if p.Until != 0 {
			t.Errorf("the forged roster is believed: %+v", p)
		}
	}
	// The document beside a proposal is another than the one that was proposed.
	abel.wire.set(func(x *wire) {
		x.change = tamper("/v1/proposals", func(l *api.ProposalList) {
			for i := range l.Proposals {
				if len(l.Proposals[i].Document) > 0 {
					l.Proposals[i].Document = forged.Text()
				}
			}
		})
	})
	w.clock.move(time.Hour)
	ok(t, anna.Revoke(ctx, w.boris.OperatorID(), nil))
	abel.await("an unreadable proposal", func() bool {
		for _, v := range must(abel.Approvals()) {
			if v.Act == hotline.SharedRoster && len(v.Lines) == 1 && v.Lines[0].Kind == desk.LineUnreadable && !v.Decide {
				wantKind(t, abel.Answer(ctx, v.ID, true), hotline.KindForged)
				return true
			}
		}
		return false
	})
	if r, _ := w.inForce(t); r.Serial != now.Serial {
		t.Error("a roster was published")
	}
}

// The manifest of two is proposed by one desk, by itself and once, long before
// it runs out; who refuses it is not asked again, and the head of the page warns.
func TestManifestOfTwo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorldWith(t, withSheets)
	anna, abel := twoAdministrators(w)
	manifests := func() (out []desk.ApprovalView) {
		for _, v := range must(abel.Approvals()) {
			if v.Act == hotline.SharedManifest {
				out = append(out, v)
			}
		}
		return out
	}
	v := abel.asks(hotline.SharedManifest) // the new authority signs what it has taken over
	if len(v.Lines) != 1 || v.Lines[0].Kind != desk.LineRenewed || v.By != "Anna" || v.Reason != desk.ReasonManifest {
		t.Errorf("%+v", v)
	}
	ok(t, abel.Answer(ctx, v.ID, true))
	r, _ := w.inForce(t)
	var doc db.Document
	ok(t, w.db.View(ctx, func(tx *store.Tx) (err error) {
		doc, err = tx.LatestDocument(ctx, api.DocumentManifest)
		return err
	}))
	if m := must(seal.VerifyManifest(doc.Body, r.Authority)); m.Serial != 2 {
		t.Errorf("serial %d", m.Serial)
	}
	if len(manifests()) != 1 || anna.State().Signs != 0 {
		t.Errorf("%+v", manifests())
	}
	w.clock.move(15*24*time.Hour + time.Hour) // half of its time; a day later Abel's desk would
	anna.restart()
	v = abel.asks(hotline.SharedManifest)
	ok(t, abel.Answer(ctx, v.ID, false))
	anna.await("the refusal", func() bool {
		return slices.ContainsFunc(must(anna.Approvals()), func(a desk.ApprovalView) bool { return a.ID == v.ID && a.State == api.ProposalRefused })
	})
	w.clock.move(5 * 24 * time.Hour)
	for _, st := range []*station{anna, abel} {
		st.restart()
		st.caughtUp()
		if st.State().Signs == 0 {
			t.Error("no warning")
		}
	}
	if len(manifests()) != 2 {
		t.Errorf("proposed again: %+v", manifests())
	}
}
