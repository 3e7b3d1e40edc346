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

	"golang.org/x/sync/errgroup"

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
	files     chan struct{}  // a file may wait
	answers   chan *incoming // presses of buttons that Telegram waits to hear of
	ending    chan struct{}  // closed when Run is to return

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
		ignored: map[string]int64{}, answers: make(chan *incoming, maxSending), files: make(chan struct{}, 1), ending: make(chan struct{}),
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
	defer context.AfterFunc(ctx, func() { close(g.ending) })()
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

// heard follows an update that is kept: Telegram waits to hear of a button.
func (g *Gateway) heard(in *incoming) {
	if in.query == "" {
		return
	}
	select {
	case g.answers <- in:
	default: // the telephone stops waiting by itself
	}
}

// poke says that something may wait.
func poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
