package ui

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/desk"
)

const testAddress = "127.0.0.1:48123"

// movingClock is a clock that a test moves.
type movingClock struct{ now time.Time }

func (c *movingClock) Now() time.Time { return c.now }

func newUI(t *testing.T, d Desk, lang string) *UI {
	t.Helper()
	u, err := New(Config{Desk: d, Address: testAddress, Language: lang, Clock: fixedClock{}, Location: time.UTC, Training: exerciseOf(d)})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// window is a browser without pictures: it carries the cookie and sends what
// a browser sends from one of our pages.
type window struct {
	t       *testing.T
	u       *UI
	cookies []*http.Cookie
}

func launched(t *testing.T, u *UI) *window {
	t.Helper()
	w := &window{t: t, u: u}
	res := w.send(http.MethodGet, strings.TrimPrefix(u.LaunchURL(), "http://"+testAddress), nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") })
	if res.Code != http.StatusSeeOther || res.Header().Get("Location") != "/" {
		t.Fatalf("launch = %d to %q", res.Code, res.Header().Get("Location"))
	}
	w.cookies = res.Result().Cookies()
	return w
}

func (w *window) send(method, path string, form url.Values, change func(r *http.Request)) *httptest.ResponseRecorder {
	w.t.Helper()
	var body io.Reader = http.NoBody
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	if path == "/live" {
		stop() // the feed ends with its request: it is asked for its beginning only
	}
	r := httptest.NewRequestWithContext(ctx, method, path, body)
	r.Host = testAddress
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet {
		r.Header.Set("Origin", "http://"+testAddress)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range w.cookies {
		r.AddCookie(c)
	}
	if change != nil {
		change(r)
	}
	rec := httptest.NewRecorder()
	w.u.Handler().ServeHTTP(rec, r)
	return rec
}

func (w *window) get(path string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.send(http.MethodGet, path, nil, nil)
}

func (w *window) post(path string, form url.Values) *httptest.ResponseRecorder {
	w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return w.send(http.MethodPost, path, form, nil)
}

// pathOf fills the parameters of a route's path with something that is there.
func pathOf(u *UI, rt route) string {
	return strings.NewReplacer("{$}", "", "{file}", "desk.css", "{ref}", u.refs.of(caseID(1)), "{other}", u.refs.of(caseID(4)), "{lang}", "ru", "{token}", "no-such-file", "{n}", "0").Replace(rt.path)
}

func TestAddressMustBeLoopback(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"", "localhost:80", "0.0.0.0:80", "[::1]:80", "127.0.0.1", "127.0.0.1:0", "192.168.1.2:80", "127.0.0.2:80"} {
		if _, err := New(Config{Desk: newFake(), Address: a}); err == nil {
			t.Errorf("New(%q) was accepted", a)
		}
	}
}

// TestRoutesAreGuarded walks the whole table: who is not our page gets
// nothing, and nothing is done.
func TestRoutesAreGuarded(t *testing.T) {
	t.Parallel()
	attacks := []struct {
		name   string
		change func(r *http.Request)
		cookie bool
	}{
		{"another host name", func(r *http.Request) { r.Host = "evil.example" }, true},
		{"localhost", func(r *http.Request) { r.Host = "localhost:48123" }, true},
		{"another port", func(r *http.Request) { r.Host = "127.0.0.1:80" }, true},
		{"host without port", func(r *http.Request) { r.Host = "127.0.0.1" }, true},
		{"another site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, true},
		{"another port's page", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-site")
			r.Header.Set("Origin", "http://127.0.0.1:9999")
		}, true},
		{"another origin, old browser", func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "http://127.0.0.1:9999") }, true},
		{"a sandboxed frame", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site"); r.Header.Set("Origin", "null") }, true},
		{"null origin, old browser", func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") }, true},
		{"no cookie", func(*http.Request) {}, false},
		{"a made-up cookie", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "desk_AAAAAAAAAA", Value: "x"}) }, false},
	}
	f := supervised()
	u := newUI(t, f, "en")
	w := launched(t, u)
	stranger := &window{t: t, u: u}
	for _, rt := range u.routes() {
		for _, a := range attacks {
			from := w
			if !a.cookie {
				from = stranger
				if rt.open {
					continue
				}
			}
			rec := from.send(rt.method, pathOf(u, rt), nil, a.change)
			if rec.Code != http.StatusForbidden {
				t.Errorf("%s %s by %s = %d", rt.method, rt.path, a.name, rec.Code)
			}
			if s := rec.Body.String(); strings.Contains(s, "лісосмуга") || strings.Contains(s, "Весна") {
				t.Errorf("%s %s by %s shows content", rt.method, rt.path, a.name)
			}
		}
	}
	if calls := f.called(); len(calls) != 0 {
		t.Errorf("acts were done: %q", calls)
	}
	if f.touched != 0 {
		t.Errorf("the idle clock was reset %d times", f.touched)
	}
}

// TestActsNeedPost: what changes something cannot be a link or a picture.
func TestActsNeedPost(t *testing.T) {
	t.Parallel()
	f := supervised()
	u := newUI(t, f, "en")
	w := launched(t, u)
	for _, rt := range u.routes() {
		if rt.method != http.MethodPost || rt.path == "/journal" { // what is looked for there must not stand in an address
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
			rec := w.send(method, pathOf(u, rt), nil, nil)
			if rec.Code != http.StatusMethodNotAllowed && rec.Code != http.StatusNotFound {
				t.Errorf("%s %s = %d", method, rt.path, rec.Code)
			}
		}
	}
	if calls := f.called(); len(calls) != 0 {
		t.Errorf("acts were done: %q", calls)
	}
}

// TestPostNeedsOrigin: a POST without any sign of where it comes from is no
// browser's.
func TestPostNeedsOrigin(t *testing.T) {
	t.Parallel()
	f := supervised()
	u := newUI(t, f, "en")
	w := launched(t, u)
	rec := w.send(http.MethodPost, "/lock", url.Values{}, func(r *http.Request) { r.Header.Del("Origin"); r.Header.Del("Sec-Fetch-Site") })
	if rec.Code != http.StatusForbidden || f.State().Phase != desk.PhaseReady {
		t.Errorf("a POST from nowhere = %d", rec.Code)
	}
	// A plain form under "no-referrer" says "Origin: null" and same-origin.
	rec = w.send(http.MethodPost, "/lock", url.Values{}, func(r *http.Request) { r.Header.Set("Origin", "null") })
	if rec.Code != http.StatusSeeOther || f.State().Phase != desk.PhaseLocked {
		t.Errorf("our own form = %d", rec.Code)
	}
}

func TestHeadersEverywhere(t *testing.T) {
	t.Parallel()
	u := newUI(t, supervised(), "en")
	w := launched(t, u)
	check := func(name string, h http.Header) {
		t.Helper()
		for key, want := range map[string]string{
			"Cache-Control": "no-store", "Content-Security-Policy": policyCSP, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Get(key); got != want {
				t.Errorf("%s: %s = %q", name, key, got)
			}
		}
	}
	for _, rt := range u.routes() {
		if rt.path == "/lock" {
			continue // a locked desk answers otherwise
		}
		check(rt.path, w.send(rt.method, pathOf(u, rt), url.Values{}, nil).Header())
		check(rt.path+" for a stranger", (&window{t: t, u: u}).send(rt.method, pathOf(u, rt), url.Values{}, nil).Header())
	}
	check("nowhere", w.get("/nowhere").Header())
	check("refused", w.send(http.MethodGet, "/", nil, func(r *http.Request) { r.Host = "evil.example" }).Header())
	for _, no := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(policyCSP, no) {
			t.Errorf("the policy allows %s", no)
		}
	}
}

func TestLaunchToken(t *testing.T) {
	t.Parallel()
	clock := &movingClock{testNow}
	u, err := New(Config{Desk: newFake(), Address: testAddress, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(w *window, address string) *httptest.ResponseRecorder {
		return w.send(http.MethodGet, strings.TrimPrefix(address, "http://"+testAddress), nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") })
	}
	w := &window{t: t, u: u}
	address := u.LaunchURL()
	first := ask(w, address)
	if first.Code != http.StatusSeeOther {
		t.Fatalf("launch = %d", first.Code)
	}
	cookies := first.Result().Cookies()
	c := cookies[0]
	if len(cookies) != 1 || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge != 0 || !c.Expires.IsZero() || len(c.Value) < 40 {
		t.Errorf("cookie = %+v", c)
	}
	if again := ask(w, address); again.Code != http.StatusForbidden || len(again.Result().Cookies()) != 0 {
		t.Errorf("the same token again = %d", again.Code)
	}
	for _, bad := range []string{"/launch", "/launch?token=", "/launch?token=" + strings.Repeat("A", 26)} {
		if rec := ask(w, bad); rec.Code != http.StatusForbidden {
			t.Errorf("%s = %d", bad, rec.Code)
		}
	}
	late := u.LaunchURL()
	clock.now = clock.now.Add(launchLife)
	if rec := ask(w, late); rec.Code != http.StatusForbidden {
		t.Errorf("a token after its time = %d", rec.Code)
	}
	// One browser at a time: a new launch ends the session before.
	w.cookies = cookies
	if rec := w.get("/"); rec.Code != http.StatusOK {
		t.Fatalf("with the cookie = %d", rec.Code)
	}
	launched(t, u)
	if rec := w.get("/"); rec.Code != http.StatusForbidden {
		t.Errorf("the session before the last launch = %d", rec.Code)
	}
}

// TestTwoDesks: a cookie of one desk is worth nothing at another.
func TestTwoDesks(t *testing.T) {
	t.Parallel()
	a, b := newUI(t, busy(), "en"), newUI(t, busy(), "en")
	w := launched(t, a)
	w.u = b
	if rec := w.get("/"); rec.Code != http.StatusForbidden {
		t.Errorf("another desk's cookie = %d", rec.Code)
	}
}

// TestAddressesTellNothing: no page holds an address with a case id, a name or
// anything that somebody wrote.
func TestAddressesTellNothing(t *testing.T) {
	t.Parallel()
	f := supervised()
	u := newUI(t, f, "uk")
	w := launched(t, u)
	for _, path := range []string{"/", "/case/" + u.refs.of(caseID(1)), "/case/" + u.refs.of(caseID(3)), "/people", "/addresses", "/outbox", "/alarms", "/journal"} {
		body := w.get(path).Body.String()
		for _, attr := range []string{`href="`, `hx-get="`, `hx-post="`, `action="`} {
			for rest := body; ; {
				_, after, ok := strings.Cut(rest, attr)
				if !ok {
					break
				}
				address, more, _ := strings.Cut(after, `"`)
				rest = more
				for id := range f.cases {
					if strings.Contains(address, id.Short()) {
						t.Errorf("%s: the address %s names a case", path, address)
					}
				}
				if !slices.ContainsFunc(u.routes(), func(rt route) bool { return matches(rt.path, address) }) {
					t.Errorf("%s: the address %s is in no route", path, address)
				}
			}
		}
		if !strings.Contains(body, "<title>Safeconduct</title>") {
			t.Errorf("%s: the title tells something", path)
		}
	}
	if strings.Contains(u.refs.of(caseID(1)), caseID(1).Short()) || u.refs.of(caseID(1)) == newRefs().of(caseID(1)) {
		t.Error("a reference is worth something in another process")
	}
}

// matches reports whether an address of a page belongs to a route and carries
// nothing but its parameters and numbers.
func matches(pattern, address string) bool {
	address, query, _ := strings.Cut(address, "?")
	for _, pair := range strings.Split(strings.ReplaceAll(query, "&amp;", "&"), "&") {
		key, _, _ := strings.Cut(pair, "=")
		if !slices.Contains([]string{"", "from", "phase", "nav"}, key) {
			return false
		}
	}
	want, got := strings.Split(pattern, "/"), strings.Split(address, "/")
	if len(want) != len(got) || strings.HasPrefix(address, "#") {
		return strings.HasPrefix(address, "#")
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// TestLockedDeskShowsNothing: every route leads to the page that unlocks.
func TestLockedDeskShowsNothing(t *testing.T) {
	t.Parallel()
	f := supervised()
	u := newUI(t, f, "en")
	w := launched(t, u)
	u.refs.of(caseID(1))
	f.Lock()
	for _, rt := range u.routes() {
		if rt.phases == nil {
			continue
		}
		rec := w.send(rt.method, pathOf(u, rt), url.Values{"passphrase": {"wrong"}}, nil)
		if !slices.Contains(rt.phases, desk.PhaseLocked) && (rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/") {
			t.Errorf("%s %s = %d", rt.method, rt.path, rec.Code)
		}
		if strings.Contains(rec.Body.String(), "лісосмуга") {
			t.Errorf("%s %s shows content", rt.method, rt.path)
		}
	}
	if calls := f.called(); len(calls) != 0 {
		t.Errorf("acts were done: %q", calls)
	}
}

func TestLargeFormIsRefused(t *testing.T) {
	t.Parallel()
	f := busy()
	u := newUI(t, f, "en")
	w := launched(t, u)
	rec := w.post("/case/"+u.refs.of(caseID(1))+"/note", url.Values{"text": {strings.Repeat("x", maxForm+1)}})
	if rec.Code < 400 || slices.ContainsFunc(f.called(), func(c string) bool { return len(c) > 1000 }) {
		t.Errorf("a form of %d bytes = %d", maxForm+1, rec.Code)
	}
}
