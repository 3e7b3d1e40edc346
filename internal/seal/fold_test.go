package seal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"safeconduct/internal/hotline"
)

func someFold() Fold {
	return Fold{
		Case: hotline.CaseID{1}, Gen: 1, Generations: [][]byte{[]byte("zero"), []byte("one")},
		Records:    []FoldedRecord{{Place: 0, Header: []byte("first"), Hour: 491_000}, {Place: 2, Header: []byte("third"), Hour: 491_001}},
		Statements: []FoldedStatement{{Text: []byte("calm")}, {Text: []byte("note"), Sealed: []byte("sealed")}},
	}
}

func TestFoldRoundTrip(t *testing.T) {
	t.Parallel()
	key, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	want := someFold()
	file, err := WriteFold(key.Recipient(), want)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckFile(file); err != nil {
		t.Fatal(err)
	}
	got, err := OpenFold(key, file)
	if err != nil {
		t.Fatal(err)
	}
	want.preamble = preamble{1, kindFold}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Fold{}), cmp.AllowUnexported(preamble{})); diff != "" {
		t.Error(diff)
	}
	other, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFold(other, file); hotline.KindOf(err) != hotline.KindForged {
		t.Errorf("opened with another key: %v", err)
	}
}

func TestFoldRefuses(t *testing.T) {
	t.Parallel()
	good := `{"v":1,"kind":"fold","case":"` + strings.Repeat("ab", 16) + `","gen":0,"generations":["AA=="],"records":[],"statements":[]}` + "\n"
	pad := func(s string) []byte {
		return append([]byte(s), bytes.Repeat([]byte{'\n'}, int(Padme(int64(len(s))))-len(s))...)
	}
	if _, err := ParseFold(pad(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "cut": pad(good)[:20], "unpadded": append(pad(good), '\n', '\n', '\n', '\n', '\n', '\n', '\n', '\n', '\n'), "tail": append(pad(good), 'x'),
		"another version":  pad(strings.Replace(good, `"v":1`, `"v":2`, 1)),
		"another kind":     pad(strings.Replace(good, `"fold"`, `"note"`, 1)),
		"without its key":  pad(strings.Replace(good, `"gen":0`, `"gen":1`, 1)),
		"an unknown field": pad(strings.Replace(good, `"v":1`, `"v":1,"x":1`, 1)),
		"out of order":     pad(strings.Replace(good, `"records":[]`, `"records":[{"place":1,"header":"AA==","hour":1},{"place":1,"header":"AA==","hour":1}]`, 1)),
	} {
		if _, err := ParseFold(bad); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseFold(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"fold","case":"` + strings.Repeat("ab", 16) + `","gen":0,"generations":["AA=="],"records":[],"statements":[]}` + "\n"))
	f.Add([]byte("{}\n\n"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		fold, err := ParseFold(plain)
		if err != nil {
			return
		}
		line, err := encodeLine(fold)
		if err != nil || len(line) == 0 {
			t.Fatal("what parses must be writable")
		}
	})
}
