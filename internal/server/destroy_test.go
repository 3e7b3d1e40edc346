package server_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// agreed lets one propose a shared act and another approve it.
func (w *world) agreed(t *testing.T, by, approver string, act hotline.Shared, subject any, base seal.Hash) {
	t.Helper()
	now := hotline.HourOf(w.clock.Now())
	text := must(seal.SignProposal(seal.Proposal{
		Desk: w.roster.Desk, Act: act, Subject: must(seal.NewSubject(subject)), Base: base, Reason: "it is time", Hour: now, Expires: now + 72,
	}, w.people[by].key)).Text()
	w.propose(t, by, text)
	ok(t, w.decide(approver, text, seal.DecisionApprove))
}

// eachAging is each with a first manifest that stands for a month.
func eachAging(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		w.manifest.Expires = hotline.HourOf(w.clock.Now()) + 24*20
		w.manifest.UseUntil = hotline.HourOf(w.clock.Now()) + 24*30
		w.genesis.Manifest = must(seal.SignManifest(w.manifest, w.authority)).Text()
		w.open(open(), nil)
		test(t, w)
	})
}

// nextEpoch starts an epoch of the desk's key and a manifest that names it.
func (w *world) nextEpoch(t *testing.T) seal.TeamSecret {
	t.Helper()
	old := w.teams[hotline.TeamDesk]
	next := must(seal.NewTeamSecret(hotline.TeamDesk, old.Epoch+1))
	_, err := w.do(w.people["olga"], http.MethodPost, api.PathEpochs, w.epoch(next, w.people["olga"]))
	ok(t, err)
	w.teams[hotline.TeamDesk] = next
	w.manifest.Serial++
	w.manifest.Teams = map[hotline.Team]seal.TeamKey{hotline.TeamDesk: next.Public()}
	w.manifest.ReplyKeys = append(w.manifest.ReplyKeys, next.Reply.Public())
	w.manifest.Hour = hotline.HourOf(w.clock.Now())
	w.manifest.Expires, w.manifest.UseUntil = w.manifest.Hour+24, w.manifest.Hour+48
	_, err = w.do(w.people["ada"], http.MethodPost, api.PathDocuments, api.Document{
		Kind: api.DocumentManifest, Serial: w.manifest.Serial, Text: must(seal.SignManifest(w.manifest, w.authority)).Text(),
	})
	ok(t, err)
	return old
}

func (w *world) rewrap(t *testing.T, c *contact, by string) error {
	t.Helper()
	team := w.teams[c.team]
	for n, key := range c.keys {
		wrap := must(seal.WrapIdentity(team.Identity.Recipient(), key))
		if _, err := w.do(w.people[by], http.MethodPost, fill(api.PathWraps, c.id), api.Rewrap{
			Generation: n, Wrap: api.Wrap{Team: c.team, Epoch: team.Epoch, File: wrap},
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) doom(t *testing.T, epoch int) api.Doom {
	t.Helper()
	d, err := get[api.Doom](w, w.people["sam"], fill(api.PathDoom, "desk", epoch))
	ok(t, err)
	return d
}

func TestDestroy(t *testing.T) {
	t.Parallel()
	eachAging(t, func(t *testing.T, w *world) {
		sam, destroy := w.people["sam"], fill(api.PathDoom, "desk", 1)
		ended, open := w.ended(t, hotline.StageUnfounded), w.ended(t, hotline.StageStandby)
		why := func(words string) {
			t.Helper()
			if d := w.doom(t, 1); !strings.Contains(d.WhyNot.String(), words) {
				t.Errorf("why not: %q, want %q", d.WhyNot, words)
			}
			_, err := w.do(sam, http.MethodPost, destroy, struct{}{})
			wantKind(t, err, hotline.KindConflict)
		}
		why("in use")
		old := w.nextEpoch(t)
		why("manifest") // the first one of the world stands for long
		w.clock.Move(100 * day)
		ok(t, w.trust2(t))
		why("open, or not yet")
		ok(t, w.rewrap(t, open, "olga"))
		_, err := w.do(sam, http.MethodPost, destroy, struct{}{})
		if err == nil || !strings.Contains(err.Error(), "propose it first") {
			t.Errorf("destroyed without two people: %v", err)
		}
		d := w.doom(t, 1)
		if !d.WhyNot.IsZero() || d.Subject.Cases != 1 || d.Subject.Oldest != "2026-03-01" || d.Subject.Newest != "2026-03-01" {
			t.Fatalf("what goes: %+v", d)
		}
		keys := w.realKeyStore(t)
		w.s = w.node(w.db, nil)
		if keys.wraps(t, 1) == 0 || keys.wraps(t, 2) == 0 {
			t.Fatal("the key store lacks wraps")
		}
		w.agreed(t, "sam", "ada", hotline.SharedDestroy, d.Subject, d.Base)
		_, err = w.do(w.people["frank"], http.MethodPost, destroy, struct{}{})
		wantKind(t, err, hotline.KindNotFound) // another team's
		keys.full = true
		_, err = w.do(sam, http.MethodPost, destroy, struct{}{})
		wantKind(t, err, hotline.KindUnavailable) // the key is destroyed, and its file waits
		if keys.wraps(t, 1) == 0 {
			t.Error("a full disk has cost the key store")
		}
		keys.full = false
		_, err = w.do(sam, http.MethodPost, destroy, struct{}{}) // the answer was lost
		ok(t, err)
		if keys.wraps(t, 1) != 0 || keys.wraps(t, 2) == 0 {
			t.Error("the key store holds the destroyed key, or lacks the other")
		}
		if _, found := w.row(ended); found {
			t.Error("its case is still there")
		}
		w.nothingOpens(t, old)
		if _, found := w.row(open); !found {
			t.Error("an open case went with it")
		}
		_, err = w.do(w.people["olga"], http.MethodPost, fill(api.PathTeamWraps, "desk", 1), api.TeamWrap{
			Holder: w.people["otto"].member.ID, File: must(old.Wrap(w.people["otto"].id.Recipient())),
		})
		if err == nil {
			t.Error("the key can be brought back")
		}
		w.saysFarewell(t)
		if r := must(server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)); !r.OK() {
			t.Error(r)
		}
	})
}

// trust2 confirms the clock after a leap, by who may.
func (w *world) trust2(t *testing.T) error {
	t.Helper()
	_, err := w.s.Retain(t.Context())
	ok(t, err)
	_, err = w.do(w.people["olga"], http.MethodPost, api.PathTrustClock, api.TrustClock{Hour: hotline.HourOf(w.clock.Now())})
	wantKind(t, err, hotline.KindDenied)
	_, err = w.do(w.people["sam"], http.MethodPost, api.PathTrustClock, api.TrustClock{Hour: 7})
	wantKind(t, err, hotline.KindConflict)
	_, err = w.do(w.people["sam"], http.MethodPost, api.PathTrustClock, api.TrustClock{Hour: hotline.HourOf(w.clock.Now())})
	return err
}

// nothingOpens tries the key of a destroyed epoch on every wrap there is.
func (w *world) nothingOpens(t *testing.T, old seal.TeamSecret) {
	t.Helper()
	ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
		wraps, err := tx.TeamWraps(t.Context(), "desk", int64(old.Epoch))
		if err != nil || len(wraps) != 0 {
			t.Errorf("%d wraps of the key are left", len(wraps))
		}
		cases, err := tx.CasesAfter(t.Context(), -1, 1000)
		for _, c := range cases {
			rows, err := tx.CaseWraps(t.Context(), c.ID)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if _, err := seal.Decrypt(old.Identity, row.Wrap); err == nil {
					t.Error("the old key opens a wrap")
				}
			}
		}
		return err
	}))
}

func (w *world) saysFarewell(t *testing.T) {
	t.Helper()
	olga := w.people["olga"]
	epochs, err := get[[]api.Epoch](w, olga, api.PathEpochs)
	ok(t, err)
	if !epochs[0].Destroyed || epochs[0].Wrap != nil || len(epochs[0].Holders) != 0 {
		t.Errorf("%+v", epochs[0])
	}
	key := must(seal.ParseSigned(epochs[0].Announcement)).Hash()
	word := func(key seal.Hash, epoch int, by *person) error {
		text := must(seal.SignFarewell(seal.Farewell{Team: hotline.TeamDesk, Epoch: epoch, Key: key, Day: 1}, by.key)).Text()
		_, err := w.do(olga, http.MethodPost, fill(api.PathFarewell, "desk", epoch), api.Farewell{Text: text})
		return err
	}
	wantKind(t, word(key, 1, w.people["otto"]), hotline.KindForged)
	wantKind(t, word(seal.Hash{1}, 1, olga), hotline.KindConflict)
	wantKind(t, word(key, 2, olga), hotline.KindConflict)
	ok(t, word(key, 1, olga))
	ok(t, word(key, 1, olga))
	epochs, err = get[[]api.Epoch](w, olga, api.PathEpochs)
	ok(t, err)
	if len(epochs[0].Farewells) != 1 {
		t.Errorf("%d farewells", len(epochs[0].Farewells))
	}
}

// What was approved must be what goes: another case since then undoes it.
func TestDestroyIsWhatWasApproved(t *testing.T) {
	t.Parallel()
	eachAging(t, func(t *testing.T, w *world) {
		first := w.ended(t, hotline.StageUnfounded)
		w.ended(t, hotline.StageUnfounded)
		w.nextEpoch(t)
		w.clock.Move(100 * day)
		ok(t, w.trust2(t))
		d := w.doom(t, 1)
		w.agreed(t, "sam", "ada", hotline.SharedDestroy, d.Subject, d.Base)
		ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.DeleteCase(t.Context(), first.id[:]); return err }))
		_, err := w.do(w.people["sam"], http.MethodPost, fill(api.PathDoom, "desk", 1), struct{}{})
		wantKind(t, err, hotline.KindConflict)
		w.clock.Move(-200 * day)
		_, err = w.do(w.people["sam"], http.MethodPost, fill(api.PathDoom, "desk", 1), struct{}{})
		if err == nil || !strings.Contains(err.Error(), "clock has jumped") {
			t.Errorf("destroyed by a clock that jumped: %v", err)
		}
	})
}

// Many cases are wrapped to another key by two people only.
func TestManyRewrapsTakeTwo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var cases []*contact
		for range 52 {
			cases = append(cases, w.newCase(hotline.TeamDesk, "hello"))
		}
		w.nextEpoch(t)
		wantKind(t, w.rewrap(t, cases[0], "olga"), hotline.KindConflict)
		w.agreed(t, "sam", "ada", hotline.SharedRewrap, seal.RewrapSubject{Team: hotline.TeamDesk, Epoch: 2}, seal.Hash{})
		_, err := w.do(w.people["sam"], http.MethodPost, fill(api.PathAllowRewrap, "desk", 2), struct{}{})
		ok(t, err)
		for _, c := range cases {
			ok(t, w.rewrap(t, c, "olga"))
		}
		list, err := get[api.RewrapList](w, w.people["olga"], fill(api.PathRewrap, "desk", 2))
		ok(t, err)
		if list.Left != 0 || len(list.Cases) != 0 {
			t.Errorf("left: %+v", list)
		}
	})
}

func TestRetentionIsChangedByTwo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		change := seal.RetentionSubject{Line: "closed.whole", From: 180, To: 90}
		send := func(by string, in seal.RetentionSubject) error {
			_, err := w.do(w.people[by], http.MethodPost, api.PathRetention, in)
			return err
		}
		wantKind(t, send("olga", change), hotline.KindDenied)
		wantKind(t, send("sam", change), hotline.KindConflict)
		w.agreed(t, "sam", "ada", hotline.SharedRetention, change, seal.RetentionBase(hotline.DefaultRetention()))
		wantKind(t, send("sam", seal.RetentionSubject{Line: "closed.whole", From: 180, To: 60}), hotline.KindConflict)
		ok(t, send("sam", change))
		for _, by := range []string{"olga", "audrey", "ada"} {
			k, err := get[api.Keeping](w, w.people[by], api.PathRetention)
			ok(t, err)
			if k.Table.Closed.Whole != 90 {
				t.Errorf("%s sees %+v", by, k.Table)
			}
		}
		for _, bad := range []seal.RetentionSubject{{Line: "closed.whole", From: 90, To: 2}, {Line: "nothing", From: 1, To: 2}, {Line: "reads", From: 30, To: 31}} {
			if err := send("sam", bad); err == nil {
				t.Errorf("%+v was taken", bad)
			}
		}
	})
}

// A person asks to be forgotten: the case goes at once, and what stays proves it.
func TestForget(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sam := w.people["sam"]
		c, met := w.ended(t, hotline.StageStandby), w.ended(t, hotline.StageMeeting)
		forget := func(c *contact) (api.Receipt, error) {
			return post[api.Receipt](w, sam, api.PathForget, seal.ForgetSubject{Case: c.id})
		}
		base := func(c *contact) seal.Hash {
			now := w.caseNow(c)
			return seal.ForgetBase(now.StatementHead, now.ContactSeq)
		}
		_, err := forget(c)
		wantKind(t, err, hotline.KindConflict)
		w.agreed(t, "sam", "olga", hotline.SharedForget, seal.ForgetSubject{Case: met.id}, base(met))
		_, err = forget(met)
		wantKind(t, err, hotline.KindConflict)
		w.agreed(t, "sam", "olga", hotline.SharedForget, seal.ForgetSubject{Case: c.id}, base(c))
		w.write(c, "No, wait: I need you still")
		_, err = forget(c)
		wantKind(t, err, hotline.KindConflict) // what the person wrote since undoes it
		w.agreed(t, "sam", "olga", hotline.SharedForget, seal.ForgetSubject{Case: c.id}, base(c))
		_, err = post[api.Receipt](w, w.people["frank"], api.PathForget, seal.ForgetSubject{Case: c.id})
		wantKind(t, err, hotline.KindNotFound)
		receipt, err := forget(c)
		ok(t, err)
		if _, found := w.row(c); found {
			t.Error("still there")
		}
		e, err := journal.ParseEntry([]byte(receipt.Leaf.Entry))
		if err != nil || e.Act != "case.remove" || e.Case != c.id.String() || e.Detail["records"] != "3" || e.Detail["why"] != api.GoneForget {
			t.Errorf("the receipt says %+v, %v", e, err)
		}
		text := must(receipt.Text())
		ok(t, server.CheckReceipt(t.Context(), w.db, w.signer.Verifier().String(), text))
		for range 3 { // also when the journal has let the words go
			w.days(t, 12)
		}
		ok(t, server.CheckReceipt(t.Context(), w.db, w.signer.Verifier().String(), text))
		forged := bytes.Replace(text, []byte(`"records":"3"`), []byte(`"records":"2"`), 1)
		if err := server.CheckReceipt(t.Context(), w.db, w.signer.Verifier().String(), forged); hotline.KindOf(err) != hotline.KindForged {
			t.Errorf("a forged receipt: %v", err)
		}
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			row, err := tx.CaseGone(t.Context(), c.id[:])
			if err == nil && (row.Why != api.GoneForget || len(row.Proof) == 0) {
				err = errors.New("no proof beside the trace")
			}
			return err
		}))
	})
}

// A supervisor is asked about whoever is silent for a year, and nothing closes by itself.
func TestReview(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sam, olga := w.people["sam"], w.people["olga"]
		quiet, kept, heard := w.ended(t, hotline.StageStandby), w.ended(t, hotline.StageStandby), w.ended(t, hotline.StageStandby)
		list := func() []hotline.CaseID {
			r, err := get[api.Review](w, sam, api.PathReview)
			ok(t, err)
			return r.Cases
		}
		w.clock.Move(200 * day)
		w.write(heard, "I am alive")
		_, err := w.do(olga, http.MethodPost, fill(api.PathReplies, heard.id), w.goodReply(heard, olga, "good"))
		ok(t, err)
		w.clock.Move(164 * day)
		if l := list(); len(l) != 0 {
			t.Errorf("asked too early: %v", l)
		}
		w.clock.Move(2 * day)
		if l := list(); len(l) != 2 {
			t.Fatalf("after a year of silence: %v", l)
		}
		_, err = w.do(olga, http.MethodPost, fill(api.PathStatements, kept.id), w.statement(kept, olga, seal.Statement{Act: seal.ActReview}, nil))
		wantKind(t, err, hotline.KindDenied)
		w.state(t, kept, sam, seal.Statement{Act: seal.ActReview}, nil)
		if l := list(); len(l) != 1 || l[0] != quiet.id {
			t.Errorf("after one was kept: %v", l)
		}
		w.state(t, quiet, sam, seal.Statement{Act: seal.ActStage, Stage: hotline.StageClosed}, nil)
		w.clock.Move(179 * day)
		if l := list(); len(l) != 0 {
			t.Errorf("asked again too early: %v", l)
		}
		w.clock.Move(2 * day)
		if l := list(); len(l) != 1 || l[0] != kept.id {
			t.Errorf("half a year later: %v", l)
		}
		if r, err := get[api.Review](w, w.people["frank"], api.PathReview); err != nil || len(r.Cases) != 0 {
			t.Errorf("another team's supervisor: %v, %v", r, err)
		}
		if row, _ := w.row(kept); row.Stage != string(hotline.StageStandby) {
			t.Error("closed by itself")
		}
	})
}
