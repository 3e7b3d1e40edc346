package desk_test

import (
	"slices"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"    //nolint:depguard // a real server to work with
	"safeconduct/internal/store/db" //nolint:depguard // a real server to work with
)

var (
	theBot   = seal.ChannelAddress{Channel: hotline.ChannelTelegram, Address: "@example_bot"}
	theLine  = seal.ChannelAddress{Channel: hotline.ChannelPhone, Address: "+380 44 123 45 67"}
	theOnion = seal.ChannelAddress{Channel: hotline.ChannelWeb, Address: "http://example.onion"}
)

// manifestNow is the manifest that the server hands to pages, whoever signed it.
func (w *world) manifestNow(t *testing.T) seal.Manifest {
	t.Helper()
	var doc db.Document
	ok(t, w.db.View(t.Context(), func(tx *store.Tx) (err error) {
		doc, err = tx.LatestDocument(t.Context(), api.DocumentManifest)
		return err
	}))
	return must(seal.ReadManifest(doc.Body))
}

func lists(got []seal.ChannelAddress, want ...seal.ChannelAddress) bool {
	return slices.Equal(got, want)
}

// asksFor waits for a proposal with a reason that this person is asked about.
func (st *station) asksFor(reason string) desk.ApprovalView {
	st.w.tb.Helper()
	var found desk.ApprovalView
	st.await("a proposal: "+reason, func() bool {
		i := slices.IndexFunc(must(st.Approvals()), func(v desk.ApprovalView) bool { return v.Decide && v.Reason == reason })
		if i >= 0 {
			found = must(st.Approvals())[i]
		}
		return i >= 0
	})
	return found
}

// open counts the open proposals of manifests with a reason.
func (st *station) openFor(reason string) int {
	n := 0
	for _, v := range must(st.Approvals()) {
		if v.Act == hotline.SharedManifest && v.Open() && v.Reason == reason {
			n++
		}
	}
	return n
}

// One administrator sets the list, and nothing else of the manifest changes.
func TestAddresses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	anna, boris := w.work(&w.anna), w.work(&w.boris)
	w.clock.move(time.Hour)
	typed := []seal.ChannelAddress{{Channel: hotline.ChannelTelegram, Address: "https://t.me/example_bot"}, theLine}
	if waits := must(anna.SetAddresses(ctx, typed)); waits != nil {
		t.Errorf("waits for nobody: %+v", waits)
	}
	got, want := w.published(t), w.manifest
	want.Channels = []seal.ChannelAddress{theBot, theLine}
	want.Serial, want.Hour, want.Expires, want.UseUntil = 2, want.Hour+1, want.Expires+1, want.UseUntil+1
	if a, b := must(seal.SignManifest(got)), must(seal.SignManifest(want)); a.Hash() != b.Hash() {
		t.Errorf("published %s, want %s", a.Text(), b.Text())
	}
	boris.await("the list at another desk", func() bool { return lists(must(boris.Addresses()).InForce, theBot, theLine) })
	_, err := boris.SetAddresses(ctx, nil)
	wantKind(t, err, hotline.KindDenied)
	_, err = anna.SetAddresses(ctx, []seal.ChannelAddress{theBot, theBot})
	wantKind(t, err, hotline.KindInvalid)
	if waits := must(anna.SetAddresses(ctx, typed)); waits != nil || w.published(t).Serial != 2 {
		t.Error("the list in force was published again")
	}
	if waits := must(anna.SetAddresses(ctx, nil)); waits != nil || len(w.published(t).Channels) > 0 || len(must(anna.Addresses()).InForce) > 0 {
		t.Error("the list is not empty")
	}
	boris.Lock()
	_, err = boris.Addresses()
	wantKind(t, err, hotline.KindLocked)
}

// With two administrators the other one reads what changes, and signs it. Who
// has proposed a list proposes another in its place, or takes it back; the
// other one decides first.
func TestAddressesOfTwo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		anna, abel := twoAdministrators(w)
		ok(t, abel.Answer(ctx, abel.asksFor(desk.ReasonManifest).ID, true))
		anna.await("the manifest of both", func() bool { return anna.openFor(desk.ReasonManifest) == 0 })
		serial := w.manifestNow(t).Serial

		first := must(anna.SetAddresses(ctx, []seal.ChannelAddress{theBot}))
		if !isWaiting(first, "Anna", "Abel") {
			t.Fatalf("waits: %+v", first)
		}
		if again := must(anna.SetAddresses(ctx, []seal.ChannelAddress{theBot})); again == nil || again.ID != first.ID {
			t.Errorf("proposed twice: %+v", again)
		}
		v := must(anna.Addresses())
		if !isWaiting(v.Waits, "Anna", "Abel") || !v.Mine || len(v.InForce) > 0 || !lists(v.Wanted, theBot) {
			t.Errorf("at the proposer's: %+v", v)
		}
		abel.asksFor(desk.ReasonAddresses)
		if v := must(abel.Addresses()); v.Mine || !lists(v.Wanted, theBot) {
			t.Errorf("at the other's: %+v", v)
		}
		_, err := abel.SetAddresses(ctx, []seal.ChannelAddress{theLine})
		wantKind(t, err, hotline.KindConflict)

		second := must(anna.SetAddresses(ctx, []seal.ChannelAddress{theBot, theLine}))
		if second == nil || second.ID == first.ID || anna.openFor(desk.ReasonAddresses) != 1 {
			t.Fatalf("in place of the first: %+v; %d are open", second, anna.openFor(desk.ReasonAddresses))
		}
		if waits := must(anna.SetAddresses(ctx, nil)); waits != nil || anna.openFor(desk.ReasonAddresses) != 0 || must(anna.Addresses()).Waits != nil {
			t.Error("it is not taken back")
		}
		must(anna.SetAddresses(ctx, []seal.ChannelAddress{theLine, theOnion}))
		var p desk.ApprovalView
		abel.await("the last proposal alone", func() bool {
			p = abel.asksFor(desk.ReasonAddresses)
			return abel.openFor(desk.ReasonAddresses) == 1 && slices.Equal(p.Lines[1].Values, []string{"phone", theLine.Address})
		})
		if len(p.Lines) != 3 || p.Lines[0].Kind != desk.LineRenewed || p.Lines[1].Kind != desk.LineDoorOn || p.Lines[2].Kind != desk.LineDoorOn {
			t.Errorf("%+v", p.Lines)
		}
		if w.manifestNow(t).Serial != serial {
			t.Fatal("one administrator alone has changed the addresses")
		}
		ok(t, abel.Answer(ctx, p.ID, true))
		anna.await("the list", func() bool { return lists(must(anna.Addresses()).InForce, theLine, theOnion) })
		if m := w.manifestNow(t); m.Serial != serial+1 || !lists(m.Channels, theLine, theOnion) {
			t.Errorf("published %+v", m)
		}
	})
}

// A change of addresses is no renewal of keys: while one waits the other is
// proposed all the same, and whichever is signed first, the other is not lost.
func TestAddressesBesideKeys(t *testing.T) {
	t.Parallel()
	for name, keysFirst := range map[string]bool{"keys first": true, "addresses first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := newWorldWith(t, withSheets)
			anna, abel := twoAdministrators(w)
			ok(t, abel.Answer(ctx, abel.asksFor(desk.ReasonManifest).ID, true))
			anna.await("the manifest of both", func() bool { return anna.openFor(desk.ReasonManifest) == 0 })
			must(anna.SetAddresses(ctx, []seal.ChannelAddress{theBot}))

			w.clock.move(time.Hour)
			ok(t, anna.Revoke(ctx, w.boris.OperatorID(), nil))
			ok(t, abel.Answer(ctx, abel.asksFor(desk.ReasonLeaves).ID, true))
			keys, doors := abel.asksFor(desk.ReasonManifest), abel.asksFor(desk.ReasonAddresses)
			if len(keys.Lines) != 3 || keys.Lines[1].Kind != desk.LineTeamKey || len(doors.Lines) != 2 || doors.Lines[1].Kind != desk.LineDoorOn {
				t.Errorf("keys: %+v; doors: %+v", keys.Lines, doors.Lines)
			}
			if keysFirst {
				ok(t, abel.Answer(ctx, keys.ID, true))
				ok(t, abel.Answer(ctx, abel.asksAgain(desk.ReasonAddresses, doors.ID).ID, true))
			} else {
				ok(t, abel.Answer(ctx, doors.ID, true))
				ok(t, abel.Answer(ctx, abel.asksAgain(desk.ReasonManifest, keys.ID).ID, true))
			}
			anna.await("both", func() bool {
				m := w.manifestNow(t)
				return m.Teams[hotline.TeamDesk].Epoch == 2 && lists(m.Channels, theBot)
			})
			anna.await("nothing more to decide", func() bool {
				return anna.openFor(desk.ReasonAddresses)+anna.openFor(desk.ReasonManifest) == 0 && !anna.Renewal().Manifest
			})
		})
	}
}

// asksAgain waits until this person is asked anew about what another document
// has overtaken.
func (st *station) asksAgain(reason string, before seal.Hash) desk.ApprovalView {
	st.w.tb.Helper()
	var found desk.ApprovalView
	st.await("the overtaken proposal to be made again", func() bool {
		for _, v := range must(st.Approvals()) {
			if v.Decide && v.Reason == reason && v.ID != before && v.Lines[0].Kind != desk.LineUnreadable {
				found = v
				return true
			}
		}
		return false
	})
	return found
}

// A manifest that is signed again in time leaves the addresses alone, although
// a change of them waits and although one was refused.
func TestAddressesBesideRenewal(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorldWith(t, withSheets)
	anna, abel := twoAdministrators(w)
	must(anna.SetAddresses(ctx, []seal.ChannelAddress{theBot})) // while the first manifest of both waits
	ok(t, abel.Answer(ctx, abel.asksFor(desk.ReasonAddresses).ID, true))
	anna.await("the renewal to be overtaken", func() bool {
		return anna.openFor(desk.ReasonManifest) == 0 && lists(must(anna.Addresses()).InForce, theBot)
	})
	must(anna.SetAddresses(ctx, []seal.ChannelAddress{theLine}))
	ok(t, abel.Answer(ctx, abel.asksFor(desk.ReasonAddresses).ID, false))
	anna.await("the refusal", func() bool { return must(anna.Addresses()).Waits == nil })
	w.clock.move(15*24*time.Hour + time.Hour) // half of its time
	anna.restart()
	v := abel.asksFor(desk.ReasonManifest) // what was refused were the addresses
	if len(v.Lines) != 1 || v.Lines[0].Kind != desk.LineRenewed {
		t.Errorf("%+v", v.Lines)
	}
	must(anna.SetAddresses(ctx, []seal.ChannelAddress{theBot, theOnion}))
	ok(t, abel.Answer(ctx, v.ID, true))
	ok(t, abel.Answer(ctx, abel.asksAgain(desk.ReasonAddresses, seal.Hash{}).ID, true))
	anna.await("the list, and nothing more to decide", func() bool {
		return lists(must(anna.Addresses()).InForce, theBot, theOnion) && anna.openFor(desk.ReasonAddresses) == 0
	})
	if m := w.manifestNow(t); !lists(m.Channels, theBot, theOnion) {
		t.Errorf("the list is %v", m.Channels)
	}
}
