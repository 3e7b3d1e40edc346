package telegram

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"safeconduct/internal/hotline"
)

var (
	verbs  = regexp.MustCompile(`%.`)
	banned = regexp.MustCompile(`(?i)!|добровольн|добровільн|добраахвотн|voluntar`)
)

// sentences are all texts of a language by their place, buttons included.
func sentences(w words) map[string]string {
	all := map[string]string{}
	v := reflect.ValueOf(w)
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.String {
			all[v.Type().Field(i).Name] = v.Field(i).String()
		}
	}
	for name, q := range w.Questions {
		all[name+".Ask"] = q.Ask
		for answer, text := range q.Answers {
			all[name+"."+answer+"Button"] = text
		}
	}
	for minutes, text := range w.Stays {
		all[fmt.Sprintf("%dButton", minutes)] = text
	}
	return all
}

func TestNoWordIsMissing(t *testing.T) {
	t.Parallel()
	if len(texts) != len(languages()) {
		t.Fatal("the lists of languages differ")
	}
	for _, lang := range languages() {
		w, v := texts[lang], reflect.ValueOf(texts[lang])
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is missing", lang, v.Type().Field(i).Name)
			}
		}
		if len(w.Questions) != len(hotline.Questions()) {
			t.Errorf("%s: %d questions", lang, len(w.Questions))
		}
		for _, q := range hotline.Questions() {
			have := slices.Sorted(maps.Keys(w.Questions[q.Name].Answers))
			if want := slices.Sorted(slices.Values(q.Answers)); !slices.Equal(have, want) {
				t.Errorf("%s: %s has the answers %q, want %q", lang, q.Name, have, want)
			}
		}
		if have := slices.Sorted(maps.Keys(w.Stays)); !slices.Equal(have, []int{10, stayDefault, 6 * 60, 24 * 60, stayMost}) {
			t.Errorf("%s: messages may stay %v minutes", lang, have)
		}
		for place, text := range sentences(w) {
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %s is empty or begins or ends with a space", lang, place)
			}
		}
	}
}

// What is filled in is the same, in the same order, in every language, and
// nothing that is said is longer than Telegram allows.
func TestWordsFit(t *testing.T) {
	t.Parallel()
	russian := sentences(texts["ru"])
	for _, lang := range languages() {
		for place, text := range sentences(texts[lang]) {
			found := verbs.FindAllString(text, -1)
			if want := verbs.FindAllString(russian[place], -1); !slices.Equal(found, want) {
				t.Errorf("%s: %s has %q, in Russian %q", lang, place, found, want)
			}
			var args []any
			for _, verb := range found {
				if verb == "%d" {
					args = append(args, 1_000_000)
				} else {
					args = append(args, strings.Repeat("ж", 120))
				}
			}
			full := fmt.Sprintf(text, args...)
			if strings.Contains(full, "%!") || len(utf16.Encode([]rune(full))) > 4096 {
				t.Errorf("%s: %s does not fit: %.80s", lang, place, full)
			}
			if found := banned.FindString(text); found != "" {
				t.Errorf("%s: %s says %q", lang, place, found)
			}
			runes, most := utf8.RuneCountInString(full), 4096
			switch {
			case strings.HasSuffix(place, "Button"):
				most = 40
			case strings.HasPrefix(place, "Command"):
				most = 60 // Telegram allows 256 (BotCommand); a phone shows one line
			case place == "Truth":
				most = 512 // core.telegram.org/bots/api#setmydescription
			case place == "TruthAlone":
				most = 120 // core.telegram.org/bots/api#setmyshortdescription
			case place == "How":
				most = 3500
			}
			if runes > most {
				t.Errorf("%s: %s has %d letters, %d are allowed", lang, place, runes, most)
			}
		}
	}
}

// The truth is one sentence, and the address ends it: nobody types a dot along.
func TestTruthIsOneSentence(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		w := texts[lang]
		if !strings.HasSuffix(w.Truth, " %s") || strings.ContainsAny(w.Truth, ".?\n") || strings.Count(w.TruthAlone, ".") != 1 {
			t.Errorf("%s: the truth is not one sentence: %q, %q", lang, w.Truth, w.TruthAlone)
		}
		// The same fears, in the same order.
		if have, want := strings.Count(w.How, "\n\n"), strings.Count(texts["ru"].How, "\n\n"); have != want {
			t.Errorf("%s: How has %d paragraphs, in Russian %d", lang, have+1, want+1)
		}
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d              time.Duration
		ru, uk, be, en string
	}{
		{-time.Hour, "около 1 минуты", "близько 1 хвилини", "каля 1 хвіліны", "about 1 minute"},
		{0, "около 1 минуты", "близько 1 хвилини", "каля 1 хвіліны", "about 1 minute"},
		{61 * time.Second, "около 2 минут", "близько 2 хвилин", "каля 2 хвілін", "about 2 minutes"},
		{5 * time.Minute, "около 5 минут", "близько 5 хвилин", "каля 5 хвілін", "about 5 minutes"},
		{10*time.Minute + 1, "около 15 минут", "близько 15 хвилин", "каля 15 хвілін", "about 15 minutes"},
		{55 * time.Minute, "около 55 минут", "близько 55 хвилин", "каля 55 хвілін", "about 55 minutes"},
		{56 * time.Minute, "около 1 часа", "близько 1 години", "каля 1 гадзіны", "about 1 hour"},
		{61 * time.Minute, "около 2 часов", "близько 2 годин", "каля 2 гадзін", "about 2 hours"},
		{11 * time.Hour, "около 11 часов", "близько 11 годин", "каля 11 гадзін", "about 11 hours"},
		{21 * time.Hour, "около 21 часа", "близько 21 години", "каля 21 гадзіны", "about 21 hours"},
		{22 * time.Hour, "около 22 часов", "близько 22 годин", "каля 22 гадзін", "about 22 hours"},
		{24 * time.Hour, "около 24 часов", "близько 24 годин", "каля 24 гадзін", "about 24 hours"},
		{24*time.Hour + 1, "больше суток", "понад добу", "больш за суткі", "more than a day"},
		{1 << 62, "больше суток", "понад добу", "больш за суткі", "more than a day"},
	} {
		for lang, want := range map[string]string{"ru": c.ru, "uk": c.uk, "be": c.be, "en": c.en} {
			if have := texts[lang].About(c.d); have != want {
				t.Errorf("%s: %v is %q, want %q", lang, c.d, have, want)
			}
		}
	}
}

func TestRoughly(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 1, 9: 9, 10: 10, 14: 10, 15: 20, 97: 100, 100: 100, 124: 100, 130: 150, 999: 1000, 1200: 1000, 1250: 1500, 98765: 99000} {
		if have := roughly(n); have != want {
			t.Errorf("%d is told as %d, want %d", n, have, want)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"ru": "ru", "ru-RU": "ru", "RU_ru": "ru", "uk": "uk", "uk-UA": "uk", "be": "be", "be-tarask": "be", "en": "en", "en-US": "en",
		"kk": "ru", "uz-Cyrl": "ru", "tt": "ru", "hy": "ru", "sah": "ru", "": "be", "de": "be", "zh-hans": "be", "-": "be", "rus": "be", "\x00": "be",
	} {
		if have := languageOf(code, "be"); have != want {
			t.Errorf("%q is answered in %q, want %q", code, have, want)
		}
	}
}

func TestEarlyHasWords(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		seen := map[string]bool{}
		for _, k := range []early{earlyPosition, earlyUnit, earlyName, earlyNumber} {
			seen[texts[lang].early(k)] = true
		}
		if len(seen) != 4 || seen[""] || texts[lang].early(earlyNothing) != "" {
			t.Errorf("%s: not every kind has words of its own", lang)
		}
	}
}
