package form_test

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/gateway/form"
	"safeconduct/internal/gateway/gatewaytest"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(h *gatewaytest.House) gatewaytest.Door {
		b := &browsers{House: h, challenge: random(32)}
		h.T.Cleanup(b.end)
		return b
	})
}

// browsers are people at the form: each sends the page until it shows a code.
type browsers struct {
	*gatewaytest.House
	challenge []byte
	work      sync.WaitGroup
	ended     bool

	mu      sync.Mutex
	nodes   []string // origins
	waiting int
	turn    int
	trouble gatewaytest.Trouble
}

func (b *browsers) end() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.work.Wait()
}

// Node implements gatewaytest.Door.
func (b *browsers) Node(d *store.DB) (stop func()) {
	fatal := func(err error) {
		if err != nil {
			b.T.Fatal(err)
		}
	}
	own, err := seal.NewIdentity()
	fatal(err)
	door, err := intake.New(intake.Config{
		DB: d, Objects: b.Objects, Identities: []seal.Identity{own}, ChallengeKey: b.challenge, IndexKey: b.Index, Documents: b.Manifest,
		Page: func(context.Context) ([]byte, error) { return []byte("page"), nil }, Clock: b.Clock.Now, Logger: b.Log,
	})
	fatal(err)
	f, err := form.New(form.Config{Door: door, Manifest: b.Manifest, Key: b.Key, Seed: b.Seed, IndexKey: b.Index, Clock: b.Clock.Now, Log: b.Log})
	fatal(err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.T.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := door.Run(ctx); err != nil {
			b.T.Error(err)
		}
	})
	server := httptest.NewServer(f.Handler())
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes = append(b.nodes, server.URL)
	return func() {
		b.mu.Lock()
		b.nodes = slices.DeleteFunc(b.nodes, func(n string) bool { return n == server.URL })
		b.mu.Unlock()
		server.Close()
		cancel()
		running.Wait()
	}
}

// Say implements gatewaytest.Door.
func (b *browsers) Say(_ int, text string) {
	id := random(16)
	fields := url.Values{"sending": {hex.EncodeToString(id)}, "text": {text}}
	b.mu.Lock()
	b.waiting++
	b.mu.Unlock()
	b.work.Go(func() {
		for {
			origin, trouble, ended := b.pick()
			if ended {
				return
			}
			if origin != "" && b.send(origin, fields, trouble) {
				break
			}
			time.Sleep(20 * time.Millisecond) // as a person waits before the button is pressed again
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.waiting--
	})
}

func (b *browsers) pick() (origin string, trouble gatewaytest.Trouble, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn++; len(b.nodes) > 0 {
		origin = b.nodes[b.turn%len(b.nodes)]
	}
	trouble = b.trouble
	if trouble != gatewaytest.Twice {
		b.trouble = "" // it hits one attempt
	}
	return origin, trouble, b.ended
}

// send sends the page, and reports whether the person has seen a code.
func (b *browsers) send(origin string, fields url.Values, trouble gatewaytest.Trouble) bool {
	switch trouble {
	case gatewaytest.CutBefore:
		return false
	case gatewaytest.Twice:
		var other sync.WaitGroup
		other.Go(func() { _ = post(origin, fields) })
		defer func() { _ = post(origin, fields) }()
		defer other.Wait()
	default:
	}
	return post(origin, fields) == nil && trouble != gatewaytest.CutAfter
}

func post(origin string, fields url.Values) error {
	resp, err := http.PostForm(origin+"/form?lang=ru", fields)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !codeShown.Match(page)) {
		err = errors.New(resp.Status)
	}
	return err
}

// Waiting implements gatewaytest.Door.
func (b *browsers) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// Trouble implements gatewaytest.Door: a browser is not a server that fails or
// asks to wait.
func (b *browsers) Trouble(k gatewaytest.Trouble) (lift func()) {
	if k != gatewaytest.Twice && k != gatewaytest.CutBefore && k != gatewaytest.CutAfter {
		return nil
	}
	set := func(k gatewaytest.Trouble) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.trouble = k
	}
	set(k)
	return func() { set("") }
}

// Secrets implements gatewaytest.Door.
func (b *browsers) Secrets() []string { return []string{string(b.Seed), string(b.challenge)} }

var _ gatewaytest.Door = (*browsers)(nil)
