package contact_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// "Leave" takes the page's place in the history, and nothing comes back.
func TestLeaveNow(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	w := open(t)
	w.open(h.url + "/v1/manifest")
	w.open(h.url + "/#en")
	w.see("write")
	if title := eval[string](w, `document.title`); title != "Notes" {
		t.Errorf("a tab shows %q", title)
	}
	w.click("lang-ru")
	w.click("lang-en")
	w.click("write")
	w.fill("message", "my secret")
	w.click("leave")
	w.arrive("/healthz")
	history, err := chromedp.Run(w.ctx, chromedp.NavigationEntries())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range history.Entries {
		if strings.HasSuffix(e.URL, "/") || strings.Contains(e.URL, "#") {
			t.Errorf("the history remembers %s", e.URL)
		}
	}
	eval[int](w, `setTimeout(() => history.back())`)
	w.arrive("/v1/manifest")
}

// Another page and back: what was typed is not there any more.
func TestBackShowsNothing(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	w := open(t)
	w.open(h.url + "/#en")
	w.click("write")
	w.fill("message", "my secret")
	w.open(h.url + "/healthz")
	w.do(chromedp.NavigateBack())
	w.see("write")
	w.click("write")
	w.see("message")
	if eval[string](w, `document.getElementById("message").value`) != "" {
		t.Error("what was typed came back")
	}
}

// Without JavaScript an honest label and a link stand there.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t, "blink-settings=scriptEnabled=false")
	w := open(t)
	w.open(h.url)
	html, err := chromedp.Run(w.ctx, chromedp.Text(chromedp.CSS("noscript")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Our server can read your message while it arrives", "наш сервер может его прочитать", "наш сервер може його прочитати", "наш сервер можа яго прачытаць"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not say %q: %s", want, html)
		}
	}
	if strings.Count(string(h.page), `<a href="/form">`) != 8 {
		t.Error("the form is not linked to in every language")
	}
}
