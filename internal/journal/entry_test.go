package journal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
)

const caseID = "00112233445566778899aabbccddeeff"

func TestEntryLine(t *testing.T) {
	t.Parallel()
	e := journal.Entry{
		Hour: 490123, Actor: `op "A\B" Ж<&>`, Act: "case.read", Case: caseID,
		Detail: map[string]string{"wrap": "7", "as": "", "as.of": "9"},
	}
	// Written by hand from RFC 8785: sorted, only the quote and the backslash escaped.
	const want = `{"act":"case.read","actor":"op \"A\\B\" Ж<&>","case":"` + caseID +
		`","detail":{"as":"","as.of":"9","wrap":"7"},"hour":490123}`
	line, err := e.Line()
	if err != nil || string(line) != want {
		t.Fatalf("Line = %s, %v\nwant   %s", line, err, want)
	}
	back, err := journal.ParseEntry(line)
	if err != nil || !cmp.Equal(back, e) {
		t.Fatalf("ParseEntry = %+v, %v", back, err)
	}
}

func TestEntryRefused(t *testing.T) {
	t.Parallel()
	good := func() journal.Entry {
		return journal.Entry{Hour: 1, Actor: "op-1", Act: "case.read", Case: caseID, Detail: map[string]string{"k": "v"}}
	}
	tests := map[string]func(*journal.Entry){
		"negative hour":   func(e *journal.Entry) { e.Hour = -1 },
		"hour past JSON":  func(e *journal.Entry) { e.Hour = 1 << 54 },
		"no actor":        func(e *journal.Entry) { e.Actor = "" },
		"long actor":      func(e *journal.Entry) { e.Actor = strings.Repeat("a", 257) },
		"newline":         func(e *journal.Entry) { e.Actor = "op\n{}" },
		"bytes":           func(e *journal.Entry) { e.Actor = "op\xff" },
		"bidi override":   func(e *journal.Entry) { e.Actor = "op\u202e1" },
		"line separator":  func(e *journal.Entry) { e.Detail["k"] = "a\u2028b" },
		"no act":          func(e *journal.Entry) { e.Act = "" },
		"act upper case":  func(e *journal.Entry) { e.Act = "Case.Read" },
		"act not ASCII":   func(e *journal.Entry) { e.Act = "саse.read" }, // Cyrillic with and a
		"case upper case": func(e *journal.Entry) { e.Case = strings.ToUpper(caseID) },
		"case short":      func(e *journal.Entry) { e.Case = caseID[:30] },
		"case not hex":    func(e *journal.Entry) { e.Case = strings.Repeat("g", 32) },
		"empty key":       func(e *journal.Entry) { e.Detail[""] = "v" },
		"value control":   func(e *journal.Entry) { e.Detail["k"] = "\x00" },
		"line too long":   func(e *journal.Entry) { e.Detail["k"] = strings.Repeat("v", journal.MaxLine) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := good()
			spoil(&e)
			_, err := e.Line()
			if !errors.Is(err, journal.ErrEntry) || hotline.KindOf(err) != hotline.KindInvalid {
				t.Errorf("Line: %v", err)
			}
			if _, err := journal.Commit(e); !errors.Is(err, journal.ErrEntry) {
				t.Errorf("Commit: %v", err)
			}
		})
	}
}

func TestParseEntryStrict(t *testing.T) {
	t.Parallel()
	const good = `{"act":"a","actor":"b","case":"","detail":{"k":"v"},"hour":1}`
	if _, err := journal.ParseEntry([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]string{
		"empty":          ``,
		"null":           `null`,
		"space":          good + " ",
		"newline":        good + "\n",
		"second value":   good + good,
		"order":          `{"actor":"b","act":"a","case":"","detail":{},"hour":1}`,
		"repeated":       `{"act":"x","act":"a","actor":"b","case":"","detail":{},"hour":1}`,
		"folded name":    `{"ACT":"a","actor":"b","case":"","detail":{},"hour":1}`,
		"unknown":        `{"act":"a","actor":"b","case":"","detail":{},"hour":1,"x":0}`,
		"missing":        `{"act":"a","actor":"b","case":"","hour":1}`,
		"null detail":    `{"act":"a","actor":"b","case":"","detail":null,"hour":1}`,
		"escape":         `{"act":"\u0061","actor":"b","case":"","detail":{},"hour":1}`,
		"number form":    `{"act":"a","actor":"b","case":"","detail":{},"hour":1e0}`,
		"negative zero":  `{"act":"a","actor":"b","case":"","detail":{},"hour":-0}`,
		"detail order":   `{"act":"a","actor":"b","case":"","detail":{"b":"","a":""},"hour":1}`,
		"detail doubled": `{"act":"a","actor":"b","case":"","detail":{"a":"","a":""},"hour":1}`,
		"detail null":    `{"act":"a","actor":"b","case":"","detail":{"a":null},"hour":1}`,
		"surrogate":      `{"act":"a","actor":"\ud800","case":"","detail":{},"hour":1}`,
		"long":           strings.Repeat("[", 1<<20),
	} {
		if e, err := journal.ParseEntry([]byte(line)); !errors.Is(err, journal.ErrEntry) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func entryGen() *rapid.Generator[journal.Entry] {
	word := rapid.StringMatching(`[a-z0-9._:/-]{1,20}`)
	text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune(`"\<>&{}', `+"\u00e9\u0436\U0001f600\u007e")), rapid.RuneFrom([]rune("abc019"))))
	return rapid.Custom(func(t *rapid.T) journal.Entry {
		e := journal.Entry{
			Hour:  rapid.Int64Range(0, 1<<40).Draw(t, "hour"),
			Actor: "a" + text.Draw(t, "actor"),
			Act:   word.Draw(t, "act"),
			Case:  rapid.SampledFrom([]string{"", caseID}).Draw(t, "case"),
		}
		if d := rapid.MapOfN(word, text, 0, 4).Draw(t, "detail"); len(d) > 0 {
			e.Detail = d
		}
		return e
	})
}

func TestEntryRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e, other := entryGen().Draw(t, "e"), entryGen().Draw(t, "other")
		line, err := e.Line()
		if err != nil {
			t.Skip("too long")
		}
		back, err := journal.ParseEntry(line)
		if err != nil || !cmp.Equal(back, e) {
			t.Fatalf("%s: %+v, %v", line, back, err)
		}
		// The line is JSON to any reader.
		var plain journal.Entry
		if err := json.Unmarshal(line, &plain); err != nil || plain.Actor != e.Actor || plain.Hour != e.Hour {
			t.Fatalf("%s: %v", line, err)
		}
		if l2, err := other.Line(); err == nil && bytes.Equal(l2, line) != cmp.Equal(other, e) {
			t.Fatalf("one line for two entries: %s", line)
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	f.Add([]byte(`{"act":"a","actor":"b","case":"","detail":{"k":"v"},"hour":1}`))
	f.Add([]byte(`{"act":"case.read","actor":"op \"A\\B\"","case":"` + caseID + `","detail":{},"hour":490123}`))
	f.Add([]byte(`{"act":"a","ACT":"b","actor":"b","case":"","detail":null,"hour":1e0}`))
	f.Add([]byte("\xff{}"))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := journal.ParseEntry(line)
		if err != nil {
			if !errors.Is(err, journal.ErrEntry) {
				t.Fatalf("error without its kind: %v", err)
			}
			return
		}
		again, err := e.Line()
		if err != nil || !bytes.Equal(again, line) {
			t.Fatalf("accepted %q, writes %q, %v", line, again, err)
		}
		if bytes.ContainsAny(line, "\n\r\x00") {
			t.Fatalf("not one line: %q", line)
		}
	})
}
