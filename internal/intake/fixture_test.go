package intake_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// house is an installation in a test: all keys, a clock that stands still, and
// an intake on a real port.
type house struct {
	t         testing.TB
	db        *store.DB
	authority seal.SigningKey
	team      seal.TeamSecret
	operator  seal.SigningKey
	intakeKey seal.Identity
	earlier   seal.Identity
	index     []byte
	manifest  seal.Manifest
	text      []byte
	clock     *clock
	intake    *intake.Intake
	url       string
	log       *bytes.Buffer
	objects   *objecttest.Kept
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) Add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const page = "<!doctype html><title>contact page</title>"

func newHouse(t testing.TB, d *store.DB, limits intake.Limits) *house {
	t.Helper()
	h := &house{
		t: t, db: d, authority: must[seal.SigningKey](t)(seal.NewSigningKey()), operator: must[seal.SigningKey](t)(seal.NewSigningKey()),
		team: must[seal.TeamSecret](t)(seal.NewTeamSecret(hotline.TeamDesk, 2)), intakeKey: must[seal.Identity](t)(seal.NewIdentity()),
		earlier: must[seal.Identity](t)(seal.NewIdentity()), index: random(32),
		clock: &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}, log: &bytes.Buffer{},
	}
	gateway := must[seal.SigningKey](t)(seal.NewSigningKey())
	hour := hotline.HourOf(h.clock.Now())
	h.manifest = seal.Manifest{
		Serial: 7, Hour: hour, Expires: hour + 1000, UseUntil: hour + 2000, Routes: []string{"http://127.0.0.1:1"},
		Intake: h.intakeKey.Recipient(), Teams: map[hotline.Team]seal.TeamKey{hotline.TeamDesk: h.team.Public()},
		ReplyKeys: []seal.PublicKey{h.team.Reply.Public()}, GatewayKey: gateway.Public(), Gateway: h.intakeKey.Recipient(),
	}
	copy(h.manifest.Desk[:], random(16))
	h.text = must[seal.Signed](t)(seal.SignManifest(h.manifest, h.authority)).Text()
	h.start(limits)
	return h
}

func (h *house) trust() seal.Authority {
	return seal.Authority{Keys: []seal.PublicKey{h.authority.Public()}, Threshold: 1}
}

// start publishes the manifest and runs an intake until the test ends.
func (h *house) start(limits intake.Limits) {
	h.t.Helper()
	hour := int64(hotline.HourOf(h.clock.Now()))
	err := h.db.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.InsertDocument(context.Background(), db.InsertDocumentParams{Kind: "manifest", Serial: h.manifest.Serial, Body: h.text, Hour: hour})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.run(limits)
}

// run runs an intake on a real port until the test ends.
func (h *house) run(limits intake.Limits) {
	h.t.Helper()
	if h.objects == nil {
		h.objects = objecttest.New(h.t, h.db, h.clock.Now, object.Limits{})
	}
	h.intake = must[*intake.Intake](h.t)(intake.New(intake.Config{
		DB: h.db, Objects: h.objects.Keeper, Identities: []seal.Identity{h.intakeKey, h.earlier}, ChallengeKey: bytes.Repeat([]byte{3}, 32), IndexKey: h.index,
		Documents: intake.Manifests(h.db, h.trust()), Page: func(context.Context) ([]byte, error) { return []byte(page), nil }, Clock: h.clock.Now, Limits: limits,
		Logger: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := h.intake.Run(ctx); err != nil {
			h.t.Error(err)
		}
	}()
	server := httptest.NewUnstartedServer(h.intake.Handler())
	server.Config = intake.Server(h.intake.Handler())
	server.Start()
	h.url = server.URL
	h.t.Cleanup(func() {
		server.Close()
		stop()
		<-done
	})
}

// noSleep makes a client send again at once.
func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func (h *house) client() *contact.Client {
	h.t.Helper()
	return must[*contact.Client](h.t)(contact.New(h.text, h.trust(), []string{h.url}, http.DefaultClient, h.clock.Now, contact.WithSleep(noSleep)))
}

// keys are those of a receipt, without the half second of deriving them.
func (h *house) keys() seal.Contact {
	h.t.Helper()
	return seal.Contact{
		Lookup: seal.Lookup(random(16)), Code: hotline.NewChannelCode(),
		Identity: must[seal.Identity](h.t)(seal.NewIdentity()), Signing: must[seal.SigningKey](h.t)(seal.NewSigningKey()),
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return b
}

func (h *house) view(fn func(context.Context, *store.Tx) error) {
	h.t.Helper()
	ctx := context.Background()
	if err := h.db.View(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) row(id hotline.CaseID) (row db.HotlineCase) {
	h.t.Helper()
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = tx.CaseByID(ctx, id[:])
		return err
	})
	return row
}

func (h *house) records(id hotline.CaseID) (records []db.Record) {
	h.t.Helper()
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		records, err = tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: id[:], After: -1, MaxRows: 1000})
		return err
	})
	return records
}

// cases are all that desks see.
func (h *house) cases() (cases []db.HotlineCase) {
	h.t.Helper()
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		cases, err = tx.CasesAfter(ctx, 0, 100_000)
		return err
	})
	return cases
}

// read opens a case as a desk does and returns its texts.
func (h *house) read(id hotline.CaseID) (texts []string) {
	h.t.Helper()
	s0 := h.caseKey(id)
	for _, r := range h.records(id) {
		rec, err := seal.OpenRecord(s0, r.File)
		if err != nil {
			h.t.Fatal(err)
		}
		texts = append(texts, rec.Body.Text)
	}
	return texts
}

func (h *house) caseKey(id hotline.CaseID) seal.Identity {
	h.t.Helper()
	var key db.CaseKey
	var wraps []db.CaseWrap
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		if key, err = tx.CaseKey(ctx, id[:], 0); err != nil {
			return err
		}
		wraps, err = tx.CaseWraps(ctx, id[:])
		return err
	})
	if len(wraps) != 1 {
		h.t.Fatalf("%d wraps", len(wraps))
	}
	gen, _, err := seal.ParseGeneration(key.Statement)
	if err != nil {
		h.t.Fatal(err)
	}
	return must[seal.Identity](h.t)(seal.UnwrapIdentity(h.team.Identity, wraps[0].Wrap, gen.Recipient))
}

// reply writes a reply as a desk does and returns its header.
func (h *house) reply(id hotline.CaseID, seq int64, prev seal.Hash, text string, signers ...seal.SigningKey) seal.Signed {
	h.t.Helper()
	if signers == nil {
		signers = []seal.SigningKey{h.team.Reply, h.operator}
	}
	row := h.row(id)
	rec := must[seal.Record](h.t)(seal.SignRecord(seal.RecordHeader{
		Case: id, Side: hotline.SideDesk, Seq: seq, Prev: prev, Seen: row.ContactSeq, Hour: hotline.HourOf(h.clock.Now()),
	}, must[seal.Body](h.t)(seal.NewBody(text, "ru")), signers...))
	toDesk := must[[]byte](h.t)(rec.Seal(h.caseKey(id).Recipient()))
	toPerson := rec
	toPerson.Signed = rec.Signed.Only(signers[0].Public())
	copyFile := must[[]byte](h.t)(toPerson.Seal(must[seal.Recipient](h.t)(seal.ParseRecipient(row.ContactRecipient))))
	head, recordID := rec.Signed.Hash(), sha256.Sum256(toDesk)
	ctx := context.Background()
	err := h.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
			ID: recordID[:], CaseID: id[:], Side: string(hotline.SideDesk), Seq: seq, Header: rec.Signed.Text(), File: toDesk, Hour: int64(rec.Header.Hour),
		}); err != nil {
			return err
		}
		if _, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{RecordID: recordID[:], CaseID: id[:], Seq: seq, File: copyFile, Hour: int64(rec.Header.Hour)}); err != nil {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		_, err = tx.CaseAfterDesk(ctx, db.CaseAfterDeskParams{DeskSeq: seq, DeskHead: head[:], Reply: true, Version: version, ID: id[:], ExpectedHead: row.DeskHead})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return rec.Signed
}

// each runs a test on every database.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		t.Helper()
		test(t, newHouse(t, open(), intake.Limits{}))
	})
}
