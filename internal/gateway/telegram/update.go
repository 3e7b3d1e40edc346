package telegram

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"safeconduct/internal/hotline"
)

// maxUpdate bounds an update in bytes; Telegram's own are a few kilobytes.
const maxUpdate = 1 << 20

// kind is what an update means for us.
type kind string

const (
	kindText     kind = "text"
	kindButton   kind = "button"
	kindFile     kind = "file"
	kindPosition kind = "position"
	kindBarred   kind = "barred" // the person has blocked the bot
	kindBack     kind = "back"
	kindOther    kind = "other" // a sticker, a poll…: not taken, and the person is told
)

// incoming is an update that concerns us. Plaintext: it cannot be printed by
// accident.
type incoming struct {
	bot    *client
	update int64
	chat   int64
	lang   string // as the telephone says
	kind   kind
	number int64 // of the message
	edited bool

	text      string
	forwarded bool
	button    string // data of a button
	query     string // to be answered, so that the telephone stops waiting
	contact   bool   // of other: a contact card
	file      *fileRef
	lat, lon  float64
	radius    float64
	live      bool
}

// String shows nothing.
func (*incoming) String() string { return "incoming(hidden)" }

// GoString shows nothing.
func (*incoming) GoString() string { return "incoming(hidden)" }

// fileRef is a file as Telegram names it.
type fileRef struct {
	ID      string    `json:"id"`
	Size    int64     `json:"size"` // as Telegram says; 0: it does not
	Type    string    `json:"type"`
	Smaller []fileRef `json:"smaller,omitempty"` // of a photo: the same in fewer pixels, the largest first
}

// parse reads an update. What does not concern us is nil, with its kind for the
// count; only what is no update at all is an error.
func parse(raw []byte) (*incoming, string, error) {
	var u models.Update
	if json.Unmarshal(raw, &u) != nil { // the library refuses what it does not know yet, a kind of chat member
		_, err := updateID(raw)
		return nil, "unreadable", err
	}
	if u.ID == 0 {
		return nil, "", errNoUpdate
	}
	in, ignored := read(&u)
	return in, ignored, nil
}

var errNoUpdate = hotline.Errorf(hotline.KindInvalid, "telegram", "this is no update")

// updateID is the number of an update, whatever else is in it.
func updateID(raw []byte) (int64, error) {
	var u struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &u) != nil || u.ID == 0 {
		return 0, errNoUpdate
	}
	return u.ID, nil
}

// read picks what we need out of an update.
func read(u *models.Update) (in *incoming, ignored string) {
	switch {
	case u.Message != nil:
		in, ignored = readMessage(u.Message)
	case u.EditedMessage != nil:
		in, ignored = readMessage(u.EditedMessage)
		if in != nil && in.kind != kindText {
			return nil, "edited " + string(in.kind) // a caption, a live position that moves
		}
		if in != nil {
			in.edited = true
		}
	case u.CallbackQuery != nil:
		in, ignored = readButton(u.CallbackQuery)
	case u.MyChatMember != nil:
		in, ignored = readMembership(u.MyChatMember)
	default:
		return nil, "unknown"
	}
	if in != nil {
		in.update = u.ID
	}
	return in, ignored
}

func readMessage(m *models.Message) (*incoming, string) {
	if m.Chat.Type != models.ChatTypePrivate {
		return nil, "not private"
	}
	if m.From != nil && m.From.IsBot {
		return nil, "from a bot"
	}
	if m.ID < 0 {
		return nil, "malformed"
	}
	in := &incoming{chat: m.Chat.ID, number: int64(m.ID), forwarded: m.ForwardOrigin != nil || m.IsAutomaticForward, kind: kindOther}
	if m.From != nil {
		in.lang = m.From.LanguageCode
	}
	switch {
	case m.Text != "":
		in.kind, in.text = kindText, inert(m.Text, m.Entities)
	case m.Location != nil:
		in.kind = kindPosition
		in.lat, in.lon, in.radius = m.Location.Latitude, m.Location.Longitude, m.Location.HorizontalAccuracy
		in.live = m.Location.LivePeriod != 0
	default:
		if in.file = fileOf(m); in.file != nil && in.file.sane() {
			in.kind, in.text = kindFile, inert(m.Caption, m.CaptionEntities)
			break
		}
		if in.contact = m.Contact != nil; !in.contact && m.Sticker == nil && m.Poll == nil && m.Dice == nil && m.Story == nil && m.Game == nil {
			return nil, "service"
		}
	}
	return in, ""
}

// maxFileID bounds the name of a file; Telegram's own have about a hundred letters.
const maxFileID = 512

// sane reports whether a file can be kept as a job, and be asked for.
func (f fileRef) sane() bool {
	return f.ID != "" && len(f.ID) <= maxFileID && f.Size >= 0 && !slices.ContainsFunc(f.Smaller, func(s fileRef) bool { return !s.sane() })
}

// fileOf is what a message carries.
func fileOf(m *models.Message) *fileRef {
	switch {
	case len(m.Photo) > 0:
		sizes := slices.Clone(m.Photo)
		slices.SortStableFunc(sizes, func(a, b models.PhotoSize) int { return cmp.Compare(b.Width*b.Height, a.Width*a.Height) })
		sizes = sizes[:min(len(sizes), 8)]
		f := &fileRef{ID: sizes[0].FileID, Size: int64(sizes[0].FileSize), Type: "image/jpeg"}
		for _, s := range sizes[1:] {
			f.Smaller = append(f.Smaller, fileRef{ID: s.FileID, Size: int64(s.FileSize), Type: f.Type})
		}
		return f
	case m.Voice != nil:
		return &fileRef{ID: m.Voice.FileID, Size: m.Voice.FileSize, Type: media(m.Voice.MimeType, "audio/ogg")}
	case m.VideoNote != nil:
		return &fileRef{ID: m.VideoNote.FileID, Size: int64(m.VideoNote.FileSize), Type: "video/mp4"}
	case m.Video != nil:
		return &fileRef{ID: m.Video.FileID, Size: m.Video.FileSize, Type: media(m.Video.MimeType, "video/mp4")}
	case m.Audio != nil:
		return &fileRef{ID: m.Audio.FileID, Size: m.Audio.FileSize, Type: media(m.Audio.MimeType, "audio/mpeg")}
	case m.Document != nil:
		return &fileRef{ID: m.Document.FileID, Size: m.Document.FileSize, Type: media(m.Document.MimeType, "application/octet-stream")}
	}
	return nil
}

// media is a type as a sender claims it, if it looks like one.
func media(claimed, otherwise string) string {
	if len(claimed) > 80 || strings.Count(claimed, "/") != 1 || strings.ContainsFunc(claimed, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return otherwise
	}
	return strings.ToLower(claimed)
}

func readButton(q *models.CallbackQuery) (*incoming, string) {
	m := q.Message.Message
	var chat models.Chat
	var number int
	switch {
	case m != nil:
		chat, number = m.Chat, m.ID
	case q.Message.InaccessibleMessage != nil:
		chat, number = q.Message.InaccessibleMessage.Chat, q.Message.InaccessibleMessage.MessageID
	default:
		return nil, "button without a chat"
	}
	// The chat of an inaccessible message has no type; a private one bears the person's number.
	if chat.ID != q.From.ID {
		return nil, "not private"
	}
	return &incoming{chat: chat.ID, number: int64(number), lang: q.From.LanguageCode, kind: kindButton, button: q.Data, query: q.ID}, ""
}

func readMembership(m *models.ChatMemberUpdated) (*incoming, string) {
	if m.Chat.Type != models.ChatTypePrivate {
		return nil, "not private"
	}
	in := &incoming{chat: m.Chat.ID, lang: m.From.LanguageCode}
	switch m.NewChatMember.Type {
	case models.ChatMemberTypeBanned:
		in.kind = kindBarred
	case models.ChatMemberTypeMember:
		in.kind = kindBack
	default:
		return nil, "membership"
	}
	return in, ""
}

// inert is a text in which an address hidden behind words stands beside them:
// whoever reads it sees where it leads, and nothing can be pressed.
func inert(text string, entities []models.MessageEntity) string {
	var hidden []string
	room := maxHidden
	for _, e := range entities {
		if e.Type == models.MessageEntityTypeTextLink && e.URL != "" {
			line := "[" + fits(e.URL, room-2) + "]"
			if room -= len(line) + 1; room < 0 {
				break
			}
			hidden = append(hidden, line)
		}
	}
	text = fits(text, maxText)
	if len(hidden) == 0 {
		return text
	}
	return text + "\n" + strings.Join(hidden, "\n")
}

// What fits into the largest record, with its header, whatever letters it has
// (seal.MaxRecord). Telegram's longest text is 4,096 UTF-16 units: more only comes
// from who is not Telegram.
const (
	maxText   = 12<<10 + 512
	maxHidden = 1 << 10
)

// fits is a text without what nobody sees, cut to so many bytes as they stand in a
// record (JSON, RFC 8259 section 7).
func fits(text string, most int) string {
	var b strings.Builder
	for _, r := range text {
		n := utf8.RuneLen(r)
		switch {
		case r == '\n', r == '\t', r == '"', r == '\\':
			n = 2
		case r < ' ', r == 0x7f:
			continue
		}
		if most -= n; most < 0 {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
