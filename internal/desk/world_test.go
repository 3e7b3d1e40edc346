package desk_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake" //nolint:depguard // the tests boot the real server
	"safeconduct/internal/journal"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"          //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store"           //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/db"        //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/storetest" //nolint:depguard // the tests boot the real server
)

const passphrase = "correct horse battery"

// clock stands until it is moved; its timers are real, and short.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	return time.After(min(d, 20*time.Millisecond))
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("test: " + err.Error())
	}
	return v
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantKind(tb testing.TB, err error, kind hotline.Kind) {
	tb.Helper()
	if err == nil || hotline.KindOf(err) != kind {
		tb.Fatalf("got %v (%v), want an error of kind %v", err, hotline.KindOf(err), kind)
	}
}

// world is an installation: a real server on a real port with a real database.
type world struct {
	tb        testing.TB
	clock     *clock
	db        *store.DB
	s         *server.Server
	http      *http.Server
	halt      context.CancelFunc
	addr      string
	tlsKey    seal.SigningKey
	authority seal.SigningKey
	gateway   seal.SigningKey
	gatewayID seal.Identity // to which copies of replies in chats are sealed
	signer    *journal.Signer
	recovery  seal.Recovery
	index     []byte
	roster    seal.Roster
	manifest  seal.Manifest
	team      seal.TeamSecret
	field     seal.TeamSecret // none unless a test makes it
	logs      *buffer
	anna      seal.KeyFile // operator, supervisor and administrator
	boris     seal.KeyFile // operator
	objects   *objecttest.Kept
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return newWorldOn(tb, storetest.Open(tb, storetest.URL(tb, storetest.SQLite)))
}

func newWorldOn(tb testing.TB, d *store.DB) *world {
	tb.Helper()
	return newWorldBut(tb, d, func(*world) {})
}

// newWorldWith lets a test change roster and manifest before they are signed.
func newWorldWith(tb testing.TB, change func(*world)) *world {
	tb.Helper()
	return newWorldBut(tb, storetest.Open(tb, storetest.URL(tb, storetest.SQLite)), change)
}

func newWorldBut(tb testing.TB, d *store.DB, change func(*world)) *world {
	tb.Helper()
	w := &world{
		tb: tb, clock: &clock{now: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)}, logs: &buffer{},
		authority: must(seal.NewSigningKey()), tlsKey: must(seal.NewSigningKey()), gateway: must(seal.NewSigningKey()), gatewayID: must(seal.NewIdentity()),
		recovery: must(seal.NewRecovery(2, 2)), index: bytes.Repeat([]byte{7}, 32), team: must(seal.NewTeamSecret(hotline.TeamDesk, 1)),
	}
	var id seal.DeskID
	_, _ = rand.Read(id[:])
	w.signer = must(journal.GenerateSigner(journal.Origin(id[:])))
	w.db = d
	l := listen("127.0.0.1:0")
	w.addr = l.Addr().String()
	hour := hotline.HourOf(w.clock.Now())
	w.anna, w.boris = w.person("Anna", id), w.person("Boris", id)
	w.anna.Authority = w.authority
	all := []hotline.Role{hotline.RoleOperator, hotline.RoleSupervisor, hotline.RoleAdministrator}
	w.roster = seal.Roster{
		Desk: id, Serial: 1, Hour: hour, Authority: w.trust(), Journal: w.signer.Verifier().String(),
		ServerTLS: must(api.Pin(w.tlsKey.Public())), Recovery: w.recovery.Key.Recipient(),
		Members: []seal.Member{member(w.anna, all, hour), member(w.boris, []hotline.Role{hotline.RoleOperator}, hour)},
	}
	w.manifest = seal.Manifest{
		Desk: id, Serial: 1, Hour: hour, Expires: hour + 720, UseUntil: hour + 2160, Routes: []string{"https://example.org"},
		Intake: must(seal.NewIdentity()).Recipient(), Teams: map[hotline.Team]seal.TeamKey{hotline.TeamDesk: w.team.Public()},
		ReplyKeys: []seal.PublicKey{w.team.Reply.Public()}, GatewayKey: w.gateway.Public(), Gateway: w.gatewayID.Recipient(),
	}
	change(w)
	epochs := []api.NewEpoch{w.epoch(w.team, w.anna)}
	if w.field.Team != "" {
		epochs = append(epochs, w.epoch(w.field, w.anna))
	}
	ok(tb, server.Bootstrap(tb.Context(), w.db, w.signer, w.clock.Now, server.Genesis{
		Authority: w.trust(), Roster: must(seal.SignRoster(w.roster, w.authority)).Text(),
		Manifest: must(seal.SignManifest(w.manifest, w.authority)).Text(),
		Epochs:   epochs, RecoveryParts: w.recovery.Parts,
	}))
	w.objects = objecttest.New(tb, w.db, w.clock.Now, object.Limits{})
	w.s = must(server.New(server.Config{
		DB: w.db, Objects: w.objects.Keeper, Journal: w.signer, IndexKey: w.index, Clock: w.clock.Now, Log: slog.New(slog.NewTextHandler(w.logs, nil)),
	}))
	w.serve(l)
	tb.Cleanup(w.stop)
	return w
}

func (w *world) trust() seal.Authority {
	return seal.Authority{Keys: []seal.PublicKey{w.authority.Public()}, Threshold: 1}
}

func (w *world) person(name string, id seal.DeskID) seal.KeyFile {
	return seal.KeyFile{
		Name: name, Identity: must(seal.NewIdentity()), Signing: must(seal.NewSigningKey()), TLS: must(seal.NewSigningKey()),
		Server: w.addr, ServerTLS: must(api.Pin(w.tlsKey.Public())), Desk: id, Trust: w.trust(),
	}
}

func member(k seal.KeyFile, roles []hotline.Role, since hotline.Hour) seal.Member {
	return seal.Member{
		ID: k.OperatorID(), Name: k.Name, Roles: roles, Teams: []hotline.Team{hotline.TeamDesk}, Recipient: k.Identity.Recipient(),
		Key: k.Signing.Public(), TLS: must(api.Pin(k.TLS.Public())), Since: since,
	}
}

func (w *world) epoch(t seal.TeamSecret, by seal.KeyFile) api.NewEpoch {
	pub := t.Public()
	e := api.NewEpoch{Wraps: map[string][]byte{api.HolderRecovery: must(t.Wrap(w.recovery.Key.Recipient()))}}
	e.Announcement = must(seal.SignEpoch(seal.Epoch{
		Team: t.Team, Epoch: t.Epoch, Recipient: pub.Recipient, ReplyKey: pub.ReplyKey, Hour: hotline.HourOf(w.clock.Now()),
	}, by.Signing)).Text()
	for _, m := range w.roster.Members {
		if slices.Contains(m.Teams, t.Team) {
			e.Wraps[m.ID] = must(t.Wrap(m.Recipient))
		}
	}
	return e
}

// serve starts the server; stop is a power cut as desks see it.
func (w *world) serve(l net.Listener) {
	w.tb.Helper()
	if l == nil {
		l = listen(w.addr)
	}
	srv := must(w.s.HTTPServer(w.tlsKey))
	w.http = srv
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _ = w.s.Run(ctx) }()
	w.halt = cancel
	go func() { _ = srv.ServeTLS(l, "", "") }()
}

func listen(addr string) net.Listener {
	var l net.ListenConfig
	return must(l.Listen(context.Background(), "tcp", addr))
}

func (w *world) stop() {
	if w.http == nil {
		return
	}
	w.halt()
	_ = w.http.Close()
	w.http = nil
}

// station is a desk program with its folder, and what stands between it and
// the server.
type station struct {
	*desk.Desk
	w    *world
	dir  string
	wire *wire
	log  *buffer
	cfg  desk.Config
}

// newStation makes a folder with a key file; with none it is a new computer.
func (w *world) newStation(keys *seal.KeyFile) *station {
	w.tb.Helper()
	st := &station{w: w, dir: filepath.Join(w.tb.TempDir(), "desk"), wire: &wire{}, log: &buffer{}}
	if keys != nil {
		k := *keys
		k.Server = w.addr
		ok(w.tb, os.MkdirAll(st.dir, 0o700))
		ok(w.tb, os.WriteFile(filepath.Join(st.dir, "operator.key"), must(k.Lock(passphrase, 2)), 0o600))
	}
	st.cfg = desk.Config{
		Dir: st.dir, Clock: w.clock, WorkFactor: 2, Log: slog.New(slog.NewTextHandler(st.log, nil)),
		Client: func(addr string, cert tls.Certificate, pin seal.Hash) *api.Client {
			c := api.NewClient(addr, cert, pin)
			st.wire.base = c.HTTP.Transport
			c.HTTP.Transport = st.wire
			return c
		},
	}
	st.open()
	w.tb.Cleanup(func() { _ = st.Close() })
	return st
}

func (st *station) open() {
	st.w.tb.Helper()
	st.Desk = must(desk.Open(st.cfg))
}

// restart is a crash: the program ends and is started again.
func (st *station) restart() {
	st.w.tb.Helper()
	ok(st.w.tb, st.Close())
	st.open()
	ok(st.w.tb, st.Unlock(context.Background(), passphrase))
}

// work unlocks the desk and waits until it is connected and has caught up.
func (w *world) work(keys *seal.KeyFile) *station {
	w.tb.Helper()
	st := w.newStation(keys)
	ok(w.tb, st.Unlock(context.Background(), passphrase))
	st.caughtUp()
	return st
}

func (st *station) caughtUp() {
	st.w.tb.Helper()
	st.await("catching up", func() bool {
		s := st.State()
		return s.Phase == desk.PhaseReady && s.Online && s.Synced == s.Cases
	})
}

// await looks at a condition now and after each notice.
func (st *station) await(what string, holds func() bool) {
	st.w.tb.Helper()
	notices, stop := st.Subscribe()
	defer stop()
	patience := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-notices:
		case <-patience:
			st.w.tb.Fatalf("waited in vain for %s: %+v; alarms %+v", what, st.State(), st.Alarms())
		}
	}
}

func (st *station) view(id hotline.CaseID) desk.CaseView {
	st.w.tb.Helper()
	v, err := st.Case(context.Background(), id)
	ok(st.w.tb, err)
	return v
}

// contact is a person who writes, as the person's device sees it.
type contact struct {
	seal.Contact
	id   hotline.CaseID
	s0   seal.Identity
	last seal.Hash
	seq  int64
	seen int64
}

func (w *world) newCase(text string) *contact {
	w.tb.Helper()
	c := &contact{seq: -1, seen: -1, s0: must(seal.NewIdentity())}
	c.Identity, c.Signing, c.Code = must(seal.NewIdentity()), must(seal.NewSigningKey()), hotline.NewChannelCode()
	c.id = c.CaseID()
	hour := hotline.HourOf(w.clock.Now())
	gen := must(seal.SignGeneration(seal.Generation{
		Case: c.id, Team: hotline.TeamDesk, Epoch: 1, Recipient: c.s0.Recipient(),
		ContactKey: c.Signing.Public(), ContactRecipient: c.Identity.Recipient(), Hour: hour,
	}, c.Signing))
	rec := c.record(w, text)
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		version, err := tx.NextVersion(context.Background())
		if err != nil {
			return err
		}
		return intake.NewCase{
			ID: c.id, ContactKey: c.Signing.Public(), ContactRecipient: c.Identity.Recipient().String(), Channel: hotline.ChannelWeb,
			CodeIndex: intake.CodeIndex(w.index, c.Code), Team: hotline.TeamDesk, Epoch: 1, Statement: gen.Text(),
			Wrap: must(seal.WrapIdentity(w.team.Identity.Recipient(), c.s0)), Side: hotline.SideContact,
			Header: rec.Signed.Text(), Record: must(rec.Seal(c.s0.Recipient())), Hour: hour, Now: w.clock.Now(),
		}.Insert(context.Background(), tx, version)
	}))
	return c
}

// record makes the person's next record.
func (c *contact) record(w *world, text string) seal.Record {
	body := must(seal.NewBody(text, "ru"))
	if c.seq < 0 {
		body.Code, body.People = c.Code.Digits(), 2
	}
	rec := must(seal.SignRecord(seal.RecordHeader{
		Case: c.id, Side: hotline.SideContact, Seq: c.seq + 1, Prev: c.last, Seen: c.seen, Hour: hotline.HourOf(w.clock.Now()),
	}, body, c.Signing))
	c.seq, c.last = c.seq+1, rec.Signed.Hash()
	return rec
}

// write sends one more message, as intake keeps it.
func (w *world) write(c *contact, text string) {
	w.tb.Helper()
	w.insert(c, c.record(w, text), c.s0.Recipient())
}

// insert keeps a record as intake does, with its attachments.
func (w *world) insert(c *contact, rec seal.Record, to seal.Recipient) {
	w.tb.Helper()
	file := must(rec.Seal(to))
	id := sha256.Sum256(file)
	ok(w.tb, w.db.Update(context.Background(), func(tx *store.Tx) error {
		ctx := context.Background()
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
			ID: id[:], CaseID: c.id[:], Side: string(rec.Header.Side), Seq: rec.Header.Seq, Generation: int64(rec.Header.Gen),
			Header: rec.Signed.Text(), File: file, Hour: int64(rec.Header.Hour),
		}); err != nil {
			return err
		}
		if err := object.Name(ctx, tx, rec.Header, id[:]); err != nil {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		p := db.CaseAfterContactParams{ContactSeq: rec.Header.Seq, ContactHeader: rec.Signed.Text(), Version: version, ID: c.id[:]}
		p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = w.clock.Now().UnixMilli(), true
		_, err = tx.CaseAfterContact(ctx, p)
		return err
	}))
}

// replies opens the copies that wait for the person, as the person's page does.
func (w *world) replies(c *contact) []string {
	w.tb.Helper()
	var copies []db.ReplyCopy
	ok(w.tb, w.db.View(context.Background(), func(tx *store.Tx) (err error) {
		copies, err = tx.ReplyCopies(context.Background(), c.id[:])
		return err
	}))
	var out []string
	for _, file := range copies {
		rec := must(seal.OpenRecord(c.Identity, file.File))
		if len(rec.Signed.Sigs) != 1 {
			w.tb.Error("the person's copy names the operator")
		}
		out = append(out, rec.Body.Text)
	}
	return out
}
