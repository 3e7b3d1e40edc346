package telegram_test

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/gateway/gatewaytest"
	"safeconduct/internal/gateway/telegram"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

const (
	patience = 40 * time.Second
	botToken = "4711:simulated-token-of-vesna"
	botName  = "vesna_bot"
	bots     = botToken + " ru\n"
)

// line is a house with a bot in a simulated Telegram.
type line struct {
	*gatewaytest.House
	t   testing.TB
	sim *telegramsim.Server
	api string
}

func newLine(t testing.TB, engine string) *line {
	t.Helper()
	return lineOf(gatewaytest.Open(t, engine))
}

func lineOf(h *gatewaytest.House) *line {
	t := h.T
	t.Helper()
	l := &line{House: h, t: t}
	l.sim = telegramsim.New(telegramsim.Config{Clock: l.Clock.Now, WebhookPause: 20 * time.Millisecond})
	if err := l.sim.AddBot(botToken, botName); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(l.sim)
	l.api = server.URL
	t.Cleanup(func() {
		l.sim.Close()
		server.Close()
	})
	return l
}

func (l *line) config() telegram.Config { return l.with(bots) }

// with is a configuration with these bots.
func (l *line) with(bots string) telegram.Config {
	list, err := telegram.ParseBots([]byte(bots))
	if err != nil {
		l.t.Fatal(err)
	}
	return telegram.Config{
		Bots: list, API: l.api, DB: l.DB, Objects: l.Objects, Sealer: l.Sealer(), Identity: l.Identity, Seed: l.Seed, Log: l.Log,
		Pause: short,
	}
}

// short waits a tenth of the seconds after which the gateway looks again at
// something. What Telegram asks it to wait is short in the tests, and stays whole.
func short(done <-chan struct{}, d time.Duration) {
	if d > time.Second && d < time.Minute {
		d /= 10
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}

// TestMain lets many tests run at once: they wait for rates and time-outs, and
// hardly ever for a processor.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// start runs a gateway; the function that it returns stops it and waits.
func (l *line) start(c telegram.Config) (*telegram.Gateway, func()) {
	l.t.Helper()
	g, err := telegram.New(c)
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(l.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := g.Run(ctx); err != nil {
			l.t.Error(err)
		}
	}()
	stop := func() { cancel(); <-done }
	l.t.Cleanup(stop)
	return g, stop
}

// await waits until the person sees something in the chat.
func (l *line) await(p *telegramsim.Person, what string, holds func([]telegramsim.Shown) bool) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	if err := p.Await(ctx, botName, holds); err != nil {
		for _, m := range p.Chat(botName) {
			l.t.Logf("%+v", m)
		}
		l.t.Fatalf("waited in vain until %s: %v; logged:\n%s", what, err, l.Logged())
	}
}

// says waits until the bot has said a text that contains some words; a format is
// found by what stands before its first verb.
func (l *line) says(p *telegramsim.Person, words string) telegramsim.Shown {
	l.t.Helper()
	words, _, _ = strings.Cut(words, "%")
	var found telegramsim.Shown
	l.await(p, "the bot says "+words, func(chat []telegramsim.Shown) bool {
		i := slices.IndexFunc(chat, func(m telegramsim.Shown) bool { return m.FromBot && strings.Contains(m.Text, words) })
		if i >= 0 {
			found = chat[i]
		}
		return i >= 0
	})
	return found
}

// said counts what the bot has said with some words.
func said(p *telegramsim.Person, words string) (n int) {
	for _, m := range p.Chat(botName) {
		if m.FromBot && strings.Contains(m.Text, words) {
			n++
		}
	}
	return n
}

// english is somebody whose telephone speaks English, and what the bot says to him.
func (l *line) english() *telegramsim.Person {
	return l.sim.Person(telegramsim.PersonConfig{Language: "en"})
}

var say = telegram.Words("en")

// write lets a person write, and waits until it is kept.
func (l *line) write(p *telegramsim.Person, text string) {
	l.t.Helper()
	before := len(l.texts())
	if _, err := p.Write(botName, text); err != nil {
		l.t.Fatal(err)
	}
	l.Await("it is kept: "+text, func() bool { return len(l.texts()) > before })
}

// texts are all that people have said.
func (l *line) texts() (all []string) {
	l.t.Helper()
	for _, c := range l.Cases() {
		all = append(all, c.Texts()...)
	}
	return all
}

// only is the only case.
func (l *line) only() gatewaytest.Case {
	l.t.Helper()
	cases := l.Cases()
	if len(cases) != 1 {
		l.t.Fatalf("%d cases", len(cases))
	}
	return cases[0]
}

// caseOf is the case in which something was said.
func (l *line) caseOf(text string) gatewaytest.Case {
	l.t.Helper()
	for _, c := range l.Cases() {
		if slices.Contains(c.Texts(), text) {
			return c
		}
	}
	l.t.Fatalf("no case says %q", text)
	return gatewaytest.Case{}
}

// newest is the newest record of the only case.
func (l *line) newest() seal.Record {
	l.t.Helper()
	c := l.only()
	return c.Records[len(c.Records)-1]
}

// event waits until the only case has a record of an event, and returns it.
func (l *line) event(e hotline.ChatEvent) (found seal.Record) {
	l.t.Helper()
	l.Await("the case has a record of "+string(e), func() bool {
		for _, c := range l.Cases() {
			for _, r := range c.Records {
				if r.Body.Chat != nil && r.Body.Chat.Event == e {
					found = r
					return true
				}
			}
		}
		return false
	})
	return found
}

// press presses a button that is shown, or will be.
func (l *line) press(p *telegramsim.Person, button string) {
	l.t.Helper()
	l.await(p, "the button "+button+" is shown", func(chat []telegramsim.Shown) bool {
		return slices.ContainsFunc(chat, func(m telegramsim.Shown) bool {
			return slices.ContainsFunc(slices.Concat(m.Buttons...), func(b telegramsim.Button) bool { return b.Label == button })
		})
	})
	if _, err := p.Press(botName, button); err != nil {
		l.t.Fatal(err)
	}
}

// delivered waits until the gateway has said what became of a reply.
func (l *line) delivered(c gatewaytest.Case, reply seal.Hash) *seal.Delivery {
	l.t.Helper()
	l.Await("the delivery is noted", func() bool { return l.Delivery(c, reply) != nil })
	return l.Delivery(c, reply)
}

// running is a line with a gateway on SQLite.
func running(t *testing.T) *line {
	t.Helper()
	l := newLine(t, storetest.SQLite)
	l.start(l.config())
	return l
}

func ok[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestConversation: truth first, then a message, an answer, a word on its delivery.
func TestConversation(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.start(l.config())
			p := l.sim.Person(telegramsim.PersonConfig{Language: "ru"})
			ok[int64](t)(p.Start(botName, ""))
			first := l.says(p, "https://page.example.org")
			if !strings.HasPrefix(first.Text, "Telegram") || len(first.Buttons) < 6 {
				t.Errorf("the first message: %+v", first)
			}
			ok[int64](t)(p.Write(botName, "Меня мобилизовали. Что делать?"))
			l.says(p, "запечатано")
			cases := l.Cases()
			if len(cases) != 1 || cases[0].Row.Channel != string(hotline.ChannelTelegram) || !slices.Equal(cases[0].Texts(), []string{"Меня мобилизовали. Что делать?"}) {
				t.Fatalf("%+v", cases)
			}
			reply := l.Reply(cases[0], "Вы не один. Пишите, я здесь.")
			l.says(p, "Вы не один")
			l.Await("the delivery is noted", func() bool {
				d := l.Delivery(cases[0], reply)
				return d != nil && d.State == hotline.DeliveranceSent
			})
			ok[int64](t)(p.Write(botName, "Спасибо"))
			l.Await("it is kept", func() bool { return len(l.Cases()[0].Texts()) == 2 })
			if l.Cases()[0].First.Hash() == (seal.Hash{}) {
				t.Error("no first key")
			}
		})
	}
}
