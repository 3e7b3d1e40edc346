package drill_test

import (
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/rehearsal/drill"
)

func said(texts ...string) []rehearsal.Message {
	var out []rehearsal.Message
	for i, text := range texts {
		from := hotline.SideContact
		if rest, desk := strings.CutPrefix(text, "desk:"); desk {
			from, text = hotline.SideDesk, rest
		}
		out = append(out, rehearsal.Message{At: float64(i), From: from, Text: text})
	}
	return out
}

func find(r drill.Report, id string) drill.Result {
	for _, s := range r.Scenarios {
		if s.ID == id {
			return s
		}
	}
	return drill.Result{}
}

// Whatever a file may hold: what can be played is played, what cannot is a
// check that fails and says why, and the others do not suffer.
func TestOddScenarios(t *testing.T) {
	t.Parallel()
	none, many := 0, 4000
	playOdd(t, []odd{
		{s: rehearsal.Scenario{ID: "desk-first", Channel: "web", Messages: said("desk:Is anybody there?", "Yes, a soldier.", "desk:Good that you write.")}, fail: "message 1, desk", why: "cannot write first"},
		{s: rehearsal.Scenario{ID: "silent", Channel: "web"}, fail: "case", why: "nobody has written"},
		{s: rehearsal.Scenario{ID: "after-silence", Channel: "web", Continues: "silent", Messages: said("Here I am again.")}, fail: "continues", why: "no case"},
		{s: rehearsal.Scenario{ID: "no-such-stage", Channel: "web", Path: []hotline.Stage{"registered", "hospital"}, Messages: said("hello there")}, fail: "stage hospital", why: "no stage"},
		{s: rehearsal.Scenario{ID: "no-way-back", Channel: "web", Path: []hotline.Stage{"received", "new"}, Messages: said("hello there")}, fail: "stage new", why: "no way"},
		{s: rehearsal.Scenario{ID: "far", Channel: "web", Path: []hotline.Stage{"closed", "closed"}, Messages: said("hello there")}, why: "new → standby → closed"},
		{s: rehearsal.Scenario{ID: "long", Channel: "web", People: &many, Messages: said(strings.Repeat("Длинное письмо. ", 3000), "desk:"+strings.Repeat("Long answer. ", 4000))}, why: "records"},
		{s: rehearsal.Scenario{ID: "characters", Channel: "web", Messages: said("\x00\u202e\r\n\t\"<&>\\ \u2028👩‍👩‍👧 \ufeff", "desk:  \n\n two line ends behind\n\n")}, why: "exact"},
		{s: rehearsal.Scenario{ID: "pigeon", Channel: "pigeon\x1b[2J", Language: "tlh", People: &none, Messages: said("coo, coo, coo")}, why: "does not exist yet"},
		{s: rehearsal.Scenario{ID: "nothing-new", Channel: "web", Continues: "pigeon", Path: []hotline.Stage{"referred"}}, why: "referred"},
		{s: rehearsal.Scenario{ID: "again", Channel: "web", Continues: "long", Messages: said("One more thing to say.", "desk:Say it.", "It is said.")}, why: "opens the case"},
		{s: rehearsal.Scenario{ID: "by-phone", Channel: "phone", Continues: "again", Path: []hotline.Stage{"meeting"}, Messages: said("I have a code.")}, why: "the code finds the case"},
		{s: rehearsal.Scenario{ID: "silent-phone", Channel: "phone", Continues: "long"}, fail: "case", why: "nobody has written"},
	})
}

// Whoever comes back by a chat does it from another account, and whoever began in
// one can come back on the page: with the code, and the word.
func TestReturnsByChat(t *testing.T) {
	t.Parallel()
	many := 4000
	playOdd(t, []odd{
		{s: rehearsal.Scenario{ID: "web", Channel: "web", Messages: said("Hello from the page.")}, why: "exact"},
		{s: rehearsal.Scenario{ID: "advance", Channel: "telegram", Language: "uk", People: &many, Path: []hotline.Stage{"registered"}}, why: "answers by buttons: 1"},
		{s: rehearsal.Scenario{ID: "advance-again", Channel: "telegram", Continues: "advance", Path: []hotline.Stage{"standby"}, Messages: said("It is me, from a telephone of another.", "desk:Say the word.", "Here it is.")}, why: "taken out of the chat"},
		{s: rehearsal.Scenario{ID: "from-the-web", Channel: "telegram", Continues: "web", Messages: said("It is me, and now I have Telegram.")}, why: "linked"},
		{s: rehearsal.Scenario{ID: "without-a-word", Channel: "telegram", Continues: "web"}, fail: "continues", why: `counts as "no"`},
		{s: rehearsal.Scenario{ID: "to-the-web", Channel: "web", Continues: "advance", Messages: said("Here is the page. I have the code.")}, why: "linked"},
	})
}

// The same in chats as on the page.
func TestOddChats(t *testing.T) {
	t.Parallel()
	playOdd(t, []odd{
		{s: rehearsal.Scenario{ID: "chat-desk-first", Channel: "telegram", Messages: said("desk:Is anybody there?", "Yes, a soldier.", "desk:Good that you write.")}, fail: "message 1, desk", why: "cannot write first"},
		{s: rehearsal.Scenario{ID: "chat-silent", Channel: "telegram"}, fail: "case", why: "nobody has written"},
		{s: rehearsal.Scenario{ID: "chat-long", Channel: "telegram", Messages: said(strings.Repeat("Длинное письмо. ", 600), "desk:"+strings.Repeat("Long answer. ", 800))}, why: "in 3 records"},
		{s: rehearsal.Scenario{ID: "chat-characters", Channel: "telegram", Messages: said("\u202e\n\t\"<&>\\ \u2028👩‍👩‍👧 \ufeff", "desk:  \n\n two line ends behind\n\n", "the same", "desk:the same", "the same", "desk:the same")}, why: "exact"},
	})
}

// odd is a scenario and what comes of it.
type odd struct {
	s    rehearsal.Scenario
	fail string // check that must be the only one to fail; "": all pass
	why  string // part of its detail, or of some detail where all pass
}

func playOdd(t *testing.T, odd []odd) {
	t.Helper()
	var scenarios []rehearsal.Scenario
	for _, o := range odd {
		scenarios = append(scenarios, o.s)
	}
	r := play(t, scenarios, "")
	for _, o := range odd {
		expect(t, find(r, o.s.ID), o.s.ID, o.fail, o.why)
	}
	if r.Passed+r.Failed != len(odd) {
		t.Errorf("passed %d, failed %d of %d", r.Passed, r.Failed, len(odd))
	}
	if strings.ContainsRune(table(r), '\x1b') {
		t.Error("the table lets a scenario move the cursor")
	}
}

// expect checks that nothing but one check has failed, and what is said of it.
func expect(t *testing.T, r drill.Result, id, fail, why string) {
	t.Helper()
	if r.ID != id || r.Passed != (fail == "") {
		t.Errorf("%s: passed %t", id, r.Passed)
	}
	told := false
	for _, c := range r.Checks {
		if c.Passed != (c.Name != fail) {
			t.Errorf("%s: check %q: passed %t: %s", id, c.Name, c.Passed, c.Detail)
		}
		told = told || (fail == "" || c.Name == fail) && strings.Contains(c.Detail, why)
	}
	if !told {
		t.Errorf("%s: no check says %q", id, why)
	}
}
