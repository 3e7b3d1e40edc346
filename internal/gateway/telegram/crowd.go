package telegram

import (
	"context"
	"sync"
	"time"

	"safeconduct/internal/store"
)

// crowd knows how many people wait, for the honest word about it.
type crowd struct {
	g     *Gateway
	mu    sync.Mutex
	asked time.Time
	last  crowdNow
}

type crowdNow struct {
	people int64
	oldest time.Duration
}

// crowdFor is how long an answer is good enough.
const crowdFor = 2 * time.Second

// now is how many people wait for an operator, with as many more as begin to now:
// in a surge many come between two questions to the database.
func (c *crowd) now(ctx context.Context, more int64) (crowdNow, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.g.clock()
	if age := now.Sub(c.asked); !c.asked.IsZero() && age >= 0 && age < crowdFor {
		c.last.people += more
		return c.last, nil
	}
	err := c.g.cfg.DB.View(ctx, func(tx *store.Tx) error {
		row, err := tx.CountWaiting(ctx)
		c.last = crowdNow{people: row.N}
		if row.SinceMs > 0 {
			c.last.oldest = max(0, now.Sub(time.UnixMilli(row.SinceMs)))
		}
		return err
	})
	if err == nil {
		c.asked = now
		c.last.people += more
	}
	return c.last, err
}
