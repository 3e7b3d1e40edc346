package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	telegram "github.com/go-telegram/bot"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// What buttons say when they are pressed. A registration keeps its answers in
// its buttons until it is complete: before that nothing is kept.
const (
	pressMenu     = "menu"
	pressHow      = "how"
	pressReally   = "really"
	pressRegister = "register"
	pressCode     = "code"
	pressWrite    = "write"
	pressStay     = "stay"
	pressErase    = "erase"
	pressStop     = "stop"
	pressForm     = "form:" // then a character for each question: the answer's place, or skipped
	skipped       = '-'
)

func (m *moment) menu() [][]key {
	w := m.w
	return [][]key{
		{{w.HowButton, pressHow}},
		{{w.ReallyButton, pressReally}},
		{{w.RegisterButton, pressRegister}},
		{{w.CodeButton, pressCode}},
		{{w.WriteButton, pressWrite}},
		{{w.StayButton, pressStay}},
		{{w.EraseButton, pressErase}},
	}
}

func (m *moment) back() [][]key { return [][]key{{{m.w.BackButton, pressMenu}}} }

// button answers a press in the place of the message that bears the button, so
// that little stands in the chat. What no button of ours says leads to the menu.
func (m *moment) button(data string) error {
	here := func(text string, keys [][]key) { m.say(word{Text: text, Keys: keys, Edit: m.in.number}) }
	switch name, rest, _ := strings.Cut(data, ":"); name {
	case pressHow:
		here(m.w.How, m.back())
	case pressReally:
		m.say(word{Make: makeReally, Keys: m.back(), Edit: m.in.number})
	case pressRegister:
		here(m.w.RegisterIntro+"\n\n"+m.ask(0), m.answers(""))
	case strings.TrimSuffix(pressForm, ":"):
		return m.form(rest)
	case pressCode:
		here(m.w.CodePrompt, m.back())
	case pressWrite:
		here(m.w.WritePrompt, m.back())
	case pressStay:
		m.stayFor(rest)
	case pressErase:
		return m.eraseChat()
	case pressStop:
		here(m.w.Stopped+"\n\n"+m.w.Menu, m.menu())
	default:
		here(m.w.Menu, m.menu())
	}
	return nil
}

// stayFor asks how long messages stay, or notes the answer.
func (m *moment) stayFor(minutes string) {
	if n, err := strconv.Atoi(minutes); err == nil && m.w.Stays[n] != "" {
		m.set.Stay = n
		m.hasten = m.now.Add(m.set.stay()).UnixMilli()
		m.say(word{Text: fmt.Sprintf(m.w.StayDone, m.w.Stays[n]), Keys: m.back(), Edit: m.in.number})
		return
	}
	var keys [][]key
	for _, n := range stays() {
		keys = append(keys, []key{{m.w.Stays[n], pressStay + ":" + strconv.Itoa(n)}})
	}
	m.say(word{Text: m.w.StayAsk, Keys: append(keys, m.back()...), Edit: m.in.number})
}

// ask is a question with its place among all.
func (m *moment) ask(n int) string {
	questions := hotline.Questions()
	return fmt.Sprintf("%d/%d. %s", n+1, len(questions), m.w.Questions[questions[n].Name].Ask)
}

// answers are the buttons of the question after those that are answered.
func (m *moment) answers(answered string) [][]key {
	q := hotline.Questions()[len(answered)]
	var keys [][]key
	for i, a := range q.Answers {
		keys = append(keys, []key{{m.w.Questions[q.Name].Answers[a], pressForm + answered + strconv.Itoa(i)}})
	}
	return append(keys, []key{{m.w.SkipButton, pressForm + answered + string(skipped)}, {m.w.StopButton, pressStop}})
}

// form goes on in a registration, or completes it.
func (m *moment) form(answered string) error {
	form, ok := parseForm(answered)
	if !ok {
		m.say(word{Text: m.w.Menu, Keys: m.menu(), Edit: m.in.number})
		return nil
	}
	if len(answered) < len(hotline.Questions()) {
		m.say(word{Text: m.ask(len(answered)), Keys: m.answers(answered), Edit: m.in.number})
		return nil
	}
	if err := m.write("", seal.Chat{Event: hotline.ChatRegistered, Form: form}); err != nil {
		return err
	}
	if i := answerOf(form, "people"); i == hotline.CountOne {
		m.body.People = 1
	}
	m.set.Asked, m.set.Quiet = true, true
	m.say(word{Make: makeCode, Edit: m.in.number})
	return nil
}

// parseForm reads the answers that a button bears. Who presses can send anything.
func parseForm(answered string) ([]seal.FormAnswer, bool) {
	questions := hotline.Questions()
	if len(answered) > len(questions) {
		return nil, false
	}
	var form []seal.FormAnswer
	for i, c := range []byte(answered) {
		if c == skipped {
			continue
		}
		n := int(c) - '0'
		if n < 0 || n >= len(questions[i].Answers) {
			return nil, false
		}
		form = append(form, seal.FormAnswer{Question: questions[i].Name, Answer: questions[i].Answers[n]})
	}
	return form, true
}

func answerOf(form []seal.FormAnswer, question string) string {
	for _, a := range form {
		if a.Question == question {
			return a.Answer
		}
	}
	return ""
}

// answerButtons tells Telegram that a press of a button was heard, so that the
// telephone stops waiting. Nothing hangs on it.
func (g *Gateway) answerButtons(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case in := <-g.answers:
			calling, cancel := context.WithTimeout(ctx, 5*time.Second)
			_, err := in.bot.api.AnswerCallbackQuery(calling, &telegram.AnswerCallbackQueryParams{CallbackQueryID: in.query})
			cancel()
			if err != nil {
				if v, _ := judge(err); v != refused { // it was too old: no harm
					g.fault(in.bot, "answer", err)
				}
			}
		}
	}
}
