package telegramsim

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// handset is a phone's page, asked without a browser.
type handset struct {
	*telegram
	http.Handler
}

func (h handset) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, path, nil))
	return w
}

func (h handset) post(path, kind string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, path, body)
	r.Header.Set("Content-Type", kind)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (h handset) act(body string) int {
	return h.post("/act", "application/json", strings.NewReader(body)).Code
}

func (h handset) state(query string) (s phoneState) {
	h.t.Helper()
	if err := json.Unmarshal(h.get("/state?"+query).Body.Bytes(), &s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestPhonePage(t *testing.T) {
	t.Parallel()
	g := start(t)
	h := handset{g, Phone(g.Server)}
	w := h.get("/")
	page, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	between := func(open, end string) string {
		_, rest, _ := strings.Cut(page, open)
		text, _, _ := strings.Cut(rest, end)
		return text
	}
	for _, part := range []string{
		"script-src 'sha256-" + hashOf(between("<script>", "</script>")) + "'", "style-src 'sha256-" + hashOf(between("<style>", "</style>")) + "'",
		"default-src 'none'", "frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q lacks %q", policy, part)
		}
	}
	if !strings.Contains(page, "Simulated. Nothing here reaches Telegram.") || strings.Contains(page, "/*script*/") {
		t.Error("the page is not whole")
	}
	for _, never := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "http://", "https://", "style=", "onclick=\""} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %s", never)
		}
	}
	if code := h.get("/elsewhere").Code; code != http.StatusNotFound {
		t.Errorf("elsewhere %d", code)
	}
}

// A chat that has not begun shows what the bot says of itself, in the telephone's
// language where the bot has that.
func TestPhoneShowsWhatABotSays(t *testing.T) {
	t.Parallel()
	g := start(t)
	h := handset{g, Phone(g.Server)}
	g.must("setMyDescription", "description", "for everybody")
	g.must("setMyDescription", "description", "українською", "language_code", "uk")
	for language, want := range map[string]string{"": "for everybody", "tt": "for everybody", "uk": "українською"} {
		p := g.Person(PersonConfig{Language: language})
		if s := h.state("person=" + strconv.FormatInt(p.ID(), 10) + "&bot=" + username); s.About != want {
			t.Errorf("%q is shown %q", language, s.About)
		}
	}
	if err := g.NameBot(username, "The line"); err != nil {
		t.Fatal(err)
	}
	if me := string(g.must("getMe")); !strings.Contains(me, `"first_name":"The line"`) || !strings.Contains(me, username) {
		t.Errorf("after naming: %s", me)
	}
	if g.NameBot("nobody", "x") == nil {
		t.Error("a bot that does not exist was named")
	}
}

func TestPhoneActs(t *testing.T) {
	t.Parallel()
	g := start(t)
	h := handset{g, Phone(g.Server)}
	var made phonePerson
	if err := json.Unmarshal(h.post("/person", "application/json", strings.NewReader(`{"name":"Olena","language":"uk"}`)).Body.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	id := strconv.FormatInt(made.ID, 10)
	at := `"person":"` + id + `","bot":"` + username + `"`
	for _, c := range []struct {
		act  string
		code int
	}{
		{`"act":"start"`, 204},
		{`"act":"write","text":"hello"`, 204},
		{`"act":"write","text":" "`, 422},
		{`"act":"edit","message":2,"text":"hello <b>"`, 204},
		{`"act":"edit","message":9,"text":"x"`, 422},
		{`"act":"location","latitude":1.5,"longitude":2`, 204},
		{`"act":"press","message":2,"text":"none"`, 422},
		{`"act":"key","text":"none"`, 422},
		{`"act":"block"`, 204},
		{`"act":"write","text":"x"`, 422},
		{`"act":"unblock"`, 204},
		{`"act":"delete","message":1`, 204},
		{`"act":"fly"`, 422},
	} {
		if code := h.act("{" + at + "," + c.act + "}"); code != c.code {
			t.Errorf("%s: %d", c.act, code)
		}
	}
	if h.act("{") != 422 || h.act(`{"person":"0"}`) != 422 {
		t.Error("nonsense was done")
	}
	g.must("sendMessage", "chat_id", id, "text", "choose", "reply_markup", `{"inline_keyboard":[[{"text":"Go","callback_data":"g"}]]}`)
	if code := h.act("{" + at + `,"act":"press","message":4,"text":"Go"}`); code != 204 {
		t.Errorf("press: %d", code)
	}
	g.must("answerCallbackQuery", "callback_query_id", g.poll("offset", "-1")[0].Query.ID, "text", "done")

	s := h.state("person=" + id + "&bot=" + username)
	texts := []string{}
	for _, m := range s.Messages {
		texts = append(texts, m.Text)
	}
	if diff := cmp.Diff([]string{"hello <b>", "", "choose"}, texts); diff != "" {
		t.Error(diff)
	}
	if s.Alert != "done" || s.Blocked || s.Messages[2].Buttons[0][0].Label != "Go" || !s.Messages[0].Edited || s.Messages[1].Location.Longitude != 2 {
		t.Errorf("state %+v", s)
	}

	// A page that knows this state waits for the next.
	fresh := make(chan phoneState)
	go func() {
		fresh <- h.state("person=" + id + "&bot=" + username + "&after=" + strconv.FormatInt(s.Version, 10))
	}()
	g.must("sendMessage", "chat_id", id, "text", "news")
	if next := <-fresh; next.Version <= s.Version || len(next.Messages) != 4 {
		t.Errorf("next state %+v", next)
	}
	if none := h.state("person=0"); len(none.Persons) != 1 || len(none.Bots) != 1 || len(none.Messages) != 0 {
		t.Errorf("nobody sees %+v", none)
	}
}

func TestPhoneFiles(t *testing.T) {
	t.Parallel()
	g := start(t)
	h := handset{g, Phone(g.Server)}
	p, id := g.begun()
	send := func(kind, name, content string) int {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for key, value := range map[string]string{"person": id, "bot": username, "kind": kind, "caption": "c"} {
			if err := form.WriteField(key, value); err != nil {
				t.Fatal(err)
			}
		}
		if name != "" {
			w := ok[io.Writer](t)(form.CreateFormFile("file", name))
			_, _ = io.WriteString(w, content)
		}
		_ = form.Close()
		return h.post("/send", form.FormDataContentType(), &body).Code
	}
	if send("photo", "a.jpg", "\xff\xd8\xff\xe0") != 204 || send("document", "a\"b.html", "<script>") != 204 || send("voice", "v", "OggS") != 204 ||
		send("photo", "evil.jpg", "<html>") != 204 || send("photo", "", "") != 422 {
		t.Error("files were not taken as they should")
	}
	var kinds []string
	for _, m := range p.Chat(username)[1:] {
		kinds = append(kinds, m.Files[0].Kind)
	}
	if diff := cmp.Diff([]string{"photo", "document", "voice", "photo"}, kinds); diff != "" {
		t.Error(diff)
	}
	for message, kind := range map[string]string{"2": "image/jpeg", "3": "application/octet-stream", "5": "application/octet-stream"} {
		w := h.get("/file?person=" + id + "&bot=" + username + "&message=" + message)
		saved := strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment")
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || saved == (kind == "image/jpeg") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("file of message %s: %d %v", message, w.Code, w.Header())
		}
	}
	if h.get("/file?person="+id+"&bot="+username+"&message=1").Code != 404 || h.get("/file?person=0").Code != 404 {
		t.Error("there is a file where there is none")
	}
}

func TestPhoneRefusesOtherSites(t *testing.T) {
	t.Parallel()
	g := start(t)
	h := handset{g, Phone(g.Server)}
	w := h.post("/person", "text/plain", strings.NewReader(`{"name":"x"}`), "Sec-Fetch-Site", "cross-site")
	if w.Code != http.StatusForbidden || len(g.Persons()) != 0 {
		t.Errorf("status %d, %d persons", w.Code, len(g.Persons()))
	}
}
