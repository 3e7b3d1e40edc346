package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// clock is a clock that stands until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// person is somebody at a desk, with all keys.
type person struct {
	name   string
	id     seal.Identity
	key    seal.SigningKey
	tls    seal.SigningKey
	cert   tls.Certificate
	member seal.Member
}

// world is an installation with people.
type world struct {
	tb        testing.TB
	db        *store.DB
	s         *server.Server
	clock     *clock
	logs      *syncBuffer
	authority seal.SigningKey
	signer    *journal.Signer
	tlsKey    seal.SigningKey
	index     []byte
	recovery  seal.Recovery
	roster    seal.Roster
	manifest  seal.Manifest
	genesis   server.Genesis
	teams     map[hotline.Team]seal.TeamSecret
	people    map[string]*person
	writeKeys func(context.Context) error
	objects   *objecttest.Kept
	objectsOf *store.DB
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("test: %v", err))
	}
	return v
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func newPerson(name string, roles []hotline.Role, teams ...hotline.Team) *person {
	p := &person{name: name, id: must(seal.NewIdentity()), key: must(seal.NewSigningKey()), tls: must(seal.NewSigningKey())}
	p.cert = must(api.Certificate(p.tls))
	p.cert.Leaf = must(x509.ParseCertificate(p.cert.Certificate[0]))
	p.member = seal.Member{
		ID: p.key.Public().ID().String(), Name: name, Roles: roles, Teams: teams, Recipient: p.id.Recipient(),
		Key: p.key.Public(), TLS: must(api.Pin(p.tls.Public())), Since: 1,
	}
	return p
}

// prepare makes people, keys and documents, and no database yet.
func prepare(tb testing.TB) *world {
	tb.Helper()
	w := &world{
		tb: tb, clock: &clock{now: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)}, logs: &syncBuffer{},
		authority: must(seal.NewSigningKey()), tlsKey: must(seal.NewSigningKey()), index: bytes.Repeat([]byte{7}, 32),
		recovery: must(seal.NewRecovery(2, 3)), teams: map[hotline.Team]seal.TeamSecret{}, people: map[string]*person{},
	}
	var desk seal.DeskID
	_, _ = rand.Read(desk[:])
	w.signer = must(journal.GenerateSigner(journal.Origin(desk[:])))
	op, sup := hotline.RoleOperator, hotline.RoleSupervisor
	for _, p := range []*person{
		newPerson("olga", []hotline.Role{op}, hotline.TeamDesk),
		newPerson("otto", []hotline.Role{op}, hotline.TeamDesk),
		newPerson("sam", []hotline.Role{sup}, hotline.TeamDesk),
		newPerson("ada", []hotline.Role{hotline.RoleAdministrator}),
		newPerson("audrey", []hotline.Role{hotline.RoleAuditor}),
		newPerson("frank", []hotline.Role{op, sup}, hotline.TeamField),
	} {
		w.people[p.name] = p
	}
	w.roster = seal.Roster{
		Desk: desk, Serial: 1, Hour: 1, Authority: w.trust(), Journal: w.signer.Verifier().String(),
		ServerTLS: must(api.Pin(w.tlsKey.Public())), Recovery: w.recovery.Key.Recipient(),
	}
	for _, name := range []string{"olga", "otto", "sam", "ada", "audrey", "frank"} {
		w.roster.Members = append(w.roster.Members, w.people[name].member)
	}
	w.genesis = server.Genesis{Authority: w.trust(), Roster: w.sign(w.roster), RecoveryParts: w.recovery.Parts}
	for team, maker := range map[hotline.Team]string{hotline.TeamDesk: "olga", hotline.TeamField: "frank"} {
		w.teams[team] = must(seal.NewTeamSecret(team, 1))
		w.genesis.Epochs = append(w.genesis.Epochs, w.epoch(w.teams[team], w.people[maker]))
	}
	w.manifest = seal.Manifest{
		Desk: desk, Serial: 1, Hour: 1, Expires: 600000, UseUntil: 600001, Routes: []string{"https://example.org"},
		Intake:     must(seal.NewIdentity()).Recipient(),
		Teams:      map[hotline.Team]seal.TeamKey{hotline.TeamDesk: w.teams[hotline.TeamDesk].Public()},
		ReplyKeys:  []seal.PublicKey{w.teams[hotline.TeamDesk].Reply.Public()},
		GatewayKey: must(seal.NewSigningKey()).Public(), Gateway: must(seal.NewIdentity()).Recipient(),
	}
	w.genesis.Manifest = must(seal.SignManifest(w.manifest, w.authority)).Text()
	return w
}

func (w *world) trust() seal.Authority {
	return seal.Authority{Keys: []seal.PublicKey{w.authority.Public()}, Threshold: 1}
}

func (w *world) sign(r seal.Roster) []byte { return must(seal.SignRoster(r, w.authority)).Text() }

// epoch announces a team key and wraps it to everybody who is active.
func (w *world) epoch(t seal.TeamSecret, by *person) api.NewEpoch {
	pub := t.Public()
	e := api.NewEpoch{Wraps: map[string][]byte{api.HolderRecovery: must(t.Wrap(w.recovery.Key.Recipient()))}}
	e.Announcement = must(seal.SignEpoch(seal.Epoch{
		Team: t.Team, Epoch: t.Epoch, Recipient: pub.Recipient, ReplyKey: pub.ReplyKey, Hour: hotline.HourOf(w.clock.Now()),
	}, by.key)).Text()
	for _, m := range w.roster.Members {
		for _, team := range m.Teams {
			if team == t.Team && m.Active() {
				e.Wraps[m.ID] = must(t.Wrap(m.Recipient))
			}
		}
	}
	return e
}

// open boots the world on a database.
func (w *world) open(db *store.DB, signer server.Signer) {
	w.tb.Helper()
	w.db = db
	ok(w.tb, server.Bootstrap(context.Background(), db, w.signer, w.clock.Now, w.genesis))
	w.s = w.node(db, signer)
}

// keeper keeps the attachments of a world; all nodes share it.
func (w *world) keeper(db *store.DB) *object.Keeper {
	if w.objects == nil || w.objectsOf != db {
		w.objects, w.objectsOf = objecttest.New(w.tb, db, w.clock.Now, object.Limits{CaseBytes: 60 << 20}), db
	}
	return w.objects.Keeper
}

func (w *world) node(db *store.DB, signer server.Signer) *server.Server {
	w.tb.Helper()
	if signer == nil {
		signer = w.signer
	}
	return must(server.New(server.Config{
		DB: db, Objects: w.keeper(db), WriteKeys: w.writeKeys, Journal: signer, IndexKey: w.index, Clock: w.clock.Now,
		Log: slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}))
}

// each runs a test in a new world on each database.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := prepare(t)
		w.open(open(), nil)
		test(t, w)
	})
}

// recorder is a connection with deadlines.
type recorder struct {
	*httptest.ResponseRecorder
	onWrite func()
}

func (r *recorder) SetReadDeadline(time.Time) error  { return nil }
func (r *recorder) SetWriteDeadline(time.Time) error { return nil }
func (r *recorder) Write(b []byte) (int, error) {
	if r.onWrite != nil {
		defer r.onWrite()
	}
	return r.ResponseRecorder.Write(b)
}

// ask calls the handler as a person (nil: without a certificate).
func (w *world) ask(p *person, method, path string, body []byte) *httptest.ResponseRecorder {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var b io.Reader
	if body != nil {
		b = bytes.NewReader(body)
	}
	r := httptest.NewRequestWithContext(ctx, method, path, b)
	r.TLS = &tls.ConnectionState{}
	if p != nil {
		r.TLS.PeerCertificates = []*x509.Certificate{p.cert.Leaf}
	}
	rec := &recorder{ResponseRecorder: httptest.NewRecorder()}
	if strings.HasPrefix(path, api.PathLive) {
		rec.onWrite = cancel // a feed ends when its reader goes
	}
	w.s.Handler().ServeHTTP(rec, r)
	return rec.ResponseRecorder
}

// do calls a route and returns the answer's error, if it is one.
func (w *world) do(p *person, method, path string, in any) ([]byte, error) {
	var body []byte
	if in != nil {
		body = must(json.Marshal(in))
	}
	rec := w.ask(p, method, path, body)
	if rec.Code == http.StatusOK {
		return rec.Body.Bytes(), nil
	}
	var f api.Fault
	if err := json.Unmarshal(rec.Body.Bytes(), &f); err != nil {
		return nil, fmt.Errorf("status %d without a fault: %q", rec.Code, rec.Body)
	}
	return nil, hotline.Errorf(hotline.ParseKind(f.Error), method+" "+path, "%s", f.Text)
}

func get[T any](w *world, p *person, path string) (T, error) {
	var out T
	b, err := w.do(p, http.MethodGet, path, nil)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

func post[T any](w *world, p *person, path string, in any) (T, error) {
	var out T
	b, err := w.do(p, http.MethodPost, path, in)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

// fill puts values into a path.
func fill(path string, values ...any) string {
	for _, v := range values {
		open, end := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		path = path[:open] + fmt.Sprint(v) + path[end+1:]
	}
	return path
}

func wantKind(t *testing.T, err error, kind hotline.Kind) {
	t.Helper()
	if err == nil || hotline.KindOf(err) != kind {
		t.Errorf("got %v (%v), want an error of kind %v", err, hotline.KindOf(err), kind)
	}
}
