package intake_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

func sqliteHouse(t *testing.T) *house {
	t.Helper()
	return newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{})
}

func (h *house) change(fn func(ctx context.Context, tx *store.Tx, version int64) error) {
	h.t.Helper()
	ctx := context.Background()
	err := h.db.Update(ctx, func(tx *store.Tx) error {
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		return fn(ctx, tx, version)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// addGeneration writes generation 1 as a desk, or somebody else, would.
func (h *house) addGeneration(id hotline.CaseID, s1 seal.Recipient, change func(*seal.Generation), by ...seal.SigningKey) {
	h.t.Helper()
	var first db.CaseKey
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		first, err = tx.CaseKey(ctx, id[:], 0)
		return err
	})
	g, s, err := seal.ParseGeneration(first.Statement)
	if err != nil {
		h.t.Fatal(err)
	}
	g.Gen, g.Prev, g.Recipient = 1, s.Hash(), s1
	if change != nil {
		change(&g)
	}
	text := must[seal.Signed](h.t)(seal.SignGeneration(g, by...)).Text()
	h.change(func(ctx context.Context, tx *store.Tx, version int64) error {
		if _, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: id[:], N: 1, Statement: text}); err != nil {
			return err
		}
		_, err := tx.CaseAfterStatement(ctx, db.CaseAfterStatementParams{
			Stage: "new", Team: "desk", Generation: 1, StatementSeq: 0, StatementHead: random(32), Version: version, ID: id[:],
		})
		return err
	})
}

// A server that lies is found out by whoever comes back.
func TestForgeriesAreFoundOut(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	ctx := t.Context()
	stranger := must[seal.SigningKey](t)(seal.NewSigningKey())
	evil := must[seal.Identity](t)(seal.NewIdentity())
	start := func() (seal.Contact, hotline.CaseID) {
		keys := h.keys()
		mine, err := h.client().StartWith(ctx, keys, "text", "ru")
		if err != nil {
			t.Fatal(err)
		}
		return keys, mine.ID()
	}
	forged := func(what string, err error) {
		t.Helper()
		if hotline.KindOf(err) != hotline.KindForged {
			t.Errorf("%s: %v", what, err)
		}
	}
	open := func(keys seal.Contact) error {
		_, err := h.client().ReturnWith(keys).Open(ctx)
		return err
	}

	keys, id := start()
	h.addGeneration(id, evil.Recipient(), nil, stranger)
	forged("a key that nobody signed", open(keys))

	keys, id = start()
	h.addGeneration(id, evil.Recipient(), nil, h.operator)
	forged("a key without the desk's reply key", open(keys))

	keys, id = start()
	h.addGeneration(id, evil.Recipient(), func(g *seal.Generation) {
		other := h.keys()
		g.ContactKey, g.ContactRecipient, g.Case = other.Signing.Public(), other.Identity.Recipient(), other.CaseID()
	}, h.team.Reply, h.operator)
	forged("a key of another case", open(keys))

	keys, id = start()
	head, _ := record(t, seal.RecordHeader{Case: id, Side: hotline.SideContact, Seq: 1, Prev: seal.Hash{1}, Hour: 1}, evil.Recipient(), stranger)
	h.change(func(ctx context.Context, tx *store.Tx, version int64) error {
		_, err := tx.CaseAfterContact(ctx, db.CaseAfterContactParams{ContactSeq: 1, ContactHeader: head, Version: version, ID: id[:]})
		return err
	})
	forged("a last header that is not ours", open(keys))

	keys, id = start()
	h.reply(id, 0, seal.Hash{}, "come out at once", stranger, h.operator)
	forged("a desk's header that is not the desk's", open(keys))
	_, _, err := h.client().ReturnWith(keys).Fetch(ctx, -1, nil)
	forged("a reply that is not the desk's", err)

	// A true reply to somebody else, moved into this case.
	_, other := start()
	h.reply(other, 0, seal.Hash{}, "for another")
	keys, id = start()
	h.reply(id, 0, seal.Hash{}, "mine")
	var copies []db.ReplyCopy
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		copies, err = tx.ReplyCopies(ctx, other[:])
		return err
	})
	h.change(func(ctx context.Context, tx *store.Tx, _ int64) error {
		if _, err := tx.PutAwayRepliesTo(ctx, id[:], 9); err != nil {
			return err
		}
		if _, err := tx.PutAwayReply(ctx, other[:], copies[0].RecordID); err != nil {
			return err
		}
		_, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{RecordID: copies[0].RecordID, CaseID: id[:], File: copies[0].File})
		return err
	})
	_, _, err = h.client().ReturnWith(keys).Fetch(ctx, -1, nil)
	forged("a reply to somebody else", err)
}

// After the desk has changed the case's key, messages are sealed to the new one.
func TestNewKeyOfACase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		keys := h.keys()
		mine, err := h.client().StartWith(ctx, keys, "text", "ru")
		if err != nil {
			t.Fatal(err)
		}
		s1 := must[seal.Identity](t)(seal.NewIdentity())
		h.addGeneration(mine.ID(), s1.Recipient(), nil, h.team.Reply, h.operator)
		back := h.client().ReturnWith(keys)
		if st, err := back.Open(ctx); err != nil || st.Generation != 1 {
			t.Fatalf("%+v %v", st, err)
		}
		if err := back.Send(ctx, "to the new key", "ru"); err != nil {
			t.Fatal(err)
		}
		last := h.records(mine.ID())[1]
		rec, err := seal.OpenRecord(s1, last.File)
		if err != nil || rec.Body.Text != "to the new key" || last.Generation != 1 {
			t.Errorf("generation %d: %v", last.Generation, err)
		}
	})
}

// Replies that are withheld, or do not follow each other, are noticed.
func TestMissingReplies(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	ctx := t.Context()
	keys := h.keys()
	mine, err := h.client().StartWith(ctx, keys, "text", "ru")
	if err != nil {
		t.Fatal(err)
	}
	first := h.reply(mine.ID(), 0, seal.Hash{}, "0")
	second := h.reply(mine.ID(), 1, first.Hash(), "1")
	h.reply(mine.ID(), 2, second.Hash(), "2")
	h.reply(mine.ID(), 3, seal.Hash{9}, "3")
	back := h.client().ReturnWith(keys)
	a, _, err := back.Fetch(ctx, -1, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, ok, err := back.Fetch(ctx, 1, &a)
	if err != nil || !ok || !c.Missing || c.Text != "2" {
		t.Errorf("a hole: %+v %v", c, err)
	}
	if _, _, err := back.Fetch(ctx, 2, &c); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("a reply that does not follow: %v", err)
	}
}

// route is a relay that does as told.
func route(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// forward passes a request on to the server and returns its answer.
func (h *house) forward(r *http.Request) (int, []byte) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, h.url+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return http.StatusBadGateway, nil
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, answer
}

// Routes that are dead, lie, or lose the answer do not keep a message from
// arriving, once.
func TestBadRoutes(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	routes := []string{
		dead.URL,
		route(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html>log in to the network</html>")
		}),
		route(t, func(w http.ResponseWriter, r *http.Request) { // says "received" by itself
			if r.Method == http.MethodPost {
				_, _ = w.Write(random(1024 + 28))
				return
			}
			status, answer := h.forward(r)
			w.WriteHeader(status)
			_, _ = w.Write(answer)
		}),
		route(t, func(w http.ResponseWriter, r *http.Request) { // loses the answer
			status, answer := h.forward(r)
			if r.Method == http.MethodPost {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(status)
			_, _ = w.Write(answer)
		}),
		h.url,
	}
	client, err := contact.New(h.text, h.trust(), routes, http.DefaultClient, h.clock.Now, contact.WithSleep(noSleep))
	if err != nil {
		t.Fatal(err)
	}
	mine, err := client.StartWith(t.Context(), h.keys(), "text", "ru")
	if err != nil || mine.Waiting() != 0 {
		t.Fatalf("%v; %d wait", err, mine.Waiting())
	}
	if err := mine.Send(t.Context(), "more", "ru"); err != nil {
		t.Fatal(err)
	}
	if got := h.read(mine.ID()); len(got) != 2 {
		t.Errorf("the desk reads %q", got)
	}
}

// A message that could not be sent is kept in memory and goes out in order.
func TestWhatWaitsGoesOutInOrder(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	ctx := t.Context()
	down := true
	relay := route(t, func(w http.ResponseWriter, r *http.Request) {
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":"busy","text":"full","retry_after":7}`)
			return
		}
		status, answer := h.forward(r)
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	})
	var slept []time.Duration
	client, err := contact.New(h.text, h.trust(), []string{relay}, http.DefaultClient, h.clock.Now, contact.WithTries(3),
		contact.WithSleep(func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }))
	if err != nil {
		t.Fatal(err)
	}
	mine, err := client.StartWith(ctx, h.keys(), "0", "ru")
	if hotline.KindOf(err) != hotline.KindBusy || mine.Waiting() != 1 {
		t.Fatalf("%v; %d wait", err, mine.Waiting())
	}
	if len(slept) != 2 || slept[0] != 7*time.Second {
		t.Errorf("waited %v", slept)
	}
	if err := mine.Send(ctx, "1", "ru"); err == nil || mine.Waiting() != 2 {
		t.Fatalf("%v; %d wait", err, mine.Waiting())
	}
	down = false
	if err := mine.Send(ctx, "2", "ru"); err != nil {
		t.Fatal(err)
	}
	if row := h.row(mine.ID()); row.ContactSeq != 2 || len(h.records(mine.ID())) != 3 {
		t.Errorf("seq %d", row.ContactSeq)
	}
}

// A page that is too old does not send, and one with a manifest of somebody
// else does not start.
func TestManifestOfThePage(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	late := func() time.Time { return h.manifest.UseUntil.Time().Add(2 * time.Hour) }
	client, err := contact.New(h.text, h.trust(), nil, http.DefaultClient, late)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartWith(t.Context(), h.keys(), "text", "ru"); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("past its end: %v", err)
	}
	stranger := must[seal.SigningKey](t)(seal.NewSigningKey())
	other := must[seal.Signed](t)(seal.SignManifest(h.manifest, stranger)).Text()
	if _, err := contact.New(other, h.trust(), nil, http.DefaultClient, late); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("of somebody else: %v", err)
	}
}

func TestUnknownReceiptForTheClient(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	back := h.client().ReturnWith(h.keys())
	if _, err := back.Open(t.Context()); hotline.KindOf(err) != hotline.KindNotFound {
		t.Error(err)
	}
	if err := back.PutAway(t.Context(), seal.Hash{1}); hotline.KindOf(err) != hotline.KindNotFound {
		t.Error(err)
	}
	if err := back.Send(t.Context(), "text", "ru"); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("sent to a case that was never opened: %v", err)
	}
}
