package intake

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// Config is what an intake is made of.
type Config struct {
	DB           *store.DB
	Objects      *object.Keeper  // attachments
	Identities   []seal.Identity // I: the current one first, then earlier ones that pages may still seal to
	ChallengeKey []byte          // 32 bytes; nodes that share it accept each other's challenges
	IndexKey     []byte          // 32 bytes; the same on all nodes, for good
	// Documents returns the newest manifest as signed text and read. It is
	// asked at most once in a few seconds.
	Documents func(context.Context) ([]byte, seal.Manifest, error)
	// Page returns the contact page, stamped with the newest manifest.
	Page   func(context.Context) ([]byte, error)
	Clock  func() time.Time
	Limits Limits
	// Logger never gets an address, a user agent, an id or a plaintext.
	Logger *slog.Logger
}

// Limits bounds what the intake holds and does at once. Zero values are
// replaced by those of [DefaultLimits].
type Limits struct {
	Openers   int           // envelopes opened at once: processor work
	Doorstep  int           // envelopes that wait to be opened
	Room      int           // operations that wait for the writer, beside the reserved places
	Reserved  int           // places reserved for answered cases; the other lanes have a share of it
	Writers   int           // updates given to the store at once
	Batch     int           // operations in one update
	Uploads   int           // parts of attachments that are read at once, a MiB or two of memory each
	MaxWait   time.Duration // after which somebody in the room is told to come again
	Challenge time.Duration // how long a challenge is good
}

// DefaultLimits suits two cores. One update carries many operations: on
// PostgreSQL every writer waits for the feed's counter until the commit. A
// second writer makes its update ready meanwhile.
func DefaultLimits() Limits {
	return Limits{
		Openers: runtime.GOMAXPROCS(0), Doorstep: 1024, Room: 1024, Reserved: 256,
		Writers: 2, Batch: 64, Uploads: 32, MaxWait: 20 * time.Second, Challenge: 15 * time.Minute,
	}
}

// partWriters is how many parts are put on disk at once.
const partWriters = 2

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for _, f := range []struct {
		have *int
		want int
	}{
		{&l.Openers, d.Openers},
		{&l.Doorstep, d.Doorstep},
		{&l.Room, d.Room},
		{&l.Reserved, d.Reserved},
		{&l.Writers, d.Writers},
		{&l.Batch, d.Batch},
		{&l.Uploads, d.Uploads},
	} {
		if *f.have <= 0 {
			*f.have = f.want
		}
	}
	if l.MaxWait <= 0 {
		l.MaxWait = d.MaxWait
	}
	if l.Challenge <= 0 {
		l.Challenge = d.Challenge
	}
	return l
}

func (c Config) check() error {
	fail := func(what string) error { return hotline.Errorf(hotline.KindInvalid, "intake", "%s", what) }
	switch {
	case c.Objects == nil:
		return fail("attachments need a keeper")
	case c.DB == nil || c.Documents == nil || c.Clock == nil || c.Logger == nil:
		return fail("a store, documents, a clock and a logger are needed")
	case len(c.Identities) == 0 || c.Identities[0].IsZero():
		return fail("no key opens envelopes")
	case len(c.ChallengeKey) != 32 || len(c.IndexKey) != 32:
		return fail("the keys of challenges and of the index have 32 bytes")
	case c.Page == nil:
		return fail("no contact page")
	}
	return nil
}
