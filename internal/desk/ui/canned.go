package ui

import (
	"net/http"
	"slices"

	"safeconduct/internal/hotline"
)

// canned is a reply template: an answer that many people need, to be changed
// before it is sent. It asks for nothing that is not needed yet, promises
// nothing that the house cannot keep, and tells no place and no time.
type canned struct{ topic, text string }

// topics is the order in which templates are offered: first what to say to a
// new message, then the fears in the order in which they come, then the way.
func topics() []string {
	return []string{
		"received", "danger", "trap", "treated", "home", "phone", "group", "code", "word", "duress", "register", "how", "after", "money", "missing",
	}
}

func cannedIn(lang string) []canned {
	switch lang {
	case "uk":
		return cannedUK()
	case "be":
		return cannedBE()
	case "en":
		return cannedEN()
	}
	return cannedRU()
}

// templates lists the reply templates of one language.
func (u *UI) templates(w http.ResponseWriter, r *http.Request) {
	type row struct{ Head, Text string }
	v := struct {
		base
		Chosen    string
		Languages []choice
		Rows      []row
	}{base: u.base(r, "queue"), Chosen: r.PathValue("lang")}
	if !slices.Contains(contactLanguages(), v.Chosen) {
		u.fail(w, r, hotline.Errorf(hotline.KindNotFound, "templates", "there are no templates in that language"))
		return
	}
	for _, l := range contactLanguages() {
		v.Languages = append(v.Languages, choice{l, v.T.LanguageNames[l]})
	}
	for _, c := range cannedIn(v.Chosen) {
		v.Rows = append(v.Rows, row{v.T.Topics[c.topic], c.text})
	}
	u.write(w, r, http.StatusOK, "templates", "templatelist", v)
}
