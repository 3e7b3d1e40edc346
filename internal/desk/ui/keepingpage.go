package ui

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

type keepingLine struct {
	Key, What, Why string
	Days, Min, Max int
}

// keyRow is a team's key as the page draws it.
type keyRow struct {
	Team              hotline.Team
	TeamName          string
	N                 int
	Since, Next       string
	Newest, Destroyed bool
	Wrapping          string // how far the wrapping of open cases is
	Waits, WhyNot     spoken
	MayRewrap, May    bool
	Goes              string
	Confirmed, Silent []string
}

type receiptRow struct {
	N    int
	Leaf int64
}

type keepingPageView struct {
	base
	Fault                     spoken
	Loaded                    bool
	Lines                     []keepingLine
	MayChange, MayReview      bool
	Paused, Failed            bool
	Clock, Believed, Scrubbed string
	Review                    []rowView
	Keys                      []keyRow
	Receipts                  []receiptRow
}

// keepingPage shows how long things are kept and what there is to decide.
func (u *UI) keepingPage(w http.ResponseWriter, r *http.Request) {
	v := keepingPageView{base: u.base(r, "keeping")}
	st := u.desk.State()
	v.MayChange, v.MayReview = st.May(hotline.ActionRetention), st.May(hotline.ActionReview)
	for i, receipt := range u.desk.Receipts() {
		v.Receipts = append(v.Receipts, receiptRow{N: i, Leaf: receipt.Leaf.Index})
	}
	k, err := u.desk.Keeping(r.Context())
	switch {
	case hotline.KindOf(err) == hotline.KindLocked && err != nil:
		u.fail(w, r, err)
		return
	case err != nil:
		v.Fault = v.T.sayError(err)
	default:
		u.fillKeeping(&v, k, st.May(hotline.ActionDestroy))
	}
	u.page(w, r, http.StatusOK, "keeping", v)
}

func (u *UI) fillKeeping(v *keepingPageView, k desk.KeepingView, mayDestroy bool) {
	t := v.T.Keeping
	v.Loaded, v.Paused, v.Failed = true, k.Paused, k.Failed
	v.Clock, v.Believed = u.hour(v.T, k.Clock), u.hour(v.T, k.Believed)
	if k.Scrubbed > 0 {
		v.Scrubbed = dayOf(k.Scrubbed.Hour())
	}
	rotate := 0
	for _, l := range k.Lines {
		words := t.Lines[l.Key]
		v.Lines = append(v.Lines, keepingLine{l.Key, orElse(words.What, l.What), orElse(words.Why, l.Why), l.Value, l.Min, l.Max})
		if l.Key == "epoch" {
			rotate = l.Value
		}
	}
	for _, row := range k.Review {
		v.Review = append(v.Review, u.rowView(v.T, row))
	}
	for _, e := range k.Epochs {
		v.Keys = append(v.Keys, u.keyRow(v.T, e, rotate, mayDestroy))
	}
}

func (u *UI) keyRow(t *texts, e desk.EpochView, rotate int, mayDestroy bool) keyRow {
	row := keyRow{
		Team: e.Team, TeamName: t.Teams[e.Team], N: e.Epoch, Since: dayOf(e.Since), Newest: e.Newest, Destroyed: e.Destroyed,
		Confirmed: e.Confirmed, Silent: e.Missing,
	}
	switch {
	case e.Newest:
		row.Next = dayOf(e.Since + hotline.Hour(24*rotate))
		if e.Left > 0 {
			row.Wrapping = fmt.Sprintf(t.Keeping.Left, e.Left)
		}
		if !e.Waits.IsZero() {
			row.Waits, row.MayRewrap = t.say(e.Waits), mayDestroy
		}
	case !e.Destroyed:
		row.May = e.May
		if !e.Doom.WhyNot.IsZero() {
			row.WhyNot = t.say(e.Doom.WhyNot)
		}
		if s := e.Doom.Subject; e.May && s.Cases == 0 {
			row.Goes = t.Keeping.GoesNone
		} else if e.May {
			row.Goes = fmt.Sprintf(t.Keeping.Goes, s.Cases, s.Oldest, s.Newest)
		}
	}
	return row
}

// dayOf shows the day of an hour, in UTC: days are counted so.
func dayOf(h hotline.Hour) string { return h.Time().UTC().Format(time.DateOnly) }

// proposed goes on to where the proposal waits for its second person.
func (u *UI) proposed(w http.ResponseWriter, r *http.Request, err error) { u.afterApproval(w, r, err) }

func (u *UI) proposeRetention(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil {
		u.fail(w, r, hotline.Errorf(hotline.KindInvalid, "keeping", "that is no number of days"))
		return
	}
	u.proposed(w, r, u.desk.ProposeRetention(r.Context(), r.PostFormValue("line"), days, r.PostFormValue("reason")))
}

// keyOf reads which key of a team a form means.
func keyOf(r *http.Request) (hotline.Team, int, error) {
	team, err := hotline.ParseTeam(r.PostFormValue("team"))
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.Atoi(r.PostFormValue("epoch"))
	if err != nil || n < 1 {
		return "", 0, hotline.Errorf(hotline.KindInvalid, "keeping", "the page is incomplete: load it again")
	}
	return team, n, nil
}

func (u *UI) proposeDestroy(w http.ResponseWriter, r *http.Request) {
	team, n, err := keyOf(r)
	if err == nil {
		err = u.desk.ProposeDestroy(r.Context(), team, n, r.PostFormValue("reason"))
	}
	u.proposed(w, r, err)
}

func (u *UI) proposeRewrap(w http.ResponseWriter, r *http.Request) {
	team, _, err := keyOf(r)
	if err == nil {
		err = u.desk.ProposeRewrap(r.Context(), team, r.PostFormValue("reason"))
	}
	u.proposed(w, r, err)
}

// proposeForget proposes what the person of a case has asked for.
func (u *UI) proposeForget(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	if err == nil {
		err = u.desk.ProposeForget(r.Context(), id, r.PostFormValue("reason"))
	}
	u.proposed(w, r, err)
}

// review closes or keeps a case on standby that gave no sign of life.
func (u *UI) review(w http.ResponseWriter, r *http.Request) {
	id, err := u.refs.id(r.PostFormValue("ref"))
	var res desk.Result
	switch decision := r.PostFormValue("decision"); {
	case err != nil:
	case decision == "keep":
		res, err = u.desk.KeepAfterReview(r.Context(), id)
	case decision == "close":
		res, err = u.desk.SetStage(r.Context(), id, hotline.StageClosed)
	default:
		err = hotline.Errorf(hotline.KindInvalid, "keeping", "the page is incomplete: load it again")
	}
	if err == nil && (res.Outcome == desk.OutcomeConflict || res.Outcome == desk.OutcomeRefused) {
		err = hotline.Errorf(hotline.KindConflict, "keeping", "somebody was quicker: look at the case again")
	}
	u.toKeeping(w, r, err)
}

func (u *UI) trustClock(w http.ResponseWriter, r *http.Request) {
	var err error
	if r.PostFormValue("sure") == "" {
		err = hotline.Errorf(hotline.KindInvalid, "keeping", "confirm that you have compared the server's clock with another")
	} else {
		err = u.desk.TrustClock(r.Context())
	}
	u.toKeeping(w, r, err)
}

func (u *UI) toKeeping(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/keeping")
}

// receiptFile hands out the proof that a case was forgotten, for an auditor.
func (u *UI) receiptFile(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	list := u.desk.Receipts()
	if err != nil || n < 0 || n >= len(list) {
		u.fail(w, r, hotline.Errorf(hotline.KindNotFound, "keeping", "there is no such receipt on this computer"))
		return
	}
	text, err := list[n].Text()
	if err != nil {
		u.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="receipt-`+strconv.FormatInt(list[n].Leaf.Index, 10)+`.txt"`)
	_, _ = w.Write(text) // the browser is gone: nobody is left to tell
}
