package desk_test

import (
	"context"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"   //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store"    //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/db" //nolint:depguard // the tests boot the real server
)

// approve lets a desk approve what waits for it.
func (st *station) approve(act hotline.Shared) {
	st.w.tb.Helper()
	var id seal.Hash
	st.await("a proposal", func() bool {
		list, err := st.Approvals()
		ok(st.w.tb, err)
		for _, p := range list {
			if p.Act == act && p.Decide {
				id = p.ID
				return true
			}
		}
		return false
	})
	ok(st.w.tb, st.Answer(context.Background(), id, true))
}

func (w *world) epochs() (rows []int64) {
	w.tb.Helper()
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) error {
		all, err := tx.TeamEpochs(context.Background())
		for _, e := range all {
			rows = append(rows, e.DestroyedDay.Int64)
		}
		return err
	}))
	return rows
}

// supervised makes Boris a supervisor, so that two people can decide.
func (w *world) supervised() {
	w.tb.Helper()
	for i, m := range w.roster.Members {
		if m.Name == "Boris" {
			w.roster.Members[i].Roles = []hotline.Role{hotline.RoleOperator, hotline.RoleSupervisor}
		}
	}
}

// A team's key grows old: a desk makes the next one, the manifest follows, open
// cases are wrapped to it by themselves, two people destroy the old one, and
// every desk lets it go and says so.
func TestKeysAgeAndGo(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, (*world).supervised)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	open, ended := w.newCase("I wait"), w.newCase("A mistake")
	for _, c := range []*contact{open, ended} {
		anna.await("the case", func() bool { v, err := anna.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
		_, err := anna.Reply(t.Context(), c.id, "We are here.")
		ok(t, err)
	}
	_, err := anna.SetStage(t.Context(), ended.id, hotline.StageUnfounded)
	ok(t, err)
	for range 45 { // the clock goes on, two days at a time
		w.clock.move(48 * time.Hour)
		_, err := w.s.Retain(t.Context())
		ok(t, err)
	}
	anna.restart() // a new day at the desk
	anna.await("a new key", func() bool { return len(w.epochs()) == 2 })
	anna.await("the manifest to follow", func() bool {
		var text []byte
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			row, err := tx.LatestDocument(t.Context(), api.DocumentManifest)
			text = row.Body
			return err
		}))
		m := must(seal.VerifyManifest(text, w.trust()))
		return m.Teams[hotline.TeamDesk].Epoch == 2
	})
	anna.await("the open case to be wrapped", func() bool {
		v, err := anna.Keeping(t.Context())
		ok(t, err)
		n := 0
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.CaseWraps(t.Context(), open.id[:])
			n = len(rows)
			return err
		}))
		return n == 2 && len(v.Epochs) == 2 && v.Epochs[1].Left == 0
	})
	for range 47 {
		w.clock.move(48 * time.Hour)
		_, err := w.s.Retain(t.Context())
		ok(t, err)
	}
	ok(t, anna.ProposeDestroy(t.Context(), hotline.TeamDesk, 1, "half a year is over"))
	boris.approve(hotline.SharedDestroy)
	anna.await("the key to be destroyed", func() bool { return w.epochs()[0] != 0 })
	anna.await("every desk to say farewell", func() bool {
		v, err := anna.Keeping(t.Context())
		ok(t, err)
		return len(v.Epochs[0].Confirmed) == 2 && len(v.Epochs[0].Missing) == 0
	})
	for _, st := range []*station{anna, boris} {
		if a := st.Alarms(); len(a) != 0 {
			t.Errorf("alarms: %+v", a)
		}
		v := st.view(open.id)
		if len(v.Messages) != 2 || v.Problems != 0 {
			t.Errorf("the open case after it: %+v", v.Summary)
		}
	}
	if r := must(server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)); !r.OK() {
		t.Error(r)
	}
}

// A person asks to be forgotten: two people agree and every desk lets go at
// once, without an alarm although the case was open.
func TestForgotten(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, (*world).supervised)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	c := w.newCase("Forget me")
	for _, st := range []*station{anna, boris} {
		st.await("the case", func() bool { v, err := st.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
		ok(t, st.SaveDraft(c.id, "half a sentence"))
	}
	ok(t, anna.ProposeForget(t.Context(), c.id, "asked in the conversation"))
	boris.approve(hotline.SharedForget)
	for _, st := range []*station{anna, boris} {
		st.await("forgetting", func() bool { d, err := st.Draft(c.id); return err == nil && d == "" && st.State().Cases == 0 })
		st.restart()
		st.caughtUp()
		if a := st.Alarms(); len(a) != 0 {
			t.Errorf("alarms: %+v", a)
		}
	}
	receipts := append(anna.Receipts(), boris.Receipts()...)
	if len(receipts) != 1 {
		t.Fatalf("%d receipts", len(receipts))
	}
	ok(t, server.CheckReceipt(t.Context(), w.db, w.signer.Verifier().String(), must(receipts[0].Text())))
}

// A server that says that an open case is gone, without the word of two
// people, is found out.
func TestGoneWithoutProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.work(&w.anna)
	c := w.newCase("I wait")
	anna.await("the case", func() bool { v, err := anna.Case(t.Context(), c.id); return err == nil && len(v.Messages) == 1 })
	ok(t, anna.SaveDraft(c.id, "half a sentence"))
	ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		ctx := t.Context()
		if _, err := tx.DeleteCase(ctx, c.id[:]); err != nil {
			return err
		}
		v, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.InsertGone(ctx, db.InsertGoneParams{ID: c.id[:], Team: "desk", Why: api.GoneDue, Day: 1, Version: v}); err != nil {
			return err
		}
		return tx.PutSetting(ctx, "live gone", []byte("1"))
	}))
	anna.restart()
	anna.await("the alarm", func() bool { return len(anna.Alarms()) == 1 })
	if d, err := anna.Draft(c.id); err != nil || d == "" {
		t.Error("the desk has let the case go")
	}
}
