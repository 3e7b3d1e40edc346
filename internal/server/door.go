package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// Time-outs. They are set for each request and not for the connection, so that
// a live feed can stay.
const (
	readPatience  = 30 * time.Second
	writePatience = 30 * time.Second
)

// call is one request on its way through a route.
type call struct {
	*http.Request
	w    http.ResponseWriter
	who  caller
	pin  pin
	body int64 // largest body in bytes
}

// streamed says that a handler has written its answer itself.
type streamed struct{}

// door is the way into one route: who calls, may they, do it, answer.
func (s *Server) door(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		rec := &recorder{ResponseWriter: w}
		c := &call{Request: r, w: rec, body: rt.body}
		err := s.pass(r.Context(), rt, c)
		if forWantOfARight(err) && c.who.house != nil {
			// Before the answer, so that whoever asks in a hurry is counted too.
			if counted := s.refused(context.WithoutCancel(r.Context()), c.who); counted != nil {
				s.log.WarnContext(r.Context(), "a refused request could not be counted", "kind", hotline.KindOf(counted).String())
			}
		}
		if err != nil {
			fail(rec, err)
		}
		attrs := []any{
			"route", rt.pattern, "action", string(rt.action), "status", rec.status,
			"duration", time.Since(begin), "operator", c.who.ID,
		}
		if err != nil && hotline.KindOf(err) == hotline.KindInternal {
			s.log.ErrorContext(r.Context(), "desk request", append(attrs, "error", err.Error())...)
			return
		}
		s.log.InfoContext(r.Context(), "desk request", attrs...)
	})
}

// pass authenticates, asks the policy and runs the handler. A panic becomes an
// error that tells only its type: its value can hold anything.
func (s *Server) pass(ctx context.Context, rt route, c *call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it the same way
				panic(p)
			}
			err = hotline.Errorf(hotline.KindInternal, "server", "panic: %T", p)
		}
	}()
	if c.pin = pinOf(c.Request); c.pin == (pin{}) {
		return hotline.Errorf(hotline.KindDenied, "server", "a client certificate is needed")
	}
	if c.who, err = s.recognise(ctx, c.pin); err != nil {
		return err
	}
	if rt.action != public {
		if c.who.house == nil {
			return hotline.Errorf(hotline.KindDenied, "server", "this certificate belongs to no active member of the roster")
		}
		if !hotline.Allowed(rt.action, c.who.Roles...) {
			return hotline.Errorf(hotline.KindDenied, "server", "your roles do not allow this: %s", rt.action)
		}
	}
	if rt.body == noBody && c.ContentLength != 0 {
		return invalid("this request has no body")
	}
	out, err := rt.answer(s, c)
	if err != nil {
		return err
	}
	if _, done := out.(streamed); !done {
		respond(c, out)
	}
	return nil
}

// forWantOfARight reports whether a request was refused because of who asked.
// What is another team's is "not there" like what is not there at all.
func forWantOfARight(err error) bool {
	if err == nil {
		return false
	}
	switch hotline.KindOf(err) {
	case hotline.KindDenied, hotline.KindNotFound, hotline.KindForged:
		return true
	default:
		return false
	}
}

func begun(patience time.Duration) time.Time { return time.Now().Add(patience) }

// guarded is in front of all routes: headers, and a strict eye on the path.
// ServeMux would redirect an unclean path and answer an unknown one in plain text.
func (s *Server) guarded(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(begun(readPatience)) // a connection without deadlines is a test's
		_ = control.SetWriteDeadline(begun(readPatience + writePatience))
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		_, pattern := mux.Handler(r)
		if pattern == "" || r.Method == http.MethodHead || r.URL.Path != path.Clean(r.URL.Path) || r.URL.Fragment != "" {
			rec := &recorder{ResponseWriter: w}
			fail(rec, hotline.Errorf(hotline.KindNotFound, "server", "there is no such route"))
			s.log.InfoContext(r.Context(), "desk request", "route", "none", "status", rec.status)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// fail answers with an error. What the database says is for the log: it may
// name files and hosts.
func fail(w *recorder, err error) {
	if w.status != 0 {
		panic(http.ErrAbortHandler) // half an answer is out: the reader must see that it is not whole
	}
	var e *hotline.Error
	if errors.As(err, &e) && strings.HasPrefix(e.Op, "store") {
		said := hotline.Say("the database cannot do this now; nothing was kept")
		switch e.Kind {
		case hotline.KindUnknown:
			said = hotline.Say("the database was lost on the way: the act may have been kept; look before you repeat it")
		case hotline.KindConflict:
			said = hotline.Say("somebody else was faster; read again, then decide")
		case hotline.KindBusy:
			said = hotline.Say("the database is busy; nothing was kept, try again")
		default:
			switch { // what an administrator can mend, and what then goes on by itself
			case errors.Is(err, store.ErrFull):
				said = hotline.Say("the server's disk is full; nothing was kept. It goes on by itself once there is room; tell an administrator")
			case errors.Is(err, store.ErrReadOnly):
				said = hotline.Say("the server's database is read-only; nothing was kept. Tell an administrator")
			}
		}
		err = hotline.Errorf(e.Kind, "server", "%v", said)
	}
	api.WriteError(w, err)
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	if err != nil {
		return n, fmt.Errorf("answer: %w", err)
	}
	return n, nil
}

// Unwrap lets http.ResponseController find deadlines and flushing.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
