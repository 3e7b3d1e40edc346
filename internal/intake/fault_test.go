package intake_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/intake"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// A store that is down: nothing is called received, and the page is told that
// it was not kept. Page, challenge and manifest still come.
func TestStoreIsDown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		d := h.draft().finish(t)
		if r := h.send(d); r.answer.Status != seal.StatusReceived {
			t.Fatal(r)
		}
		if err := h.db.Close(); err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]reaction{
			"new":   h.send(h.draft().finish(t)),
			"again": h.send(d),
			"open":  h.request(d.keys, seal.Call{Op: seal.OpOpen, Lookup: d.keys.Lookup}, d.keys.Lookup.String(), d.keys.Signing),
		} {
			if r.status != http.StatusServiceUnavailable || r.kind != "unavailable" {
				t.Errorf("%s: %d %s", name, r.status, r.kind)
			}
		}
		for path, want := range map[string]int{"/": 200, "/v1/challenge": 200, "/v1/manifest": 200, "/healthz": 503} {
			if got := h.get(path).status; got != want {
				t.Errorf("%s: %d, want %d", path, got, want)
			}
		}
	})
}

// A full disk is told, nobody is answered "received" for what is not there,
// and what was received before is still read.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite), store.WithMaxPages(120)), intake.Limits{})
	kept := map[string]bool{}
	full := false
	for range 100 {
		d := h.draft().finish(t)
		switch r := h.send(d); {
		case r.answer.Status == seal.StatusReceived:
			kept[d.gen.Case.String()] = true
		case r.status == http.StatusServiceUnavailable && r.kind == "unavailable":
			full = true
		default:
			t.Fatalf("%d %s %q", r.status, r.kind, r.answer.Status)
		}
	}
	if !full || len(kept) == 0 {
		t.Fatalf("full %v, %d kept", full, len(kept))
	}
	cases := h.cases()
	if len(cases) != len(kept) {
		t.Errorf("%d cases, %d were answered received", len(cases), len(kept))
	}
	for _, c := range cases {
		if id := hex(c); !kept[id] || len(h.records([16]byte(c.ID))) != 1 {
			t.Error("a case is there in part")
		}
	}
}

func hex(c db.HotlineCase) string { return seal.Lookup(c.ID).String() }

// While one message cannot be kept (a rule of the schema is broken by
// something else in its batch), the others of its batch are.
func TestOneFailureDoesNotTakeOthersWithIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		release := func() {}
		if h.db.Stats().Engine == storetest.SQLite {
			release = h.holdWriter()
		}
		var all sync.WaitGroup
		for n := range 20 {
			if n%5 == 0 {
				all.Go(func() {
					err := h.intake.Admit(ctx, intake.LaneKnown, 0, func(ctx context.Context, tx *store.Tx) error {
						_, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: []byte("short"), CaseID: random(16), Side: "contact", File: random(3)})
						return err
					})
					if err == nil {
						t.Error("a broken row was kept")
					}
				})
				continue
			}
			d := h.draft().finish(t)
			all.Go(func() {
				if r := h.send(d); r.answer.Status != seal.StatusReceived {
					t.Errorf("%d %s", r.status, r.kind)
				}
			})
		}
		release()
		all.Wait()
		if n := len(h.cases()); n != 16 {
			t.Errorf("%d cases", n)
		}
	})
}

// A panic over one envelope is told to its sender as a fault; the server lives.
func TestPanicOverOneEnvelope(t *testing.T) {
	t.Parallel()
	c := configFor(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)))
	asked := 0
	c.Documents = func(context.Context) ([]byte, seal.Manifest, error) {
		if asked++; asked == 1 {
			panic("canary")
		}
		return nil, seal.Manifest{}, nil
	}
	var log bytes.Buffer
	c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	in := must[*intake.Intake](t)(intake.New(c))
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if err := in.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	keys := (&house{t: t}).keys()
	envelope, _, err := seal.NewEnvelope(c.Identities[0].Recipient(), seal.Call{Op: seal.OpOpen, Lookup: keys.Lookup}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	challenge := must[[]byte](t)(seal.NewChallenger(c.ChallengeKey).New(0, time.Now().Add(time.Hour)))
	body := hardPost(t, challenge, envelope).Bytes()
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		w := httptest.NewRecorder()
		in.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/envelope", bytes.NewReader(body)))
		if w.Code != want {
			t.Errorf("%d, want %d", w.Code, want)
		}
	}
	stop()
	all.Wait()
	if strings.Contains(log.String(), "canary") {
		t.Error("the log holds what the panic held")
	}
}

// A client that goes away in the middle of its body, or that lies about its
// length, costs nothing and stores nothing.
func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{})
	d := h.draft().finish(t)
	envelope, _, err := seal.NewEnvelope(d.to, d.call, d.parts...)
	if err != nil {
		t.Fatal(err)
	}
	body := hardPost(t, h.challenge(), envelope).Bytes()
	addr := strings.TrimPrefix(h.url, "http://")
	for _, claimed := range []int{len(body), len(body) * 2, 1 << 40} {
		conn := must[net.Conn](t)((&net.Dialer{}).DialContext(t.Context(), "tcp", addr))
		_, _ = io.WriteString(conn, "POST /v1/envelope HTTP/1.1\r\nHost: x\r\nContent-Length: "+strconv.Itoa(claimed)+"\r\n\r\n")
		_, _ = conn.Write(body[:len(body)-1])
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		answer, _ := io.ReadAll(conn)
		if status := string(answer); !strings.HasPrefix(status, "HTTP/1.1 4") {
			t.Errorf("%d bytes claimed: %.40q", claimed, status)
		}
		conn.Close()
	}
	// A body in chunks without an end.
	endless := io.MultiReader(bytes.NewReader(body), zeros{})
	req := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1/envelope", endless))
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("endless: %d", resp.StatusCode)
		}
	}
	if n := len(h.cases()); n != 0 {
		t.Errorf("%d cases", n)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Whoever waits when the server goes down is told that nothing was kept, and
// whoever was called is kept and told so.
func TestShutdown(t *testing.T) {
	t.Parallel()
	d := storetest.Open(t, storetest.URL(t, storetest.SQLite))
	in := must[*intake.Intake](t)(intake.New(configFor(t, d)))
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if err := in.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	h := &house{t: t, db: d}
	release := h.holdWriter()
	results := make(chan error, 600)
	for range cap(results) {
		all.Go(func() {
			results <- in.Admit(t.Context(), intake.LaneGateway, 0, func(ctx context.Context, tx *store.Tx) error {
				return tx.PutSetting(ctx, seal.Lookup(random(16)).String(), []byte{1})
			})
		})
	}
	for len(results) == 0 { // those who found no place have answered, the others wait
		time.Sleep(time.Millisecond)
	}
	stop()
	release()
	all.Wait()
	close(results)
	kept := 0
	for err := range results {
		if err == nil {
			kept++
		}
	}
	var rows []db.Setting
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		rows, err = tx.Settings(ctx)
		return err
	})
	if len(rows) != kept {
		t.Errorf("%d rows, %d were told so", len(rows), kept)
	}
}

func configFor(t testing.TB, d *store.DB) intake.Config {
	t.Helper()
	return intake.Config{
		DB: d, Objects: objecttest.New(t, d, time.Now, object.Limits{}).Keeper, Identities: []seal.Identity{must[seal.Identity](t)(seal.NewIdentity())}, ChallengeKey: random(32), IndexKey: random(32),
		Documents: func(context.Context) ([]byte, seal.Manifest, error) { return nil, seal.Manifest{}, nil },
		Page:      func(context.Context) ([]byte, error) { return []byte(page), nil }, Clock: time.Now, Logger: quiet, Limits: intake.Limits{Room: 8},
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	d := storetest.Open(t, storetest.URL(t, storetest.SQLite))
	for name, spoil := range map[string]func(*intake.Config){
		"store": func(c *intake.Config) { c.DB = nil }, "documents": func(c *intake.Config) { c.Documents = nil },
		"clock": func(c *intake.Config) { c.Clock = nil }, "logger": func(c *intake.Config) { c.Logger = nil },
		"identity": func(c *intake.Config) { c.Identities = nil }, "zero identity": func(c *intake.Config) { c.Identities[0] = seal.Identity{} },
		"challenge key": func(c *intake.Config) { c.ChallengeKey = c.ChallengeKey[:31] }, "index key": func(c *intake.Config) { c.IndexKey = nil },
		"page": func(c *intake.Config) { c.Page = nil }, "keeper of attachments": func(c *intake.Config) { c.Objects = nil },
	} {
		c := configFor(t, d)
		spoil(&c)
		if _, err := intake.New(c); err == nil {
			t.Errorf("no %s", name)
		}
	}
}
