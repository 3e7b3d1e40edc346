package ui

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// TestEveryPageInEveryLanguage draws all pages with full, empty and troubled
// data; nothing that somebody wrote becomes markup.
func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	paths := func(u *UI) []string {
		list := []string{"/", "/people", "/people/live", "/addresses", "/outbox", "/alarms", "/journal", "/watch", "/keeping", "/computer", "/approvals", "/export", "/training", "/status?phase=ready&nav=queue"}
		for _, l := range contactLanguages() {
			list = append(list, "/templates/"+l)
		}
		for n := range byte(14) {
			ref := u.refs.of(caseID(n + 1))
			list = append(list, "/case/"+ref, "/case/"+ref+"/live")
		}
		return list
	}
	auditor := func() *fakeDesk {
		f := newFake()
		f.st.Roles = []hotline.Role{hotline.RoleAuditor}
		return f
	}
	administrator := func() *fakeDesk {
		f := newFake()
		f.st.Roles, f.st.Online = []hotline.Role{hotline.RoleAdministrator}, false
		return f
	}
	for _, lang := range languages() {
		for name, make := range map[string]func() *fakeDesk{
			"busy": busy, "supervised": supervised, "empty": newFake, "offline": offline, "opening": opening, "locked": locked, "fresh": fresh,
			"enrolling": enrolling, "exercised": exercised, "chatting": chatting, "beginning": beginning, "auditor": auditor, "administrator": administrator,
		} {
			u := newUI(t, make(), lang)
			w := launched(t, u)
			for _, path := range paths(u) {
				for _, htmx := range []string{"", "true"} {
					if htmx != "" && lang != "en" {
						continue // the parts of a page are in the page too
					}
					rec := w.send(http.MethodGet, path, nil, func(r *http.Request) { r.Header.Set("HX-Request", htmx) })
					body := rec.Body.String()
					if rec.Code >= 500 && rec.Code != http.StatusServiceUnavailable {
						t.Errorf("%s, %s: %s = %d", lang, name, path, rec.Code)
					}
					if rec.Code == http.StatusOK && htmx == "" && strings.Contains(body, "<!doctype") {
						checkPage(t, lang+", "+name+": "+path, lang, body)
					}
					for _, bad := range []string{"<script>alert", "<img", "onerror=\"", "ZgotmplZ", "%!", "<no value>", "onmouseover='"} {
						if strings.Contains(body, bad) {
							t.Errorf("%s, %s: %s holds %q", lang, name, path, bad)
						}
					}
				}
			}
		}
	}
}

// checkPage looks at what every whole page must have.
func checkPage(t *testing.T, name, lang, body string) {
	t.Helper()
	for _, want := range []string{
		`<html lang="` + lang + `"`, "</html>", `spellcheck="false"`, `"allowEval":false`, `"historyCacheSize":0`, `"selfRequestsOnly":true`, `"includeIndicatorStyles":false`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s lacks %s", name, want)
		}
	}
	if regexp.MustCompile(`<[^>]*\s(style|on[a-z]+)=`).MatchString(body) || strings.Contains(body, "<style") || strings.Contains(body, "javascript:") {
		t.Errorf("%s has inline style or script, which the policy forbids", name)
	}
	for _, field := range regexp.MustCompile(`<(textarea|input)[^>]*>`).FindAllString(body, -1) {
		if regexp.MustCompile(`type="(hidden|checkbox|number|file)"`).MatchString(field) {
			continue
		}
		if !strings.Contains(field, `spellcheck="false"`) {
			t.Errorf("%s: a field is spell-checked: %s", name, field)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if ids[m[1]] {
			t.Errorf("%s: two elements are %q", name, m[1])
		}
		ids[m[1]] = true
	}
}

// TestWhoSigned: the page says of every message who signed it, and hides none
// that does not verify.
func TestWhoSigned(t *testing.T) {
	t.Parallel()
	f := busy()
	u := newUI(t, f, "en")
	w := launched(t, u)
	text := func(n byte) string {
		body := w.get("/case/" + u.refs.of(caseID(n))).Body.String()
		return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " "))
	}
	for n, wants := range map[byte][]string{
		1: {"signed by the person's key", "signed by the operator", "the person has put it away", "Unread from here", "Handed over", "says, people: 3", "kept on this computer, will be sent"},
		2: {
			"A message is missing here.", "Two devices wrote here.", "This does not come from whom it claims.", "the signature is not good", "This cannot be read here",
			"The case is shorter than it was", "not put away by the person yet", "not sent: somebody was quicker", "Send all the same", "not sent: the server refused it",
		},
		3: {"sealed by our gateway: not end to end", "Not end to end", "Sent without a receipt", "You cannot reply here"},
	} {
		got := text(n)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("case %d does not say %q", n, want)
			}
		}
	}
	forged := f.cases[caseID(2)].Messages[5]
	v := u.messageView(textsOf("en"), *f.cases[caseID(2)], forged)
	if v.Signer == textsOf("en").Case.Person || v.Good {
		t.Errorf("a forged message is shown as %q", v.Signer)
	}
}

// TestErrorShowsNoHalfPage: a template that fails leaves a page that says so.
func TestErrorShowsNoHalfPage(t *testing.T) {
	t.Parallel()
	f := busy()
	f.err = hotline.Errorf(hotline.KindUnavailable, "queue", "the disk is full")
	u := newUI(t, f, "en")
	rec := launched(t, u).get("/")
	contains(t, "an error", rec, http.StatusServiceUnavailable, "This did not work", "The disk is full.", "</html>")
	if strings.Contains(rec.Body.String(), `id="queuelist"`) {
		t.Error("half a page was sent")
	}
	if _, err := u.pages.render("work", "layout", struct{}{}); err == nil {
		t.Error("a template without its data was drawn")
	}
}

func TestEnrolmentInSixSteps(t *testing.T) {
	t.Parallel()
	f := fresh()
	u := newUI(t, f, "en")
	w := launched(t, u)
	contains(t, "step 3", w.get("/"), http.StatusOK, "This computer becomes a desk", `aria-current="step"><span class="n" aria-hidden="true">3<`)
	form := url.Values{"invitation": {"nonsense"}, "name": {"Мальва"}, "passphrase": {"six plain words"}, "again": {"six plain words"}}
	rec := w.post("/enrol", form)
	contains(t, "no invitation", rec, http.StatusUnprocessableEntity, "This is not an invitation", "nonsense", "Мальва")
	if strings.Contains(rec.Body.String(), "six plain words") {
		t.Error("the page repeats the passphrase")
	}
	form["again"] = []string{"other words"}
	contains(t, "two passphrases", w.post("/enrol", form), http.StatusUnprocessableEntity, "The two passphrases differ.")
	if f.called() != nil {
		t.Fatalf("did %q", f.called())
	}
	form["invitation"], form["again"] = []string{"scinvite1.x"}, form["passphrase"]
	if rec := w.post("/enrol", form); rec.Code != http.StatusSeeOther {
		t.Fatalf("enrol = %d", rec.Code)
	}
	contains(t, "step 4", w.get("/"), http.StatusOK, "40718</span>", "647291</span>", "They are the same", "They differ", `aria-current="step"><span class="n" aria-hidden="true">4<`)
	w.post("/enrol/compared", url.Values{"answer": {"differ"}})
	contains(t, "they differ", w.get("/"), http.StatusOK, "Stop.", "Do not use this invitation again.")
	w.post("/enrol/compared", url.Values{"answer": {"same"}})
	contains(t, "step 5", w.get("/"), http.StatusOK, "The administrator signs now.", `aria-current="step"><span class="n" aria-hidden="true">5<`)
	f.set(func(f *fakeDesk) { f.st = newFake().st })
	if rec := w.fragmentOf(http.MethodGet, "/status?phase=enrolling&nav=", nil); rec.Header().Get("HX-Redirect") != "/" {
		t.Error("the page does not open the desk by itself")
	}
}

func TestAdministratorsSide(t *testing.T) {
	t.Parallel()
	f := supervised()
	u := newUI(t, f, "en")
	w := launched(t, u)
	page := w.get("/people")
	contains(t, "people", page, http.StatusOK, "40718</span>", "They are the same", `aria-current="step"><span class="n" aria-hidden="true">4<`, "somebody else has it", "Made on another computer")
	if n := strings.Count(page.Body.String(), `action="/people/confirm"`); n != 1 {
		t.Errorf("%d invitations can be confirmed; only one has its keys and was made here", n)
	}
	contains(t, "invite", w.post("/people/invite", url.Values{"name": {"Мальва"}, "role": {"operator"}, "team": {"desk"}}), http.StatusOK, "scinvite1.", "It is shown this once.")
	if strings.Contains(w.get("/people").Body.String(), "scinvite1.") {
		t.Error("the invitation is shown again")
	}
	id := seal.Hash{0x11}.String()
	w.post("/people/confirm", url.Values{"id": {id}, "fingerprint": {testFingerprint}})
	w.post("/people/refuse", url.Values{"id": {id}})
	if got := f.called(); len(got) != 3 || got[1] != "confirm 1100 "+testFingerprint || got[2] != "refuse 1100" {
		t.Errorf("did %q", got)
	}
	operator := newUI(t, busy(), "en")
	body := launched(t, operator).get("/people").Body.String()
	for _, no := range []string{"/people/invite", "/people/revoke", "/people/confirm"} {
		if strings.Contains(body, no) {
			t.Errorf("an operator is offered %s", no)
		}
	}
}

// TestRevokeShowsProgress: the renewal goes on behind the page, once.
func TestRevokeShowsProgress(t *testing.T) {
	t.Parallel()
	f := supervised()
	half, go1 := make(chan struct{}), make(chan struct{})
	f.revoking = func(p func(desk.Progress)) error {
		p(desk.Progress{Step: hotline.Say("new keys for open cases"), Done: 3, Total: 12})
		close(half)
		<-go1
		p(desk.Progress{Done: 12, Total: 12})
		return nil
	}
	u := newUI(t, f, "en")
	w := launched(t, u)
	if rec := w.post("/people/revoke", url.Values{"member": {"klen"}, "sure": {"1"}}); rec.Code != http.StatusSeeOther {
		t.Fatalf("revoke = %d", rec.Code)
	}
	<-half
	contains(t, "half way", w.get("/people"), http.StatusOK, "Keys are being renewed", "New keys for open cases.", `max="12" value="3"`)
	w.post("/people/renew", nil) // while one runs there is no second
	close(go1)
	u.renewal.wait()
	contains(t, "at the end", w.get("/people"), http.StatusOK, "The keys have been renewed.")
	if got := f.called(); len(got) != 1 || got[0] != "revoke klen" {
		t.Errorf("did %q", got)
	}
	f.set(func(f *fakeDesk) { f.err = hotline.Errorf(hotline.KindUnavailable, "renew", "gone") })
	w.post("/people/renew", nil)
	u.renewal.wait()
	f.set(func(f *fakeDesk) { f.err = nil })
	contains(t, "a fault", w.get("/people"), http.StatusOK, "The renewal stopped:", "The server cannot be reached.")
}
