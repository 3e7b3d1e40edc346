package ui

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"safeconduct/internal/desk"
)

// heartbeat keeps an idle connection from being taken for a dead one.
const heartbeat = 15 * time.Second

// hub tells the open pages what only the pages know: how a renewal of keys
// gets on.
type hub struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{}
}

func (h *hub) subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = map[chan struct{}]struct{}{}
	}
	h.subs[c] = struct{}{}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, c)
	}
}

func (h *hub) poke() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.subs {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// live is the feed of a page: it says what to draw again, never what it says.
// Data are references of cases, or nothing.
func (u *UI) live(w http.ResponseWriter, r *http.Request) {
	notices, stop := u.desk.Subscribe()
	defer stop()
	own, end := u.hub.subscribe()
	defer end()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	send := func(event, data string) bool {
		_, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data)
		return err == nil && out.Flush() == nil
	}
	// A page that connects anew may have missed something.
	for ok := send("state", "-"); ok; {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			ok = send("beat", "-")
		case <-own:
			ok = send("state", "-")
		case n, open := <-notices:
			if !open {
				return
			}
			switch n.Kind {
			case desk.NoticeCase:
				ok = send("case", u.refs.of(n.Case))
			case desk.NoticeQueue:
				ok = send("queue", "-")
			case desk.NoticeState:
				ok = send("state", "-")
			}
		}
	}
}
