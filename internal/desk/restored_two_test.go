package desk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/server" //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store"  //nolint:depguard // the tests boot the real server
)

// A house of two administrators goes on after a restore when both have accepted
// it, and each desk says for whom it waits.
func TestRestoreTakesTwo(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, withSheets)
	anna, abel := twoAdministrators(w)
	boris := w.work(&w.boris)
	c := w.newCase("We are two.")
	boris.await("the case", func() bool { v, err := boris.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	taken, to := w.takeBackup()
	must(anna.Reply(t.Context(), c.id, "Lost with the disk."))
	for _, st := range []*station{anna, abel, boris} {
		st.restart()
		st.caughtUp()
	}
	w.restore(taken, to, true)

	ok(t, anna.Acknowledge(anna.restored().ID))
	anna.await("her word is there", func() bool { return slices.Equal(anna.restored().By, []string{"Anna"}) })
	if a := anna.restored(); !a.Accepted || a.Acknowledged || !slices.Equal(a.Open, []string{"Abel"}) || !anna.State().Blocked {
		t.Errorf("one of two has accepted it: %+v", a)
	}
	// Again changes nothing: it is one person's word.
	ok(t, anna.Acknowledge(anna.restored().ID))
	abel.await("it waits for him", func() bool {
		a := abel.restored()
		return !a.Accepted && slices.Equal(a.By, []string{"Anna"}) && slices.Equal(a.Open, []string{"Abel"})
	})
	ok(t, abel.Acknowledge(abel.restored().ID))
	for _, st := range []*station{abel, anna, boris} {
		st.await("the desks go on", func() bool { s := st.State(); return s.Online && !s.Blocked })
		st.caughtUp()
	}
	acts := 0
	for _, e := range w.acts() {
		if e == "restore.accept" {
			acts++
		}
	}
	if acts != 2 {
		t.Errorf("%d acceptances are in the journal", acts)
	}
}

// The backup is from before the second administrator, a revocation by both, new
// keys and a new manifest: the desk of who was there hands in the chain of rosters
// with the manifest, the second one is known again, and it takes him too.
func TestRestoreAcrossAChangeOfAuthority(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, withSheets)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	c := w.newCase("We are two.")
	anna.await("the case", func() bool { v, err := anna.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	taken, to := w.takeBackup()
	_, abel := twoAdministratorsOf(w, anna)
	w.clock.move(time.Hour)
	ok(t, anna.Revoke(t.Context(), boris.State().ID, nil))
	ok(t, abel.Answer(t.Context(), abel.asks(hotline.SharedRoster).ID, true))
	w.approveManifest(t, anna, abel, 2)
	anna.await("the new keys", func() bool {
		left := anna.Renewal()
		return len(left.Epochs) == 0 && !left.Manifest && left.Cases == 0 && anna.view(c.id).Generation == 1
	})
	ok(t, backup.Source{DB: w.db, Signer: w.signer, Clock: w.clock.Now}.WriteKeys(t.Context(), to.Keys))
	roster := w.newestRoster()
	for _, st := range []*station{anna, abel} {
		st.restart()
		st.caughtUp()
	}
	w.restore(taken, to, true)
	if got := w.newestRoster(); got >= roster {
		t.Fatalf("the backup knows roster %d", got)
	}

	ok(t, anna.Acknowledge(anna.restored().ID))
	anna.await("her word is there", func() bool { return slices.Equal(anna.restored().By, []string{"Anna"}) })
	if got := w.newestRoster(); got != roster || !anna.State().Blocked {
		t.Errorf("the server has roster %d, not %d; blocked: %v", got, roster, anna.State().Blocked)
	}
	ok(t, abel.Acknowledge(abel.restored().ID))
	for _, st := range []*station{anna, abel} {
		st.await("the desks go on", func() bool { s := st.State(); return s.Online && !s.Blocked })
		st.caughtUp()
	}
	// Who was put out is out again, and pages have the manifest with the new key.
	boris.await("he is out", func() bool { return !boris.State().Online })
	w.approveManifest(t, anna, abel, 2)
	if r, err := anna.Reply(t.Context(), c.id, "We go on."); err != nil || r.Outcome != desk.OutcomeSent {
		t.Errorf("a reply after the restore: %+v, %v", r, err)
	}
	if report := must(server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)); !report.OK() {
		t.Errorf("the journal: %v", report)
	}
}

// restored waits for the newest alarm of a restore.
func (st *station) restored() (found desk.Alarm) {
	st.w.tb.Helper()
	st.await("the alarm of the restore", func() (there bool) {
		found, there = st.alarmWith("restored from a backup of")
		return there
	})
	return found
}

// twoAdministratorsOf lets Abel into a house whose first administrator works already.
func twoAdministratorsOf(w *world, anna *station) (*station, *station) {
	w.tb.Helper()
	abel, e := w.invited(anna, "Abel", administrator)
	ok(w.tb, anna.ConfirmEnrolment(context.Background(), e.ID, e.Fingerprint))
	ok(w.tb, abel.WaitEnrolled(context.Background()))
	abel.caughtUp()
	return anna, abel
}

// acts lists what the server's journal holds.
func (w *world) acts() (out []string) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.View(ctx, func(tx *store.Tx) error {
		leaves, err := tx.Journal().Leaves(ctx, 0, 1000)
		for _, l := range leaves {
			if l.Opening == nil {
				continue
			}
			e, err := journal.ParseEntry(l.Opening.Line)
			if err != nil {
				return err
			}
			out = append(out, e.Act)
		}
		return err
	}))
	return out
}

// One of two administrators is lost together with the server. The other one, with
// the sheets, ends his access on the server that was restored, and is then enough to
// accept it; colleagues read the roster before they count.
func TestLostAdministratorIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, withSheets)
	anna, abel := twoAdministrators(w)
	boris := w.work(&w.boris)
	c := w.newCase("We are two.")
	boris.await("the case", func() bool { v, err := boris.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	taken, to := w.takeBackup()
	must(anna.Reply(t.Context(), c.id, "Lost with the disk."))
	for _, st := range []*station{anna, boris} {
		st.restart()
		st.caughtUp()
	}
	abel.Lock()
	w.restore(taken, to, true)
	ok(t, anna.Acknowledge(anna.restored().ID))
	anna.await("her word is there", func() bool { return slices.Equal(anna.restored().By, []string{"Anna"}) })

	sheets := must(seal.RecoverySigningKey(w.recovery.Key))
	wantKind(t, anna.ReplaceLost(t.Context(), "Abel", must(seal.NewSigningKey())), hotline.KindDenied)
	wantKind(t, anna.ReplaceLost(t.Context(), "Nobody", sheets), hotline.KindNotFound)
	wantKind(t, anna.ReplaceLost(t.Context(), "Anna", sheets), hotline.KindInvalid)
	wantKind(t, boris.ReplaceLost(t.Context(), "Abel", sheets), hotline.KindDenied)
	ok(t, anna.ReplaceLost(t.Context(), "Abel", sheets))
	for _, st := range []*station{anna, boris} {
		st.await("the desks go on", func() bool { s := st.State(); return s.Online && !s.Blocked })
	}
	ok(t, abel.Unlock(t.Context(), passphrase))
	abel.await("he is out", func() bool { return !abel.State().Online && !abel.State().Offline.IsZero() })
	if r, _ := w.inForce(t); r.Authority.Threshold != 1 {
		t.Errorf("the authority is %+v", r.Authority)
	}
}
