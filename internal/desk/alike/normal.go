package alike

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longest is how many letters of a text are compared; a longer text is known
// by its beginning.
const longest = 2000

// twins are the Latin letters that look like Cyrillic ones, small or capital.
// Ukrainian and Belarusian і lose nothing: both sides are changed alike.
var twins = map[rune]rune{
	'a': 'а', 'b': 'в', 'c': 'с', 'e': 'е', 'h': 'н', 'i': 'і', 'k': 'к', 'm': 'м', 'o': 'о',
	'p': 'р', 's': 'ѕ', 't': 'т', 'x': 'х', 'y': 'у', 'j': 'ј', 'ё': 'е', 'ґ': 'г',
}

// Normal returns the letters of a text as they are compared: one case, marks
// on letters gone, look-alikes made one, digits made one zero, and a single
// space for everything between.
func Normal(text string) string {
	var b strings.Builder
	last, letters := ' ', 0
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r): // й is и and a mark; a zero-width space is nothing
			continue
		case unicode.IsDigit(r):
			r = '0'
		case unicode.IsLetter(r):
			r = unicode.ToLower(r)
			if twin, ok := twins[r]; ok {
				r = twin
			}
			letters++
		default:
			r = ' '
		}
		if (r == ' ' || r == '0') && r == last {
			continue
		}
		b.WriteRune(r)
		if last = r; letters == longest {
			break
		}
	}
	return strings.TrimSpace(b.String())
}
