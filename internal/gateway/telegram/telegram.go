package telegram

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"
	"golang.org/x/sync/errgroup"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Gateway is the door.
type Gateway struct {
	cfg       Config
	node      string // this process, towards other nodes
	drawer    seal.Drawer
	bots      []*client // in the order of the file
	transport http.RoundTripper
	batch     *batcher
	out       *sender
	crowd     *crowd
	answers   chan *incoming // presses of buttons that Telegram waits to hear of

	mu      sync.Mutex
	ignored map[string]int64 // updates that do not concern us, by kind
}

// New makes the door; it speaks to nobody yet.
func New(c Config) (*Gateway, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	drawer, err := seal.NewDrawer(c.Identity)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one (net/http)
	transport.MaxIdleConnsPerHost = maxSending
	var node [16]byte
	_, _ = rand.Read(node[:]) // never fails (Go 1.24)
	g := &Gateway{
		cfg: c, node: hex.EncodeToString(node[:]), drawer: drawer, transport: transport,
		ignored: map[string]int64{}, answers: make(chan *incoming, maxSending),
	}
	g.batch, g.crowd = newBatcher(g), &crowd{g: g}
	g.out = newSender(g)
	for _, b := range c.Bots {
		bot, err := g.newClient(b)
		if err != nil {
			return nil, err
		}
		g.bots = append(g.bots, bot)
	}
	return g, nil
}

func (g *Gateway) clock() time.Time { return g.cfg.Sealer.Clock() }

// bot finds one by its number.
func (g *Gateway) bot(id int64) *client {
	i := slices.IndexFunc(g.bots, func(c *client) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	return g.bots[i]
}

// Run works until ctx ends. What was heard is kept before it returns.
func (g *Gateway) Run(ctx context.Context) error {
	if len(g.bots) == 0 {
		<-ctx.Done()
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	// The batcher outlives who brings updates, so that nobody is cut off in the middle.
	last, stop := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error { return g.batch.run(last) })
	group.Go(func() error {
		defer stop()
		return g.lead(ctx)
	})
	group.Go(func() error { return g.answerButtons(ctx) })
	err := group.Wait()
	g.transport.(*http.Transport).CloseIdleConnections() //nolint:forcetypeassert // made by New
	return err
}

// Ignored counts updates that did not concern us, by kind.
func (g *Gateway) Ignored() map[string]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.ignored)
}

func (g *Gateway) ignore(kind string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ignored[kind]++
}

// maxTries is how often an update is tried that fails for a reason of its own,
// and not because the database is away: it must not hold up everybody else.
const maxTries = 5

// polled takes an update that a poll has brought. It returns at once; the next
// poll waits until the update is kept (see gate).
func (g *Gateway) polled(ctx context.Context, c *client, u *models.Update) {
	in, ignored := read(u)
	if in == nil {
		g.ignore(ignored)
		return
	}
	in.bot = c
	done := g.batch.begin(in) // in the order in which they came
	c.hold.work.Go(func() {
		for try := 1; ; try++ {
			err := <-done
			switch hotline.KindOf(err) {
			case hotline.KindBusy, hotline.KindUnavailable, hotline.KindUnknown, hotline.KindConflict:
				try = min(try, maxTries-1)
			default:
			}
			if err == nil || ctx.Err() != nil {
				g.heard(in, err)
				return
			}
			if try >= maxTries {
				g.cfg.Log.Error("telegram: an update could not be kept and is left out", "bot", c.id, "kind", hotline.KindOf(err).String())
				return
			}
			g.cfg.Pause(ctx.Done(), time.Duration(try)*time.Second)
			done = g.batch.begin(in)
		}
	})
}

// heard follows an update that is kept: Telegram waits to hear of a button.
func (g *Gateway) heard(in *incoming, err error) {
	if err != nil || in.query == "" {
		return
	}
	select {
	case g.answers <- in:
	default: // the telephone stops waiting by itself
	}
}

// crowd knows how many people wait, for the honest word about it.
type crowd struct {
	g     *Gateway
	mu    sync.Mutex
	asked time.Time
	last  crowdNow
}

type crowdNow struct {
	people int64
	oldest time.Duration
}

// crowdFor is how long an answer is good enough.
const crowdFor = 2 * time.Second
