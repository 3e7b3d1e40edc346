package telegram_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/gateway/telegram"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

const page = "https://page.example.org"

// The truth is the first sentence that a person reads, before and after pressing
// Start, in each language.
func TestTruthComesFirst(t *testing.T) {
	t.Parallel()
	l := running(t)
	for _, lang := range []string{"ru", "uk", "be", "en"} {
		p := l.sim.Person(telegramsim.PersonConfig{Language: lang})
		ok[int64](t)(p.Start(botName, ""))
		words := telegram.Words(lang)
		first := l.says(p, words.Truth)
		if want := fmt.Sprintf(words.Truth, page); !strings.HasPrefix(first.Text, want) {
			t.Errorf("%s: %q does not begin with %q", lang, first.Text, want)
		}
		var labels []string
		for _, b := range slices.Concat(first.Buttons...) {
			labels = append(labels, b.Label)
		}
		want := []string{words.HowButton, words.ReallyButton, words.RegisterButton, words.CodeButton, words.WriteButton, words.StayButton, words.EraseButton}
		if !slices.Equal(labels, want) {
			t.Errorf("%s: buttons %q", lang, labels)
		}
	}
	// The first language is the bot's own: it is for everybody else.
	var profile telegramsim.Profile
	l.Await("the bot has described itself", func() bool {
		profile = ok[telegramsim.Profile](t)(l.sim.Profile(botName))
		return len(profile.Commands) == 4
	})
	for code, lang := range map[string]string{"": "ru", "uk": "uk", "be": "be", "en": "en"} {
		if got, want := profile.Description[code], fmt.Sprintf(telegram.Words(lang).Truth, page); got != want {
			t.Errorf("%q: description %q", code, got)
		}
		if got := profile.Short[code]; got != telegram.Words(lang).TruthAlone {
			t.Errorf("%q: short description %q", code, got)
		}
	}
	if len(l.Cases()) != 0 {
		t.Error("who only looks has a case")
	}
}

// Each button answers in the place of the menu and leads back.
func TestButtons(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	ok[int64](t)(p.Start(botName, ""))
	menu := l.says(p, "Telegram").ID
	for button, answer := range map[string]string{
		say.HowButton: "The Third Geneva Convention", say.ReallyButton: "@" + botName, say.RegisterButton: say.RegisterIntro,
		say.CodeButton: say.CodePrompt, say.WriteButton: say.WritePrompt, say.StayButton: say.StayAsk,
	} {
		l.press(p, button)
		if m := l.says(p, answer); m.ID != menu {
			t.Errorf("%s: the answer stands in a message of its own", button)
		}
		if button == say.RegisterButton {
			l.press(p, say.StopButton)
		} else {
			l.press(p, say.BackButton)
		}
		l.says(p, say.Menu)
	}
	l.Await("no telephone waits", func() bool { return p.Unanswered(botName) == 0 })
	if len(l.Cases()) != 0 {
		t.Error("looking at buttons made a case")
	}
}

// The phrase that the bot shows is the one that a desk computes from the case.
func TestReallyYou(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	ok[int64](t)(p.Start(botName, ""))
	l.press(p, say.ReallyButton)
	l.says(p, say.ReallyNoPhrase)
	l.write(p, "Hello")
	words := seal.Phrase(l.only().First)
	ok[int64](t)(p.Start(botName, ""))
	l.await(p, "there are two menus", func(chat []telegramsim.Shown) bool { return said(p, page) == 1 && len(chat) > 3 })
	l.press(p, say.ReallyButton)
	l.says(p, hotline.PhraseOf(words[:]...))
}

// What is no message of a person is answered kindly and makes no case.
func TestWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	ok[int64](t)(p.Sticker(botName, []byte("RIFFwebp")))
	l.says(p, say.NotTaken)
	id := ok[int64](t)(p.Contact(botName, "+79001234567", "Ivan"))
	l.says(p, say.ContactRefused)
	l.removed(p, id)
	ok[int64](t)(p.Write(botName, "/help"))
	l.says(p, "Third Geneva")
	if len(l.Cases()) != 0 {
		t.Error("a case was made")
	}
}

// removed waits until a message of the person is gone from the chat.
func (l *line) removed(p *telegramsim.Person, id int64) {
	l.t.Helper()
	l.await(p, "it is removed from the chat", func(chat []telegramsim.Shown) bool {
		return slices.ContainsFunc(chat, func(m telegramsim.Shown) bool { return m.ID == id && m.Deleted })
	})
}

// What is written too early is sealed all the same, removed from the chat, and the
// person told why.
func TestTooEarly(t *testing.T) {
	t.Parallel()
	l := running(t)
	for text, answer := range map[string]string{
		"I am at 47.98765, 37.24680":       say.PositionEarly,
		"155th separate marine brigade":    say.UnitEarly,
		"My name is Alexander":             say.NameEarly,
		"call me at +7 900 123-45-67 then": say.NumberEarly,
	} {
		p := l.english()
		id := ok[int64](t)(p.Write(botName, text))
		m := l.says(p, answer)
		l.removed(p, id)
		if !strings.HasSuffix(m.Text, say.Removed) {
			t.Errorf("%q does not say that it was removed", m.Text)
		}
		if !slices.Contains(l.texts(), text) {
			t.Errorf("%q is not kept", text)
		}
	}
}

// Edits are edits, what is passed on is somebody else's, and links hide nothing.
func TestEditsForwardsLinks(t *testing.T) {
	t.Parallel()
	l := running(t)
	p := l.english()
	id := ok[int64](t)(p.Write(botName, "I want out"))
	l.Await("it is kept", func() bool { return len(l.texts()) == 1 })
	if c := l.newest().Body.Chat; c == nil || c.Number != id || c.Edited || c.Forwarded {
		t.Errorf("a message: %+v", c)
	}
	if err := p.Edit(botName, id, "I want out, we are two"); err != nil {
		t.Fatal(err)
	}
	l.Await("the edit is kept", func() bool { return len(l.texts()) == 2 })
	if r := l.newest(); r.Body.Text != "I want out, we are two" || r.Body.Chat.Number != id || !r.Body.Chat.Edited {
		t.Errorf("an edit: %+v", r.Body.Chat)
	}
	other := ok[int64](t)(p.Forward(botName, "Surrender hotline is a trap", "Commander"))
	l.Await("what was passed on is kept", func() bool { return len(l.texts()) == 3 })
	if r := l.newest(); !r.Body.Chat.Forwarded || r.Body.Chat.Number != other || strings.Contains(r.Body.Text, "Commander") {
		t.Errorf("passed on: %+v", r.Body.Chat)
	}
	ok[int64](t)(p.WriteEntities(botName, "look here", telegramsim.Entity{Type: "text_link", Offset: 5, Length: 4, URL: "https://evil.example/x"}))
	l.Await("the link is kept", func() bool { return len(l.texts()) == 4 })
	if text := l.newest().Body.Text; text != "look here\n[https://evil.example/x]" {
		t.Errorf("a hidden address: %q", text)
	}
	if said(p, say.Kept) != 1 {
		t.Error("that somebody reads it is said once")
	}
}
