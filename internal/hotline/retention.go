package hotline

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Day is a day counted from the Unix epoch, in UTC. What is left of a case that
// has ended carries days: no hour of anybody's life.
type Day int64

// Day returns the day in which the hour lies.
func (h Hour) Day() Day {
	if h < 0 {
		return Day((h - 23) / 24)
	}
	return Day(h / 24)
}

// Hour returns the first hour of the day.
func (d Day) Hour() Hour { return Hour(d) * 24 }

// FieldNoteDays is how many days a position is kept: who moves towards a line
// has moved on by then, and what is left would show a thief where he lives.
const FieldNoteDays Day = 3

// Keeping says how long a case that has ended is kept, in days after the day
// on which it ended.
type Keeping struct {
	// Fold is the grace: until then the person may come back. Then the case is
	// folded: everything signed in the clear is sealed to the case's own key,
	// hours become days, the person's door (look-up id, keys, channel code,
	// copies of replies) goes, and the journal's entries of it lose their words.
	Fold int `json:"fold"`
	// Whole is when the rest goes: rows, keys, sealed files, objects.
	Whole int `json:"whole"`
}

// Retention is the one table of how long anything of a person is kept. Exact
// times are not in it: they live only while somebody waits, whatever it says.
type Retention struct {
	Closed    Keeping `json:"closed"`
	Referred  Keeping `json:"referred"`
	Withdrawn Keeping `json:"withdrawn"`
	Unfounded Keeping `json:"unfounded"`
	Silence   int     `json:"silence"` // days of silence on standby until a supervisor is asked
	Again     int     `json:"again"`   // days until a supervisor who kept the case is asked again
	Reads     int     `json:"reads"`   // days that the journal's words about reading and removing are kept
	Trace     int     `json:"trace"`   // days for which desks that were away can learn that a case was removed
	Epoch     int     `json:"epoch"`   // days after which a team gets a new key
	Undo      int     `json:"undo"`    // days in which who may link, merge and split cases may undo it
}

// DefaultRetention is in force until two people change it; the reasons stand in
// [Retention.Lines].
func DefaultRetention() Retention {
	return Retention{
		Closed:    Keeping{Fold: 30, Whole: 180},
		Referred:  Keeping{Fold: 30, Whole: 90},
		Withdrawn: Keeping{Fold: 90, Whole: 180},
		Unfounded: Keeping{Fold: 30, Whole: 90},
		Silence:   365, Again: 180, Reads: 30, Trace: 90, Epoch: 90, Undo: 7,
	}
}

// Of returns how long a case that ended in a stage is kept. It reports false
// for an open stage: no clock ends an open case.
func (r Retention) Of(s Stage) (Keeping, bool) {
	switch s {
	case StageClosed:
		return r.Closed, true
	case StageReferred:
		return r.Referred, true
	case StageWithdrawn:
		return r.Withdrawn, true
	case StageUnfounded:
		return r.Unfounded, true
	default:
		return Keeping{}, false
	}
}

// EndStages are the stages in which nobody has anything more to do.
func EndStages() []Stage {
	return slices.DeleteFunc(Stages(), func(s Stage) bool { return s.Open() })
}

// FoldBy returns the last day of ending whose cases are to be folded today, and
// WholeBy the last whose cases are to be removed. Whole days: the hour at which
// something goes must not tell the hour at which it ended.
func (k Keeping) FoldBy(today Day) Day { return today - Day(k.Fold) - 1 }

// WholeBy is described at FoldBy.
func (k Keeping) WholeBy(today Day) Day { return today - Day(k.Whole) - 1 }

// envelopeDays is for how long an envelope that was sent once can be sent
// again and is taken (docs/sealing.md §7): a removed case must be remembered longer.
const envelopeDays = 15

// RetentionLine is a row of the table as people read it.
type RetentionLine struct {
	Key      string // as in JSON, "closed.fold"
	What     string
	Value    int // days
	Min, Max int // days
	Why      string
}

// Lines returns the table in order, with bounds and reasons. It is the one
// place that they stand in; docs/retention.md and the desk's page are made of it.
func (r Retention) Lines() []RetentionLine {
	const year = 366
	end := func(key, name string, k Keeping, fold, whole string) []RetentionLine {
		return []RetentionLine{
			{key + ".fold", name + ": hours, the person's door, words of the journal", k.Fold, 7, year, fold},
			{key + ".whole", name + ": everything that is left", k.Whole, k.Fold + 1, 5 * year, whole},
		}
	}
	least := min(r.Closed.Fold, r.Referred.Fold, r.Withdrawn.Fold, r.Unfounded.Fold)
	return slices.Concat(
		end("closed", "Closed", r.Closed,
			"A question may still come after everything is settled; a month covers it.",
			"Half a year for a complaint, an inquiry, a family that asks; then nothing is left to seize."),
		end("referred", "Referred", r.Referred,
			"If the other service does not take him, he comes back within weeks.",
			"The other service has the case; ours only has to outlive its questions."),
		end("withdrawn", "Withdrawn", r.Withdrawn,
			"Fear goes up and down: who withdraws often comes back within a season.",
			"After two quiet seasons a new case is safer than an old one."),
		end("unfounded", "Unfounded", r.Unfounded,
			"A mistake of ours can be put right for a month.",
			"Long enough to see a pattern of probes; a frightened person may have been judged wrongly, so not longer."),
		[]RetentionLine{
			{
				"silence", "On standby without a sign of life: a supervisor is asked", r.Silence, 30, 3 * year,
				"People come back after months. Nothing closes by itself; after a year somebody has to look.",
			},
			{"again", "Kept at the review: asked again", r.Again, 30, year, "Twice a year is often enough to think of one person."},
			{
				"reads", "Journal: words of reading and removing", r.Reads, 7, least,
				"They name several cases at once, so they must be gone when the first of these cases is folded.",
			},
			{
				"trace", "That a case was removed", r.Trace, envelopeDays, year,
				"A desk that was away for a quarter still learns what to delete, and an old envelope brings nothing back.",
			},
			{
				"epoch", "A team's key before the next one", r.Epoch, 7, year,
				"What is lost with a destroyed key is at most a quarter of the work, and old backups go with it.",
			},
			{
				"undo", "Cases linked, merged or split: anybody of the desk may undo it", r.Undo, 1, 90,
				"A mistake shows when the person writes again, mostly within days; later a supervisor looks first.",
			},
		},
	)
}

// Check refuses a table out of its bounds, and says which line and why.
func (r Retention) Check() error {
	for _, l := range r.Lines() {
		if l.Value < l.Min || l.Value > l.Max {
			return Errorf(KindInvalid, "retention", "%s: %d days is out of bounds, %d to %d are allowed; nothing was changed", l.Key, l.Value, l.Min, l.Max)
		}
	}
	return nil
}

// Set returns the table with one line changed.
func (r Retention) Set(key string, days int) (Retention, error) {
	fields := map[string]*int{
		"closed.fold": &r.Closed.Fold, "closed.whole": &r.Closed.Whole, "referred.fold": &r.Referred.Fold, "referred.whole": &r.Referred.Whole,
		"withdrawn.fold": &r.Withdrawn.Fold, "withdrawn.whole": &r.Withdrawn.Whole, "unfounded.fold": &r.Unfounded.Fold, "unfounded.whole": &r.Unfounded.Whole,
		"silence": &r.Silence, "again": &r.Again, "reads": &r.Reads, "trace": &r.Trace, "epoch": &r.Epoch, "undo": &r.Undo,
	}
	p, ok := fields[key]
	if !ok {
		return r, Errorf(KindInvalid, "retention", "there is no line %q", key)
	}
	*p = days
	return r, nil
}

// Markdown returns the table for docs/retention.md.
func (r Retention) Markdown() string {
	var b strings.Builder
	b.WriteString("| line | what goes | days | allowed | why |\n|---|---|---|---|---|\n")
	for _, l := range r.Lines() {
		fmt.Fprintf(&b, "| `%s` | %s | %d | %d – %d | %s |\n", l.Key, l.What, l.Value, l.Min, l.Max, l.Why)
	}
	return b.String()
}

// Difference says in which lines two tables differ: "closed.fold 30 → 14".
func (r Retention) Difference(next Retention) []string {
	var out []string
	to := next.Lines()
	for i, l := range r.Lines() {
		if cmp.Compare(l.Value, to[i].Value) != 0 {
			out = append(out, l.Key+" "+strconv.Itoa(l.Value)+" → "+strconv.Itoa(to[i].Value))
		}
	}
	return out
}
