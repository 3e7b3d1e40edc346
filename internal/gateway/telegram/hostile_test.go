package telegram

import (
	"fmt"
	"strings"
)

// Hostile are updates as only somebody sends who wants to do harm, or a Telegram
// that nobody has documented yet, by what is wrong with them; without an update_id.
// Some of them are of people and are taken.
func Hostile() map[string]string {
	message := func(rest string) string {
		return `"message":{"message_id":7,"date":1790000000,"from":{"id":31,"is_bot":false,"first_name":"A"},"chat":{"id":31,"type":"private"}` + rest + `}`
	}
	press := func(data string) string {
		return `"callback_query":{"id":"1","chat_instance":"1","from":{"id":31,"is_bot":false,"first_name":"A"},"message":{"message_id":7,"date":1790000000,"chat":{"id":31,"type":"private"}},"data":` + data + `}`
	}
	entities := strings.Repeat(`{"type":"text_link","offset":0,"length":1,"url":"https://evil.example/`+strings.Repeat("x", 2000)+`"},`, 100)
	return map[string]string{
		"nothing":               ``,
		"unknown kind":          `"brain_wave":{"id":1}`,
		"null message":          `"message":null`,
		"empty message":         `"message":{}`,
		"array for a message":   `"message":[]`,
		"number for a text":     message(`,"text":7`),
		"no chat":               `"message":{"message_id":7,"text":"x"}`,
		"group":                 `"message":{"message_id":7,"date":1,"from":{"id":31},"chat":{"id":-100,"type":"group"},"text":"x"}`,
		"supergroup":            `"message":{"message_id":7,"date":1,"from":{"id":31},"chat":{"id":-1001234567890,"type":"supergroup"},"text":"/start"}`,
		"channel post":          `"channel_post":{"message_id":7,"date":1,"chat":{"id":-100,"type":"channel"},"text":"x"}`,
		"a bot writes":          `"message":{"message_id":7,"date":1,"from":{"id":31,"is_bot":true},"chat":{"id":31,"type":"private"},"text":"x"}`,
		"negative message":      `"message":{"message_id":-7,"date":1,"from":{"id":31},"chat":{"id":31,"type":"private"},"text":"x"}`,
		"negative chat":         `"message":{"message_id":7,"date":1,"from":{"id":-31},"chat":{"id":-31,"type":"private"},"text":"x"}`,
		"largest numbers":       `"message":{"message_id":9223372036854775807,"date":9223372036854775807,"from":{"id":9223372036854775807},"chat":{"id":9223372036854775807,"type":"private"},"text":"x"}`,
		"beyond numbers":        `"message":{"message_id":1e400,"date":1,"chat":{"id":31,"type":"private"},"text":"x"}`,
		"no text":               message(``),
		"new kind of origin":    message(`,"text":"x","forward_origin":{"type":"telepathy","date":1}`),
		"new kind of member":    `"my_chat_member":{"chat":{"id":31,"type":"private"},"from":{"id":31},"date":1,"old_chat_member":{"status":"ghost"},"new_chat_member":{"status":"ghost"}}`,
		"hundred hidden links":  message(`,"text":"x","entities":[` + strings.TrimSuffix(entities, ",") + `]`),
		"entities out of range": message(`,"text":"x","entities":[{"type":"bold","offset":-5,"length":900000},{"type":"text_link","offset":9,"length":-1,"url":"u"}]`),
		"control letters":       message(`,"text":"` + strings.Repeat(`\u0001`, 4096) + `"`),
		"zero letters":          message(`,"text":"a\u0000b"`),
		"not UTF-8":             message(",\"text\":\"a\xff\xfe\""),
		"half a surrogate":      message(`,"text":"\ud83d"`),
		"right to left":         message(`,"text":"\u202egnp.exe\u2066\u200f"`),
		"quotes":                message(`,"text":"` + strings.Repeat(`\"`, 4096) + `"`),
		"three bytes a letter":  message(`,"text":"` + strings.Repeat(`ｶ`, 4096) + `"`),
		"markup":                message(`,"text":"` + strings.Repeat(`<&>`, 1365) + `"`),
		"far too long":          message(`,"text":"` + strings.Repeat(`long `, 100_000) + `"`),
		"deep":                  message(`,"text":"x","reply_to_message":` + strings.Repeat(`{"reply_to_message":`, 5000) + `{}` + strings.Repeat(`}`, 5000)),
		"nowhere on earth":      message(`,"location":{"latitude":1e300,"longitude":-900}`),
		"negative radius":       message(`,"location":{"latitude":1,"longitude":2,"horizontal_accuracy":-1e300,"live_period":-5}`),
		"file without a name":   message(`,"document":{"file_id":"","file_size":5}`),
		"file with a long name": message(`,"document":{"file_id":"` + strings.Repeat("f", 100_000) + `","file_size":5}`),
		"file of less than 0":   message(`,"voice":{"file_id":"f","file_size":-5,"mime_type":"` + strings.Repeat("a/b", 100) + `"}`),
		"photo of no size":      message(`,"photo":[{"file_id":"a","width":-1,"height":-9},{"file_id":"b","width":2147483647,"height":2147483647}]`),
		"no photo":              message(`,"photo":[]`),
		"press of another bot":  press(`"vote:` + strings.Repeat("9", 500) + `"`),
		"press of a form":       press(`"form:9999999999"`),
		"press of a whole form": press(`"form:\u0000\u0000\u0000\u0000"`),
		"press of a stay":       press(`"stay:99999999999999999999"`),
		"press in a group":      `"callback_query":{"id":"1","from":{"id":31},"message":{"message_id":7,"date":1,"chat":{"id":-100,"type":"group"}},"data":"erase"}`,
		"press of nothing":      `"callback_query":{"id":"1","from":{"id":31},"data":"erase"}`,
		"press of old":          `"callback_query":{"id":"1","from":{"id":31},"message":{"message_id":7,"date":0,"chat":{"id":31,"type":"private"}},"data":"how"}`,
		"command of another":    message(`,"text":"/START@other_bot ` + strings.Repeat("x", 600) + `"`),
		"long digits":           message(`,"text":"` + strings.Repeat("1", 4096) + `"`),
		"digits of others":      message(`,"text":"١٢٣٤٥٦٧٨٩٠١٢"`),
		"tongue":                `"message":{"message_id":7,"date":1,"from":{"id":31,"language_code":"` + strings.Repeat("x-", 5000) + `"},"chat":{"id":31,"type":"private"},"text":"x"}`,
	}
}

// HostileUpdate is one of them whole.
func HostileUpdate(id int, rest string) string {
	if rest != "" {
		rest = "," + rest
	}
	return fmt.Sprintf(`{"update_id":%d%s}`, id, rest)
}
