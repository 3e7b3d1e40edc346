package ui

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
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
			ID: o.ID, Ref: u.refs.of(o.Case), Short: o.Case.Short(), Act: v.T.Acts[o.Act], Text: o.Text, At: u.moment(v.T, o.At),
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

type alarmRow struct {
	ID           string
	When         string
	Text         spoken
	Blocking     bool
	Ref          string
	Acknowledged bool
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

type leafRow struct {
	Index  int64
	Hour   string
	Actor  string
	Act    string
	Known  bool // Act is in words; otherwise it is the server's own short name
	Case   string
	Detail []leafDetail
	Gone   bool   // the opening has been let go: that it was done is all that is known
	Raw    string // when it is not the form that is expected
}

// leafDetail is one thing that an entry binds, in words where there are any.
type leafDetail struct {
	Name, Text string
	Words      bool // Text is in words; otherwise it is a number or a fingerprint
}

// leavesStep is how far "newer" and "older" go.
const leavesStep = 100

// journal shows what was done with power, for auditors and supervisors.
func (u *UI) journal(w http.ResponseWriter, r *http.Request) {
	v := struct {
		base
		Rows       []leafRow
		Size, From int64
		Older      int64 // -1: none
		Newer      int64 // -1: none
		Checkpoint string
		Why        string // nothing can be shown now
	}{base: u.base(r, "journal"), Older: -1, Newer: -1}
	st := u.desk.State()
	if !st.May(hotline.ActionJournalLeaves) {
		u.fail(w, r, hotline.Errorf(hotline.KindDenied, "journal", "auditors and supervisors read the journal"))
		return
	}
	v.Checkpoint = st.Checkpoint
	size, _, _ := strings.Cut(st.Checkpoint, " ")
	known, _ := strconv.ParseInt(size, 10, 64) // empty: from the beginning
	v.From = max(0, known-leavesStep)
	if n, err := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64); err == nil && n >= 0 {
		v.From = n
	}
	page, err := u.desk.LeavesPage(r.Context(), v.From)
	switch k := hotline.KindOf(err); {
	case err != nil && (k == hotline.KindUnavailable || k == hotline.KindUnknown || k == hotline.KindBusy):
		v.Why = v.T.Journal.Offline
	case err != nil:
		u.fail(w, r, err)
		return
	}
	names := map[string]string{}
	for _, p := range u.desk.People() {
		names[p.ID] = p.Name
	}
	v.Size = page.Size
	for _, l := range page.Leaves {
		v.Rows = append([]leafRow{u.leafRow(v.T, l.Index, l.Entry, names)}, v.Rows...)
	}
	if v.From > 0 {
		v.Older = max(0, v.From-leavesStep)
	}
	if end := v.From + int64(len(page.Leaves)); end < page.Size && len(page.Leaves) > 0 {
		v.Newer = end
	}
	u.page(w, r, http.StatusOK, "journal", v)
}

func (u *UI) leafRow(t *texts, index int64, line string, names map[string]string) leafRow {
	row := leafRow{Index: index}
	if line == "" {
		row.Gone = true
		return row
	}
	e, err := journal.ParseEntry([]byte(line))
	if err != nil {
		row.Raw = line
		return row
	}
	row.Hour = u.moment(t, time.Unix(e.Hour*3600, 0))
	row.Actor, row.Case = orElse(names[e.Actor], orElse(t.Ledger.Actors[e.Actor], e.Actor)), e.Case
	row.Act, row.Known = t.Ledger.Acts[e.Act], t.Ledger.Acts[e.Act] != ""
	row.Act = orElse(row.Act, e.Act)
	if len(row.Actor) > 16 && row.Actor == e.Actor {
		row.Actor = row.Actor[:16] + "…"
	}
	if len(row.Case) > 8 {
		row.Case = row.Case[:8]
	}
	for _, k := range sortedKeys(e.Detail) {
		d := leafDetail{Name: orElse(t.Ledger.Details[k], k)}
		d.Text, d.Words = u.bound(t, k, e.Detail[k], names)
		row.Detail = append(row.Detail, d)
	}
	return row
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
