package endure

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// station is somebody at a desk.
type station struct {
	*desk.Desk
	h   *house
	dir string
	to  func() string // the address of the server's door; nil: as the key file has it
}

// openDesk unlocks the first operator's desk.
func (h *house) openDesk() *station {
	h.tb.Helper()
	return h.station(filepath.Join(h.dir, "operator"))
}

func (h *house) station(dir string) *station {
	h.tb.Helper()
	s := &station{h: h, dir: dir}
	h.tb.Cleanup(func() { _ = s.Desk.Close() })
	s.open()
	return s
}

func (s *station) open() {
	s.h.tb.Helper()
	c := desk.Config{Dir: s.dir, WorkFactor: quick, Clock: s.h.clock}
	if s.to != nil {
		c.Client = func(_ string, cert tls.Certificate, pin seal.Hash) *api.Client {
			client := api.NewClient("127.0.0.1", cert, pin)
			next := client.HTTP.Transport
			client.HTTP.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				r = r.Clone(r.Context())
				r.URL.Host = s.to()
				return next.RoundTrip(r)
			})
			return client
		}
	}
	s.Desk = must[*desk.Desk](s.h.tb)(desk.Open(c))
	if s.State().Phase == desk.PhaseLocked {
		ok(s.h.tb, s.Unlock(context.Background(), passphrase))
		s.connected()
	}
}

// newDay is a desk that is started again in the morning.
func (s *station) newDay() {
	s.h.tb.Helper()
	ok(s.h.tb, s.Close())
	s.open()
}

func (s *station) connected() {
	s.h.tb.Helper()
	s.until("the desk is connected", func() bool {
		st := s.State()
		return st.Online && st.Phase == desk.PhaseReady
	})
}

// until looks now and after each of the desk's notices.
func (s *station) until(what string, holds func() bool) {
	s.h.tb.Helper()
	notices, stop := s.Subscribe()
	defer stop()
	end := time.After(patience)
	for !holds() {
		select {
		case <-notices:
		case <-time.After(200 * time.Millisecond): // what is asked of the server gives no notice
		case <-end:
			line, _ := json.Marshal(s.State())
			s.h.tb.Fatalf("waited %s, and it did not come to be that %s; the desk: %s; alarms: %v", patience, what, line, s.Alarms())
		}
	}
}

// sees waits until the desk shows a case that satisfies holds.
func (s *station) sees(id hotline.CaseID, what string, holds func(desk.CaseView) bool) (v desk.CaseView) {
	s.h.tb.Helper()
	s.until(what, func() bool {
		var err error
		v, err = s.Case(context.Background(), id)
		return err == nil && holds(v)
	})
	return v
}

// reads waits until a text of the person stands in the case.
func (s *station) reads(id hotline.CaseID, text string) {
	s.h.tb.Helper()
	s.sees(id, "the message is read", func(v desk.CaseView) bool {
		return v.CanReply && slices.ContainsFunc(v.Messages, func(m desk.Message) bool { return m.Text == text && m.Side == hotline.SideContact })
	})
}

// replies answers, and the answer must arrive.
func (s *station) replies(id hotline.CaseID, text string) {
	s.h.tb.Helper()
	ctx := context.Background()
	r, err := s.Reply(ctx, id, text)
	for end := time.Now().Add(patience); err == nil && r.Outcome == desk.OutcomeRefused && time.Now().Before(end); {
		r, err = s.Retry(ctx, r.OutboxID) // the team's key was new, and this desk has just heard of it
	}
	if err != nil || r.Outcome != desk.OutcomeSent {
		s.h.tb.Fatalf("reply: %+v %v", r, err)
	}
}

func (s *station) stage(id hotline.CaseID, stage hotline.Stage) {
	s.h.tb.Helper()
	r, err := s.SetStage(context.Background(), id, stage)
	if err != nil || r.Outcome != desk.OutcomeSent {
		s.h.tb.Fatalf("stage: %+v %v", r, err)
	}
}

// approves waits for a proposal and approves it.
func (s *station) approves(act hotline.Shared) {
	s.h.tb.Helper()
	var id seal.Hash
	s.until("there is something to approve", func() bool {
		list, err := s.Approvals()
		i := slices.IndexFunc(list, func(p desk.ApprovalView) bool { return p.Act == act && p.Decide })
		if err != nil || i < 0 {
			return false
		}
		id = list[i].ID
		return true
	})
	ok(s.h.tb, s.Answer(context.Background(), id, true))
}

// enrol brings somebody in, on another computer.
func (s *station) enrol(name string, roles ...hotline.Role) *station {
	h := s.h
	h.tb.Helper()
	ctx := context.Background()
	n := &station{h: h, dir: filepath.Join(h.tb.TempDir(), "desk")}
	h.tb.Cleanup(func() { _ = n.Desk.Close() })
	n.open()
	line := must[string](h.tb)(s.Invite(ctx, name, roles, []hotline.Team{hotline.TeamDesk}, time.Hour))
	fingerprint := must[string](h.tb)(n.Enrol(ctx, line, name, passphrase))
	var view desk.EnrolmentView
	s.until("the newcomer's keys are here", func() bool {
		all, err := s.Enrolments(ctx)
		i := slices.IndexFunc(all, func(v desk.EnrolmentView) bool { return v.State == api.InvitationKeys })
		if err != nil || i < 0 {
			return false
		}
		view = all[i]
		return true
	})
	ok(h.tb, s.ConfirmEnrolment(ctx, view.ID, fingerprint))
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ok(h.tb, n.WaitEnrolled(wait))
	n.connected()
	return n
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// copyOf is a desk's folder on another disk.
func (h *house) copyOf(dir string) string {
	h.tb.Helper()
	to := filepath.Join(h.tb.TempDir(), "desk")
	ok(h.tb, os.CopyFS(to, os.DirFS(dir)))
	return to
}
