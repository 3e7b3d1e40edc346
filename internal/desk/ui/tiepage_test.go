package ui

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func (f *fakeDesk) Link(_ context.Context, id, other hotline.CaseID, word string) (desk.Result, error) {
	return desk.Result{Outcome: desk.OutcomeSent}, f.told("link", id.Short(), other.Short(), word)
}

func (f *fakeDesk) ProposeLink(_ context.Context, id, other hotline.CaseID, reason string) error {
	return f.told("ask link", id.Short(), other.Short(), reason)
}

func (f *fakeDesk) Merge(_ context.Context, id, other, main hotline.CaseID) (desk.Result, error) {
	return desk.Result{Outcome: desk.OutcomeSent}, f.told("merge", id.Short(), other.Short(), main.Short())
}

func (f *fakeDesk) Untie(_ context.Context, id, other hotline.CaseID) (desk.Result, error) {
	return desk.Result{Outcome: desk.OutcomeSent}, f.told("untie", id.Short(), other.Short())
}

func (f *fakeDesk) Split(_ context.Context, id hotline.CaseID, p desk.Parting) (hotline.CaseID, error) {
	return caseID(9), f.told("split", id.Short(), strconv.Itoa(p.People), p.Title, p.Text)
}

// related is an evening with cases that have to do with each other.
func related() *fakeDesk {
	f := busy()
	tie := func(n, other byte, kind string, main bool, state desk.TieState) {
		c, o := f.cases[caseID(n)], f.cases[caseID(other)]
		c.Ties = append(c.Ties, desk.TieView{
			Case: o.ID, Kind: kind, Main: main, State: state, Row: o.Row, Hour: hoursAgo(3), By: "Клен", How: seal.HowWord, Until: hoursAgo(-40), Undo: true,
		})
	}
	for n, title := range map[byte]string{4: "Двое у моста", 5: "Тот же, новый код", 6: "Мать из Брянска", 7: "Четверо с радистом", 8: "Радист и ещё один", 9: "Писал весной"} {
		f.cases[caseID(n)].Title = title
	}
	f.words[caseID(1)] = [2]string{"листопад", ""}
	f.cases[caseID(1)].WordSet = true
	tie(1, 9, seal.TieLink, false, desk.TieBoth)
	tie(9, 1, seal.TieLink, false, desk.TieBoth)
	tie(4, 5, seal.TieMerge, true, desk.TieBoth)
	tie(5, 4, seal.TieMerge, false, desk.TieBoth)
	tie(6, 9, seal.TieMerge, false, desk.TieHalf)
	tie(7, 8, seal.TieSplit, true, desk.TieBoth)
	tie(8, 7, seal.TieSplit, false, desk.TieBoth)
	main, part := f.cases[caseID(4)], f.cases[caseID(5)]
	main.Parts, part.PartOf = 1, main.ID
	other := said(0, 1, "Это снова я. Код потерял вместе с телефоном.")
	other.Case, other.Channel, other.Side, other.Signer = part.ID, hotline.ChannelTelegram, hotline.SideGateway, "gateway"
	main.Messages = append(main.Messages, answered(0, 2, "Весна", "Где вы сейчас?", false), other)
	main.Doors = []desk.Door{
		{Case: part.ID, Channel: hotline.ChannelTelegram, Last: hoursAgo(1), DeskSeq: 4}, {Case: main.ID, Channel: hotline.ChannelWeb, Last: hoursAgo(9), DeskSeq: 0},
	}
	child := f.cases[caseID(8)]
	child.Channel, child.CanReply, child.WhyNot = hotline.ChannelDesk, false, hotline.Say("This case has no door of its own: write in the case that its people left.")
	return f
}

func beside(a, b byte) func(*tab) string {
	return func(w *tab) string {
		return w.caseRef(a) + "/with/" + strings.TrimPrefix(w.caseRef(b), "/case/")
	}
}

// Every act on two cases reaches the desk with what was typed.
func TestTieActs(t *testing.T) {
	t.Parallel()
	one, four := caseID(1), caseID(4)
	for _, x := range []struct {
		act  string
		form url.Values
		want string
		next string
	}{
		{"with/OTHER/link", url.Values{"said": {"листопад"}}, "link " + one.Short() + " " + four.Short() + " листопад", "/case/ONE/with/OTHER"},
		{"with/OTHER/ask", url.Values{"reason": {"те самі слова"}}, "ask link " + one.Short() + " " + four.Short() + " те самі слова", "/approvals"},
		{"with/OTHER/merge", url.Values{"main": {"this"}}, "merge " + one.Short() + " " + four.Short() + " " + one.Short(), "/case/ONE"},
		{"with/OTHER/merge", url.Values{"main": {"other"}}, "merge " + one.Short() + " " + four.Short() + " " + four.Short(), "/case/OTHER"},
		{"with/OTHER/merge", url.Values{}, "", ""},
		{"with/OTHER/undo", url.Values{}, "untie " + one.Short() + " " + four.Short(), "/case/ONE"},
		{"split", url.Values{"people": {"2"}, "title": {"Радист"}, "text": {"іде сам"}}, "split " + one.Short() + " 2 Радист іде сам", ""},
		{"split", url.Values{"people": {"two"}, "title": {"Радист"}}, "", ""},
	} {
		f := related()
		u := newUI(t, f, "en")
		w := launched(t, u)
		fill := strings.NewReplacer("ONE", u.refs.of(one), "OTHER", u.refs.of(four))
		before := len(f.called())
		rec := w.post("/case/"+u.refs.of(one)+"/"+fill.Replace(x.act), x.form)
		got := f.called()[before:]
		if x.want == "" {
			if len(got) != 0 || rec.Code < 400 {
				t.Errorf("%s %v: status %d, did %q", x.act, x.form, rec.Code, got)
			}
			continue
		}
		if len(got) != 1 || got[0] != x.want || rec.Code != http.StatusSeeOther || (x.next != "" && rec.Header().Get("Location") != fill.Replace(x.next)) {
			t.Errorf("%s: status %d to %q, did %q, want %q", x.act, rec.Code, rec.Header().Get("Location"), got, x.want)
		}
	}
}

// A reply of a merged case goes by the door that was chosen, after what the
// page showed of it.
func TestReplyByDoor(t *testing.T) {
	t.Parallel()
	f := related()
	u := newUI(t, f, "en")
	w := launched(t, u)
	door := u.refs.of(caseID(5))
	path := "/case/" + u.refs.of(caseID(4))
	contains(t, "the page", w.get(path), http.StatusOK, `name="door"`, `value="`+door+`" selected`, `name="deskseq-`+door+`"`, "Telegram · "+caseID(5).Short()+" (used last)", "came in Telegram")
	rec := w.fragmentOf(http.MethodPost, path+"/reply", url.Values{"text": {"Ждите."}, "deskseq": {"0"}, "door": {door}, "deskseq-" + door: {"4"}})
	contains(t, "the reply", rec, http.StatusOK, "Kept at the server.")
	if got := f.called(); got[len(got)-1] != "reply by "+caseID(5).Short()+" Ждите." || f.cases[caseID(4)].DeskSeq != 5 {
		t.Errorf("the desk did %q", got)
	}
	rec = w.fragmentOf(http.MethodPost, path+"/reply", url.Values{"text": {"Ждите."}, "deskseq": {"0"}, "door": {"00"}})
	if rec.Code == http.StatusOK {
		t.Error("a reply by no door was sent")
	}
}

// The pages say what there is between cases, in three languages.
func TestTiePages(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"Same person as", "This case is a part of", "only one of the two cases says so", "Which one is the main case?", "the word was said"},
		"uk": {"Та сама людина, що й", "Ця справа — частина справи", "про це каже лише одна справа", "Котра справа головна?", "слово названо"},
		"ru": {"Тот же человек, что и", "Это дело — часть дела", "об этом говорит только одно дело", "Какое дело главное?", "слово названо"},
	} {
		u := newUI(t, related(), lang)
		w := launched(t, u)
		ref := func(n byte) string { return u.refs.of(caseID(n)) }
		contains(t, lang+" linked", w.get("/case/"+ref(1)), http.StatusOK, words[0], words[4], "/with/"+ref(9))
		contains(t, lang+" part", w.get("/case/"+ref(5)), http.StatusOK, words[1])
		contains(t, lang+" half", w.get("/case/"+ref(6)), http.StatusOK, words[2])
		contains(t, lang+" both", w.get("/case/"+ref(1)+"/with/"+ref(9)), http.StatusOK, words[3])
		contains(t, lang+" strangers", w.get("/case/"+ref(1)+"/with/"+ref(4)), http.StatusOK, `name="said"`, `name="reason"`)
		contains(t, lang+" search", w.fragmentOf(http.MethodPost, "/case/"+ref(1)+"/find", url.Values{"text": {"согласны"}}), http.StatusOK, "/with/")
	}
}

// The way from a case to a merge, by the keyboard alone, in a real browser.
func TestMergeByKeyboard(t *testing.T) {
	t.Parallel()
	f := related()
	w := browser(t)(t, serve(t, f, nil))
	w.launch(beside(1, 9)(w))
	w.settled()
	eval[bool](w, `(document.querySelector('input[name="main"]').focus(), true)`)
	w.press(" ")
	w.press("\r")
	w.wait(`location.pathname === ` + strconv.Quote(w.caseRef(1)))
	if got := f.called(); !strings.Contains(strings.Join(got, "\n"), "merge "+caseID(1).Short()+" "+caseID(9).Short()+" "+caseID(1).Short()) {
		t.Errorf("the desk did %q", got)
	}
}
