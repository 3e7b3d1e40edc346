package telegram_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"safeconduct/internal/gateway/telegram"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store/storetest"
)

// standing are the messages that a person still sees.
func standing(chat []telegramsim.Shown) (left []telegramsim.Shown) {
	return slices.DeleteFunc(slices.Clone(chat), func(m telegramsim.Shown) bool { return m.Deleted })
}

// Erasing leaves nothing of either side but the word that says so.
func TestErase(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.start(l.config())
			p := l.english()
			ok[int64](t)(p.Start(botName, ""))
			l.write(p, "Hello")
			c := l.only()
			l.delivered(c, l.Reply(c, "Good day."))
			l.Await("all is said", l.Quiet)
			l.press(p, say.EraseButton)
			l.says(p, say.EraseDone)
			l.await(p, "only the last word stands", func(chat []telegramsim.Shown) bool { return len(standing(chat)) == 1 })
			l.event(hotline.ChatErased)
			if l.only().Row.WaitingSinceMs.Valid {
				t.Error("an erased chat waits for an operator") // nobody waits because of it: it was answered
			}
		})
	}
}

// What Telegram does not delete any more is counted, and the person told the number,
// even where the first word about it did not get through.
func TestEraseCountsWhatIsTooOld(t *testing.T) {
	t.Parallel()
	l := newLine(t, storetest.SQLite)
	_, stop := l.start(l.config())
	p := l.english()
	ok[int64](t)(p.Start(botName, ""))
	l.says(p, page)
	l.write(p, "one")
	l.write(p, "two")
	l.Await("all is said", l.Quiet)
	old := len(standing(p.Chat(botName)))
	stop()
	l.Clock.Advance(49 * time.Hour)
	trouble := l.sim.Misbehave(telegramsim.Fault{Kind: telegramsim.FaultServer, Method: "deleteMessages"})
	l.start(l.config())
	if err := trouble.Await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	l.sim.Misbehave(telegramsim.Fault{Kind: telegramsim.FaultServer, Method: "sendMessage", Times: 1})
	trouble.Lift()
	ok[int64](t)(p.Write(botName, "/erase"))
	l.says(p, fmt.Sprintf(say.EraseLeft, old))
}

// Messages of both sides go after the time that the person has chosen, by default
// an hour.
func TestMessagesGoByThemselves(t *testing.T) {
	t.Parallel()
	for minutes, label := range telegram.Words("en").Stays {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			l := running(t)
			p := l.english()
			if minutes != 60 {
				ok[int64](t)(p.Start(botName, ""))
				l.press(p, say.StayButton)
				l.press(p, label)
				l.says(p, say.StayDone)
			}
			l.write(p, "Hello")
			c := l.only()
			l.delivered(c, l.Reply(c, "Good day."))
			l.Await("all is said", l.Quiet)
			l.Clock.Advance(time.Duration(minutes)*time.Minute - 30*time.Second)
			if err := l.sim.AwaitCalls(t.Context(), "getUpdates", l.sim.Calls("getUpdates")); err != nil {
				t.Fatal(err)
			}
			if n := said(p, "Good day."); n != 1 {
				t.Errorf("the answer went too early")
			}
			l.Clock.Advance(time.Minute)
			l.await(p, "all messages are gone", func(chat []telegramsim.Shown) bool { return len(standing(chat)) == 0 })
		})
	}
}
