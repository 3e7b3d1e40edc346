package rehearsal

import (
	"encoding/json"
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

// Exists reports whether a door can be played as itself. The others are
// played on the web, and whoever plays them says so.
func Exists(c hotline.Channel) bool { return c == hotline.ChannelWeb }

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
