package telegramsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// What a person cannot do.
var (
	ErrNoButton  = errors.New("no such button is shown")
	ErrNoMessage = errors.New("no such message is shown")
	ErrBlocked   = errors.New("the bot is blocked; unblock it to write")
	ErrNoAccount = errors.New("the account was deleted")
	errStopped   = errors.New("the server is closed")
)

// PersonConfig is an account.
type PersonConfig struct {
	ID       int64 // 0: the next free one
	Name     string
	Language string // of the app, "ar"; may be empty
}

// Person is somebody with a phone. Each act gives the id of the message that it
// concerns; bots are named by their usernames.
type Person struct {
	server   *Server
	id       int64
	name     string
	language string
	deleted  bool
}

// Person makes an account, or finds the one with that id.
func (s *Server) Person(c PersonConfig) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.persons[c.ID]; p != nil {
		return p
	}
	id := c.ID
	for id == 0 {
		s.lastPerson++
		if s.persons[s.lastPerson] == nil {
			id = s.lastPerson
		}
	}
	p := &Person{server: s, id: id, name: cmp.Or(c.Name, "Person "+strconv.FormatInt(id, 10)), language: c.Language}
	s.persons[id] = p
	return p
}

// Persons lists the accounts by their ids.
func (s *Server) Persons() []*Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*Person
	for _, p := range s.persons {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *Person) int { return cmp.Compare(a.id, b.id) })
	return list
}

// ID is the account's, and that of its chats.
func (p *Person) ID() int64 { return p.id }

// Name is what bots are told.
func (p *Person) Name() string { return p.name }

func (p *Person) user() user { return user{ID: p.id, FirstName: p.name, Language: p.language} }

func (p *Person) ref() chatRef { return chatRef{ID: p.id, Type: "private", FirstName: p.name} }

// with does something in the chat with a bot.
func (p *Person) with(bot string, act func(*chat) error) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	b, err := p.server.botNamed(bot)
	if err != nil {
		return err
	}
	if p.deleted {
		return ErrNoAccount
	}
	return act(b.chatOf(p))
}

// post sends a message to a bot.
func (p *Person) post(bot string, write func(*chat) (*entry, error)) (id int64, err error) {
	err = p.with(bot, func(c *chat) error {
		if c.blocked {
			return ErrBlocked
		}
		e, err := write(c)
		if err != nil {
			return err
		}
		c.begun = true
		c.add(e, p.server.now())
		id = e.message.ID
		return p.server.push(c.bot, "message", p.id, e.message)
	})
	return id, err
}

func (p *Person) say(bot string, m message) (int64, error) {
	return p.post(bot, func(*chat) (*entry, error) { return &entry{message: m}, nil })
}

// Start presses Start, or follows a link with a payload ("t.me/bot?start=payload").
// It unblocks a blocked bot, as the button Restart does.
func (p *Person) Start(bot, payload string) (int64, error) {
	if err := p.Unblock(bot); err != nil {
		return 0, err
	}
	text := "/start"
	if payload != "" {
		text += " " + payload
	}
	return p.Write(bot, text)
}

// Write sends a text.
func (p *Person) Write(bot, text string) (int64, error) {
	return p.say(bot, message{Text: text, Entities: marksOf(text)})
}

// WriteEntities sends a text with marks of the person's choice.
func (p *Person) WriteEntities(bot, text string, marks ...Entity) (int64, error) {
	return p.say(bot, message{Text: text, Entities: slices.Clone(marks)})
}

// Forward sends on what somebody else, who hides the account, wrote.
func (p *Person) Forward(bot, text, from string) (int64, error) {
	return p.say(bot, message{
		Text: text, Entities: marksOf(text), ForwardOrigin: &origin{Type: "hidden_user", Date: p.server.now().Unix(), Name: from},
	})
}

// Reply answers one message of the chat.
func (p *Person) Reply(bot string, to int64, text string) (int64, error) {
	return p.post(bot, func(c *chat) (*entry, error) {
		e := c.find(to)
		if e == nil {
			return nil, ErrNoMessage
		}
		return &entry{message: message{Text: text, Entities: marksOf(text), ReplyTo: e.message.quoted()}}, nil
	})
}

// quoted is a message within a reply: its own reply is left out (#message).
func (m message) quoted() *message {
	m.ReplyTo = nil
	return &m
}

// Location sends a place.
func (p *Person) Location(bot string, latitude, longitude float64) (int64, error) {
	return p.say(bot, message{Location: &Location{Latitude: latitude, Longitude: longitude}})
}

// Contact sends somebody's number.
func (p *Person) Contact(bot, phone, name string) (int64, error) {
	return p.say(bot, message{Contact: &contactRef{Phone: phone, FirstName: name}})
}

// Edit changes the text of a message that the person wrote.
func (p *Person) Edit(bot string, id int64, text string) error {
	return p.with(bot, func(c *chat) error {
		e := c.find(id)
		if e == nil || e.fromBot || e.hidden {
			return ErrNoMessage
		}
		if c.blocked {
			return ErrBlocked
		}
		if e.files != nil {
			e.message.Caption, e.message.Marks = text, marksOf(text)
		} else {
			e.message.Text, e.message.Entities = text, marksOf(text)
		}
		e.edited, e.message.EditDate = true, p.server.now().Unix()
		c.changed()
		return p.server.push(c.bot, "edited_message", p.id, e.message)
	})
}

// Delete takes a message off the person's own phone. The bot is not told, and
// can still name it.
func (p *Person) Delete(bot string, id int64) error {
	return p.with(bot, func(c *chat) error {
		e := c.find(id)
		if e == nil {
			return ErrNoMessage
		}
		e.hidden = true
		c.changed()
		return nil
	})
}

// Press presses the newest button that is shown with this label or data: one
// below a message, else one of the keyboard, which writes its label.
func (p *Person) Press(bot, button string) (id int64, err error) {
	var key bool
	err = p.with(bot, func(c *chat) error {
		if c.blocked {
			return ErrBlocked
		}
		for _, e := range slices.Backward(c.entries) {
			if b := e.button(button); b != nil && !e.gone && !e.hidden {
				id = e.message.ID
				return p.press(c, e, b)
			}
		}
		key = slices.ContainsFunc(c.keys, func(row []string) bool { return slices.Contains(row, button) })
		if !key {
			return fmt.Errorf("%q: %w", button, ErrNoButton)
		}
		if c.once {
			c.keys = nil
		}
		return nil
	})
	if key {
		return p.Write(bot, button)
	}
	return id, err
}

// PressOn presses a button below one message.
func (p *Person) PressOn(bot string, id int64, button string) error {
	return p.with(bot, func(c *chat) error {
		if c.blocked {
			return ErrBlocked
		}
		e := c.find(id)
		if e == nil || e.hidden {
			return ErrNoMessage
		}
		b := e.button(button)
		if b == nil {
			return fmt.Errorf("%q: %w", button, ErrNoButton)
		}
		return p.press(c, e, b)
	})
}

func (e *entry) button(name string) *inlineButton {
	if e.message.Keyboard == nil {
		return nil
	}
	for _, row := range e.message.Keyboard.Rows {
		for i, b := range row {
			if b.Text == name || b.Data != "" && b.Data == name {
				return &row[i]
			}
		}
	}
	return nil
}

// press tells the bot; a button that opens a page tells it nothing. The lock is held.
func (p *Person) press(c *chat, e *entry, b *inlineButton) error {
	if b.Data == "" {
		return nil
	}
	s := p.server
	id := strconv.FormatUint(s.random.Uint64(), 10)
	s.forgetQueries(c.bot)
	c.bot.queries[id] = &query{chat: c, at: s.now()}
	return s.push(c.bot, "callback_query", p.id, callbackQuery{
		ID: id, From: p.user(), Message: e.message, ChatInstance: strconv.FormatInt(p.id, 10), Data: b.Data,
	})
}

// forgetQueries lets go of presses whose answer would come too late.
func (s *Server) forgetQueries(b *bot) {
	for id, q := range b.queries {
		if s.now().Sub(q.at) > s.config.CallbackLife {
			delete(b.queries, id)
		}
	}
}

// Block blocks the bot, which is told (#update, my_chat_member).
func (p *Person) Block(bot string) error { return p.setBlocked(bot, true) }

// Unblock ends that.
func (p *Person) Unblock(bot string) error { return p.setBlocked(bot, false) }

func (p *Person) setBlocked(bot string, blocked bool) error {
	return p.with(bot, func(c *chat) error {
		if c.blocked == blocked {
			return nil
		}
		c.blocked = blocked
		c.changed()
		free, banned := member{User: c.bot.user, Status: "member"}, member{User: c.bot.user, Status: "kicked", Until: new(int64)}
		change := memberUpdated{Chat: p.ref(), From: p.user(), Date: p.server.now().Unix(), Old: banned, New: free}
		if blocked {
			change.Old, change.New = free, banned
		}
		return p.server.push(c.bot, "my_chat_member", p.id, change)
	})
}

// DeleteAccount deletes the account. Bots are not told; what they send comes back.
func (p *Person) DeleteAccount() {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	p.deleted = true
}

// screen is what a person's phone shows of one chat.
type screen struct {
	messages []Shown
	keys     [][]string
	alerts   []string
	blocked  bool
	version  int64
	news     <-chan struct{}
}

// look gives what is shown now; nothing of a bot that does not exist.
func (p *Person) look(bot string) screen {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	b, err := p.server.botNamed(bot)
	if err != nil {
		return screen{}
	}
	c := b.chatOf(p)
	return screen{c.shown(), slices.Clone(c.keys), slices.Clone(c.alerts), c.blocked, c.version, c.news.wait()}
}

// Chat is the conversation with a bot as the person sees it, oldest first.
func (p *Person) Chat(bot string) []Shown { return p.look(bot).messages }

// Last is the newest message that is not deleted.
func (p *Person) Last(bot string) (Shown, bool) {
	for _, m := range slices.Backward(p.Chat(bot)) {
		if !m.Deleted {
			return m, true
		}
	}
	return Shown{}, false
}

// Keyboard is what stands in place of the phone's keyboard, row by row.
func (p *Person) Keyboard(bot string) [][]string { return p.look(bot).keys }

// Alerts are the short notes that answered pressed buttons.
func (p *Person) Alerts(bot string) []string { return p.look(bot).alerts }

// Unanswered counts presses that the bot has not answered and still could.
func (p *Person) Unanswered(bot string) int {
	n := 0
	_ = p.with(bot, func(c *chat) error { // a bot that does not exist owes nothing
		p.server.forgetQueries(c.bot)
		for _, q := range c.bot.queries {
			if q.chat == c && !q.answered {
				n++
			}
		}
		return nil
	})
	return n
}

// Await looks at the chat now and after every change, until it is as wanted.
func (p *Person) Await(ctx context.Context, bot string, as func([]Shown) bool) error {
	for {
		now := p.look(bot)
		if as(now.messages) {
			return nil
		}
		select {
		case <-now.news:
		case <-ctx.Done():
			return fmt.Errorf("the chat of %s with %s: %w", p.name, bot, context.Cause(ctx))
		case <-p.server.stopped.Done():
			return errStopped
		}
	}
}
