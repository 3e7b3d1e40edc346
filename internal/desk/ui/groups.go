package ui

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

var errNoGroup = hotline.Errorf(hotline.KindInvalid, "group", "the page is incomplete: load it again")

const (
	// smallestGroup is how many of the cases that are listed must say nearly
	// the same to be drawn as one row.
	smallestGroup = 3
	// maxMembers bounds what is drawn of an unfolded group.
	maxMembers = 100
)

// groupView is messages that say nearly the same, drawn as one row. It stands
// where its first member stands, and shows that member.
type groupView struct {
	Number  int64
	Head    string
	Open    bool
	Members []rowView
	More    int
}

// bulkView is an act on a group as the list shows it.
type bulkView struct {
	desk.BulkView
	Ask    bool   // just planned: the question takes the focus
	Head   string // what is asked, under way, or done
	Detail string
	Why    spoken
	All    int // of the progress
	Now    int
}

// fold draws the cases of a group as one row, in the place of the first of
// them, and everything else as it is. It returns what there is room for, and
// how many rows there would be.
func (u *UI) fold(t *texts, rows []desk.Row, unfolded string, draw func(desk.Row) rowView) (out []rowView, total int) {
	size := map[int64]int{}
	for _, r := range rows {
		size[r.Group]++
	}
	open := strings.Fields(unfolded)
	groups := map[int64]*groupView{}
	for _, r := range rows {
		alone := r.Group == 0 || size[r.Group] < smallestGroup
		g := groups[r.Group]
		if alone || g == nil {
			if total++; total > maxRows {
				continue
			}
			out = append(out, draw(r))
		}
		if alone || total > maxRows && g == nil {
			continue
		}
		if g == nil {
			g = &groupView{
				Number: r.Group, Head: fmt.Sprintf(t.Flood.Head, size[r.Group]),
				Open: slices.Contains(open, strconv.FormatInt(r.Group, 10)),
			}
			groups[r.Group], out[len(out)-1].Group = g, g
		}
		switch {
		case !g.Open:
		case len(g.Members) < maxMembers:
			g.Members = append(g.Members, draw(r))
		default:
			g.More++
		}
	}
	return out, total
}

// bulkButton does something with the act on a group that is shown.
type bulkButton struct {
	ID         int64
	Verb, Text string
	Focus      bool
	Class      string
}

func newBulkButton(id int64, verb, text string, focus bool, class string) bulkButton {
	return bulkButton{id, verb, text, focus, class}
}

// bulkNow is what the list shows of an act on a group, nil for none.
func (u *UI) bulkNow(t *texts) *bulkView {
	b := u.desk.Bulk()
	if b.State == "" {
		return nil
	}
	v := &bulkView{BulkView: b, Why: t.say(b.Why)}
	x := t.Flood
	switch b.State {
	case desk.BulkPlanned:
		v.Head, v.Detail = fmt.Sprintf(x.AskUnfounded, b.Total), x.EachUnfounded
		if b.Act == desk.BulkCalm {
			v.Head, v.Detail = fmt.Sprintf(x.AskCalm, b.Total), x.EachCalm
		}
	case desk.BulkRunning:
		v.Now, v.All = b.Done+b.Left, b.Total
		v.Head = fmt.Sprintf(x.Running, v.Now, v.All)
	case desk.BulkUndoing:
		v.Now, v.All = b.Back, b.Done
		v.Head = fmt.Sprintf(x.Undoing, v.Now, v.All)
	case desk.BulkDone:
		v.Head = fmt.Sprintf(x.Done, b.Done, b.Total)
		if b.Left > 0 {
			v.Detail = fmt.Sprintf(x.Left, b.Left)
		}
	case desk.BulkUndone:
		v.Head = fmt.Sprintf(x.Undone, b.Back, b.Done)
	}
	return v
}

// planBulk asks whether an act on a group is meant, with the number of cases.
func (u *UI) planBulk(w http.ResponseWriter, r *http.Request) {
	group, err := strconv.ParseInt(r.PostFormValue("group"), 10, 64)
	if err == nil {
		_, err = u.desk.PlanBulk(group, desk.BulkAct(r.PostFormValue("act")))
	} else {
		err = errNoGroup
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.drawQueue(w, r, true)
}

// onBulk starts, stops or takes back the act on a group that the page shows.
func (u *UI) onBulk(act func(Desk, int64) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PostFormValue("bulk"), 10, 64)
		if err == nil {
			err = act(u.desk, id)
		} else {
			err = errNoGroup
		}
		if err != nil {
			u.fail(w, r, err)
			return
		}
		u.drawQueue(w, r, false)
	}
}
