package ui

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// journalStep is how many entries are drawn at once.
const journalStep = 100

// journalPatience is how long a page waits for what was added to the journal; the
// rest is read while the page shows how far it is.
const journalPatience = 400 * time.Millisecond

type journalRow struct {
	Index                 int64
	Hour, Who, Act, Case  string
	Raw                   string
	Known                 bool // Act is in words; otherwise it is the server's own short name
	Proved, Gone, Mangled bool
	Detail                []journalDetail
}

// journalDetail is one thing that an entry binds, in words where there are any.
type journalDetail struct {
	Name, Text string
	Words      bool // Text is in words; otherwise it is a number or a fingerprint
}

type readsRow struct {
	Day, Who                                                  string
	Opened, Openings, Replies, Acts, Located, Fetched, Alarms int
}

type readerRow struct {
	Who, First, Last string
	Times            int
}

type journalView struct {
	base
	State       desk.LedgerState
	Fault       string
	Checked     string
	Rows        []journalRow
	Total       int
	Skip        int
	Older       int // -1: none
	Newer       int // -1: none
	Reads       []readsRow
	Readers     []readerRow
	People      []choice
	Acts        []choice
	Who, Act    string
	Case, Day   string
	WrongFilter bool
}

// journal is the auditor's page: the journal as this desk has checked it. What is
// asked for comes in a form: an address must not tell which case was looked at.
func (u *UI) journal(w http.ResponseWriter, r *http.Request) {
	v := journalView{base: u.base(r, "journal"), Older: -1, Newer: -1}
	if err := u.desk.ReadLedger(journalPatience); err != nil && hotline.KindOf(err) == hotline.KindDenied {
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
		u.fillJournal(&v, f)
	}
	if byHTMX(r) {
		u.write(w, r, http.StatusOK, "journal", "ledger", v)
		return
	}
	u.page(w, r, http.StatusOK, "journal", v)
}

// filter reads the form; false: it cannot be taken.
func (v journalView) filter() (desk.LedgerFilter, bool) {
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

func (u *UI) fillJournal(v *journalView, f desk.LedgerFilter) {
	var rows []desk.LedgerRow
	rows, v.Total = u.desk.LedgerPage(f, v.Skip, journalStep)
	names := map[string]string{}
	for _, p := range v.People {
		names[p.Value] = p.Text
	}
	for _, l := range rows {
		v.Rows = append(v.Rows, u.journalRow(v.T, l, names))
	}
	if v.Skip > 0 {
		v.Newer = max(0, v.Skip-journalStep)
	}
	if v.Skip+len(rows) < v.Total {
		v.Older = v.Skip + journalStep
	}
	reads := u.desk.LedgerReads(f)
	for _, c := range reads[:min(len(reads), journalStep)] {
		v.Reads = append(v.Reads, readsRow{
			Day: time.Unix(int64(c.Day)*3600, 0).UTC().Format(time.DateOnly), Who: orElse(c.Name, c.Actor), Opened: c.Opened, Openings: c.Openings,
			Replies: c.Replies, Acts: c.Acts, Located: c.Located, Fetched: c.Fetched, Alarms: c.Alarms,
		})
	}
	if v.Case == "" {
		return
	}
	for _, c := range u.desk.LedgerReaders(f) {
		v.Readers = append(v.Readers, readerRow{
			Who: orElse(c.Name, c.Actor), Times: c.Times, First: u.hour(v.T, c.First), Last: u.hour(v.T, c.Last),
		})
	}
}

func (u *UI) journalRow(t *texts, l desk.LedgerRow, names map[string]string) journalRow {
	row := journalRow{Index: l.Index, Proved: l.Proved, Gone: l.Gone, Mangled: l.Raw != "", Raw: l.Raw}
	if l.Act == "" {
		return row
	}
	row.Hour, row.Case = u.hour(t, l.Hour), l.Case[:min(len(l.Case), 8)]
	row.Act, row.Known = t.Ledger.Acts[l.Act], t.Ledger.Acts[l.Act] != ""
	row.Act = orElse(row.Act, l.Act)
	row.Who = orElse(l.Name, orElse(t.Ledger.Actors[l.Actor], l.Actor))
	detail := l.Detail()
	for _, k := range sortedKeys(detail) {
		d := journalDetail{Name: orElse(t.Ledger.Details[k], k)}
		d.Text, d.Words = u.bound(t, k, detail[k], names)
		row.Detail = append(row.Detail, d)
	}
	return row
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

// bound puts what an entry binds into words. Fingerprints and numbers, and
// names that the catalog does not know, stay as they are.
func (u *UI) bound(t *texts, name, value string, names map[string]string) (text string, words bool) {
	each := func(list string, of string) string {
		var out []string
		for w := range strings.SplitSeq(list, ",") {
			if w != "" {
				out = append(out, t.term(hotline.Term{Of: of, Name: w}))
			}
		}
		return strings.Join(out, ", ")
	}
	if text, words = t.Ledger.Values[name+"="+value]; words {
		return text, true
	}
	switch name {
	case "wire":
		text = t.Watch.Wires[hotline.Wire(value)]
	case "team", "teams":
		text = each(value, hotline.OfTeam)
	case "document":
		text = each(value, hotline.OfDocument)
	case "kind":
		text = each(value, hotline.OfAct)
	case "grants":
		roles, teams, _ := strings.Cut(value, ";")
		text = each(roles, hotline.OfRole) + "; " + each(teams, hotline.OfTeam)
	case "stage":
		text = each(value, hotline.OfStage)
	case "holder", "who":
		text = orElse(names[value], t.Ledger.Actors[value])
	case "expires", "hour": // in hours; an invitation expires at a millisecond
		switch n, err := strconv.ParseInt(value, 10, 64); {
		case err != nil || n < 0:
		case n < 1<<31:
			text = u.hour(t, hotline.Hour(n))
		default:
			text = u.moment(t, time.UnixMilli(n))
		}
	}
	return orElse(text, value), text != ""
}
