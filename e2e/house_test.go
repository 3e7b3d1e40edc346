package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

const (
	passphrase = "nine quiet herons stand in reeds"
	// quick is the work factor of key files that live for one test: the real
	// one takes a second, and ten under the race detector.
	quick = 10
	// patience is how long anything may take before it counts as not happening.
	patience = 90 * time.Second
)

// house is an authority on disk and its server, a child process.
type house struct {
	tb     testing.TB
	dir    string
	config installation.Config
	binary string
	wrap   []string // a program and its arguments in front of the server's
	// cluster is the PostgreSQL of this house alone, nil for none.
	cluster *storetest.Cluster
	// telegram is the simulated Telegram that the house has a bot in, nil for none.
	telegram *rehearsal.Telegram
	server   *process
}

// option changes a house before it is made.
type option func(*houseOptions)

type houseOptions struct {
	engine, binary, route string
	wrap                  []string
	cluster               *storetest.Cluster
	bot                   bool
}

func onDatabase(engine string) option { return func(o *houseOptions) { o.engine = engine } }
func withBinary(path string) option   { return func(o *houseOptions) { o.binary = path } }
func under(wrap ...string) option     { return func(o *houseOptions) { o.wrap = wrap } }

// withBot gives the house a bot in a simulated Telegram.
func withBot() option { return func(o *houseOptions) { o.bot = true } }

// onCluster keeps the house in a PostgreSQL of its own.
func onCluster(c storetest.Cluster) option { return func(o *houseOptions) { o.cluster = &c } }

// reachedBy sets the only route of the manifest.
func reachedBy(route string) option { return func(o *houseOptions) { o.route = route } }

// newHouse makes an authority as `safeconduct init` does, but with a key file that
// opens quickly, and starts its server.
func newHouse(tb testing.TB, options ...option) *house {
	tb.Helper()
	o := houseOptions{engine: storetest.SQLite, binary: built.product}
	for _, opt := range options {
		opt(&o)
	}
	ports := freePorts(tb, 2)
	if o.route == "" {
		o.route = "http://" + ports[0]
	}
	h := &house{tb: tb, dir: filepath.Join(tb.TempDir(), "house"), binary: o.binary, wrap: o.wrap}
	in := installation.Init{
		Dir: h.dir, Name: "Heron", Passphrase: passphrase, WorkFactor: quick, Sheets: 3, Needed: 2,
		Public: ports[0], DeskListen: ports[1], Routes: []string{o.route}, Clock: time.Now,
	}
	if o.engine == storetest.Postgres {
		in.Database = storetest.URL(tb, storetest.Postgres)
	}
	if h.cluster = o.cluster; h.cluster != nil {
		in.Database = h.cluster.URL
	}
	made, err := in.Run(tb.Context())
	if err != nil {
		tb.Fatalf("init: %v", err)
	}
	h.config = made.Config
	if o.bot {
		h.addBot()
	}
	h.serve()
	return h
}

// addBot does what who runs a server does by hand, for a bot that is simulated.
func (h *house) addBot() {
	h.tb.Helper()
	var err error
	if h.telegram, err = rehearsal.NewTelegram(h.tb.Context(), time.Now); err != nil {
		h.tb.Fatal(err)
	}
	h.tb.Cleanup(func() { // after the server, which is started later
		if err := h.telegram.Close(); err != nil {
			h.tb.Errorf("close the simulated Telegram: %v", err)
		}
	})
	if err := h.telegram.AddTo(h.dir); err != nil {
		h.tb.Fatal(err)
	}
}

// freePorts finds ports of this computer that were free a moment ago.
func freePorts(tb testing.TB, n int) []string {
	tb.Helper()
	addrs := make([]string, n)
	for i := range addrs {
		var lc net.ListenConfig
		l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		defer l.Close() // held until all are found, so that all differ
		addrs[i] = l.Addr().String()
	}
	return addrs
}

// serve starts the server and waits until both doors are open.
func (h *house) serve() {
	h.tb.Helper()
	args := append(append([]string{}, h.wrap...), h.binary, "serve", "--dir", h.dir, "--verbose")
	h.server = start(h.tb, args...)
	h.server.await("door for desks:")
}

// kill ends the server without any notice, as a power cut does.
func (h *house) kill() { h.server.kill() }

func (h *house) origin() string { return "http://" + h.config.Public }

func (h *house) installation() *installation.Installation {
	h.tb.Helper()
	in, err := installation.Open(h.dir)
	if err != nil {
		h.tb.Fatal(err)
	}
	return in
}

// get fetches a path of the public door.
func (h *house) get(path string) []byte {
	h.tb.Helper()
	req, err := http.NewRequestWithContext(h.tb.Context(), http.MethodGet, h.origin()+path, nil)
	if err != nil {
		h.tb.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.tb.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		h.tb.Fatalf("GET %s: status %d, %v", path, resp.StatusCode, err)
	}
	return body
}

// contact makes a person's client.
func (h *house) contact(options ...contact.Option) *contact.Client {
	h.tb.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	h.tb.Cleanup(client.CloseIdleConnections)
	c, err := contact.New(h.get("/v1/manifest"), h.config.Authority, []string{h.origin()}, client, time.Now, options...)
	if err != nil {
		h.tb.Fatal(err)
	}
	return c
}

// quickKeys are a person's keys without the 64 MiB that a receipt takes.
func quickKeys(tb testing.TB) seal.Contact {
	tb.Helper()
	identity, err := seal.NewIdentity()
	if err != nil {
		tb.Fatal(err)
	}
	signing, err := seal.NewSigningKey()
	if err != nil {
		tb.Fatal(err)
	}
	keys := seal.Contact{Identity: identity, Signing: signing, Code: hotline.NewChannelCode()}
	_, _ = rand.Read(keys.Lookup[:]) // never fails since Go 1.24
	return keys
}

// openDesk unlocks the first operator's desk in this process and waits until
// it is connected.
func (h *house) openDesk() *desk.Desk {
	h.tb.Helper()
	return openDeskIn(h.tb, filepath.Join(h.dir, "operator"))
}

func openDeskIn(tb testing.TB, dir string) *desk.Desk {
	tb.Helper()
	d, err := desk.Open(desk.Config{Dir: dir, WorkFactor: quick})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Errorf("close the desk: %v", err)
		}
	})
	if err := d.Unlock(tb.Context(), passphrase); err != nil {
		tb.Fatal(err)
	}
	connected(tb, d)
	return d
}

func connected(tb testing.TB, d *desk.Desk) {
	tb.Helper()
	until(tb, d, "the desk is connected", func() bool {
		s := d.State()
		return s.Online && s.Phase == desk.PhaseReady
	})
}

// until looks now and after each of the desk's notices.
func until(tb testing.TB, d *desk.Desk, what string, holds func() bool) {
	tb.Helper()
	notices, stop := d.Subscribe()
	defer stop()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	for !holds() {
		select {
		case <-notices:
		case <-ctx.Done():
			tb.Fatalf("waited %s, and it did not come to be that %s; the desk: %s", patience, what, stateOf(d))
		}
	}
}

func stateOf(d *desk.Desk) string {
	line, err := json.Marshal(struct {
		desk.Status
		Alarms []desk.Alarm
	}{d.State(), d.Alarms()})
	if err != nil {
		return err.Error()
	}
	return string(line)
}

// caseWith waits until the desk shows a case that satisfies holds.
func caseWith(tb testing.TB, d *desk.Desk, id hotline.CaseID, what string, holds func(desk.CaseView) bool) desk.CaseView {
	tb.Helper()
	var view desk.CaseView
	until(tb, d, what, func() bool {
		var err error
		view, err = d.Case(tb.Context(), id)
		return err == nil && holds(view)
	})
	return view
}

// texts lists what one side of a conversation has said.
func texts(v desk.CaseView, side hotline.Side) []string {
	var out []string
	for _, m := range v.Messages {
		if m.Side == side {
			out = append(out, m.Text)
		}
	}
	return out
}

// database is the folder's SQLite file.
func (h *house) database() string { return filepath.Join(h.dir, "safeconduct.db") }

// intakeKey reads the server's own secret, as somebody who runs the server can.
func (h *house) intakeKey() seal.Identity {
	h.tb.Helper()
	raw, err := os.ReadFile(filepath.Join(h.dir, "secret", "intake.age"))
	if err != nil {
		h.tb.Fatal(err)
	}
	id, err := seal.ParseIdentity(strings.TrimSpace(string(raw)))
	if err != nil {
		h.tb.Fatal(err)
	}
	return id
}

// onlyCase waits until the desk has opened one case and returns its id.
func onlyCase(tb testing.TB, d *desk.Desk) hotline.CaseID {
	tb.Helper()
	var rows []desk.Row
	until(tb, d, "there is one case", func() bool {
		var err error
		rows, err = d.Queue(desk.Filter{})
		return err == nil && len(rows) == 1 && rows[0].Opened
	})
	return rows[0].ID
}
