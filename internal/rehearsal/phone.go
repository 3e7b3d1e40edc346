package rehearsal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
)

// What the bot's buttons say to it when they are pressed. Their labels are in the
// language of each person.
const (
	buttonRegister = "register"
	buttonForm     = "form:" // then a character for each question
	buttonCode     = "code"
	buttonErase    = "erase"
)

// Phone is a person with Telegram on his telephone, in the chat with one bot. It
// does what a thumb does. What the bot has said it knows by what stands below it,
// so that it speaks no language.
type Phone struct {
	*telegramsim.Person
	bot   string
	heard int64 // number of the last answer that Hear has found
}

// Phone makes an account, or takes the one with the id of c.
func (t *Telegram) Phone(c telegramsim.PersonConfig) *Phone {
	return &Phone{Person: t.Person(c), bot: t.Bot}
}

// Shown is what stands in the chat and was not deleted, oldest first.
func (p *Phone) Shown() []telegramsim.Shown {
	return slices.DeleteFunc(p.Chat(p.bot), func(m telegramsim.Shown) bool { return m.Deleted })
}

// until waits until the chat is as wanted.
func (p *Phone) until(ctx context.Context, what string, holds func([]telegramsim.Shown) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := p.Await(ctx, p.bot, func(all []telegramsim.Shown) bool {
		return holds(slices.DeleteFunc(all, func(m telegramsim.Shown) bool { return m.Deleted }))
	})
	if err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "telephone", "waited in vain until %s: %w", what, err)
	}
	return nil
}

// after waits for a message of the bot that is newer than one of the person's, with
// buttons or any.
func (p *Phone) after(ctx context.Context, id int64, buttons bool, what string) (found telegramsim.Shown, err error) {
	err = p.until(ctx, what, func(all []telegramsim.Shown) bool {
		i := slices.IndexFunc(all, func(m telegramsim.Shown) bool { return m.FromBot && m.ID > id && (len(m.Buttons) > 0 || !buttons) })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found, err
}

// Start presses Start and returns what the bot says: the truth, and its buttons.
func (p *Phone) Start(ctx context.Context) (telegramsim.Shown, error) {
	id, err := p.Person.Start(p.bot, "")
	if err != nil {
		return telegramsim.Shown{}, err
	}
	return p.after(ctx, id, true, "the bot says its first words")
}

// Say writes one message; it waits for nothing.
func (p *Phone) Say(text string) error {
	_, err := p.Write(p.bot, text)
	return err
}

// press presses a button, after Start where it is not in sight.
func (p *Phone) press(ctx context.Context, button string) error {
	if !shows(p.Shown(), button) {
		if _, err := p.Start(ctx); err != nil {
			return err
		}
	}
	_, err := p.Press(p.bot, button)
	return err
}

func shows(all []telegramsim.Shown, button string) bool {
	return slices.ContainsFunc(all, func(m telegramsim.Shown) bool {
		return slices.ContainsFunc(m.Buttons, func(row []telegramsim.Button) bool {
			return slices.ContainsFunc(row, func(b telegramsim.Button) bool { return b.Data == button })
		})
	})
}

// Register registers in advance, by buttons, and returns the code that the bot
// shows. A question without an answer is passed over.
func (p *Phone) Register(ctx context.Context, answers map[string]string) (code hotline.ChannelCode, err error) {
	if err := p.press(ctx, buttonRegister); err != nil {
		return code, err
	}
	button := buttonForm
	for _, q := range hotline.Questions() {
		mark := "-"
		if i := slices.Index(q.Answers, answers[q.Name]); i >= 0 {
			mark = strconv.Itoa(i)
		}
		button += mark
		if err := p.until(ctx, "the bot asks: "+q.Name, func(all []telegramsim.Shown) bool { return shows(all, button) }); err != nil {
			return code, err
		}
		if _, err := p.Press(p.bot, button); err != nil {
			return code, err
		}
	}
	err = p.until(ctx, "the bot shows a code", func(all []telegramsim.Shown) bool {
		for _, m := range slices.Backward(all) {
			if c, found := codeIn(m); found {
				code = c
				return true
			}
		}
		return false
	})
	return code, err
}

// codeIn finds the line of a bot's message that is a channel code.
func codeIn(m telegramsim.Shown) (hotline.ChannelCode, bool) {
	for line := range strings.Lines(m.Text) {
		if code, err := hotline.ParseChannelCode(line); err == nil && m.FromBot {
			return code, true
		}
	}
	return hotline.ChannelCode{}, false
}

// TypeBack types the code that was shown, once, as the bot has asked.
func (p *Phone) TypeBack(ctx context.Context, code hotline.ChannelCode) error {
	id, err := p.Write(p.bot, strings.Join(code.Groups(), " "))
	if err != nil {
		return err
	}
	said, err := p.after(ctx, id, false, "the bot says whether the code was right")
	if err == nil && len(said.Buttons) == 0 { // what is wrong is asked again, without buttons
		err = hotline.Errorf(hotline.KindConflict, "telephone", "the bot does not take the code that it has shown")
	}
	return err
}

// Claim says by button and code that another case is this person's. It returns
// when the bot has taken the code out of the chat again.
func (p *Phone) Claim(ctx context.Context, code hotline.ChannelCode) error {
	if err := p.press(ctx, buttonCode); err != nil {
		return err
	}
	if err := p.until(ctx, "the bot asks for the code", func(all []telegramsim.Shown) bool { return !shows(all, buttonCode) }); err != nil {
		return err
	}
	id, err := p.Write(p.bot, strings.Join(code.Groups(), " "))
	if err != nil {
		return err
	}
	if _, err := p.after(ctx, id, false, "the bot says that it has noted the code"); err != nil {
		return err
	}
	return p.until(ctx, "the code is deleted", func(all []telegramsim.Shown) bool {
		return !slices.ContainsFunc(all, func(m telegramsim.Shown) bool { return m.ID == id })
	})
}

// Hear waits for an answer, which stands there as one message or, where it is
// longer than Telegram takes, as several.
func (p *Phone) Hear(ctx context.Context, text string) error {
	return p.until(ctx, "an answer stands in the chat", func(all []telegramsim.Shown) bool {
		for i, m := range all {
			if m.ID <= p.heard {
				continue
			}
			if last, found := answer(all[i:], text); found {
				p.heard = last
				return true
			}
		}
		return false
	})
}

// Times counts how often an answer stands in the chat.
func (p *Phone) Times(text string) (n int) {
	all := p.Shown()
	for i := range all {
		if _, found := answer(all[i:], text); found {
			n++
		}
	}
	return n
}

// answer reports whether messages of the bot begin with a text, and where it ends.
func answer(all []telegramsim.Shown, text string) (last int64, found bool) {
	want, have := blanks(text), ""
	for i, m := range all {
		if !m.FromBot {
			return 0, false
		}
		have += blanks(m.Text)
		switch {
		case have == want:
			return m.ID, i > 0 || m.Text == strings.TrimSpace(text)
		case !strings.HasPrefix(want, have):
			return 0, false
		}
	}
	return 0, false
}

// blanks is a text without them: where a long one is cut, some are lost.
func blanks(text string) string { return strings.Join(strings.Fields(text), "") }

// Erase has the bot delete the chat, and waits until nothing but its word about
// that is left.
func (p *Phone) Erase(ctx context.Context) error {
	if err := p.press(ctx, buttonErase); err != nil {
		return err
	}
	err := p.until(ctx, "the chat is empty but for one word of the bot", func(all []telegramsim.Shown) bool {
		return len(all) == 1 && all[0].FromBot && len(all[0].Buttons) == 0
	})
	if err != nil {
		return fmt.Errorf("%w; it shows %d messages", err, len(p.Shown()))
	}
	return nil
}
