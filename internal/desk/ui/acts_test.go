package ui

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// fragmentOf asks as htmx does.
func (w *window) fragmentOf(method, path string, form url.Values) *httptest.ResponseRecorder {
	w.t.Helper()
	if form == nil && method == http.MethodPost {
		form = url.Values{}
	}
	return w.send(method, path, form, func(r *http.Request) { r.Header.Set("HX-Request", "true") })
}

func contains(t *testing.T, what string, rec *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if rec.Code != status {
		t.Errorf("%s = %d, want %d", what, rec.Code, status)
	}
	for _, s := range texts {
		if !strings.Contains(rec.Body.String(), s) {
			t.Errorf("%s does not hold %q:\n%.1500s", what, s, rec.Body)
		}
	}
}

// TestActs: every act of the page reaches the desk with what was typed, and
// the answer draws the case again.
func TestActs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		act  string
		form url.Values
		want string
	}{
		{"reply", url.Values{"text": {"Ждите.\r\nМы ответим."}, "deskseq": {"2"}}, "reply Ждите.\nМы ответим."},
		{"note", url.Values{"text": {"тихо"}}, "note тихо"},
		{"urgency", url.Values{"urgency": {"2"}}, "urgency 2"},
		{"stage", url.Values{"stage": {"meeting"}}, "stage meeting"},
		{"assign", url.Values{"to": {"me"}}, "assign vesna"},
		{"assign", url.Values{"to": {"klen"}}, "assign klen"},
		{"assign", url.Values{"to": {""}}, "assign "},
		{"handover", url.Values{"to": {"klen"}, "text": {"зміна"}}, "handover klen зміна"},
		{"facts", url.Values{"title": {"мост"}, "language": {"ru"}, "people": {"4"}}, "facts мост ru"},
		{"words", url.Values{"word": {"а"}, "duress": {"б"}}, "words"},
	} {
		f := busy()
		u := newUI(t, f, "en")
		w := launched(t, u)
		rec := w.fragmentOf(http.MethodPost, "/case/"+u.refs.of(caseID(1))+"/"+c.act, c.form)
		contains(t, c.act, rec, http.StatusOK, `id="talk"`, `hx-swap-oob`, "Kept at the server.")
		if calls := f.called(); !slices.Equal(calls, []string{c.want}) {
			t.Errorf("%s did %q", c.act, calls)
		}
		if f.touched == 0 {
			t.Errorf("%s did not reset the idle clock", c.act)
		}
	}
}

func TestBadActsDoNothing(t *testing.T) {
	t.Parallel()
	f := busy()
	u := newUI(t, f, "en")
	w := launched(t, u)
	ref := u.refs.of(caseID(1))
	for path, form := range map[string]url.Values{
		"/case/" + ref + "/urgency":             {"urgency": {"9"}},
		"/case/" + ref + "/reply":               {"text": {"x"}},
		"/case/" + ref + "/facts":               {"people": {"many"}},
		"/case/0123456789abcdef/note":           {"text": {"x"}},
		"/case/" + caseID(1).String() + "/note": {"text": {"x"}},
		"/people/confirm":                       {"id": {"zz"}},
		"/people/refuse":                        {},
		"/people/revoke":                        {"member": {"klen"}},
	} {
		if rec := w.fragmentOf(http.MethodPost, path, form); rec.Code < 400 || rec.Header().Get("HX-Retarget") != "#toast" {
			t.Errorf("%s = %d", path, rec.Code)
		}
	}
	if rec := w.post("/people/revoke", url.Values{"member": {"vesna"}, "sure": {"1"}}); rec.Code < 400 {
		t.Errorf("revoking oneself = %d", rec.Code)
	}
	if calls := f.called(); len(calls) != 0 {
		t.Errorf("acts were done: %q", calls)
	}
}

// TestOutcomesAreSaid: the operator reads where an act is now, and a text that
// was not sent stays where it was typed.
func TestOutcomesAreSaid(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[desk.Outcome]string{
		desk.OutcomeSent: "Kept at the server.", desk.OutcomeQueued: "Kept on this computer, sealed.",
		desk.OutcomeConflict: "Not sent: somebody was quicker.", desk.OutcomeRefused: "Not sent: the server refused it.",
	} {
		f := busy()
		f.next = desk.Result{Outcome: outcome}
		u := newUI(t, f, "en")
		w := launched(t, u)
		rec := w.fragmentOf(http.MethodPost, "/case/"+u.refs.of(caseID(1))+"/reply", url.Values{"text": {"x"}, "deskseq": {"2"}})
		contains(t, string(outcome), rec, http.StatusOK, want)
		emptied := strings.Contains(rec.Header().Get("HX-Trigger"), "desk:done")
		if kept := outcome == desk.OutcomeConflict || outcome == desk.OutcomeRefused; kept == emptied {
			t.Errorf("%s: the field is emptied: %v", outcome, emptied)
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for kind := hotline.KindInternal; kind <= hotline.KindForged; kind++ {
		f := busy()
		f.err = hotline.Errorf(kind, "act", "secret detail of a %s fault", kind)
		u := newUI(t, f, "uk")
		w := launched(t, u)
		rec := w.fragmentOf(http.MethodPost, "/case/"+u.refs.of(caseID(1))+"/note", url.Values{"text": {"x"}})
		contains(t, kind.String(), rec, statusOf(kind), textsOf("uk").Errors[kind])
		if kind == hotline.KindInternal && strings.Contains(rec.Body.String(), "secret detail") {
			t.Error("an internal fault tells its detail")
		}
	}
	// A desk that locked meanwhile leads to the page that unlocks it.
	f := busy()
	f.err = hotline.Errorf(hotline.KindLocked, "act", "locked")
	u := newUI(t, f, "uk")
	rec := launched(t, u).fragmentOf(http.MethodPost, "/case/"+u.refs.of(caseID(1))+"/note", url.Values{"text": {"x"}})
	if rec.Header().Get("HX-Redirect") != "/" {
		t.Errorf("locked = %d %v", rec.Code, rec.Header())
	}
}

// TestOpeningDoesNotRead: a case is marked as read by the page on a screen,
// never by a GET; and the line above what was unread stays.
func TestOpeningDoesNotRead(t *testing.T) {
	t.Parallel()
	f := busy()
	u := newUI(t, f, "en")
	w := launched(t, u)
	path := "/case/" + u.refs.of(caseID(1))
	contains(t, "case", w.get(path), http.StatusOK, `id="unreadline"`, `data-unread="true"`)
	if calls := f.called(); len(calls) != 0 {
		t.Fatalf("a GET did %q", calls)
	}
	if rec := w.fragmentOf(http.MethodPost, path+"/read", nil); rec.Code != http.StatusNoContent {
		t.Errorf("read = %d", rec.Code)
	}
	contains(t, "after reading", w.fragmentOf(http.MethodGet, path+"/live", nil), http.StatusOK, `id="unreadline"`, `data-unread="false"`)
	if rec := w.get(path); strings.Contains(rec.Body.String(), `id="unreadline"`) {
		t.Error("the line is still there when the case is opened anew")
	}
}

func TestQueueFilters(t *testing.T) {
	t.Parallel()
	f := busy()
	f.add(15, func(c *desk.CaseView) { c.Stage, c.Title = hotline.StageClosed, "давно закрыто" })
	u := newUI(t, f, "en")
	w := launched(t, u)
	count := func(form url.Values) int {
		rec := w.fragmentOf(http.MethodPost, "/queue", form)
		if rec.Code != http.StatusOK {
			t.Fatalf("%v = %d", form, rec.Code)
		}
		return strings.Count(rec.Body.String(), `<li class="row`)
	}
	for _, c := range []struct {
		form url.Values
		want int
	}{
		{url.Values{}, 13},
		{url.Values{"which": {"all"}}, 14},
		{url.Values{"stage": {"closed"}}, 1},
		{url.Values{"unread": {"1"}}, 8},
		{url.Values{"mine": {"1"}}, 2},
		{url.Values{"groups": {"1"}}, 4},
		{url.Values{"language": {"be"}}, 1},
		{url.Values{"language": {"xx"}}, 0},
		{url.Values{"text": {"мост"}}, 1},
		{url.Values{"text": {"жираф"}}, 0},
		{url.Values{"text": {"Телефон"}, "unread": {"1"}}, 1},
	} {
		if got := count(c.form); got != c.want {
			t.Errorf("%v shows %d cases, want %d", c.form, got, c.want)
		}
	}
	first := w.get("/").Body.String()
	if strings.Index(first, "лісосмуга") > strings.Index(first, "штурм") || !strings.Contains(first, "лісосмуга") {
		t.Error("the queue does not begin with the most urgent case")
	}
}

// TestChannelCode: twelve good digits ask the server; a code proves nothing,
// and the page says so. Without a connection the cases here are searched.
func TestChannelCode(t *testing.T) {
	t.Parallel()
	f := busy()
	code := hotline.ChannelCodeOf(4417092258)
	f.set(func(f *fakeDesk) { f.cases[caseID(7)].Code = code.Groups() })
	u := newUI(t, f, "en")
	w := launched(t, u)
	ask := func() *httptest.ResponseRecorder {
		return w.fragmentOf(http.MethodPost, "/queue", url.Values{"text": {strings.Join(code.Groups(), " ")}})
	}
	contains(t, "a code", ask(), http.StatusOK, "A code proves nothing", u.refs.of(caseID(7)))
	f.set(func(f *fakeDesk) { f.cases[caseID(7)].Code = nil })
	contains(t, "a code of nobody", ask(), http.StatusOK, "No case has this code.")
	f.set(func(f *fakeDesk) { f.st.Online = false })
	contains(t, "a code, offline", ask(), http.StatusOK, "Nothing found.")
}

func TestWords(t *testing.T) {
	t.Parallel()
	f := busy()
	u := newUI(t, f, "en")
	w := launched(t, u)
	path := "/case/" + u.refs.of(caseID(1))
	check := func(said string) *httptest.ResponseRecorder {
		rec := w.fragmentOf(http.MethodPost, path+"/check", url.Values{"said": {said}})
		if strings.Contains(rec.Body.String(), said) {
			t.Errorf("the answer repeats %q", said)
		}
		return rec
	}
	contains(t, "the word", check("абрикос"), http.StatusOK, "The word is right.")
	contains(t, "the duress word", check("листопад"), http.StatusOK, "Duress word.", "Change neither tone nor pace.", "Call the shift supervisor now.")
	contains(t, "another word", check("вишня"), http.StatusOK, "This is not the word.", "neither place nor time")
	for _, word := range []string{"абрикос", "листопад"} {
		if strings.Contains(w.get(path).Body.String(), word) {
			t.Errorf("the page shows %q", word)
		}
	}
	if rec := w.fragmentOf(http.MethodPost, "/case/"+u.refs.of(caseID(5))+"/check", url.Values{"said": {"x"}}); rec.Code != http.StatusNotFound {
		t.Errorf("a case without a word = %d", rec.Code)
	}
}

func TestUnlockAndLock(t *testing.T) {
	t.Parallel()
	f := locked()
	u := newUI(t, f, "en")
	w := launched(t, u)
	contains(t, "locked", w.get("/"), http.StatusOK, "The desk is locked")
	rec := w.post("/unlock", url.Values{"passphrase": {"hunter2 hunter2"}})
	contains(t, "a wrong passphrase", rec, http.StatusUnprocessableEntity, "The passphrase is wrong.")
	if strings.Contains(rec.Body.String(), "hunter2") {
		t.Error("the page repeats the passphrase")
	}
	if rec := w.post("/unlock", url.Values{"passphrase": {f.passphrase}}); rec.Code != http.StatusSeeOther {
		t.Errorf("unlock = %d", rec.Code)
	}
	contains(t, "queue", w.get("/"), http.StatusOK, "Nobody is waiting.")
	w.post("/lock", nil)
	// A page that still shows a case learns of it at the next notice.
	rec = w.fragmentOf(http.MethodGet, "/status?phase=ready&nav=queue", nil)
	if rec.Header().Get("HX-Redirect") != "/" {
		t.Errorf("status of a locked desk = %d %v", rec.Code, rec.Header())
	}
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	var kept []string
	u, err := New(Config{Desk: busy(), Address: testAddress, Clock: fixedClock{}, Remember: func(l, th string) error {
		kept = append(kept, l+" "+th)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := launched(t, u)
	contains(t, "at first", w.get("/"), http.StatusOK, `<html lang="uk" data-theme=""`)
	w.fragmentOf(http.MethodPost, "/preferences", url.Values{"lang": {"ru"}, "theme": {"dark"}})
	contains(t, "chosen", w.get("/"), http.StatusOK, `<html lang="ru" data-theme="dark"`)
	w.fragmentOf(http.MethodPost, "/preferences", url.Values{"lang": {"xx"}, "theme": {"pink"}})
	contains(t, "nonsense", w.get("/"), http.StatusOK, `<html lang="ru" data-theme="dark"`)
	if !slices.Equal(kept, []string{"ru dark", "ru dark"}) {
		t.Errorf("kept %q", kept)
	}
}
