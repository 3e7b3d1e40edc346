package telegramsim

import (
	"net/http"
	"slices"
	"strings"
)

// What a message may have (#sendmessage, #sendphoto). The documentation counts
// "characters after entities parsing"; UTF-16 units are the strictest reading.
const (
	maxText    = 4096
	maxCaption = 1024
	maxPhoto   = 10 << 20
)

// reach finds the chat of a call.
func (s *Server) reach(c *call) (*chat, error) {
	if c.values["chat_id"] == "" {
		return nil, badRequest("chat_id is empty")
	}
	p := s.persons[c.chatID()]
	if p == nil {
		return nil, badRequest("chat not found")
	}
	return c.bot.chatOf(p), nil
}

// reachable finds the chat of a call that the person would notice.
func (s *Server) reachable(c *call) (*chat, error) {
	ch, err := s.reach(c)
	switch {
	case err != nil:
		return nil, err
	case ch.person.deleted:
		return nil, forbidden("user is deactivated")
	case !ch.begun:
		return nil, forbidden("bot can't initiate conversation with a user")
	case ch.blocked:
		return nil, forbidden("bot was blocked by the user")
	}
	return ch, nil
}

// send puts a message of a bot in a chat.
func (s *Server) send(c *call, fill func(*entry) error) (any, error) {
	ch, err := s.reachable(c)
	if err != nil {
		return nil, err
	}
	m, err := c.markup()
	if err != nil {
		return nil, err
	}
	e := &entry{fromBot: true, silent: c.flag("disable_notification")}
	e.message.Protected = c.flag("protect_content")
	e.message.Keyboard = m.inline
	if e.message.ReplyTo, err = ch.replied(c); err != nil {
		return nil, err
	}
	if err := fill(e); err != nil {
		return nil, err
	}
	m.apply(ch)
	return ch.add(e, s.now()).message, nil
}

// replied finds the message that a new one answers (#replyparameters).
func (c *chat) replied(of *call) (*message, error) {
	var reply struct {
		ID      int64 `json:"message_id"`
		Without bool  `json:"allow_sending_without_reply"`
	}
	if err := of.structured("reply_parameters", &reply); err != nil || reply.ID == 0 {
		return nil, err
	}
	e := c.find(reply.ID)
	if e == nil {
		if reply.Without {
			return nil, nil
		}
		return nil, badRequest("message to be replied not found")
	}
	return e.message.quoted(), nil
}

// text reads a text and its marks. Marks within the text (parse_mode) are
// refused: nothing here reads HTML or Markdown.
func (c *call) text(name, marksName string, most int, tooLong string) (string, []Entity, error) {
	text := c.values[name]
	if c.values["parse_mode"] != "" {
		return "", nil, badRequest("unsupported parse_mode")
	}
	if units(text) > most {
		return "", nil, badRequest(tooLong)
	}
	var marks []Entity
	if err := c.structured(marksName, &marks); err != nil {
		return "", nil, err
	}
	// Marks beyond the text are dropped, as Telegram does.
	marks = slices.DeleteFunc(marks, func(e Entity) bool {
		return e.Offset < 0 || e.Length < 1 || e.Length > most || e.Offset > units(text)-e.Length
	})
	return text, append(marksOf(text), marks...), nil
}

func (c *call) messageText() (string, []Entity, error) {
	text, marks, err := c.text("text", "entities", maxText, "message is too long")
	if err == nil && strings.TrimSpace(text) == "" {
		err = badRequest("message text is empty")
	}
	return text, marks, err
}

// sendMessage is #sendmessage.
func (s *Server) sendMessage(c *call) (any, error) {
	return s.send(c, func(e *entry) (err error) {
		e.message.Text, e.message.Entities, err = c.messageText()
		if err != nil {
			return err
		}
		var preview struct{}
		return c.structured("link_preview_options", &preview)
	})
}

// sendLocation is #sendlocation.
func (s *Server) sendLocation(c *call) (any, error) {
	return s.send(c, func(e *entry) error {
		var l Location
		if c.values["latitude"] == "" || c.values["longitude"] == "" ||
			c.structured("latitude", &l.Latitude) != nil || c.structured("longitude", &l.Longitude) != nil {
			return badRequest("can't parse location")
		}
		if l.Latitude < -90 || l.Latitude > 90 || l.Longitude < -180 || l.Longitude > 180 {
			return badRequest("wrong location specified")
		}
		e.message.Location = &l
		return nil
	})
}

// sendPhoto is #sendphoto.
func (s *Server) sendPhoto(c *call) (any, error) { return s.sendFile(c, "photo") }

// sendDocument is #senddocument.
func (s *Server) sendDocument(c *call) (any, error) { return s.sendFile(c, "document") }

// sendAudio is #sendaudio.
func (s *Server) sendAudio(c *call) (any, error) { return s.sendFile(c, "audio") }

// sendVoice is #sendvoice.
func (s *Server) sendVoice(c *call) (any, error) { return s.sendFile(c, "voice") }

// sendFile sends a file that comes with the call, or one that Telegram has.
func (s *Server) sendFile(c *call, kind string) (any, error) {
	return s.send(c, func(e *entry) (err error) {
		e.message.Caption, e.message.Marks, err = c.text("caption", "caption_entities", maxCaption, "message caption is too long")
		if err != nil {
			return err
		}
		a, err := c.attachment(kind)
		if err != nil {
			return err
		}
		s.attach(c.bot, e, a)
		return nil
	})
}

// attachment finds the file that a call names (#sending-files): itself, another
// part ("attach://name"), or a file_id. Nothing is fetched from the web.
func (c *call) attachment(kind string) (attachment, error) {
	named := c.values[kind]
	part, attached := strings.CutPrefix(named, "attach://")
	if !attached {
		part = kind
	}
	up, uploaded := c.files[part]
	known := c.bot.files[named]
	a := attachment{File: File{Kind: kind, Name: up.name, MIME: up.mime, Content: up.content}}
	switch {
	case uploaded:
	case known != nil:
		a.File = known.File
		a.Kind = kind
	case named == "":
		return a, badRequest("there is no " + kind + " in the request")
	default:
		return a, badRequest("wrong file identifier/HTTP URL specified")
	}
	if len(a.Content) == 0 {
		return a, badRequest("file must be non-empty")
	}
	if kind == "photo" {
		if len(a.Content) > maxPhoto {
			return a, &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
		}
		a.width, a.height = measure(a.Content)
	}
	a.announced = int64(len(a.Content))
	return a, nil
}

// sendChatAction is #sendchataction.
func (s *Server) sendChatAction(c *call) (any, error) {
	if _, err := s.reachable(c); err != nil {
		return nil, err
	}
	switch c.values["action"] {
	case "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
		"choose_sticker", "find_location", "record_video_note", "upload_video_note":
		return true, nil
	default:
		return nil, badRequest("wrong parameter action in request")
	}
}
