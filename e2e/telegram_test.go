package e2e

import (
	"strings"
	"testing"

	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/store/storetest"
)

// chatter is somebody with Telegram on his telephone.
type chatter struct {
	*rehearsal.Phone
	tb testing.TB
}

// newChatter presses Start and reads what the bot says before anything else.
func newChatter(tb testing.TB, h *house) *chatter {
	tb.Helper()
	c := &chatter{h.telegram.Phone(telegramsim.PersonConfig{Language: "en"}), tb}
	first, err := c.Start(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if !strings.HasPrefix(first.Text, "Telegram can be read by others") || !strings.Contains(first.Text, h.config.Routes[0]) {
		tb.Errorf("the bot says first: %q", first.Text)
	}
	return c
}

func (c *chatter) done(err error) {
	c.tb.Helper()
	if err != nil {
		c.tb.Fatalf("%v; the telephone shows:\n%+v", err, c.Shown())
	}
}

// register registers in advance and keeps the code.
func (c *chatter) register(answers map[string]string) hotline.ChannelCode {
	c.tb.Helper()
	code, err := c.Register(c.tb.Context(), answers)
	c.done(err)
	c.done(c.TypeBack(c.tb.Context(), code))
	return code
}

func (c *chatter) write(text string) { c.tb.Helper(); c.done(c.Say(text)) }
func (c *chatter) untilReply(text string) {
	c.tb.Helper()
	c.done(c.Hear(c.tb.Context(), text))
}

// openWith opens the case in whose row of the queue a text stands.
func (o *operator) openWith(text string) {
	o.tb.Helper()
	o.untilQueued(text)
	eval[bool](o.tab, `([...document.querySelectorAll("#queuelist .row a")].find(e => e.innerText.includes(`+quote(text)+`)).click(), true)`)
	o.untilRead(text)
}

// TestTelegram: a person registers in advance, by buttons, and agrees on a word.
// Later he writes from somebody else's account and names the code; the operator
// finds the first case, hears the word, and links the two. Answers arrive, and
// where they do not the desk says so.
func TestTelegram(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			comeBackByTelegram(t, newHouse(t, onDatabase(engine), withBot()))
		})
	}
}

func comeBackByTelegram(t *testing.T, h *house) {
	const (
		first, word = "They take our phones on Monday.", "quiet harbour"
		keep        = "Keep the code in your head."
		again       = "It is me. The phone is not mine."
		ask, last   = "Good that you write. Say the word.", "We know you. Wait where you are."
	)
	o := newOperator(t, h)
	o.mark()
	p := newChatter(t, h)
	code := p.register(map[string]string{"where": hotline.WhereMobilised, "people": hotline.CountOne, "phone": hotline.AnswerYes})
	p.write(first)
	o.openWith(first)
	if text := o.text("#case"); !strings.Contains(text, "Registered in advance") || !strings.Contains(text, "called up, not yet in the service") {
		t.Errorf("the desk shows of the registration:\n%s", text)
	}
	eval[bool](o.tab, `(document.querySelector("#words").closest("details").open = true, true)`)
	o.write("#word", word)
	o.click("#words > button")
	o.until("the word is kept", there("#factsview .wordline.ok"))
	o.reply(keep)
	p.untilReply(keep)
	p.done(p.Erase(t.Context()))
	o.untilShown("had everything deleted")

	// Another account, and nothing but the code and the word in mind.
	q := newChatter(t, h)
	q.done(q.Claim(t.Context(), code))
	q.write(again)
	o.openWith(again)
	o.untilShown(strings.Join(code.Groups(), " "))
	o.reply(ask)
	q.untilReply(ask)
	q.write(word)
	o.untilRead(word)
	// Not by the mouse: the message that came moves the button away under it.
	eval[bool](o.tab, `(document.querySelector("form.claim button").click(), true)`)
	o.click("#tiefound a")
	o.until("both cases are shown", `document.querySelectorAll("#tiepage .beside .card").length === 2`)
	o.write("#said", word)
	o.click("form[action$='/link'] button.primary")
	o.until("the two are linked", there("form[action$='/merge']"))

	o.open(strings.Split(eval[string](o.tab, "location.href"), "/with/")[0])
	o.untilRead(again)
	o.until("the case shows the link", there("#ties a[href*='/with/']"))
	o.reply(last)
	q.untilReply(last)
	state := func(text string) string {
		return `[...document.querySelectorAll('#case .msg')].find(e => e.querySelector('.text')?.textContent === ` + quote(text) + `)?.innerText`
	}
	o.until("the answer is shown as sent", state(last)+`?.includes("Sent to Telegram")`)
	if n := eval[int](o.tab, `document.querySelectorAll("#case .problem, #case .ungood").length`); n > 0 {
		t.Errorf("the desk shows %d problems:\n%s", n, o.shown())
	}

	// Neither account is told anything again.
	_, err := p.Start(t.Context())
	p.done(err)
	for who, c := range map[string]*chatter{"Start": p, "another account": q} {
		for _, m := range c.Shown() {
			if strings.Contains(m.Text, first) || strings.Contains(m.Text, keep) || strings.Contains(m.Text, code.Digits()[:4]) {
				t.Errorf("%s brings back: %q", who, m.Text)
			}
		}
	}

	// He blocks the bot: the desk sees it, and that nothing arrives any more.
	q.done(q.Block(h.telegram.Bot))
	o.until("the block is shown", there("#case .tag.bad"))
	const lost = "Are you still there?"
	o.reply(lost)
	o.until("the answer is shown as not delivered", state(lost)+`?.includes("Not delivered: the person has blocked the bot")`)
	if n := q.Times(lost); n != 0 {
		t.Errorf("who has blocked the bot is shown %d messages more", n)
	}
}
