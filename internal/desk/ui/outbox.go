package ui

import (
	"net/http"

	"safeconduct/internal/desk"
)

type outboxRow struct {
	ID      string
	Ref     string
	Short   string
	Act     string
	Text    string
	At      string
	Waits   bool
	State   string
	Why     spoken
	IsReply bool
}

// outbox lists what was done here and is not at the server yet.
func (u *UI) outbox(w http.ResponseWriter, r *http.Request) {
	v := struct {
		base
		Rows []outboxRow
	}{base: u.base(r, "outbox")}
	for _, o := range u.desk.Outbox() {
		row := outboxRow{
			ID: o.ID, Ref: u.refs.of(o.Case), Short: o.Case.Short(), Act: v.T.Acts[o.Act], Text: withFiles(v.T, o.Text, o.Files), At: u.moment(v.T, o.At),
			Waits: o.Outcome == desk.OutcomeQueued, Why: v.T.say(o.Why), IsReply: o.Act == "reply",
		}
		switch o.Outcome {
		case desk.OutcomeConflict:
			row.State = v.T.Case.Conflict
		case desk.OutcomeRefused:
			row.State = v.T.Case.Refused
		default:
			row.State = v.T.Case.Waits
		}
		v.Rows = append(v.Rows, row)
	}
	u.page(w, r, http.StatusOK, "outbox", v)
}

func (u *UI) retry(w http.ResponseWriter, r *http.Request) {
	res, err := u.desk.Retry(r.Context(), r.PostFormValue("id"))
	u.decided(w, r, res, err)
}

func (u *UI) discard(w http.ResponseWriter, r *http.Request) {
	err := u.desk.Discard(r.PostFormValue("id"))
	u.decided(w, r, desk.Result{Outcome: desk.OutcomeSent}, err)
}

// decided answers a decision about the outbox, in the case or on its own page.
func (u *UI) decided(w http.ResponseWriter, r *http.Request, res desk.Result, err error) {
	switch ref := r.PostFormValue("ref"); {
	case err != nil:
		u.fail(w, r, err)
	case ref != "" && byHTMX(r):
		r.SetPathValue("ref", ref)
		u.done(w, r, res, nil, "")
	default:
		u.goTo(w, r, "/outbox")
	}
}
