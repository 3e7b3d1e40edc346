package ui

import (
	"net/http"
)

type alarmRow struct {
	ID           string
	When         string
	Text         spoken
	Blocking     bool
	Ref          string
	Acknowledged bool
	Restore      bool // an administrator accepts it, by signature
	Accepted     bool // this one has
	By, Open     []string
}

// alarms lists what does not verify and is not about one message.
func (u *UI) alarms(w http.ResponseWriter, r *http.Request) {
	v := struct {
		base
		Rows []alarmRow
	}{base: u.base(r, "alarms")}
	for _, a := range u.desk.Alarms() {
		row := alarmRow{
			ID: a.ID, When: u.moment(v.T, a.When), Text: v.T.say(a.Text),
			Blocking: a.Blocking, Acknowledged: a.Acknowledged,
			Restore: len(a.By)+len(a.Open) > 0, Accepted: a.Accepted, By: a.By, Open: a.Open,
		}
		if a.Case != nil {
			row.Ref = u.refs.of(*a.Case)
		}
		v.Rows = append(v.Rows, row)
	}
	u.page(w, r, http.StatusOK, "alarms", v)
}

func (u *UI) acknowledge(w http.ResponseWriter, r *http.Request) {
	if err := u.desk.Acknowledge(r.PostFormValue("id")); err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/alarms")
}
