package ui

import (
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// TestFileContentIsFenced: what a stranger sent goes to a picture or a player of
// this page alone, under a policy of its own, and is forgotten with the window.
func TestFileContentIsFenced(t *testing.T) {
	t.Parallel()
	f := photographs(photoView(desk.FileReady))()
	u := newUI(t, f, "en")
	w := launched(t, u)
	f.set(func(f *fakeDesk) { f.file = f.showing })
	address := "/file/" + fileToken
	get := func(dest string) (int, http.Header) {
		res := w.send(http.MethodGet, address, nil, func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("Sec-Fetch-Dest", dest)
		})
		return res.Code, res.Header()
	}
	code, h := get("image")
	for key, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "image/png",
		"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if code != http.StatusOK || h.Get(key) != want {
			t.Errorf("%d, %s: %q", code, key, h.Get(key))
		}
	}
	for _, dest := range []string{"document", "iframe", "object", "embed", "script", "empty"} {
		if code, _ := get(dest); code != http.StatusForbidden {
			t.Errorf("as %s: %d", dest, code)
		}
	}
	if rec := (&window{t: t, u: u}).send(http.MethodGet, address, nil, nil); rec.Code != http.StatusForbidden {
		t.Errorf("a stranger's browser: %d", rec.Code)
	}
	// Neither a case nor a file has a name in any address of what was drawn.
	body := w.get("/case/" + u.refs.of(caseID(1))).Body.String()
	if strings.Contains(body, caseID(1).String()) || strings.Contains(body, "/"+seal.ObjectID{1}.String()) {
		t.Error("an address names a case or a file")
	}
	// Opening a case, and closing the window, forgets what was open.
	if code, _ := get("image"); code != http.StatusNotFound || f.closed != 1 {
		t.Errorf("after a case was opened: %d, closed %d times", code, f.closed)
	}
}

// TestFilesInWords: what the queue and the tiles say of files.
func TestFilesInWords(t *testing.T) {
	t.Parallel()
	kinds := []desk.FileKind{desk.FileOther, desk.FilePhoto, desk.FilePhoto}
	if got := filesInWords(textsOf("en"), kinds); got != "a photo × 2, a file" {
		t.Errorf("%q", got)
	}
	for n, want := range map[int64]string{1: "1 байт", 999: "999 байт", 1000: "1 кБ", 1499: "1 кБ", 999_499: "999 кБ", 3_412_904: "3,4 МБ", 26_214_400: "26,2 МБ"} {
		if got := sizeText(textsOf("ru"), n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	m := desk.Message{Side: hotline.SideContact, Files: []desk.Attachment{{Kind: desk.FilePhoto}, {Kind: desk.FileOther, Type: "application/pdf"}}}
	for _, v := range fileViews(textsOf("en"), m, "/somewhere", true) {
		if v.Open != "" {
			t.Errorf("a file of a message that nobody signed, or one of no known kind, can be opened: %+v", v)
		}
	}
}
