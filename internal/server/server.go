package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// Signer signs the journal's checkpoints; *journal.Signer does.
type Signer interface {
	// Extend signs the head that an append has reached, if the tree which it
	// found is the one of the last checkpoint.
	Extend(last []byte, a journal.Appended) ([]byte, error)
	Verifier() *journal.Verifier
}

// Config is what a server is made of.
type Config struct {
	DB       *store.DB
	Objects  *object.Keeper // attachments
	Journal  Signer
	IndexKey []byte           // of channel codes, the same as the intake's
	Clock    func() time.Time // wall clock
	// WriteKeys writes the key store's one copy anew, over the old one; nil: there is none.
	WriteKeys func(context.Context) error
	Log       *slog.Logger // never gets an id of a case, a body or an address
	// Uptime is how long the process has run, by a clock that nobody can set; nil:
	// it is not known. A wall clock that goes on without it has leapt.
	Uptime func() time.Duration
	// Look makes the background work look at once at what is due, and Looked
	// hears when it has. Both may be nil.
	Look   <-chan struct{}
	Looked func()
}

// Server answers desks. Several may run on one database.
type Server struct {
	db        *store.DB
	objects   *object.Keeper
	journal   Signer
	indexKey  []byte
	clock     func() time.Time
	log       *slog.Logger
	writeKeys func(context.Context) error
	look      <-chan struct{}
	looked    func()

	uptime func() time.Duration

	mu     sync.Mutex
	known  *house // newest roster seen
	passed passed

	pulse     pulse
	stopping  chan struct{}
	stopFeeds func()
	exporting sync.Mutex // an export reads everything: one at a time
}

// New makes a server.
func New(c Config) (*Server, error) {
	fail := func(what string) error { return hotline.Errorf(hotline.KindInvalid, "server", "%s", what) }
	switch {
	case c.DB == nil || c.Journal == nil || c.Clock == nil || c.Log == nil:
		return nil, fail("a store, a journal, a clock and a logger are needed")
	case c.Objects == nil:
		return nil, fail("attachments need a keeper")
	case len(c.IndexKey) != seal.SeedSize:
		return nil, fail("the key of the index has 32 bytes")
	}
	if err := checkRoutes(routes()); err != nil {
		return nil, err
	}
	if c.Looked == nil {
		c.Looked = func() {}
	}
	stopping := make(chan struct{})
	return &Server{
		db: c.DB, objects: c.Objects, journal: c.Journal, indexKey: c.IndexKey, clock: c.Clock, log: c.Log, writeKeys: c.WriteKeys,
		look: c.Look, looked: c.Looked, uptime: c.Uptime,
		stopping: stopping, stopFeeds: sync.OnceFunc(func() { close(stopping) }),
	}, nil
}

func (s *Server) hour() hotline.Hour { return hotline.HourOf(s.clock()) }

// expireEvery is how often invitations are looked at. Whoever uses an expired
// one is refused in any case; this is for who reads the list.
const expireEvery = time.Minute

// Run does the background work until ctx ends: it wakes the live feeds when
// something was committed, here or on another node, and lets invitations and
// proposals expire.
func (s *Server) Run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { s.beat(ctx) })
	s.keysFollow(ctx) // what a killed server left
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	if s.look != nil { // then somebody else says when
		tick.Stop()
	}
	for ctx.Err() == nil {
		if err := s.expireInvitations(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "invitations could not be expired", "kind", hotline.KindOf(err).String())
		}
		s.retainInTurn(ctx)
		if err := s.expireProposals(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "proposals could not be expired", "kind", hotline.KindOf(err).String())
		}
		s.looked()
		select {
		case <-tick.C:
		case <-s.look:
		case <-ctx.Done():
			continue
		}
		s.keysFollow(ctx)
	}
	work.Wait()
	return nil
}
