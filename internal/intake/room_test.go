package intake

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// outcome of a seat without waiting: "" while it is inside.
func outcome(s *seat[int]) string {
	select {
	case err := <-s.done:
		s.done <- err
		return hotline.KindOf(err).String()
	default:
		return ""
	}
}

// fill enters n seats and returns those which got in.
func fill(r *room[int], n int, lane Lane, work int) (in []*seat[int]) {
	for range n {
		if s := newSeat(lane, work, 0); r.enter(s) == nil {
			in = append(in, s)
		}
	}
	return in
}

func TestRoomCallsByLaneThenWork(t *testing.T) {
	t.Parallel()
	r := newRoom[int](100, 100)
	for _, s := range []struct {
		lane Lane
		work int
	}{{LaneNew, 20}, {LaneKnown, 0}, {LaneNew, 3}, {LaneAnswered, 0}, {LaneReturn, 9}, {LaneAnswered, 5}, {LaneKnown, 2}} {
		if r.enter(newSeat(s.lane, s.work, int(s.lane)*100+s.work)) != nil {
			t.Fatal("no seat")
		}
	}
	r.turn = 1000 * fairShare * 3 // the next fair turn is far enough away for three calls
	var got []int
	for range 3 {
		got = append(got, r.call(1)[0].load)
	}
	if !slices.Equal(got, []int{5, 0, 102}) {
		t.Errorf("called: %v", got)
	}
}

// Among those who worked alike nobody waits longer than who came after, however
// luck fell when there were seats for all; and a rush of those who worked more
// takes only each second turn.
func TestTheFirstToComeIsCalledFirst(t *testing.T) {
	t.Parallel()
	r := newRoom[int](200, 0)
	for n := range 100 {
		if r.enter(newSeat(LaneKnown, 3, n)) != nil {
			t.Fatal("no seat")
		}
	}
	for n := range 20 {
		if r.enter(newSeat(LaneKnown, 4, 1000+n)) != nil {
			t.Fatal("no seat")
		}
	}
	var calm, rush []int
	for n := range 120 {
		got := r.call(1)[0].load
		if got >= 1000 {
			rush = append(rush, got-1000)
		} else {
			calm = append(calm, got)
		}
		if n < 40 && len(rush)-len(calm) != (n+1)%2 {
			t.Fatalf("after %d turns %d who worked more were called and %d others", n+1, len(rush), len(calm))
		}
	}
	if len(calm) != 100 || len(rush) != 20 || !slices.IsSorted(calm) || !slices.IsSorted(rush) {
		t.Errorf("out of turn: %v %v", calm, rush)
	}
}

func TestMoreWorkThanTheCapCountsNoMore(t *testing.T) {
	t.Parallel()
	if a, b := newSeat(LaneNew, workCap, 0), newSeat(LaneNew, 255, 0); a.rank>>56 != b.rank>>56 {
		t.Error("a rack of machines outbids every phone")
	}
	if a, b := newSeat(LaneNew, 3, 0), newSeat(LaneNew, 4, 0); a.rank >= b.rank {
		t.Error("work does not count")
	}
}

func TestFullRoom(t *testing.T) {
	t.Parallel()
	r := newRoom[int](10, 8) // 8 reserved for answered, 4 known, 2 return, 2 gateway
	crowd := fill(r, 50, LaneNew, 5)
	inside := 0
	for _, s := range crowd {
		if outcome(s) == "" {
			inside++
		} else if outcome(s) != "busy" {
			t.Errorf("turned out: %q", outcome(s))
		}
	}
	if inside != 10 {
		t.Fatalf("%d inside", inside)
	}
	if got := fill(r, 5, LaneNew, 4); len(got) != 0 {
		t.Error("less work displaced more")
	}
	if got := fill(r, 3, LaneNew, 6); len(got) != 3 {
		t.Error("more work did not displace less")
	}
	if got := fill(r, 2, LaneGateway, 0); len(got) != 2 {
		t.Error("the form's own places are taken")
	}
	if got := fill(r, 4, LaneKnown, 0); len(got) != 4 {
		t.Error("the known cases' own places are taken")
	}
	answered := fill(r, 18, LaneAnswered, 0)
	if len(answered) != 18 {
		t.Errorf("%d answered got in", len(answered))
	}
	if fill(r, 1, LaneNew, 20) != nil {
		t.Error("a stranger displaced an answered case")
	}
	if got := fill(r, 1, LaneKnown, 20); len(got) != 0 {
		t.Error("a known case displaced an answered one")
	}
	for _, s := range answered {
		if outcome(s) != "" {
			t.Error("an answered case was sent away")
		}
	}
}

// One case that writes without end does not fill the lane of the answered.
func TestOneCaseDoesNotFillALane(t *testing.T) {
	t.Parallel()
	r := newRoom[int](5, 8)
	key := hotline.CaseID{1}
	for range 100 {
		s := newSeat(LaneAnswered, 0, 1)
		s.key = key
		_ = r.enter(s) // most of them find no seat
	}
	honest := newSeat(LaneAnswered, 0, 2)
	honest.key = hotline.CaseID{2}
	if r.enter(honest) != nil {
		t.Fatal("no seat for another case")
	}
	if n := len(r.lanes[LaneAnswered]); n != maxPerCase+1 {
		t.Errorf("%d in the lane", n)
	}
	for r.waiting() > 0 {
		r.call(3)
	}
	if len(r.crowd) != 0 {
		t.Errorf("the room remembers %v", r.crowd)
	}
}

// Every fourth turn belongs to the last lanes, so a rush of answered cases
// does not shut new ones out.
func TestNobodyStarves(t *testing.T) {
	t.Parallel()
	r := newRoom[int](1000, 1000)
	for l := range laneCount {
		fill(r, 300, l, 0)
	}
	served := map[Lane]int{}
	for range 120 {
		for _, s := range r.call(1) {
			served[s.lane]++
		}
	}
	if served[LaneAnswered] != 90 {
		t.Errorf("served: %v", served)
	}
	for _, l := range []Lane{LaneReturn, LaneGateway, LaneNew, LanePart} {
		if served[l] < 7 {
			t.Errorf("served: %v", served)
		}
	}
}

func TestWhoGoesAwayLeavesTheSeat(t *testing.T) {
	t.Parallel()
	r := newRoom[int](1, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.wait(ctx, newSeat(LaneNew, 9, 0)); hotline.KindOf(err) != hotline.KindBusy {
		t.Error(err)
	}
	if r.waiting() != 0 {
		t.Error("the seat is still taken")
	}
}

// Who was called hears the truth, even after going away.
func TestWhoWasCalledStays(t *testing.T) {
	t.Parallel()
	r := newRoom[int](1, 0)
	ctx, cancel := context.WithCancel(t.Context())
	s := newSeat(LaneNew, 0, 0)
	var all sync.WaitGroup
	all.Go(func() {
		called := r.call(1)
		cancel()
		called[0].done <- nil
	})
	if err := r.wait(ctx, s); err != nil {
		t.Error(err)
	}
	all.Wait()
}

func TestClosedRoom(t *testing.T) {
	t.Parallel()
	r := newRoom[int](5, 0)
	s := newSeat(LaneNew, 0, 0)
	if err := r.enter(s); err != nil {
		t.Fatal(err)
	}
	r.close()
	if err := <-s.done; !errors.Is(err, errClosing) {
		t.Error(err)
	}
	if r.call(1) != nil {
		t.Error("a closed room calls")
	}
	if err := r.wait(t.Context(), newSeat(LaneNew, 0, 0)); hotline.KindOf(err) != hotline.KindUnavailable {
		t.Errorf("entered a closed room: %v", err)
	}
}

// Whatever comes and goes: nobody is lost, nobody is told twice, the bounds
// hold, and nobody is sent away while somebody of a later lane or lower rank
// keeps a common seat.
func TestRoomKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		common, reserved := rapid.IntRange(1, 12).Draw(t, "common"), rapid.IntRange(0, 8).Draw(t, "reserved")
		r := newRoom[int](common, reserved)
		most := common
		for _, n := range r.reserved {
			most += n
		}
		inside := map[*seat[int]]bool{}
		called := 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				for _, s := range r.call2(rapid.IntRange(1, 4).Draw(t, "n")) {
					if !inside[s] {
						t.Fatal("somebody was called who is not inside")
					}
					delete(inside, s)
					called++
				}
			case 1:
				for s := range inside {
					if !r.leave(s) {
						t.Fatal("somebody inside cannot leave")
					}
					delete(inside, s)
					break
				}
			default:
				s := newSeat(Lane(rapid.IntRange(0, int(laneCount)-1).Draw(t, "lane")), rapid.IntRange(0, 3).Draw(t, "work"), 0)
				if rapid.Bool().Draw(t, "known") {
					s.key = hotline.CaseID{byte(rapid.IntRange(1, 3).Draw(t, "key"))}
				}
				if r.enter(s) == nil {
					inside[s] = true
				} else {
					for other := range inside {
						if other.lane == s.lane && other.rank < s.rank && len(r.lanes[other.lane]) > r.reserved[other.lane] {
							t.Fatal("sent away before somebody of lower rank")
						}
					}
				}
				for s := range inside {
					if outcome(s) != "" {
						delete(inside, s)
					}
				}
			}
			if r.waiting() != len(inside) || len(inside) > most {
				t.Fatalf("%d inside, %d counted, at most %d", len(inside), r.waiting(), most)
			}
		}
	})
}

// call2 is call for a room that may be empty.
func (r *room[T]) call2(n int) []*seat[T] {
	if r.waiting() == 0 {
		return nil
	}
	return r.call(n)
}

func TestEffort(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	e := &effort{clock: func() time.Time { return now }}
	for _, c := range []struct {
		after time.Duration
		fill  float64
		want  int
	}{
		{0, 0, 0},
		{time.Second, 0.12, 0},         // calm
		{time.Second, 0.2, 2},          // it begins
		{time.Second, 1, seal.MaxWork}, // full
		{0, 0, seal.MaxWork},           // a wave has just passed
		{10 * time.Second, 0, 8},       // half of it
		{10 * time.Second, 1.5, 15},    // never more than what a phone can do
		{time.Hour, 0, 0},              // calm again
		{-time.Hour, 0.5, 7},           // a clock that is set back does no harm
		{2 * time.Hour, 0.05, 0},       // and is forgotten
	} {
		now = now.Add(c.after)
		if got := e.see(c.fill); got != c.want {
			t.Errorf("%v full: %d bits, want %d", c.fill, got, c.want)
		}
	}
	for range 1000 {
		if s := retryAfter(15); s < 2 || s > 30 {
			t.Fatalf("come again in %d s", s)
		}
		if s := retryAfter(0); s < 2 || s > 6 {
			t.Fatalf("come again in %d s", s)
		}
	}
}

// A flood of fifty strangers for each honest arrival, on a server that serves
// ten in a tick, played without a network: answered cases wait a tick or two
// and are never sent away, honest new cases get in by coming again.
func TestFloodInTheRoom(t *testing.T) {
	t.Parallel()
	const ticks, served = 2000, 10
	r := newRoom[int](64, 32)
	type waiting struct {
		s    *seat[int]
		from int
	}
	var follow []waiting
	var again []int // ticks in which an honest new case first came
	newcomers := map[*seat[int]]int{}
	longest, got, came := 0, 0, 0
	for tick := range ticks {
		for range 50 {
			_ = r.enter(newSeat(LaneNew, 0, 0)) // the attacker does not mind
		}
		s := newSeat(LaneAnswered, 0, 0)
		if err := r.enter(s); err != nil {
			t.Fatal("an answered case was sent away")
		}
		follow = append(follow, waiting{s, tick})
		if tick%5 == 0 {
			again, came = append(again, tick), came+1
		}
		var stillOut []int
		for _, first := range again {
			s := newSeat(LaneNew, 0, 0) // no more work than the flood: chance alone
			if r.enter(s) != nil {
				stillOut = append(stillOut, first)
				continue
			}
			newcomers[s] = first
		}
		again = stillOut
		for _, s := range r.call(served) {
			s.done <- nil
		}
		for s, first := range newcomers {
			switch outcome(s) {
			case "":
				continue
			case hotline.KindBusy.String():
				again = append(again, first)
			default:
				got++
			}
			delete(newcomers, s)
		}
		for len(follow) > 0 && outcome(follow[0].s) != "" {
			longest = max(longest, tick-follow[0].from)
			follow = follow[1:]
		}
	}
	if longest > 2 {
		t.Errorf("an answered case waited %d ticks", longest)
	}
	if out := came - got; out > came/10 {
		t.Errorf("%d of %d honest new cases are still out", out, came)
	}
	t.Logf("answered cases waited at most %d ticks; %d of %d new cases got in", longest, got, came)
}
