package rehearsal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
)

func TestBuiltin(t *testing.T) {
	t.Parallel()
	all, err := rehearsal.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 8 {
		t.Fatalf("%d scenarios", len(all))
	}
	if s := all[1]; s.Continues != all[0].ID || s.Channel != hotline.ChannelPhone || len(s.Messages) != 3 || len(s.Path) != 4 {
		t.Errorf("the second one: %+v", s)
	}
	if s := all[3]; s.People == nil || *s.People != 0 {
		t.Errorf("a relative counts as people: %v", s.People)
	}
	if s := all[7]; s.UrgencyOf() != hotline.UrgencyNow {
		t.Errorf("a wounded man waits with urgency %d", s.UrgencyOf())
	}
}

// one is a scenario that is whole, with a part to be spoilt.
func one(part string) string {
	return `{"scenarios": [{"id": "a", "channel": "web", "messages": [{"at": 0, "from": "contact", "text": "hello"}]` + part + `}]}`
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	second := func(b string) string {
		return `{"scenarios": [{"id": "a", "channel": "web", "messages": []}, ` + b + `]}`
	}
	for name, tc := range map[string]struct {
		file string
		want []string // parts of the error
	}{
		"nothing":           {``, []string{"no JSON"}},
		"no object":         {`[]`, []string{"list", "object"}},
		"cut short":         {one("")[:60], []string{"no JSON"}},
		"more behind":       {one("") + "{}", []string{"after the end"}},
		"no UTF-8":          {"{\"about\": \"\xff\"}", []string{"UTF-8"}},
		"no scenarios":      {`{"about": "x"}`, []string{"scenarios"}},
		"unknown at top":    {`{"scenarios": [], "scenario": 1}`, []string{`"scenario"`}},
		"unknown field":     {one(`, "poeple": 1`), []string{`"a"`, `"poeple"`}},
		"no id":             {`{"scenarios": [{"channel": "web", "messages": []}]}`, []string{"number 1", `"id"`}},
		"empty id":          {`{"scenarios": [{"id": "", "channel": "web", "messages": []}]}`, []string{"number 1", `"id"`}},
		"long id":           {`{"scenarios": [{"id": "` + strings.Repeat("a", 101) + `", "channel": "web", "messages": []}]}`, []string{`"id"`, "100"}},
		"id is a number":    {`{"scenarios": [{"id": 7, "channel": "web", "messages": []}]}`, []string{"number 1", `"id"`, "number", "string"}},
		"same id":           {second(`{"id": "a", "channel": "web", "messages": []}`), []string{`"a"`, "before"}},
		"no channel":        {`{"scenarios": [{"id": "a", "messages": []}]}`, []string{`"a"`, `"channel"`}},
		"no messages":       {`{"scenarios": [{"id": "a", "channel": "web"}]}`, []string{`"a"`, `"messages"`}},
		"people below zero": {one(`, "people": -1`), []string{`"a"`, `"people"`}},
		"people in words":   {one(`, "people": "two"`), []string{`"a"`, `"people"`, "number"}},
		"half a person":     {one(`, "people": 1.5`), []string{`"a"`, `"people"`}},
		"path is no list":   {one(`, "path": "new"`), []string{`"a"`, `"path"`, "list"}},
		"continues nothing": {one(`, "continues": ""`), []string{`"a"`, `"continues"`}},
		"continues itself":  {one(`, "continues": "a"`), []string{`"a"`, `"continues"`, "itself"}},
		"continues unknown": {one(`, "continues": "zz"`), []string{`"a"`, `"continues"`, `"zz"`}},
		"continues later": {
			`{"scenarios": [{"id": "a", "channel": "web", "continues": "b", "messages": []}, {"id": "b", "channel": "web", "messages": []}]}`,
			[]string{`"a"`, `"continues"`, `"b"`, "before"},
		},
		"who speaks":    {second(`{"id": "b", "channel": "web", "messages": [{"at": 0, "from": "captain", "text": "x"}]}`), []string{`"b"`, "number 1", "captain"}},
		"no text":       {second(`{"id": "b", "channel": "web", "messages": [{"at": 0, "from": "desk"}]}`), []string{`"b"`, `"text"`}},
		"empty text":    {second(`{"id": "b", "channel": "web", "messages": [{"at": 0, "from": "desk", "text": " \n"}]}`), []string{`"b"`, `"text"`, "empty"}},
		"before time":   {second(`{"id": "b", "channel": "web", "messages": [{"at": -1, "from": "desk", "text": "x"}]}`), []string{`"b"`, `"at"`}},
		"unknown there": {second(`{"id": "b", "channel": "web", "messages": [{"at": 1, "from": "desk", "text": "x", "lang": "ru"}]}`), []string{`"b"`, `"lang"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rehearsal.Parse([]byte(tc.file))
			if hotline.KindOf(err) != hotline.KindInvalid || err == nil {
				t.Fatalf("%v", err)
			}
			for _, part := range tc.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not name %s", err, part)
				}
			}
		})
	}
}

func TestParseTakesWhatTheFormatAllows(t *testing.T) {
	t.Parallel()
	all, err := rehearsal.Parse([]byte(`{"scenarios": [
		{"id": "empty", "channel": "web", "messages": [], "path": [], "facts": {}},
		{"id": "odd", "channel": "pigeon", "language": "tlh", "people": 0, "path": ["hospital"],
		 "facts": {"a": [1, {"b": null}], "c": "d", "e": true},
		 "messages": [{"at": 9, "from": "desk", "text": "second"}, {"at": 0.5, "from": "contact", "text": "first"}, {"at": 9, "from": "contact", "text": "third"}]}
	]}`))
	if err != nil {
		t.Fatal(err)
	}
	odd := all[1]
	if len(all[0].Messages) != 0 || odd.Messages[0].Text != "first" || odd.Messages[1].Text != "second" || odd.Messages[2].Text != "third" {
		t.Errorf("not in order of time: %+v", odd.Messages)
	}
	if got := odd.Note(); got != "a: [1, {\"b\": null}]\nc: d\ne: true" {
		t.Errorf("note: %q", got)
	}
	if none, err := rehearsal.Parse([]byte(`{"scenarios": []}`)); err != nil || len(none) != 0 {
		t.Errorf("an empty list: %v", err)
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	if _, err := rehearsal.ReadFile(filepath.Join(t.TempDir(), "none.json")); hotline.KindOf(err) != hotline.KindInvalid {
		t.Errorf("a file that is not there: %v", err)
	}
	path := filepath.Join(t.TempDir(), "one.json")
	if err := os.WriteFile(path, []byte(one("")), 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := rehearsal.ReadFile(path); err != nil || len(all) != 1 {
		t.Errorf("%d scenarios, %v", len(all), err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(one(`, "people": 3, "path": ["new"], "facts": {"a": 1}`)))
	f.Add([]byte(`{"scenarios": [{"id": "a", "channel": "web", "continues": "a", "messages": [{"at": 1e300, "from": "desk", "text": "\u0000"}]}]}`))
	f.Add([]byte(`{"scenarios": null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := rehearsal.Parse(raw)
		if err != nil {
			if hotline.KindOf(err) != hotline.KindInvalid {
				t.Fatalf("not the file's fault: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, s := range all {
			if seen[s.ID] || s.Continues != "" && !seen[s.Continues] {
				t.Fatalf("%q does not follow those before it", s.ID)
			}
			seen[s.ID] = true
			for _, m := range s.Messages {
				if got := strings.Join(rehearsal.Parts(m.Text), ""); got != m.Text {
					t.Fatal("a text falls apart")
				}
			}
		}
	})
}
