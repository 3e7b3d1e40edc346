// Package gatewaytest holds what every door that sees plaintext must pass: the
// same suite, whatever the channel. A channel brings a [Door], its own
// simulator behind it, and [Run] does the rest on both databases.
//
// It plays server and desk as far as a door can see them. It must not know any
// channel.
package gatewaytest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/gateway"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// House is a server and a desk as a door sees them.
type House struct {
	T        testing.TB
	URL      string // of the database, to open it as another node does; empty where NewHouse was given an open one
	DB       *store.DB
	Objects  *object.Keeper
	Files    string // the folder of the attachments
	data     string // the folder of a PostgreSQL of its own
	Desk     seal.TeamSecret
	Field    seal.TeamSecret
	Key      seal.SigningKey // G
	Identity seal.Identity   // G
	Index    []byte
	Seed     []byte
	Clock    *Clock
	Log      *slog.Logger

	mu       sync.Mutex
	manifest seal.Manifest
	log      syncBuffer
	keys     map[seal.Hash]seal.Identity // by the signed text of a generation: unwrapping one takes a millisecond
	cases    map[hotline.CaseID]Case     // as last opened; they hold for as long as their version
}

// Clock is the real clock, moved by a test.
type Clock struct {
	mu  sync.Mutex
	ago time.Duration
}

// Now is the clock's time: the real one, moved.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ago)
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ago += d
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Open makes a house over an empty database of an engine of [storetest.Engines].
func Open(t testing.TB, engine string) *House {
	t.Helper()
	return openAt(t, storetest.URL(t, engine))
}

func openAt(t testing.TB, url string) *House {
	t.Helper()
	h := NewHouse(t, storetest.Open(t, url))
	h.URL = url
	return h
}

// NewHouse makes a house over an empty database.
func NewHouse(t testing.TB, d *store.DB) *House {
	t.Helper()
	h := &House{
		T: t, DB: d, Desk: must(seal.NewTeamSecret(hotline.TeamDesk, 1))(t), Field: must(seal.NewTeamSecret(hotline.TeamField, 1))(t),
		Key: must(seal.NewSigningKey())(t), Identity: must(seal.NewIdentity())(t), Index: storetest.Bytes(32), Seed: storetest.Bytes(32), Clock: &Clock{},
		keys: map[seal.Hash]seal.Identity{}, cases: map[hotline.CaseID]Case{},
	}
	h.Log = slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	kept := objecttest.New(t, d, h.Clock.Now, object.Limits{})
	h.Objects, h.Files = kept.Keeper, kept.Dir
	h.manifest = seal.Manifest{
		Serial: 1, Routes: []string{"https://page.example.org"}, Intake: must(seal.NewIdentity())(t).Recipient(),
		Teams:      map[hotline.Team]seal.TeamKey{hotline.TeamDesk: h.Desk.Public(), hotline.TeamField: h.Field.Public()},
		GatewayKey: h.Key.Public(), Gateway: h.Identity.Recipient(),
	}
	return h
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Manifest is the manifest in force.
func (h *House) Manifest(context.Context) ([]byte, seal.Manifest, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return nil, h.manifest, nil
}

// ChangeManifest changes it.
func (h *House) ChangeManifest(change func(*seal.Manifest)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.manifest)
}

// Sealer seals for the house.
func (h *House) Sealer() gateway.Sealer {
	return gateway.Sealer{Manifest: h.Manifest, Key: h.Key, IndexKey: h.Index, Clock: h.Clock.Now}
}

// Logged is everything that was logged so far.
func (h *House) Logged() string { return h.log.String() }

// Case is a case as a desk opens it.
type Case struct {
	ID      hotline.CaseID
	Row     db.HotlineCase
	Key     seal.Identity // newest generation
	First   seal.Signed   // signed text of the first
	Records []seal.Record
	Arrived []db.Record
}

// Texts are what was said, without events.
func (c Case) Texts() (texts []string) {
	for _, r := range c.Records {
		if r.Body.Text != "" && r.Header.Side != hotline.SideDesk {
			texts = append(texts, r.Body.Text)
		}
	}
	return texts
}

// Cases opens every case and checks what a desk checks: signatures, and that
// each record follows the one before it.
func (h *House) Cases() []Case {
	h.T.Helper()
	ctx := h.T.Context()
	var out []Case
	err := h.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.CasesAfter(ctx, 0, 1000)
		for _, row := range rows {
			if err == nil {
				var c Case
				c, err = h.open(ctx, tx, row)
				out = append(out, c)
			}
		}
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
	return out
}

// Case opens one.
func (h *House) Case(id hotline.CaseID) (c Case) {
	h.T.Helper()
	ctx := h.T.Context()
	err := h.DB.View(ctx, func(tx *store.Tx) error {
		row, err := tx.CaseByID(ctx, id[:])
		if err == nil {
			c, err = h.open(ctx, tx, row)
		}
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
	return c
}

// open opens a case, unless it is as it was.
func (h *House) open(ctx context.Context, tx *store.Tx, row db.HotlineCase) (Case, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := hotline.CaseID(row.ID)
	if c, ok := h.cases[id]; ok && c.Row.Version == row.Version {
		return c, nil
	}
	c, err := h.openAnew(ctx, tx, row)
	if err == nil {
		h.cases[id] = c
	}
	return c, err
}

func (h *House) openAnew(ctx context.Context, tx *store.Tx, row db.HotlineCase) (Case, error) {
	c := Case{ID: hotline.CaseID(row.ID), Row: row}
	keys := map[int]seal.Identity{}
	for n := range row.Generation + 1 {
		k, err := tx.CaseKey(ctx, row.ID, n)
		if err != nil {
			return c, err
		}
		g, signed, err := seal.ParseGeneration(k.Statement)
		if err != nil {
			return c, err
		}
		if n == 0 {
			c.First = signed
		}
		if keys[int(n)], err = h.unwrap(ctx, tx, row, n, g.Recipient, signed.Hash()); err != nil {
			return c, err
		}
		c.Key = keys[int(n)]
	}
	var err error
	if c.Arrived, err = tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: row.ID, After: -1, MaxRows: 10_000}); err != nil {
		return c, err
	}
	last := map[hotline.Side]seal.Record{}
	for _, r := range c.Arrived {
		header, signed, err := seal.ParseRecordHeader(r.Header)
		if err != nil {
			return c, err
		}
		rec, err := seal.OpenRecord(keys[header.Gen], r.File)
		if err != nil {
			return c, err
		}
		before, follows := last[header.Side]
		if rec.Signed.Hash() != signed.Hash() || (header.Side == hotline.SideGateway && !rec.SignedBy(h.Key.Public())) ||
			(follows && (header.Seq != before.Header.Seq+1 || header.Prev != before.Signed.Hash())) || (!follows && header.Seq != 0) {
			h.T.Errorf("record %d of case %s does not verify, or does not follow the one before it", r.Place, c.ID.Short())
		}
		last[header.Side] = rec
		c.Records = append(c.Records, rec)
	}
	return c, nil
}

// unwrap opens a case's key with that of the desk.
func (h *House) unwrap(ctx context.Context, tx *store.Tx, row db.HotlineCase, n int64, to seal.Recipient, statement seal.Hash) (seal.Identity, error) {
	if id, ok := h.keys[statement]; ok {
		return id, nil
	}
	wraps, err := tx.WrapsOfCases(ctx, string(hotline.TeamDesk), [][]byte{row.ID})
	if err != nil {
		return seal.Identity{}, err
	}
	for _, w := range wraps {
		if w.N == n {
			id, err := seal.UnwrapIdentity(h.Desk.Identity, w.Wrap, to)
			if err == nil {
				h.keys[statement] = id
			}
			return id, err
		}
	}
	return seal.Identity{}, hotline.Errorf(hotline.KindNotFound, "gatewaytest", "a case has no key for the desk")
}

// Reply answers in a case as desk and server do: a copy sealed to the gateway, and
// a job that delivers it. It returns the hash of the reply's header.
func (h *House) Reply(c Case, text string, files ...[]byte) seal.Hash {
	h.T.Helper()
	ctx := h.T.Context()
	body := must(seal.NewBody(text, "ru"))(h.T)
	header := seal.RecordHeader{Case: c.ID, Gen: int(c.Row.Generation), Side: hotline.SideDesk, Seen: -1, Hour: hotline.HourOf(h.Clock.Now())}
	for _, r := range c.Records {
		if r.Header.Side == hotline.SideDesk {
			header.Seq, header.Prev = r.Header.Seq+1, r.Signed.Hash()
		}
	}
	sealed := map[seal.ObjectID][]byte{}
	for _, content := range files {
		f := seal.File{Type: "image/png", Size: int64(len(content))}
		for _, form := range []struct {
			to   seal.Recipient
			into *seal.Object
		}{{c.Key.Recipient(), &f.Object}, {h.Identity.Recipient(), &f.Copy}} {
			raw, o, err := seal.NewObject(form.to, content)
			if err != nil {
				h.T.Fatal(err)
			}
			*form.into, sealed[o.ID] = o, raw
		}
		body.Files = append(body.Files, f)
	}
	rec := must(seal.SignRecord(header, body, h.Desk.Reply))(h.T)
	file, copied := must(rec.Seal(c.Key.Recipient()))(h.T), must(rec.Seal(h.Identity.Recipient()))(h.T)
	id := sha256.Sum256(file)
	err := h.DB.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.LockCase(ctx, c.ID[:])
		if err != nil {
			return err
		}
		for _, f := range body.Files {
			for side, o := range map[object.Side]seal.Object{object.SideDesk: f.Object, object.SideCopy: f.Copy} {
				if err := h.keepObject(ctx, tx, row, side, o, sealed[o.ID]); err != nil {
					return err
				}
			}
		}
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
			ID: id[:], CaseID: c.ID[:], Side: string(hotline.SideDesk), Seq: header.Seq, Generation: int64(header.Gen),
			Header: rec.Signed.Text(), File: file, Hour: int64(header.Hour),
		}); err != nil {
			return err
		}
		if _, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{RecordID: id[:], CaseID: c.ID[:], Seq: header.Seq, File: copied, Hour: int64(header.Hour)}); err != nil {
			return err
		}
		if err := object.Name(ctx, tx, rec.Header, id[:]); err != nil {
			return err
		}
		if err := h.enqueue(ctx, tx, row, id[:]); err != nil {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		hash := rec.Signed.Hash()
		_, err = tx.CaseAfterDesk(ctx, db.CaseAfterDeskParams{
			DeskSeq: header.Seq, DeskHead: hash[:], Reply: true, Version: version, ID: c.ID[:], ExpectedHead: row.DeskHead,
		})
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
	return rec.Signed.Hash()
}

func (h *House) keepObject(ctx context.Context, tx *store.Tx, row db.HotlineCase, side object.Side, o seal.Object, sealed []byte) error {
	for i := range o.Parts {
		part := seal.Cut(sealed, i)
		key, err := h.Objects.Write(ctx, side, part)
		if err != nil {
			return err
		}
		if _, _, err := h.Objects.Take(ctx, tx, row, object.Part{
			Part: seal.Part{Case: hotline.CaseID(row.ID), Object: o.ID, Index: i, Parts: o.Parts, Size: int64(len(sealed)), Hash: sha256.Sum256(part)},
			Side: side, Key: key,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (h *House) enqueue(ctx context.Context, tx *store.Tx, row db.HotlineCase, record []byte) error {
	lane := hex.EncodeToString(row.ID)
	if chat, err := tx.ChatOfCase(ctx, row.ID); err == nil {
		lane = hex.EncodeToString(chat.Handle)
	}
	_, err := tx.Enqueue(ctx, store.Job{
		Kind: hotline.Channel(row.Channel).ReplyJob(), Key: "reply " + hex.EncodeToString(record), Lane: lane, Payload: record, RunAt: h.Clock.Now(),
	})
	return err
}

// Delivery is what the gateway has said of a reply, or nil; its signature and its
// case are checked.
func (h *House) Delivery(c Case, reply seal.Hash) *seal.Delivery {
	h.T.Helper()
	var found *seal.Delivery
	err := h.DB.View(h.T.Context(), func(tx *store.Tx) error {
		rows, err := tx.DeliveriesOfCase(h.T.Context(), c.ID[:])
		for _, text := range rows {
			d, signed, err := seal.ParseDelivery(text)
			if err != nil {
				return err
			}
			if !seal.DeliverySignedBy(signed, h.Key.Public()) || d.Case != c.ID {
				h.T.Error("a word on a delivery does not verify")
			}
			if d.Reply == reply {
				found = &d
			}
		}
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
	return found
}

// File opens an attachment that a person sent.
func (h *House) File(c Case, f seal.File) []byte {
	h.T.Helper()
	ctx := h.T.Context()
	var sealed []byte
	err := h.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.ObjectParts(ctx, c.ID[:], f.Object.ID[:])
		for _, row := range rows {
			part, err := h.Objects.Read(ctx, row)
			if err != nil {
				return err
			}
			sealed = append(sealed, part...)
		}
		return err
	})
	if err != nil {
		h.T.Fatal(err)
	}
	return must(seal.OpenFile(c.Key, f, f.Object, sealed))(h.T)
}

// Await looks until something holds, or the test's patience ends.
func (h *House) Await(what string, holds func() bool) {
	h.T.Helper()
	ctx, cancel := context.WithTimeout(h.T.Context(), patience)
	defer cancel()
	changed := h.DB.Subscribe(ctx)
	for !holds() {
		timer := time.NewTimer(50 * time.Millisecond)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			h.T.Fatalf("waited in vain until %s; logged:\n%s", what, h.Logged())
		}
		timer.Stop()
	}
}

// patience is how long anything may take before it counts as not having happened.
const patience = 40 * time.Second
