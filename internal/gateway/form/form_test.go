package form_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/gateway/form"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/object"
	"safeconduct/internal/object/objecttest"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// house is a form in front of a real intake.
type house struct {
	t        *testing.T
	db       *store.DB
	team     seal.TeamSecret
	key      seal.SigningKey
	index    []byte
	manifest seal.Manifest
	url      string
	log      *bytes.Buffer
	stop     func() // ends the intake
}

func must[T any](t *testing.T) func(T, error) T {
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

func newHouse(t *testing.T, d *store.DB) *house {
	t.Helper()
	h := &house{
		t: t, db: d, team: must[seal.TeamSecret](t)(seal.NewTeamSecret(hotline.TeamDesk, 4)), key: must[seal.SigningKey](t)(seal.NewSigningKey()),
		index: random(32), log: &bytes.Buffer{},
	}
	intakeKey := must[seal.Identity](t)(seal.NewIdentity())
	h.manifest = seal.Manifest{
		Serial: 1, Intake: intakeKey.Recipient(), Teams: map[hotline.Team]seal.TeamKey{hotline.TeamDesk: h.team.Public()}, GatewayKey: h.key.Public(),
	}
	manifest := func(context.Context) ([]byte, seal.Manifest, error) { return nil, h.manifest, nil }
	now := func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	door := must[*intake.Intake](t)(intake.New(intake.Config{
		DB: d, Objects: objecttest.New(t, d, now, object.Limits{}).Keeper, Identities: []seal.Identity{intakeKey}, ChallengeKey: random(32), IndexKey: h.index,
		Documents: manifest, Page: func(context.Context) ([]byte, error) { return []byte("page"), nil }, Clock: now, Logger: log,
	}))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := door.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	h.stop = func() { cancel(); <-done }
	f := must[*form.Form](t)(form.New(form.Config{
		Door: door, Manifest: manifest, Key: h.key, Seed: random(32), IndexKey: h.index, Clock: now, Log: log,
	}))
	server := httptest.NewServer(f.Handler())
	h.url = server.URL
	t.Cleanup(func() {
		server.Close()
		h.stop()
	})
	return h
}

// reply is an answer that has been read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (h *house) do(method, path string, body io.Reader, change func(*http.Request)) reply {
	h.t.Helper()
	req := must[*http.Request](h.t)(http.NewRequestWithContext(h.t.Context(), method, h.url+path, body))
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	return reply{resp.StatusCode, resp.Header, string(must[[]byte](h.t)(io.ReadAll(resp.Body)))}
}

func (h *house) get(path string) string {
	h.t.Helper()
	return h.do(http.MethodGet, path, nil, nil).body
}

func (h *house) post(path string, fields url.Values) (int, string) {
	h.t.Helper()
	r := h.do(http.MethodPost, path, strings.NewReader(fields.Encode()), nil)
	return r.status, r.body
}

var (
	sendingField = regexp.MustCompile(`name="sending" value="([0-9a-f]{32})"`)
	codeShown    = regexp.MustCompile(`<p class="code" translate="no"><span>(\d{4})</span> <span>(\d{4})</span> <span>(\d{4})</span> </p>`)
)

// load gets the page and returns the fields that it would send.
func (h *house) load(text string) url.Values {
	h.t.Helper()
	m := sendingField.FindStringSubmatch(h.get("/form?lang=en"))
	if m == nil {
		h.t.Fatal("the page names no sending")
	}
	return url.Values{"sending": {m[1]}, "text": {text}}
}

func shownCode(t *testing.T, body string) hotline.ChannelCode {
	t.Helper()
	m := codeShown.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no code on the page:\n%s", body)
	}
	return must[hotline.ChannelCode](t)(hotline.ParseChannelCode(strings.Join(m[1:], "")))
}

func (h *house) cases() (cases []db.HotlineCase) {
	h.t.Helper()
	ctx := context.Background()
	err := h.db.View(ctx, func(tx *store.Tx) (err error) {
		cases, err = tx.CasesAfter(ctx, 0, 1000)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return cases
}

// open reads a case with the team's key, and checks who signed what.
func (h *house) open(c db.HotlineCase) seal.Record {
	h.t.Helper()
	ctx := context.Background()
	var key db.CaseKey
	var wraps []db.CaseWrap
	var records []db.Record
	err := h.db.View(ctx, func(tx *store.Tx) (err error) {
		if key, err = tx.CaseKey(ctx, c.ID, 0); err != nil {
			return err
		}
		if wraps, err = tx.CaseWraps(ctx, c.ID); err != nil {
			return err
		}
		records, err = tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: c.ID, After: -1, MaxRows: 10})
		return err
	})
	if err != nil || len(wraps) != 1 || len(records) != 1 {
		h.t.Fatalf("%d wraps, %d records: %v", len(wraps), len(records), err)
	}
	noOperator := func(seal.Signed, seal.Generation) bool { return false }
	gens, err := seal.VerifyGenerations([][]byte{key.Statement}, h.key.Public(), noOperator)
	if err != nil {
		h.t.Fatal(err)
	}
	if gens[0].Epoch != 4 || wraps[0].Epoch != 4 || !gens[0].ContactKey.IsZero() || gens[0].Case != hotline.CaseID(c.ID) {
		h.t.Error("the generation is not a gateway's")
	}
	s0 := must[seal.Identity](h.t)(seal.UnwrapIdentity(h.team.Identity, wraps[0].Wrap, gens[0].Recipient))
	rec := must[seal.Record](h.t)(seal.OpenRecord(s0, records[0].File))
	if !rec.SignedBy(h.key.Public()) || rec.Header.Side != hotline.SideGateway || records[0].Side != "gateway" {
		h.t.Error("the record is not signed by the gateway")
	}
	if !bytes.Equal(records[0].Header, rec.Signed.Text()) {
		h.t.Error("the header in the clear is another one")
	}
	return rec
}

func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		t.Helper()
		test(t, newHouse(t, open()))
	})
}

// What is typed arrives sealed to the team, and only there: neither the
// database's files nor the log hold it.
func TestFormMakesASealedCase(t *testing.T) {
	t.Parallel()
	const canary = "канарейка-7f3a не хочу умирать"
	each(t, func(t *testing.T, h *house) {
		fields := h.load("  " + canary + "\r\nнас трое ")
		fields.Set("people", "3")
		status, body := h.post("/form?lang=uk", fields)
		if status != http.StatusOK {
			t.Fatalf("%d\n%s", status, body)
		}
		code := shownCode(t, body)
		cases := h.cases()
		if len(cases) != 1 {
			t.Fatalf("%d cases", len(cases))
		}
		c := cases[0]
		if c.Channel != "form" || c.Stage != "new" || !c.WaitingSinceMs.Valid || len(c.ContactKey) != 0 || len(c.Lookup) != 0 || c.ContactSeq != 0 {
			t.Errorf("the case: %s %s", c.Channel, c.Stage)
		}
		if !bytes.Equal(c.CodeIndex, intake.CodeIndex(h.index, code)) {
			t.Error("the code that is shown does not find the case")
		}
		rec := h.open(c)
		if rec.Body.Text != canary+"\nнас трое" || rec.Body.People != 3 || rec.Body.Language != "uk" || rec.Body.Code != code.Digits() {
			t.Error("the desk reads something else")
		}
		if strings.Contains(h.log.String(), "канарейка") || strings.Contains(body, "канарейка") {
			t.Error("the text is repeated")
		}
	})
}

func TestFormLeavesNoPlaintextOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := newHouse(t, storetest.Open(t, "sqlite://"+dir+"/store.db"))
	const canary = "канарейка-41c9"
	if status, _ := h.post("/form?lang=ru", h.load(canary)); status != http.StatusOK {
		t.Fatal(status)
	}
	files := must[[]os.DirEntry](t)(os.ReadDir(dir))
	seen := 0
	for _, f := range files {
		b := must[[]byte](t)(os.ReadFile(dir + "/" + f.Name()))
		seen += len(b)
		for _, form := range []string{canary, url.QueryEscape(canary), base64.StdEncoding.EncodeToString([]byte(canary))} {
			if bytes.Contains(b, []byte(form)) {
				t.Errorf("%s holds the text", f.Name())
			}
		}
	}
	if seen < 5000 {
		t.Errorf("only %d bytes were searched", seen)
	}
}

// A reload of the answer, or a second press, finds the same case; another text
// makes another.
func TestSentTwiceIsKeptOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		fields := h.load("помогите")
		codes := make(chan string, 8)
		for range cap(codes) {
			go func() {
				resp, err := http.PostForm(h.url+"/form?lang=ru", fields)
				if err != nil {
					codes <- err.Error()
					return
				}
				defer resp.Body.Close()
				b, _ := io.ReadAll(resp.Body)
				codes <- strings.Join(codeShown.FindStringSubmatch(string(b)), "")
			}()
		}
		first := <-codes
		for range cap(codes) - 1 {
			if c := <-codes; c != first || c == "" {
				t.Errorf("another answer: %q, not %q", c, first)
			}
		}
		if n := len(h.cases()); n != 1 {
			t.Errorf("%d cases", n)
		}
		fields.Set("text", "помогите, нас двое")
		_, body := h.post("/form?lang=ru", fields)
		if shownCode(t, body).Digits() == "" || len(h.cases()) != 2 {
			t.Errorf("a changed text made %d cases", len(h.cases()))
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)))
	with := func(key, value string) url.Values {
		v := h.load("text")
		v.Set(key, value)
		return v
	}
	for name, c := range map[string]struct {
		fields url.Values
		status int
		keeps  string // what the person typed is still on the page
	}{
		"empty":               {with("text", " \r\n "), 400, ""},
		"no sending":          {url.Values{"text": {"text 1"}}, 400, "text 1"},
		"bad sending":         {with("sending", strings.Repeat("g", 32)), 400, "text"},
		"long sending":        {with("sending", strings.Repeat("a", 64)), 400, "text"},
		"too many letters":    {with("text", strings.Repeat("ж", 6001)), 413, "жжж"},
		"too many bytes":      {with("text", strings.Repeat("\U0001F54A", 5900)), 413, ""},
		"too large a body":    {with("text", strings.Repeat("ж", 20_000)), 413, ""},
		"not UTF-8":           {with("text", "a\xff"), 400, ""},
		"a zero byte":         {with("text", "a\x00b"), 400, ""},
		"people in words":     {with("people", "трое"), 400, "text"},
		"people below zero":   {with("people", "-1"), 400, "text"},
		"people beyond limit": {with("people", "10001"), 400, "text"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := h.post("/form?lang=en", c.fields)
			if status != c.status || codeShown.MatchString(body) {
				t.Errorf("status %d", status)
			}
			if !strings.Contains(body, `role="alert"`) || !strings.Contains(body, c.keeps) {
				t.Error("the page does not say what to do, or lost the text")
			}
		})
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("text", "text")
	_ = m.Close()
	resp := h.do(http.MethodPost, "/form", &b, func(r *http.Request) { r.Header.Set("Content-Type", m.FormDataContentType()) })
	if resp.status != http.StatusBadRequest {
		t.Errorf("multipart: %d", resp.status)
	}
	if n := len(h.cases()); n != 0 {
		t.Errorf("%d cases were kept", n)
	}
}

// A fault says "not sent yet" and gives the text back, with the same sending.
func TestFaultKeepsTheTextOnThePage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)))
	fields := h.load("последняя надежда")
	h.stop()
	status, body := h.post("/form?lang=ru", fields)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "последняя надежда</textarea>") || !strings.Contains(body, fields.Get("sending")) {
		t.Errorf("status %d\n%s", status, body)
	}
	if strings.Contains(h.log.String(), "надежда") {
		t.Error("the log holds the text")
	}
}

func TestHostileTextIsOnlyText(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)))
	fields := h.load(`</textarea><script>alert(1)</script>`)
	fields.Set("people", `"><script>`)
	_, body := h.post("/form?lang=en", fields)
	if strings.Contains(body, "<script") {
		t.Error("what was typed became markup")
	}
}

func TestPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)))
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`)
	for lang, label := range map[string]string{
		"ru": "Наш сервер может прочитать", "uk": "Наш сервер може прочитати", "be": "Наш сервер можа прачытаць", "en": "Our server can read this while it arrives",
	} {
		for _, path := range []string{"/form?lang=" + lang, "/form"} {
			resp := h.do(http.MethodGet, path, nil, func(r *http.Request) {
				if path == "/form" {
					r.Header.Set("Accept-Language", lang+"-XX;q=0.9, de;q=0.3")
				}
			})
			if !strings.Contains(resp.body, `<html lang="`+lang+`">`) {
				t.Errorf("%s %s: another language", lang, path)
			}
			if said, asked := strings.Index(resp.body, label), strings.Index(resp.body, "<textarea"); said < 0 || said > asked {
				t.Errorf("%s: what the server sees is not said before the text is asked for", lang)
			}
			m := style.FindStringSubmatch(resp.body)
			sum := sha256.Sum256([]byte(m[1]))
			want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
			if got := resp.header.Get("Content-Security-Policy"); got != want {
				t.Errorf("policy: %s", got)
			}
			if resp.header.Get("Cache-Control") != "no-store" || len(resp.header.Values("Set-Cookie")) != 0 {
				t.Error("the answer leaves a trace")
			}
			for _, id := range []string{"text", "people"} {
				if !strings.Contains(resp.body, `<label for="`+id+`">`) || !strings.Contains(resp.body, `id="`+id+`"`) {
					t.Errorf("%s: %s has no label", lang, id)
				}
			}
			if strings.Contains(resp.body, "<script") || strings.Contains(resp.body, "http:") || strings.Contains(resp.body, "https:") {
				t.Errorf("%s: the page is not alone", lang)
			}
		}
	}
}
