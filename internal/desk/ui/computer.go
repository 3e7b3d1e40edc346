package ui

import (
	"net/http"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// computer shows whose this computer is, what it holds and when it locks.
func (u *UI) computer(w http.ResponseWriter, r *http.Request) {
	u.showComputer(w, r, computerPage{Changed: r.URL.Query().Get("changed") == "1"})
}

// computerPage is what became of a change of the passphrase. What was typed is
// never shown again.
type computerPage struct {
	Changed bool
	Wrong   spoken // why it was not changed
	Kept    string // what opens this computer now
	At      string // which field is wrong: "old", "new", "again" or none
}

func (u *UI) showComputer(w http.ResponseWriter, r *http.Request, p computerPage) {
	c, err := u.desk.Computer()
	if err != nil {
		u.fail(w, r, err)
		return
	}
	b, st := u.base(r, "computer"), u.desk.State()
	v := struct {
		base
		computerPage
		Computer desk.Computer
		Groups   []string
		Roles    []string
		Teams    []string
		Locks    string
		LocksAt  string // empty: never
		Min      int
	}{
		base: b, computerPage: p, Computer: c, Groups: groupsOf(c.Fingerprint), Roles: rolesIn(b.T, st.Roles), Teams: teamsIn(b.T, st.Teams),
		Locks: b.T.Computer.LocksNever, Min: desk.MinPassphrase,
	}
	if c.IdleLock > 0 {
		v.Locks = b.T.say(hotline.Say("the desk locks after %d minutes without anybody touching it", int64(c.IdleLock/time.Minute))).Text
		v.LocksAt = u.moment(b.T, st.LockAt)
	}
	status := http.StatusOK
	if p.Wrong.Text != "" {
		status = http.StatusUnprocessableEntity
	}
	u.page(w, r, status, "computer", v)
}

// changePassphrase locks the key file of this computer anew.
func (u *UI) changePassphrase(w http.ResponseWriter, r *http.Request) {
	t := u.outside().T
	old, phrase := r.PostFormValue("old"), r.PostFormValue("passphrase")
	if phrase != r.PostFormValue("again") {
		u.showComputer(w, r, computerPage{Wrong: spoken{Text: t.Computer.Differ}, Kept: t.Computer.Kept, At: "again"})
		return
	}
	err := u.desk.ChangePassphrase(old, phrase)
	p := computerPage{Wrong: t.sayError(err), Kept: t.Computer.Kept}
	switch {
	case err == nil:
		http.Redirect(w, r, "/computer?changed=1", http.StatusSeeOther)
		return
	case hotline.KindOf(err) == hotline.KindDenied:
		p.Wrong, p.At = spoken{Text: t.Computer.WrongOld}, "old"
	case hotline.KindOf(err) == hotline.KindInvalid:
		p.At = "new"
	case hotline.KindOf(err) == hotline.KindUnknown:
		p.Kept = "" // the sentence says what is known
	}
	u.showComputer(w, r, p)
}
