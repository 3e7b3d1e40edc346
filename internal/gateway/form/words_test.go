package form

import (
	"reflect"
	"testing"
)

// Every text is there in every language.
func TestNoTextIsMissing(t *testing.T) {
	t.Parallel()
	all := []problem{problemForm, problemEmpty, problemTooLong, problemPeople, problemBusy, problemFault}
	if len(languages) != len(tags) || len(languages) != len(texts) || len(languages) != len(names) {
		t.Fatal("the lists of languages differ")
	}
	for _, lang := range languages {
		w := reflect.ValueOf(texts[lang])
		for i := range w.NumField() {
			if w.Field(i).IsZero() {
				t.Errorf("%s: %s is missing", lang, w.Type().Field(i).Name)
			}
		}
		if len(texts[lang].Can) != len(texts["en"].Can) || len(texts[lang].Cannot) != len(texts["en"].Cannot) {
			t.Errorf("%s: a sentence is missing", lang)
		}
		for _, p := range all {
			if texts[lang].Problems[p] == "" {
				t.Errorf("%s: no text for %q", lang, p)
			}
		}
	}
}
