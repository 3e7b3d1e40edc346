package hotline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"unicode"

	"safeconduct/internal/hotline"
)

// TestSentence: the English is what fmt would have said, and what stands in it
// is kept apart.
func TestSentence(t *testing.T) {
	t.Parallel()
	inner := hotline.Errorf(hotline.KindConflict, "server", "the case has key %d", 3)
	for _, tc := range []struct {
		said hotline.Sentence
		want string
		arg  any // the first one
	}{
		{hotline.Say("nothing to fill in"), "nothing to fill in", nil},
		{hotline.Say("%d of %d", 3, uint8(7)), "3 of 7", int64(3)},
		{hotline.Say("%q and %[1]s", "a name"), `"a name" and a name`, "a name"},
		{hotline.Say("from %q", hotline.StageNew), `from "new"`, hotline.Term{Of: hotline.OfStage, Name: "new"}},
		{hotline.Say("team %s", hotline.TeamField), "team field", hotline.Term{Of: hotline.OfTeam, Name: "field"}},
		{hotline.Say("%x", []byte{1, 0xab}), "01ab", "01ab"},
		{hotline.Say("%04d", 7), "0007", "0007"},
		{hotline.Say("100 %% of %d", 2), "100 % of 2", int64(2)},
		{hotline.Say("refused: %v", inner), "refused: the case has key 3", inner.Said},
		{hotline.Say("refused: %v", fmt.Errorf("on the way: %w", inner)), "refused: the case has key 3", inner.Said},
		{hotline.Say("no disk: %v", fs.ErrNotExist), "no disk: file does not exist", hotline.Outside("file does not exist")},
		{inner.Said, "the case has key 3", int64(3)},
	} {
		if got := tc.said.String(); got != tc.want {
			t.Errorf("said %q, want %q", got, tc.want)
		}
		if tc.arg != nil && fmt.Sprintf("%#v", tc.said.Args()[0]) != fmt.Sprintf("%#v", tc.arg) {
			t.Errorf("%q has the argument %#v, want %#v", tc.want, tc.said.Args()[0], tc.arg)
		}
	}
	if got := hotline.SaidBy(errors.New("no space left")).Args()[0]; got != hotline.Outside("no space left") {
		t.Errorf("a foreign error became %#v", got)
	}
	if !hotline.SaidBy(inner).Equal(inner.Said) || inner.Said.Equal(hotline.Say("the case has key %d", 4)) {
		t.Error("equal sentences differ, or different ones are equal")
	}
	var none *hotline.Error
	if got := hotline.SaidBy(none); got.IsZero() {
		t.Error("an error that is a nil pointer says nothing")
	}
}

// TestSentenceTravels: what is read back says the same; what is hostile is
// refused or made harmless.
func TestSentenceTravels(t *testing.T) {
	t.Parallel()
	said := hotline.Say("a case in %q, %d of %s: %v, %v, %v", hotline.StageNew, 4, "Ёлка", hotline.Say("inside %d", 1),
		fs.ErrClosed, []hotline.Stage{hotline.StageClosed, hotline.StageStandby})
	b, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	var back hotline.Sentence
	if err := json.Unmarshal(b, &back); err != nil || !back.Equal(said) {
		t.Errorf("%s came back as %#v (%v)", b, back, err)
	}
	var plain hotline.Sentence
	if err := json.Unmarshal([]byte(`"as it was kept before"`), &plain); err != nil || plain.String() != "as it was kept before" {
		t.Errorf("a plain text became %q (%v)", plain, err)
	}
	deep := `{"format":"x %v","args":[{"said":`
	for name, hostile := range map[string]string{
		"too deep":      strings.Repeat(deep, 6) + `"end"` + strings.Repeat(`}]}`, 6),
		"too many":      `{"format":"x","args":[1` + strings.Repeat(",1", 20) + `]}`,
		"too long":      `{"format":"` + strings.Repeat("x", 2000) + `"}`,
		"no sentence":   `[1,2]`,
		"odd argument":  `{"format":"x","args":[[1]]}`,
		"a fraction":    `{"format":"x","args":[1.5]}`,
		"a long list":   `{"format":"x","args":[{"list":[` + strings.Repeat(`{"of":"stage"},`, 30) + `{}]}]}`,
		"half a record": `{"format":"x","args":[`,
	} {
		if err := json.Unmarshal([]byte(hostile), &back); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if err := json.Unmarshal([]byte("{\"format\":\"a\\u202Eb\\nc\",\"args\":[\"\\u0007x\"]}"), &back); err != nil || back.Format() != "ab c" || back.Args()[0] != "x" {
		t.Errorf("control characters stayed: %q %q (%v)", back.Format(), back.Args(), err)
	}
}

// FuzzSentence: no sentence from elsewhere is a fault, too large, or more than
// one line, and it survives being kept.
func FuzzSentence(f *testing.F) {
	for _, seed := range []string{
		`{"format":"the newest %s has serial %d","args":[{"of":"document","name":"roster"},7]}`,
		`{"format":"The server refused it: %v","args":[{"said":{"format":"x %[2]d","args":[1,2]}}]}`,
		`{"format":"%[99]d %[1]{a|b|c} %*d %!","args":[{"outside":"dial tcp"},{"list":[{"of":"stage","name":"new"}]}]}`,
		`"plain"`, `null`, `{"format":"%[1]{a|b}%[0]d%[100]d%"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s, again hotline.Sentence
		if json.Unmarshal(b, &s) != nil {
			return
		}
		text := s.String()
		if strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("%q holds control characters", text)
		}
		kept, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(kept, &again); err != nil || again.String() != text {
			t.Errorf("%q was kept as %q (%v)", text, again, err)
		}
	})
}
