package ui

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

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

// auditStep is how many entries are drawn at once.
const auditStep = 100

// auditPatience is how long a page waits for what was added to the journal; the
// rest is read while the page shows how far it is.
const auditPatience = 400 * time.Millisecond

type auditRow struct {
	Index                 int64
	Hour, Who, Act, Case  string
	Raw                   string
	Proved, Gone, Mangled bool
	Detail                []choice
}

type auditReads struct {
	Day, Who                                                  string
	Opened, Openings, Replies, Acts, Located, Fetched, Alarms int
}

type auditReader struct {
	Who, First, Last string
	Times            int
}

type auditView struct {
	base
	State       desk.LedgerState
	Fault       string
	Checked     string
	Rows        []auditRow
	Total       int
	Skip        int
	Older       int // -1: none
	Newer       int // -1: none
	Reads       []auditReads
	Readers     []auditReader
	People      []choice
	Acts        []choice
	Who, Act    string
	Case, Day   string
	WrongFilter bool
}

// audit is the auditor's page: the journal as this desk has checked it. What is
// asked for comes in a form: an address must not tell which case was looked at.
func (u *UI) audit(w http.ResponseWriter, r *http.Request) {
	v := auditView{base: u.base(r, "audit"), Older: -1, Newer: -1}
	if err := u.desk.ReadLedger(auditPatience); err != nil && hotline.KindOf(err) == hotline.KindDenied {
		u.fail(w, r, err)
		return
	} else if err != nil {
		v.Fault = v.T.sayError(err).Text
	}
	v.State = u.desk.Ledger()
	if !v.State.Fault.IsZero() {
		v.Fault = v.T.say(v.State.Fault).Text
	}
	if !v.State.Checked.IsZero() {
		v.Checked = u.moment(v.T, v.State.Checked)
	}
	v.Who, v.Act, v.Case, v.Day = r.PostFormValue("who"), r.PostFormValue("act"), r.PostFormValue("case"), r.PostFormValue("day")
	f, ok := v.filter()
	v.WrongFilter = !ok
	for _, p := range u.desk.People() {
		v.People = append(v.People, choice{p.ID, p.Name})
	}
	for _, a := range u.desk.LedgerActs() {
		v.Acts = append(v.Acts, choice{a, orElse(v.T.Ledger.Acts[a], a)})
	}
	v.Skip, _ = strconv.Atoi(r.PostFormValue("skip")) // no number: from the newest on
	v.Skip = max(0, v.Skip)
	if ok {
		u.fillAudit(&v, f)
	}
	if byHTMX(r) {
		u.write(w, r, http.StatusOK, "audit", "ledger", v)
		return
	}
	u.page(w, r, http.StatusOK, "audit", v)
}

// filter reads the form; false: it cannot be taken.
func (v auditView) filter() (desk.LedgerFilter, bool) {
	f := desk.LedgerFilter{Actor: v.Who, Act: v.Act, Case: v.Case}
	for _, c := range v.Case {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return f, false
		}
	}
	if v.Day != "" {
		day, err := time.Parse(time.DateOnly, v.Day)
		if err != nil {
			return f, false
		}
		f.From = hotline.HourOf(day)
		f.To = f.From + 24
	}
	return f, v.Case == "" || len(v.Case) >= 4 && len(v.Case) <= 32
}

func (u *UI) fillAudit(v *auditView, f desk.LedgerFilter) {
	var rows []desk.LedgerRow
	rows, v.Total = u.desk.LedgerPage(f, v.Skip, auditStep)
	for _, l := range rows {
		row := auditRow{Index: l.Index, Proved: l.Proved, Gone: l.Gone, Mangled: l.Raw != "", Raw: l.Raw}
		if l.Act != "" {
			row.Hour, row.Act, row.Case = u.hour(v.T, l.Hour), orElse(v.T.Ledger.Acts[l.Act], l.Act), l.Case
			row.Who = orElse(l.Name, orElse(v.T.Ledger.Actors[l.Actor], l.Actor))
			if len(row.Case) > 8 {
				row.Case = row.Case[:8]
			}
			detail := l.Detail()
			for _, k := range sortedKeys(detail) {
				row.Detail = append(row.Detail, choice{orElse(v.T.Ledger.Details[k], k), u.detailOf(v.T, k, detail[k])})
			}
		}
		v.Rows = append(v.Rows, row)
	}
	if v.Skip > 0 {
		v.Newer = max(0, v.Skip-auditStep)
	}
	if v.Skip+len(rows) < v.Total {
		v.Older = v.Skip + auditStep
	}
	reads := u.desk.LedgerReads(f)
	for _, c := range reads[:min(len(reads), auditStep)] {
		v.Reads = append(v.Reads, auditReads{
			Day: time.Unix(int64(c.Day)*3600, 0).UTC().Format(time.DateOnly), Who: orElse(c.Name, c.Actor), Opened: c.Opened, Openings: c.Openings,
			Replies: c.Replies, Acts: c.Acts, Located: c.Located, Fetched: c.Fetched, Alarms: c.Alarms,
		})
	}
	if v.Case == "" {
		return
	}
	for _, c := range u.desk.LedgerReaders(f) {
		v.Readers = append(v.Readers, auditReader{
			Who: orElse(c.Name, c.Actor), Times: c.Times, First: u.hour(v.T, c.First), Last: u.hour(v.T, c.Last),
		})
	}
}

// detailOf names the people and wires that an entry binds.
func (u *UI) detailOf(t *texts, key, value string) string {
	switch key {
	case "wire":
		return orElse(t.Watch.Wires[hotline.Wire(value)], value)
	case "who":
		for _, p := range u.desk.People() {
			if p.ID == value {
				return p.Name
			}
		}
	}
	return value
}

// checkpointFile hands out the checkpoint that this desk keeps.
func (u *UI) checkpointFile(w http.ResponseWriter, r *http.Request) {
	st := u.desk.Ledger()
	if len(st.Checkpoint) == 0 {
		u.fail(w, r, hotline.Errorf(hotline.KindNotFound, "journal", "no checkpoint is known yet"))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="checkpoint-`+strconv.FormatInt(st.Size, 10)+`.txt"`)
	_, _ = w.Write(st.Checkpoint) // the browser is gone: nobody is left to tell
}
