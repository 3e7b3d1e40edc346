package gatewaytest

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// Unreliable opens the house's database as a node does that may lose it. away
// takes it from that node, and back gives it again.
func (h *House) Unreliable() (d *store.DB, away func() (back func())) {
	h.T.Helper()
	if strings.HasPrefix(h.URL, "sqlite://") {
		return storetest.Open(h.T, h.URL), h.occupy
	}
	l := newLine(h.T, h.URL)
	return storetest.Open(h.T, l.url), l.cut
}

// occupy writes into SQLite's file without an end, so that nobody else can.
func (h *House) occupy() (back func()) {
	held, release, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	ctx := context.WithoutCancel(h.T.Context())
	go func() {
		defer close(ended)
		if err := h.DB.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.NextVersion(ctx)
			close(held)
			<-release
			return err
		}); err != nil {
			h.T.Error(err)
		}
	}()
	<-held
	back = sync.OnceFunc(func() { close(release); <-ended })
	h.T.Cleanup(back)
	return back
}

// line is the way to a PostgreSQL, which can be cut.
type line struct {
	url     string
	network string
	address string // of the server

	mu    sync.Mutex
	away  bool
	conns map[net.Conn]struct{}
}

func newLine(t testing.TB, database string) *line {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{network: "tcp", address: u.Host, conns: map[net.Conn]struct{}{}}
	at, query := "127.0.0.1:0", u.Query()
	if dir := query.Get("host"); dir != "" {
		// The name of a socket is short (unix(7)), and a test's folder is not.
		own, err := os.MkdirTemp("", "line") //nolint:usetesting // see above
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(own) })
		const socket = ".s.PGSQL.5432"
		l.network, l.address, at = "unix", filepath.Join(dir, socket), filepath.Join(own, socket)
		query.Set("host", own)
		u.RawQuery = query.Encode()
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), l.network, at)
	if err != nil {
		t.Fatal(err)
	}
	if l.network == "tcp" {
		u.Host = listener.Addr().String()
	}
	l.url = u.String()
	var work sync.WaitGroup
	work.Go(func() { l.serve(&work, listener) })
	t.Cleanup(func() { _ = listener.Close(); l.cut(); work.Wait() })
	return l
}

func (l *line) serve(work *sync.WaitGroup, listener net.Listener) {
	for {
		in, err := listener.Accept()
		if err != nil {
			return
		}
		out, err := (&net.Dialer{}).DialContext(context.Background(), l.network, l.address)
		if err != nil || !l.hold(in, out) {
			_ = in.Close()
			continue
		}
		for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
			work.Go(func() {
				_, _ = io.Copy(way[0], way[1]) // ends when either is closed
				_ = in.Close()
				_ = out.Close()
			})
		}
	}
}

// hold remembers a connection's two ends, unless the line is cut.
func (l *line) hold(in, out net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		_ = out.Close()
		return false
	}
	l.conns[in], l.conns[out] = struct{}{}, struct{}{}
	return true
}

// cut ends every connection and takes none until back.
func (l *line) cut() (back func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = true
	for c := range l.conns {
		_ = c.Close()
	}
	clear(l.conns)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.away = false
	}
}
