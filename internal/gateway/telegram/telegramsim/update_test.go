package telegramsim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	l := httptest.NewServer(h)
	t.Cleanup(l.Close)
	return l.URL
}

func texts(list []polled) (out []string) {
	for _, u := range list {
		out = append(out, u.Message.Text)
	}
	return out
}

func write5(t *testing.T, p *Person) {
	t.Helper()
	for _, text := range []string{"1", "2", "3", "4", "5"} {
		ok[int64](t)(p.Write(username, text))
	}
}

func TestOffsetsConfirm(t *testing.T) {
	t.Parallel()
	g := start(t)
	write5(t, g.Person(PersonConfig{}))
	first := g.poll("limit", "2")
	if got := texts(first); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("got %v", got)
	}
	if got := texts(g.poll("offset", strconv.FormatInt(first[1].ID, 10))); !slices.Equal(got, []string{"2", "3", "4", "5"}) {
		t.Errorf("got %v", got)
	}
	if got := texts(g.poll("offset", "-2")); !slices.Equal(got, []string{"4", "5"}) {
		t.Errorf("got %v", got)
	}
	// Too far in the future counts for nothing.
	if got := g.poll("offset", strconv.FormatInt(first[1].ID+1000, 10)); len(got) != 2 {
		t.Errorf("got %v", got)
	}
	g.clock.advance(updateLife)
	if got := g.poll(); len(got) != 0 {
		t.Errorf("after a day there is %v", got)
	}
}

func TestAfterAWeekTheIDIsAnother(t *testing.T) {
	t.Parallel()
	g := start(t)
	p := g.Person(PersonConfig{})
	ok[int64](t)(p.Write(username, "1"))
	before := g.poll()[0].ID
	g.clock.advance(updateQuiet)
	ok[int64](t)(p.Write(username, "2"))
	if got := g.poll()[0].ID; got == before+1 {
		t.Errorf("%d follows %d", got, before)
	}
}

func TestLongPollIsWoken(t *testing.T) {
	t.Parallel()
	g := start(t)
	got := make(chan []polled)
	go func() { got <- g.poll("timeout", "50") }()
	if err := g.AwaitPoll(t.Context(), username); err != nil {
		t.Fatal(err)
	}
	ok[int64](t)(g.Person(PersonConfig{}).Write(username, "now"))
	if list := <-got; len(list) != 1 || list[0].Message.Text != "now" {
		t.Errorf("got %v", list)
	}
}

// awaitPoll waits until a getUpdates other than one is held, and gives it.
func (g *telegram) awaitPoll(other *poll) (held *poll) {
	g.t.Helper()
	b := g.bots[token]
	err := g.await(g.t.Context(), &b.held, func() bool { held = b.poll; return held != nil && held != other })
	if err != nil {
		g.t.Fatal(err)
	}
	return held
}

func TestPollsConflict(t *testing.T) {
	t.Parallel()
	g := start(t)
	ended := make(chan asked)
	hold := func() {
		a, _ := g.ask("getUpdates", "timeout", "50")
		ended <- a
	}
	go hold()
	first := g.awaitPoll(nil)
	go hold()
	if a := <-ended; a.Code != http.StatusConflict || !strings.Contains(a.Description, "other getUpdates") {
		t.Errorf("the first poll: %+v", a)
	}
	g.awaitPoll(first)
	g.must("setWebhook", "url", listen(t, http.NotFoundHandler()))
	if a := <-ended; a.Code != http.StatusConflict || !strings.Contains(a.Description, "setWebhook") {
		t.Errorf("the second poll: %+v", a)
	}
	g.refused(http.StatusConflict, "webhook is active", "getUpdates")
	g.must("deleteWebhook")
	g.poll()
}

func TestCloseEndsPolls(t *testing.T) {
	t.Parallel()
	g := start(t)
	ended := make(chan asked)
	go func() {
		a, _ := g.ask("getUpdates", "timeout", "50")
		ended <- a
	}()
	g.awaitPoll(nil)
	g.Close()
	if a := <-ended; !a.OK {
		t.Errorf("%+v", a)
	}
	g.refused(http.StatusServiceUnavailable, "", "getMe")
}

func TestAllowedUpdates(t *testing.T) {
	t.Parallel()
	g := start(t)
	p := g.Person(PersonConfig{})
	g.poll("allowed_updates", `["callback_query"]`)
	ok[int64](t)(p.Write(username, "unheard"))
	g.poll("allowed_updates", `[]`)
	ok[int64](t)(p.Write(username, "heard"))
	if got := texts(g.poll()); !slices.Equal(got, []string{"heard"}) {
		t.Errorf("got %v", got)
	}
}

func TestRaw(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, object := range []string{`{}`, `{"message":5}`, ` {"new_kind":{"a":[1,2]}}`, `{"update_id":0,"message":{"text":"\ud800"}}`} {
		ok[int64](t)(g.Raw(username, object))
	}
	for _, bad := range []string{``, `[]`, `{`, `7`, strings.Repeat(`{"a":`, 20_000)} {
		if _, err := g.Raw(username, bad); err == nil {
			t.Errorf("%.20q was taken", bad)
		}
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(g.must("getUpdates"), &list); err != nil || len(list) != 4 {
		t.Fatalf("%d updates, %v", len(list), err)
	}
	if string(list[2]["new_kind"]) != `{"a":[1,2]}` || list[0]["update_id"] == nil {
		t.Errorf("got %s", list)
	}
}

// hookLog is a webhook that notes what it gets.
type hookLog struct {
	got    chan string // text of each message
	status func(n int) int
	n      int
}

func (h *hookLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var u polled
	body, _ := io.ReadAll(r.Body)
	if json.Unmarshal(body, &u) != nil || r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != "tok" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	h.n++
	status := h.status(h.n)
	w.WriteHeader(status)
	if status == http.StatusOK {
		h.got <- u.Message.Text
	}
}

func (h *hookLog) take(n int) (out []string) {
	for range n {
		out = append(out, <-h.got)
	}
	return out
}

func TestWebhookTriesAgainInOrder(t *testing.T) {
	t.Parallel()
	g := start(t)
	h := &hookLog{got: make(chan string, 10), status: func(n int) int {
		if n%2 == 1 {
			return http.StatusBadGateway
		}
		return http.StatusOK
	}}
	g.must("setWebhook", "url", listen(t, h), "secret_token", "tok", "max_connections", "1")
	write5(t, g.Person(PersonConfig{}))
	if got := h.take(5); !slices.Equal(got, []string{"1", "2", "3", "4", "5"}) {
		t.Errorf("got %v", got)
	}
	info := string(g.must("getWebhookInfo"))
	if !strings.Contains(info, `"last_error_message":"Wrong response from the webhook: 502 Bad Gateway"`) || !strings.Contains(info, `"max_connections":1`) {
		t.Errorf("info %s", info)
	}
}

func TestWebhookMisbehaves(t *testing.T) {
	t.Parallel()
	g := start(t)
	p := g.Person(PersonConfig{})
	h := &hookLog{got: make(chan string, 20), status: func(int) int { return http.StatusOK }}
	g.Misbehave(Fault{Kind: FaultShuffle, Times: 2})
	write5(t, p)
	g.must("setWebhook", "url", listen(t, h), "secret_token", "tok", "max_connections", "1")
	if got := h.take(5); !slices.Equal(got, []string{"2", "3", "1", "4", "5"}) {
		t.Errorf("shuffled: %v", got)
	}
	g.Misbehave(Fault{Kind: FaultTwice, Times: 1})
	ok[int64](t)(p.Write(username, "6"))
	if got := h.take(2); !slices.Equal(got, []string{"6", "6"}) {
		t.Errorf("twice: %v", got)
	}
	// Nothing follows an update that is to come too late: it comes after a while.
	g.Misbehave(Fault{Kind: FaultShuffle})
	ok[int64](t)(p.Write(username, "7"))
	if got := h.take(1); !slices.Equal(got, []string{"7"}) {
		t.Errorf("alone: %v", got)
	}
}

func TestWebhookChatsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	g := start(t)
	stuck, release := make(chan struct{}), make(chan struct{})
	got := make(chan string, 1)
	g.must("setWebhook", "url", listen(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var u polled
		_ = json.NewDecoder(r.Body).Decode(&u)
		if u.Message.Text == "slow" {
			close(stuck)
			<-release
			return
		}
		got <- u.Message.Text
	})))
	ok[int64](t)(g.Person(PersonConfig{}).Write(username, "slow"))
	<-stuck
	ok[int64](t)(g.Person(PersonConfig{}).Write(username, "quick"))
	if text := <-got; text != "quick" {
		t.Errorf("got %s", text)
	}
	close(release)
}

func TestWebhookIsOnThisComputer(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, u := range []string{"https://example.org/", "ftp://localhost/", "http://192.0.2.1/", "::", "/x"} {
		g.refused(http.StatusBadRequest, "bad webhook", "setWebhook", "url", u)
	}
	g.refused(http.StatusBadRequest, "secret token", "setWebhook", "url", "http://localhost/", "secret_token", "a b")
	elsewhere := make(chan struct{}, 1)
	target := listen(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere <- struct{}{} }))
	redirected := make(chan struct{}, 100)
	g.must("setWebhook", "url", listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target, http.StatusTemporaryRedirect)
		redirected <- struct{}{}
	})))
	ok[int64](t)(g.Person(PersonConfig{}).Write(username, "x"))
	<-redirected
	<-redirected
	g.must("deleteWebhook", "drop_pending_updates", "true")
	if n := ok[int](t)(g.Pending(username)); n != 0 || len(elsewhere) != 0 {
		t.Errorf("%d wait, %d went elsewhere", n, len(elsewhere))
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	g := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Person(PersonConfig{}).Await(ctx, username, func([]Shown) bool { return false }); err == nil {
		t.Error("it did not end")
	}
}

func TestCloseEndsDeliveries(t *testing.T) {
	t.Parallel()
	g := start(t)
	stuck, gone := make(chan struct{}), make(chan struct{})
	g.must("setWebhook", "url", listen(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(stuck)
		<-r.Context().Done()
		close(gone)
	})))
	ok[int64](t)(g.Person(PersonConfig{}).Write(username, "x"))
	<-stuck
	g.Close()
	<-gone
	if n := ok[int](t)(g.Pending(username)); n != 1 {
		t.Errorf("%d updates wait", n)
	}
}

func TestAwaitCalls(t *testing.T) {
	t.Parallel()
	g := start(t)
	ended := make(chan error)
	go func() { ended <- g.AwaitCalls(t.Context(), "getme", 2) }()
	g.must("getMe")
	g.must("getMe")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	go func() { ended <- g.AwaitCalls(t.Context(), "getMe", 3) }()
	g.Close()
	if err := <-ended; err == nil {
		t.Error("it waited for a call that nobody made")
	}
}
