package desk

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Packed search says what a plain search says, for every script and for bytes
// that are no text.
func TestPackedSearch(t *testing.T) {
	t.Parallel()
	letters := []rune("абёяґіїєў az0\n\x01\x0e\x1f\x7f\u0080ÿ\u03ff\u0400\u047f\u0480م中\U0001f600�")
	text := rapid.StringOfN(rapid.RuneFrom(letters), 0, 30, -1)
	rapid.Check(t, func(t *rapid.T) {
		in := text.Draw(t, "text")
		word := rapid.StringOfN(rapid.RuneFrom(letters), 0, 4, -1).Draw(t, "word")
		if rapid.Bool().Draw(t, "part") { // a word that is there
			runes := []rune(in)
			begin := rapid.IntRange(0, len(runes)).Draw(t, "begin")
			word = string(runes[begin:rapid.IntRange(begin, len(runes)).Draw(t, "end")])
		}
		if got, want := needles([]string{word})[0].in(pack(in)), strings.Contains(in, word); got != want {
			t.Fatalf("%q in %q: %t", word, in, got)
		}
	})
}

func TestTheRarestLetterIsLookedFor(t *testing.T) {
	t.Parallel()
	got := needles([]string{"мост", "берёзафыва", "на"})
	if len(got) != 3 || got[0].word != pack("берёзафыва") || got[2].word != pack("на") || got[0].word[got[0].at] != pack("ё")[0] {
		t.Errorf("%+v", got)
	}
}

func TestFirst(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 5, 300} {
		for _, n := range []int{0, 1, 5, 20} {
			all := rand.Perm(size)
			want := slices.Sorted(slices.Values(all))
			if n > 0 && n < size {
				want = want[:n]
			}
			if got := first(all, n, cmp.Compare[int]); !slices.Equal(got, want) {
				t.Errorf("%d of %d: %v", n, size, got)
			}
		}
	}
}
