package ui

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/desk"
)

// The desk program itself is what the pages need.
var _ Desk = (*desk.Desk)(nil)

// TestLiveFeed: a notice names a case by its reference, and nothing more of it
// goes over the feed; a desk that shuts down ends it.
func TestLiveFeed(t *testing.T) {
	t.Parallel()
	f := busy()
	u := serve(t, f, nil)
	w := carried(t, u)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+u.address+"/live", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(w)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("headers = %v", res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	read := func() string {
		var got []string
		for lines.Scan() && lines.Text() != "" {
			got = append(got, lines.Text())
		}
		return strings.Join(got, "|")
	}
	if got := read(); got != "event: state|data: -" {
		t.Errorf("at first %q", got)
	}
	for _, c := range []struct {
		n    desk.Notice
		want string
	}{
		{desk.Notice{Kind: desk.NoticeCase, Case: caseID(1)}, "event: case|data: " + u.refs.of(caseID(1))},
		{desk.Notice{Kind: desk.NoticeQueue}, "event: queue|data: -"},
		{desk.Notice{Kind: desk.NoticeState}, "event: state|data: -"},
	} {
		f.broadcast(c.n)
		if got := read(); got != c.want {
			t.Errorf("%v made %q", c.n.Kind, got)
		}
	}
	u.hub.poke()
	if got := read(); got != "event: state|data: -" {
		t.Errorf("a renewal made %q", got)
	}
	stop()
	if lines.Scan() || !errors.Is(lines.Err(), context.Canceled) {
		t.Errorf("after the end: %q, %v", lines.Text(), lines.Err())
	}
}

// carried spends a launch address over the network.
func carried(t *testing.T, u *UI) *http.Cookie {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.LaunchURL(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 {
		t.Fatalf("launch = %d", res.StatusCode)
	}
	return res.Cookies()[0]
}

// TestServeNeedsItsAddress: pages that answer under another address than they
// were made for would refuse everybody, or worse.
func TestServeNeedsItsAddress(t *testing.T) {
	t.Parallel()
	u := newUI(t, newFake(), "en")
	l, err := listen(t)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := u.Serve(t.Context(), l); err == nil {
		t.Error("a listener of another address was accepted")
	}
}
