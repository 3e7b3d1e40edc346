package contact_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
	"safeconduct/web/contact"
)

// house is an installation with a real intake and a stamped page, and the
// desk's side of a conversation.
type house struct {
	t         testing.TB
	db        *store.DB
	authority seal.SigningKey
	operator  seal.SigningKey
	team      seal.TeamSecret
	manifest  seal.Manifest
	text      []byte
	page      []byte
	url       string
	handler   http.Handler
	objects   *objecttest.Kept
	// gate may answer a request itself; then the intake never sees it.
	gate atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return b
}

func newIdentity(t testing.TB) seal.Identity { return must[seal.Identity](t)(seal.NewIdentity()) }
func newKey(t testing.TB) seal.SigningKey    { return must[seal.SigningKey](t)(seal.NewSigningKey()) }

// newManifest names four teams, as a full installation does, so that the size
// of the page is measured as it will be.
func newManifest(t testing.TB, intakeKey seal.Identity, desk seal.TeamSecret, routes ...string) seal.Manifest {
	t.Helper()
	hour := hotline.HourOf(time.Now())
	m := seal.Manifest{
		Serial: 7, Hour: hour, Expires: hour + 1000, UseUntil: hour + 2000, Routes: routes,
		Channels: []seal.ChannelAddress{{Channel: hotline.ChannelTelegram, Address: "@example_bot"}, {Channel: hotline.ChannelPhone, Address: "+380 00 000 00 00"}},
		Intake:   intakeKey.Recipient(), Teams: map[hotline.Team]seal.TeamKey{hotline.TeamDesk: desk.Public()},
		ReplyKeys: []seal.PublicKey{desk.Reply.Public()}, GatewayKey: newKey(t).Public(), Gateway: newIdentity(t).Recipient(),
	}
	for _, team := range []hotline.Team{hotline.TeamField, hotline.TeamRegistry, hotline.TeamClaims} {
		m.Teams[team] = must[seal.TeamSecret](t)(seal.NewTeamSecret(team, 1)).Public()
	}
	copy(m.Desk[:], random(16))
	return m
}

// newHouse opens an installation whose page knows also the routes before its
// own.
func newHouse(t testing.TB, before ...string) *house {
	t.Helper()
	h := &house{
		t: t, db: storetest.Open(t, storetest.URL(t, storetest.SQLite)), authority: newKey(t), operator: newKey(t),
		team: must[seal.TeamSecret](t)(seal.NewTeamSecret(hotline.TeamDesk, 2)),
	}
	intakeKey := newIdentity(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gate := h.gate.Load(); gate == nil || !(*gate)(w, r) {
			h.handler.ServeHTTP(w, r)
		}
	}))
	h.url = server.URL
	h.manifest = newManifest(t, intakeKey, h.team, append(before, h.url)...)
	h.text = h.sign(h.manifest)
	h.publish(h.manifest, h.text)
	h.page = h.stamp(h.text)
	h.objects = objecttest.New(t, h.db, time.Now, object.Limits{})
	in := must[*intake.Intake](t)(intake.New(intake.Config{
		DB: h.db, Objects: h.objects.Keeper, Identities: []seal.Identity{intakeKey}, ChallengeKey: random(32), IndexKey: random(32),
		Documents: intake.Manifests(h.db, h.trust()), Page: func(context.Context) ([]byte, error) { return h.page, nil }, Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
	}))
	h.handler = in.Handler()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *house) trust() seal.Authority {
	return seal.Authority{Keys: []seal.PublicKey{h.authority.Public()}, Threshold: 1}
}

func (h *house) sign(m seal.Manifest) []byte {
	h.t.Helper()
	return must[seal.Signed](h.t)(seal.SignManifest(m, h.authority)).Text()
}

func (h *house) stamp(manifest []byte) []byte {
	h.t.Helper()
	return must[[]byte](h.t)(contact.Stamp(contact.Config{
		Manifest: manifest, Authority: h.trust(), Neutral: h.url + "/healthz", FormURL: "/form",
	}))
}

func (h *house) publish(m seal.Manifest, text []byte) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.InsertDocument(ctx, db.InsertDocumentParams{Kind: "manifest", Serial: m.Serial, Body: text, Hour: int64(m.Hour)})
		return err
	})
}

// guard sets the gate.
func (h *house) guard(gate func(http.ResponseWriter, *http.Request) bool) { h.gate.Store(&gate) }

func (h *house) update(fn func(context.Context, *store.Tx) error) {
	h.t.Helper()
	ctx := context.Background()
	if err := h.db.Update(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view(fn func(context.Context, *store.Tx) error) {
	h.t.Helper()
	ctx := context.Background()
	if err := h.db.View(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		h.t.Fatal(err)
	}
}

// cases are all that a desk sees.
func (h *house) cases() (cases []db.HotlineCase) {
	h.t.Helper()
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		cases, err = tx.CasesAfter(ctx, 0, 1000)
		return err
	})
	return cases
}

func (h *house) onlyCase() db.HotlineCase {
	h.t.Helper()
	cases := h.cases()
	if len(cases) != 1 {
		h.t.Fatalf("%d cases", len(cases))
	}
	return cases[0]
}

// caseKey opens the wrap of S_0 as a desk does.
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
	chain := must[[]seal.Generation](h.t)(seal.VerifyGenerations([][]byte{key.Statement}, seal.PublicKey{}, func(seal.Signed, seal.Generation) bool { return false }))
	return must[seal.Identity](h.t)(seal.UnwrapIdentity(h.team.Identity, wraps[0].Wrap, chain[0].Recipient))
}

// read opens what the person wrote, as a desk does, and checks the chain.
func (h *house) read(row db.HotlineCase) (bodies []seal.Body) {
	h.t.Helper()
	id := hotline.CaseID(row.ID)
	var records []db.Record
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		records, err = tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: row.ID, After: -1, MaxRows: 1000})
		return err
	})
	s0 := h.caseKey(id)
	var prev seal.Hash
	for _, r := range records {
		if r.Side != string(hotline.SideContact) {
			continue
		}
		rec := must[seal.Record](h.t)(seal.OpenRecord(s0, r.File))
		if !rec.SignedBy(seal.PublicKey(row.ContactKey)) || rec.Header.Seq != int64(len(bodies)) || rec.Header.Prev != prev || rec.Header.Case != id {
			h.t.Errorf("record %d does not stand in the chain", rec.Header.Seq)
		}
		if !bytes.Equal(r.Header, rec.Signed.Text()) {
			h.t.Error("the header in the clear is another one")
		}
		bodies, prev = append(bodies, rec.Body), rec.Signed.Hash()
	}
	return bodies
}

// reply writes to the person as a desk does. Other signers than the team's
// make a forgery.
func (h *house) reply(text string, signers ...seal.SigningKey) {
	h.t.Helper()
	h.replyWith(text, nil, signers...)
}

// replyWith also sends files that the house keeps.
func (h *house) replyWith(text string, files []seal.File, signers ...seal.SigningKey) {
	h.t.Helper()
	if signers == nil {
		signers = []seal.SigningKey{h.team.Reply, h.operator}
	}
	body := must[seal.Body](h.t)(seal.NewBody(text, "ru"))
	body.Files = files
	row := h.onlyCase()
	id := hotline.CaseID(row.ID)
	var prev seal.Hash
	copy(prev[:], row.DeskHead)
	hour := hotline.HourOf(time.Now())
	rec := must[seal.Record](h.t)(seal.SignRecord(seal.RecordHeader{
		Case: id, Side: hotline.SideDesk, Seq: row.DeskSeq + 1, Prev: prev, Seen: row.ContactSeq, Hour: hour,
	}, body, signers...))
	toDesk := must[[]byte](h.t)(rec.Seal(h.caseKey(id).Recipient()))
	toPerson := rec
	toPerson.Signed = rec.Signed.Only(signers[0].Public())
	copyFile := must[[]byte](h.t)(toPerson.Seal(must[seal.Recipient](h.t)(seal.ParseRecipient(row.ContactRecipient))))
	head, recordID := rec.Signed.Hash(), sha256.Sum256(toDesk)
	h.update(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
			ID: recordID[:], CaseID: row.ID, Side: string(hotline.SideDesk), Seq: rec.Header.Seq, Header: rec.Signed.Text(), File: toDesk, Hour: int64(hour),
		}); err != nil {
			return err
		}
		if _, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{RecordID: recordID[:], CaseID: row.ID, Seq: rec.Header.Seq, File: copyFile, Hour: int64(hour)}); err != nil {
			return err
		}
		if err := object.Name(ctx, tx, rec.Header, recordID[:]); err != nil {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		_, err = tx.CaseAfterDesk(ctx, db.CaseAfterDeskParams{DeskSeq: rec.Header.Seq, DeskHead: head[:], Reply: true, Version: version, ID: row.ID, ExpectedHead: row.DeskHead})
		return err
	})
}

// generation is the signed text of the case's n-th key.
func (h *house) generation(row db.HotlineCase, n int64) (text []byte) {
	h.t.Helper()
	h.view(func(ctx context.Context, tx *store.Tx) error {
		key, err := tx.CaseKey(ctx, row.ID, n)
		text = key.Statement
		return err
	})
	return text
}

// rotate puts the case's next key in force, whoever signed it.
func (h *house) rotate(row db.HotlineCase, generation seal.Signed) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: row.ID, N: row.Generation + 1, Statement: generation.Text(), Hour: int64(hotline.HourOf(time.Now()))})
		if err != nil {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		_, err = tx.CaseAfterStatement(ctx, db.CaseAfterStatementParams{
			StatementSeq: row.StatementSeq + 1, StatementHead: random(32), ExpectedHead: row.StatementHead, Stage: row.Stage, Urgency: row.Urgency,
			Team: row.Team, Assignee: row.Assignee, Generation: row.Generation + 1, ClosedHour: row.ClosedHour, Version: version, ID: row.ID,
		})
		return err
	})
}

// guardManifest answers this instead of the manifest.
func (h *house) guardManifest(text []byte) {
	h.guard(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/manifest" {
			return false
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write(text)
		return true
	})
}

// markRead says that an operator has read the person's messages up to seq.
func (h *house) markRead(seq int64) {
	h.t.Helper()
	row := h.onlyCase()
	h.update(func(ctx context.Context, tx *store.Tx) error {
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		p := db.CaseReadParams{SeenSeq: seq, Version: version, ID: row.ID}
		p.ReadHour.Int64, p.ReadHour.Valid = int64(hotline.HourOf(time.Now())), true
		_, err = tx.CaseRead(ctx, p)
		return err
	})
}

// withoutWasm turns WebAssembly off: a second policy lacks the word for it.
func (h *house) withoutWasm() {
	h.guard(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/" {
			return false
		}
		w.Header().Set("Content-Security-Policy", "script-src 'unsafe-inline' blob:")
		_, _ = w.Write(h.page)
		return true
	})
}
