package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// underFlood is an evening with nine messages that say nearly the same, the
// oldest of which waits longer than an honest one that came among them.
func underFlood() *fakeDesk {
	f := newFake()
	for n := byte(1); n <= 9; n++ {
		f.add(n, func(c *desk.CaseView) {
			c.Group, c.Waiting, c.Unread = 7, testNow.Add(-time.Duration(40-n)*time.Minute), 1
			c.Snippet = fmt.Sprintf("Уважаемая горячая линия, очень хочу узнать про условия, вариант %d", n)
			c.Messages = []desk.Message{said(0, 1, c.Snippet)}
		})
	}
	f.add(10, func(c *desk.CaseView) {
		c.Waiting, c.Unread, c.Snippet = testNow.Add(-35*time.Minute), 1, "Нас одиннадцать, один легко ранен."
		c.Messages = []desk.Message{said(0, 1, c.Snippet)}
	})
	f.add(11, func(c *desk.CaseView) {
		c.Waiting, c.Unread, c.Urgency, c.Snippet = testNow.Add(-time.Minute), 1, hotline.UrgencyNow, "Ранен, батарея 9 процентов."
		c.Messages = []desk.Message{said(0, 1, c.Snippet)}
	})
	for n := byte(12); n <= 13; n++ { // two are no group
		f.add(n, func(c *desk.CaseView) {
			c.Group, c.Waiting, c.Snippet = 8, testNow.Add(-time.Duration(n)*time.Minute), "Пара"
			c.Messages = []desk.Message{said(0, 1, c.Snippet)}
		})
	}
	return f
}

// order is what the list shows, row by row: case numbers, groups in brackets.
func order(body string) string {
	var out []string
	for _, part := range strings.Split(body, `<li class="row`)[1:] {
		switch {
		case strings.HasPrefix(part, " group"):
			_, rest, _ := strings.Cut(part, `<span class="title">`)
			head, _, _ := strings.Cut(rest, "<")
			out = append(out, "["+head+"]")
		default:
			for n := byte(1); n < 20; n++ {
				if strings.Contains(part, caseID(n).Short()) {
					out = append(out, fmt.Sprint(n))
				}
			}
		}
	}
	return strings.Join(out, " ")
}

// TestGroupIsOneRow: the row stands where the longest waiting member stands,
// hides nobody who is more urgent, and a search shows every case.
func TestGroupIsOneRow(t *testing.T) {
	t.Parallel()
	f := underFlood()
	u := newUI(t, f, "en")
	w := launched(t, u)
	shows := func(form url.Values) string {
		t.Helper()
		rec := w.fragmentOf(http.MethodPost, "/queue", form)
		if rec.Code != http.StatusOK {
			t.Fatalf("%v = %d", form, rec.Code)
		}
		return order(rec.Body.String())
	}
	for _, c := range []struct {
		form url.Values
		want string
	}{
		{url.Values{}, "11 [9 nearly the same messages] 10 13 12"},
		{url.Values{"unfolded": {"3 7"}}, "11 [9 nearly the same messages] 1 2 3 4 5 6 7 8 9 10 13 12"},
	} {
		if got := shows(c.form); got != c.want {
			t.Errorf("%v shows %q, want %q", c.form, got, c.want)
		}
	}
	if got := shows(url.Values{"text": {"вариант"}}); strings.Contains(got, "[") || len(strings.Fields(got)) != 9 {
		t.Errorf("a search shows %q", got)
	}
	// A member that becomes urgent takes the whole row up.
	f.set(func(f *fakeDesk) { f.cases[caseID(5)].Urgency = hotline.UrgencyNow })
	if got := shows(url.Values{}); !strings.HasPrefix(got, "[9 ") {
		t.Errorf("the list begins with %q", got)
	}
	// One that leaves the group has its own row.
	f.set(func(f *fakeDesk) { f.cases[caseID(5)].Group = 0 })
	if got := shows(url.Values{}); got != "5 11 [8 nearly the same messages] 10 13 12" {
		t.Errorf("the list shows %q", got)
	}
}

// TestLargeGroupIsBounded: what is drawn stays small, and says what is left out.
func TestLargeGroupIsBounded(t *testing.T) {
	t.Parallel()
	rows := make([]desk.Row, 35_000)
	for i := range rows {
		rows[i].ID = hotline.CaseID{byte(i), byte(i >> 8), 1}
		if rows[i].Group = 7; i%100 == 0 {
			rows[i].Group = 0
		}
	}
	u := newUI(t, newFake(), "en")
	drawn := 0
	out, total := u.fold(textsOf("en"), rows, "7", func(r desk.Row) rowView { drawn++; return rowView{Ref: r.Short} })
	if total != 351 || len(out) != maxRows || drawn != maxRows+maxMembers {
		t.Errorf("%d of %d rows, %d drawn", len(out), total, drawn)
	}
	if g := out[1].Group; g == nil || len(g.Members) != maxMembers || len(g.Members)+g.More != 34_650 || g.Head != "34650 nearly the same messages" {
		t.Errorf("%+v", out[1].Group)
	}
}

// tabTo stands for the tabs that lead to a button; by script, as the list may be
// drawn anew at any moment.
func (w *tab) tabTo(id string) {
	w.t.Helper()
	w.wait(`(document.getElementById("` + id + `")?.focus(), document.activeElement.id === "` + id + `")`)
}

func TestActsOnGroups(t *testing.T) {
	t.Parallel()
	f := underFlood()
	u := newUI(t, f, "en")
	w := launched(t, u)
	body := func(path string, form url.Values, status int) string {
		t.Helper()
		rec := w.fragmentOf(http.MethodPost, path, form)
		if rec.Code != status {
			t.Errorf("%s %v = %d", path, form, rec.Code)
		}
		return rec.Body.String()
	}
	says := func(text string, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("%q is not said in %s", word, text)
			}
		}
	}
	body("/group/plan", url.Values{"act": {"calm"}}, http.StatusUnprocessableEntity)
	body("/group/plan", url.Values{"group": {"99"}, "act": {"calm"}}, http.StatusNotFound)
	body("/group/run", url.Values{"bulk": {"x"}}, http.StatusUnprocessableEntity)
	says(body("/group/plan", url.Values{"group": {"7"}, "act": {"calm"}}, http.StatusOK), "Set 9 cases to “calm”?", "Yes, all 9", "autofocus")
	says(body("/group/plan", url.Values{"group": {"7"}, "act": {"unfounded"}}, http.StatusOK), "Mark 9 cases as “unfounded”?")
	if again := body("/queue", nil, http.StatusOK); strings.Contains(again, "autofocus") {
		t.Error("a list that is drawn again takes the focus")
	}
	says(body("/group/run", url.Values{"bulk": {"2"}}, http.StatusOK), "Signing: 4 of 9", "<progress", "Stop")
	f.set(func(f *fakeDesk) {
		f.bulk.State, f.bulk.Done, f.bulk.Left, f.bulk.Undo = desk.BulkDone, 7, 1, true
		f.bulk.Why = hotline.Say("The connection was lost. What is kept here goes out by itself; nothing else was changed.")
	})
	says(body("/queue", nil, http.StatusOK), "Signed: 7 of 9.", "touched them: 1.", "Take back", "The connection was lost.")
	says(body("/group/undo", url.Values{"bulk": {"2"}}, http.StatusOK), "Taken back: 7 of 7.", "Close")
	if got := body("/group/stop", url.Values{"bulk": {"2"}}, http.StatusOK); strings.Contains(got, "bulkhead") {
		t.Error("what was closed is still shown")
	}
	want := []string{"plan calm of 99", "plan calm of 7", "plan unfounded of 7", "run 2", "undo 2", "stop 2"}
	if got := f.called(); !slices.Equal(got, want) {
		t.Errorf("did %q", got)
	}
}

// TestGroupByKeyboard folds a group open, goes through its members and marks
// it, without a mouse, in every language.
func TestGroupByKeyboard(t *testing.T) {
	t.Parallel()
	open := browser(t)
	for _, lang := range languages() {
		f := underFlood()
		w := open(t, serve(t, f, func(c *Config) { c.Language = lang }))
		w.launch("/")
		w.settled()
		w.press("j")
		w.press("j")
		w.wait(`document.activeElement.id === "group-7"`)
		w.press("\r")
		w.wait(`document.activeElement.id === "group-7" && document.activeElement.getAttribute("aria-expanded") === "true"`)
		w.press("j")
		w.press("j")
		second := w.u.refs.of(caseID(2))
		w.wait(`document.activeElement.dataset.ref === "` + second + `"`)
		f.broadcast(desk.Notice{Kind: desk.NoticeQueue}) // a list that is drawn anew keeps the place
		w.settled()
		w.wait(`document.activeElement.dataset.ref === "` + second + `"`)
		w.tabTo("unfounded-7")
		w.press("\r")
		w.wait(`document.activeElement.id === "bulk-run"`)
		w.press("\r")
		w.wait(`!!document.querySelector(".bulk progress")`)
		if got := f.called(); !slices.Equal(got, []string{"plan unfounded of 7", "run 1"}) {
			t.Errorf("%s: did %q", lang, got)
		}
		w.tabTo("group-7")
		w.press("\r")
		w.wait(`document.getElementById("group-7").getAttribute("aria-expanded") === "false" && document.getElementById("members-7").hidden`)
	}
}
