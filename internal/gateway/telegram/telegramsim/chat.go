package telegramsim

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// maxEntries is how many messages a chat keeps; the oldest go.
const maxEntries = 10_000

// chat is the conversation of one person with one bot.
type chat struct {
	bot     *bot
	person  *Person
	begun   bool // the person has written or pressed Start
	blocked bool
	entries []*entry // by id
	lastID  int64
	keys    [][]string // of the reply keyboard
	once    bool       // it goes when it has been used
	alerts  []string
	version int64
	news    signal
}

// entry is one message of a chat.
type entry struct {
	message  message
	fromBot  bool
	at       time.Time
	edited   bool
	gone     bool // deleted by the bot
	hidden   bool // deleted by the person, who alone knows
	silent   bool
	files    []File
	reaction string
}

// query is a button that was pressed.
type query struct {
	chat     *chat
	at       time.Time
	answered bool
}

// Shown is one message as the person sees it. A deleted one shows nothing.
type Shown struct {
	ID        int64
	FromBot   bool
	At        time.Time
	Text      string // or the caption of a file
	Entities  []Entity
	Buttons   [][]Button
	Files     []File
	Location  *Location
	ReplyTo   int64
	Reaction  string // emoji
	Edited    bool
	Deleted   bool
	Protected bool // cannot be forwarded or saved
	Silent    bool // came without a sound
}

// Button is one below a message.
type Button struct{ Label, Data, URL string }

// File is one that stands in a chat.
type File struct {
	Kind    string // photo, document, voice, audio, video, video_note, sticker
	Name    string
	MIME    string
	Content []byte
}

// chatOf gives the chat of a person with a bot. The lock is held.
func (b *bot) chatOf(p *Person) *chat {
	c := b.chats[p.id]
	if c == nil {
		c = &chat{bot: b, person: p}
		b.chats[p.id] = c
	}
	return c
}

// changed wakes who looks at the chat.
func (c *chat) changed() {
	c.version++
	c.news.wake()
}

// add puts a message in the chat: its id, sender and date are filled in.
func (c *chat) add(e *entry, now time.Time) *entry {
	c.lastID++
	e.at = now
	e.message.ID, e.message.Chat, e.message.Date = c.lastID, c.person.ref(), now.Unix()
	e.message.From = c.person.user()
	if e.fromBot {
		e.message.From = c.bot.user
	}
	if len(c.entries) >= maxEntries {
		c.entries = slices.Delete(c.entries, 0, maxEntries/10)
	}
	c.entries = append(c.entries, e)
	c.changed()
	return e
}

// find gives a message that the bot can still name.
func (c *chat) find(id int64) *entry {
	i, ok := slices.BinarySearchFunc(c.entries, id, func(e *entry, id int64) int { return cmp.Compare(e.message.ID, id) })
	if !ok || c.entries[i].gone {
		return nil
	}
	return c.entries[i]
}

// shown is the chat on the person's screen.
func (c *chat) shown() []Shown {
	list := make([]Shown, 0, len(c.entries))
	for _, e := range c.entries {
		list = append(list, e.shown())
	}
	return list
}

func (e *entry) shown() Shown {
	m := e.message
	s := Shown{ID: m.ID, FromBot: e.fromBot, At: e.at, Deleted: e.gone || e.hidden}
	if s.Deleted {
		return s
	}
	s.Text, s.Entities = m.Text, slices.Clone(m.Entities)
	if m.Text == "" {
		s.Text, s.Entities = m.Caption, slices.Clone(m.Marks)
	}
	s.Files, s.Edited, s.Protected, s.Silent, s.Reaction = slices.Clone(e.files), e.edited, m.Protected, e.silent, e.reaction
	if m.Location != nil {
		place := *m.Location
		s.Location = &place
	}
	if m.ReplyTo != nil {
		s.ReplyTo = m.ReplyTo.ID
	}
	if m.Keyboard != nil {
		for _, row := range m.Keyboard.Rows {
			var buttons []Button
			for _, b := range row {
				buttons = append(buttons, Button{Label: b.Text, Data: b.Data, URL: b.URL})
			}
			s.Buttons = append(s.Buttons, buttons)
		}
	}
	return s
}

// units counts as Telegram counts a text: in UTF-16 units.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

// marksOf finds what Telegram marks on its own in a text: a command at its
// beginning and links that are written out.
func marksOf(text string) []Entity {
	var marks []Entity
	at := 0
	for i, word := range strings.Split(text, " ") {
		for j, piece := range strings.Split(word, "\n") {
			n := units(piece)
			switch {
			case strings.HasPrefix(piece, "https://") || strings.HasPrefix(piece, "http://"):
				marks = append(marks, Entity{Type: "url", Offset: at, Length: n})
			case i == 0 && j == 0 && len(piece) > 1 && piece[0] == '/':
				marks = append(marks, Entity{Type: "bot_command", Offset: at, Length: n})
			}
			at += n + 1
		}
	}
	return marks
}
