package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

const (
	// feedLook is how often a feed looks by itself: a hint can be lost, and a
	// revoked member's feed must end within a second.
	feedLook = 500 * time.Millisecond
	// feedComment keeps the line known to be alive (the client waits 30 s).
	feedComment = 10 * time.Second
	// feedPatience is how long a reader may take to make room. Whoever is
	// slower is cut off and resumes where it was.
	feedPatience = 15 * time.Second
	// beatGap bounds how often a busy intake wakes all feeds.
	beatGap = 20 * time.Millisecond
	// feedPage is how many cases are read at once.
	feedPage = 200
)

// livePrefix begins the settings that hold the version of the newest change of
// a kind that has no version of its own: "live document" → "417". Changes of
// one kind are told once, at the newest version.
const livePrefix = "live "

// hint moves a kind's version on, in the transaction of the change.
func hint(ctx context.Context, tx *store.Tx, kind string) error {
	if kind == "" {
		return nil
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	return tx.PutSetting(ctx, livePrefix+kind, []byte(number(version)))
}

// pulse wakes everybody who waits.
type pulse struct {
	mu sync.Mutex
	ch chan struct{}
}

func (p *pulse) wait() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch == nil {
		p.ch = make(chan struct{})
	}
	return p.ch
}

func (p *pulse) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch != nil {
		close(p.ch)
		p.ch = nil
	}
}

// beat wakes the feeds after commits.
func (s *Server) beat(ctx context.Context) {
	hints := s.db.Subscribe(ctx)
	gap := time.NewTicker(beatGap)
	defer gap.Stop()
	for {
		select {
		case _, open := <-hints:
			if !open {
				return
			}
			s.pulse.wake()
		case <-ctx.Done():
			return
		}
		select {
		case <-gap.C:
		case <-ctx.Done():
			return
		}
	}
}

// live is the feed of changes: server-sent events, each with its version as
// id. Versions become visible in their order (store.NextVersion), so "after"
// loses nothing and repeats nothing.
func (s *Server) live(c *call) (any, error) {
	q, err := c.numbers("after")
	if err != nil {
		return nil, err
	}
	f := &feed{s: s, c: c, who: c.who, out: http.NewResponseController(c.w)}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		f.cursor, err = knownCursor(c.Context(), tx, q["after"])
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := f.out.SetReadDeadline(time.Time{}); err != nil {
		return nil, hotline.Errorf(hotline.KindInternal, "server", "live feed: %w", err)
	}
	c.w.Header().Set("Content-Type", "text/event-stream")
	if err := f.write(": welcome\n\n"); err != nil {
		return streamed{}, nil
	}
	f.run(c.Context())
	return streamed{}, nil
}

// feed is one desk's line.
type feed struct {
	s      *Server
	c      *call
	who    caller
	cursor int64
	ready  bool // EventReady was sent
	out    *http.ResponseController
}

// run ends when the reader goes, is too slow, or is no longer allowed; the
// client finds the line closed and comes again, if it may.
func (f *feed) run(ctx context.Context) {
	look := time.NewTicker(feedLook)
	defer look.Stop()
	comment := time.NewTicker(feedComment)
	defer comment.Stop()
	for {
		wake := f.s.pulse.wait() // before looking, so that nothing falls between
		if !f.drain(ctx) {
			return
		}
		select {
		case <-wake:
		case <-look.C:
		case <-comment.C:
			if f.write(": still here\n\n") != nil {
				return
			}
		case <-f.s.stopping:
			return
		case <-ctx.Done():
			return
		}
	}
}

// drain sends all there is after the cursor. It reports false when the feed must end.
func (f *feed) drain(ctx context.Context) bool {
	for {
		events, next, more, err := f.page(ctx)
		if err != nil {
			return false
		}
		if !more && !f.ready {
			f.ready = true
			events = append(events, api.Event{Kind: api.EventReady, Cursor: next})
		}
		if len(events) > 0 && f.send(events) != nil {
			return false
		}
		f.cursor = next
		if !more {
			return true
		}
	}
}

// page reads the next events of one state of the database, and whether the
// reader is still a member.
func (f *feed) page(ctx context.Context) (events []api.Event, next int64, more bool, err error) {
	next = f.cursor
	err = f.s.db.View(ctx, func(tx *store.Tx) error {
		if err := f.stillAllowed(ctx, tx); err != nil {
			return err
		}
		last, err := tx.LastVersion(ctx)
		if err != nil || last <= f.cursor {
			return err
		}
		if hotline.Allowed(hotline.ActionQueue, f.who.Roles...) {
			rows, err := tx.CasesAfter(ctx, f.cursor, feedPage)
			if err != nil {
				return err
			}
			if more = len(rows) == feedPage; more {
				last = rows[len(rows)-1].Version
			}
			for _, row := range rows {
				if f.who.sees(row) {
					seen := apiCase(row)
					events = append(events, api.Event{Kind: api.EventCase, Cursor: row.Version, Case: &seen})
				}
			}
		}
		hinted, err := f.hinted(ctx, tx, last)
		events = append(events, hinted...)
		next = last
		return err
	})
	slices.SortFunc(events, func(a, b api.Event) int { return int(a.Cursor - b.Cursor) })
	return events, next, more, err
}

// stillAllowed looks the reader up again when the roster has changed.
func (f *feed) stillAllowed(ctx context.Context, tx *store.Tx) error {
	h, err := f.s.house(ctx, tx)
	if err != nil || h.serial == f.who.house.serial {
		return err
	}
	m, ok := h.byPin[f.c.pin]
	if !ok || !hotline.Allowed(hotline.ActionLive, m.Roles...) || m.ID != f.who.ID {
		return hotline.Errorf(hotline.KindDenied, "server", "no longer a member")
	}
	if !slices.Equal(m.Teams, f.who.Teams) || !slices.Equal(m.Roles, f.who.Roles) {
		// Other cases are to be seen now: the desk comes again and starts anew.
		return hotline.Errorf(hotline.KindDenied, "server", "other roles or teams")
	}
	f.who = caller{Member: m, house: h}
	return nil
}

// hinted returns the events of kinds without rows of their own, up to a version.
func (f *feed) hinted(ctx context.Context, tx *store.Tx, last int64) ([]api.Event, error) {
	var events []api.Event
	for _, kind := range []string{api.EventDocument, api.EventEpoch, api.EventEnrol, api.EventGone, api.EventApproval} {
		if kind == api.EventEnrol && !hotline.Allowed(hotline.ActionInvite, f.who.Roles...) {
			continue
		}
		if kind == api.EventGone && !hotline.Allowed(hotline.ActionQueue, f.who.Roles...) {
			continue
		}
		value, err := tx.Setting(ctx, livePrefix+kind)
		if store.Missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		version, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil {
			return nil, hotline.Errorf(hotline.KindInternal, "server", "the setting of live events is damaged")
		}
		if version > f.cursor && version <= last {
			events = append(events, api.Event{Kind: kind, Cursor: version})
		}
	}
	if !hotline.Allowed(hotline.ActionWatch, f.who.Roles...) {
		return events, nil
	}
	version, err := tx.NewestAlarmFor(ctx, f.who.ID)
	if err == nil && version > f.cursor && version <= last {
		events = append(events, api.Event{Kind: api.EventTripwire, Cursor: version})
	}
	return events, err
}

func (f *feed) send(events []api.Event) error {
	var b strings.Builder
	for _, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("live event: %w", err)
		}
		fmt.Fprintf(&b, "id: %d\ndata: %s\n\n", e.Cursor, data)
	}
	return f.write(b.String())
}

func (f *feed) write(text string) error {
	if err := f.out.SetWriteDeadline(begun(feedPatience)); err != nil {
		return fmt.Errorf("live feed: %w", err)
	}
	if _, err := f.c.w.Write([]byte(text)); err != nil {
		return err
	}
	if err := f.out.Flush(); err != nil {
		return fmt.Errorf("live feed: %w", err)
	}
	return nil
}
