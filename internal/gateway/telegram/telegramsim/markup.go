package telegramsim

import (
	"encoding/json"
	"strings"
)

// What a keyboard may have (#inlinekeyboardbutton; the number is not documented).
const (
	maxData    = 64
	maxButtons = 100
)

// markup is what a bot put below a message (reply_markup): buttons of the
// message, or another keyboard for the phone, or an end of that.
type markup struct {
	inline *inlineKeyboard
	keys   [][]string
	once   bool
	remove bool
}

// key is #keyboardbutton, which may be just its text.
type key string

func (k *key) UnmarshalJSON(text []byte) error {
	var s string
	if json.Unmarshal(text, &s) == nil {
		*k = key(s)
		return nil
	}
	var object struct {
		Text string `json:"text"`
	}
	err := json.Unmarshal(text, &object)
	*k = key(object.Text)
	return err
}

// markup reads the parameter.
func (c *call) markup() (markup, error) {
	var raw struct {
		Inline *[][]inlineButton `json:"inline_keyboard"`
		Keys   [][]key           `json:"keyboard"`
		Once   bool              `json:"one_time_keyboard"`
		Remove bool              `json:"remove_keyboard"`
	}
	m := markup{}
	if err := c.structured("reply_markup", &raw); err != nil {
		return m, badRequest("can't parse reply keyboard markup JSON object")
	}
	// A message has one kind of markup; what is below it goes before the others.
	if raw.Inline != nil {
		raw.Keys, raw.Remove = nil, false
	}
	m.once, m.remove = raw.Once, raw.Remove
	n := 0
	for _, row := range raw.Keys {
		var labels []string
		for _, k := range row {
			if k == "" {
				return m, badRequest("can't parse keyboard button: text of the button must be non-empty")
			}
			labels = append(labels, string(k))
			n++
		}
		m.keys = append(m.keys, labels)
	}
	if raw.Inline != nil {
		for _, row := range *raw.Inline {
			for _, b := range row {
				if err := b.check(); err != nil {
					return m, err
				}
				n++
			}
		}
		if n > 0 {
			m.inline = &inlineKeyboard{Rows: *raw.Inline}
		}
	}
	if n > maxButtons {
		return m, badRequest("reply markup is too long")
	}
	return m, nil
}

func (b inlineButton) check() error {
	switch {
	case strings.TrimSpace(b.Text) == "":
		return badRequest("can't parse inline keyboard button: text of the button must be non-empty")
	case (b.Data == "") == (b.URL == ""):
		return badRequest("text buttons are unallowed in the inline keyboard")
	case len(b.Data) > maxData:
		return badRequest("BUTTON_DATA_INVALID")
	}
	return nil
}

// apply changes the phone's keyboard.
func (m markup) apply(c *chat) {
	switch {
	case m.keys != nil:
		c.keys, c.once = m.keys, m.once
	case m.remove:
		c.keys = nil
	}
}
