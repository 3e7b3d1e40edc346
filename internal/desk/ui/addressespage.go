package ui

import (
	"net/http"
	"slices"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// addressRow is a line of the list: in force, or proposed.
type addressRow struct {
	Channel hotline.Channel
	Kind    string
	Address string
	Comes   bool // waits for the other administrator
	Goes    bool // its end waits for the other administrator
}

type addressesView struct {
	base
	Rows   []addressRow
	Kinds  []choice
	Waits  string // for whom, until when
	Change bool   // this person may change the list now
	Decide bool   // this person's answer to the waiting change is asked first
	Done   bool
	// What was typed and is not an address, and why.
	Wrong spoken
	Typed seal.ChannelAddress
}

// addressRoutes is the list that people compare with.
func (u *UI) addressRoutes() []route {
	ready := []desk.Phase{desk.PhaseReady}
	return []route{
		{method: "GET", path: "/addresses", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.addressesPage},
		{method: "POST", path: "/addresses/change", phases: ready, act: true, needs: hotline.ActionPublish, handle: u.changeAddresses},
	}
}

// addressesPage shows what people compare a bot, a number or a page with.
func (u *UI) addressesPage(w http.ResponseWriter, r *http.Request) {
	v := addressesView{base: u.base(r, "addresses"), Done: r.URL.Query().Get("done") == "1"}
	u.showAddresses(w, r, v)
}

func (u *UI) showAddresses(w http.ResponseWriter, r *http.Request, v addressesView) {
	a, err := u.desk.Addresses()
	if err != nil {
		u.fail(w, r, err)
		return
	}
	kinds := v.T.Addresses.Kinds
	row := func(x seal.ChannelAddress) addressRow {
		return addressRow{Channel: x.Channel, Kind: orElse(kinds[x.Channel], string(x.Channel)), Address: x.Address}
	}
	for _, x := range a.InForce {
		line := row(x)
		line.Goes = !slices.Contains(a.Wanted, x)
		v.Rows = append(v.Rows, line)
	}
	for _, x := range a.Wanted {
		if !slices.Contains(a.InForce, x) {
			line := row(x)
			line.Comes = true
			v.Rows = append(v.Rows, line)
		}
	}
	for _, c := range addressChannels() {
		v.Kinds = append(v.Kinds, choice{string(c), kinds[c]})
	}
	administrator := u.desk.State().May(hotline.ActionPublish)
	v.Waits = u.waits(v.T, a.Waits)
	v.Change = administrator && (a.Waits == nil || a.Mine)
	v.Decide = administrator && !v.Change
	status := http.StatusOK
	if v.Wrong.Text != "" {
		status = http.StatusUnprocessableEntity
	}
	u.page(w, r, status, "addresses", v)
}

// addressChannels are the doors that have an address.
func addressChannels() []hotline.Channel {
	return []hotline.Channel{hotline.ChannelTelegram, hotline.ChannelPhone, hotline.ChannelWeb}
}

// changeAddresses adds an address to the list or takes one out of it: of the
// list as it will be, so that two changes in a row do not undo each other.
func (u *UI) changeAddresses(w http.ResponseWriter, r *http.Request) {
	a, err := u.desk.Addresses()
	if err != nil {
		u.fail(w, r, err)
		return
	}
	form := seal.ChannelAddress{Channel: hotline.Channel(r.PostFormValue("channel")), Address: strings.TrimSpace(r.PostFormValue("address"))}
	list, at := slices.Clone(a.Wanted), slices.Index(a.Wanted, form)
	do := r.PostFormValue("do")
	switch {
	case do == "add":
		list = append(list, form)
	case do != "remove":
		err = hotline.Errorf(hotline.KindInvalid, "addresses", "the page is incomplete: load it again")
	case at < 0:
		err = hotline.Errorf(hotline.KindNotFound, "addresses", "this address is not in the list any more: look at it again")
	default:
		list = slices.Delete(list, at, at+1)
	}
	var waits *desk.Waiting
	if err == nil {
		waits, err = u.desk.SetAddresses(r.Context(), list)
	}
	switch {
	case err == nil && waits == nil:
		u.goTo(w, r, "/addresses?done=1")
	case err == nil:
		u.goTo(w, r, "/addresses")
	case do == "add" && hotline.KindOf(err) == hotline.KindInvalid:
		v := addressesView{base: u.base(r, "addresses"), Typed: form}
		v.Wrong = v.T.sayError(err)
		u.showAddresses(w, r, v)
	default:
		u.fail(w, r, err)
	}
}
