package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// openedGap is for how long an opening by hand is not told again: a page that
// is loaded twice is one opening.
const openedGap = time.Hour

// TripView is an alarm of a tripwire, as a page shows it to those who watch.
type TripView struct {
	ID      seal.Hash
	Wire    hotline.Wire
	Who     string // call-name
	WhoID   seal.OperatorID
	Case    *hotline.CaseID
	Count   int64
	Bound   int64
	Minutes int64 // length of the wire's window
	Since   time.Time
	Last    time.Time
	Leaf    int64 // of the journal
	Open    bool
	By      string       // who acknowledged it; empty: the answer does not verify
	Hour    hotline.Hour // of the answer
	Note    string       // empty: not sealed to this desk, or damaged
}

// CanaryView is a case that nobody has a reason to open.
type CanaryView struct {
	Case hotline.CaseID
	By   string
	Hour hotline.Hour
}

// WatchView is what those who watch the house see. Known is false until the
// server has told it once.
type WatchView struct {
	Known    bool
	Alarms   []TripView // the open ones first, then newest first
	Canaries []CanaryView
}

// Watch returns the alarms of tripwires and the canaries.
func (d *Desk) Watch() WatchView {
	s, done, err := d.open("watch")
	if err != nil {
		return WatchView{}
	}
	defer done()
	v := WatchView{Known: s.watchKnown}
	for _, a := range s.watch.Alarms {
		v.Alarms = append(v.Alarms, s.tripView(a))
	}
	slices.SortStableFunc(v.Alarms, func(a, b TripView) int {
		switch {
		case a.Open == b.Open:
			return 0
		case a.Open:
			return -1
		}
		return 1
	})
	for _, c := range s.watch.Canaries {
		v.Canaries = append(v.Canaries, CanaryView{Case: c.Case, By: s.nameOf(c.By), Hour: c.Hour})
	}
	return v
}

// tripView checks an answer as everything that the server shows.
func (s *session) tripView(a api.Tripwire) TripView {
	v := TripView{
		ID: a.ID, Wire: a.Wire, Who: s.nameOf(a.Who), WhoID: a.Who, Case: a.Case, Count: a.Count, Bound: a.Bound,
		Minutes: a.Wire.Tension().Minutes, Since: time.Unix(a.Since*60, 0), Last: time.Unix(a.Last*60, 0), Leaf: a.Leaf,
		Open: len(a.Answer) == 0,
	}
	if v.Open {
		return v
	}
	c, signed, err := seal.ParseCalm(a.Answer)
	if err != nil || c.Alarm != a.ID {
		return v
	}
	m, ok := s.signer(signed, c.Hour, func(k seal.PublicKey) bool { return seal.CalmSignedBy(signed, k) })
	if !ok || m.ID == a.Who {
		return v // nobody acknowledges his own
	}
	v.By, v.Hour = m.Name, c.Hour
	if text, err := seal.OpenCalmNote(s.keys.Identity, a.Note, signed); err == nil {
		v.Note = text
	}
	return v
}

// tripped counts the alarms that nobody has acknowledged, or nobody whose
// answer verifies.
func (s *session) tripped() int {
	n := 0
	for _, a := range s.watch.Alarms {
		if v := s.tripView(a); v.Open || v.By == "" {
			n++
		}
	}
	return n
}

// refreshWatch asks for alarms and canaries.
func (s *session) refreshWatch(ctx context.Context) error {
	w, err := s.client.Watch(ctx)
	if err != nil {
		return err
	}
	return s.under(func() error {
		s.watch, s.watchKnown = w, true
		s.trips = s.tripped()
		s.d.changed(NoticeState)
		return nil
	})
}

// watchOnce asks when something has changed, or counts anew by the roster.
func (s *session) watchOnce(ctx context.Context, ask bool) error {
	if ask {
		return s.refreshWatch(ctx)
	}
	return s.under(func() error {
		s.trips = s.tripped()
		return nil
	})
}

// CalmAlarm acknowledges an alarm. count is how far it had come on the page: one
// that has grown meanwhile is a conflict.
func (d *Desk) CalmAlarm(ctx context.Context, id seal.Hash, count int64, note string) error {
	note = strings.TrimSpace(note)
	if note == "" {
		return hotline.Errorf(hotline.KindInvalid, "alarm", "a note is needed: what you found, and what you did")
	}
	s, done, err := d.open("alarm")
	if err != nil {
		return err
	}
	var answer api.NewCalm
	err = func() error {
		i := slices.IndexFunc(s.watch.Alarms, func(a api.Tripwire) bool { return a.ID == id })
		switch {
		case i < 0:
			return hotline.Errorf(hotline.KindNotFound, "alarm", "there is no such alarm")
		case s.blocked():
			return hotline.Errorf(hotline.KindForged, "alarm", "something does not verify: look at the alarms first. Nothing was sent")
		}
		readers := map[seal.OperatorID]seal.Recipient{}
		for _, m := range s.roster.Members {
			if m.Active() && hotline.Allowed(hotline.ActionWatch, m.Roles...) && m.ID != s.watch.Alarms[i].Who {
				readers[m.ID] = m.Recipient
			}
		}
		signed, notes, err := seal.SignCalm(seal.Calm{Alarm: id, Count: count, Hour: s.hour(), Log: s.log()}, note, readers, s.keys.Signing)
		answer = api.NewCalm{Answer: signed.Text(), Notes: notes}
		return err
	}()
	done()
	if err != nil {
		return err
	}
	if err := s.client.Calm(ctx, id, answer); err != nil {
		return err
	}
	return s.refreshWatch(ctx)
}

// Plant makes a case a canary; Lift makes it an ordinary case again.
func (d *Desk) Plant(ctx context.Context, id hotline.CaseID) error {
	return d.canary(ctx, func(c *api.Client) error { return c.Plant(ctx, id) })
}

// Lift makes a canary an ordinary case again.
func (d *Desk) Lift(ctx context.Context, id hotline.CaseID) error {
	return d.canary(ctx, func(c *api.Client) error { return c.Lift(ctx, id) })
}

func (d *Desk) canary(ctx context.Context, act func(*api.Client) error) error {
	s, done, err := d.open("canary")
	if err != nil {
		return err
	}
	done()
	if err := act(s.client); err != nil {
		return err
	}
	return s.refreshWatch(ctx)
}

// Opened tells the server that the operator has opened a case by hand: what a
// desk fetches by itself says nothing of who looked at what. Without a
// connection it is kept, sealed, and told later.
func (d *Desk) Opened(id hotline.CaseID) error {
	s, done, err := d.open("opened")
	if err != nil {
		return err
	}
	defer done()
	now := s.d.cfg.Clock.Now()
	if !hotline.Allowed(hotline.ActionRead, s.me.Roles...) || now.Sub(s.told[id]) < openedGap {
		return nil
	}
	if _, known := s.rows[id]; !known {
		return nil
	}
	ids := []hotline.CaseID{id}
	if f := s.files[id]; f != nil { // what is merged is opened together, and each is told
		for _, p := range s.partsOf(f) {
			ids = append(ids, p.id)
		}
	}
	for _, each := range ids {
		s.told[each] = now
		if !slices.Contains(s.kept.Opened, each) {
			s.kept.Opened = append(s.kept.Opened, each)
		}
	}
	poke(s.work)
	if s.online {
		return nil
	}
	return s.keep()
}

// tellOpened tells what was opened, in order.
func (s *session) tellOpened(ctx context.Context) error {
	for {
		var id hotline.CaseID
		seen, left := int64(-1), false
		err := s.under(func() error {
			if len(s.kept.Opened) > 0 {
				id, left = s.kept.Opened[0], true
				seen = s.rows[id].SeenSeq
			}
			return nil
		})
		if err != nil || !left {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, actTimeout)
		row, err := s.client.MarkRead(ctx, id, seen)
		cancel()
		if err != nil && (lost(err) || hotline.KindOf(err) == hotline.KindLocked) {
			return err
		}
		told := err == nil
		err = s.under(func() error {
			s.kept.Opened = slices.DeleteFunc(s.kept.Opened, func(o hotline.CaseID) bool { return o == id })
			if told && row.ID == id {
				s.takeRow(row)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
