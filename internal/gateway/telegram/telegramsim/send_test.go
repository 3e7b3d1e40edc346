package telegramsim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// begun is a person who has pressed Start; chat is the id as a parameter.
func (g *telegram) begun() (p *Person, chat string) {
	g.t.Helper()
	p = g.Person(PersonConfig{})
	ok[int64](g.t)(p.Start(username, ""))
	return p, strconv.FormatInt(p.ID(), 10)
}

func TestSendingIsRefused(t *testing.T) {
	t.Parallel()
	g := start(t)
	_, chat := g.begun()
	for _, c := range []struct {
		code   int
		part   string
		method string
		pairs  []string
	}{
		{404, "Not Found: method not found", "sendFriendship", nil},
		{400, "chat_id is empty", "sendMessage", []string{"text", "x"}},
		{400, "chat not found", "sendMessage", []string{"chat_id", "-5", "text", "x"}},
		{400, "chat not found", "sendMessage", []string{"chat_id", "@channel", "text", "x"}},
		{400, "text is empty", "sendMessage", []string{"chat_id", chat, "text", " "}},
		{400, "too long", "sendMessage", []string{"chat_id", chat, "text", strings.Repeat("a", 4097)}},
		{400, "too long", "sendMessage", []string{"chat_id", chat, "text", strings.Repeat("\U0001F600", 2049)}},
		{400, "parse_mode", "sendMessage", []string{"chat_id", chat, "text", "x", "parse_mode", "HTML"}},
		{400, "can't parse", "sendMessage", []string{"chat_id", chat, "text", "x", "link_preview_options", "["}},
		{400, "can't parse", "sendMessage", []string{"chat_id", chat, "text", "x", "reply_markup", "[]"}},
		{400, "not found", "sendMessage", []string{"chat_id", chat, "text", "x", "reply_parameters", `{"message_id":99}`}},
		{400, "BUTTON_DATA_INVALID", "sendMessage", []string{
			"chat_id", chat, "text", "x", "reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"` + strings.Repeat("d", 65) + `"}]]}`,
		}},
		{400, "unallowed", "sendMessage", []string{"chat_id", chat, "text", "x", "reply_markup", `{"inline_keyboard":[[{"text":"a"}]]}`}},
		{400, "non-empty", "sendMessage", []string{"chat_id", chat, "text", "x", "reply_markup", `{"keyboard":[[""]]}`}},
		{400, "location", "sendLocation", []string{"chat_id", chat, "latitude", "91", "longitude", "0"}},
		{400, "location", "sendLocation", []string{"chat_id", chat, "latitude", "1"}},
		{400, "no photo", "sendPhoto", []string{"chat_id", chat}},
		{400, "wrong file identifier", "sendVoice", []string{"chat_id", chat, "voice", "https://example.org/a.ogg"}},
		{400, "wrong parameter action", "sendChatAction", []string{"chat_id", chat, "action", "sleep"}},
		{400, "wrong file_id", "getFile", []string{"file_id", "x"}},
		{400, "private chats", "leaveChat", []string{"chat_id", chat}},
		{400, "BOT_COMMAND_INVALID", "setMyCommands", []string{"commands", `[{"command":"Big","description":"x"}]`}},
		{400, "too long", "setMyShortDescription", []string{"short_description", strings.Repeat("a", 121)}},
		{400, "too old", "answerCallbackQuery", []string{"callback_query_id", "1"}},
		{400, "not found", "editMessageText", []string{"chat_id", chat, "message_id", "9", "text", "x"}},
		{400, "can't be edited", "editMessageText", []string{"chat_id", chat, "message_id", "1", "text", "x"}},
		{400, "not found", "setMessageReaction", []string{"chat_id", chat, "message_id", "9"}},
	} {
		g.refused(c.code, c.part, c.method, c.pairs...)
	}
}

func TestBotsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	g := start(t)
	_, chat := g.begun()
	g.must("setMyCommands", "commands", `[{"command":"help","description":"Help"}]`, "language_code", "uk")
	g.must("setMyCommands", "commands", `[{"command":"stop","description":"Stop"}]`)
	g.must("deleteMyCommands")
	g.must("setMyDescription", "description", "long")
	g.must("setMyShortDescription", "short_description", "short", "language_code", "ar")
	g.must("leaveChat", "chat_id", "-100200")
	g.must("sendChatAction", "chat_id", chat, "action", "typing")
	want := Profile{
		Commands:    map[string][]Command{"uk": {{Name: "help", Description: "Help"}}},
		Description: map[string]string{"": "long"}, Short: map[string]string{"ar": "short"}, Left: []int64{-100200},
	}
	if diff := cmp.Diff(want, ok[Profile](t)(g.Profile(username))); diff != "" {
		t.Error(diff)
	}
	if me := string(g.must("getMe")); !strings.Contains(me, `"id":123456,"is_bot":true`) || !strings.Contains(me, username) {
		t.Error(me)
	}
	if c := string(g.must("getChat", "chat_id", chat)); !strings.Contains(c, `"type":"private"`) {
		t.Error(c)
	}
}

func TestKeyboards(t *testing.T) {
	t.Parallel()
	g := start(t)
	p, chat := g.begun()
	g.must("sendMessage", "chat_id", chat, "text", "choose", "reply_markup", `{"keyboard":[["One",{"text":"Two"}]],"one_time_keyboard":true}`)
	if keys := p.Keyboard(username); len(keys) != 1 || !slices.Equal(keys[0], []string{"One", "Two"}) {
		t.Errorf("keyboard %v", keys)
	}
	ok[int64](t)(p.Press(username, "Two"))
	if last, _ := p.Last(username); last.Text != "Two" || last.FromBot || p.Keyboard(username) != nil {
		t.Errorf("pressed: %+v, keyboard %v", last, p.Keyboard(username))
	}
	g.must("sendMessage", "chat_id", chat, "text", "again", "reply_markup", `{"keyboard":[["One"]]}`)
	g.must("sendMessage", "chat_id", chat, "text", "no", "reply_markup", `{"remove_keyboard":true}`)
	if keys := p.Keyboard(username); keys != nil {
		t.Errorf("keyboard %v", keys)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	g := start(t)
	p, chat := g.begun()
	buttons := `{"inline_keyboard":[[{"text":"Go","callback_data":"g"},{"text":"Site","url":"https://example.org"}]]}`
	g.must("sendMessage", "chat_id", chat, "text", "one", "reply_markup", buttons)
	edit := []string{"chat_id", chat, "message_id", "2", "text", "one", "reply_markup", buttons}
	g.refused(400, "message is not modified", "editMessageText", edit...)
	ok[int64](t)(p.Press(username, "Site")) // opens a page; the bot is not told
	ok[int64](t)(p.Press(username, "g"))
	g.must("editMessageReplyMarkup", "chat_id", chat, "message_id", "2")
	g.refused(400, "message is not modified", "editMessageReplyMarkup", "chat_id", chat, "message_id", "2")
	g.must("setMessageReaction", "chat_id", chat, "message_id", "1", "reaction", `[{"type":"emoji","emoji":"👀"}]`)
	list := p.Chat(username)
	if list[0].Reaction != "👀" || list[1].Buttons != nil || list[1].Edited {
		t.Errorf("shown %+v", list)
	}
	u := g.poll("offset", "-1")
	if len(u) != 1 || u[0].Query.Data != "g" || u[0].Query.Message.Message.ID != 2 {
		t.Fatalf("got %+v", u)
	}
	if p.Unanswered(username) != 1 {
		t.Error("the press does not wait for an answer")
	}
	g.clock.advance(16 * time.Second)
	g.refused(400, "query is too old", "answerCallbackQuery", "callback_query_id", u[0].Query.ID)
	// What the person deletes, the bot can still change; the person does not see it.
	if err := p.Delete(username, 2); err != nil {
		t.Error(err)
	}
	g.must("editMessageText", "chat_id", chat, "message_id", "2", "text", "two")
	if s := p.Chat(username)[1]; !s.Deleted || s.Text != "" {
		t.Errorf("shown %+v", s)
	}
}

func TestDeletingEndsAfterTwoDays(t *testing.T) {
	t.Parallel()
	g := start(t)
	p, chat := g.begun() // 1
	g.must("sendMessage", "chat_id", chat, "text", "old", "protect_content", "true")
	g.clock.advance(deletable - time.Second)
	ok[int64](t)(p.Write(username, "new"))
	g.must("deleteMessage", "chat_id", chat, "message_id", "1")
	g.refused(400, "message to delete not found", "deleteMessage", "chat_id", chat, "message_id", "1")
	g.clock.advance(time.Second)
	g.refused(400, "message can't be deleted", "deleteMessage", "chat_id", chat, "message_id", "2")
	// One that is too old keeps the others.
	g.refused(400, "message can't be deleted", "deleteMessages", "chat_id", chat, "message_ids", "[2,3]")
	g.must("deleteMessages", "chat_id", chat, "message_ids", "[1,3,99]")
	if err := p.Block(username); err != nil {
		t.Error(err)
	}
	g.must("deleteMessages", "chat_id", chat, "message_ids", "[98]")
	g.refused(400, "too many", "deleteMessages", "chat_id", chat, "message_ids", "[1"+strings.Repeat(",1", 100)+"]")
	g.refused(400, "not specified", "deleteMessages", "chat_id", chat)
	var left []int64
	for _, s := range p.Chat(username) {
		if !s.Deleted {
			left = append(left, s.ID)
		}
	}
	if !slices.Equal(left, []int64{2}) {
		t.Errorf("left %v", left)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.Limit(Limits{PerChatPerSecond: 1, PerSecond: 2})
	_, a := g.begun()
	_, b := g.begun()
	_, c := g.begun()
	g.must("sendMessage", "chat_id", a, "text", "1")
	g.refused(http.StatusTooManyRequests, "retry after 1", "sendMessage", "chat_id", a, "text", "2")
	g.must("sendMessage", "chat_id", b, "text", "1")
	refusal := ok[asked](t)(g.ask("sendMessage", "chat_id", c, "text", "1"))
	if refusal.Parameters.RetryAfter != 1 {
		t.Errorf("%+v", refusal)
	}
	g.must("sendChatAction", "chat_id", c, "action", "typing")
	g.clock.advance(time.Second)
	g.must("sendMessage", "chat_id", c, "text", "1")
	if p := g.Peak(); p != (Peak{PerChat: 2, Overall: 4}) {
		t.Errorf("peak %+v", p)
	}
	if l := g.Log(); l[1].Code != 429 || l[1].Method != "sendMessage" || strconv.FormatInt(l[1].Chat, 10) != a {
		t.Errorf("log %+v", l[1])
	}
}
