package drill

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
)

// chat is the person's end of a conversation with the bot, in a Telegram that
// misbehaves.
type chat struct {
	*player
	r        *Result
	scenario rehearsal.Scenario
	t        *thread
	phone    *rehearsal.Phone
	next     *rehearsal.Arrival
	trouble  []*telegramsim.Trouble
}

// accountID draws the number of an account, long enough to be looked for.
func accountID() int64 {
	n, err := rand.Int(rand.Reader, big.NewInt(1e12))
	if err != nil { // rand.Reader never fails (Go 1.24)
		return 0
	}
	return 3e12 + n.Int64() // no time in milliseconds looks like it
}

// accountName draws what Telegram tells every bot of a person.
func accountName() string { return "Имя " + rand.Text()[:10] }

// faults are what each conversation meets: calls that are refused for a while,
// errors of Telegram, and updates that come again.
func faults() []telegramsim.Fault {
	return []telegramsim.Fault{
		{Kind: telegramsim.FaultFlood, Method: "sendMessage", Times: 1, RetryAfter: 1},
		{Kind: telegramsim.FaultServer, Method: "sendMessage", Times: 1},
		{Kind: telegramsim.FaultGarbage, Method: "getUpdates", Times: 1},
		{Kind: telegramsim.FaultTwice, Times: 2},
	}
}

func (c *chat) parts(text string) []string { return rehearsal.ChatParts(text) }

// begin meets the bot: its first words are the truth about Telegram.
func (c *chat) begin(ctx context.Context) bool {
	c.secret(c.scenario.ID, c.phone.Name(), strconv.FormatInt(c.phone.ID(), 10), c.t.word, c.t.duress)
	c.product.Telegram.Behave() // who went before may have left something
	for _, f := range faults() {
		c.trouble = append(c.trouble, c.product.Telegram.Misbehave(f))
	}
	var err error
	if c.next, err = rehearsal.Expect(c.desk, hotline.ChannelTelegram); err != nil {
		return c.r.check("first words", err, "")
	}
	route := c.product.Installation.Config.Routes[0]
	first, err := c.phone.Start(ctx)
	if err == nil && (!strings.HasPrefix(first.Text, "Telegram") || !strings.Contains(first.Text, route) || len(first.Buttons) == 0) {
		err = failed("the bot does not say first that Telegram can be read, with the address of the page and its buttons")
	}
	return c.r.check("first words", err, "that Telegram can be read by others, and %s instead; then the buttons", route)
}

// enter also registers in advance, where the scenario's path begins with that.
func (c *chat) enter(ctx context.Context) bool {
	if !c.begin(ctx) {
		return false
	}
	if !c.scenario.Registers() {
		return true
	}
	answers := c.scenario.Answers()
	return c.r.check("register", c.register(ctx, answers), "answers by buttons: %d; the code was shown, typed back and taken; the desk shows the answers", len(answers))
}

func (c *chat) register(ctx context.Context, answers map[string]string) error {
	code, err := c.phone.Register(ctx, answers)
	if err == nil {
		err = c.phone.TypeBack(ctx, code)
	}
	if err != nil {
		return err
	}
	m, err := c.first(ctx)
	if err != nil {
		return err
	}
	var want []seal.FormAnswer
	for _, q := range hotline.Questions() {
		if a := answers[q.Name]; a != "" {
			want = append(want, seal.FormAnswer{Question: q.Name, Answer: a})
		}
	}
	switch {
	case m.Chat.Event != hotline.ChatRegistered || !slices.Equal(m.Chat.Form, want):
		return failed("the desk shows other answers than were given")
	case c.t.code.Digits() != code.Digits():
		return failed("the desk shows another code than the bot")
	}
	return nil
}

// claim says by button and code that another case is this person's; the word is
// said with the last message.
func (c *chat) claim(ctx context.Context, of *thread, messages []rehearsal.Message) ([]rehearsal.Message, bool) {
	if !c.begin(ctx) {
		return nil, false
	}
	err := c.phone.Claim(ctx, of.code)
	if err == nil {
		var m desk.Message
		m, err = c.first(ctx)
		if err == nil && (m.Chat.Event != hotline.ChatClaim || !slices.Equal(m.Chat.Claim, of.code.Groups())) {
			err = failed("the desk does not show which code was named")
		}
	}
	ok := c.r.check("code", err, "from another account: noted and taken out of the chat; the desk shows which")
	return with(messages, true, of.word), ok
}

// first waits for the case that has begun, and returns what it begins with.
func (c *chat) first(ctx context.Context) (desk.Message, error) {
	id, err := c.next.Case(ctx)
	if err != nil {
		return desk.Message{}, failed("the desk is not told of it: %w", err)
	}
	v, err := c.desk.Case(ctx, id)
	if err != nil {
		return desk.Message{}, err
	}
	c.t.id = id
	if c.t.code, err = hotline.ParseChannelCode(strings.Join(v.Code, "")); err != nil {
		return desk.Message{}, failed("the desk shows no code of the case: %w", err)
	}
	c.secret(c.scenario.ID, strings.Join(c.t.code.Groups(), " "))
	if len(v.Messages) == 0 {
		return desk.Message{}, failed("the case is empty")
	}
	m := v.Messages[0]
	if m.Chat.Event != hotline.ChatMessage {
		c.t.written = []string{m.Text}
	}
	return m, nil
}

func (c *chat) say(ctx context.Context, text string) error {
	if err := c.phone.Say(text); err != nil {
		return err
	}
	if c.t.id != (hotline.CaseID{}) {
		return nil
	}
	_, err := c.first(ctx)
	return err
}

// hear waits until the answer stands in the chat, and the desk knows that it does.
func (c *chat) hear(ctx context.Context, text string) error {
	if err := c.phone.Hear(ctx, text); err != nil {
		return err
	}
	var carried *desk.Carried
	err := rehearsal.Await(ctx, c.notices, func() bool {
		v, err := c.desk.Case(ctx, c.t.id)
		ours := from(v, hotline.SideDesk)
		if err != nil || len(ours) == 0 {
			return false
		}
		carried = ours[len(ours)-1].Carried
		return carried != nil && carried.State != ""
	})
	switch {
	case err != nil:
		return failed("it stands in the chat, but the desk is not told: %w", err)
	case carried.State != hotline.DeliveranceSent:
		return failed("it stands in the chat, but the desk is told that it failed: %s", carried.Reason)
	}
	return nil
}

// leave looks at what the misbehaving Telegram has done, and erases the chat.
func (c *chat) leave(ctx context.Context) {
	c.r.check("telegram misbehaves", c.suffered(ctx), "429 and 500 for messages, 502 for a poll, two updates twice: each message kept once, each answer said once")
	n, err := c.keptCopies(ctx, c.t)
	if err == nil && n != 0 {
		err = failed("the server still keeps %d copies", n)
	}
	c.r.check("copies", err, "the server keeps no copy of what was said")
	c.r.check("erase this chat", c.erase(ctx), "the telephone shows nothing of it; the desk knows")
}

func (c *chat) suffered(ctx context.Context) error {
	var errs []error
	for i, f := range faults() {
		if err := c.trouble[i].Await(ctx, f.Times); err != nil {
			errs = append(errs, failed("Telegram was to misbehave, and had no occasion to: %s", f.Kind))
		}
	}
	v, err := c.desk.Case(ctx, c.t.id)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	if err := sameTexts(v, c.t, c.t.side(), c.t.written); err != nil {
		errs = append(errs, err)
	}
	for _, text := range c.t.answered {
		want := 0
		for _, other := range c.t.answered {
			if other == text {
				want++
			}
		}
		if n := c.phone.Times(text); n != want {
			errs = append(errs, failed("an answer stands %d times in the chat, not %d times", n, want))
		}
	}
	return errors.Join(errs...)
}

func (c *chat) erase(ctx context.Context) error {
	if err := c.phone.Erase(ctx); err != nil {
		return err
	}
	return rehearsal.Await(ctx, c.notices, func() bool {
		v, err := c.desk.Case(ctx, c.t.id)
		return err == nil && slices.ContainsFunc(v.Messages, func(m desk.Message) bool { return m.Chat.Event == hotline.ChatErased })
	})
}
