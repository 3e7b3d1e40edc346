package seal

import (
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

// Each number of a phrase has a word of its own, whichever place it has.
func TestPhraseHas256Words(t *testing.T) {
	t.Parallel()
	var all []string
	for n := range 256 {
		word := hotline.PhraseOf(byte(n))
		if word == "" || strings.ContainsAny(word, " \n") || word != strings.ToLower(word) {
			t.Errorf("word %d: %q", n, word)
		}
		all = append(all, word)
	}
	slices.Sort(all)
	for i := 1; i < len(all); i++ {
		if all[i] == all[i-1] {
			t.Errorf("%q stands there twice", all[i])
		}
	}
}

// A phrase follows from the first key's signed text and nothing else.
func TestPhrase(t *testing.T) {
	t.Parallel()
	key, s0 := must(NewSigningKey())(t), must(NewIdentity())(t)
	first := func(id byte) Signed {
		return must(SignGeneration(Generation{Case: hotline.CaseID{id}, Team: hotline.TeamDesk, Epoch: 1, Recipient: s0.Recipient(), Hour: 5}, key))(t)
	}
	a, b := first(1), first(2)
	again := must(ParseSigned(a.Text()))(t)
	if Phrase(a) != Phrase(again) {
		t.Error("a desk that reads the text says other words")
	}
	if Phrase(a) == Phrase(b) { // once in 16 million
		t.Error("two cases have one phrase")
	}
}
