package endure

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

const (
	passphrase = "nine quiet herons stand in reeds"
	// quick is the work factor of key files that live for one test.
	quick = 4
	// patience is how long anything may take before it counts as not happening.
	patience = 60 * time.Second
	day      = 24 * time.Hour
)

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		ok(tb, err)
		return v
	}
}

// clock stands until it is moved; its timers are real, and short.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	up    time.Duration
	wrong time.Duration // what the server's clock is ahead
}

// server is the time by the server's clock, and uptime how long it has run.
func (c *clock) server() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Add(c.wrong)
}

func (c *clock) uptime() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After serves desks, which wait between two tries.
func (c *clock) After(d time.Duration) <-chan time.Time {
	return time.After(min(d, 50*time.Millisecond))
}

// pass lets time go by; jump sets the server's clock wrong, and no time goes by.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.up = c.now.Add(d), c.up+d
}

func (c *clock) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong += d
}

// log keeps what the product prints.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}

// house is an authority on disk with its clock.
type house struct {
	tb    testing.TB
	dir   string
	in    *installation.Installation
	clock *clock
	log   *log
	first *node
}

// node is one server process of a house, in this process.
type node struct {
	h      *house
	public net.Listener
	desk   net.Listener
	origin string
	cancel context.CancelFunc
	done   chan struct{}
	ended  error
	look   chan struct{}
	looked chan struct{}
	backup chan struct{}
	backed chan backup.Taken
}

// newHouse makes an authority on a database (a URL, empty for SQLite in its
// folder) and starts its server.
func newHouse(tb testing.TB, database string, change ...func(*installation.Run)) *house {
	tb.Helper()
	return newHouseIn(tb, filepath.Join(tb.TempDir(), "house"), database, change...)
}

func newHouseIn(tb testing.TB, dir, database string, change ...func(*installation.Run)) *house {
	tb.Helper()
	h := &house{
		tb: tb, dir: dir, log: &log{},
		clock: &clock{now: time.Date(2026, 3, 2, 9, 15, 42, 0, time.UTC)},
	}
	public, desk := listen(tb, "127.0.0.1:0"), listen(tb, "127.0.0.1:0")
	made := installation.Init{
		Dir: h.dir, Name: "Heron", Passphrase: passphrase, WorkFactor: quick, Sheets: 3, Needed: 2, Database: database,
		Public: public.Addr().String(), DeskListen: desk.Addr().String(), Routes: []string{"http://" + public.Addr().String()}, Clock: h.clock.Now,
	}
	_, err := made.Run(tb.Context())
	ok(tb, err)
	h.in = must[*installation.Installation](tb)(installation.Open(h.dir))
	h.first = h.start(public, desk, change...)
	return h
}

func urlOf(tb testing.TB, engine string) string {
	if engine == storetest.SQLite {
		return ""
	}
	return storetest.URL(tb, engine)
}

func listen(tb testing.TB, addr string) net.Listener {
	tb.Helper()
	var lc net.ListenConfig
	return must[net.Listener](tb)(lc.Listen(tb.Context(), "tcp", addr))
}

// start starts a node and waits until its doors are open.
func (h *house) start(public, desk net.Listener, change ...func(*installation.Run)) *node {
	h.tb.Helper()
	n := &node{
		h: h, public: public, desk: desk, origin: "http://" + public.Addr().String(), done: make(chan struct{}),
		look: make(chan struct{}), looked: make(chan struct{}, 64), backup: make(chan struct{}), backed: make(chan backup.Taken, 64),
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel = cancel
	ready := make(chan struct{})
	run := installation.Run{
		Public: public, Desk: desk, Clock: h.clock.server, Uptime: h.clock.uptime, Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Ready: func(net.Addr, net.Addr) { close(ready) }, Disk: func() (float64, error) { return 0.1, nil },
		Look: n.look, Looked: func() { n.looked <- struct{}{} },
		BackupTick: n.backup, Backed: func(t backup.Taken) { n.backed <- t },
	}
	for _, c := range change {
		c(&run)
	}
	go func() {
		defer close(n.done)
		n.ended = h.in.Run(ctx, run)
	}()
	h.tb.Cleanup(n.stop)
	select {
	case <-ready:
	case <-n.done:
		h.tb.Fatalf("the server did not start: %v", n.ended)
	}
	<-n.looked // its first look
	return n
}

// stop ends a node and waits.
func (n *node) stop() {
	n.cancel()
	for {
		select {
		case <-n.looked:
		case <-n.backed:
		case <-n.done:
			_, _ = n.public.Close(), n.desk.Close()
			return
		}
	}
}

// looks makes the background work look now, and waits until it has.
func (n *node) looks() {
	n.h.tb.Helper()
	n.look <- struct{}{}
	select {
	case <-n.looked:
	case <-time.After(patience):
		n.h.tb.Fatal("the background work does not end")
	}
}

// agent is what somebody's browser says of itself.
const (
	agent     = "Mozilla/5.0 (Heronbeak; Canary 7719)"
	forwarded = "203.0.113.217"
	referer   = "https://canary-referer.example/heronbeak"
)

// device is a person's telephone: it comes from an address of its own and says
// about itself what browsers say.
type device struct {
	from string
	next http.RoundTripper
}

func (d device) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range map[string]string{
		"User-Agent": agent, "X-Forwarded-For": forwarded, "Forwarded": "for=" + forwarded, "X-Real-Ip": forwarded, "Referer": referer,
	} {
		r.Header.Set(name, value)
	}
	return d.next.RoundTrip(r)
}

// client makes a person's client; from is the address that it comes from.
func (h *house) client(from string, options ...contact.Option) *contact.Client {
	h.tb.Helper()
	return h.first.client(from, options...)
}

func (n *node) client(from string, options ...contact.Option) *contact.Client {
	h := n.h
	h.tb.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	web := &http.Client{Timeout: patience, Transport: device{from, &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}}
	req := must[*http.Request](h.tb)(http.NewRequestWithContext(h.tb.Context(), http.MethodGet, n.origin+"/v1/manifest", nil))
	resp, err := web.Do(req)
	ok(h.tb, err)
	defer resp.Body.Close()
	text := must[[]byte](h.tb)(io.ReadAll(resp.Body))
	return must[*contact.Client](h.tb)(contact.New(text, h.in.Config.Authority, []string{n.origin}, web, h.clock.Now, options...))
}

// newKeys are a person's keys without the 64 MiB that a receipt takes.
func newKeys(tb testing.TB) seal.Contact {
	tb.Helper()
	keys := seal.Contact{
		Identity: must[seal.Identity](tb)(seal.NewIdentity()), Signing: must[seal.SigningKey](tb)(seal.NewSigningKey()), Code: hotline.NewChannelCode(),
	}
	_, _ = rand.Read(keys.Lookup[:]) // never fails since Go 1.24
	return keys
}

// backups takes a backup now, as a scheduled one.
func (n *node) backs() backup.Taken {
	n.h.tb.Helper()
	n.backup <- struct{}{}
	select {
	case taken := <-n.backed:
		return taken
	case <-time.After(patience):
		n.h.tb.Fatalf("no backup was taken:\n%s", n.h.log.Bytes())
		return backup.Taken{}
	}
}
