package intake

import (
	"math"
	"sync"
	"time"

	"safeconduct/internal/seal"
)

const (
	// calm is how full the rooms may be before any work is asked for.
	calm = 1.0 / 8
	// halfLife is how long it takes after a rush until half the work is asked
	// for: long enough that waves of a flood do not find an open door between.
	halfLife = 10 * time.Second
)

// effort decides how much work a challenge asks for.
type effort struct {
	clock func() time.Time
	mu    sync.Mutex
	level float64 // bits
	at    time.Time
}

// see takes notice of how full the rooms are (0 to 1) and returns the bits of
// work to ask for, 0 to [seal.MaxWork].
func (e *effort) see(fill float64) int {
	now := e.clock()
	target := seal.MaxWork * min(1, max(0, (fill-calm)/(1-calm)))
	e.mu.Lock()
	defer e.mu.Unlock()
	if passed := now.Sub(e.at); passed > 0 {
		e.level *= math.Exp2(-passed.Seconds() / halfLife.Seconds())
		e.at = now
	}
	e.level = max(e.level, target)
	if e.level < 0.5 {
		return 0
	}
	return int(math.Ceil(e.level))
}
