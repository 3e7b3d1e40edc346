package telegramsim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config says how a server behaves. Only Clock has no default.
type Config struct {
	Clock        func() time.Time // what Telegram's dates, ages and rate limits go by
	Seed         uint64           // of ids that Telegram chooses at random
	PollWait     time.Duration    // at most this long is a poll held, of real time; 0: as long as it asks
	WebhookPause time.Duration    // of real time after a webhook's first failure; it doubles. 0: 1 s
	Client       *http.Client     // calls webhooks; nil: a plain one
	CallbackLife time.Duration    // a pressed button waits so long for its answer; 0: 15 s, which is not documented
	Limits       Limits           // none by default
}

// Server is a simulated api.telegram.org. It is an http.Handler.
type Server struct {
	config  Config
	methods map[string]method
	stopped context.Context // ends what waits
	stop    context.CancelFunc
	running sync.WaitGroup // calls in hand and deliveries; never added to once closed

	mu         sync.Mutex
	closed     bool
	bots       map[string]*bot // by token
	persons    map[int64]*Person
	lastPerson int64
	lastFile   int
	faults     []*fault
	limits     Limits
	log        []Call
	called     signal // a call has been noted
	random     *rand.Rand
}

// bot is one account of a bot.
type bot struct {
	token    string
	user     user
	chats    map[int64]*chat // by the person's id
	files    map[string]*file
	queries  map[string]*query
	commands map[string][]Command // by language
	about    map[string]string    // description by language
	short    map[string]string    // short description by language
	left     []int64              // chats that it left

	allowed []string // kinds of update it asked for; empty: the default
	queue   []*update
	next    int64     // id of the next update
	last    time.Time // when the last update was made
	news    signal    // something new in the queue
	poll    *poll     // the getUpdates that is held
	held    signal    // a getUpdates has begun to wait
	hook    *hook
}

// New makes a server that knows nobody.
func New(c Config) *Server {
	client := http.Client{}
	if c.Client != nil {
		client = *c.Client
	}
	// A webhook that sends elsewhere has not accepted anything.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Client = &client
	if c.WebhookPause == 0 {
		c.WebhookPause = time.Second
	}
	if c.CallbackLife == 0 {
		c.CallbackLife = 15 * time.Second
	}
	s := &Server{
		config: c, bots: map[string]*bot{}, persons: map[int64]*Person{}, lastPerson: 1000, limits: c.Limits,
		random: rand.New(rand.NewPCG(c.Seed, 1)), //nolint:gosec // G404: a rehearsal is repeatable
	}
	s.methods = s.routes()
	s.stopped, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends held polls, deliveries and delays, and waits until they have ended.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.running.Wait()
}

// enter counts what Close has to wait for; false when the server is closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// AddBot makes an account for a bot, or renames it. A token is "123456:abc";
// what stands before the colon is the bot's id.
func (s *Server) AddBot(token, username string) error {
	id, ok := idOf(token)
	if !ok {
		return errors.New(`a token is a number, a colon and letters: "123456:abc"`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bots[token]; b != nil {
		b.user.Username = username
		return nil
	}
	s.bots[token] = &bot{
		token: token, user: user{ID: id, IsBot: true, FirstName: username, Username: username},
		chats: map[int64]*chat{}, files: map[string]*file{}, queries: map[string]*query{},
		commands: map[string][]Command{}, about: map[string]string{}, short: map[string]string{},
		next: 1 + s.random.Int64N(1<<30),
	}
	return nil
}

// NameBot gives a bot the name that stands over its chats; without it that is its
// username.
func (s *Server) NameBot(username, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.botNamed(username)
	if err == nil {
		b.user.FirstName = name
	}
	return err
}

func idOf(token string) (int64, bool) {
	number, secret, ok := strings.Cut(token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	return id, ok && err == nil && id > 0 && secret != "" && !strings.ContainsAny(secret, "/ ")
}

// Bots lists the usernames.
func (s *Server) Bots() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, b := range s.bots {
		names = append(names, b.user.Username)
	}
	slices.Sort(names)
	return names
}

// botNamed finds a bot by its username. The lock is held.
func (s *Server) botNamed(username string) (*bot, error) {
	for _, b := range s.bots {
		if b.user.Username == strings.TrimPrefix(username, "@") {
			return b, nil
		}
	}
	return nil, fmt.Errorf("no bot is named %q", username)
}

// Profile is what a bot has said about itself.
type Profile struct {
	Commands    map[string][]Command // by language code; "" for every other
	Description map[string]string
	Short       map[string]string
	Left        []int64 // chats that the bot left
}

// Profile tells what a bot has set with setMyCommands and its like.
func (s *Server) Profile(username string) (Profile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.botNamed(username)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{Commands: map[string][]Command{}, Description: map[string]string{}, Short: map[string]string{}, Left: slices.Clone(b.left)}
	for language, list := range b.commands {
		p.Commands[language] = slices.Clone(list)
	}
	for language, text := range b.about {
		p.Description[language] = text
	}
	for language, text := range b.short {
		p.Short[language] = text
	}
	return p, nil
}

func (s *Server) now() time.Time { return s.config.Clock() }

// signal wakes everybody who waits for a change. The server's lock guards it.
type signal struct{ c chan struct{} }

func (g *signal) wait() <-chan struct{} {
	if g.c == nil {
		g.c = make(chan struct{})
	}
	return g.c
}

func (g *signal) wake() {
	if g.c != nil {
		close(g.c)
		g.c = nil
	}
}
