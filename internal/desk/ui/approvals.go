package ui

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

type approvalRow struct {
	ID     string
	Act    string
	State  string
	Tone   string // of the state: "", good or bad
	By     string
	When   string
	Until  string
	Reason string
	Lines  []spoken
	Votes  []string // who has approved or refused, and since when
	Void   []spoken // answers that do not count
	Next   string   // what happens next
	WhyNot spoken
	Decide bool
	Take   bool // may be taken back
	Export bool // done on the page of exports
}

// approvals lists what needs two persons: what waits for me, what else is
// open, and the past.
func (u *UI) approvals(w http.ResponseWriter, r *http.Request) {
	v := struct {
		base
		Asked, Open, Past []approvalRow
	}{base: u.base(r, "approvals")}
	list, err := u.desk.Approvals()
	if err != nil {
		u.fail(w, r, err)
		return
	}
	for _, a := range list {
		row := u.approvalRow(v.T, a)
		switch {
		case a.Decide:
			v.Asked = append(v.Asked, row)
		case a.Open():
			v.Open = append(v.Open, row)
		default:
			v.Past = append(v.Past, row)
		}
	}
	u.page(w, r, http.StatusOK, "approvals", v)
}

func (u *UI) approvalRow(t *texts, a desk.ApprovalView) approvalRow {
	row := approvalRow{
		ID: a.ID.String(), Act: t.Approvals.Acts[a.Act], State: t.Approvals.States[a.State], By: a.By, Reason: a.Reason,
		When: u.hour(t, a.Hour), Until: u.hour(t, a.Expires), Decide: a.Decide, Take: a.Mine && a.Open(),
		Export: a.Act == hotline.SharedExport && a.Mine && a.Open() && a.Ready,
	}
	switch a.State {
	case api.ProposalApproved, api.ProposalUsed:
		row.Tone = "good"
	case api.ProposalRefused:
		row.Tone = "bad"
	}
	if said, ok := t.Together.Reasons[a.Reason]; ok {
		row.Reason = said // given by a desk itself
	}
	for _, l := range a.Lines {
		row.Lines = append(row.Lines, u.approvalLine(t, l))
	}
	for _, by := range a.Approved {
		row.Votes = append(row.Votes, fmt.Sprintf(t.Approvals.Approved, by.Name, u.hour(t, by.Hour)))
	}
	for _, by := range a.Refused {
		row.Votes = append(row.Votes, fmt.Sprintf(t.Approvals.Refused, by.Name, u.hour(t, by.Hour)))
	}
	for _, s := range a.Void {
		row.Void = append(row.Void, t.say(s))
	}
	if !a.Open() {
		return row
	}
	row.Next = t.Approvals.NextWaits
	switch {
	case a.Ready:
		row.Next = t.Approvals.NextReady
	case a.Act == hotline.SharedRoster || a.Act == hotline.SharedManifest:
		row.Next = t.Approvals.NextPublish
	}
	if !a.Decide && !a.Mine {
		row.WhyNot = t.say(a.WhyNot)
	}
	return row
}

// approvalLine says one thing that will be done. The words are the reader's,
// what stands in them was signed.
func (u *UI) approvalLine(t *texts, l desk.ApprovalLine) spoken {
	if l.Kind == desk.LineUnreadable {
		s := t.say(l.Why)
		s.Text = t.Approvals.Lines[l.Kind] + " " + s.Text
		return s
	}
	values := append(slices.Clone(l.Values), "", "", "", "")
	for i, h := range l.Hours {
		values[i] = u.hour(t, h)
	}
	named := map[string]string{
		"name": l.Name, "roles": strings.Join(rolesIn(t, l.Roles), ", "), "teams": strings.Join(teamsIn(t, l.Teams), ", "),
		"1": values[0], "2": values[1], "3": values[2], "4": values[3],
	}
	if l.Kind == desk.LineKeep {
		named["name"] = orElse(t.Keeping.Lines[l.Name].What, l.Name)
	}
	if named["teams"] == "" {
		named["teams"] = "–"
	}
	if l.Kind == desk.LineHouse || l.Kind == desk.LineKeys {
		what, rest, _ := strings.Cut(values[0], " ")
		named["1"] = strings.TrimSpace(t.Approvals.Parts[what] + " " + rest)
	}
	var pairs []string
	for name, value := range named {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return spoken{Text: strings.NewReplacer(pairs...).Replace(t.Approvals.Lines[l.Kind])} // in one pass: a value cannot name another
}

// proposalOf reads the id of a proposal from a form.
func proposalOf(r *http.Request) (seal.Hash, error) {
	var id seal.Hash
	if err := id.UnmarshalText([]byte(r.PostFormValue("id"))); err != nil || id.IsZero() {
		return id, hotline.Errorf(hotline.KindInvalid, "approvals", "there is no such proposal")
	}
	return id, nil
}

// decide approves or refuses. Approving needs the tick "I have read it".
func (u *UI) decide(w http.ResponseWriter, r *http.Request) {
	id, err := proposalOf(r)
	approve := r.PostFormValue("decision") == "approve"
	switch {
	case err != nil:
	case approve && r.PostFormValue("read") == "":
		err = hotline.Errorf(hotline.KindInvalid, "approvals", "confirm that you have read what exactly will be done")
	default:
		err = u.desk.Answer(r.Context(), id, approve)
	}
	u.afterApproval(w, r, err)
}

func (u *UI) takeBack(w http.ResponseWriter, r *http.Request) {
	id, err := proposalOf(r)
	if err == nil {
		err = u.desk.Withdraw(r.Context(), id)
	}
	u.afterApproval(w, r, err)
}

func (u *UI) afterApproval(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/approvals")
}

// export is the page from which everything is taken out, sealed as it is.
func (u *UI) export(w http.ResponseWriter, r *http.Request) {
	v := struct {
		base
		Ready bool
		Open  []approvalRow
	}{base: u.base(r, "export"), Ready: u.desk.ExportReady()}
	list, err := u.desk.Approvals()
	if err != nil {
		u.fail(w, r, err)
		return
	}
	for _, a := range list {
		if a.Act == hotline.SharedExport && a.Mine && a.Open() {
			v.Open = append(v.Open, u.approvalRow(v.T, a))
		}
	}
	u.page(w, r, http.StatusOK, "export", v)
}

func (u *UI) proposeExport(w http.ResponseWriter, r *http.Request) {
	if _, err := u.desk.ProposeExport(r.Context(), r.PostFormValue("reason")); err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/export")
}

// saveExport hands the archive to the browser, which shows how far it is and
// asks where to keep it. It is sealed. A break on the way ends the connection,
// so that half a file does not pass for one.
func (u *UI) saveExport(w http.ResponseWriter, r *http.Request) {
	out := &attachment{w: w, name: "safeconduct-" + u.clock.Now().UTC().Format("2006-01-02") + ".tar"}
	err := u.desk.ExportTo(r.Context(), out)
	switch {
	case err != nil && !out.begun:
		u.fail(w, r, err)
	case err != nil:
		panic(http.ErrAbortHandler)
	}
}

// attachment begins the answer with the first byte that there is.
type attachment struct {
	w     http.ResponseWriter
	name  string
	begun bool
}

// Write implements io.Writer.
func (a *attachment) Write(b []byte) (int, error) {
	if !a.begun {
		a.begun = true
		a.w.Header().Set("Content-Type", "application/x-tar")
		a.w.Header().Set("Content-Disposition", `attachment; filename="`+a.name+`"`)
	}
	n, err := a.w.Write(b)
	if err != nil {
		return n, fmt.Errorf("export: %w", err)
	}
	return n, nil
}
