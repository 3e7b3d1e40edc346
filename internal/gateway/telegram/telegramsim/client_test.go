package telegramsim

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// converse answers what it gets: with buttons, a file, or the word.
func converse(ctx context.Context, b *tgbot.Bot, u *models.Update) {
	switch {
	case u.CallbackQuery != nil:
		_, _ = b.AnswerCallbackQuery(ctx, &tgbot.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID, Text: "noted"})
		_, _ = b.EditMessageText(ctx, &tgbot.EditMessageTextParams{
			ChatID: u.CallbackQuery.From.ID, MessageID: u.CallbackQuery.Message.Message.ID, Text: "You chose " + u.CallbackQuery.Data,
		})
	case u.Message != nil && len(u.Message.Photo) > 0:
		_, _ = b.SendMessage(ctx, &tgbot.SendMessageParams{ChatID: u.Message.Chat.ID, Text: "photo"})
	case u.Message != nil:
		_, _ = b.SendMessage(ctx, &tgbot.SendMessageParams{
			ChatID: u.Message.Chat.ID, Text: "heard: " + u.Message.Text, ProtectContent: true, DisableNotification: true,
			ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Yes", CallbackData: "y"}, {Text: "No", CallbackData: "n"}}}},
		})
	}
}

func TestLibraryConverses(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"poll", "webhook"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			b := g.client(tgbot.WithDefaultHandler(converse), tgbot.WithWebhookSecretToken("s3cret"))
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			run := b.Start
			if way == "webhook" {
				run = b.StartWebhook
				hook := listen(t, b.WebhookHandler())
				ok[bool](t)(b.SetWebhook(ctx, &tgbot.SetWebhookParams{URL: hook, SecretToken: "s3cret", MaxConnections: 1}))
			}
			go func() {
				defer close(done)
				run(ctx)
			}()
			defer func() { cancel(); <-done }()

			p := g.Person(PersonConfig{Name: "Oksana", Language: "uk"})
			ok[int64](t)(p.Start(username, "x1"))
			await(t, p, func(list []Shown) bool {
				return len(list) == 2 && list[1].FromBot && list[1].Text == "heard: /start x1" && list[1].Protected && list[1].Silent &&
					list[1].Buttons[0][1] == Button{Label: "No", Data: "n"}
			})
			id := ok[int64](t)(p.Press(username, "Yes"))
			await(t, p, func(list []Shown) bool {
				return list[1].Text == "You chose y" && list[1].Edited && list[1].Buttons == nil
			})
			if last, _ := p.Last(username); last.ID != id {
				t.Errorf("pressed on %d, not on the last, %d", id, last.ID)
			}
			if a := p.Alerts(username); len(a) != 1 || a[0] != "noted" || p.Unanswered(username) != 0 {
				t.Errorf("answered %v, %d not answered", a, p.Unanswered(username))
			}
			if _, err := p.Press(username, "Yes"); !errors.Is(err, ErrNoButton) {
				t.Errorf("a button that has gone: %v", err)
			}
			ok[int64](t)(p.Photo(username, "", []byte("small"), []byte("larger")))
			await(t, p, func(list []Shown) bool { return list[len(list)-1].Text == "photo" })
			if n := g.Calls("sendMessage"); n != 2 {
				t.Errorf("%d messages sent", n)
			}
		})
	}
}

func await(t *testing.T, p *Person, as func([]Shown) bool) {
	t.Helper()
	if err := p.Await(t.Context(), username, as); err != nil {
		t.Fatal(err)
	}
}

func TestLibrarySendsAndFetchesFiles(t *testing.T) {
	t.Parallel()
	g := start(t)
	b, p := g.client(), g.Person(PersonConfig{})
	ctx := t.Context()
	ok[int64](t)(p.Start(username, ""))
	upload := func(text string) *models.InputFileUpload {
		return &models.InputFileUpload{Filename: "note.txt", Data: strings.NewReader(text)}
	}
	sent := ok[*models.Message](t)(b.SendDocument(ctx, &tgbot.SendDocumentParams{ChatID: p.ID(), Document: upload("document"), Caption: "see"}))
	ok[*models.Message](t)(b.SendPhoto(ctx, &tgbot.SendPhotoParams{ChatID: p.ID(), Photo: upload("photo")}))
	ok[*models.Message](t)(b.SendVoice(ctx, &tgbot.SendVoiceParams{ChatID: p.ID(), Voice: upload("voice")}))
	ok[*models.Message](t)(b.SendAudio(ctx, &tgbot.SendAudioParams{ChatID: p.ID(), Audio: &models.InputFileString{Data: sent.Document.FileID}}))
	ok[*models.Message](t)(b.SendLocation(ctx, &tgbot.SendLocationParams{ChatID: p.ID(), Latitude: 50.5, Longitude: -30.25}))
	list := p.Chat(username)
	for i, want := range []string{"document", "photo", "voice", "document"} {
		if f := list[i+1].Files; len(f) != 1 || string(f[0].Content) != want {
			t.Errorf("file %d: %+v", i, f)
		}
	}
	if list[1].Text != "see" || list[1].Files[0].Name != "note.txt" || *list[5].Location != (Location{50.5, -30.25}) {
		t.Errorf("shown %+v, %+v", list[1], list[5])
	}

	ok[int64](t)(p.Document(username, "c", "a b.pdf", "application/pdf", []byte("%PDF-")))
	got := g.poll("offset", "-1")[0].Message.Document
	f := ok[*models.File](t)(b.GetFile(ctx, &tgbot.GetFileParams{FileID: got.FileID}))
	if got.FileName != "a b.pdf" || got.MimeType != "application/pdf" || f.FileSize != 5 {
		t.Errorf("%+v, %+v", got, f)
	}
	if status, content, err := get(t, b.FileDownloadLink(f)); err != nil || status != 200 || string(content) != "%PDF-" {
		t.Errorf("fetched %d %q, %v", status, content, err)
	}
	g.clock.advance(pathLife)
	if status, _, _ := get(t, b.FileDownloadLink(f)); status != 404 {
		t.Errorf("an old link gives %d", status)
	}
	ok[int64](t)(p.Video(username, "", "video/mp4", make([]byte, maxDownload+1)))
	large := g.poll("offset", "-1")[0].Message.Video
	if _, err := b.GetFile(ctx, &tgbot.GetFileParams{FileID: large.FileID}); !errors.Is(err, tgbot.ErrorBadRequest) || !strings.Contains(err.Error(), "file is too big") {
		t.Errorf("a large file: %v", err)
	}
}

func TestLibraryMeetsRefusals(t *testing.T) {
	t.Parallel()
	g := start(t)
	b, p := g.client(), g.Person(PersonConfig{})
	say := func() error {
		_, err := b.SendMessage(t.Context(), &tgbot.SendMessageParams{ChatID: p.ID(), Text: "hello"})
		return err
	}
	if err := say(); !errors.Is(err, tgbot.ErrorForbidden) || !strings.Contains(err.Error(), "initiate") {
		t.Errorf("to a stranger: %v", err)
	}
	ok[int64](t)(p.Start(username, ""))
	if err := say(); err != nil {
		t.Error(err)
	}
	g.Misbehave(Fault{Kind: FaultFlood, Method: "sendMessage", Chat: p.ID(), Times: 1, RetryAfter: 9})
	var flooded *tgbot.TooManyRequestsError
	if err := say(); !errors.As(err, &flooded) || flooded.RetryAfter != 9 {
		t.Errorf("flooded: %v", err)
	}
	if err := p.Block(username); err != nil {
		t.Error(err)
	}
	if err := say(); !errors.Is(err, tgbot.ErrorForbidden) || !strings.Contains(err.Error(), "blocked by the user") {
		t.Errorf("blocked: %v", err)
	}
	if _, err := p.Write(username, "x"); !errors.Is(err, ErrBlocked) {
		t.Errorf("a person writes to a blocked bot: %v", err)
	}
	ok[int64](t)(p.Start(username, ""))
	kinds := bytes.Buffer{}
	for _, u := range g.poll() {
		switch {
		case u.Message != nil:
			kinds.WriteString("m")
		case u.Member != nil && u.Member.NewChatMember.Type == models.ChatMemberTypeBanned:
			kinds.WriteString("b")
		case u.Member != nil:
			kinds.WriteString("u")
		}
	}
	if kinds.String() != "mbum" {
		t.Errorf("updates %s", &kinds)
	}
	p.DeleteAccount()
	if err := say(); !errors.Is(err, tgbot.ErrorForbidden) || !strings.Contains(err.Error(), "deactivated") {
		t.Errorf("deactivated: %v", err)
	}
	if _, err := tgbot.New("1:other", tgbot.WithServerURL(g.url)); !errors.Is(err, tgbot.ErrorUnauthorized) {
		t.Errorf("another token: %v", err)
	}
}

func TestEveryKindOfMessage(t *testing.T) {
	t.Parallel()
	g := start(t)
	p := g.Person(PersonConfig{Name: "A"})
	first := ok[int64](t)(p.Write(username, "/go see https://example.org"))
	ok[int64](t)(p.WriteEntities(username, "here", Entity{Type: "text_link", Length: 4, URL: "https://example.com"}))
	ok[int64](t)(p.Voice(username, []byte("v")))
	ok[int64](t)(p.VideoNote(username, []byte("n")))
	ok[int64](t)(p.Audio(username, "a.mp3", "audio/mpeg", []byte("a")))
	ok[int64](t)(p.Video(username, "", "video/mp4", []byte("v")))
	ok[int64](t)(p.Sticker(username, []byte("s")))
	ok[int64](t)(p.Location(username, 1.5, 2.5))
	ok[int64](t)(p.Contact(username, "+1", "B"))
	ok[int64](t)(p.Forward(username, "old news", "C"))
	ok[int64](t)(p.Reply(username, first, "and"))
	ok[int64](t)(p.Album(username, "two", []byte("1"), []byte("2")))
	if err := p.Edit(username, first, "changed"); err != nil {
		t.Error(err)
	}
	if err := p.Delete(username, first); err != nil {
		t.Error(err)
	}
	u := g.poll()
	if len(u) != 14 {
		t.Fatalf("%d updates", len(u))
	}
	for i := 1; i < len(u); i++ {
		if u[i].ID != u[i-1].ID+1 || i < 13 && u[i].Message.ID != u[i-1].Message.ID+1 {
			t.Errorf("ids of update %d: %d after %d", i, u[i].ID, u[i-1].ID)
		}
	}
	m := func(i int) *models.Message { return u[i].Message }
	for i, as := range []bool{
		m(0).Entities[0].Type == "bot_command" && m(0).Entities[1] == models.MessageEntity{Type: "url", Offset: 8, Length: 19},
		m(1).Entities[0].URL == "https://example.com",
		m(2).Voice.MimeType == "audio/ogg", m(3).VideoNote.Length > 0, m(4).Audio.FileName == "a.mp3", m(5).Video.FileSize == 1,
		m(6).Sticker.Type == "regular", m(7).Location.Longitude == 2.5, m(8).Contact.PhoneNumber == "+1",
		m(9).ForwardOrigin.MessageOriginHiddenUser.SenderUserName == "C", m(10).ReplyToMessage.ID == int(first),
		m(11).MediaGroupID != "" && m(11).MediaGroupID == m(12).MediaGroupID && m(12).Caption == "",
		u[13].Edited.Text == "changed" && u[13].Edited.EditDate != 0,
	} {
		if !as {
			t.Errorf("message %d is %+v", i, u[i])
		}
	}
	if s := p.Chat(username)[0]; !s.Deleted || s.Text != "" {
		t.Errorf("a deleted message shows %+v", s)
	}
}
