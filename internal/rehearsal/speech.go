package rehearsal

import (
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// room is how many bytes of a record a text may take as JSON. The rest is for
// the header, two signatures and the other fields of the body.
const room = seal.MaxRecord - 2<<10

// Parts cuts a text into pieces that fit into one record each. Joined they
// are the text again.
func Parts(text string) []string {
	var parts []string
	begin, size := 0, 0
	for at, r := range text {
		n := encodedLen(r)
		if size+n > room {
			parts = append(parts, text[begin:at])
			begin, size = at, 0
		}
		size += n
	}
	return append(parts, text[begin:])
}

// encodedLen bounds the bytes that a character takes inside a JSON string.
func encodedLen(r rune) int {
	if r >= 0x20 && r < utf8.RuneSelf && r != '"' && r != '\\' && r != '<' && r != '>' && r != '&' || r > 0x2029 || r >= utf8.RuneSelf && r < 0x2028 {
		return utf8.RuneLen(r)
	}
	line, err := json.Marshal(string(r))
	if err != nil {
		return 6
	}
	return max(len(line)-len(`""`), 1)
}

// maxChat is how long a message of a chat may be, in UTF-16 units
// (core.telegram.org/bots/api#sendmessage).
const maxChat = 4096

// ChatParts cuts a text into pieces that fit into one message of a chat each.
func ChatParts(text string) []string {
	var parts []string
	begin, size := 0, 0
	for at, r := range text {
		n := utf16.RuneLen(r)
		if size+n > maxChat {
			parts = append(parts, text[begin:at])
			begin, size = at, 0
		}
		size += n
	}
	return append(parts, text[begin:])
}

// Door is the door by which a channel's scenarios are played. Where a channel has
// none yet it is the web, and whoever plays them says so.
func Door(c hotline.Channel) hotline.Channel {
	if c == hotline.ChannelTelegram {
		return c
	}
	return hotline.ChannelWeb
}

// Registers reports whether the person registers in advance before he writes.
func (s Scenario) Registers() bool { return len(s.Path) > 0 && s.Path[0] == hotline.StageRegistered }

// Answers are what the person answers when he registers, by question, as far as
// the facts tell.
func (s Scenario) Answers() map[string]string {
	answers := map[string]string{}
	if s.People != nil {
		switch n := *s.People; {
		case n == 1:
			answers["people"] = hotline.CountOne
		case n == 2, n == 3:
			answers["people"] = hotline.CountFew
		case n >= 4 && n <= 10:
			answers["people"] = hotline.CountTen
		case n > 10:
			answers["people"] = hotline.CountMore
		}
	}
	for _, f := range s.Facts {
		switch f {
		case Fact{"stage", "mobilised_not_deployed"}:
			answers["where"] = hotline.WhereMobilised
		case Fact{"stage", "serving_not_deployed"}:
			answers["where"] = hotline.WhereServing
		case Fact{"phone_will_be_taken", "true"}:
			answers["phone"] = hotline.AnswerYes
		case Fact{"phone_will_be_taken", "false"}:
			answers["phone"] = hotline.AnswerNo
		}
	}
	return answers
}

// UrgencyOf is what an operator makes of a scenario at first sight.
func (s Scenario) UrgencyOf() hotline.Urgency {
	most := hotline.UrgencyCalm
	for _, f := range s.Facts {
		switch f.Name {
		case "wounded", "battery_percent":
			most = max(most, hotline.UrgencyNow)
		case "position_text":
			most = max(most, hotline.UrgencyUrgent)
		case "stage", "phone_will_be_taken":
			most = max(most, hotline.UrgencySoon)
		}
	}
	return most
}

// Note is the facts as an operator writes them down.
func (s Scenario) Note() string {
	text := ""
	for i, f := range s.Facts {
		if i > 0 {
			text += "\n"
		}
		text += f.Name + ": " + f.Value
	}
	return text
}
