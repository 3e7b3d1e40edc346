package telegram_test

import (
	"context"

	"net/http/httptest"
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
	t   *testing.T
	sim *telegramsim.Server
	api string
}

func newLine(t *testing.T, engine string) *line {
	t.Helper()
	d := storetest.Open(t, storetest.URL(t, engine))
	l := &line{House: gatewaytest.NewHouse(t, d), t: t}
	l.sim = telegramsim.New(telegramsim.Config{Clock: l.Clock.Now})
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

func (l *line) config() telegram.Config {
	list, err := telegram.ParseBots([]byte(bots))
	if err != nil {
		l.t.Fatal(err)
	}
	return telegram.Config{
		Bots: list, API: l.api, DB: l.DB, Objects: l.Objects, Sealer: l.Sealer(), Identity: l.Identity, Seed: l.Seed, Log: l.Log,
	}
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

// says waits until the bot has said a text that contains some words.
func (l *line) says(p *telegramsim.Person, words string) telegramsim.Shown {
	l.t.Helper()
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
