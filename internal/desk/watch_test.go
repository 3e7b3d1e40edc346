package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"          //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store"           //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/storetest" //nolint:depguard // the tests boot the real server
)

// house is a world with somebody for each role: Boris is an operator, Vera a
// supervisor, Galyna an auditor. Anna, who is everything, stays at home.
type house struct {
	*world
	boris, vera, galyna *station
}

// newHouse boots the server on a database, and a second node on the same one:
// the operator works at the first, who watches at the second.
func newHouse(t *testing.T, open func() *store.DB) *house {
	t.Helper()
	w := newWorldOn(t, open())
	vera, galyna := w.person("Vera", w.roster.Desk), w.person("Galyna", w.roster.Desk)
	since := hotline.HourOf(w.clock.Now())
	auditor := member(galyna, []hotline.Role{hotline.RoleAuditor}, since)
	auditor.Teams = nil
	w.roster.Serial++
	w.roster.Members = append(w.roster.Members, member(vera, []hotline.Role{hotline.RoleSupervisor}, since), auditor)
	text := must(seal.SignRoster(w.roster, w.authority)).Text()
	client := api.NewClient(w.addr, must(api.Certificate(w.anna.TLS)), w.roster.ServerTLS)
	ok(t, client.Publish(t.Context(), api.Document{Kind: api.DocumentRoster, Serial: w.roster.Serial, Text: text}))
	h := &house{world: w}
	h.boris = w.work(&w.boris)
	near := w.addr
	w.addr = w.secondNode(open())
	h.vera, h.galyna = w.work(&vera), w.work(&galyna)
	w.addr = near
	return h
}

func eachHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) { test(t, newHouse(t, open)) })
}

// secondNode is another server on the same database.
func (w *world) secondNode(d *store.DB) string {
	w.tb.Helper()
	s := must(server.New(server.Config{DB: d, Objects: w.objects.Keeper, Journal: w.signer, IndexKey: w.index, Clock: w.clock.Now, Log: slog.New(slog.DiscardHandler)}))
	l := listen("127.0.0.1:0")
	srv := must(s.HTTPServer(w.tlsKey))
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _ = s.Run(ctx) }()
	go func() { _ = srv.ServeTLS(l, "", "") }()
	w.tb.Cleanup(func() {
		cancel()
		_ = srv.Close()
	})
	return l.Addr().String()
}

// An operator opens a canary: within two seconds the supervisor and the auditor,
// whose desks are on another node, see who, what and which; the operator's desk
// shows what it showed before. It is acknowledged with a note that both read.
func TestCanaryReachesWhoWatches(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		c := h.newCase("a quiet story")
		h.boris.await("the case", func() bool { return h.boris.State().Cases == 1 && h.boris.State().Synced == 1 })
		h.vera.await("the case", func() bool { return h.vera.State().Synced == 1 })
		_, err := h.vera.Reply(t.Context(), c.id, "we hear you")
		ok(t, err)
		_, err = h.vera.SetStage(t.Context(), c.id, hotline.StageStandby)
		ok(t, err)
		ok(t, h.vera.Plant(t.Context(), c.id))
		h.boris.await("the stage", func() bool { return h.boris.view(c.id).Stage == hotline.StageStandby })
		if w := h.vera.Watch(); len(w.Canaries) != 1 || w.Canaries[0].By != "Vera" || len(w.Alarms) != 0 {
			t.Fatalf("planted: %+v", w)
		}
		wantKind(t, h.boris.Plant(t.Context(), c.id), hotline.KindDenied)
		before := fmt.Sprint(h.boris.State().Alarms, h.boris.State().Tripped, h.boris.Watch())

		begin := time.Now()
		ok(t, h.boris.Opened(c.id))
		h.galyna.await("the alarm", func() bool { return h.galyna.State().Tripped == 1 })
		h.vera.await("the alarm", func() bool { return h.vera.State().Tripped == 1 })
		took := time.Since(begin)
		t.Logf("told after %v", took)
		if took > 2*time.Second {
			t.Errorf("told after %v", took)
		}
		a := h.galyna.Watch().Alarms[0]
		if a.Who != "Boris" || a.Wire != hotline.WireCanary || a.Case == nil || *a.Case != c.id || a.Count != 1 || !a.Open {
			t.Errorf("the alarm: %+v", a)
		}
		if after := fmt.Sprint(h.boris.State().Alarms, h.boris.State().Tripped, h.boris.Watch()); after != before {
			t.Errorf("the operator's desk shows %s, before %s", after, before)
		}
		wantKind(t, h.vera.CalmAlarm(t.Context(), a.ID, a.Count, " "), hotline.KindInvalid)
		ok(t, h.vera.CalmAlarm(t.Context(), a.ID, a.Count, "he was curious; we spoke"))
		h.galyna.await("the answer", func() bool { return h.galyna.State().Tripped == 0 })
		if a = h.galyna.Watch().Alarms[0]; a.By != "Vera" || a.Note != "he was curious; we spoke" || a.Open {
			t.Errorf("acknowledged: %+v", a)
		}
		wantKind(t, h.galyna.CalmAlarm(t.Context(), a.ID, a.Count, "I too"), hotline.KindConflict)
	})
}

// What is opened without a connection is told when there is one again, also
// after the program was started anew.
func TestOpenedOfflineIsToldLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("hello")
	st := w.work(&w.boris)
	w.stop()
	st.await("being offline", func() bool { return !st.State().Online })
	ok(t, st.Opened(c.id))
	ok(t, st.Opened(c.id))
	st.restart()
	w.serve(nil)
	st.caughtUp()
	reads := func() (n int) {
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			leaves, err := tx.Journal().Leaves(t.Context(), 0, 1000)
			for _, l := range leaves {
				if strings.Contains(string(l.Opening.Line), `"act":"case.read"`) {
					n++
				}
			}
			return err
		}))
		return n
	}
	for deadline := time.Now().Add(10 * time.Second); reads() != 1 && time.Now().Before(deadline); {
		<-time.After(10 * time.Millisecond)
	}
	if n := reads(); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// The auditor's desk reads the whole journal, checks each entry against its own
// checkpoint, filters and counts; what the server changes is shown as not proved.
func TestLedger(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		c, other := h.newCase("hello"), h.newCase("hello too")
		h.boris.await("the cases", func() bool { return h.boris.State().Synced == 2 })
		for _, id := range []hotline.CaseID{c.id, other.id, c.id} {
			_, err := h.boris.MarkRead(t.Context(), id)
			ok(t, err)
		}
		_, err := h.boris.Reply(t.Context(), c.id, "yes")
		ok(t, err)
		wantKind(t, h.boris.ReadLedger(time.Minute), hotline.KindDenied)
		ok(t, h.galyna.ReadLedger(time.Minute))
		st := h.galyna.Ledger()
		if st.Loading || !st.Fault.IsZero() || st.Loaded != st.Size || st.Unproved != 0 || st.Checked.IsZero() {
			t.Fatalf("read: %+v", st)
		}
		rows, total := h.galyna.LedgerPage(desk.LedgerFilter{}, 0, 1000)
		if int64(total) != st.Size || len(rows) != total || rows[0].Index != st.Size-1 {
			t.Errorf("%d rows of %d", len(rows), st.Size)
		}
		for _, r := range rows {
			if !r.Proved {
				t.Errorf("not proved: %+v", r)
			}
		}
		rows, _ = h.galyna.LedgerPage(desk.LedgerFilter{Actor: h.world.boris.OperatorID(), Case: c.id.String()[:8], Act: "case."}, 0, 10)
		if len(rows) != 2 || rows[0].Act != "case.reply" || rows[1].Act != "case.read" || rows[0].Name != "Boris" {
			t.Errorf("filtered: %+v", rows)
		}
		if rows, total := h.galyna.LedgerPage(desk.LedgerFilter{Act: "case.read"}, 1, 1); len(rows) != 1 || total != 2 {
			t.Errorf("paged: %d of %d", len(rows), total)
		}
		reads := h.galyna.LedgerReads(desk.LedgerFilter{Actor: h.world.boris.OperatorID()})
		if len(reads) != 1 || reads[0].Opened != 2 || reads[0].Replies != 1 || reads[0].Name != "Boris" || reads[0].Fetched == 0 {
			t.Errorf("counted: %+v", reads)
		}
		if who := h.galyna.LedgerReaders(desk.LedgerFilter{Case: c.id.String()}); len(who) != 1 || who[0].Name != "Boris" || who[0].Times != 1 {
			t.Errorf("readers: %+v", who)
		}
		// Growing: what was read is not read again.
		_, err = h.boris.SetUrgency(t.Context(), c.id, hotline.UrgencyNow)
		ok(t, err)
		ok(t, h.galyna.ReadLedger(time.Minute))
		if now := h.galyna.Ledger(); now.Loaded <= st.Loaded || now.Loaded != now.Size || !now.Fault.IsZero() {
			t.Errorf("grown: %+v", now)
		}
		// The server shows another text for an entry that this desk has not read.
		_, err = h.boris.SetUrgency(t.Context(), c.id, hotline.UrgencyCalm)
		ok(t, err)
		leaf := must(journal.Commit(journal.Entry{Hour: 1, Actor: "x", Act: "harmless"}))
		h.galyna.wire.set(func(w *wire) {
			w.change = func(path string, body []byte) []byte {
				var page api.LeafPage
				if path != api.PathLeaves || json.Unmarshal(body, &page) != nil || len(page.Leaves) == 0 {
					return body
				}
				first := &page.Leaves[0]
				first.Commitment, first.Blind, first.Entry = seal.Hash(leaf.Commitment), seal.Hash(leaf.Opening.Blind), string(leaf.Opening.Line)
				return must(json.Marshal(page))
			}
		})
		ok(t, h.galyna.ReadLedger(time.Minute))
		now := h.galyna.Ledger()
		rows, _ = h.galyna.LedgerPage(desk.LedgerFilter{Act: "harmless"}, 0, 1)
		if now.Unproved != 1 || len(rows) != 1 || rows[0].Proved || h.galyna.State().Alarms != 1 {
			t.Errorf("forged: %+v, %+v, alarms %+v", now, rows[0], h.galyna.Alarms())
		}
	})
}

// Ten thousand entries are read, checked and filtered while somebody waits.
func TestLedgerOfTenThousand(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func() func() *store.DB {
		url := storetest.URL(t, storetest.SQLite)
		return func() *store.DB { return storetest.Open(t, url) }
	}())
	const many = 10_000
	ok(t, h.db.Update(t.Context(), func(tx *store.Tx) error {
		entries := make([]journal.Entry, many)
		for i := range entries {
			entries[i] = journal.Entry{Hour: int64(492000 + i/40), Actor: h.world.boris.OperatorID(), Act: "case.read", Case: fmt.Sprintf("%032x", i%700), Detail: map[string]string{"seq": "1"}}
		}
		a, err := journal.Append(t.Context(), tx.Journal(), entries...)
		if err != nil {
			return err
		}
		head, err := tx.JournalHead(t.Context())
		if err != nil {
			return err
		}
		_, err = tx.SetCheckpoint(t.Context(), string(must(h.signer.Extend([]byte(head.Checkpoint), a))), a.Head.Size)
		return err
	}))
	begin := time.Now()
	ok(t, h.galyna.ReadLedger(time.Minute))
	read := time.Since(begin)
	st := h.galyna.Ledger()
	if st.Loaded < many || st.Loaded != st.Size || st.Unproved != 0 || !st.Fault.IsZero() {
		t.Fatalf("read: %+v", st)
	}
	begin = time.Now()
	rows, total := h.galyna.LedgerPage(desk.LedgerFilter{Case: fmt.Sprintf("%032x", 7)}, 0, 100)
	h.galyna.LedgerReads(desk.LedgerFilter{})
	t.Logf("%d entries read and checked in %v, filtered and counted in %v", st.Loaded, read, time.Since(begin))
	if total < 14 || len(rows) != total {
		t.Errorf("%d rows of %d", len(rows), total)
	}
}
