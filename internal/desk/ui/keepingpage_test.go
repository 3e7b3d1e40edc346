package ui

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func (f *fakeDesk) told(words ...string) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, strings.Join(words, " ")) })
	return f.err
}

func (f *fakeDesk) Keeping(context.Context) (desk.KeepingView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keeping, f.err
}

func (f *fakeDesk) ProposeRetention(_ context.Context, line string, days int, reason string) error {
	return f.told("retention", line, strconv.Itoa(days), reason)
}

func (f *fakeDesk) ProposeDestroy(_ context.Context, team hotline.Team, n int, reason string) error {
	return f.told("destroy", string(team), strconv.Itoa(n), reason)
}

func (f *fakeDesk) ProposeRewrap(_ context.Context, team hotline.Team, reason string) error {
	return f.told("rewrap", string(team), reason)
}

func (f *fakeDesk) ProposeForget(_ context.Context, id hotline.CaseID, reason string) error {
	return f.told("forget", id.Short(), reason)
}

func (f *fakeDesk) KeepAfterReview(_ context.Context, id hotline.CaseID) (desk.Result, error) {
	return desk.Result{Outcome: desk.OutcomeSent}, f.told("keep", id.Short())
}

func (f *fakeDesk) TrustClock(context.Context) error { return f.told("clock") }

func (f *fakeDesk) Receipts() []api.Receipt {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.receipts)
}

// letting is a house with something of everything to decide.
func letting() *fakeDesk {
	f := supervised()
	day := hotline.HourOf(testNow)
	f.keeping = desk.KeepingView{
		Lines: hotline.DefaultRetention().Lines(), Paused: true, Clock: day, Believed: day - 24*40, Scrubbed: (day - 24).Day(),
		Epochs: []desk.EpochView{
			{Team: hotline.TeamDesk, Epoch: 1, Since: day - 24*400, Destroyed: true, Confirmed: []string{"Весна", "Клен"}, Missing: []string{"Степ"}},
			{Team: hotline.TeamDesk, Epoch: 2, Since: day - 24*280, May: true, Doom: api.Doom{Subject: seal.DestroySubject{Team: hotline.TeamDesk, Epoch: 2, Cases: 12, Oldest: "2026-02-01", Newest: "2026-05-14"}}},
			{Team: hotline.TeamDesk, Epoch: 3, Since: day - 24*190, Doom: api.Doom{WhyNot: hotline.Say("a case that only this key opens is open, or not yet past its time")}},
			{Team: hotline.TeamDesk, Epoch: 4, Since: day - 24*20, Newest: true, Left: 64, Waits: hotline.Say("more than %d open cases are to be wrapped to another key: this takes two persons", 50)},
		},
	}
	for _, n := range []byte{4, 7} {
		if c := f.cases[caseID(n)]; c != nil {
			f.keeping.Review = append(f.keeping.Review, c.Row)
		}
	}
	f.receipts = []api.Receipt{{Leaf: api.Leaf{Index: 4098, Entry: `{"act":"case.remove"}`}, Checkpoint: "checkpoint\n"}}
	return f
}

func TestKeepingPage(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		f := letting()
		u := newUI(t, f, lang)
		w := launched(t, u)
		x := textsOf(lang).Keeping
		body := w.get("/keeping").Body.String()
		for _, want := range []string{x.PausedHead, x.ReviewHead, x.Lines["closed.whole"].What, x.Lines["epoch"].Why, "2026-02-01", "2026-05-14", "Клен", "Степ", x.LetGoDo, x.Rewrap, x.NotYet, "4098"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
		if n := strings.Count(body, `action="/keeping/change"`); n != len(hotline.DefaultRetention().Lines()) {
			t.Errorf("%s: %d lines can be changed", lang, n)
		}
		ref := u.refs.of(caseID(4))
		w.post("/keeping/change", url.Values{"line": {"closed.whole"}, "days": {"90"}, "reason": {"less"}})
		w.post("/keeping/destroy", url.Values{"team": {"desk"}, "epoch": {"2"}, "reason": {"due"}})
		w.post("/keeping/rewrap", url.Values{"team": {"desk"}, "epoch": {"4"}, "reason": {"many"}})
		w.post("/keeping/review", url.Values{"ref": {ref}, "decision": {"keep"}})
		w.post("/keeping/clock", url.Values{"sure": {"1"}})
		w.post("/case/"+ref+"/forget", url.Values{"reason": {"asked"}})
		short := caseID(4).Short()
		if got := f.called(); !slices.Equal(got, []string{"retention closed.whole 90 less", "destroy desk 2 due", "rewrap desk many", "keep " + short, "clock", "forget " + short + " asked"}) {
			t.Errorf("%s: %q", lang, got)
		}
		for path, bad := range map[string]url.Values{
			"/keeping/change": {"line": {"closed.whole"}, "days": {"many"}}, "/keeping/destroy": {"team": {"desk"}, "epoch": {"0"}},
			"/keeping/rewrap": {"team": {"nobody"}}, "/keeping/review": {"ref": {ref}, "decision": {"perhaps"}}, "/keeping/clock": {},
		} {
			if res := w.post(path, bad); res.Code < 400 {
				t.Errorf("%s: %s takes %v", lang, path, bad)
			}
		}
		file := w.get("/keeping/receipt/0")
		if !strings.HasPrefix(file.Body.String(), "safeconduct receipt v1\n4098 ") || !strings.Contains(file.Header().Get("Content-Disposition"), "receipt-4098.txt") {
			t.Errorf("%s: the receipt: %q", lang, file.Body)
		}
		if res := w.get("/keeping/receipt/1"); res.Code != http.StatusNotFound {
			t.Errorf("%s: another receipt: %d", lang, res.Code)
		}
		f.set(func(f *fakeDesk) {
			f.keeping, f.receipts = desk.KeepingView{Lines: hotline.DefaultRetention().Lines()}, nil
			f.st.Roles = []hotline.Role{hotline.RoleOperator}
		})
		body = w.get("/keeping").Body.String()
		if !strings.Contains(body, x.NoReceipts) || strings.Contains(body, "/keeping/change") || strings.Contains(body, x.ReviewHead) || strings.Contains(body, x.PausedHead) {
			t.Errorf("%s: an operator's empty page is another", lang)
		}
		f.set(func(f *fakeDesk) {
			f.err = hotline.Errorf(hotline.KindUnavailable, "keeping", "there is no connection to the server")
		})
		if body := w.get("/keeping").Body.String(); !strings.Contains(body, x.FaultHead) || strings.Contains(body, x.TableHead) {
			t.Errorf("%s: a fault is not said", lang)
		}
	}
}
