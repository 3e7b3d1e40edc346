package telegramsim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

const (
	token    = "123456:abc"
	username = "hotline_bot"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// telegram is a server that listens.
type telegram struct {
	*Server
	t     *testing.T
	clock *clock
	url   string
}

func start(t *testing.T) *telegram {
	t.Helper()
	c := &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s := New(Config{Clock: c.now, Seed: 7, WebhookPause: time.Millisecond})
	if err := s.AddBot(token, username); err != nil {
		t.Fatal(err)
	}
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	t.Cleanup(s.Close)
	return &telegram{s, t, c, listening.URL}
}

// client is the library that the gateway uses.
func (g *telegram) client(options ...tgbot.Option) *tgbot.Bot {
	g.t.Helper()
	b, err := tgbot.New(token, append([]tgbot.Option{
		tgbot.WithServerURL(g.url), tgbot.WithErrorsHandler(func(error) {}), tgbot.WithDefaultHandler(func(context.Context, *tgbot.Bot, *models.Update) {}),
	}, options...)...)
	if err != nil {
		g.t.Fatal(err)
	}
	return b
}

// asked is what a call was answered with.
type asked struct {
	OK          bool
	Result      json.RawMessage
	Code        int `json:"error_code"`
	Description string
	Parameters  struct {
		RetryAfter int `json:"retry_after"`
	}
}

// ask makes one call with plain form values: "name", "value", …
func (g *telegram) ask(method string, pairs ...string) (asked, error) {
	return g.askAs(g.t.Context(), method, pairs...)
}

func (g *telegram) askAs(ctx context.Context, method string, pairs ...string) (a asked, err error) {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+"/bot"+token+"/"+method, strings.NewReader(form.Encode()))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	return a, json.NewDecoder(resp.Body).Decode(&a)
}

// must is ask for a call that succeeds.
func (g *telegram) must(method string, pairs ...string) json.RawMessage {
	g.t.Helper()
	a, err := g.ask(method, pairs...)
	if err != nil || !a.OK {
		g.t.Fatalf("%s: %v %d %s", method, err, a.Code, a.Description)
	}
	return a.Result
}

// refused is ask for a call that is refused.
func (g *telegram) refused(code int, part, method string, pairs ...string) {
	g.t.Helper()
	a, err := g.ask(method, pairs...)
	if err != nil || a.OK || a.Code != code || !strings.Contains(a.Description, part) {
		g.t.Errorf("%s: %v, %v %d %q, not %d %q", method, err, a.OK, a.Code, a.Description, code, part)
	}
}

type polled struct {
	ID      int64                     `json:"update_id"`
	Message *models.Message           `json:"message"`
	Edited  *models.Message           `json:"edited_message"`
	Query   *models.CallbackQuery     `json:"callback_query"`
	Member  *models.ChatMemberUpdated `json:"my_chat_member"`
}

// poll fetches updates.
func (g *telegram) poll(pairs ...string) (list []polled) {
	g.t.Helper()
	if err := json.Unmarshal(g.must("getUpdates", pairs...), &list); err != nil {
		g.t.Fatal(err)
	}
	return list
}

// ok takes the error of an act that has to succeed.
func ok[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func get(t *testing.T, address string) (int, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return resp.StatusCode, content, err
}

// tgOffset confirms everything that was fetched.
func tgOffset(list []polled) string { return strconv.FormatInt(list[len(list)-1].ID+1, 10) }
