package telegramsim

import (
	"reflect"
	"slices"
	"time"
)

// A bot can delete what is younger, and names at most so many at once
// (#deletemessage, #deletemessages).
const (
	deletable  = 48 * time.Hour
	maxDeleted = 100
)

// maxAlerts is how many answers to presses a phone remembers.
const maxAlerts = 100

// own finds the message of the bot that a call changes.
func (s *Server) own(c *call) (*chat, *entry, error) {
	ch, err := s.reachable(c)
	if err != nil {
		return nil, nil, err
	}
	e := ch.find(c.number("message_id"))
	if e == nil {
		return nil, nil, badRequest("message to edit not found")
	}
	if !e.fromBot {
		return nil, nil, badRequest("message can't be edited")
	}
	return ch, e, nil
}

// editMessageText is #editmessagetext. Without reply_markup the buttons go.
func (s *Server) editMessageText(c *call) (any, error) {
	ch, e, err := s.own(c)
	if err != nil {
		return nil, err
	}
	if e.message.Text == "" {
		return nil, badRequest("there is no text in the message to edit")
	}
	text, marks, err := c.messageText()
	if err != nil {
		return nil, err
	}
	m, err := c.markup()
	if err != nil {
		return nil, err
	}
	changed := e.message
	changed.Text, changed.Entities, changed.Keyboard = text, marks, m.inline
	return s.change(ch, e, changed)
}

// editMessageReplyMarkup is #editmessagereplymarkup.
func (s *Server) editMessageReplyMarkup(c *call) (any, error) {
	ch, e, err := s.own(c)
	if err != nil {
		return nil, err
	}
	m, err := c.markup()
	if err != nil {
		return nil, err
	}
	changed := e.message
	changed.Keyboard = m.inline
	return s.change(ch, e, changed)
}

// change puts a message in the place of another. Only a new text makes a
// message look edited to the person.
func (s *Server) change(c *chat, e *entry, to message) (any, error) {
	if reflect.DeepEqual(e.message, to) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same " +
			"as a current content and reply markup of the message")
	}
	e.edited = e.edited || e.message.Text != to.Text
	to.EditDate = s.now().Unix()
	e.message = to
	c.changed()
	return e.message, nil
}

// deleteMessage is #deletemessage: anything in a private chat, for two days.
// That it works in a chat with a person who has blocked the bot is not documented.
func (s *Server) deleteMessage(c *call) (any, error) {
	ch, err := s.reach(c)
	if err != nil {
		return nil, err
	}
	e := ch.find(c.number("message_id"))
	if e == nil {
		return nil, badRequest("message to delete not found")
	}
	return s.remove(ch, e)
}

// deleteMessages is #deletemessages: all or none, but unknown ones are skipped.
func (s *Server) deleteMessages(c *call) (any, error) {
	ch, err := s.reach(c)
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := c.structured("message_ids", &ids); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, badRequest("message identifiers are not specified")
	}
	if len(ids) > maxDeleted {
		return nil, badRequest("too many message identifiers specified")
	}
	var list []*entry
	for _, id := range ids {
		if e := ch.find(id); e != nil {
			list = append(list, e)
		}
	}
	return s.remove(ch, list...)
}

func (s *Server) remove(c *chat, list ...*entry) (any, error) {
	now := s.now()
	if slices.ContainsFunc(list, func(e *entry) bool { return now.Sub(e.at) >= deletable }) {
		return nil, badRequest("message can't be deleted for everyone")
	}
	for _, e := range list {
		e.gone = true
	}
	c.changed()
	return true, nil
}

// answerCallbackQuery is #answercallbackquery. An answer that comes too late is
// refused; so is one that comes again, which the documentation leaves open.
func (s *Server) answerCallbackQuery(c *call) (any, error) {
	s.forgetQueries(c.bot)
	q := c.bot.queries[c.values["callback_query_id"]]
	if q == nil || q.answered {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	text := c.values["text"]
	if units(text) > 200 {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	q.answered = true
	if text != "" {
		q.chat.alerts = append(q.chat.alerts[max(0, len(q.chat.alerts)-maxAlerts+1):], text)
	}
	q.chat.changed()
	return true, nil
}

// setMessageReaction is #setmessagereaction. A bot sets one emoji or none.
func (s *Server) setMessageReaction(c *call) (any, error) {
	ch, err := s.reachable(c)
	if err != nil {
		return nil, err
	}
	e := ch.find(c.number("message_id"))
	if e == nil {
		return nil, badRequest("message to react not found")
	}
	var reactions []struct {
		Type  string `json:"type"`
		Emoji string `json:"emoji"`
	}
	if err := c.structured("reaction", &reactions); err != nil {
		return nil, err
	}
	if len(reactions) > 1 {
		return nil, badRequest("REACTIONS_TOO_MANY")
	}
	e.reaction = ""
	for _, r := range reactions {
		if r.Type != "emoji" || r.Emoji == "" || units(r.Emoji) > 8 {
			return nil, badRequest("REACTION_INVALID")
		}
		e.reaction = r.Emoji
	}
	ch.changed()
	return true, nil
}
