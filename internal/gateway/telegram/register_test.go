package telegram_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

var codeShown = regexp.MustCompile(`\d{4} \d{4} \d{4}`)

// register answers every question with the n-th answer, or passes it over (-1).
func (l *line) register(p *telegramsim.Person, answers ...int) (code string) {
	l.t.Helper()
	if _, err := p.Start(botName, ""); err != nil {
		l.t.Fatal(err)
	}
	l.press(p, say.RegisterButton)
	for i, q := range hotline.Questions() {
		l.says(p, say.Questions[q.Name].Ask)
		label := say.SkipButton
		if n := answers[i]; n >= 0 {
			label = say.Questions[q.Name].Answers[q.Answers[n]]
		}
		l.press(p, label)
	}
	return codeShown.FindString(l.says(p, say.Done).Text)
}

// Registering, by every answer and by none: one record with the form, and a code
// that finds the case.
func TestRegister(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []int
		form    []seal.FormAnswer
		people  int
	}{
		"nothing": {[]int{-1, -1, -1, -1}, nil, 0},
		"first":   {[]int{0, 0, 0, 0}, []seal.FormAnswer{{Question: "where", Answer: "free"}, {Question: "people", Answer: "1"}, {Question: "phone", Answer: "yes"}, {Question: "first", Answer: "yes"}}, 1},
		"second":  {[]int{1, 1, 1, 1}, []seal.FormAnswer{{Question: "where", Answer: "mobilised"}, {Question: "people", Answer: "2-3"}, {Question: "phone", Answer: "maybe"}, {Question: "first", Answer: "no"}}, 0},
		"third":   {[]int{2, 2, 2, -1}, []seal.FormAnswer{{Question: "where", Answer: "serving"}, {Question: "people", Answer: "4-10"}, {Question: "phone", Answer: "no"}}, 0},
		"last":    {[]int{3, 3, -1, -1}, []seal.FormAnswer{{Question: "where", Answer: "front"}, {Question: "people", Answer: "10+"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := running(t)
			p := l.english()
			code := l.register(p, c.answers...)
			one := l.only()
			r := one.Records[0]
			if r.Body.Chat == nil || r.Body.Chat.Event != hotline.ChatRegistered || !slices.Equal(r.Body.Chat.Form, c.form) || r.Body.People != c.people {
				t.Errorf("the record: %+v, %d people", r.Body.Chat, r.Body.People)
			}
			parsed, err := hotline.ParseChannelCode(code)
			if err != nil || r.Body.Code != parsed.Digits() || !bytes.Equal(one.Row.CodeIndex, intake.CodeIndex(l.Index, parsed)) {
				t.Errorf("the code %q does not find the case: %v", code, err)
			}
			l.typedBack(p, code)
		})
	}
}

// otherCode is a code with a slip in it.
func otherCode(code string) string { return string('0'+('9'-code[0])) + code[1:] }

// typedBack types a code wrongly and then rightly, and sees the code go.
func (l *line) typedBack(p *telegramsim.Person, code string) {
	l.t.Helper()
	if _, err := p.Write(botName, otherCode(code)); err != nil {
		l.t.Fatal(err)
	}
	l.says(p, say.CodeWrong)
	records := len(l.only().Records)
	if _, err := p.Write(botName, " "+strings.ReplaceAll(code, " ", "-")); err != nil {
		l.t.Fatal(err)
	}
	l.says(p, say.CodeRight)
	if len(l.only().Records) != records {
		l.t.Error("the code that was typed back is a record")
	}
	l.Await("all is said", l.Quiet)
	l.Clock.Advance(2 * time.Minute)
	l.await(p, "the code is gone from the chat", func(chat []telegramsim.Shown) bool {
		return !slices.ContainsFunc(chat, func(m telegramsim.Shown) bool { return !m.Deleted && codeShown.MatchString(m.Text) })
	})
}

// Before a registration is complete nothing of it is kept; stopping forgets it.
func TestUnfinishedRegistrationIsNotKept(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.start(l.config())
			p := l.sim.Person(telegramsim.PersonConfig{ID: firstPerson, Language: "en"})
			ok[int64](t)(p.Start(botName, ""))
			l.press(p, say.RegisterButton)
			l.press(p, say.Questions["where"].Answers[hotline.WhereFront])
			l.press(p, say.Questions["people"].Answers[hotline.CountMore])
			l.says(p, say.Questions["phone"].Ask)
			if len(l.Cases()) != 0 {
				t.Error("an unfinished registration made a case")
			}
			l.Spotless("form:33", "7304418820", "simulated-token-of-vesna")
			l.press(p, say.StopButton)
			l.says(p, say.Stopped)
			if len(l.Cases()) != 0 {
				t.Error("a stopped registration made a case")
			}
		})
	}
}

// Who registers twice stays one case with one code.
func TestRegisteredTwice(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	first := l.register(p, -1, -1, -1, -1)
	l.register(p, 0, 0, 0, 0)
	l.Await("there are two registrations", func() bool { return len(l.only().Records) == 2 })
	l.Await("all is said", l.Quiet)
	for _, m := range p.Chat(botName) {
		if code := codeShown.FindString(m.Text); code != "" && code != first {
			t.Errorf("another code: %s, not %s", code, first)
		}
	}
}

// A code is noted in the same words whether it is known or not, and nothing is told.
func TestIHaveACode(t *testing.T) {
	t.Parallel()
	l := running(t)
	owner := l.english()
	code := l.register(owner, -1, -1, -1, -1)
	words := map[string]string{}
	for _, typed := range []string{code, hotline.ChannelCodeOf(77).Digits()} {
		p := l.english()
		ok[int64](t)(p.Start(botName, ""))
		l.press(p, say.CodeButton)
		l.says(p, say.CodePrompt)
		id := ok[int64](t)(p.Write(botName, typed))
		words[typed] = l.says(p, say.ClaimNoted).Text
		l.removed(p, id)
		for _, m := range p.Chat(botName) {
			if strings.Contains(m.Text, code) {
				t.Error("the bot repeats a code")
			}
		}
	}
	if words[code] != words[hotline.ChannelCodeOf(77).Digits()] {
		t.Errorf("a known code is answered otherwise than an unknown one: %q", words)
	}
	var claims []string
	for _, c := range l.Cases() {
		if chat := c.Records[0].Body.Chat; chat.Event == hotline.ChatClaim {
			claims = append(claims, chat.Claim)
		}
	}
	slices.Sort(claims)
	want := []string{strings.ReplaceAll(code, " ", ""), hotline.ChannelCodeOf(77).Digits()}
	slices.Sort(want)
	if !slices.Equal(claims, want) {
		t.Errorf("claims: %q, not %q", claims, want)
	}
	p := l.english()
	ok[int64](t)(p.Write(botName, otherCode(code)))
	l.says(p, say.CodeSlip)
}
