package telegram

import (
	"strings"
	"time"
)

// languages are the languages that the bot speaks; the first is spoken when
// nothing fits.
func languages() []string { return []string{"ru", "uk", "be", "en"} }

// texts has one entry for each of the languages. It is never changed.
var texts = map[string]words{"ru": wordsRU, "uk": wordsUK, "be": wordsBE, "en": wordsEN}

// words is everything that the bot says in one language, as plain text without
// markup. A comment names what takes the place of the verbs, in their order.
type words struct {
	// The first message: Truth or TruthAlone, an empty line, Greeting, the menu.
	Truth      string // address of the page. It ends with the address, so that no dot is copied with it. Also the bot's description
	TruthAlone string // where there is no page. Also the bot's short description, which has room for 120 characters
	Greeting   string // name of the line
	Menu       string // above the menu when it is shown again

	// Buttons.
	HowButton      string
	ReallyButton   string
	RegisterButton string
	CodeButton     string
	WriteButton    string
	StayButton     string
	EraseButton    string
	BackButton     string

	How            string // answers the first fears before anything is asked
	Really         string // name of this bot without @, phrase of this chat
	ReallyNoPhrase string // name of this bot without @. Nothing was written yet, so there is no phrase

	// Registering in advance.
	RegisterIntro string
	Questions     map[string]questionWords // by the name of the hotline's question
	SkipButton    string
	StopButton    string
	Stopped       string
	Done          string // code in groups. It asks for the code back
	CodeRight     string // the code came back: how to hide it
	CodeWrong     string // other digits came back

	// Coming back with a code. ClaimNoted is the same whether or not the code exists.
	CodePrompt string
	ClaimNoted string
	CodeSlip   string // these are not the twelve digits of any code

	// Writing.
	WritePrompt  string
	Kept         string                       // nobody has answered this person yet
	KeptBusy     string                       // instead of Kept in a surge: how many people wait, About how long the first of them waits
	KeptAnswered string                       // an operator has answered this person before
	About        func(d time.Duration) string // a time of waiting, rounded up
	Busy         string                       // it was not taken

	// How long messages stay in the chat.
	StayAsk  string
	Stays    map[int]string // by minutes; as buttons and in StayDone
	StayDone string         // one of Stays

	// Erasing. EraseLimits follows EraseDone or EraseLeft.
	EraseDone   string
	EraseLeft   string // how many messages could not be deleted
	EraseLimits string

	// What came too early; the message itself is kept like any other. Removed or
	// NotRemoved follows each, and PositionRefused and ContactRefused too.
	PositionEarly string
	UnitEarly     string
	NameEarly     string
	NumberEarly   string // of a telephone or a document, or a date of birth
	Removed       string
	NotRemoved    string

	// A position that was shared as such.
	PositionRefused string // nobody has asked for it, or nobody is there to receive it
	PositionKept    string

	// Files and what is none.
	FileKept       string
	FileTooLarge   string // megabytes that Telegram lets a bot fetch
	FileStranger   string // megabytes for all files of a person whom nobody has answered
	FileLost       string
	NotTaken       string // a sticker, a poll…
	ContactRefused string // a contact card

	// The bot's commands, as Telegram lists them.
	CommandStart string
	CommandHelp  string
	CommandErase string
}

// questionWords are the words of one question of a registration.
type questionWords struct {
	Ask     string
	Answers map[string]string // by the hotline's answer; as buttons
}

// early is the answer to a text in which k was found, without Removed or
// NotRemoved; "" for nothing.
func (w words) early(k early) string {
	switch k {
	case earlyNothing:
	case earlyPosition:
		return w.PositionEarly
	case earlyUnit:
		return w.UnitEarly
	case earlyName:
		return w.NameEarly
	case earlyNumber:
		return w.NumberEarly
	}
	return ""
}

// languageOf is the language for somebody whose telephone speaks code, an IETF
// tag as Telegram gives it, possibly empty.
func languageOf(code, fallback string) string {
	code, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(code, "_", "-")), "-")
	if _, known := texts[code]; known {
		return code
	}
	switch code {
	case "ab", "av", "az", "ba", "bua", "ce", "cv", "hy", "inh", "ka", "kbd", "kk", "krc", "kum", "kv", "ky", "lez",
		"mdf", "mhr", "myv", "os", "sah", "tg", "tk", "tt", "tyv", "udm", "uz", "xal":
		return "ru" // whoever speaks one of these and serves there reads Russian
	}
	return fallback
}

// roughly is a number of waiting people as it is told: enough to know where one
// stands, too little to watch the line by.
func roughly(n int) int {
	step := 1
	switch {
	case n >= 1000:
		step = 500
	case n >= 100:
		step = 50
	case n >= 10:
		step = 10
	}
	return (n + step/2) / step * step
}

// rounded is a time of waiting in minutes or in hours, one of which is 0: rounded
// up, so that nobody is told less than the truth. More than a day is both 0.
func rounded(d time.Duration) (minutes, hours int) {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d > 24*time.Hour:
		return 0, 0
	case d > 55*time.Minute:
		return 0, up(time.Hour)
	case d > 10*time.Minute:
		return up(5*time.Minute) * 5, 0
	}
	return max(1, up(time.Minute)), 0
}

// genitive picks the form that follows "about n" in the Slavic languages here:
// the singular after 1, 21, 31…, but not after 11.
func genitive(n int, one, many string) string {
	if n%10 == 1 && n%100 != 11 {
		return one
	}
	return many
}
