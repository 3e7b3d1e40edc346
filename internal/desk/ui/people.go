package ui

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

type personRow struct {
	ID     string
	Name   string
	Roles  []string
	Teams  []string
	Since  string
	Until  string // empty: active
	Me     bool
	Revoke bool   // may be revoked from here
	Leaves string // the end of access waits: for whom, until when
}

type enrolmentRow struct {
	ID          string
	Name        string
	Proposed    string
	Roles       []string
	Teams       []string
	Expires     string
	State       string
	Words       string
	Groups      []string // of the fingerprint
	Fingerprint string
	Ours        bool
	Compare     bool   // the keys are here: compare them
	Waits       bool   // nobody has used the invitation
	Joins       string // confirmed here, and waits for another administrator
	Over        bool
	Steps       []step
}

// peopleView is the roster, the invitations and the renewal of keys.
type peopleView struct {
	base
	People     []personRow
	Enrolments []enrolmentRow
	Invitation string // made by this request: shown once
	Invited    string
	Why        string // why invitations cannot be shown now
	Roles      []choice
	Teams      []choice
	Steps      []step
	Keys       keysView
	Parts      map[string]fragment
}

// keysView says what is left to do after somebody has left.
type keysView struct {
	Running bool
	Done    int
	Total   int
	Step    string
	Fault   string
	Why     spoken
	Ended   bool
	Left    []string
	Cases   int
	Needed  bool
	Waits   string // for the other administrator
}

func (u *UI) people(w http.ResponseWriter, r *http.Request) {
	u.showPeople(w, r, "", "")
}

func (u *UI) showPeople(w http.ResponseWriter, r *http.Request, invitation, name string) {
	v, err := u.peopleView(r)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	v.Invitation, v.Invited = invitation, name
	u.page(w, r, http.StatusOK, "people", v)
}

// peopleLive draws anew what changes by itself; the form stays as it is.
func (u *UI) peopleLive(w http.ResponseWriter, r *http.Request) {
	v, err := u.peopleView(r)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	for id, p := range v.Parts {
		p.Again = true
		v.Parts[id] = p
	}
	u.write(w, r, http.StatusOK, "people", "peopleagain", v)
}

func (u *UI) peopleView(r *http.Request) (*peopleView, error) {
	v := &peopleView{base: u.base(r, "people"), Parts: map[string]fragment{}}
	t := v.T
	for _, p := range u.desk.People() {
		row := personRow{ID: p.ID, Name: p.Name, Me: p.Me, Since: u.hour(t, p.Since), Roles: rolesIn(t, p.Roles), Teams: teamsIn(t, p.Teams)}
		if p.Until != 0 {
			row.Until = u.hour(t, p.Until)
		}
		row.Leaves = u.waits(t, p.Leaves)
		row.Revoke = v.Status.MayInvite && p.Until == 0 && !p.Me && p.Leaves == nil
		v.People = append(v.People, row)
	}
	v.Keys = u.keysView(t)
	if v.Status.MayInvite {
		if err := u.fillEnrolments(r.Context(), v); err != nil {
			return nil, err
		}
		for _, role := range hotline.Roles() {
			v.Roles = append(v.Roles, choice{string(role), t.Roles[role]})
		}
		for _, team := range []hotline.Team{hotline.TeamDesk, hotline.TeamField, hotline.TeamRegistry, hotline.TeamClaims} {
			v.Teams = append(v.Teams, choice{string(team), t.Teams[team]})
		}
	}
	v.Steps = enrolSteps(t, 1)
	for _, part := range []string{"roster", "enrolments", "keys"} {
		p, err := u.pages.part("people", part, v, false)
		if err != nil {
			return nil, err
		}
		v.Parts[part] = p
	}
	return v, nil
}

func (u *UI) fillEnrolments(ctx context.Context, v *peopleView) error {
	list, err := u.desk.Enrolments(ctx)
	if err != nil {
		switch hotline.KindOf(err) {
		case hotline.KindUnavailable, hotline.KindUnknown, hotline.KindBusy, hotline.KindDenied:
			v.Why = v.T.People.NoInvitations
			return nil
		default:
			return err
		}
	}
	for _, e := range list {
		row := enrolmentRow{
			ID: e.ID.String(), Name: e.Name, Proposed: e.Proposed, Roles: rolesIn(v.T, e.Roles), Teams: teamsIn(v.T, e.Teams),
			Expires: u.moment(v.T, e.Expires), State: e.State, Words: v.T.Invitations[e.State], Ours: e.Ours,
			Groups: groupsOf(e.Fingerprint), Fingerprint: e.Fingerprint,
		}
		at := 6
		switch e.State {
		case api.InvitationOpen:
			row.Waits, at = true, 3
		case api.InvitationKeys:
			row.Joins = u.waits(v.T, e.Joins)
			row.Compare, at = e.Ours && e.Joins == nil, 4
			if e.Joins != nil {
				at = 5 // compared; the roster is being signed
			}
		case api.InvitationContested:
			at = 4
		default:
			row.Over = true
		}
		row.Steps = enrolSteps(v.T, at)
		v.Enrolments = append(v.Enrolments, row)
	}
	return nil
}

func rolesIn(t *texts, roles []hotline.Role) []string {
	var out []string
	for _, r := range roles {
		out = append(out, t.Roles[r])
	}
	return out
}

func teamsIn(t *texts, teams []hotline.Team) []string {
	var out []string
	for _, tm := range teams {
		out = append(out, t.Teams[tm])
	}
	return out
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// invitationLife is how long an invitation can be used.
const invitationLife = 72 * time.Hour

// invite makes an invitation. Its text is shown once, in this answer.
func (u *UI) invite(w http.ResponseWriter, r *http.Request) {
	var roles []hotline.Role
	for _, s := range r.PostForm["role"] {
		roles = append(roles, hotline.Role(s))
	}
	var teams []hotline.Team
	for _, s := range r.PostForm["team"] {
		t, err := hotline.ParseTeam(s)
		if err != nil {
			u.fail(w, r, err)
			return
		}
		teams = append(teams, t)
	}
	name := r.PostFormValue("name")
	text, err := u.desk.Invite(r.Context(), name, roles, teams, invitationLife)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.showPeople(w, r, text, name)
}

// enrolmentOf reads the id of an invitation from a form.
func enrolmentOf(r *http.Request) (seal.Hash, error) {
	var id seal.Hash
	if err := id.UnmarshalText([]byte(r.PostFormValue("id"))); err != nil || id.IsZero() {
		return id, hotline.Errorf(hotline.KindInvalid, "enrolment", "this is no invitation")
	}
	return id, nil
}

// confirm signs the newcomer in, once both have read the same fingerprint.
func (u *UI) confirm(w http.ResponseWriter, r *http.Request) {
	id, err := enrolmentOf(r)
	if err == nil {
		err = u.desk.ConfirmEnrolment(r.Context(), id, r.PostFormValue("fingerprint"))
	}
	u.afterPeople(w, r, err)
}

func (u *UI) refuseNewcomer(w http.ResponseWriter, r *http.Request) {
	id, err := enrolmentOf(r)
	if err == nil {
		err = u.desk.RefuseEnrolment(r.Context(), id)
	}
	u.afterPeople(w, r, err)
}

func (u *UI) afterPeople(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/people")
}

// revoke takes a person out and renews the keys. It goes on when the page is
// left.
func (u *UI) revoke(w http.ResponseWriter, r *http.Request) {
	member := r.PostFormValue("member")
	if r.PostFormValue("sure") == "" || member == "" || member == u.desk.State().ID {
		u.fail(w, r, hotline.Errorf(hotline.KindInvalid, "revoke", "confirm that this person is to be revoked"))
		return
	}
	u.startRenewal(r.Context(), func(ctx context.Context, p func(desk.Progress)) error {
		return u.desk.Revoke(ctx, member, p)
	})
	u.goTo(w, r, "/people")
}

func (u *UI) renew(w http.ResponseWriter, r *http.Request) {
	u.startRenewal(r.Context(), u.desk.Renew)
	u.goTo(w, r, "/people")
}

// renewal is the one renewal of keys that runs, or the last one that ran.
type renewal struct {
	mu      sync.Mutex
	wg      sync.WaitGroup
	running bool
	ended   bool
	at      desk.Progress
	err     error
}

func (n *renewal) wait() { n.wg.Wait() }

// startRenewal runs work in the background, unless one runs already: its
// progress is shown by every page of people.
func (u *UI) startRenewal(ctx context.Context, work func(context.Context, func(desk.Progress)) error) {
	n := &u.renewal
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.running {
		return
	}
	n.running, n.ended, n.at, n.err = true, false, desk.Progress{}, nil
	ctx = context.WithoutCancel(ctx)
	n.wg.Go(func() {
		err := work(ctx, func(p desk.Progress) {
			n.mu.Lock()
			n.at = p
			n.mu.Unlock()
			u.hub.poke()
		})
		n.mu.Lock()
		n.running, n.ended, n.err = false, true, err
		n.mu.Unlock()
		u.hub.poke()
	})
}

func (u *UI) keysView(t *texts) keysView {
	n := &u.renewal
	n.mu.Lock()
	v := keysView{Running: n.running, Ended: n.ended, Done: n.at.Done, Total: n.at.Total, Step: t.say(n.at.Step).Text}
	if n.err != nil {
		v.Fault, v.Why = t.Errors[hotline.KindOf(n.err)], t.sayError(n.err)
	}
	n.mu.Unlock()
	left := u.desk.Renewal()
	v.Cases, v.Left = left.Cases, teamsIn(t, left.Epochs)
	v.Waits = u.waits(t, left.Waits)
	v.Needed = !v.Running && v.Waits == "" && (left.Cases > 0 || left.Manifest || len(left.Epochs) > 0)
	return v
}
