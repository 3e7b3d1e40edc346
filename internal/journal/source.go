package journal

import (
	"context"
	"fmt"
)

// Source is the journal as an auditor reads it. Rows come in order of their
// index, beginning at from, at most n of them; none means the end.
type Source interface {
	// Checkpoint returns the newest stored checkpoint, empty if there is none.
	Checkpoint(ctx context.Context) ([]byte, error)
	Leaves(ctx context.Context, from int64, n int) ([]StoredLeaf, error)
	Hashes(ctx context.Context, from int64, n int) ([]StoredHash, error)
}

// pageRows is how many rows are read at once: large enough to hide the cost of a
// query, small enough that a long journal is never held in memory.
const pageRows = 1024

// cursor walks rows of a source.
type cursor[T any] struct {
	what  string
	fetch func(ctx context.Context, from int64, n int) ([]T, error)
	index func(T) int64
	page  []T
	next  int64 // rows below are behind us
	done  bool
}

// peek returns the next row that is there without passing it.
func (c *cursor[T]) peek(ctx context.Context) (row T, ok bool, err error) {
	if len(c.page) == 0 && !c.done {
		c.page, err = c.fetch(ctx, c.next, pageRows)
		if err != nil {
			return row, false, fmt.Errorf("read %s from %d: %w", c.what, c.next, err)
		}
		c.done = len(c.page) == 0
		at := c.next
		for _, r := range c.page {
			// Anything else would make the walk skip rows or run for ever.
			if c.index(r) < at {
				return row, false, fmt.Errorf("read %s from %d: the source returned them out of order", c.what, c.next)
			}
			at = c.index(r) + 1
		}
	}
	if len(c.page) == 0 {
		return row, false, nil
	}
	return c.page[0], true, nil
}

// take returns the row at index and passes it and all before it.
func (c *cursor[T]) take(ctx context.Context, index int64) (row T, ok bool, err error) {
	for {
		r, more, err := c.peek(ctx)
		switch {
		case err != nil:
			return row, false, err
		case !more || c.index(r) > index:
			return row, false, nil
		}
		c.page = c.page[1:]
		c.next = c.index(r) + 1
		if c.index(r) == index {
			return r, true, nil
		}
	}
}
