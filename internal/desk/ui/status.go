package ui

import (
	"net/http"
	"slices"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// base is what every page has.
type base struct {
	T        *texts
	Lang     string
	Theme    string
	Nav      string // which entry of the menu is the current one
	Status   statusView
	Training bool // an exercise with simulated people
}

// statusView is the state of the desk in the head of a page.
type statusView struct {
	Phase       desk.Phase
	Name        string
	Online      bool
	Since       string // of the last contact with the server
	LockIn      int64  // seconds until the desk locks by itself; -1: it does not
	Waiting     int
	Undecided   int
	Alarms      int
	Blocked     bool
	Opening     bool // sealed cases are still being opened
	Cases       int
	Synced      int
	MayQueue    bool
	MayInvite   bool
	MayJournal  bool
	MayExport   bool
	Asked       int // proposals that wait for this person
	MayWatch    bool
	MayPlant    bool
	MayForget   bool
	Signs       string // the day before which the manifest must be signed again
	Tripped     int
	Unconnected bool // not connected since it was unlocked
}

func (u *UI) base(_ *http.Request, nav string) base {
	b := u.outside()
	b.Nav, b.Status, b.Training = nav, u.statusView(b.T), u.training != nil
	return b
}

// outside is base for who may not see the state of the desk.
func (u *UI) outside() base {
	u.mu.Lock()
	defer u.mu.Unlock()
	return base{T: textsOf(u.language), Lang: u.language, Theme: u.theme, Status: statusView{LockIn: -1}}
}

func (u *UI) statusView(t *texts) statusView {
	st := u.desk.State()
	v := statusView{
		Phase: st.Phase, Name: st.Name, Online: st.Online, LockIn: -1,
		Waiting: st.Waiting, Undecided: st.Undecided, Alarms: st.Alarms, Blocked: st.Blocked,
		Cases: st.Cases, Synced: st.Synced, Opening: st.Online && st.Synced < st.Cases,
		MayQueue: st.May(hotline.ActionQueue), MayInvite: st.May(hotline.ActionInvite), MayJournal: st.May(hotline.ActionJournalLeaves),
		MayExport: st.May(hotline.ActionExport), Asked: st.Asked,
		MayWatch: st.May(hotline.ActionWatch), MayPlant: st.May(hotline.ActionPlant), MayForget: st.May(hotline.ActionForget), Tripped: st.Tripped,
		Unconnected: st.LastContact.IsZero(),
	}
	if !st.LastContact.IsZero() {
		v.Since = u.moment(t, st.LastContact)
	}
	if st.Signs != 0 {
		v.Signs = u.hour(t, st.Signs)
	}
	if !st.LockAt.IsZero() && st.Phase != desk.PhaseLocked {
		v.LockIn = max(0, int64(st.LockAt.Sub(u.clock.Now())/time.Second))
	}
	return v
}

// status draws the head of the page anew. A page of another phase than the
// desk's is led to the first page: a locked desk leaves nothing on the screen.
func (u *UI) status(w http.ResponseWriter, r *http.Request) {
	b := u.base(r, r.URL.Query().Get("nav"))
	if string(b.Status.Phase) != r.URL.Query().Get("phase") {
		u.goTo(w, r, "/")
		return
	}
	u.write(w, r, http.StatusOK, "fault", "statusagain", b)
}

// touch says that somebody is there.
func (u *UI) touch(w http.ResponseWriter, r *http.Request) { u.status(w, r) }

// prefer keeps the choice of language and theme.
func (u *UI) prefer(w http.ResponseWriter, r *http.Request) {
	lang, theme := r.PostFormValue("lang"), r.PostFormValue("theme")
	u.mu.Lock()
	if slices.Contains(languages(), lang) {
		u.language = lang
	}
	if r.PostForm.Has("theme") && slices.Contains(themes(), theme) {
		u.theme = theme
	}
	lang, theme = u.language, u.theme
	u.mu.Unlock()
	if u.remember != nil {
		if err := u.remember(lang, theme); err != nil {
			u.log.Warn("the choice of language and theme could not be kept", "kind", hotline.KindOf(err).String())
		}
	}
	w.Header().Set("HX-Refresh", "true")
	if !byHTMX(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// themes are light, dark, or as the system has it.
func themes() []string { return []string{"", "light", "dark"} }

func (u *UI) showLocked(w http.ResponseWriter, r *http.Request, wrong string) {
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	u.page(w, r, status, "locked", struct {
		base
		Wrong string
	}{u.base(r, ""), wrong})
}

func (u *UI) unlock(w http.ResponseWriter, r *http.Request) {
	err := u.desk.Unlock(r.Context(), r.PostFormValue("passphrase"))
	switch {
	case err == nil:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case hotline.KindOf(err) == hotline.KindDenied:
		u.showLocked(w, r, u.outside().T.Locked.Wrong)
	default:
		u.fail(w, r, err)
	}
}

func (u *UI) lock(w http.ResponseWriter, r *http.Request) {
	u.desk.Lock()
	u.mu.Lock()
	clear(u.dividers)
	u.mu.Unlock()
	u.goTo(w, r, "/")
}
