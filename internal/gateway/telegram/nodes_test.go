package telegram_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/gateway/telegram"
	"safeconduct/internal/store/storetest"
)

// hooked is a line with a gateway that is called.
func hooked(t *testing.T, engine string) (*line, *telegram.Gateway) {
	t.Helper()
	l := newLine(t, engine)
	config := l.config()
	config.Webhook = "http://127.0.0.1:9" // nobody is there: the test calls by itself
	g, _ := l.start(config)
	return l, g
}

// Only Telegram knows the secret; whoever does not learns not even which bots there are.
func TestHookIsTelegramsOnly(t *testing.T) {
	t.Parallel()
	l, g := hooked(t, storetest.SQLite)
	for name, change := range map[string]func(*http.Request){
		"no secret":    func(r *http.Request) { r.Header.Del(telegram.SecretHeader) },
		"wrong secret": func(r *http.Request) { r.Header.Set(telegram.SecretHeader, strings.Repeat("0", 64)) },
		"token":        func(r *http.Request) { r.Header.Set(telegram.SecretHeader, botToken) },
		"unknown bot":  func(r *http.Request) { r.URL.Path = telegram.HookPath(99) },
		"no number":    func(r *http.Request) { r.URL.Path = "/hook/telegram/x" },
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, telegram.HookPath(4711), strings.NewReader(textUpdate(1, 5, 1, "Hello")))
		r.Header.Set(telegram.SecretHeader, telegram.HookSecret(g))
		change(r)
		w := httptest.NewRecorder()
		g.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || strings.TrimSpace(w.Body.String()) != "404 page not found" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for body, code := range map[string]int{
		"":                      http.StatusBadRequest,
		"[]":                    http.StatusBadRequest,
		`{"message":{}}`:        http.StatusBadRequest,
		`{"update_id":7`:        http.StatusBadRequest,
		`{"update_id":7}`:       http.StatusOK,
		`{"update_id":8,"x":1}`: http.StatusOK,
		`{"update_id":9,"my_chat_member":{"new_chat_member":{"status":"new kind"}}}`: http.StatusOK,
		`{"update_id":1,"message":{"text":"` + strings.Repeat("x", 1<<20) + `"}}`:    http.StatusBadRequest,
	} {
		if got := post(t, g, body); got != code {
			t.Errorf("%.60s: %d, not %d", body, got, code)
		}
	}
	if n := g.Ignored()["unknown"]; n != 2 {
		t.Errorf("%d unknown updates were counted", n)
	}
	if len(l.Cases()) != 0 {
		t.Error("a case was made")
	}
	polling, _ := l.start(l.config())
	if post(t, polling, textUpdate(1, 5, 1, "Hello")) != http.StatusNotFound {
		t.Error("a bot that polls takes calls")
	}
}

// What comes twice, at two nodes and at the same time, is one record; what comes
// late is kept with its number.
func TestHookAtTwoNodes(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l, first := hooked(t, engine)
			config := l.config()
			config.DB, config.Webhook = storetest.Open(t, l.URL), "http://127.0.0.1:9"
			second, _ := l.start(config)
			var calls sync.WaitGroup
			for n := range 40 {
				for _, g := range []*telegram.Gateway{first, second, first, second} {
					calls.Go(func() {
						// A node that meets a change may ask Telegram to come again.
						for post(t, g, textUpdate(10+n, int64(100+n%8), 10+n, fmt.Sprintf("Text %02d", n))) != http.StatusOK {
						}
					})
				}
			}
			calls.Wait()
			texts := l.texts()
			slices.Sort(texts)
			if len(texts) != 40 || len(slices.Compact(texts)) != 40 || len(l.Cases()) != 8 {
				t.Errorf("%d texts in %d cases: %q", len(texts), len(l.Cases()), texts)
			}
			if post(t, first, textUpdate(9, 100, 9, "Late")) != http.StatusOK {
				t.Error("what came late was not taken")
			}
			c := l.caseOf("Late")
			if r := c.Records[len(c.Records)-1]; r.Body.Text != "Late" || r.Body.Chat.Number != 9 {
				t.Errorf("what came late: %+v", r.Body.Chat)
			}
		})
	}
}

// A node that dies with what it has polled and could not keep loses nothing.
func TestPolledAndNotKept(t *testing.T) {
	t.Parallel()
	l := newLine(t, storetest.Postgres)
	d, away := l.Unreliable()
	config := l.config()
	config.DB = d
	_, stop := l.start(config)
	p := l.english()
	l.write(p, "one")
	away()
	for _, text := range []string{"two", "three"} {
		ok[int64](t)(p.Write(botName, text))
	}
	l.Await("the node has them and cannot keep them", func() bool { return strings.Contains(l.Logged(), "not kept") })
	stop()
	l.start(l.config())
	l.hurry("the next node has them", func() bool { return len(l.texts()) == 3 })
	if texts := l.only().Texts(); !slices.Equal(texts, []string{"one", "two", "three"}) {
		t.Errorf("%q", texts)
	}
}

// A node that dies without a word leads until its lease runs out, and no longer.
func TestLeaseRunsOut(t *testing.T) {
	t.Parallel()
	l := newLine(t, storetest.Postgres)
	d, away := l.Unreliable()
	config := l.config()
	config.DB = d
	l.start(config)
	p := l.english()
	l.write(p, "one")
	away()
	l.start(l.config())
	ok[int64](t)(p.Write(botName, "two"))
	l.Await("the node without a database notices", func() bool { return strings.Contains(l.Logged(), "who leads could not be asked") })
	if n := len(l.texts()); n != 1 {
		t.Fatalf("%d texts: two nodes lead", n)
	}
	l.Clock.Advance(20 * time.Second)
	l.Await("the other node leads", func() bool { return len(l.texts()) == 2 })
	c := l.only()
	reply := l.Reply(c, "We are here.") // behind what the dead node may still have been saying
	l.hurry("the delivery is noted", func() bool { return l.Delivery(c, reply) != nil })
	if n := said(p, "We are here."); n != 1 {
		t.Errorf("the reply came %d times", n)
	}
}
