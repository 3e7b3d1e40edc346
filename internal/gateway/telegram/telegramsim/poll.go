package telegramsim

import (
	"context"
	"encoding/json"
	"time"
)

// A poll is held 50 seconds at most, as Telegram's server does.
const longestPoll = 50 * time.Second

// futureOffset is how far an offset may lie beyond the next update. Further
// away it counts for nothing and the queue is read from its head (TQueue::get
// and Client::do_get_updates of Telegram's server).
const futureOffset = 10

// poll is a getUpdates that is held.
type poll struct {
	ended chan error // takes the reason why something else has taken its place
}

// AwaitPoll waits until a bot's getUpdates is held, waiting for updates.
func (s *Server) AwaitPoll(ctx context.Context, bot string) error {
	s.mu.Lock()
	b, err := s.botNamed(bot)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.await(ctx, &b.held, func() bool { return b.poll != nil })
}

// endPoll ends the poll that is held, if any. The lock is held.
func (b *bot) endPoll(why string) {
	if b.poll != nil {
		b.poll.ended <- conflict(why)
		b.poll = nil
	}
}

// getUpdates is #getupdates. It waits without the lock.
func (s *Server) getUpdates(c *call) (any, error) {
	timeout := min(max(time.Duration(c.number("timeout")), 0)*time.Second, longestPoll)
	if s.config.PollWait > 0 {
		timeout = min(timeout, s.config.PollWait)
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	b := c.bot
	if b.hook != nil {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if err := b.setAllowed(c); err != nil {
		return nil, err
	}
	b.endPoll("terminated by other getUpdates request; make sure that only one bot instance is running")
	p := &poll{ended: make(chan error, 1)}
	b.poll = p
	defer func() {
		if b.poll == p {
			b.poll = nil
		}
	}()
	offset := b.forget(c.number("offset"))
	for waiting := timeout > 0; ; {
		batch := s.batch(b, offset, c.number("limit"))
		if len(batch) > 0 || !waiting {
			return batch, nil
		}
		var err error
		news := b.news.wait()
		b.held.wake()
		s.mu.Unlock()
		select {
		case <-news:
		case <-timer.C:
			waiting = false
		case <-c.ctx.Done():
			waiting = false
		case <-s.stopped.Done():
			waiting = false
		case err = <-p.ended:
		}
		s.mu.Lock()
		if err != nil {
			return nil, err
		}
	}
}

// forget confirms what an offset confirms and gives the first id to hand out.
func (b *bot) forget(offset int64) int64 {
	switch {
	case offset < 0:
		if n := len(b.queue) + int(max(offset, -maxQueue)); n > 0 {
			b.queue = b.queue[n:]
		}
		return 0
	case offset > b.next+futureOffset:
		return 0
	}
	b.confirm(func(u *update) bool { return u.id < offset })
	return offset
}

// batch is what a poll is answered with. The lock is held.
func (s *Server) batch(b *bot, offset, limit int64) []json.RawMessage {
	if limit < 1 || limit > 100 {
		limit = 100
	}
	b.expire(s.now())
	batch := []json.RawMessage{}
	for _, u := range b.queue {
		if int64(len(batch)) == limit {
			break
		}
		if u.id < offset && !u.repeated {
			continue
		}
		s.judge(b, u, "getUpdates")
		batch = append(batch, u.body)
	}
	return batch
}
