package ui

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func (f *fakeDesk) Addresses() (desk.AddressesView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := f.addresses
	if v.Waits == nil {
		v.Wanted = v.InForce
	}
	return v, nil
}

func (f *fakeDesk) SetAddresses(_ context.Context, list []seal.ChannelAddress) (*desk.Waiting, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	said := "addresses"
	for _, a := range list {
		said += " " + string(a.Channel) + ":" + a.Address
	}
	f.calls = append(f.calls, said)
	return f.addresses.Waits, f.err
}

var listed = []seal.ChannelAddress{
	{Channel: hotline.ChannelTelegram, Address: "@example_bot"}, {Channel: hotline.ChannelPhone, Address: "+380 44 123 45 67"},
}

// published is an administrator's desk of a house that lists addresses.
func published() *fakeDesk {
	f := supervised()
	f.addresses.InForce = listed
	return f
}

// relisting is a house of two in which a change of the list waits: a bot goes,
// a page comes.
func relisting(mine bool) func() *fakeDesk {
	return func() *fakeDesk {
		f := published()
		f.addresses.Mine = mine
		f.addresses.Wanted = []seal.ChannelAddress{listed[1], {Channel: hotline.ChannelWeb, Address: "http://" + strings.Repeat("abcdefgh", 7) + ".onion"}}
		f.addresses.Waits = &desk.Waiting{ID: seal.Hash{0x78}, By: "Весна", For: []string{"Клен"}, Until: hoursAgo(-168)}
		return f
	}
}

// badAddress types what is no address.
func badAddress(w *tab) {
	w.fill("address", "example_bot\r")
	w.wait(`document.getElementById("wrong")`)
}

func TestAddressesPage(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		x := textsOf(lang).Addresses
		f := published()
		w := launched(t, newUI(t, f, lang))
		contains(t, lang, w.get("/addresses"), http.StatusOK, x.Intro, "@example_bot", "&#43;380 44 123 45 67", x.Kinds[hotline.ChannelPhone], x.RemoveText, x.AddDo)
		for _, form := range []url.Values{
			{"do": {"add"}, "channel": {"web"}, "address": {" https://example.org "}},
			{"do": {"remove"}, "channel": {"telegram"}, "address": {"@example_bot"}},
		} {
			if rec := w.post("/addresses/change", form); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/addresses?done=1" {
				t.Errorf("%s: %v: %d to %q", lang, form, rec.Code, rec.Header().Get("Location"))
			}
		}
		if got := f.called(); !slices.Equal(got, []string{
			"addresses telegram:@example_bot phone:+380 44 123 45 67 web:https://example.org", "addresses phone:+380 44 123 45 67",
		}) {
			t.Errorf("%s: did %q", lang, got)
		}
		contains(t, lang, w.get("/addresses?done=1"), http.StatusOK, x.Done)
		for name, form := range map[string]url.Values{
			"nothing": {}, "another act": {"do": {"change"}}, "not in the list": {"do": {"remove"}, "channel": {"web"}, "address": {"https://example.org"}},
		} {
			if rec := w.post("/addresses/change", form); rec.Code < 400 || len(f.called()) != 2 {
				t.Errorf("%s: %s is taken: %d", lang, name, rec.Code)
			}
		}
		f.set(func(f *fakeDesk) {
			f.err = hotline.Errorf(hotline.KindInvalid, "addresses", "a telephone number is + and 5 to 15 digits, with nothing but spaces between them")
		})
		contains(t, lang, w.post("/addresses/change", url.Values{"do": {"add"}, "channel": {"phone"}, "address": {"0800<1"}}), http.StatusUnprocessableEntity,
			x.Kept, `value="0800&lt;1"`, `<option value="phone" selected>`, `aria-invalid="true"`, "@example_bot")
		f.set(func(f *fakeDesk) {
			f.err, f.addresses = nil, desk.AddressesView{}
			f.st.Roles = []hotline.Role{hotline.RoleOperator}
		})
		page := w.get("/addresses")
		contains(t, lang, page, http.StatusOK, x.EmptyHead, x.EmptyText, x.Who)
		if strings.Contains(page.Body.String(), `action="/addresses/change"`) {
			t.Errorf("%s: an operator is offered to change the list", lang)
		}
	}
}

// What waits for the other administrator is shown beside what is in force. Who
// has proposed it goes on from there; the other one decides first.
func TestAddressesWait(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		x := textsOf(lang).Addresses
		f := relisting(true)()
		w := launched(t, newUI(t, f, lang))
		page := w.get("/addresses")
		contains(t, lang, page, http.StatusOK, x.Waits, "Клен", x.Replace, "<del>@example_bot</del>", x.Goes, x.Comes, x.Keep)
		contains(t, lang, w.get("/addresses?done=1"), http.StatusOK, x.Waits)
		if rec := w.post("/addresses/change", url.Values{"do": {"add"}, "channel": {"telegram"}, "address": {"@example_bot"}}); rec.Header().Get("Location") != "/addresses" {
			t.Errorf("%s: %d to %q", lang, rec.Code, rec.Header().Get("Location"))
		}
		onion := f.addresses.Wanted[1].Address
		if got := f.called(); !slices.Equal(got, []string{"addresses phone:+380 44 123 45 67 web:" + onion + " telegram:@example_bot"}) {
			t.Errorf("%s: did %q", lang, got)
		}
		other := launched(t, newUI(t, relisting(false)(), lang)).get("/addresses")
		contains(t, lang, other, http.StatusOK, x.Waits, x.DecideFirst, onion)
		if body := other.Body.String(); strings.Contains(body, `action="/addresses/change"`) || strings.Contains(body, x.Who) {
			t.Errorf("%s: the other administrator is offered to change what waits", lang)
		}
	}
}

// TestAddressesByKeyboard: an address is added and taken out without a mouse.
func TestAddressesByKeyboard(t *testing.T) {
	t.Parallel()
	f := published()
	f.st.Alarms, f.st.Blocked = 0, false
	w := browser(t)(t, serve(t, f, func(c *Config) { c.Language = "uk" }))
	w.launch("/people")
	w.settled()
	w.click(`a[href="/addresses"]`)
	w.wait(`location.pathname === "/addresses"`)
	w.settled()
	w.fill("address", "@another_bot\r")
	w.wait(`location.search === "?done=1" && !!document.querySelector(".okline")`)
	w.settled()
	eval[bool](w, `(document.querySelector("#addressespage summary").focus(), true)`)
	w.press("\r")
	w.wait(`document.querySelector("#addressespage details").open`)
	w.tabTo("remove-0")
	w.press("\r")
	f.awaitCall(t, "addresses phone:+380 44 123 45 67", w.settled)
	if got := f.called(); !slices.Equal(got, []string{
		"addresses telegram:@example_bot phone:+380 44 123 45 67 telegram:@another_bot", "addresses phone:+380 44 123 45 67",
	}) {
		t.Errorf("did %q", got)
	}
}
