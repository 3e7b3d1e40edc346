package ui

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// bait is a text with everything that other programs make links of.
const bait = "Смотрите https://evil.example/x?y=1 и www.evil.example, t.me/evil, @evil_bot, mailto:a@evil.example, +380501234567 " + hostile

func byBot(seq int64, ago int, text string, facts desk.ChatFacts) desk.Message {
	m := said(seq, ago, text)
	m.Side, m.Signer, m.Channel, m.Chat = hotline.SideGateway, "gateway", hotline.ChannelTelegram, facts
	return m
}

func sentBack(seq int64, ago int, text string, c desk.Carried) desk.Message {
	m := answered(seq, ago, "Весна", text, false)
	m.Channel, m.Carried = hotline.ChannelTelegram, &c
	return m
}

// position is one that came.
func position(t testing.TB, live bool) *desk.Position {
	p, err := seal.NewPosition(48.51234, 37.98765, 24.6, live)
	if err != nil && t != nil {
		t.Fatal(err)
	}
	return &desk.Position{State: desk.PositionOpen, At: p, Hour: hoursAgo(1)}
}

// chatting is an evening with everything that a bot can tell.
func chatting() *fakeDesk {
	f := busy()
	f.st.Teams = append(f.st.Teams, hotline.TeamField)
	f.add(1, func(c *desk.CaseView) {
		c.Channel, c.Urgency, c.Unread, c.Waiting, c.Undelivered = hotline.ChannelTelegram, hotline.UrgencyNow, 2, testNow, true
		c.Event, c.Began, c.Blocked, c.QuietPlease = hotline.ChatBlocked, hotline.ChatRegistered, true, false
		c.Phrase, c.Position, c.CanAttach = "абрикос лавка самовар", position(nil, false), true
		first := byBot(1, 60, "нас двое", desk.ChatFacts{})
		second := byBot(1, 50, "нас трое "+hostile, desk.ChatFacts{Edited: true, EditHour: hoursAgo(50)})
		was := byBot(6, 30, "", desk.ChatFacts{Event: hotline.ChatPosition, Position: position(nil, true)})
		c.Messages = []desk.Message{
			byBot(0, 70, "", desk.ChatFacts{Event: hotline.ChatRegistered, Form: []seal.FormAnswer{
				{Question: "where", Answer: hotline.WhereFront},
				{Question: "people", Answer: hotline.CountFew},
				{Question: "phone", Answer: hotline.AnswerMaybe},
				{Question: "first", Answer: hotline.AnswerNo},
			}}),
			byBot(1, 60, "нас четверо", desk.ChatFacts{Edited: true, EditHour: hoursAgo(40), Earlier: []desk.Message{first, second}}),
			sentBack(0, 59, "Мы читаем.", desk.Carried{State: hotline.DeliveranceSent, Hour: hoursAgo(59)}),
			byBot(2, 58, bait, desk.ChatFacts{Forwarded: true}),
			byBot(3, 57, "правка", desk.ChatFacts{Edited: true, EditHour: hoursAgo(57)}),
			byBot(4, 56, "", desk.ChatFacts{Event: hotline.ChatClaim, Claim: []string{"4417", "0922", "5824"}}),
			byBot(5, 55, "", desk.ChatFacts{Event: hotline.ChatLost}),
			byBot(6, 1, "", desk.ChatFacts{Event: hotline.ChatPosition, Edited: true, EditHour: hoursAgo(1), Position: position(nil, false), Earlier: []desk.Message{was}}),
			sentBack(1, 1, "Где вы?", desk.Carried{}),
			byBot(7, 0, "", desk.ChatFacts{Event: hotline.ChatErased}),
			byBot(8, 0, "", desk.ChatFacts{Event: hotline.ChatBack}),
			byBot(9, 0, "", desk.ChatFacts{Event: hotline.ChatBlocked}),
			sentBack(2, 0, "Ждём.", desk.Carried{State: hotline.DeliveranceFailed, Reason: hotline.ReasonBlocked, Hour: hoursAgo(0)}),
		}
		c.Messages[11].New = true
		c.Doors = []desk.Door{{Case: c.ID, Channel: c.Channel, Blocked: true, Phrase: c.Phrase}}
		c.DeskSeq = 2
	})
	f.add(2, func(c *desk.CaseView) { // seen by somebody who is not of the field team
		c.Channel, c.QuietPlease, c.Event, c.Began = hotline.ChannelTelegram, true, hotline.ChatRegistered, hotline.ChatRegistered
		c.Phrase, c.Position = "лес море орех", &desk.Position{State: desk.PositionSealed, Hour: hoursAgo(3)}
		for i, s := range []desk.PositionState{desk.PositionSealed, desk.PositionLocked, desk.PositionGone, desk.PositionWrong} {
			c.Messages = append(c.Messages, byBot(int64(i), 3, "", desk.ChatFacts{Event: hotline.ChatPosition, Position: &desk.Position{State: s, Hour: hoursAgo(3)}}))
		}
	})
	return f
}

// TestChatWords: every event, question, answer and reason has its word.
func TestChatWords(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		x := textsOf(lang).Chats
		for _, e := range hotline.ChatEvents() {
			if e != hotline.ChatMessage {
				known(t, lang, "event", string(e), x.Events[e])
				known(t, lang, "event in the queue", string(e), x.Short[e])
			}
		}
		for _, q := range hotline.Questions() {
			known(t, lang, "question", q.Name, x.Questions[q.Name])
			for _, a := range q.Answers {
				known(t, lang, "answer", a, x.Answers[q.Name+"="+a])
			}
		}
		for _, r := range hotline.DeliveryReasons() {
			known(t, lang, "reason", string(r), x.Reasons[r])
		}
	}
}

// TestChatPage: what a bot told stands on the case's page and in the queue, in
// each language.
func TestChatPage(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {
			"Registered in advance", "Will the phone be taken away", "2 to 3", "at the front", "Edited, ", "What it said before never came", "Sent to Telegram", "On its way",
			"Not delivered: the person has blocked the bot", "a reply will not arrive", "somebody else&#39;s words", "Find the case with this code", "A file came that could not be fetched whole",
			"within 25 m", "sent by the phone by itself", "Words of this chat",
		},
		"uk": {"Зареєструвалася наперед", "Чи заберуть телефон", "Змінено, ", "Передано в Telegram", "У дорозі", "Не доставлено: людина заблокувала бота", "відповідь не дійде", "чужі слова", "Знайти справу з цим кодом"},
		"ru": {"Регистрация заранее", "Заберут ли телефон", "Изменено, ", "Передано в Telegram", "В пути", "Не доставлено: человек заблокировал бота", "ответ не дойдёт", "чужие слова", "Найти дело с этим кодом"},
	} {
		u := newUI(t, chatting(), lang)
		w := launched(t, u)
		rec := w.get("/case/" + u.refs.of(caseID(1)))
		contains(t, lang, rec, http.StatusOK, append(words, "нас четверо", "<del dir=\"auto\" lang=\"ru\">нас двое</del>", "48.51234, 37.98765", "абрикос лавка самовар")...)
		x := u.textsIn(lang)
		contains(t, lang+" queue", w.get("/"), http.StatusOK, x.Short[hotline.ChatBlocked], x.Undelivered, x.Quiet, x.Events[hotline.ChatRegistered])
		contains(t, lang+" sealed", w.get("/case/"+u.refs.of(caseID(2))), http.StatusOK, x.Sealed, x.Locked, x.Gone, x.Wrong, x.ReplyQuiet)
		checkPage(t, lang+" chat", lang, rec.Body.String())
	}
}

// textsIn are the words of chats, as a page escapes them.
func (u *UI) textsIn(lang string) chatTexts {
	x := textsOf(lang).Chats
	for _, s := range []*string{&x.Sealed, &x.Locked, &x.Gone, &x.Wrong, &x.ReplyQuiet} {
		*s = strings.ReplaceAll(*s, "'", "&#39;")
	}
	return x
}

// TestLinksAreText: nothing that a person wrote, forwarded or changed becomes a
// link, an image or an address that the page asks.
func TestLinksAreText(t *testing.T) {
	t.Parallel()
	u := newUI(t, chatting(), "en")
	w := launched(t, u)
	for _, path := range []string{"/", "/case/" + u.refs.of(caseID(1)), "/case/" + u.refs.of(caseID(1)) + "/live"} {
		body := w.get(path).Body.String()
		if strings.HasPrefix(path, "/case/") && !strings.Contains(body, "https://evil.example/x?y=1 и www.evil.example") {
			t.Errorf("%s does not hold the text", path)
		}
		for _, tag := range regexp.MustCompile(`<[a-zA-Z][^>]*>`).FindAllString(body, -1) {
			if strings.Contains(tag, "evil") || strings.Contains(tag, "tel:") || strings.Contains(tag, "mailto:") {
				t.Errorf("%s: %s", path, tag)
			}
		}
		if strings.Contains(body, "<script>alert") {
			t.Errorf("%s: what somebody wrote is markup", path)
		}
	}
}

// What must be known before a reply is said of each door of a merged case.
func TestReplyNotesByDoor(t *testing.T) {
	t.Parallel()
	f := related()
	part := f.cases[caseID(4)]
	part.Doors[0].Blocked, part.Doors[0].Phrase, part.Doors[1].Quiet = true, "лес море орех", false
	u := newUI(t, f, "en")
	contains(t, "the page", launched(t, u).get("/case/"+u.refs.of(caseID(4))), http.StatusOK,
		"Telegram · "+caseID(5).Short()+": The person has blocked the bot: a reply will not arrive.", "Telegram · "+caseID(5).Short()+":</span> <b lang=\"ru\">лес море орех")
}

// A claimed code is looked for by the keyboard, and what is found leads to the
// page on which a word links; nothing is linked by itself.
func TestClaimByKeyboard(t *testing.T) {
	t.Parallel()
	f := chatting()
	w := browser(t)(t, serve(t, f, func(c *Config) { c.Language = "en" }))
	w.launch(w.caseRef(1))
	w.wait(`document.querySelector("#talk .talk").dataset.unread === "false"`) // it is drawn again when it has been read
	w.settled()
	eval[bool](w, `(document.querySelector(".claim button").focus(), true)`)
	w.press("\r")
	w.wait(`document.getElementById("findbox").open && !!document.querySelector("#tiefound a, #tiefound p")`)
	for _, call := range f.called() {
		if strings.HasPrefix(call, "link") || strings.HasPrefix(call, "merge") {
			t.Errorf("the desk did %q", call)
		}
	}
	if got := strings.Join(f.called(), "\n"); !strings.Contains(got, "locate") {
		t.Errorf("the desk did %q", got)
	}
}
