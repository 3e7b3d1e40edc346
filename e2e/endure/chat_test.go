package endure

import (
	"context"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

// TestChatsComeAndGo: somebody registers with the bot, and nothing of it stands in
// the chat for longer than he was told. Two months later he comes from another
// account, with the code and the word. When his cases are folded the gateway lets
// go of both chats, and who writes again is a stranger.
func TestChatsComeAndGo(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			comeAndGo(t, newHouse(t, urlOf(t, engine)))
		})
	}
}

// addBot gives a house a bot in a simulated Telegram, by the house's clock.
func (h *house) addBot() *rehearsal.Telegram {
	h.tb.Helper()
	h.first.stop()
	tg := must[*rehearsal.Telegram](h.tb)(rehearsal.NewTelegram(h.tb.Context(), h.clock.Now))
	h.tb.Cleanup(func() { ok(h.tb, tg.Close()) })
	ok(h.tb, tg.AddTo(h.dir))
	h.in = must[*installation.Installation](h.tb)(installation.Open(h.dir))
	h.again()
	return tg
}

// again starts the server again, at the same addresses.
func (h *house) again() {
	h.tb.Helper()
	h.first.stop()
	h.first = h.start(listen(h.tb, h.in.Config.Public), listen(h.tb, h.in.Config.DeskListen))
}

// ofChats counts what is kept of chats, by table; tied counts chats that have a case.
func (h *house) ofChats() (n map[string]int, tied int) {
	h.tb.Helper()
	n = map[string]int{}
	for _, r := range h.rows() {
		switch r.table {
		case "chat":
			if r.named["case_id"] != nil {
				tied++
			}
			n[r.table]++
		case "chat_trace", "chat_update":
			n[r.table]++
		}
	}
	return n, tied
}

// chatter is somebody with Telegram.
type chatter struct {
	*rehearsal.Phone
	h    *house
	next *rehearsal.Arrival
}

func (h *house) chatter(tg *rehearsal.Telegram, d *station) *chatter {
	h.tb.Helper()
	c := &chatter{tg.Phone(telegramsim.PersonConfig{Language: "en"}), h, must[*rehearsal.Arrival](h.tb)(rehearsal.Expect(d.Desk, hotline.ChannelTelegram))}
	must[telegramsim.Shown](h.tb)(c.Start(h.tb.Context()))
	return c
}

func (c *chatter) begins() hotline.CaseID {
	c.h.tb.Helper()
	return must[hotline.CaseID](c.h.tb)(c.next.Case(c.h.tb.Context()))
}

// hears waits until an answer stands in the chat, and the desk knows.
func (c *chatter) hears(d *station, id hotline.CaseID, text string) {
	c.h.tb.Helper()
	d.replies(id, text)
	ok(c.h.tb, c.Hear(c.h.tb.Context(), text))
	d.sees(id, "the answer was sent", func(v desk.CaseView) bool {
		m := v.Messages[len(v.Messages)-1]
		return m.Text == text && m.Carried != nil && m.Carried.State == hotline.DeliveranceSent
	})
}

// shows waits until so many messages stand in the chat.
func (c *chatter) shows(tg *rehearsal.Telegram, n int) {
	c.h.tb.Helper()
	ctx, cancel := context.WithTimeout(c.h.tb.Context(), patience)
	defer cancel()
	if err := c.Await(ctx, tg.Bot, func([]telegramsim.Shown) bool { return len(c.Shown()) == n }); err != nil {
		c.h.tb.Fatalf("%v; it shows %+v", err, c.Shown())
	}
}

func comeAndGo(t *testing.T, h *house) {
	ctx := t.Context()
	tg := h.addBot()
	heron := h.openDesk()
	const word = "quiet harbour"

	p := h.chatter(tg, heron)
	code := must[hotline.ChannelCode](t)(p.Register(ctx, map[string]string{"where": hotline.WhereServing}))
	ok(t, p.TypeBack(ctx, code))
	first := p.begins()
	p.hears(heron, first, "We keep your place.")
	r := must[desk.Result](t)(heron.SetWords(ctx, first, word, ""))
	if r.Outcome != desk.OutcomeSent {
		t.Fatalf("the word: %+v", r)
	}
	heron.stage(first, hotline.StageStandby)
	h.clock.pass(2 * time.Hour)
	p.shows(tg, 0)

	for range 61 {
		h.clock.pass(day)
		h.first.looks()
	}
	q := h.chatter(tg, heron)
	ok(t, q.Claim(ctx, code))
	second := q.begins()
	ok(t, q.Say(word))
	v := heron.sees(second, "the word is there", func(v desk.CaseView) bool { return len(v.Messages) == 2 && v.Messages[1].Text == word })
	rows := must[[]desk.Row](t)(heron.Locate(ctx, strings.Join(v.Messages[0].Chat.Claim, "")))
	if len(rows) != 1 || rows[0].ID != first {
		t.Fatalf("the code finds %+v", rows)
	}
	if r := must[desk.Result](t)(heron.Link(ctx, second, first, v.Messages[1].Text)); r.Outcome != desk.OutcomeSent {
		t.Fatalf("link: %+v", r)
	}
	heron.sees(first, "both cases speak of the link", func(v desk.CaseView) bool {
		return len(v.Ties) == 1 && v.Ties[0].Case == second && v.Ties[0].Kind == seal.TieLink && v.Ties[0].State == desk.TieBoth
	})
	q.hears(heron, second, "We know you.")
	h.clock.pass(2 * time.Hour)
	q.shows(tg, 0)
	heron.stage(second, hotline.StageReferred)
	heron.stage(first, hotline.StageReferred)
	if n, tied := h.ofChats(); n["chat"] != 2 || tied != 2 {
		t.Errorf("two people have written, and kept is %v, %d tied to a case", n, tied)
	}
	for range hotline.DefaultRetention().Referred.Fold + 2 {
		h.clock.pass(day)
		h.first.looks()
	}
	for _, id := range []hotline.CaseID{first, second} {
		heron.sees(id, "the case is folded", func(v desk.CaseView) bool { return v.Folded })
	}
	if n, tied := h.ofChats(); tied != 0 {
		t.Errorf("kept is %v, and %d chats are still tied to folded cases", n, tied)
	}
	h.again() // the gateway tidies when it begins, and every hour
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		n, _ := h.ofChats()
		if len(n) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("still kept: %v", n)
		}
	}

	heron.connected()
	next := must[*rehearsal.Arrival](t)(rehearsal.Expect(heron.Desk, hotline.ChannelTelegram))
	ok(t, q.Say("Is anybody still there?"))
	if third := must[hotline.CaseID](t)(next.Case(ctx)); third == first || third == second {
		t.Error("who was let go is known")
	}
}
