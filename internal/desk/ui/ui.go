package ui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// Config is what the pages need.
type Config struct {
	Desk     Desk
	Address  string         // of the listener: "127.0.0.1:port", and nothing else is answered
	Language string         // "uk", "ru" or "en" until the operator chooses; "": uk
	Theme    string         // "light", "dark" or "": as the system has it
	Log      *slog.Logger   // nil: nothing is logged
	Clock    Clock          // nil: the system's
	Location *time.Location // nil: the system's
	// Remember keeps the operator's choice of language and theme; nil: for
	// this process only. Nothing of it is kept in the browser.
	Remember func(language, theme string) error
	Training Training // nil: this is not an exercise
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// UI is the pages of one desk.
type UI struct {
	desk     Desk
	address  string
	log      *slog.Logger
	clock    Clock
	location *time.Location
	remember func(language, theme string) error
	training Training
	pages    *pages
	launches *launches
	refs     *refs
	hub      hub
	renewal  renewal

	mu       sync.Mutex
	language string
	theme    string
	same     bool                     // the newcomer has said that the fingerprints are the same
	differed bool                     // or that they are not
	dividers map[hotline.CaseID]place // where the unread part began when a case was opened
}

// New makes the pages. Its address must be known: see [Config.Address].
func New(c Config) (*UI, error) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil || host != "127.0.0.1" || port == "" || port == "0" {
		return nil, hotline.Errorf(hotline.KindInvalid, "desk pages", "the address must be 127.0.0.1 with a port")
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Location == nil {
		c.Location = time.Local
	}
	if !slices.Contains(languages(), c.Language) {
		c.Language = "uk"
	}
	if !slices.Contains(themes(), c.Theme) {
		c.Theme = ""
	}
	p, err := parsePages()
	if err != nil {
		return nil, err
	}
	return &UI{
		desk: c.Desk, address: c.Address, log: c.Log, clock: c.Clock, location: c.Location, remember: c.Remember, training: c.Training,
		pages: p, launches: newLaunches(c.Clock), refs: newRefs(),
		language: c.Language, theme: c.Theme, dividers: map[hotline.CaseID]place{},
	}, nil
}

// LaunchURL returns a new address that lets one browser in, once and for two
// minutes. A browser that was let in before is shown the door.
func (u *UI) LaunchURL() string {
	return "http://" + u.address + "/launch?token=" + u.launches.token()
}

// Serve answers on l until ctx ends. l must listen on [Config.Address].
func (u *UI) Serve(ctx context.Context, l net.Listener) error {
	if l.Addr().String() != u.address {
		return hotline.Errorf(hotline.KindInvalid, "desk pages", "the listener has another address")
	}
	s := &http.Server{
		Handler:           u.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would print addresses
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("desk pages: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := s.Shutdown(closing); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("desk pages: %w", err)
	}
	u.renewal.wait()
	return s.Close()
}

// inPhase answers a route only while the desk is in one of its phases; before
// and after, the first page knows what to show.
func (u *UI) inPhase(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := u.desk.State()
		if rt.phases != nil && !slices.Contains(rt.phases, st.Phase) {
			u.goTo(w, r, "/")
			return
		}
		if st.Phase == desk.PhaseReady && len(st.Roles) > 0 && !st.May(rt.needs) && !rt.open && rt.needs != "" {
			u.fail(w, r, hotline.Errorf(hotline.KindDenied, "desk pages", "your roles do not allow this"))
			return
		}
		if rt.act {
			u.desk.Touch()
		}
		rt.handle(w, r)
	})
}

// goTo leads the browser to a page, from a form or from htmx.
func (u *UI) goTo(w http.ResponseWriter, r *http.Request, path string) {
	if byHTMX(r) {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusOK)
		return
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}

func byHTMX(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}

// home is the first page: what it is depends on how far the desk is.
func (u *UI) home(w http.ResponseWriter, r *http.Request) {
	switch st := u.desk.State(); st.Phase {
	case desk.PhaseNoKeys:
		u.showEnrol(w, r, enrolForm{})
	case desk.PhaseEnrolling:
		u.showWaiting(w, r, st)
	case desk.PhaseLocked:
		u.showLocked(w, r, "")
	case desk.PhaseReady:
		switch {
		case st.May(hotline.ActionQueue), len(st.Roles) == 0: // no roster has come yet: nobody knows the roles
			u.showQueue(w, r)
		case st.May(hotline.ActionInvite):
			u.people(w, r)
		default:
			u.journal(w, r)
		}
	}
}
