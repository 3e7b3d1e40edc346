package desk_test

import (
	"sync"
	"testing"
	"time"

	"safeconduct/internal/desk"
)

// handClock moves by hand, its timers too.
type handClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []handTimer
	armed  chan struct{}
}

type handTimer struct {
	at time.Time
	c  chan time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := handTimer{c.now.Add(d), make(chan time.Time, 1)}
	c.timers = append(c.timers, t)
	select {
	case c.armed <- struct{}{}:
	default:
	}
	return t.c
}

// waiting is how many timers lie ahead by about d.
func (c *handClock) waiting(d time.Duration) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, t := range c.timers {
		if left := t.at.Sub(c.now); left > d-time.Second && left <= d {
			n++
		}
	}
	return n
}

func (c *handClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for _, t := range c.timers {
		if !t.at.After(c.now) {
			select {
			case t.c <- c.now:
			default:
			}
		}
	}
}

func TestIdleLock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	st := w.newStation(&w.anna)
	ok(t, st.Close())
	hand := &handClock{now: w.clock.Now(), armed: make(chan struct{}, 1)}
	st.cfg.Clock, st.cfg.IdleLock = hand, 10*time.Minute
	st.open()
	ok(t, st.Unlock(t.Context(), passphrase))
	st.await("being online", func() bool { return st.State().Online })
	armed := func(d time.Duration) {
		t.Helper()
		patience := time.After(20 * time.Second)
		for hand.waiting(d) == 0 { // the desk arms its timer in its own time
			select {
			case <-hand.armed:
			case <-patience:
				t.Fatal("no timer")
			}
		}
	}
	armed(10 * time.Minute)
	hand.move(6 * time.Minute)
	st.Touch()
	hand.move(4 * time.Minute) // ten minutes since unlocking, four since the touch
	armed(6 * time.Minute)
	if s := st.State(); s.Phase != desk.PhaseReady || !s.LockAt.Equal(hand.Now().Add(6*time.Minute)) {
		t.Fatalf("locked too early: %+v", s)
	}
	hand.move(6 * time.Minute)
	st.await("the lock", func() bool { return st.State().Phase == desk.PhaseLocked })
}
