package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/intake/contact"
)

// quickKey is the scrypt work factor of keys that live for one rehearsal.
const quickKey = 12

// Authority says what to boot for a rehearsal.
type Authority struct {
	Dir        string       // made; it must hold no installation
	Database   string       // postgres:// URL of an empty database; "" for SQLite in Dir
	Name       string       // call-name of the operator
	Passphrase string       // of his key file
	Public     net.Listener // nil: a free port of this computer
	Desk       net.Listener // nil: a free port of this computer
	Route      string       // origin of the public door; "" for its address
	Bot        bool         // with a bot in a simulated Telegram, see Product.Telegram
	Clock      func() time.Time
	Log        *slog.Logger

	telegram *Telegram
}

// Make makes the authority's folder and database. It returns with the doors
// bound, and nothing serving yet.
func (a *Authority) Make(ctx context.Context) (*installation.Installation, error) {
	if a.Clock == nil {
		a.Clock = time.Now
	}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	for _, l := range []*net.Listener{&a.Public, &a.Desk} {
		if *l != nil {
			continue
		}
		var lc net.ListenConfig
		var err error
		if *l, err = lc.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, hotline.Errorf(hotline.KindUnavailable, "rehearsal", "no free port: %w", err)
		}
	}
	if a.Route == "" {
		a.Route = "http://" + a.Public.Addr().String()
	}
	in := installation.Init{
		Dir: a.Dir, Name: a.Name, Passphrase: a.Passphrase, WorkFactor: quickKey, Sheets: 3, Needed: 2,
		Database: a.Database, Public: a.Public.Addr().String(), DeskListen: a.Desk.Addr().String(),
		Routes: []string{a.Route}, Clock: a.Clock,
	}
	if _, err := in.Run(ctx); err != nil {
		return nil, err
	}
	if a.Bot {
		var err error
		if a.telegram, err = NewTelegram(ctx, a.Clock); err != nil {
			return nil, err
		}
		if err := a.telegram.AddTo(a.Dir); err != nil {
			return nil, err
		}
	}
	return installation.Open(a.Dir)
}

// close lets go of listeners that nobody serves, and ends the simulator.
func (a *Authority) close() error {
	for _, l := range []net.Listener{a.Public, a.Desk} {
		if l != nil {
			_ = l.Close()
		}
	}
	if a.telegram == nil {
		return nil
	}
	return a.telegram.Close()
}

// Product is a running server with what is needed to play with it.
type Product struct {
	Installation *installation.Installation
	Origin       string    // of the public door
	Telegram     *Telegram // that the authority's bot is in; nil: it has none
	authority    Authority
	cancel       context.CancelFunc
	done         chan struct{} // closed when the server has ended
	ended        error         // of the server, once done is closed
	closing      error         // of what it stood on
}

// Boot makes an authority and starts its server. Close ends it.
func Boot(ctx context.Context, a Authority) (*Product, error) {
	in, err := a.Make(ctx)
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	p := &Product{
		Installation: in, Origin: "http://" + a.Public.Addr().String(), Telegram: a.telegram, authority: a, done: make(chan struct{}),
	}
	run, cancel := context.WithCancel(ctx)
	p.cancel = cancel
	ready := make(chan struct{})
	go func() {
		defer close(p.done)
		p.ended = in.Run(run, installation.Run{
			Public: a.Public, Desk: a.Desk, Clock: a.Clock, Log: a.Log,
			Ready: func(net.Addr, net.Addr) { close(ready) },
		})
		p.closing = a.close()
	}()
	select {
	case <-ready:
		return p, nil
	case <-p.done:
		cancel()
		if p.ended == nil {
			p.ended = context.Cause(ctx)
		}
		return nil, p.ended
	}
}

// Close stops the server and waits until it has ended.
func (p *Product) Close() error {
	p.cancel()
	<-p.done
	if errors.Is(p.ended, context.Canceled) {
		return p.closing
	}
	return errors.Join(p.ended, p.closing)
}

// Done is closed when the server has ended, asked or not.
func (p *Product) Done() <-chan struct{} { return p.done }

// Contact makes a person's client, which knows nothing but the authority's
// key and what the public door hands out.
func (p *Product) Contact(ctx context.Context) (*contact.Client, error) {
	client := &http.Client{Timeout: 30 * time.Second}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Origin+"/v1/manifest", nil)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "manifest", "the public door does not answer: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, hotline.Errorf(hotline.KindUnavailable, "manifest", "the public door gives no manifest (status %d)", resp.StatusCode)
	}
	return contact.New(text, p.Installation.Config.Authority, []string{p.Origin}, client, p.authority.Clock)
}

// patience is how long anything in a rehearsal may take before it counts as
// not having happened.
const patience = 45 * time.Second

// OpenDesk opens the operator's desk and waits until it is connected.
func (p *Product) OpenDesk(ctx context.Context) (*desk.Desk, error) {
	d, err := desk.Open(desk.Config{Dir: p.Installation.DeskDir(), Log: p.authority.Log, WorkFactor: quickKey})
	if err != nil {
		return nil, err
	}
	notices, stop := d.Subscribe()
	defer stop()
	if err := d.Unlock(ctx, p.authority.Passphrase); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	err = Await(ctx, notices, func() bool { s := d.State(); return s.Online && s.Phase == desk.PhaseReady })
	if err != nil {
		why := d.State().Offline
		return nil, errors.Join(hotline.Errorf(hotline.KindUnavailable, "desk", "the desk does not connect: %s", why), d.Close())
	}
	return d, nil
}

// Await looks at a condition now and after every notice, until it holds or
// patience has ended.
func Await[T any](ctx context.Context, notices <-chan T, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !holds() {
		select {
		case _, open := <-notices:
			if !open {
				return hotline.Errorf(hotline.KindUnavailable, "rehearsal", "the feed of changes has ended")
			}
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %w", ctx.Err())
		}
	}
	return nil
}
