package desk_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/backup"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/server"          //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store"           //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/db"        //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/storetest" //nolint:depguard // the tests boot the real server
)

// restore puts the server back to a backup, as `safeconduct restore` does.
func (w *world) restore(taken backup.Taken, to backup.Target, recorded bool) {
	w.tb.Helper()
	ctx := context.Background()
	w.stop()
	w.db = storetest.Open(w.tb, storetest.URL(w.tb, storetest.SQLite))
	ok(w.tb, backup.LoadFile(ctx, taken.Path, taken.Manifest, w.db, nil))
	keys := must(backup.CheckFile(to.Keys, w.signer.Verifier()))
	ok(w.tb, w.db.Update(ctx, func(tx *store.Tx) error {
		before := must(tx.TeamEpochs(ctx))
		if err := backup.LoadInto(ctx, to.Keys, keys, tx); err != nil {
			return err
		}
		if !recorded {
			return nil
		}
		facts := server.Restored{Backup: taken.Manifest.ID(), Hour: taken.Manifest.Hour}
		for _, e := range must(tx.TeamEpochs(ctx)) {
			if !slices.ContainsFunc(before, func(b db.TeamEpoch) bool { return b.Team == e.Team && b.N == e.N }) {
				facts.Epochs = append(facts.Epochs, e)
			}
		}
		return server.RecordRestore(ctx, tx, w.signer, w.clock.Now, facts)
	}))
	w.objects = objecttest.New(w.tb, w.db, w.clock.Now, object.Limits{})
	ok(w.tb, backup.LoadObjects(ctx, taken.Path, taken.Manifest, w.db, backup.PutInto(w.objects.Blobs), nil))
	w.s = must(server.New(server.Config{
		DB: w.db, Objects: w.objects.Keeper, Journal: w.signer, IndexKey: w.index, Clock: w.clock.Now, Log: slog.New(slog.NewTextHandler(w.logs, nil)),
	}))
	w.serve(nil)
}

func (w *world) takeBackup() (backup.Taken, backup.Target) {
	w.tb.Helper()
	dir := w.tb.TempDir()
	to := backup.Target{Dir: filepath.Join(dir, "b"), Keys: filepath.Join(dir, "k", "keys.tar"), Keep: 1}
	return must(backup.Source{DB: w.db, Blobs: w.objects.Blobs, Signer: w.signer, Clock: w.clock.Now}.Take(context.Background(), to)), to
}

func (st *station) alarmWith(words string) (desk.Alarm, bool) {
	for _, a := range st.Alarms() {
		if strings.Contains(a.Text.String(), words) {
			return a, true
		}
	}
	return desk.Alarm{}, false
}

// TestDesksAfterARestore: two desks that know more than the restored server
// say so; nothing is sent until an administrator accepts it, for both; what is
// gone is named case by case; a roster that the backup does not know is handed
// in again; and the person reads what had not been put away.
func TestDesksAfterARestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	c := w.newCase("We are two.")
	ctx := t.Context()
	anna.await("the case", func() bool { v, err := anna.Case(ctx, c.id); return err == nil && len(v.Messages) == 1 })
	must(anna.Reply(ctx, c.id, "Put away before."))
	must(anna.Reply(ctx, c.id, "Still to be read."))
	w.putAwayFirst(c)
	taken, to := w.takeBackup()

	// After the backup: a reply, a case, a new member.
	must(anna.Reply(ctx, c.id, "Lost with the disk."))
	lost := w.newCase("We are three.")
	boris.await("the second case", func() bool { v, err := boris.Case(ctx, lost.id); return err == nil && len(v.Messages) == 1 })
	boris.await("the last reply", func() bool { return len(boris.view(c.id).Messages) == 4 })
	clara := w.enrol(anna, "Clara")
	clara.caughtUp()
	roster := w.newestRoster()
	boris.restart() // a desk that keeps only what is on its disk
	boris.caughtUp()
	anna.restart()
	anna.caughtUp()

	w.restore(taken, to, true)
	for _, st := range []*station{anna, boris} {
		st.await("the alarm", func() bool { _, found := st.alarmWith("restored from a backup of 2026-03-01 12:00 UTC"); return found })
		if !st.State().Blocked {
			t.Error("acts go on")
		}
	}
	// An operator cannot accept it.
	a, _ := boris.alarmWith("restored from a backup")
	wantKind(t, boris.Acknowledge(a.ID), hotline.KindDenied)
	a, _ = anna.alarmWith("restored from a backup")
	ok(t, anna.Acknowledge(a.ID))
	anna.caughtUp()
	boris.await("the other desk goes on by itself", func() bool { return boris.State().Online && !boris.State().Blocked })
	boris.caughtUp()

	// What is missing is named.
	for _, st := range []*station{anna, boris} {
		st.await("the shorter case", func() bool { _, found := st.alarmWith("is shorter than it was"); return found })
		st.await("the lost case", func() bool { _, found := st.alarmWith("no longer in the server's list"); return found })
	}
	if got := w.newestRoster(); got != roster {
		t.Errorf("the server has roster %d again, not %d", got, roster)
	}
	// The person reads what was not put away, and nothing of what was.
	anna.await("the copies", func() bool { return slices.Equal(w.replies(c), []string{"Still to be read."}) })
	// The conversation goes on.
	if r, err := boris.Reply(ctx, c.id, "We go on."); err != nil || r.Outcome != desk.OutcomeSent {
		t.Errorf("a reply after the restore: %+v, %v", r, err)
	}
	if got := w.replies(c); len(got) != 2 || got[1] != "We go on." {
		t.Errorf("the person has %q", got)
	}
	// The newcomer, whom the backup did not know, is in again.
	clara.await("the newcomer goes on", func() bool { return clara.State().Online && !clara.State().Blocked })
	clara.await("the newcomer reads it", func() bool { v, err := clara.Case(ctx, c.id); return err == nil && len(v.Messages) == 4 })
	report := must(server.Verify(ctx, w.db, w.signer.Verifier().String(), nil))
	if !report.OK() {
		t.Errorf("the journal: %v", report)
	}
}

// A journal that went back without an entry that says so is no restore.
func TestRestoreThatIsNotInTheJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.work(&w.anna)
	taken, to := w.takeBackup()
	c := w.newCase("We are two.")
	anna.await("the case", func() bool { v, err := anna.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	anna.restart()
	anna.caughtUp()
	w.restore(taken, to, false)
	anna.await("the alarm", func() bool { _, found := anna.alarmWith("The journal is shorter than it was"); return found })
	if _, found := anna.alarmWith("restored from a backup of"); found {
		t.Error("it passes for a restore")
	}
}

// putAwayFirst deletes the first waiting copy, as the person's page does.
func (w *world) putAwayFirst(c *contact) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.Update(ctx, func(tx *store.Tx) error {
		copies, err := tx.ReplyCopies(ctx, c.id[:])
		if err != nil {
			return err
		}
		_, err = tx.PutAwayReply(ctx, c.id[:], copies[0].RecordID)
		return err
	}))
}

func (w *world) newestRoster() (serial int64) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.View(ctx, func(tx *store.Tx) (err error) {
		serial, err = tx.LatestSerial(ctx, "roster")
		return err
	}))
	return serial
}
