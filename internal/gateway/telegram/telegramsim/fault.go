package telegramsim

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind names a way to misbehave.
type FaultKind string

// The ways to misbehave.
const (
	FaultFlood     FaultKind = "flood"      // 429 with RetryAfter
	FaultServer    FaultKind = "server"     // Status, with the API's JSON
	FaultGarbage   FaultKind = "garbage"    // 502 and a page of HTML; the call has no effect
	FaultCutBefore FaultKind = "cut-before" // no answer, no effect
	FaultCutAfter  FaultKind = "cut-after"  // no answer, though the call took effect
	FaultDelay     FaultKind = "delay"      // the call is done after Delay, or when the client has gone
	FaultTwice     FaultKind = "twice"      // an update comes once more after it was confirmed
	FaultShuffle   FaultKind = "shuffle"    // a webhook gets an update before the one it follows
	FaultSlowFile  FaultKind = "slow-file"  // a file's bytes come one after the other, Delay apart
	FaultCutFile   FaultKind = "cut-file"   // the connection ends in the middle of a file
	FaultFalseSize FaultKind = "false-size" // a file that a person sends is announced with Size bytes
)

// callFaults are those that an ordinary call can meet.
var callFaults = []FaultKind{FaultFlood, FaultServer, FaultGarbage, FaultCutBefore, FaultCutAfter, FaultDelay}

// longestDelay bounds what a fault holds up, of real time.
const longestDelay = time.Minute

// Fault is one way to misbehave and when. Empty fields match everything.
type Fault struct {
	Kind   FaultKind
	Bot    string // username
	Method string // of the call; "file" is a download, "webhook" a delivery
	Chat   int64
	Times  int // so often; 0: until it is lifted

	RetryAfter int           // seconds; 0: 1
	Status     int           // 0: 500
	Delay      time.Duration // of real time, a minute at most; 0: a minute, between bytes of a slow file 50 ms
	Size       int64

	lifted <-chan struct{}
}

type fault struct {
	Fault
	left int // times; -1: any number
	met  int
	lift chan struct{}
	news signal
}

// Trouble is a fault that was asked for.
type Trouble struct {
	server *Server
	fault  *fault
}

// Misbehave makes the server misbehave from now on.
func (s *Server) Misbehave(f Fault) *Trouble {
	added := &fault{Fault: f, left: f.Times, lift: make(chan struct{})}
	if f.Times == 0 {
		added.left = -1
	}
	added.lifted = added.lift
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, added)
	return &Trouble{s, added}
}

// Lift ends the trouble, and releases what it is holding up.
func (t *Trouble) Lift() {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	t.server.liftFault(t.fault)
}

// Await waits until something has met the trouble so many times.
func (t *Trouble) Await(ctx context.Context, times int) error {
	return t.server.await(ctx, &t.fault.news, func() bool { return t.fault.met >= times })
}

// Behave lifts every fault.
func (s *Server) Behave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range slices.Clone(s.faults) {
		s.liftFault(f)
	}
}

// liftFault ends one fault. A fault that is used up still delays what it holds,
// so it stays in the list until it is lifted.
func (s *Server) liftFault(f *fault) {
	s.faults = slices.DeleteFunc(s.faults, func(x *fault) bool { return x == f })
	select {
	case <-f.lift:
	default:
		close(f.lift)
	}
	// A webhook may be holding an update back.
	for _, b := range s.bots {
		b.news.wake()
	}
}

// faultOf tells what happens to one thing, and counts it. The zero Fault is none.
func (s *Server) faultOf(b *bot, method string, chat int64, kinds ...FaultKind) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.matchFault(b, method, chat, kinds...)
}

// matchFault is faultOf with the lock held.
func (s *Server) matchFault(b *bot, method string, chat int64, kinds ...FaultKind) Fault {
	for _, f := range s.faults {
		if f.left == 0 || !slices.Contains(kinds, f.Kind) || f.Bot != "" && f.Bot != b.user.Username || f.Chat != 0 && f.Chat != chat ||
			f.Method != "" && !strings.EqualFold(f.Method, method) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		f.met++
		f.news.wake()
		return f.Fault
	}
	return Fault{}
}

// pause is how long the fault holds something up.
func (f Fault) pause(byDefault time.Duration) time.Duration {
	return min(cmp.Or(f.Delay, byDefault), longestDelay)
}

// refusal is the error that a call is answered with, when it is one.
func (f Fault) refusal() error {
	switch f.Kind {
	case FaultFlood:
		return flood(max(f.RetryAfter, 1))
	case FaultServer:
		status := f.Status
		if status == 0 {
			status = http.StatusInternalServerError
		}
		return &apiError{code: status, text: fmt.Sprintf("%s: on request", http.StatusText(status))}
	default:
		return nil
	}
}
