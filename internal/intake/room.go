package intake

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Lane is who goes before whom in the waiting room.
type Lane int

// The lanes, first to last.
const (
	LaneAnswered Lane = iota // a message to a case that an operator has answered
	LaneKnown                // a message to a case that is known
	LaneReturn               // somebody comes back with a receipt; known or not, they wait alike
	LaneGateway              // a new case from a door without work to prove: form, telephone
	LaneNew                  // a new case from the page
	LanePart                 // a part of an attachment: text goes first
	laneCount
)

// workCap is where more work stops counting: a few bits beyond what is ever
// asked for, so that a rack of machines does not outbid every phone for good.
const workCap = seal.MaxWork + 5

// fairShare is every which turn belongs to the last lanes first, so that a
// flood in a lane above does not shut them out.
const fairShare = 4

// seat is one place in the room. Rank says who keeps a seat when the room is
// full: work first, then chance. Who is called is by turns the first to come of
// those who worked most, and the first to come of all: chance there would let
// an unlucky one wait several times as long as the others, and work alone would
// let those wait for the end of a rush who took their challenge before it.
type seat[T any] struct {
	lane    Lane
	rank    uint64 // work, then chance
	arrival uint64 // counts up
	key     hotline.CaseID
	done    chan error // one value: what became of it
	load    T          // what is to be done
}

// chanceBits of a rank are chance.
const chanceBits = 56

func newSeat[T any](lane Lane, work int, load T) *seat[T] {
	bits := uint64(min(max(work, 0), workCap))
	chance := rand.Uint64() >> (64 - chanceBits) //nolint:gosec // order in a queue, not a secret
	return &seat[T]{lane: lane, rank: bits<<chanceBits | chance, done: make(chan error, 1), load: load}
}

func (s *seat[T]) work() uint64 { return s.rank >> chanceBits }

// room is a bounded waiting room. Nobody is turned away for who they are or
// where they come from; when it is full, those of the lowest rank are told to
// come again.
type room[T any] struct {
	mu       sync.Mutex
	changed  *sync.Cond
	lanes    [laneCount][]*seat[T] // ascending rank: the first is the first to go
	reserved [laneCount]int        // seats that only this lane may take
	common   int                   // seats for all
	crowd    map[hotline.CaseID]int
	turn     uint64
	came     uint64
	closed   bool
}

// newRoom makes a room of common seats for all lanes and reserved ones:
// answered cases get reserved, the other lanes that strangers cannot fill a part.
func newRoom[T any](common, reserved int) *room[T] {
	r := &room[T]{common: common, crowd: make(map[hotline.CaseID]int)}
	r.changed = sync.NewCond(&r.mu)
	r.reserved[LaneAnswered] = reserved
	r.reserved[LaneKnown] = reserved / 2
	r.reserved[LaneReturn] = reserved / 4
	r.reserved[LaneGateway] = reserved / 4
	r.reserved[LanePart] = reserved / 8
	return r
}

// maxPerCase is how many messages of one case may wait in its lane; more of
// them wait behind all others, or one case could fill the lane of the answered.
const maxPerCase = 2

// enter seats s. The error is errBusy when everybody inside goes before s.
// Whoever loses the seat to s is told through its done channel.
func (r *room[T]) enter(s *seat[T]) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errClosing
	}
	if s.key != (hotline.CaseID{}) {
		if r.crowd[s.key] >= maxPerCase {
			s.lane = LaneNew
		}
		r.crowd[s.key]++
	}
	if !r.makeRoom(s) {
		r.forget(s)
		return errBusy
	}
	r.came++
	s.arrival = r.came
	lane := &r.lanes[s.lane]
	at, _ := slices.BinarySearchFunc(*lane, s.rank, byRank[T])
	*lane = slices.Insert(*lane, at, s)
	r.changed.Signal()
	return nil
}

// makeRoom finds a seat for s: a reserved one, a common one, or that of the
// last in line if s goes before it.
func (r *room[T]) makeRoom(s *seat[T]) bool {
	if len(r.lanes[s.lane]) < r.reserved[s.lane] {
		return true
	}
	used := 0
	for l, lane := range r.lanes {
		used += max(0, len(lane)-r.reserved[l])
	}
	if used < r.common {
		return true
	}
	for l := laneCount - 1; l >= s.lane; l-- {
		lane := r.lanes[l]
		if len(lane) <= r.reserved[l] || (l == s.lane && lane[0].rank >= s.rank) {
			continue
		}
		last := lane[0]
		r.lanes[l] = slices.Delete(lane, 0, 1)
		r.forget(last)
		last.done <- errBusy
		return true
	}
	return false
}

// leave takes s out. It returns false when s has been called already.
func (r *room[T]) leave(s *seat[T]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	lane := r.lanes[s.lane]
	at, _ := slices.BinarySearchFunc(lane, s.rank, byRank[T])
	for ; at < len(lane) && lane[at].rank == s.rank; at++ {
		if lane[at] == s {
			r.lanes[s.lane] = slices.Delete(lane, at, at+1)
			r.forget(s)
			return true
		}
	}
	return false
}

// call waits until somebody is in the room and returns up to n seats, first
// those who go first. It returns nil when the room is closed and empty.
func (r *room[T]) call(n int) []*seat[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.waiting() == 0 {
		if r.closed {
			return nil
		}
		r.changed.Wait()
	}
	var called []*seat[T]
	for len(called) < n {
		s := r.next()
		if s == nil {
			break
		}
		r.forget(s)
		called = append(called, s)
	}
	return called
}

// next takes who goes first. Each fairShare-th turn belongs to one of the lanes
// from LaneReturn on in rotation.
func (r *room[T]) next() *seat[T] {
	r.turn++
	if r.turn%fairShare == 0 {
		turn := Lane(r.turn / fairShare % uint64(laneCount-LaneReturn))
		if s := r.best(LaneReturn + turn); s != nil {
			return s
		}
	}
	for l := range laneCount {
		if s := r.best(l); s != nil {
			return s
		}
	}
	return nil
}

// best takes the first to come of those in the lane who worked most; each second
// turn, the first to come of all in it.
func (r *room[T]) best(l Lane) *seat[T] {
	lane := r.lanes[l]
	if len(lane) == 0 {
		return nil
	}
	at := len(lane) - 1
	most, all := lane[at].work(), r.turn%2 == 0
	for n := at - 1; n >= 0 && (all || lane[n].work() == most); n-- {
		if lane[n].arrival < lane[at].arrival {
			at = n
		}
	}
	s := lane[at]
	r.lanes[l] = slices.Delete(lane, at, at+1)
	return s
}

func (r *room[T]) forget(s *seat[T]) {
	if s.key == (hotline.CaseID{}) {
		return
	}
	if r.crowd[s.key]--; r.crowd[s.key] <= 0 {
		delete(r.crowd, s.key)
	}
}

func (r *room[T]) waiting() int {
	n := 0
	for _, lane := range r.lanes {
		n += len(lane)
	}
	return n
}

// fill is how full the common seats are, from 0 to 1.
func (r *room[T]) fill() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	used := 0
	for l, lane := range r.lanes {
		used += max(0, len(lane)-r.reserved[l])
	}
	return float64(used) / float64(r.common)
}

// close sends everybody away; nothing of theirs was kept.
func (r *room[T]) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for l, lane := range r.lanes {
		for _, s := range lane {
			s.done <- errClosing
		}
		r.lanes[l] = nil
	}
	clear(r.crowd)
	r.changed.Broadcast()
}

// wait waits in the room for s's turn and its outcome. When ctx ends before s
// is called it leaves; afterwards it stays, because what was called is kept
// or not kept whether anybody listens or not.
func (r *room[T]) wait(ctx context.Context, s *seat[T]) error {
	if err := r.enter(s); err != nil {
		return err
	}
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
	}
	if r.leave(s) {
		return errBusy
	}
	return <-s.done
}

func byRank[T any](s *seat[T], rank uint64) int {
	switch {
	case s.rank < rank:
		return -1
	case s.rank > rank:
		return 1
	}
	return 0
}
