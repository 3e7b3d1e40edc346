package ui

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// tripRow is an alarm of a tripwire as the page draws it.
type tripRow struct {
	ID, Wire, What, Who, Case, Since, Last string
	Count, Leaf                            int64
	Open, Doubtful                         bool
	By, Hour, Note                         string
}

type canaryRow struct{ Ref, Short, By, Hour string }

type watchPageView struct {
	base
	Known    bool
	Open     []tripRow
	Calmed   []tripRow
	Canaries []canaryRow
	MayLift  bool
}

// watchPage shows who tripped which wire, and the canaries.
func (u *UI) watchPage(w http.ResponseWriter, r *http.Request) {
	// The list is not drawn anew by itself: a note may be half written. The head
	// of the page counts live.
	u.page(w, r, http.StatusOK, "watch", u.watchView(r))
}

func (u *UI) watchView(r *http.Request) watchPageView {
	v := watchPageView{base: u.base(r, "watch"), MayLift: u.desk.State().May(hotline.ActionLift)}
	seen := u.desk.Watch()
	v.Known = seen.Known
	for _, a := range seen.Alarms {
		row := u.tripRow(v.T, a)
		if a.Open || row.Doubtful {
			v.Open = append(v.Open, row)
		} else {
			v.Calmed = append(v.Calmed, row)
		}
	}
	for _, c := range seen.Canaries {
		v.Canaries = append(v.Canaries, canaryRow{Ref: u.refs.of(c.Case), Short: c.Case.Short(), By: c.By, Hour: u.hour(v.T, c.Hour)})
	}
	return v
}

func (u *UI) tripRow(t *texts, a desk.TripView) tripRow {
	row := tripRow{
		ID: a.ID.String(), Wire: t.Watch.Wires[a.Wire], What: t.Watch.What[a.Wire], Who: a.Who, Count: a.Count, Leaf: a.Leaf,
		Since: u.moment(t, a.Since), Last: u.moment(t, a.Last), Open: a.Open, Doubtful: !a.Open && a.By == "", By: a.By, Note: a.Note,
	}
	if a.Bound > 0 {
		row.What += " " + fmt.Sprintf(t.Watch.Bound, a.Bound, a.Minutes)
	}
	if a.Case != nil {
		row.Case = a.Case.Short()
	}
	if !a.Open {
		row.Hour = u.hour(t, a.Hour)
	}
	return row
}

// calmAlarm acknowledges an alarm with a note.
func (u *UI) calmAlarm(w http.ResponseWriter, r *http.Request) {
	var id seal.Hash
	count, err := strconv.ParseInt(r.PostFormValue("count"), 10, 64)
	err = errors.Join(err, id.UnmarshalText([]byte(r.PostFormValue("id"))))
	if err != nil {
		u.fail(w, r, hotline.Errorf(hotline.KindInvalid, "alarm", "the page is incomplete: load it again"))
		return
	}
	u.toWatch(w, r, u.desk.CalmAlarm(r.Context(), id, count, typed(r)))
}

// lift makes a canary an ordinary case; plant makes one of a case.
func (u *UI) lift(w http.ResponseWriter, r *http.Request) {
	id, err := u.refs.id(r.PostFormValue("ref"))
	if err == nil {
		err = u.desk.Lift(r.Context(), id)
	}
	u.toWatch(w, r, err)
}

func (u *UI) plant(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	if err == nil {
		err = u.desk.Plant(r.Context(), id)
	}
	u.toWatch(w, r, err)
}

func (u *UI) toWatch(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/watch")
}
