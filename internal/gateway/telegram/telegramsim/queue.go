package telegramsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// Updates wait for a bot for a day (#getting-updates). After a week without one,
// the next identifier is chosen at random (#update).
const (
	updateLife  = 24 * time.Hour
	updateQuiet = 7 * 24 * time.Hour
	maxQueue    = 100_000
)

// update is one update that waits for a bot.
type update struct {
	id   int64
	chat int64
	at   time.Time
	body []byte // JSON

	judged   bool // faults have been asked about it
	again    bool // it comes once more after it was confirmed
	repeated bool // it was confirmed, and comes once more

	sending   bool      // to a webhook
	failures  int       // of the webhook
	notBefore time.Time // real time of the next attempt
}

// push puts an update in a bot's queue, unless the bot did not ask for updates
// of that kind. The lock is held.
func (s *Server) push(b *bot, kind string, chat int64, content any) error {
	if !b.wants(kind) {
		return nil
	}
	object, err := json.Marshal(map[string]any{kind: content})
	if err != nil {
		return err
	}
	_, err = s.enqueue(b, chat, object)
	return err
}

// enqueue gives an update its id. The lock is held.
func (s *Server) enqueue(b *bot, chat int64, object []byte) (int64, error) {
	now := s.now()
	b.expire(now)
	if len(b.queue) >= maxQueue {
		return 0, errors.New("too many updates wait for the bot")
	}
	if !b.last.IsZero() && now.Sub(b.last) >= updateQuiet {
		b.next = 1 + s.random.Int64N(1<<30)
	}
	u := &update{id: b.next, chat: chat, at: now}
	head, err := json.Marshal(u.id)
	if err != nil {
		return 0, err
	}
	// The id is put in as text, so that everything else stays byte for byte.
	rest := bytes.TrimSpace(object)[1:]
	u.body = slices.Concat([]byte(`{"update_id":`), head)
	if !bytes.HasPrefix(bytes.TrimSpace(rest), []byte("}")) {
		u.body = append(u.body, ',')
	}
	u.body = append(u.body, rest...)
	b.next++
	b.last = now
	b.queue = append(b.queue, u)
	b.news.wake()
	return u.id, nil
}

// Raw puts any JSON object in a bot's queue, with an update_id before what it
// has: kinds of update that nobody knows yet, groups, and what is not as
// documented. It gives the update's id.
func (s *Server) Raw(bot, object string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.botNamed(bot)
	if err != nil {
		return 0, err
	}
	text := bytes.TrimSpace([]byte(object))
	if !json.Valid(text) || text[0] != '{' {
		return 0, errors.New("an update is a JSON object")
	}
	return s.enqueue(b, 0, text)
}

// Pending counts the updates that wait for a bot.
func (s *Server) Pending(bot string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.botNamed(bot)
	if err != nil {
		return 0, err
	}
	b.expire(s.now())
	return len(b.queue), nil
}

// wants tells whether the bot asked for a kind. Without asking it gets all but
// three (#getupdates, allowed_updates).
func (b *bot) wants(kind string) bool {
	if len(b.allowed) == 0 {
		return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count"
	}
	return slices.Contains(b.allowed, kind)
}

// setAllowed remembers the kinds a bot asks for; left out, the previous stay.
func (b *bot) setAllowed(c *call) error {
	if _, given := c.values["allowed_updates"]; !given {
		return nil
	}
	var kinds []string
	if err := c.structured("allowed_updates", &kinds); err != nil {
		return err
	}
	b.allowed = kinds
	return nil
}

// expire lets go of what waited too long.
func (b *bot) expire(now time.Time) {
	b.queue = slices.DeleteFunc(b.queue, func(u *update) bool { return now.Sub(u.at) >= updateLife && !u.sending })
}

// confirm takes an update out of the queue, unless it is to come once more.
func (b *bot) confirm(of func(*update) bool) {
	b.queue = slices.DeleteFunc(b.queue, func(u *update) bool {
		if !of(u) {
			return false
		}
		if u.again {
			u.again, u.repeated = false, true
			return false
		}
		return true
	})
}

// judge asks once for each update that is about to be given out whether it will
// come twice. The lock is held.
func (s *Server) judge(b *bot, u *update, method string) {
	if u.judged {
		return
	}
	u.judged = true
	u.again = s.matchFault(b, method, u.chat, FaultTwice).Kind == FaultTwice
}
