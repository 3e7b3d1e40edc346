package rehearsal

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"safeconduct/internal/hotline"
)

//go:embed scenarios.json
var builtin []byte

// maxFile bounds a file of scenarios in bytes.
const maxFile = 64 << 20

// Scenario is one conversation.
type Scenario struct {
	ID        string
	Channel   hotline.Channel
	Language  string
	People    *int // nil: not said; 0: a relative
	Continues string
	Path      []hotline.Stage
	Messages  []Message // in order of their time
	Facts     []Fact    // what the operator learns, in order of their names
}

// Message is one thing said.
type Message struct {
	At   float64 // minutes after the first one
	From hotline.Side
	Text string
}

// Fact is one thing that the operator notes.
type Fact struct{ Name, Value string }

// Builtin returns the scenarios that come with the program.
func Builtin() ([]Scenario, error) { return Parse(builtin) }

// ReadFile reads a file of scenarios.
func ReadFile(path string) ([]Scenario, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "scenarios", "the file cannot be read: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "scenarios", "the file cannot be read: %w", err)
	}
	if len(raw) > maxFile {
		return nil, hotline.Errorf(hotline.KindInvalid, "scenarios", "the file has more than %d MiB", maxFile>>20)
	}
	return Parse(raw)
}

// scenarioJSON is a scenario as the file has it. Pointers tell what is
// missing from what is empty.
type scenarioJSON struct {
	ID        *string                    `json:"id"`
	Channel   *string                    `json:"channel"`
	Language  string                     `json:"language"`
	People    *int                       `json:"people"`
	Continues *string                    `json:"continues"`
	Path      []string                   `json:"path"`
	Messages  *[]messageJSON             `json:"messages"`
	Facts     map[string]json.RawMessage `json:"facts"`
}

type messageJSON struct {
	At   float64 `json:"at"`
	From string  `json:"from"`
	Text *string `json:"text"`
}

// Parse reads scenarios. It is strict, so that a slip in a file is a message
// and not a scenario that is never played; only facts may hold anything.
func Parse(raw []byte) ([]Scenario, error) {
	if !utf8.Valid(raw) {
		return nil, wrong("the file is not valid UTF-8")
	}
	var file struct {
		About     string             `json:"about"`
		Scenarios *[]json.RawMessage `json:"scenarios"`
	}
	if err := strict(raw, &file); err != nil {
		return nil, wrong("the file: %v", err)
	}
	if file.Scenarios == nil {
		return nil, wrong(`the file has no "scenarios"`)
	}
	var all []Scenario
	for i, one := range *file.Scenarios {
		s, err := parseScenario(one)
		if err != nil {
			return nil, wrong("%s: %v", nameOf(i, one), err)
		}
		if err := s.follows(all); err != nil {
			return nil, wrong("%s: %v", nameOf(i, one), err)
		}
		all = append(all, s)
	}
	return all, nil
}

func wrong(format string, args ...any) error {
	return hotline.Errorf(hotline.KindInvalid, "scenarios", format, args...)
}

// nameOf names a scenario as well as what is wrong with it allows.
func nameOf(i int, raw []byte) string {
	var s struct{ ID any }
	if err := json.Unmarshal(raw, &s); err == nil {
		if id, ok := s.ID.(string); ok && id != "" {
			return fmt.Sprintf("scenario %q", id)
		}
	}
	return fmt.Sprintf("scenario number %d", i+1)
}

func parseScenario(raw []byte) (Scenario, error) {
	var j scenarioJSON
	if err := strict(raw, &j); err != nil {
		return Scenario{}, err
	}
	switch {
	case j.ID == nil || *j.ID == "":
		return Scenario{}, errors.New(`"id" is missing`)
	case utf8.RuneCountInString(*j.ID) > 100:
		return Scenario{}, errors.New(`"id" has more than 100 characters`)
	case j.Channel == nil || *j.Channel == "":
		return Scenario{}, errors.New(`"channel" is missing`)
	case j.People != nil && *j.People < 0:
		return Scenario{}, errors.New(`"people" is less than 0`)
	case j.Messages == nil:
		return Scenario{}, errors.New(`"messages" is missing`)
	case j.Continues != nil && *j.Continues == "":
		return Scenario{}, errors.New(`"continues" names no scenario`)
	}
	s := Scenario{ID: *j.ID, Channel: hotline.Channel(*j.Channel), Language: j.Language, People: j.People}
	if j.Continues != nil {
		s.Continues = *j.Continues
	}
	for _, stage := range j.Path {
		s.Path = append(s.Path, hotline.Stage(stage))
	}
	for i, m := range *j.Messages {
		said, err := m.read()
		if err != nil {
			return Scenario{}, fmt.Errorf(`"messages", number %d: %w`, i+1, err)
		}
		s.Messages = append(s.Messages, said)
	}
	slices.SortStableFunc(s.Messages, func(a, b Message) int {
		switch {
		case a.At < b.At:
			return -1
		case a.At > b.At:
			return 1
		}
		return 0
	})
	s.Facts = facts(j.Facts)
	return s, nil
}

func (m messageJSON) read() (Message, error) {
	out := Message{At: m.At}
	switch m.From {
	case string(hotline.SideContact), string(hotline.SideDesk):
		out.From = hotline.Side(m.From)
	default:
		return out, fmt.Errorf(`"from" is %q, but only "contact" and "desk" speak`, m.From)
	}
	switch {
	case m.At < 0:
		return out, errors.New(`"at" is less than 0`)
	case m.Text == nil:
		return out, errors.New(`"text" is missing`)
	case strings.TrimSpace(*m.Text) == "":
		return out, errors.New(`"text" is empty`)
	}
	out.Text = *m.Text
	return out, nil
}

func facts(raw map[string]json.RawMessage) []Fact {
	out := make([]Fact, 0, len(raw))
	for name, value := range raw {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		out = append(out, Fact{name, text})
	}
	slices.SortFunc(out, func(a, b Fact) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// follows checks a scenario against those before it.
func (s Scenario) follows(before []Scenario) error {
	named := func(id string) bool {
		return slices.ContainsFunc(before, func(b Scenario) bool { return b.ID == id })
	}
	switch {
	case named(s.ID):
		return errors.New(`"id" has been used by a scenario before it`)
	case s.Continues == s.ID:
		return errors.New(`"continues" names the scenario itself`)
	case s.Continues != "" && !named(s.Continues):
		return fmt.Errorf(`"continues" names %q, which is no scenario before this one`, s.Continues)
	}
	return nil
}

// strict reads one JSON value and nothing else, without unknown names.
func strict(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return explain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands after the end")
	}
	return nil
}

// explain says in plain words what encoding/json found.
func explain(err error) error {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType):
		what := "it"
		if wrongType.Field != "" {
			what = strconv.Quote(wrongType.Field)
		}
		return fmt.Errorf("%s is %s where %s is needed", what, kindWord(wrongType.Value), kindWord(wrongType.Type.Kind().String()))
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at byte %d: %w", syntax.Offset, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("no JSON: it ends too early")
	}
	return errors.New(strings.Replace(strings.TrimPrefix(err.Error(), "json: "), "unknown field", "there is no field", 1))
}

// kindWord names a kind of JSON or of Go as people who write JSON do.
func kindWord(kind string) string {
	switch kind, _, _ := strings.Cut(kind, " "); kind {
	case "slice", "array":
		return "a list"
	case "struct", "map", "object":
		return "an object"
	case "int":
		return "a whole number"
	case "float64", "number":
		return "a number"
	case "string":
		return "a string"
	case "bool":
		return "true or false"
	}
	return kind
}
