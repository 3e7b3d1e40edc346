package telegram_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/storetest"
)

// emulator is Telegram as somebody else has understood it
// (npmjs.com/package/telegram-test-api). It knows little: what it lacks the bot has
// to do without.
type emulator struct {
	t      *testing.T
	people string // origin for people
	bots   string // origin for bots
}

func newEmulator(t *testing.T) *emulator {
	t.Helper()
	const folder = "testdata/emulator"
	if _, err := os.Stat(folder + "/node_modules/telegram-test-api"); err != nil {
		t.Fatal("the emulator is not installed; run scripts/npm-ci")
	}
	cmd := exec.CommandContext(t.Context(), "node", "emulator.cjs")
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	in := ok[io.WriteCloser](t)(cmd.StdinPipe()) // it ends when this is closed
	out := ok[io.ReadCloser](t)(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	line := strings.TrimSpace(ok[string](t)(bufio.NewReader(out).ReadString('\n')))
	e := &emulator{t: t, people: line}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(ok[*url.URL](t)(url.Parse(line))) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asJSON(t, r)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	e.bots = server.URL
	return e
}

// asJSON turns a multipart form into JSON, which Telegram takes alike and the
// emulator alone.
func asJSON(t *testing.T, r *http.Request) {
	t.Helper()
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") || r.ParseMultipartForm(1<<20) != nil {
		return
	}
	fields := map[string]any{}
	for name := range maps.Keys(r.MultipartForm.Value) {
		value := r.MultipartForm.Value[name][0]
		var v any = value
		if name != "text" && json.Unmarshal([]byte(value), &v) != nil {
			v = value
		}
		fields[name] = v
	}
	body := ok[[]byte](t)(json.Marshal(fields))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Type", "application/json")
}

// ask speaks to the emulator as its people do.
func (e *emulator) ask(path string, what map[string]any) []byte {
	e.t.Helper()
	req := ok[*http.Request](e.t)(http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.people+path, bytes.NewReader(ok[[]byte](e.t)(json.Marshal(what)))))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := ok[[]byte](e.t)(io.ReadAll(resp.Body))
	if resp.StatusCode != http.StatusOK {
		e.t.Fatalf("%s: %d %s", path, resp.StatusCode, answer)
	}
	return answer
}

const emulated = 7_304_418_821

// write lets a person write to the bot.
func (e *emulator) write(text string) {
	e.t.Helper()
	e.ask("/sendMessage", map[string]any{
		"botToken": botToken, "date": 1790000000, "text": text,
		"from": map[string]any{"id": emulated, "is_bot": false, "first_name": "A", "language_code": "en"},
		"chat": map[string]any{"id": emulated, "type": "private", "first_name": "A"},
	})
}

// press lets a person press a button of the newest message.
func (e *emulator) press(data string) {
	e.t.Helper()
	sent := e.history()
	from := map[string]any{"id": emulated, "is_bot": false, "first_name": "A", "language_code": "en"}
	e.ask("/sendCallback", map[string]any{
		"botToken": botToken, "from": from, "data": data,
		"message": map[string]any{"message_id": sent[len(sent)-1].ID, "date": 1790000000, "from": from, "chat": map[string]any{"id": emulated, "type": "private"}},
	})
}

// sent is a message that the bot has sent to the person.
type sent struct {
	ID      int64 `json:"messageId"`
	Message struct {
		Chat json.Number `json:"chat_id"`
		Text string      `json:"text"`
	} `json:"message"`
}

func (e *emulator) history() []sent {
	e.t.Helper()
	var answer struct {
		Result []sent `json:"result"`
	}
	if err := json.Unmarshal(e.ask("/getUpdatesHistory", map[string]any{"token": botToken}), &answer); err != nil {
		e.t.Fatal(err)
	}
	return slices.DeleteFunc(answer.Result, func(s sent) bool { return s.Message.Chat.String() != strconv.Itoa(emulated) })
}

// heard are the texts that the bot has sent.
func (e *emulator) heard() (texts []string) {
	e.t.Helper()
	for _, s := range e.history() {
		texts = append(texts, s.Message.Text)
	}
	return texts
}

// Against a Telegram that we have not written: a person is heard and sealed, and
// what an operator answers arrives.
func TestEmulator(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	l := newLine(t, storetest.SQLite)
	config := l.config()
	config.API = e.bots
	l.start(config)
	hears := func(words string) {
		t.Helper()
		words, _, _ = strings.Cut(words, "%")
		l.Await("the person hears "+words, func() bool {
			return slices.ContainsFunc(e.heard(), func(text string) bool { return strings.Contains(text, words) })
		})
	}
	e.write("/start")
	hears(page)
	e.press("how")
	hears("Third Geneva Convention")
	e.write("I want out")
	hears(say.Kept)
	c := l.only()
	if !slices.Equal(c.Texts(), []string{"I want out"}) {
		t.Errorf("%q", c.Texts())
	}
	if d := l.delivered(c, l.Reply(c, "You are not alone.")); d.State != hotline.DeliveranceSent {
		t.Errorf("%+v", d)
	}
	hears("You are not alone.")
	e.write("Thank you")
	l.Await("it is kept in the same case", func() bool { return slices.Equal(l.only().Texts(), []string{"I want out", "Thank you"}) })
	// The first message was changed, where the button was; each text is answered, and the operator once.
	l.Await("all is said", l.Quiet)
	if n := len(e.heard()); n != 4 {
		t.Errorf("the person has heard %d messages: %q", n, e.heard())
	}
}
