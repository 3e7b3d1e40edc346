package ui

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

// fakeExercise is an exercise without people.
type fakeExercise struct {
	review Review
	err    error
	ends   int
}

func (f *fakeExercise) Review(context.Context) (Review, error) { return f.review, f.err }
func (f *fakeExercise) End()                                   { f.ends++; f.review.Ended = true }

// exerciseOf is the exercise that a desk of a test is in, or none.
func exerciseOf(d Desk) Training {
	if f, ok := d.(*fakeDesk); ok && f.exercise != nil {
		return f.exercise
	}
	return nil
}

// beginning is an exercise in which nobody has written.
func beginning() *fakeDesk {
	f := newFake()
	f.exercise = &fakeExercise{review: Review{People: 8}}
	return f
}

// exercised is an exercise with every finding, good and missed.
func exercised() *fakeDesk {
	f := busy()
	args := map[string][]any{
		CheckAnswered: {3}, CheckOrder: {190, 2}, CheckUrgency: {hotline.UrgencyCalm, hotline.UrgencyNow},
		CheckPeople: {11}, CheckFact: {"47.98765, 37.24680"}, CheckWord: {hostile}, CheckStage: {hotline.StageNew, hotline.StageMeeting},
		CheckEarly: {"05:40"}, CheckAsked: {"как вас зовут"},
	}
	good, missed := Lesson{Case: caseID(1), Name: "group-of-eleven"}, Lesson{Case: caseID(2), Name: hostile, Example: []string{"Слышу вас.", hostile}}
	for _, check := range Checks() {
		good.Findings = append(good.Findings, Finding{Check: check, OK: true})
		missed.Findings = append(missed.Findings, Finding{Check: check, Args: args[check]})
	}
	f.exercise = &fakeExercise{review: Review{People: 8, Done: 2, Lessons: []Lesson{good, missed}}}
	return f
}

// TestTraining: the look back says everything in the operator's language, can
// end the exercise, and is nowhere on a real desk.
func TestTraining(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string][]string{
		"en": {"9 of 9", "0 of 9", "2 of 8 people", "urgency: you have “", "47.98765, 37.24680", "Nothing leaves this computer"},
		"uk": {"9 з 9", "2 з 8", "«05:40»", "нічого не виходить"},
		"ru": {"9 из 9", "2 из 8", "«05:40»", "ничего не уходит"},
	} {
		f := exercised()
		w := launched(t, newUI(t, f, lang))
		body := html.UnescapeString(w.get("/training").Body.String())
		for _, words := range want {
			if !strings.Contains(strings.ToLower(body), strings.ToLower(words)) {
				t.Errorf("%s: %q is missing", lang, words)
			}
		}
		if strings.Contains(body, "%!") {
			t.Errorf("%s: a sentence lacks its arguments", lang)
		}
		if !strings.Contains(html.UnescapeString(w.get("/").Body.String()), textsOf(lang).Training.BannerText) {
			t.Errorf("%s: the queue does not say that this is an exercise", lang)
		}
		if res := w.post("/training/end", nil); res.Code != http.StatusSeeOther || f.exercise.ends != 1 {
			t.Errorf("%s: ending = %d, %d times", lang, res.Code, f.exercise.ends)
		}
		if body := html.UnescapeString(w.get("/training").Body.String()); !strings.Contains(body, textsOf(lang).Training.Ended) || strings.Contains(body, "/training/end") {
			t.Errorf("%s: the page does not say that it has ended", lang)
		}
		f.exercise.err = errors.New("no")
		if res := w.get("/training"); res.Code != http.StatusInternalServerError {
			t.Errorf("%s: a look back that fails = %d", lang, res.Code)
		}
	}
	w := launched(t, newUI(t, busy(), "en"))
	if res := w.get("/training"); res.Code != http.StatusNotFound {
		t.Errorf("on a real desk: %d", res.Code)
	}
	if res := w.post("/training/end", nil); res.Code != http.StatusNotFound {
		t.Errorf("ending on a real desk: %d", res.Code)
	}
	if body := w.get("/").Body.String(); strings.Contains(body, english().Training.Banner) {
		t.Error("a real desk says that it is an exercise")
	}
}

// TestFindings: every check has both sentences, and the arguments that are
// promised fit into them.
func TestFindings(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		x := textsOf(lang)
		if len(x.Training.Checks) != len(Checks()) {
			t.Errorf("%s: %d checks have words", lang, len(x.Training.Checks))
		}
		for _, l := range exercised().exercise.review.Lessons {
			for _, f := range l.Findings {
				if s := f.in(x); s == "" || strings.Contains(s, "%!") {
					t.Errorf("%s: %s: %q", lang, f.Check, s)
				}
			}
		}
	}
	if s := fmt.Sprint(Finding{Check: CheckStage, Args: []any{hotline.StageNew, hotline.StageMeeting}}.English()); !strings.Contains(s, "Meeting") {
		t.Errorf("in English: %q", s)
	}
}
