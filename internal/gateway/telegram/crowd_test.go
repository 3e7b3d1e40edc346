package telegram_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"safeconduct/internal/gateway/telegram"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/store/storetest"
)

var number = regexp.MustCompile(`: (\d+)\.`)

// A hundred times as many people as usual: everybody is kept, is told honestly how
// many wait, and whom an operator answers does not wait behind the words of the bot.
func TestSurge(t *testing.T) {
	t.Parallel()
	const strangers = 600
	l := running(t)
	known := l.english()
	l.write(known, "Hello")
	c := l.only()
	l.delivered(c, l.Reply(c, "Good day."))
	people := make([]*telegramsim.Person, strangers)
	for i := range people {
		people[i] = l.english()
		ok[int64](t)(people[i].Write(botName, fmt.Sprintf("Help %d", i)))
	}
	l.Await("all are kept", func() bool {
		n, err := l.sim.Pending(botName)
		return err == nil && n == 0
	})
	c = l.Case(c.ID)
	l.delivered(c, l.Reply(c, "Wait for me at the phone."))
	unanswered, told := 0, 0
	for _, p := range people {
		chat := p.Chat(botName)
		if len(chat) == 1 {
			unanswered++
			continue
		}
		if m := number.FindStringSubmatch(chat[1].Text); m != nil {
			told++
			if n, err := strconv.Atoi(m[1]); err != nil || n < 20 || n > strangers+1 {
				t.Errorf("told that %s wait", m[1])
			}
		}
	}
	if unanswered < strangers/4 {
		t.Errorf("the reply came after all but %d words of the bot", unanswered)
	}
	if peak := l.sim.Peak(); peak.Overall > 30 || peak.PerChat > 4 {
		t.Errorf("too fast: %+v", peak)
	}
	if n := len(l.Cases()); n != strangers+1 {
		t.Errorf("%d cases", n)
	}
	if told == 0 {
		l.await(people[strangers/2], "he is told how many wait", func(chat []telegramsim.Shown) bool {
			return len(chat) > 1 && number.MatchString(chat[1].Text)
		})
	}
}

// Of all who wait while the database is busy, those go first whom an operator has
// answered, though they came last.
func TestAnsweredPeopleGoFirst(t *testing.T) {
	t.Parallel()
	const strangers = 900 // many more than go into the commits that are under way
	l := newLine(t, storetest.SQLite)
	d, away := l.Unreliable()
	config := l.config()
	config.DB, config.Webhook = d, "http://127.0.0.1:9"
	g, _ := l.start(config)
	known := l.english()
	ok[int64](t)(known.Start(botName, ""))
	if code := post(t, g, textUpdate(1, known.ID(), 1, "Hello")); code != http.StatusOK {
		t.Fatal(code)
	}
	c := l.only()
	l.delivered(c, l.Reply(c, "Good day."))
	back := away()
	var calls, heard sync.WaitGroup
	send := func(update string) {
		heard.Add(1)
		calls.Go(func() {
			code := postBody(t, g, &signalling{Reader: strings.NewReader(update), read: sync.OnceFunc(heard.Done)})
			for code != http.StatusOK {
				code = post(t, g, update)
			}
		})
	}
	for i := range strangers {
		send(textUpdate(100+i, int64(50_000+i), 1, "Help"))
	}
	heard.Wait()
	send(textUpdate(900, known.ID(), 2, "It is me"))
	heard.Wait()
	back()
	calls.Wait()
	before := 0
	at := l.Case(c.ID).Row.Version
	for _, c := range l.Cases() {
		if c.Row.Version < at {
			before++
		}
	}
	if before > strangers*3/4 {
		t.Errorf("%d of %d strangers were kept before somebody whom an operator has answered", before, strangers)
	}
}

// signalling is a body that says when it was read to its end.
type signalling struct {
	io.Reader
	read func()
}

func (s *signalling) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil {
		s.read()
	}
	return n, err
}

// textUpdate is a text as Telegram sends it.
func textUpdate(update int, person int64, message int, text string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1790000000,"from":{"id":%d,"is_bot":false,"first_name":"A","language_code":"en"},`+
		`"chat":{"id":%d,"type":"private","first_name":"A"},"text":%q}}`, update, message, person, person, text)
}

// post is a call of Telegram.
func post(t *testing.T, g *telegram.Gateway, update string) (code int) {
	t.Helper()
	return postBody(t, g, strings.NewReader(update))
}

func postBody(t *testing.T, g *telegram.Gateway, body io.Reader) (code int) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, telegram.HookPath(4711), body)
	r.Header.Set(telegram.SecretHeader, telegram.HookSecret(g))
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, r)
	return w.Code
}
