package telegram

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// Telegram's limits for bots (core.telegram.org/bots/faq#my-bot-is-hitting-limits):
// thirty messages a second in all, about one a second in a chat. We stay below.
const (
	perSecond     = 25
	chatPerSecond = 1
	chatBurst     = 3
	// maxSending is how many calls are under way at a time.
	maxSending = 24
	// sendLease is how long a job belongs to who has claimed it.
	sendLease = 2 * time.Minute
	// lookEvery is how often the sender looks without being called: replies are
	// kept by another part of the server, perhaps on another node.
	lookEvery = 300 * time.Millisecond
	// wordsFor is how long a word of the bot is worth saying.
	wordsFor = time.Hour
	// repliesFor is how long a reply of an operator is tried.
	repliesFor = 3 * 24 * time.Hour
	mostWait   = 10 * time.Minute
)

// The kinds of jobs, first those that go first.
const (
	jobWord = "telegram word"
	jobFile = "telegram file"
)

func jobReply() string { return hotline.ChannelTelegram.ReplyJob() }

// sender says what waits to be said: replies of operators before words of the
// bot, the jobs of one chat one after the other.
type sender struct {
	g    *Gateway
	wake chan struct{}

	mu    sync.Mutex
	bots  map[int64]*spacing
	chats map[seal.Hash]*pace
	quiet map[int64]time.Time // a bot that Telegram has asked to wait
	begun map[int64]begun     // by job: what an attempt that failed has left behind
}

// begun is how far a job came that is tried again, so that nothing is said twice
// and nothing is told better than it is. A crash forgets it.
type begun struct {
	sent int // messages of a reply that stand in the chat
	left int // messages that could not be deleted
}

// pace is how fast a chat may be spoken in.
type pace struct {
	limit *rate.Limiter
	used  time.Time
}

func newSender(g *Gateway) *sender {
	return &sender{
		g: g, wake: make(chan struct{}, 1), bots: map[int64]*spacing{}, chats: map[seal.Hash]*pace{}, quiet: map[int64]time.Time{},
		begun: map[int64]begun{},
	}
}

// run sends until ctx ends, and lets what is under way finish.
func (s *sender) run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	places := make(chan struct{}, maxSending)
	for ctx.Err() == nil {
		free := maxSending - len(places)
		claimed := s.claim(ctx, free, free >= maxSending/2)
		for _, c := range claimed {
			places <- struct{}{}
			work.Go(func() {
				defer func() { <-places; poke(s.wake) }()
				s.do(ctx, c)
			})
		}
		if len(claimed) > 0 && len(places) < maxSending {
			continue
		}
		timer := time.NewTimer(lookEvery)
		select {
		case <-s.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// claim takes up to n jobs, replies first. Words are claimed by the dozen: where
// many wait, the pace decides when they are said, and each claim holds up writers.
func (s *sender) claim(ctx context.Context, n int, words bool) (all []store.Claimed) {
	kinds := []string{jobReply()}
	if words {
		kinds = append(kinds, jobWord)
	}
	for _, kind := range kinds {
		some, err := s.g.claimJobs(ctx, kind, n-len(all), sendLease)
		if err != nil {
			s.g.cfg.Pause(ctx.Done(), time.Second)
			return all
		}
		all = append(all, some...)
	}
	return all
}

// claimJobs takes up to n jobs of a kind. It looks first: a look holds nobody up
// who writes.
func (g *Gateway) claimJobs(ctx context.Context, kind string, n int, lease time.Duration) (some []store.Claimed, err error) {
	if n <= 0 {
		return nil, nil
	}
	var due int64
	err = g.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueJobs(ctx, kind, g.clock().UnixMilli())
		return err
	})
	if err == nil && due > 0 {
		err = g.cfg.DB.Update(ctx, func(tx *store.Tx) (err error) {
			some, err = tx.Claim(ctx, kind, n, g.clock(), lease)
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		g.cfg.Log.Warn("telegram: what waits could not be asked", "job", kind, "kind", hotline.KindOf(err).String())
	}
	return some, err
}

// sent is what sending a job came to.
type sent struct {
	numbers []int64 // of the messages that now stand in the chat
	err     error   // of Telegram; nil: all is sent
	bot     int64
}

func (s *sender) do(ctx context.Context, c store.Claimed) {
	var err error
	if c.Kind == jobWord {
		err = s.word(ctx, c)
	} else {
		err = s.reply(ctx, c)
	}
	if err != nil && ctx.Err() == nil { // the lease runs out, and it is tried again
		s.g.cfg.Log.Warn("telegram: a job could not be ended", "kind", hotline.KindOf(err).String())
	}
}

// turn waits until the bot may speak in the chat.
func (s *sender) turn(ctx context.Context, bot int64, chat seal.Hash) error {
	s.mu.Lock()
	if s.bots[bot] == nil {
		s.bots[bot] = newSpacing(time.Second / perSecond)
	}
	if s.chats[chat] == nil {
		s.forget()
		s.chats[chat] = &pace{limit: rate.NewLimiter(chatPerSecond, chatBurst)}
	}
	all, one := s.bots[bot], s.chats[chat]
	one.used = time.Now()
	until := s.quiet[bot]
	s.mu.Unlock()
	if wait := time.Until(until); wait > 0 {
		s.g.cfg.Pause(ctx.Done(), wait)
	}
	if err := one.limit.Wait(ctx); err != nil {
		return err
	}
	return all.wait(ctx)
}

// spacing keeps a time between one and the next. Unlike a rate it does not let all
// go at once whose time came while this computer was busy with something else.
type spacing struct {
	turn  chan struct{}
	least time.Duration
	last  time.Time
}

func newSpacing(least time.Duration) *spacing {
	return &spacing{turn: make(chan struct{}, 1), least: least}
}

func (s *spacing) wait(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	if wait := time.Until(s.last.Add(s.least)); wait > 0 {
		pause(ctx.Done(), wait)
	}
	s.last = time.Now()
	return ctx.Err()
}

// maxChats bounds how many chats' pace is remembered; after ten seconds there is
// nothing to remember of one.
const maxChats = 4096

func (s *sender) forget() {
	if len(s.chats) < maxChats {
		return
	}
	for chat, p := range s.chats {
		if time.Since(p.used) > 10*time.Second {
			delete(s.chats, chat)
		}
	}
}

// hush keeps a bot silent for as long as Telegram has asked.
func (s *sender) hush(bot int64, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := time.Now().Add(d); until.After(s.quiet[bot]) {
		s.quiet[bot] = until
	}
}

// cameTo is how far a job came in earlier attempts.
func (s *sender) cameTo(job int64) begun {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun[job]
}

// note remembers how far a job came; the zero value forgets it.
func (s *sender) note(job int64, b begun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == (begun{}) {
		delete(s.begun, job)
		return
	}
	s.begun[job] = b
}

// later is when a job that failed for now is tried again: as Telegram asks, or
// after a time that grows with each attempt, drawn at random so that not all come
// back at once.
func (s *sender) later(bot int64, attempt int64, asked time.Duration) time.Time {
	if asked > 0 {
		s.hush(bot, asked)
		return s.g.clock().Add(asked)
	}
	most := min(mostWait, time.Second<<min(attempt, 20))
	return s.g.clock().Add(time.Second/2 + rand.N(most)) //nolint:gosec // spread, not a secret
}
