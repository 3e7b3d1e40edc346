package telegramsim

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Limits are how many messages a bot may send within any second; 0 is any
// number. Telegram asks for one per second in one chat and 30 in all
// (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
type Limits struct {
	PerChatPerSecond int
	PerSecond        int
}

// Call is one call that a bot made.
type Call struct {
	Bot    string // username
	Method string
	Chat   int64 // 0: of no chat
	At     time.Time
	Code   int  // 200, or that of the refusal
	Cut    bool // the bot got no answer
}

// sends tells whether the call put a message in a chat or tried to.
func (c Call) sends() bool {
	name := strings.ToLower(c.Method)
	return strings.HasPrefix(name, "send") && name != "sendchataction"
}

// maxLog is how many calls are remembered.
const maxLog = 100_000

// Limit sets the limits from now on.
func (s *Server) Limit(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = l
}

// Log lists the calls, oldest first; at most the last 100,000.
func (s *Server) Log() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Calls counts the calls of one method that the log has.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.countCalls(method)
}

// AwaitCalls waits until the log has so many calls of a method.
func (s *Server) AwaitCalls(ctx context.Context, method string, n int) error {
	return s.await(ctx, &s.called, func() bool { return s.countCalls(method) >= n })
}

// await looks now and after every signal, with the lock held, until it is as wanted.
func (s *Server) await(ctx context.Context, news *signal, as func() bool) error {
	for {
		s.mu.Lock()
		done, next := as(), news.wait()
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.stopped.Done():
			return errStopped
		}
	}
}

func (s *Server) countCalls(method string) int {
	n := 0
	for _, c := range s.log {
		if strings.EqualFold(c.Method, method) {
			n++
		}
	}
	return n
}

// Peak is the most that bots sent within any second, refused or not.
type Peak struct{ PerChat, Overall int }

// Peak looks through the log. Each bot counts on its own.
func (s *Server) Peak() Peak {
	type place struct {
		bot  string
		chat int64
	}
	times := map[place][]time.Time{}
	overall := map[string][]time.Time{}
	for _, c := range s.Log() {
		if c.sends() {
			times[place{c.Bot, c.Chat}] = append(times[place{c.Bot, c.Chat}], c.At)
			overall[c.Bot] = append(overall[c.Bot], c.At)
		}
	}
	var p Peak
	for _, t := range times {
		p.PerChat = max(p.PerChat, most(t))
	}
	for _, t := range overall {
		p.Overall = max(p.Overall, most(t))
	}
	return p
}

// most is how many of the times lie within one second.
func most(times []time.Time) int {
	slices.SortFunc(times, time.Time.Compare)
	n, first := 0, 0
	for i, t := range times {
		for t.Sub(times[first]) >= time.Second {
			first++
		}
		n = max(n, i-first+1)
	}
	return n
}

// note puts a call in the log. The lock is held.
func (s *Server) note(c *call, f Fault, err error) {
	entry := Call{Bot: c.bot.user.Username, Method: c.method, Chat: c.chatID(), At: s.now(), Code: http.StatusOK}
	entry.Cut = f.Kind == FaultCutBefore || f.Kind == FaultCutAfter
	if refusal := (*apiError)(nil); errors.As(err, &refusal) {
		entry.Code = refusal.code
	}
	if f.Kind == FaultGarbage {
		entry.Code = http.StatusBadGateway
	}
	if len(s.log) >= maxLog {
		s.log = append(s.log[:0], s.log[maxLog/10:]...)
	}
	s.log = append(s.log, entry)
	s.called.wake()
}

// withinLimits refuses what comes too fast. The lock is held.
func (s *Server) withinLimits(c *call) error {
	if !(Call{Method: c.method}).sends() {
		return nil
	}
	now := s.now()
	var chat, all []time.Time // newest first
	for _, e := range slices.Backward(s.log) {
		if now.Sub(e.At) >= time.Second {
			break
		}
		if e.Bot != c.bot.user.Username || e.Code != http.StatusOK || !e.sends() {
			continue
		}
		all = append(all, e.At)
		if e.Chat == c.chatID() {
			chat = append(chat, e.At)
		}
	}
	for _, window := range []struct {
		most int
		sent []time.Time
	}{{s.limits.PerChatPerSecond, chat}, {s.limits.PerSecond, all}} {
		if window.most > 0 && len(window.sent) >= window.most {
			free := window.sent[window.most-1].Add(time.Second).Sub(now)
			return flood(max(1, int(math.Ceil(free.Seconds()))))
		}
	}
	return nil
}
