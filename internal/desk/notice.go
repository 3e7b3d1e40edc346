package desk

import (
	"sync"

	"safeconduct/internal/hotline"
)

// feeds hands notices to subscribers. What nobody has taken yet is kept once,
// however often it happens.
type feeds struct {
	mu   sync.Mutex
	subs map[*feed]struct{}
}

type feed struct {
	mu     sync.Mutex
	wake   chan struct{}
	queued map[Notice]bool
	order  []Notice
}

// Subscribe returns a channel of changes and the function that ends it. A slow
// reader misses nothing: equal notices are merged.
func (d *Desk) Subscribe() (<-chan Notice, func()) {
	f := &feed{wake: make(chan struct{}, 1), queued: map[Notice]bool{}}
	out, stop := make(chan Notice), make(chan struct{})
	d.feeds.mu.Lock()
	if d.feeds.subs == nil {
		d.feeds.subs = map[*feed]struct{}{}
	}
	d.feeds.subs[f] = struct{}{}
	d.feeds.mu.Unlock()
	go f.run(out, stop)
	var once sync.Once
	return out, func() {
		once.Do(func() {
			d.feeds.mu.Lock()
			delete(d.feeds.subs, f)
			d.feeds.mu.Unlock()
			close(stop)
		})
	}
}

func (f *feed) run(out chan<- Notice, stop <-chan struct{}) {
	defer close(out)
	for {
		select {
		case <-stop:
			return
		case <-f.wake:
		}
		for {
			n, ok := f.take()
			if !ok {
				break
			}
			select {
			case <-stop:
				return
			case out <- n:
			}
		}
	}
}

func (f *feed) take() (Notice, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.order) == 0 {
		return Notice{}, false
	}
	n := f.order[0]
	f.order = f.order[1:]
	delete(f.queued, n)
	return n, true
}

func (f *feed) put(n Notice) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.queued[n] {
		f.queued[n] = true
		f.order = append(f.order, n)
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// send tells every subscriber. It never waits.
func (fs *feeds) send(n Notice) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for f := range fs.subs {
		f.put(n)
	}
}

func (fs *feeds) close() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.subs = nil // subscribers end by their own stop
}

func (d *Desk) changed(kind NoticeKind) { d.feeds.send(Notice{Kind: kind}) }

// changedCase says that a case has changed. Desk.mu must be held.
func (d *Desk) changedCase(id hotline.CaseID) {
	if d.s != nil {
		d.s.regroup(id)
	}
	d.feeds.send(Notice{Kind: NoticeCase, Case: id})
	d.feeds.send(Notice{Kind: NoticeQueue})
}
