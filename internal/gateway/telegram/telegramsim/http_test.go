package telegramsim

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// nowhere is a network that reaches nothing.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("nowhere") }

// serve gives one request to a server with a bot and a chat.
func serve(t testing.TB, method, path, query, kind string, body string) *httptest.ResponseRecorder {
	t.Helper()
	s := New(Config{
		Clock: func() time.Time { return time.Unix(1_800_000_000, 0) }, PollWait: time.Millisecond, Client: &http.Client{Transport: nowhere{}},
	})
	defer s.Close()
	if err := s.AddBot(token, username); err != nil {
		t.Fatal(err)
	}
	p := s.Person(PersonConfig{ID: 7})
	if _, err := p.Start(username, ""); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// checkAnswer insists on the API's JSON: ok and a result, or a code and why.
func checkAnswer(t *testing.T, w *httptest.ResponseRecorder) asked {
	t.Helper()
	var a asked
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %q", err, w.Body)
	}
	if a.OK != (w.Code == http.StatusOK) || a.OK == (a.Result == nil) || !a.OK && (a.Code != w.Code || a.Description == "") {
		t.Fatalf("status %d with %q", w.Code, w.Body)
	}
	return a
}

var requests = []struct {
	name, method, path, query, kind, body string
	code                                  int
}{
	{"query string", "GET", "/bot" + token + "/sendMessage", "chat_id=7&text=a", "", "", 200},
	{"form", "POST", "/bot" + token + "/sendmessage", "", "application/x-www-form-urlencoded", "chat_id=7&text=a", 200},
	{"json", "POST", "/bot" + token + "/sendMessage", "", "application/json", `{"chat_id":7,"text":"a","reply_markup":{"inline_keyboard":[[{"text":"x","callback_data":"y"}]]},"entities":null}`, 200},
	{"multipart", "POST", "/bot" + token + "/sendDocument", "", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\nattach://f\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nX\r\n--b--\r\n", 200},
	{"empty multipart", "POST", "/bot" + token + "/getMe", "", "multipart/form-data; boundary=b", "", 200},
	{"cut multipart", "POST", "/bot" + token + "/getMe", "", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n7", 400},
	{"no boundary", "POST", "/bot" + token + "/getMe", "", "multipart/form-data", "x", 400},
	{"too many parts", "POST", "/bot" + token + "/getMe", "", "multipart/form-data; boundary=b", strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n7\r\n", 300) + "--b--", 400},
	{"no json", "POST", "/bot" + token + "/getMe", "", "application/json", "[", 400},
	{"bad form", "POST", "/bot" + token + "/getMe", "", "application/x-www-form-urlencoded", "%", 400},
	{"poll", "POST", "/bot" + token + "/getUpdates", "timeout=9&offset=99999999999&limit=-4", "text/plain", "x", 200},
	{"far back", "POST", "/bot" + token + "/getUpdates", "offset=-9223372036854775808", "", "", 200},
	{"bad kinds", "POST", "/bot" + token + "/getUpdates", "allowed_updates=5", "", "", 400},
	{"webhook", "POST", "/bot" + token + "/setWebhook", "url=http://localhost/&max_connections=-1", "", "", 200},
	{"bad entity", "POST", "/bot" + token + "/sendMessage", `chat_id=7&text=a&entities=[{"offset":-1,"length":9223372036854775807}]`, "", "", 200},
	{"unknown method", "POST", "/bot" + token + "/a/b", "", "", "", 404},
	{"unknown bot", "POST", "/bot1:x/getMe", "", "", "", 401},
	{"no token", "POST", "/bot/getMe", "", "", "", 404},
	{"elsewhere", "GET", "/", "", "", "", 404},
	{"no file", "GET", "/file/bot" + token + "/../x", "", "", "", 404},
	{"other verb", "DELETE", "/bot" + token + "/getMe", "", "", "", 405},
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if a := checkAnswer(t, serve(t, r.method, r.path, r.query, r.kind, r.body)); a.Code != r.code && (!a.OK || r.code != 200) {
				t.Errorf("%d %s, not %d", a.Code, a.Description, r.code)
			}
		})
	}
}

func TestTooLargeRequest(t *testing.T) {
	t.Parallel()
	w := serve(t, "POST", "/bot"+token+"/getMe", "", "text/plain", strings.Repeat("x", maxBody+1))
	if a := checkAnswer(t, w); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%+v", a)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := New(Config{Clock: time.Now})
	for _, bad := range []string{"", "abc", "5", "5:", ":x", "-5:x", "5:a/b", "99999999999999999999:x"} {
		if err := s.AddBot(bad, "b"); err == nil {
			t.Errorf("%q is a token", bad)
		}
	}
	if err := errors.Join(s.AddBot("5:x", "one"), s.AddBot("6:x", "two"), s.AddBot("5:x", "three")); err != nil {
		t.Error(err)
	}
	if b := strings.Join(s.Bots(), " "); b != "three two" {
		t.Errorf("bots %s", b)
	}
}

func FuzzRequest(f *testing.F) {
	for _, r := range requests {
		f.Add(r.method, r.path, r.query, r.kind, r.body)
	}
	for _, method := range slices.Sorted(maps.Keys((&Server{}).routes())) {
		f.Add("POST", "/bot"+token+"/"+method, "chat_id=7&message_id=1&text=a&message_ids=[1]&reaction=[{}]&commands=[{}]&url=http://localhost&latitude=1&longitude=nan", "", "")
	}
	f.Fuzz(func(t *testing.T, method, path, query, kind, body string) {
		checkAnswer(t, serve(t, method, path, query, kind, body))
	})
}
