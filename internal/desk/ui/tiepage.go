package ui

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func (u *UI) tieRoutes() []route {
	ready := []desk.Phase{desk.PhaseReady}
	return []route{
		{method: "POST", path: "/case/{ref}/find", phases: ready, act: true, needs: hotline.ActionRead, handle: u.findOther},
		{method: "GET", path: "/case/{ref}/with/{other}", phases: ready, act: true, needs: hotline.ActionRead, handle: u.bothCases},
		{method: "POST", path: "/case/{ref}/with/{other}/link", phases: ready, act: true, needs: hotline.ActionTie, handle: u.link},
		{method: "POST", path: "/case/{ref}/with/{other}/ask", phases: ready, act: true, needs: hotline.ActionTie, handle: u.askLink},
		{method: "POST", path: "/case/{ref}/with/{other}/merge", phases: ready, act: true, needs: hotline.ActionTie, handle: u.merge},
		{method: "POST", path: "/case/{ref}/with/{other}/undo", phases: ready, act: true, needs: hotline.ActionTie, handle: u.untie},
		{method: "POST", path: "/case/{ref}/split", phases: ready, act: true, needs: hotline.ActionTie, handle: u.split},
	}
}

// tieView is how a case stands to another, as the page draws it.
type tieView struct {
	Ref    string // of the other; empty when it is gone
	Title  string
	Short  string
	Kind   string // in words
	State  string // in words; empty while both say so
	Bad    bool
	Meta   string // since when, by whom, how it is known
	Left   string // how long it can be undone
	May    bool
	Merged bool
	Link   bool
	Split  bool
}

// doorView is a way to the person.
type doorView struct {
	Ref     string
	Name    string
	Chosen  bool
	DeskSeq int64
	WhyNot  spoken
}

// tieViews fills in what a case has to do with others.
func (u *UI) tieViews(t *texts, v *caseView, c desk.CaseView) {
	v.MayTie = u.desk.State().May(hotline.ActionTie) && !c.Folded
	for _, x := range c.Ties {
		tv := u.tieView(t, x)
		v.Ties = append(v.Ties, tv)
		switch {
		case x.State != desk.TieBoth || x.Kind != seal.TieMerge:
		case x.Case == c.PartOf:
			v.PartOf = &tv
		default:
			v.Joined = append(v.Joined, tv)
		}
	}
	for i, d := range c.Doors {
		dv := doorView{Ref: u.refs.of(d.Case), Name: t.Channels[d.Channel] + " · " + d.Case.Short(), Chosen: i == 0, DeskSeq: d.DeskSeq, WhyNot: t.say(d.WhyNot)}
		if i == 0 && len(c.Doors) > 1 {
			dv.Name += " (" + t.Ties.DoorLast + ")"
		}
		v.Doors = append(v.Doors, dv)
	}
	if len(v.Doors) == 1 && c.Doors[0].Case == c.ID {
		v.Doors = nil // no choice, and nothing to say
	}
}

func (u *UI) tieView(t *texts, x desk.TieView) tieView {
	side := ""
	if x.Kind != seal.TieLink {
		side = "-part"
		if x.Main {
			side = "-main"
		}
	}
	v := tieView{
		Short: x.Case.Short(), Title: t.Ties.GoneCase, Kind: t.Ties.Kinds[x.Kind+side], Meta: t.Ties.Since + " " + u.hour(t, x.Hour) + " · " + x.By,
		May: x.Undo, Merged: x.Kind == seal.TieMerge, Link: x.Kind == seal.TieLink, Split: x.Kind == seal.TieSplit,
	}
	if how := t.Ties.How[x.How]; how != "" {
		v.Meta += " · " + how
	}
	if x.State != desk.TieGone {
		v.Ref, v.Title = u.refs.of(x.Case), orElse(x.Row.Title, x.Row.Short)
	}
	if x.State != desk.TieBoth {
		v.State, v.Bad = t.Ties.States[string(x.State)], x.State == desk.TieHalf
		return v
	}
	if left := int(x.Until - hotline.HourOf(u.clock.Now())); left >= 0 {
		v.Left = fmt.Sprintf(t.Ties.Left, left)
	} else {
		v.Left = t.Ties.LeftOver
	}
	return v
}

// findOther lists cases that a channel code or words find.
func (u *UI) findOther(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	rows, _, _, err := u.find(r, desk.Filter{}, r.PostFormValue("text"))
	if err != nil {
		u.fail(w, r, err)
		return
	}
	v := struct {
		base
		Ref  string
		Rows []rowView
	}{base: u.base(r, "queue"), Ref: u.refs.of(id)}
	for _, row := range rows[:min(len(rows), 20)] {
		if row.ID != id {
			v.Rows = append(v.Rows, u.rowView(v.T, row))
		}
	}
	u.write(w, r, http.StatusOK, "work", "tiefound", v)
}

// besideView is one of two cases that are shown side by side.
type besideView struct {
	Head     string
	Ref      string
	Row      rowView
	Short    string
	Began    string
	Newest   string // when the person wrote last
	Text     string // what
	Language string
	Word     bool
	Count    int
	Doors    []string
}

type bothView struct {
	base
	Ref, Other string
	Sides      []besideView
	Tie        *tieView
	MayTie     bool
	HasWord    bool
}

// bothCases shows two cases side by side, and what can be done with them.
func (u *UI) bothCases(w http.ResponseWriter, r *http.Request) {
	id, other, err := u.two(r)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	v := bothView{base: u.base(r, "queue"), Ref: u.refs.of(id), Other: u.refs.of(other), MayTie: u.desk.State().May(hotline.ActionTie)}
	for i, one := range []hotline.CaseID{id, other} {
		c, err := u.desk.Case(r.Context(), one)
		if err == nil {
			err = u.desk.Opened(one) // a reading of each
		}
		if err != nil {
			u.fail(w, r, err)
			return
		}
		v.Sides = append(v.Sides, u.beside(v.T, c, []string{v.T.Ties.This, v.T.Ties.Other}[i]))
		v.HasWord = v.HasWord || c.WordSet
		if i > 0 {
			continue
		}
		if at := slices.IndexFunc(c.Ties, func(x desk.TieView) bool { return x.Case == other }); at >= 0 {
			tv := u.tieView(v.T, c.Ties[at])
			v.Tie = &tv
		}
	}
	u.page(w, r, http.StatusOK, "tie", v)
}

func (u *UI) beside(t *texts, c desk.CaseView, head string) besideView {
	b := besideView{Head: head, Ref: u.refs.of(c.ID), Row: u.rowView(t, c.Row), Short: c.Short, Began: u.hour(t, c.Created), Word: c.WordSet, Count: len(c.Messages)}
	for _, m := range slices.Backward(c.Messages) {
		if m.Side != hotline.SideDesk && m.Verified {
			b.Newest, b.Text, b.Language = u.hour(t, m.Hour), orElse(m.Text, t.Chats.Events[m.Chat.Event]), m.Language
			break
		}
	}
	for _, d := range c.Doors {
		b.Doors = append(b.Doors, t.Channels[d.Channel])
	}
	if len(b.Doors) == 0 {
		b.Doors = []string{t.Channels[c.Channel]}
	}
	return b
}

// two are the two cases of the address.
func (u *UI) two(r *http.Request) (id, other hotline.CaseID, err error) {
	if id, err = u.caseOf(r); err == nil {
		other, err = u.refs.id(r.PathValue("other"))
	}
	return id, other, err
}

// onTwo runs an act on two cases and shows the case that goes on.
func (u *UI) onTwo(w http.ResponseWriter, r *http.Request, act func(ctx context.Context, id, other hotline.CaseID) (hotline.CaseID, error)) {
	id, other, err := u.two(r)
	next := id
	if err == nil {
		next, err = act(r.Context(), id, other)
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/case/"+u.refs.of(next))
}

func (u *UI) link(w http.ResponseWriter, r *http.Request) {
	id, other, err := u.two(r)
	if err == nil {
		_, err = u.desk.Link(r.Context(), id, other, r.PostFormValue("said"))
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/case/"+u.refs.of(id)+"/with/"+u.refs.of(other)) // where it can be merged
}

func (u *UI) askLink(w http.ResponseWriter, r *http.Request) {
	id, other, err := u.two(r)
	if err == nil {
		err = u.desk.ProposeLink(r.Context(), id, other, r.PostFormValue("reason"))
	}
	u.proposed(w, r, err)
}

func (u *UI) merge(w http.ResponseWriter, r *http.Request) {
	u.onTwo(w, r, func(ctx context.Context, id, other hotline.CaseID) (hotline.CaseID, error) {
		main := id
		switch r.PostFormValue("main") {
		case "this":
		case "other":
			main = other
		default:
			return id, hotline.Errorf(hotline.KindInvalid, "merge", "the page is incomplete: load it again")
		}
		_, err := u.desk.Merge(ctx, id, other, main)
		return main, err
	})
}

func (u *UI) untie(w http.ResponseWriter, r *http.Request) {
	u.onTwo(w, r, func(ctx context.Context, id, other hotline.CaseID) (hotline.CaseID, error) {
		_, err := u.desk.Untie(ctx, id, other)
		return id, err
	})
}

// split lets people of a case leave into one of their own, and shows it.
func (u *UI) split(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	var n int
	if err == nil {
		if n, err = strconv.Atoi(strings.TrimSpace(r.PostFormValue("people"))); err != nil {
			err = hotline.Errorf(hotline.KindInvalid, "split", "that is no number of people")
		}
	}
	var child hotline.CaseID
	if err == nil {
		child, err = u.desk.Split(r.Context(), id, desk.Parting{People: n, Title: r.PostFormValue("title"), Text: typed(r)})
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.goTo(w, r, "/case/"+u.refs.of(child))
}
