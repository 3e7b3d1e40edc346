package desk

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The search looks through everything that was opened, at each letter that is
// typed. A hundred thousand cases are some 150 MB as UTF-8, and nearly every
// second byte of Cyrillic in UTF-8 is one of two values, on which a search for
// bytes stumbles. So the folded text is kept packed: one byte for a letter, and
// a word is looked for by the letter of it that is rarest.

const (
	cyrillic    = 0x400 // U+0400 to U+047F are the bytes from 0x80 on
	packEscape  = 0x01  // begins every other letter: six half bytes follow
	packHalf    = 0x0e  // of value 0
	packLetters = 6
)

// pack turns folded text into bytes. No two texts have the same bytes, and a
// letter is found only where it stands: an escape's bytes are nothing else's.
func pack(folded string) string {
	var b strings.Builder
	b.Grow(len(folded)*5/8 + 8)
	for _, r := range folded {
		switch {
		case r == '\n' || (r >= ' ' && r < utf8.RuneSelf):
			b.WriteByte(byte(r)) //nolint:gosec // below utf8.RuneSelf
		case r >= cyrillic && r < cyrillic+0x80:
			b.WriteByte(byte(0x80 + r - cyrillic))
		default:
			b.WriteByte(packEscape)
			for n := range packLetters {
				b.WriteByte(byte(packHalf + (r>>(4*(packLetters-1-n)))&15))
			}
		}
	}
	return b.String()
}

// frequent is the letters of Russian and Ukrainian, the most frequent first.
const frequent = " оаеинтсрвлкмдпуяіыьгзбчйхжшюцєщїэфъ"

// commonness of a packed byte, 0 for the rarest.
var commonness = func() (c [256]byte) {
	letters := []rune(frequent)
	for n, r := range letters {
		c[pack(string(r))[0]] = byte(len(letters) - n)
	}
	c['\n'] = c[' ']
	for n := range packLetters + 10 { // every letter of another script has them
		c[packHalf+n] = c[' ']
	}
	c[packEscape] = c[' ']
	return c
}()

// needle is a packed word and where in it the rarest letter is.
type needle struct {
	word string
	at   int
}

// needles packs folded words, the longest first: most cases fall out at the first one.
func needles(words []string) []needle {
	out := make([]needle, len(words))
	for i, w := range words {
		out[i].word = pack(w)
		for at := range len(out[i].word) {
			if commonness[out[i].word[at]] < commonness[out[i].word[out[i].at]] {
				out[i].at = at
			}
		}
	}
	slices.SortStableFunc(out, func(a, b needle) int { return len(b.word) - len(a.word) })
	return out
}

// in reports whether a packed text holds the word.
func (n needle) in(text string) bool {
	if n.word == "" {
		return true
	}
	rare, from := n.word[n.at], n.at
	for from < len(text) {
		found := strings.IndexByte(text[from:], rare)
		if found < 0 {
			return false
		}
		begin := from + found - n.at
		if strings.HasPrefix(text[begin:], n.word) {
			return true
		}
		from += found + 1
	}
	return false
}

// first returns the n that come first, in order; 0: all. Putting a hundred
// thousand in order for a page of them would take longer than finding them.
func first[T any](all []T, n int, compare func(a, b T) int) []T {
	if n <= 0 || len(all) <= n {
		slices.SortFunc(all, compare)
		return all
	}
	best := slices.Clone(all[:n])
	slices.SortFunc(best, compare)
	for _, v := range all[n:] {
		if compare(v, best[n-1]) >= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, v, compare)
		copy(best[at+1:], best[at:n-1])
		best[at] = v
	}
	return best
}
