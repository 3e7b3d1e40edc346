package ui

import (
	"net/http"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// step is one of the six steps of enrolment, the same on both sides.
type step struct {
	N       int
	Head    string
	Who     string
	Done    bool
	Current bool
}

// enrolSteps marks the step at which both stand.
func enrolSteps(t *texts, at int) []step {
	var out []step
	for i, s := range t.Enrol.Steps {
		out = append(out, step{N: i + 1, Head: s.Head, Who: s.Who, Done: i+1 < at, Current: i+1 == at})
	}
	return out
}

// groupsOf splits a fingerprint as it is read aloud.
func groupsOf(fingerprint string) []string { return strings.Fields(fingerprint) }

// enrolForm is what the newcomer typed, shown again after an error. The
// passphrase never is.
type enrolForm struct {
	Invitation string
	Name       string
	Wrong      string
	Why        spoken
}

// showEnrol is the first page of a computer without keys: steps one to three.
func (u *UI) showEnrol(w http.ResponseWriter, r *http.Request, f enrolForm) {
	b := u.base(r, "")
	status := http.StatusOK
	if f.Wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	u.page(w, r, status, "enrol", struct {
		base
		Form  enrolForm
		Steps []step
		Min   int
	}{b, f, enrolSteps(b.T, 3), desk.MinPassphrase})
}

// enrol makes this computer's keys.
func (u *UI) enrol(w http.ResponseWriter, r *http.Request) {
	f := enrolForm{Invitation: r.PostFormValue("invitation"), Name: r.PostFormValue("name")}
	t := u.outside().T
	if r.PostFormValue("passphrase") != r.PostFormValue("again") {
		f.Wrong = t.Enrol.Differ
		u.showEnrol(w, r, f)
		return
	}
	_, err := u.desk.Enrol(r.Context(), f.Invitation, f.Name, r.PostFormValue("passphrase"))
	switch hotline.KindOf(err) {
	case hotline.KindInvalid, hotline.KindNotFound, hotline.KindUnavailable, hotline.KindUnknown, hotline.KindBusy, hotline.KindDenied:
		if err != nil {
			f.Wrong, f.Why = t.Errors[hotline.KindOf(err)], t.sayError(err)
			u.showEnrol(w, r, f)
			return
		}
	default:
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.mu.Lock()
	u.same, u.differed = false, false
	u.mu.Unlock()
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// showWaiting is the newcomer's page from step four on.
func (u *UI) showWaiting(w http.ResponseWriter, r *http.Request, st desk.Status) {
	b := u.base(r, "")
	u.mu.Lock()
	compared, differed := u.same, u.differed
	u.mu.Unlock()
	at := 4
	if compared {
		at = 5
	}
	u.page(w, r, http.StatusOK, "waiting", struct {
		base
		Groups   []string
		Steps    []step
		Compared bool
		Differed bool
		Offline  spoken
	}{b, groupsOf(st.Fingerprint), enrolSteps(b.T, at), compared, differed, b.T.say(st.Offline)})
}

// compared keeps what the newcomer says of the two fingerprints. It counts
// for this page only: who lets in is the administrator.
func (u *UI) compared(w http.ResponseWriter, r *http.Request) {
	same := r.PostFormValue("answer") == "same"
	u.mu.Lock()
	u.same, u.differed = same, !same
	u.mu.Unlock()
	u.goTo(w, r, "/")
}
