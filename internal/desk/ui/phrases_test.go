package ui

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

// TestPhrases: every phrase is a whole sentence in both languages, in its own
// letters, with the arguments of the English one.
func TestPhrases(t *testing.T) {
	t.Parallel()
	for _, p := range phrases() {
		for lang, text := range map[string]string{"uk": p.uk, "ru": p.ru} {
			if strings.TrimSpace(text) == "" || text == p.en || whole(text) != text {
				t.Errorf("%s: %q is no sentence: %q", lang, p.en, text)
			}
			if (lang == "uk" && strings.ContainsAny(text, "ыэёъЫЭЁЪ")) || (lang == "ru" && strings.ContainsAny(text, "іїєґІЇЄҐ’")) {
				t.Errorf("%s: %q has letters of the other language", lang, text)
			}
			if got, want := arguments(text), arguments(p.en); !fits(got, want) {
				t.Errorf("%s: %q has the arguments %v, English has %v", lang, text, got, want)
			}
		}
	}
}

// arguments are the verbs of a format, by argument.
func arguments(format string) map[int]string {
	out := map[int]string{}
	for _, p := range hotline.ParseFormat(format) {
		if p.Arg >= 0 && p.Forms == nil {
			out[p.Arg] = p.Verb
		}
	}
	return out
}

// fits: a translation names the same arguments, but may leave out what an
// error wraps.
func fits(got, want map[int]string) bool {
	for arg, verb := range want {
		if _, ok := got[arg]; !ok && verb != "w" && verb != "v" {
			return false
		}
		if verb == "d" && got[arg] != "d" {
			return false
		}
	}
	for arg := range got {
		if _, ok := want[arg]; !ok {
			return false
		}
	}
	return true
}

// TestSay: numbers, names, words of the domain and sentences within sentences
// come out in the operator's language; what cannot is shown in English.
func TestSay(t *testing.T) {
	t.Parallel()
	refused := hotline.Errorf(hotline.KindConflict, "server", "the newest %s has serial %d; the next one follows it",
		hotline.Term{Of: hotline.OfDocument, Name: "roster"}, 7)
	disk := hotline.Errorf(hotline.KindUnavailable, "api", "the server cannot be reached: %w", fs.ErrNotExist)
	for name, tc := range map[string]struct {
		said        hotline.Sentence
		uk, ru, out string
		foreign     bool
	}{
		"a number": {
			said: hotline.SaidBy(hotline.Errorf(hotline.KindInvalid, "server", "a sync names 1 to %d cases", 50)),
			uk:   "За один раз запитують від 1 до 50 справ.", ru: "За один раз запрашивают от 1 до 50 дел.",
		},
		"a sentence in a sentence": {
			said: hotline.Say("The server refused it: %v", refused),
			uk:   "Сервер відмовив. Найновіший документ (список людей) має номер 7; наступний іде за ним.",
			ru:   "Сервер отказал. Новейший документ (список людей) имеет номер 7; следующий идёт за ним.",
		},
		"stages": {
			said: hotline.Say("The server files this case under %q; operators have signed %q.", hotline.StageNew, hotline.StageStandby),
			uk:   "Сервер відносить цю справу до «Нова»; оператори підписали «Очікування».", ru: "Сервер относит это дело к «Новое»; операторы подписали «Ожидание».",
		},
		"one": {
			said: hotline.Say("The server counts %d messages of the person and shows %d that verify.", 1, 0),
			uk:   "Сервер рахує від людини 1 повідомлення, а таких, що проходять перевірку, показує 0.", ru: "Сервер насчитывает от человека 1 сообщение, а проходящих проверку показывает 0.",
		},
		"few": {
			said: hotline.Say("The server counts %d messages of the person and shows %d that verify.", 23, 21),
			uk:   "Сервер рахує від людини 23 повідомлення, а таких, що проходять перевірку, показує 21.", ru: "Сервер насчитывает от человека 23 сообщения, а проходящих проверку показывает 21.",
		},
		"many": {
			said: hotline.Say("The server counts %d messages of the person and shows %d that verify.", 12, 5),
			uk:   "Сервер рахує від людини 12 повідомлень, а таких, що проходять перевірку, показує 5.", ru: "Сервер насчитывает от человека 12 сообщений, а проходящих проверку показывает 5.",
		},
		"the world outside": {
			said: hotline.SaidBy(disk), out: "file does not exist",
			uk: "Сервер недосяжний.", ru: "Сервер недоступен.",
		},
		"a fixed error": {
			said: hotline.SaidBy(hotline.Errorf(hotline.KindInvalid, "locate", "%w", hotline.ErrCodeLength)),
			uk:   "Кількість цифр неправильна.", ru: "Число цифр неверно.",
		},
		"an error of nobody": {
			said: hotline.SaidBy(errors.New("no space left on device")), out: "no space left on device",
			uk: "Сталося щось поза цією програмою.", ru: "Что-то случилось вне этой программы.",
		},
		"unknown": {
			said: hotline.Say("a sentence that nobody has translated: %d", 3), foreign: true,
			uk: "A sentence that nobody has translated: 3.", ru: "A sentence that nobody has translated: 3.",
		},
	} {
		for lang, want := range map[string]string{"uk": tc.uk, "ru": tc.ru} {
			got := textsOf(lang).say(tc.said)
			if got.Text != want || got.Outside != tc.out || got.Foreign != tc.foreign {
				t.Errorf("%s, %s:\n got %q (%q, foreign %t)\nwant %q", name, lang, got.Text, got.Outside, got.Foreign, want)
			}
		}
	}
	if got := textsOf("en").say(hotline.Say("The server refused it: %v", refused)); got.Text != "The server refused it: the newest roster has serial 7; the next one follows it." || got.Foreign {
		t.Errorf("in English: %+v", got)
	}
}

// TestSayWhatDoesNotFit: arguments that a hostile server left out, added or
// made of another kind never end in a fault or a lie: the English is shown.
func TestSayWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for _, wire := range []string{
		`{"format":"a sync names 1 to %d cases"}`,
		`{"format":"a sync names 1 to %d cases","args":["<b>many</b>"]}`,
		`{"format":"a sync names 1 to %d cases","args":[{"of":"stage","name":"new"}]}`,
		`{"format":"a sync names 1 to %d cases","args":[1,2]}`,
		`{"format":"The server counts %d messages of the person and shows %d that verify.","args":["x","y"]}`,
	} {
		var s hotline.Sentence
		if err := s.UnmarshalJSON([]byte(wire)); err != nil {
			t.Fatal(err)
		}
		for _, lang := range slices.Sorted(maps.Keys(map[string]bool{"uk": true, "ru": true})) {
			if got := textsOf(lang).say(s); !got.Foreign || got.Text == "" {
				t.Errorf("%s: %s became %+v", lang, wire, got)
			}
		}
	}
}
