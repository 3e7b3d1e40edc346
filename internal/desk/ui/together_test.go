package ui

import (
	"html/template"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// waiting is a desk of one of two administrators whose changes wait.
func waiting() *fakeDesk {
	f := supervised()
	w := &desk.Waiting{ID: seal.Hash{0x77}, By: "Весна", For: []string{"Клен", "Дуб"}, Until: hoursAgo(-72)}
	f.enrolments[0].Joins = w
	f.people[len(f.people)-1].Leaves, f.people[len(f.people)-1].Until = w, 0
	f.renewal.Waits = w
	f.st.Signs = hoursAgo(-240)
	f.approvals = []desk.ApprovalView{{
		ID: w.ID, Act: hotline.SharedRoster, State: api.ProposalOpen, By: "Весна", Mine: true, Reason: desk.ReasonLeaves, Needed: 2,
		Lines: []desk.ApprovalLine{{Kind: desk.LineLeaves, Name: "Степ"}},
	}}
	return f
}

// What waits for the other administrator says so where it was done, in every
// language, and cannot be done twice.
func TestTogetherPages(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		words := textsOf(lang).Together
		w := launched(t, newUI(t, waiting(), lang))
		page := w.get("/people")
		contains(t, lang, page, http.StatusOK, words.Joins, words.Leaves, words.Keys, "Клен "+words.Or+" Дуб", words.SignsText)
		body := page.Body.String()
		for _, form := range []string{"/people/confirm", "/people/renew"} {
			if strings.Contains(body, `action="`+form+`"`) {
				t.Errorf("%s: %s is offered while it waits", lang, form)
			}
		}
		contains(t, lang, w.get("/approvals"), http.StatusOK, template.HTMLEscapeString(words.Reasons[desk.ReasonLeaves]))
	}
	if page := launched(t, newUI(t, supervised(), "en")).get("/people").Body.String(); strings.Contains(page, togetherEN().Keys) || strings.Contains(page, togetherEN().SignsText) {
		t.Error("something waits where nothing does")
	}
}
