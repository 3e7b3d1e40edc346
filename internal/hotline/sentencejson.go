package hotline

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a sentence that comes from elsewhere.
const (
	maxSentenceText  = 1000 // bytes of a format or an argument
	maxSentenceArgs  = 12
	maxSentenceDepth = 4 // sentences within sentences
)

// sentenceJSON is a sentence as it travels and as it is kept. An argument is a
// string, a whole number, or an object with one of "said", "of" and "name",
// "list", "outside".
type sentenceJSON struct {
	Format string            `json:"format"`
	Args   []json.RawMessage `json:"args,omitempty"`
}

type argJSON struct {
	Said    *Sentence `json:"said,omitempty"`
	Outside string    `json:"outside,omitempty"`
	Of      string    `json:"of,omitempty"`
	Name    string    `json:"name,omitempty"`
	List    []Term    `json:"list,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (s Sentence) MarshalJSON() ([]byte, error) {
	out := sentenceJSON{Format: s.format}
	for _, a := range s.args {
		var v any
		switch a := a.(type) {
		case Sentence:
			v = argJSON{Said: &a}
		case Outside:
			v = argJSON{Outside: string(a)}
		case Term:
			v = argJSON{Of: a.Of, Name: a.Name}
		case []Term:
			v = argJSON{List: a}
		default:
			v = a
		}
		b, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("sentence: %w", err)
		}
		out.Args = append(out.Args, b)
	}
	return json.Marshal(out)
}

// UnmarshalJSON implements json.Unmarshaler. What it reads may come from a
// hostile server: it is bounded, and control characters are taken out. A plain
// string is a sentence without a translation, as older versions kept them.
func (s *Sentence) UnmarshalJSON(b []byte) error {
	got, err := readSentence(b, maxSentenceDepth)
	if err == nil {
		*s = got
	}
	return err
}

func readSentence(b []byte, depth int) (Sentence, error) {
	bad := func(why string) (Sentence, error) { return Sentence{}, fmt.Errorf("sentence: %s", why) }
	var plain string
	if json.Unmarshal(b, &plain) == nil {
		if plain == "" {
			return Sentence{}, nil
		}
		return Sentence{format: "%s", args: []any{Printable(plain, maxSentenceText)}}, nil
	}
	var in sentenceJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return bad("malformed")
	}
	if depth == 0 || len(in.Args) > maxSentenceArgs || len(in.Format) > maxSentenceText {
		return bad("too large")
	}
	out := Sentence{format: Printable(in.Format, maxSentenceText)}
	for _, raw := range in.Args {
		a, err := readArgument(raw, depth)
		if err != nil {
			return Sentence{}, err
		}
		out.args = append(out.args, a)
	}
	return out, nil
}

func readArgument(raw json.RawMessage, depth int) (any, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return Printable(text, maxSentenceText), nil
	}
	var n int64
	if json.Unmarshal(raw, &n) == nil {
		return n, nil
	}
	var arg struct {
		argJSON
		Said json.RawMessage `json:"said"`
	}
	if err := json.Unmarshal(raw, &arg); err != nil {
		return nil, fmt.Errorf("sentence: an argument is malformed")
	}
	switch {
	case arg.Said != nil:
		return readSentence(arg.Said, depth-1)
	case arg.List != nil:
		if len(arg.List) > maxSentenceArgs {
			return nil, fmt.Errorf("sentence: a list is too long")
		}
		for i, t := range arg.List {
			arg.List[i] = Term{Printable(t.Of, maxSentenceText), Printable(t.Name, maxSentenceText)}
		}
		return arg.List, nil
	case arg.Of != "":
		return Term{Printable(arg.Of, maxSentenceText), Printable(arg.Name, maxSentenceText)}, nil
	}
	return Outside(Printable(arg.Outside, maxSentenceText)), nil
}

// Printable is text from elsewhere as it may be shown: valid, on one line,
// without control and direction characters, at most limit bytes.
func Printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
