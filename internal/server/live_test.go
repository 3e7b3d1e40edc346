package server_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// listen boots the world's server over real TLS on a free port.
func (w *world) listen(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	ok(t, err)
	srv, err := w.s.HTTPServer(w.tlsKey)
	ok(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // until the cleanup
	var work sync.WaitGroup
	work.Go(func() { _ = w.s.Run(ctx) })
	work.Go(func() { _ = srv.ServeTLS(l, "", "") })
	t.Cleanup(func() {
		// The feeds must not hold up the end.
		stop, giveUp := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		defer giveUp()
		if err := srv.Shutdown(stop); err != nil {
			t.Errorf("shut down: %v", err)
		}
		cancel()
		work.Wait()
	})
	return l.Addr().String()
}

func (w *world) client(addr string, p *person) *api.Client {
	return api.NewClient(addr, p.cert, w.roster.ServerTLS)
}

var errEnough = errors.New("enough")

func TestOverTLS(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		addr := w.listen(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		olga := w.client(addr, w.people["olga"])
		c := w.newCase(hotline.TeamDesk, "hello")
		me, err := olga.Me(ctx)
		ok(t, err)
		page, err := olga.Cases(ctx, 0)
		ok(t, err)
		if me.Member.Name != "olga" || len(page.Cases) != 1 || page.Cases[0].ID != c.id {
			t.Errorf("me %+v, page %+v", me, page)
		}
		now, err := olga.Reply(ctx, c.id, w.goodReply(c, w.people["olga"], "yes"))
		ok(t, err)
		if now.DeskSeq != 0 {
			t.Errorf("after the reply: %+v", now)
		}
		_, err = olga.Leaves(ctx, 0)
		wantKind(t, err, hotline.KindDenied)
		if _, err := w.client(addr, w.people["audrey"]).Leaves(ctx, 0); err != nil {
			t.Error(err)
		}
		stranger := newPerson("stranger", nil)
		_, err = w.client(addr, stranger).Me(ctx)
		wantKind(t, err, hotline.KindDenied)
		_, err = api.NewClient(addr, w.people["olga"].cert, seal.Hash{1}).Me(ctx)
		if err == nil {
			t.Error("a client believed another server")
		}
		if _, err := w.client(addr, w.people["ada"]).Invitations(ctx); err != nil {
			t.Error(err)
		}
		if err := w.client(addr, w.people["ada"]).RevokeInvitation(ctx, seal.Hash{1}); hotline.KindOf(err) != hotline.KindNotFound {
			t.Errorf("got %v", err)
		}
	})
}

// A feed that breaks and resumes again and again, while cases change on two
// nodes, hears of every case's last change, in order, once.
func TestLiveResumesWithoutGapsOrDoubles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		w.open(open(), nil)
		addr := w.listen(t)
		other := *w
		other.db = open() // a second node writes too
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()

		ids := make([]hotline.CaseID, 20)
		for i := range ids {
			ids[i] = w.bareCase(hotline.TeamDesk)
		}
		theirs := w.bareCase(hotline.TeamField)
		var writers sync.WaitGroup
		for n, node := range []*world{w, &other} {
			writers.Go(func() {
				for i := range 150 {
					node.touch(ids[(i*7+n*3)%len(ids)])
					node.touch(theirs)
				}
			})
		}
		last := make(chan hotline.CaseID, 1)
		go func() {
			writers.Wait()
			last <- w.bareCase(hotline.TeamDesk) // the end
		}()
		seen := map[hotline.CaseID]int64{}
		var cursor int64
		var end hotline.CaseID
		olga := w.client(addr, w.people["olga"])
		for n := 0; end == (hotline.CaseID{}) || seen[end] == 0; n++ {
			events := 0
			err := olga.Live(ctx, cursor, func(e api.Event) error {
				if e.Cursor < cursor || (e.Kind == api.EventCase && e.Cursor <= cursor) {
					return fmt.Errorf("version %d after %d", e.Cursor, cursor)
				}
				cursor = e.Cursor
				if e.Kind == api.EventCase {
					if e.Case.Team != hotline.TeamDesk || e.Case.Version != e.Cursor {
						return fmt.Errorf("event %+v", e)
					}
					seen[e.Case.ID] = e.Case.Version
				}
				select {
				case end = <-last:
				default:
				}
				if events++; events >= 5+n%11 || (end != (hotline.CaseID{}) && seen[end] != 0) {
					return errEnough
				}
				return nil
			})
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
		}
		page, err := olga.Cases(ctx, 0)
		ok(t, err)
		if len(page.Cases) != len(seen) {
			t.Errorf("the feed told of %d cases, there are %d", len(seen), len(page.Cases))
		}
		for _, c := range page.Cases {
			if seen[c.ID] != c.Version {
				t.Errorf("a case is at version %d, the feed told %d", c.Version, seen[c.ID])
			}
		}
	})
}

// Changes that are not of a case are told to those whom they concern.
func TestLiveTellsOfHouseChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		addr := w.listen(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		type heard struct {
			who  string
			kind string
		}
		events := make(chan heard, 100)
		for _, name := range []string{"olga", "ada"} {
			go func() {
				_ = w.client(addr, w.people[name]).Live(ctx, 0, func(e api.Event) error {
					events <- heard{name, e.Kind}
					return nil
				})
			}()
		}
		wait := func(want ...heard) {
			t.Helper()
			for len(want) > 0 {
				select {
				case got := <-events:
					for i := range want {
						if want[i] == got {
							want = append(want[:i], want[i+1:]...)
							break
						}
					}
					if got == (heard{"olga", api.EventEnrol}) {
						t.Error("an operator hears of invitations")
					}
				case <-ctx.Done():
					t.Fatalf("nobody heard %v", want)
				}
			}
		}
		// The beginning counts as a change: who has nothing yet must ask for it.
		wait(heard{"olga", api.EventDocument}, heard{"olga", api.EventEpoch}, heard{"olga", api.EventReady}, heard{"ada", api.EventReady})
		w.invite(t, "nora")
		wait(heard{"ada", api.EventEnrol})
		next := must(seal.NewTeamSecret(hotline.TeamDesk, 2))
		_, err := w.do(w.people["olga"], "POST", api.PathEpochs, w.epoch(next, w.people["olga"]))
		ok(t, err)
		wait(heard{"olga", api.EventEpoch}, heard{"ada", api.EventEpoch})
		w.publish(t, func(r *seal.Roster) { r.Hour++ })
		wait(heard{"olga", api.EventDocument}, heard{"ada", api.EventDocument})
	})
}

// Who is revoked loses the open feed within a second, also when another node
// published the roster; the others keep theirs.
func TestRevocationEndsFeeds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		w.open(open(), nil)
		addr := w.listen(t)
		other := *w
		other.db = open()
		other.s = w.node(other.db, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		ready := make(chan string, 2)
		ended := make(chan string, 2)
		for _, name := range []string{"otto", "olga"} {
			go func() {
				_ = w.client(addr, w.people[name]).Live(ctx, 0, func(e api.Event) error {
					if e.Kind == api.EventReady {
						ready <- name
					}
					return nil
				})
				ended <- name
			}()
		}
		<-ready
		<-ready
		other.publish(t, func(r *seal.Roster) { r.Members[1].Until = 2 })
		begin := time.Now()
		if who := <-ended; who != "otto" {
			t.Errorf("%s's feed ended", who)
		}
		if d := time.Since(begin); d > 5*time.Second { // a second, and room for a busy machine
			t.Errorf("the feed ended after %v", d)
		}
		if err := w.client(addr, w.people["otto"]).Live(ctx, 0, func(api.Event) error { return nil }); hotline.KindOf(err) != hotline.KindDenied {
			t.Errorf("a revoked member's new feed: %v", err)
		}
		select {
		case who := <-ended:
			t.Errorf("%s's feed ended too", who)
		default:
		}
	})
}

// A desk that is ahead of a restored database is told everything again.
func TestCursorFromTheFuture(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		id := w.bareCase(hotline.TeamDesk)
		page, err := get[api.CasePage](w, w.people["olga"], api.PathCases+"?after=1000000")
		ok(t, err)
		if len(page.Cases) != 1 || page.Cases[0].ID != id || page.Cursor >= 1000000 {
			t.Errorf("the queue: %+v", page)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		told := false
		err = w.client(w.listen(t), w.people["olga"]).Live(ctx, 1000000, func(e api.Event) error {
			told = told || e.Kind == api.EventCase && e.Case.ID == id
			if e.Kind == api.EventReady {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) || !told {
			t.Errorf("the feed: %v, told %v", err, told)
		}
	})
}
