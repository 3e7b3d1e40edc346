package hotline

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Sentence is something said to a person: an English format and what is filled
// into it, kept apart, so that a page can say it in the reader's language. The
// zero value says nothing. It holds no secret.
type Sentence struct {
	format string
	args   []any // string, int64, Term, []Term, Outside or Sentence
}

// Term is a word of the domain inside a sentence: a page has its own word for it.
type Term struct {
	Of   string `json:"of"`   // see the Of constants
	Name string `json:"name"` // as the domain spells it
}

// String is the name, as in English.
func (t Term) String() string { return t.Name }

// What a [Term] is a word of.
const (
	OfStage      = "stage"
	OfTeam       = "team"
	OfRole       = "role"
	OfChannel    = "channel"
	OfAction     = "action"
	OfInvitation = "invitation" // its state
	OfDocument   = "document"   // roster or manifest
	OfAct        = "act"        // of a statement
	OfShared     = "shared"     // what takes two people
	OfWire       = "wire"       // of the tripwires
)

// Outside is text of the world outside this program (an operating system, a
// network, a library). It cannot be translated and is shown set apart.
type Outside string

// Say makes a sentence. The
// verbs of format are those of fmt; errors go in by %v. Every format needs a
// translation: a test of the desk's pages names the one that lacks it.
func Say(format string, args ...any) Sentence {
	_ = fmt.Sprintf(format, args...) // so that go vet checks the verbs of every caller
	return sentence(format, args)
}

func sentence(format string, args []any) Sentence {
	s := Sentence{format: format}
	verbs := make(map[int]string)
	for _, p := range ParseFormat(format) {
		if p.Arg >= 0 {
			verbs[p.Arg] = p.Verb
		}
	}
	for i, a := range args {
		s.args = append(s.args, argument(verbs[i], a))
	}
	return s
}

// argument keeps what a page can put into its own words.
func argument(verb string, a any) any {
	switch a := a.(type) {
	case Sentence:
		return a
	case Term, Outside:
		return a
	case Stage:
		return Term{OfStage, string(a)}
	case []Stage:
		terms := make([]Term, len(a))
		for i, s := range a {
			terms[i] = Term{OfStage, string(s)}
		}
		return terms
	case Team:
		return Term{OfTeam, string(a)}
	case Role:
		return Term{OfRole, string(a)}
	case Channel:
		return Term{OfChannel, string(a)}
	case Action:
		return Term{OfAction, string(a)}
	case Shared:
		return Term{OfShared, string(a)}
	case Wire:
		return Term{OfWire, string(a)}
	case string:
		return a
	case error:
		return nested(a)
	}
	if n, ok := whole(a); ok && (verb == "d" || verb == "v") {
		return n
	}
	if verb == "" || verb == "q" {
		verb = "v"
	}
	return fmt.Sprintf("%"+verb, a)
}

// nested is what an error inside a sentence says: its own sentence, or the
// text of the world outside.
func nested(err error) any {
	var e *Error
	switch {
	case !errors.As(err, &e):
		return Outside(err.Error())
	case e == nil:
		return Outside("an error that says nothing")
	case e.Said.IsZero():
		return Outside(e.Text)
	}
	return e.Said
}

func whole(a any) (int64, bool) {
	v := reflect.ValueOf(a)
	if _, ok := a.(fmt.Stringer); ok || !v.IsValid() {
		return 0, false
	}
	if v.CanInt() {
		return v.Int(), true
	}
	if v.CanUint() && v.Uint() < 1<<63 {
		return int64(v.Uint()), true //nolint:gosec // G115: looked at just now
	}
	return 0, false
}

// SaidBy is what an error says to a person.
func SaidBy(err error) Sentence {
	switch said := nested(err).(type) {
	case Sentence:
		return said
	case Outside:
		return Say("something outside this program failed: %v", said)
	}
	return Sentence{}
}

// IsZero reports whether nothing is said.
func (s Sentence) IsZero() bool { return s.format == "" && len(s.args) == 0 }

// Format is the English format, by which a translation is found.
func (s Sentence) Format() string { return s.format }

// Args are what is filled in: string, int64, [Term], []Term, [Outside] or [Sentence].
func (s Sentence) Args() []any { return s.args }

// Equal reports whether two sentences say the same.
func (s Sentence) Equal(o Sentence) bool {
	return s.format == o.format && reflect.DeepEqual(s.args, o.args)
}

// String is the sentence in English.
func (s Sentence) String() string {
	var b strings.Builder
	for _, p := range ParseFormat(s.format) {
		switch {
		case p.Arg < 0:
			b.WriteString(p.Text)
		case p.Arg >= len(s.args):
			b.WriteString("…")
		default:
			b.WriteString(spell(p.Verb, s.args[p.Arg]))
		}
	}
	return b.String()
}

func spell(verb string, a any) string {
	quote := func(s string) string {
		if verb == "q" {
			return strconv.Quote(s)
		}
		return s
	}
	switch a := a.(type) {
	case string:
		return quote(a)
	case int64:
		return strconv.FormatInt(a, 10)
	case Term:
		return quote(a.Name)
	case []Term:
		names := make([]string, len(a))
		for i, t := range a {
			names[i] = quote(t.Name)
		}
		return strings.Join(names, ", ")
	case Outside:
		return string(a)
	case Sentence:
		return a.String()
	}
	return "…"
}

// Piece is a part of a format: text, or the place of an argument.
type Piece struct {
	Text  string   // when Arg is -1
	Arg   int      // from 0; -1: none
	Verb  string   // with its flags: "d", "q", "04x"
	Forms []string // of a translation's %[n]{one|few|many}: forms of the noun that a number counts
}

// ParseFormat takes a format apart. It knows the verbs and flags of fmt, %[n]
// and %%, but not *; in translations also %[n]{one|few|many}. What it does
// not know stays text: no format is an error.
func ParseFormat(format string) []Piece {
	var out []Piece
	text := func(s string) {
		if n := len(out); n > 0 && out[n-1].Arg < 0 {
			out[n-1].Text += s
		} else if s != "" {
			out = append(out, Piece{Text: s, Arg: -1})
		}
	}
	next := 0
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			text(format)
			break
		}
		text(format[:i])
		format = format[i:]
		p, rest, ok := parseVerb(format, next)
		switch {
		case strings.HasPrefix(format, "%%"):
			text("%")
			format = format[2:]
		case !ok:
			text("%")
			format = format[1:]
		default:
			out, next, format = append(out, p), p.Arg+1, rest
		}
	}
	return out
}

// maxArg bounds %[n].
const maxArg = 99

func parseVerb(format string, next int) (p Piece, rest string, ok bool) {
	p.Arg = next
	rest = format[1:]
	flags := len(rest) - len(strings.TrimLeft(rest, "+-# 0123456789."))
	verb, rest := rest[:flags], rest[flags:]
	if strings.HasPrefix(rest, "[") {
		digits, after, found := strings.Cut(rest[1:], "]")
		n, err := strconv.Atoi(digits)
		if !found || err != nil || n < 1 || n > maxArg {
			return p, "", false
		}
		p.Arg, rest = n-1, after
	}
	if strings.HasPrefix(rest, "{") {
		forms, after, found := strings.Cut(rest[1:], "}")
		p.Forms = strings.Split(forms, "|")
		return p, after, found && verb == "" && len(p.Forms) == 3
	}
	if rest == "" || !strings.ContainsRune("vTtbcdoOqxXUeEfFgGsw", rune(rest[0])) {
		return p, "", false
	}
	p.Verb = verb + rest[:1]
	return p, rest[1:], true
}
