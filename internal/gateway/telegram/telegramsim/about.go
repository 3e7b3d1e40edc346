package telegramsim

import (
	"cmp"
	"regexp"
)

// What a bot says about itself (#botcommand, #setmydescription, #setmyshortdescription).
const (
	maxCommands    = 100
	maxCommandText = 256
	maxAbout       = 512
	maxShortAbout  = 120
)

var commandShape = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// getMe is #getme.
func (s *Server) getMe(c *call) (any, error) {
	return struct {
		user
		Groups bool `json:"can_join_groups"`
		All    bool `json:"can_read_all_group_messages"`
		Inline bool `json:"supports_inline_queries"`
	}{user: c.bot.user, Groups: true}, nil
}

// setMyCommands is #setmycommands. Scopes are read and not told apart.
func (s *Server) setMyCommands(c *call) (any, error) {
	var list []Command
	if err := c.structured("commands", &list); err != nil {
		return nil, err
	}
	if len(list) > maxCommands {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, command := range list {
		if !commandShape.MatchString(command.Name) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := units(command.Description); n < 1 || n > maxCommandText {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	c.bot.commands[c.values["language_code"]] = list
	return true, nil
}

// deleteMyCommands is #deletemycommands.
func (s *Server) deleteMyCommands(c *call) (any, error) {
	delete(c.bot.commands, c.values["language_code"])
	return true, nil
}

// setMyDescription is #setmydescription.
func (s *Server) setMyDescription(c *call) (any, error) {
	return c.describe(c.bot.about, "description", maxAbout)
}

// setMyShortDescription is #setmyshortdescription.
func (s *Server) setMyShortDescription(c *call) (any, error) {
	return c.describe(c.bot.short, "short_description", maxShortAbout)
}

// aboutFor is the description as a telephone shows it in an empty chat: in its own
// language, or in the one for all others.
func (s *Server) aboutFor(username, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.botNamed(username)
	if err != nil {
		return ""
	}
	return cmp.Or(b.about[language], b.about[""])
}

func (c *call) describe(by map[string]string, name string, most int) (any, error) {
	text := c.values[name]
	if units(text) > most {
		return nil, badRequest(name + " is too long")
	}
	if text == "" {
		delete(by, c.values["language_code"])
		return true, nil
	}
	by[c.values["language_code"]] = text
	return true, nil
}

// getChat is #getchat.
func (s *Server) getChat(c *call) (any, error) {
	ch, err := s.reach(c)
	if err != nil {
		return nil, err
	}
	return struct {
		chatRef
		Accent    int `json:"accent_color_id"`
		Reactions int `json:"max_reaction_count"`
	}{chatRef: ch.person.ref(), Reactions: 11}, nil
}

// leaveChat is #leavechat. Groups are known only from what Raw puts in a queue,
// so any can be left.
func (s *Server) leaveChat(c *call) (any, error) {
	if c.chatID() < 0 {
		c.bot.left = append(c.bot.left, c.chatID())
		return true, nil
	}
	if _, err := s.reach(c); err != nil {
		return nil, err
	}
	return nil, badRequest("chat member status can't be changed in private chats")
}
