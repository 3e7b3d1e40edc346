package installation_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
)

// withConnections writes bounds into server.json, as an administrator does.
func withConnections(t *testing.T, dir, bounds string) *installation.Installation {
	t.Helper()
	var config map[string]json.RawMessage
	if err := json.Unmarshal(read(t, dir, "server.json"), &config); err != nil {
		t.Fatal(err)
	}
	config["connections"] = json.RawMessage(bounds)
	b, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "server.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := installation.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// TestConnectionsAreBounded: one address holds twice as many connections as
// there may be, at both doors; a page loads all the same.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	o := settings(t.TempDir())
	made(t, o)
	in := withConnections(t, o.Dir, `{"public": 20, "desk": 20, "per_source": 10, "exempt": []}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ready, ended := make(chan [2]net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- in.Run(ctx, installation.Run{
			Clock: time.Now, Log: slog.New(slog.DiscardHandler), Ready: func(public, desk net.Addr) { ready <- [2]net.Addr{public, desk} },
		})
	}()
	var doors [2]net.Addr
	select {
	case doors = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	dial := func(from string, to net.Addr) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		c, err := d.DialContext(t.Context(), "tcp", to.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	get := func(c net.Conn) int {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return 0
		}
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return 0
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode
	}
	held := 0
	var all []net.Conn
	for range 40 {
		c := dial("127.0.0.2", doors[0])
		if get(c) != http.StatusOK {
			t.Fatal("the page is not served")
		}
		all = append(all, c)
		dial("127.0.0.2", doors[1]) // and says nothing
	}
	if got := get(dial("127.0.0.9", doors[0])); got != http.StatusOK {
		t.Errorf("an honest page was answered %d", got)
	}
	for _, c := range all {
		if get(c) == http.StatusOK {
			held++
		}
	}
	if held > 10 {
		t.Errorf("one address holds %d connections", held)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	in = withConnections(t, o.Dir, `{"public": -1}`)
	if err := in.Run(t.Context(), installation.Run{Clock: time.Now, Log: slog.New(slog.DiscardHandler)}); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("a bound below zero: %v", err)
	}
}
