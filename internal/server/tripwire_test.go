package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// watched is what somebody sees of the tripwires.
func (w *world) watched(p *person) api.Watch {
	w.tb.Helper()
	out, err := get[api.Watch](w, p, api.PathWatch)
	ok(w.tb, err)
	return out
}

// open opens a case by hand, with nothing new to mark.
func (w *world) openByHand(p *person, id hotline.CaseID) {
	w.tb.Helper()
	_, err := post[api.Case](w, p, fill(api.PathRead, id), api.Read{Seq: -1})
	ok(w.tb, err)
}

func (w *world) bareCases(n int) []hotline.CaseID {
	out := make([]hotline.CaseID, n)
	for i := range out {
		out[i] = w.bareCase(hotline.TeamDesk)
	}
	return out
}

func (w *world) alarmLeaves() (all []journal.Entry) {
	for _, e := range w.entries(0) {
		if e.Act == "tripwire.alarm" {
			all = append(all, e)
		}
	}
	return all
}

// close ends a case as of an hour.
func (w *world) closeAt(id hotline.CaseID, hour hotline.Hour) {
	w.tb.Helper()
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		row, err := tx.LockCase(context.Background(), id[:])
		if err != nil {
			return err
		}
		v, err := tx.NextVersion(context.Background())
		if err != nil {
			return err
		}
		row.ClosedHour.Int64, row.ClosedHour.Valid = int64(hour), true
		_, err = tx.CaseAfterStatement(context.Background(), db.CaseAfterStatementParams{
			StatementSeq: row.StatementSeq, StatementHead: row.StatementHead, Stage: string(hotline.StageClosed), Team: row.Team,
			Generation: row.Generation, ClosedHour: row.ClosedHour, Version: v, ID: row.ID, ExpectedHead: row.StatementHead,
		})
		return err
	}))
}

// Each wire: up to its bound nothing; one more, and those who watch are told
// who, what, how many and since when; the journal has it next to its cause.
func TestWiresTrip(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, audrey := w.people["olga"], w.people["audrey"]
		cases := w.bareCases(50)
		var items []api.SyncItem
		for _, id := range cases[:25] {
			w.closeAt(id, hotline.HourOf(w.clock.Now())-hotline.LongEnded-1)
			items = append(items, api.SyncItem{ID: id, AfterPlace: -1, AfterStatement: -1})
		}
		hold := func(id hotline.CaseID, p *person) { // his own case: no browsing
			ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
				row, err := tx.LockCase(t.Context(), id[:])
				if err != nil {
					return err
				}
				v, err := tx.NextVersion(t.Context())
				if err != nil {
					return err
				}
				_, err = tx.CaseAfterStatement(t.Context(), db.CaseAfterStatementParams{
					Stage: row.Stage, Team: row.Team, Assignee: p.member.ID, StatementSeq: -1, Version: v, ID: row.ID, ClosedHour: row.ClosedHour,
				})
				return err
			}))
		}
		for _, c := range []struct {
			wire  hotline.Wire
			who   *person
			bound int
			do    func(i int)
		}{
			{hotline.WireBrowse, olga, 30, func(i int) { w.openByHand(olga, cases[i]) }},
			{hotline.WireRead, olga, 40, func(i int) { hold(cases[i], olga); w.openByHand(olga, cases[i]) }},
			{hotline.WireLost, olga, 8, func(int) {
				_, err := post[api.Located](w, olga, api.PathLocate, api.Locate{Code: hotline.NewChannelCode().Digits()})
				ok(t, err)
			}},
			{hotline.WireOld, olga, 20, func(i int) {
				_, err := post[api.SyncAnswer](w, olga, api.PathSync, api.SyncRequest{Items: items[i : i+1]})
				ok(t, err)
			}},
			{hotline.WireRefused, olga, 15, func(int) {
				_, err := w.do(olga, "GET", api.PathWatch, nil)
				wantKind(t, err, hotline.KindDenied)
			}},
		} {
			w.clock.Move(25 * time.Hour) // a new day, another case each time
			before := len(w.watched(audrey).Alarms)
			for i := range c.bound {
				c.do(i)
			}
			if n := len(w.watched(audrey).Alarms) - before; n != 0 {
				t.Fatalf("%s: %d alarms after %d times", c.wire, n, c.bound)
			}
			leaves := len(w.entries(0))
			w.clock.Move(3 * time.Minute)
			c.do(c.bound)
			got := w.watched(audrey).Alarms
			if len(got) != before+1 {
				t.Fatalf("%s: %d alarms after %d times", c.wire, len(got)-before, c.bound+1)
			}
			a, now := got[0], w.clock.Now().Unix()/60
			if a.Wire != c.wire || a.Who != c.who.member.ID || a.Count != int64(c.bound)+1 || a.Bound != int64(c.bound) || a.Last != now || a.Since != now-3 {
				t.Errorf("%s: %+v", c.wire, a)
			}
			after := w.entries(int64(leaves))
			if e := after[len(after)-1]; e.Act != "tripwire.alarm" || e.Actor != "server" || e.Detail["who"] != c.who.member.ID ||
				e.Detail["wire"] != string(c.wire) || e.Detail["count"] != fmt.Sprint(c.bound+1) || a.Leaf != int64(leaves+len(after)-1) {
				t.Errorf("%s: the journal says %+v", c.wire, e)
			}
		}
		report, err := server.Verify(t.Context(), w.db, w.signer.Verifier().String(), nil)
		ok(t, err)
		if !report.OK() {
			t.Errorf("the journal does not verify: %v", report)
		}
	})
}

// Who trips a wire is answered as before and sees nothing of it, a supervisor
// neither; other roles see no alarms at all.
func TestWhoTripsLearnsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, sam, audrey, frank := w.people["olga"], w.people["sam"], w.people["audrey"], w.people["frank"]
		cases := w.bareCases(82)
		var first, last api.Case
		for i, id := range cases {
			got, err := post[api.Case](w, sam, fill(api.PathRead, id), api.Read{Seq: -1})
			ok(t, err)
			if got.ID, got.Version = (hotline.CaseID{}), 0; i == 0 {
				first = got
			}
			last = got
		}
		if first != last {
			t.Errorf("the answer changed: %+v, then %+v", first, last)
		}
		if n := len(w.watched(sam).Alarms); n != 0 {
			t.Errorf("sam sees %d alarms about himself", n)
		}
		if n := len(w.watched(frank).Alarms); n == 0 {
			t.Error("another supervisor sees nothing")
		}
		a := w.watched(audrey).Alarms[0]
		answer, notes, err := seal.SignCalm(seal.Calm{Alarm: a.ID, Count: a.Count}, "I know", w.readers(), sam.key)
		ok(t, err)
		_, err = w.do(sam, "POST", fill(api.PathCalm, a.ID), api.NewCalm{Answer: answer.Text(), Notes: notes})
		wantKind(t, err, hotline.KindNotFound)
		for _, p := range []*person{olga, w.people["ada"]} {
			_, err := w.do(p, "GET", api.PathWatch, nil)
			wantKind(t, err, hotline.KindDenied)
		}
		tells := func(p *person) bool {
			for from := int64(0); ; {
				page, err := get[api.LeafPage](w, p, api.PathLeaves+"?from="+itoa(from))
				ok(t, err)
				for _, l := range page.Leaves {
					if strings.Contains(l.Entry, "tripwire.alarm") {
						return true
					}
				}
				from += int64(len(page.Leaves))
				if len(page.Leaves) == 0 {
					return false
				}
			}
		}
		if tells(sam) || !tells(audrey) || !tells(frank) {
			t.Errorf("the journal tells sam %v, audrey %v, frank %v", tells(sam), tells(audrey), tells(frank))
		}
	})
}

func (w *world) readers() map[seal.OperatorID]seal.Recipient {
	out := map[seal.OperatorID]seal.Recipient{}
	for _, m := range w.roster.Members {
		if m.Active() && hotline.Allowed(hotline.ActionWatch, m.Roles...) {
			out[m.ID] = m.Recipient
		}
	}
	return out
}

func (w *world) calmly(p *person, a api.Tripwire, text string) api.NewCalm {
	answer, notes, err := seal.SignCalm(seal.Calm{Alarm: a.ID, Count: a.Count, Hour: hotline.HourOf(w.clock.Now())}, text, w.readers(), p.key)
	ok(w.tb, err)
	return api.NewCalm{Answer: answer.Text(), Notes: notes}
}

// One who goes on is one alarm that grows; acknowledged, the count begins anew.
func TestAlarmsFoldAndAreAcknowledged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, sam, audrey := w.people["olga"], w.people["sam"], w.people["audrey"]
		lost := func(n int) {
			for range n {
				_, err := post[api.Located](w, olga, api.PathLocate, api.Locate{Code: hotline.NewChannelCode().Digits()})
				ok(t, err)
			}
		}
		lost(24)
		all := w.watched(audrey).Alarms
		if len(all) != 1 || all[0].Count != 24 || len(w.alarmLeaves()) != 2 { // told at 9 and at 18
			t.Fatalf("after 24: %+v, %d leaves", all, len(w.alarmLeaves()))
		}
		a := all[0]
		other := w.newCase(hotline.TeamDesk, "x")
		good := w.calmly(sam, a, "spoke with her: a caller misread the code")
		short := w.calmly(sam, a, "too few may read this")
		delete(short.Notes, audrey.member.ID)
		more := w.calmly(sam, a, "too many may read this")
		more.Notes[olga.member.ID] = more.Notes[audrey.member.ID]
		early := a
		early.Count = 9
		w.refuse(t, sam, fill(api.PathCalm, a.ID), good, []bad{
			{"nothing", api.NewCalm{}, hotline.KindInvalid},
			{"an answer of somebody else's", w.calmly(audrey, a, "x"), hotline.KindForged},
			{"an answer to another alarm", w.calmly(sam, api.Tripwire{ID: seal.Hash{7}, Count: 1}, "x"), hotline.KindInvalid},
			{"a note that the auditor cannot read", short, hotline.KindInvalid},
			{"a note for who tripped it", more, hotline.KindInvalid},
			{"a note in the clear", api.NewCalm{Answer: good.Answer, Notes: map[string][]byte{sam.member.ID: []byte("x")}}, hotline.KindInvalid},
			{"what has grown meanwhile", w.calmly(sam, early, "x"), hotline.KindConflict},
			{"more than there is", w.calmly(sam, api.Tripwire{ID: a.ID, Count: 99}, "x"), hotline.KindInvalid},
			{"a statement", api.NewCalm{Answer: w.statement(other, sam, seal.Statement{Act: seal.ActUrgency}, nil).Text, Notes: good.Notes}, hotline.KindInvalid},
		})
		_, err := w.do(sam, "POST", fill(api.PathCalm, a.ID), good)
		ok(t, err) // sent again
		_, err = w.do(audrey, "POST", fill(api.PathCalm, a.ID), w.calmly(audrey, a, "I too"))
		wantKind(t, err, hotline.KindConflict)
		held := w.watched(audrey).Alarms[0]
		c, signed, err := seal.ParseCalm(held.Answer)
		ok(t, err)
		text, err := seal.OpenCalmNote(audrey.id, held.Note, signed)
		ok(t, err)
		if held.By != sam.member.ID || c.Count != 24 || !strings.Contains(text, "misread") || held.Since%60 != 0 || held.Last%60 != 0 {
			t.Errorf("acknowledged: %+v, %q", held, text)
		}
		count := func() (n int) {
			for _, a := range w.watched(audrey).Alarms {
				if a.Wire == hotline.WireLost {
					n++
				}
			}
			return n
		}
		w.clock.Move(time.Minute)
		lost(8)
		if n := count(); n != 1 {
			t.Errorf("%d alarms: what was looked into counted again", n)
		}
		lost(1)
		if n := count(); n != 2 {
			t.Errorf("%d alarms after it went on", n)
		}
		w.clock.Move(13 * time.Hour)
		lost(1)
		if n := count(); n != 2 {
			t.Errorf("%d alarms: the window does not slide", n)
		}
	})
}

// A canary looks like any case to an operator. Whoever opens it, answers it or
// acts on it is told of; fetching it, as every desk does by itself, is not.
func TestCanary(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga, otto, sam, audrey, frank := w.people["olga"], w.people["otto"], w.people["sam"], w.people["audrey"], w.people["frank"]
		c := w.newCase(hotline.TeamDesk, "a quiet story")
		path := fill(api.PathCanary, c.id)
		_, err := w.do(sam, "POST", path, struct{}{})
		wantKind(t, err, hotline.KindConflict) // somebody waits there
		_, err = w.do(sam, "POST", fill(api.PathReplies, c.id), w.goodReply(c, sam, "we hear you"))
		ok(t, err)
		_, err = w.do(sam, "POST", path, struct{}{})
		wantKind(t, err, hotline.KindConflict) // not in this stage
		_, err = w.do(sam, "POST", fill(api.PathStatements, c.id), w.statement(c, sam, seal.Statement{Act: seal.ActStage, Stage: hotline.StageStandby}, nil))
		ok(t, err)
		before := must(get[api.CasePage](w, olga, api.PathCases))
		_, err = w.do(sam, "POST", path, struct{}{})
		ok(t, err)
		if after := must(get[api.CasePage](w, olga, api.PathCases)); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("an operator sees that it is planted: %+v", after)
		}
		item := api.SyncItem{ID: c.id, AfterPlace: -1, AfterStatement: -1}
		_, err = post[api.SyncAnswer](w, olga, api.PathSync, api.SyncRequest{Items: []api.SyncItem{item}})
		ok(t, err)
		if n := len(w.watched(audrey).Alarms); n != 0 {
			t.Fatalf("fetching alone raised %d alarms", n)
		}
		w.openByHand(olga, c.id)
		w.openByHand(olga, c.id)
		_, err = post[api.Located](w, otto, api.PathLocate, api.Locate{Code: c.Code.Digits()})
		ok(t, err)
		_, err = w.do(sam, "POST", fill(api.PathStatements, c.id), w.statement(c, sam, seal.Statement{Act: seal.ActUrgency, Urgency: 1}, nil))
		ok(t, err)
		got := map[string]int64{}
		for _, a := range w.watched(audrey).Alarms {
			if a.Wire != hotline.WireCanary || a.Case == nil || *a.Case != c.id {
				t.Errorf("%+v", a)
			}
			got[a.Who] = a.Count
		}
		if len(got) != 3 || got[olga.member.ID] != 2 || got[otto.member.ID] != 1 || got[sam.member.ID] != 1 {
			t.Errorf("alarms: %v", got)
		}
		for _, a := range w.watched(frank).Alarms {
			if a.Case != nil {
				t.Error("a supervisor of another team is told the case")
			}
		}
		if x := w.watched(frank).Canaries; len(x) != 0 {
			t.Errorf("a supervisor of another team sees canaries: %+v", x)
		}
		if x := w.watched(audrey).Canaries; len(x) != 1 || x[0].Case != c.id || x[0].By != sam.member.ID {
			t.Errorf("canaries: %+v", x)
		}
		_, err = w.do(sam, "DELETE", path, struct{}{})
		ok(t, err)
		n := len(w.watched(audrey).Alarms)
		w.openByHand(otto, c.id)
		if len(w.watched(audrey).Alarms) != n || len(w.watched(audrey).Canaries) != 0 {
			t.Error("a lifted canary still sings")
		}
	})
}

// A day of publicity: everybody reads many times as much as usual. Nobody is
// told of for that; one who reads far more than the others is.
func TestSurgeAtTheServer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var people []*person
		for i := range 6 {
			people = append(people, newPerson(fmt.Sprintf("op%d", i), []hotline.Role{hotline.RoleOperator}, hotline.TeamDesk))
		}
		w.publish(t, func(r *seal.Roster) {
			for _, p := range people {
				r.Members = append(r.Members, p.member)
			}
		})
		cases := make([]*hotline.CaseID, 0, 150)
		for range 150 {
			id := w.bareCase(hotline.TeamDesk)
			ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error { // somebody waits in each
				row, err := tx.LockCase(t.Context(), id[:])
				if err != nil {
					return err
				}
				v, err := tx.NextVersion(t.Context())
				if err != nil {
					return err
				}
				p := db.CaseWaitsParams{WaitingSinceMs: row.WaitingSinceMs, Version: v, ID: id[:]}
				p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = 1, true
				_, err = tx.CaseWaits(t.Context(), p)
				return err
			}))
			cases = append(cases, &id)
		}
		for i := range 36 { // all as one, up to the limit of a quiet day
			for _, p := range people {
				w.openByHand(p, *cases[i])
			}
		}
		for i := 36; i < 60; i++ { // and past it
			for k, p := range people {
				w.openByHand(p, *cases[(i+7*k)%len(cases)])
			}
		}
		told := w.watched(w.people["audrey"]).Alarms
		t.Logf("%d alarms after %d openings in an hour by %d people", len(told), 60*len(people), len(people))
		if len(told) != 0 {
			t.Errorf("a surge raised %d alarms", len(told))
		}
		for i := 60; i < 150; i++ {
			w.openByHand(people[0], *cases[i])
		}
		told = w.watched(w.people["audrey"]).Alarms
		if len(told) != 0 && told[0].Who != people[0].member.ID || len(told) > 1 {
			t.Errorf("alarms: %+v", told)
		}
		for range 60 {
			w.openByHand(people[0], w.bareCases(1)[0])
		}
		if told = w.watched(w.people["audrey"]).Alarms; len(told) == 0 || told[0].Who != people[0].member.ID {
			t.Errorf("who read far more than the others was not told of: %+v", told)
		}
	})
}

// The alarm is on both nodes' feeds within two seconds; who tripped it hears
// nothing, not even that something was.
func TestAlarmsAreLiveOnTwoNodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		w.open(open(), nil)
		addr := w.listen(t)
		other := *w
		other.db = open()
		other.s = w.node(other.db, nil)
		far := other.listen(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := w.newCase(hotline.TeamDesk, "a quiet story")
		ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.PlantCanary(t.Context(), db.PlantCanaryParams{CaseID: c.id[:], PlantedBy: "x", Hour: 1})
			return err
		}))
		ready, heard := make(chan string, 4), make(chan string, 4)
		for name, at := range map[string]string{"sam": far, "audrey": addr, "olga": addr, "ada": far} {
			go func() {
				_ = w.client(at, w.people[name]).Live(ctx, 0, func(e api.Event) error {
					switch e.Kind {
					case api.EventReady:
						ready <- name
					case api.EventTripwire:
						heard <- name
					}
					return nil
				})
			}()
		}
		for range 4 {
			<-ready
		}
		begin := time.Now()
		_, err := w.client(addr, w.people["olga"]).MarkRead(ctx, c.id, -1)
		ok(t, err)
		got := map[string]bool{<-heard: true, <-heard: true}
		took := time.Since(begin)
		t.Logf("both were told after %v", took)
		if !got["sam"] || !got["audrey"] || took > 2*time.Second {
			t.Errorf("told %v after %v", got, took)
		}
		// A change that everybody hears of comes after it on every feed.
		other.publish(t, func(r *seal.Roster) { r.Hour++ })
		select {
		case name := <-heard:
			t.Errorf("%s heard of the alarm too", name)
		case <-time.After(700 * time.Millisecond):
		}
	})
}

// What no window needs is let go, and a year later the alarm too.
func TestMarksAreLetGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		for range 9 {
			_, err := post[api.Located](w, olga, api.PathLocate, api.Locate{Code: hotline.NewChannelCode().Digits()})
			ok(t, err)
		}
		a := w.watched(w.people["audrey"]).Alarms[0]
		_, err := w.do(w.people["sam"], "POST", fill(api.PathCalm, a.ID), w.calmly(w.people["sam"], a, "fine"))
		ok(t, err)
		ok(t, server.ForgetMarks(t.Context(), w.s))
		if len(w.watched(w.people["audrey"]).Alarms) != 1 {
			t.Error("an alarm was let go at once")
		}
		w.clock.Move(366 * 24 * time.Hour)
		ok(t, server.ForgetMarks(t.Context(), w.s))
		var left int64
		ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
			tally, err := tx.TallyOf(t.Context(), db.TallyOfParams{Wire: string(hotline.WireLost), Actor: olga.member.ID})
			left = tally.N
			return err
		}))
		if left != 0 || len(w.watched(w.people["audrey"]).Alarms) != 0 {
			t.Errorf("%d marks are left, alarms %+v", left, w.watched(w.people["audrey"]).Alarms)
		}
	})
}
