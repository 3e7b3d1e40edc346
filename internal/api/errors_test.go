package api_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
)

// answering is a client of a server that answers every request so.
func answering(t testing.TB, h http.HandlerFunc) *api.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &api.Client{Base: s.URL, HTTP: s.Client()}
}

// TestErrorTravels: kind, text and what stands in the text arrive; what an
// internal error says does not.
func TestErrorTravels(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want hotline.Sentence
	}{
		"a number": {
			hotline.Errorf(hotline.KindConflict, "server", "the newest is %d", 7), hotline.Say("the newest is %d", 7),
		},
		"wrapped": {
			errors.Join(hotline.Errorf(hotline.KindInvalid, "server", "no: %v", hotline.Errorf(hotline.KindInvalid, "seal", "cut at %d", 3))),
			hotline.Say("no: %v", hotline.Say("cut at %d", 3)),
		},
		"internal": {
			hotline.Errorf(hotline.KindInternal, "server", "the secret path %s", "/var/x"), hotline.Say("a fault on the server; its log says more"),
		},
		"not ours": {errors.New("/var/x"), hotline.Say("a fault on the server; its log says more")},
	} {
		_, err := answering(t, func(w http.ResponseWriter, _ *http.Request) { api.WriteError(w, tc.err) }).Me(t.Context())
		if hotline.KindOf(err) != hotline.KindOf(tc.err) || !hotline.SaidBy(err).Equal(tc.want) || strings.Contains(err.Error(), "/var") {
			t.Errorf("%s arrived as %v, said %q", name, err, hotline.SaidBy(err))
		}
	}
}

// TestHostileErrors: whatever a server answers becomes an error with a bounded
// text on one line.
func TestHostileErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, want string }{
		"no JSON":             {"<h1>502</h1>", "the server answered with status 418"},
		"no kind":             {`{"text":"x"}`, "the server answered with status 418"},
		"text only":           {`{"error":"invalid","text":"an older server"}`, "the server says: an older server"},
		"a broken sentence":   {`{"error":"invalid","text":"in English","said":{"format":7}}`, "the server says: in English"},
		"control characters":  {`{"error":"invalid","text":"a\u001b[31mb\u202ec\nd"}`, "the server says: a[31mbc d"},
		"too many arguments":  {`{"error":"invalid","text":"x","said":{"format":"y","args":[` + strings.Repeat("1,", 40) + `1]}}`, "the server says: x"},
		"an unknown sentence": {`{"error":"invalid","text":"x","said":{"format":"from tomorrow %d","args":[3]}}`, "from tomorrow 3"},
	} {
		_, err := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte(tc.body))
		}).Me(t.Context())
		if got := hotline.SaidBy(err).String(); got != tc.want {
			t.Errorf("%s: said %q, want %q", name, got, tc.want)
		}
	}
	long, _ := json.Marshal(api.Fault{Error: "invalid", Text: strings.Repeat("ж", 50_000)})
	_, err := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(long)
	}).Me(t.Context())
	if n := len(err.Error()); n > 3000 {
		t.Errorf("the text has %d bytes", n)
	}
}

// FuzzFault: no answer of a server is a fault of the desk or a text of more
// than one line.
func FuzzFault(f *testing.F) {
	for _, seed := range []string{
		`{"error":"conflict","text":"the newest is 7","said":{"format":"the newest is %d","args":[7]}}`,
		`{"error":"locked","text":"","said":{"format":"%v","args":[{"said":{"format":"x"}}]}}`, `{"error":"no such kind"}`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		err := api.ReadError("fuzz", http.StatusConflict, body)
		if text := hotline.SaidBy(err).String(); text == "" || strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("%q became %q", body, text)
		}
	})
}
