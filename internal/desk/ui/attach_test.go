package ui

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// upload chooses a file as the page does.
func (w *window) upload(path, field string, content []byte) *httptest.ResponseRecorder {
	w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if err := form.WriteField("text", "what is being typed beside it"); err != nil {
		w.t.Fatal(err)
	}
	part, err := form.CreateFormFile(field, "IMG_7781.jpg")
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return w.send(http.MethodPost, path, nil, func(r *http.Request) {
		r.Header.Set("HX-Request", "true")
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Body = io.NopCloser(&b)
	})
}

// TestAttach: a file comes through the page into memory, is shown with a word on
// hidden data, and goes with the reply that names it; a long one is refused in words.
func TestAttach(t *testing.T) {
	t.Parallel()
	f := sending()
	f.cases[caseID(1)].Staged = desk.Staged{}
	u := newUI(t, f, "en")
	w := launched(t, u)
	at := "/case/" + u.refs.of(caseID(1))
	if page := w.get(at).Body.String(); !strings.Contains(page, `id="attachfile"`) || strings.Contains(page, `name="file" form="reply"`) {
		t.Error("nothing can be chosen, or something is chosen already")
	}
	large := bytes.Repeat([]byte("x"), 3<<20) // longer than a form, shorter than a file
	contains(t, "a file", w.upload(at+"/attach", "file", large), http.StatusOK, "hidden data of the picture are removed", `name="file" form="reply" value="`+fileToken)
	contains(t, "too large", w.upload(at+"/attach", "file", make([]byte, desk.MaxFile+1)), http.StatusUnprocessableEntity, "too large: at most 25 MB")
	contains(t, "another field", w.upload(at+"/attach", "other", large), http.StatusUnprocessableEntity, "did not come whole")
	contains(t, "no file", w.fragmentOf(http.MethodPost, at+"/attach", nil), http.StatusUnprocessableEntity, "did not come whole")
	contains(t, "the reply", w.fragmentOf(http.MethodPost, at+"/reply", url.Values{"text": {"look"}, "deskseq": {"3"}, "file": {fileToken}}), http.StatusOK)
	contains(t, "taking it away", w.fragmentOf(http.MethodPost, at+"/detach", nil), http.StatusOK)
	contains(t, "again", w.fragmentOf(http.MethodPost, at+"/attach/again", url.Values{"object": {strings.Repeat("09", 16)}}), http.StatusOK)
	f.set(func(f *fakeDesk) {
		f.err = hotline.Errorf(hotline.KindInvalid, "attach", "this person has no page that could open a file")
	})
	contains(t, "no page", w.upload(at+"/attach", "file", large), http.StatusUnprocessableEntity, "has no page")
	calls := f.called()
	for _, want := range []string{"attach 3145728 bytes", `reply "look" with ` + fileToken + " after 3", "drop file", "attach again " + strings.Repeat("09", 16)} {
		if !slices.Contains(calls, want) {
			t.Errorf("%q was not done: %q", want, calls)
		}
	}
}

// TestSendingIsShown: how far a file is, why it waits, and that it can be stopped.
func TestSendingIsShown(t *testing.T) {
	t.Parallel()
	f := sending()
	u := newUI(t, f, "en")
	w := launched(t, u)
	contains(t, "the case", w.get("/case/"+u.refs.of(caseID(1))), http.StatusOK,
		"Sending: 3.3 MB of 8.3 MB", `<progress max="8300000" value="3300000"`, "disk is nearly full", "Stop sending", "Sealed, on its way",
		"Choose again", "Hidden data (author, device, place) stays", "Take it away")
}
