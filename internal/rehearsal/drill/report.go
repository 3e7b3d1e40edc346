package drill

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Report is what a drill has shown.
type Report struct {
	Scenarios []Result `json:"scenarios"`
	Passed    int      `json:"passed"` // scenarios
	Failed    int      `json:"failed"`
}

// Result is one scenario.
type Result struct {
	ID      string  `json:"id"`
	Channel string  `json:"channel"` // as the scenario has it
	Door    string  `json:"door"`    // by which it was played
	Passed  bool    `json:"passed"`  // every check has
	Checks  []Check `json:"checks"`
}

// Check is one thing that was looked at.
type Check struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail"`
}

// check adds a result; a nil error is a pass. An error's text is the detail.
func (r *Result) check(name string, err error, format string, args ...any) bool {
	c := Check{Name: name, Passed: err == nil, Detail: fmt.Sprintf(format, args...)}
	if err != nil {
		c.Detail = err.Error()
	}
	r.Checks = append(r.Checks, c)
	return err == nil
}

// close counts.
func (r *Report) close() {
	r.Passed, r.Failed = 0, 0
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		s.Passed = true
		for _, c := range s.Checks {
			s.Passed = s.Passed && c.Passed
		}
		if s.Passed {
			r.Passed++
		} else {
			r.Failed++
		}
	}
}

// WriteJSON writes the report for programs.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteTable writes the report for people.
func (r Report) WriteTable(w io.Writer) error {
	width := 0
	for _, s := range r.Scenarios {
		for _, c := range s.Checks {
			width = max(width, len([]rune(c.Name)))
		}
	}
	var b strings.Builder
	for _, s := range r.Scenarios {
		channel := plain(s.Channel)
		if s.Door != s.Channel {
			channel += ", played on the " + s.Door
		}
		fmt.Fprintf(&b, "%-4s  %s (%s)\n", verdict(s.Passed), plain(s.ID), channel)
		for _, c := range s.Checks {
			fmt.Fprintf(&b, "      %-4s  %-*s  %s\n", verdict(c.Passed), width, c.Name, plain(c.Detail))
		}
	}
	switch {
	case len(r.Scenarios) == 0:
		b.WriteString("The file holds no scenario: nothing was played.\n")
	case r.Failed == 0:
		fmt.Fprintf(&b, "\nAll %d scenarios passed.\n", r.Passed)
	default:
		fmt.Fprintf(&b, "\n%d of %d scenarios failed.\n", r.Failed, r.Passed+r.Failed)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func verdict(passed bool) string {
	if passed {
		return "ok"
	}
	return "FAIL"
}

// plain shows text of a file that anybody may have written without letting it
// move the terminal's cursor.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}
