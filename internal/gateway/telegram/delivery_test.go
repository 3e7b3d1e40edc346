package telegram_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

// Who has blocked the bot, or is gone, is shown as such; who comes back too.
func TestBlockedAndGone(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.start(l.config())
			p := l.english()
			l.write(p, "Hello")
			if err := p.Block(botName); err != nil {
				t.Fatal(err)
			}
			l.event(hotline.ChatBlocked)
			c := l.only()
			if d := l.delivered(c, l.Reply(c, "Are you there?")); d.State != hotline.DeliveranceFailed || d.Reason != hotline.ReasonBlocked {
				t.Errorf("to somebody who has blocked the bot: %+v", d)
			}
			if err := p.Unblock(botName); err != nil {
				t.Fatal(err)
			}
			l.event(hotline.ChatBack)
			c = l.only()
			if d := l.delivered(c, l.Reply(c, "Good that you are back.")); d.State != hotline.DeliveranceSent {
				t.Errorf("to somebody who is back: %+v", d)
			}
			l.says(p, "Good that you are back")
			if said(p, "Are you there") != 0 {
				t.Error("what was not delivered came later")
			}
			p.DeleteAccount()
			c = l.only()
			if d := l.delivered(c, l.Reply(c, "And now?")); d.State != hotline.DeliveranceFailed || d.Reason != hotline.ReasonDeleted {
				t.Errorf("to somebody whose account is gone: %+v", d)
			}
			l.Spotless("Are you there", "And now?")
		})
	}
}

// What Telegram does not take, and what nobody of this house has signed, fails with
// its reason.
func TestRefusedAndForged(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	l.write(p, "Hello")
	c := l.only()
	trouble := l.sim.Misbehave(telegramsim.Fault{Kind: telegramsim.FaultServer, Status: 400, Method: "sendMessage"})
	if d := l.delivered(c, l.Reply(c, "Refused.")); d.Reason != hotline.ReasonRefused {
		t.Errorf("%+v", d)
	}
	trouble.Lift()
	foreign, err := seal.NewTeamSecret(hotline.TeamDesk, 1)
	if err != nil {
		t.Fatal(err)
	}
	own := l.Desk.Reply
	l.Desk.Reply = foreign.Reply
	c = l.only()
	if d := l.delivered(c, l.Reply(c, "Come to the bridge alone.")); d.Reason != hotline.ReasonForged {
		t.Errorf("%+v", d)
	}
	l.Desk.Reply = own
	if said(p, "bridge") != 0 {
		t.Error("a forged reply was sent")
	}
}

// A reply that nobody takes for days is given up, and the operator is told.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	l := running(t)
	l.write(l.english(), "Hello")
	l.Await("all is said", l.Quiet)
	l.sim.Misbehave(telegramsim.Fault{Kind: telegramsim.FaultServer, Method: "sendMessage"})
	c := l.only()
	reply := l.Reply(c, "Hello?")
	for n := 1; l.Delivery(c, reply) == nil; n++ {
		l.Await("it is tried, or given up", func() bool {
			return l.Delivery(c, reply) != nil || strings.Count(l.Logged(), "call=reply") >= n
		})
		l.Clock.Advance(13 * time.Hour)
	}
	if d := l.Delivery(c, reply); d.Reason != hotline.ReasonGivenUp {
		t.Errorf("%+v", d)
	}
}

// A long reply comes in several messages, each once, though Telegram fails in the
// middle of them.
func TestLongReply(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	l.write(p, "Hello")
	l.Await("all is said", l.Quiet)
	var text strings.Builder
	for n := range 3000 {
		fmt.Fprintf(&text, "%04d ", n)
	}
	c := l.only()
	reply := l.Reply(c, text.String())
	l.says(p, "0900 ")
	l.sim.Misbehave(telegramsim.Fault{Kind: telegramsim.FaultServer, Method: "sendMessage", Times: 1})
	l.hurry("the delivery is noted", func() bool { return l.Delivery(c, reply) != nil })
	var got []string
	for _, m := range p.Chat(botName) {
		if m.FromBot && strings.HasPrefix(m.Text, "0") || strings.HasPrefix(m.Text, "1") || strings.HasPrefix(m.Text, "2") {
			got = append(got, m.Text)
		}
	}
	if strings.Join(got, " ") != strings.TrimSpace(text.String()) || len(got) != 4 {
		t.Errorf("%d messages", len(got))
	}
}

const (
	otherToken = "4712:another-token-of-the-other"
	otherName  = "vesna_en_bot"
)

// A person who comes by another bot is the same, and answers follow there.
func TestMovingToANewBot(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			if err := l.sim.AddBot(otherToken, otherName); err != nil {
				t.Fatal(err)
			}
			_, stop := l.start(l.with(botToken + " ru\n" + otherToken + " en\n"))
			p := l.sim.Person(telegramsim.PersonConfig{})
			stranger := l.sim.Person(telegramsim.PersonConfig{})
			ok[int64](t)(stranger.Start(otherName, ""))
			l.awaitAt(stranger, otherName, "Telegram can be read")
			l.write(p, "Привет")
			c := l.only()
			l.delivered(c, l.Reply(c, "Первый."))
			ok[int64](t)(p.Write(otherName, "Это снова я"))
			l.Await("it is kept", func() bool { return len(l.texts()) == 2 })
			c = l.only()
			l.delivered(c, l.Reply(c, "Второй."))
			l.awaitAt(p, otherName, "Второй.")
			if said(p, "Второй.") != 0 {
				t.Error("the answer went to the old bot")
			}
			stop()
			// The bot is blocked and taken out while a reply waits.
			c = l.only()
			reply := l.Reply(c, "Третий.")
			l.start(l.with(botToken + " ru\n"))
			ok[int64](t)(stranger.Start(botName, ""))
			l.says(stranger, page)
			if d := l.Delivery(c, reply); d != nil {
				t.Fatalf("a reply for a bot that is not there: %+v", d)
			}
			l.write(p, "Теперь здесь")
			l.hurry("the reply is delivered", func() bool { return l.Delivery(c, reply) != nil })
			l.says(p, "Третий.")
		})
	}
}

// awaitAt waits until a bot has said something.
func (l *line) awaitAt(p *telegramsim.Person, bot, words string) {
	l.t.Helper()
	if err := p.Await(l.t.Context(), bot, func(chat []telegramsim.Shown) bool {
		for _, m := range chat {
			if m.FromBot && strings.Contains(m.Text, words) {
				return true
			}
		}
		return false
	}); err != nil {
		l.t.Fatal(err)
	}
}
