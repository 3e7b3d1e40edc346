package server

import (
	"bytes"
	"context"
	"crypto/rand"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// The acts of the journal about tripwires.
const (
	actAlarm = "tripwire.alarm" // a wire has tripped, or has gone on much longer
	actCalm  = "tripwire.calm"
	actPlant = "canary.plant"
	actLift  = "canary.lift"
)

// touched is one thing that a deed did by hand and that a wire counts.
type touched struct {
	wire    hotline.Wire
	subject []byte // what is counted once, however often it is done
}

// touch adds what a wire counts. Without a subject every time counts.
func (d *deed) touch(w hotline.Wire, subject []byte) {
	if subject == nil {
		subject = make([]byte, 16)
		_, _ = rand.Read(subject) // never fails since Go 1.24
	}
	d.touches = append(d.touches, touched{w, subject})
}

// minute is the clock of the wires: exact times of people's work serve nothing.
func (s *Server) minute() int64 { return s.clock().Unix() / 60 }

// trip looks at the wires after a deed, in its transaction: the alarm and what
// caused it are kept together or not at all. It never refuses the deed.
func (s *Server) trip(ctx context.Context, tx *store.Tx, who caller, d *deed) error {
	if who.house == nil {
		return nil
	}
	for _, t := range d.touches {
		if err := s.count(ctx, tx, who, t); err != nil {
			return err
		}
	}
	for _, id := range d.byHand {
		_, err := tx.Canary(ctx, id[:])
		if store.Missing(err) {
			continue
		}
		if err == nil {
			now := s.minute()
			err = s.raise(ctx, tx, who, db.TripwireAlarm{Wire: string(hotline.WireCanary), CaseID: id[:], N: 1, SinceMinute: now, LastMinute: now})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// count notes one thing and raises an alarm when there were too many.
func (s *Server) count(ctx context.Context, tx *store.Tx, who caller, t touched) error {
	wire, now := string(t.wire), s.minute()
	if err := tx.MarkTripwire(ctx, db.MarkTripwireParams{Wire: wire, Actor: who.ID, Subject: t.subject, Minute: now}); err != nil {
		return err
	}
	calmed, err := tx.CalmedMinute(ctx, wire, who.ID)
	if err != nil {
		return err
	}
	tension := t.wire.Tension()
	after := max(now-tension.Minutes, calmed) // what was looked into does not count again
	mine, err := tx.TallyOf(ctx, db.TallyOfParams{Wire: wire, Actor: who.ID, AfterMinute: after})
	if err != nil {
		return err
	}
	bound := tension.Bound(who.Roles, nil)
	if mine.N <= int64(bound) {
		return nil
	}
	others, err := tx.TalliesOfOthers(ctx, db.TalliesOfOthersParams{Wire: wire, Actor: who.ID, AfterMinute: now - tension.Minutes})
	if err != nil {
		return err
	}
	counts := make([]int, len(others))
	for i, n := range others {
		counts[i] = int(n)
	}
	if bound = tension.Bound(who.Roles, counts); mine.N <= int64(bound) {
		return nil
	}
	return s.raise(ctx, tx, who, db.TripwireAlarm{Wire: wire, N: mine.N, Bound: int64(bound), SinceMinute: mine.SinceMinute, LastMinute: now})
}

// raise makes an alarm, or lets the one that is open grow. It is journaled and
// told when it is new and each time that its count has doubled.
func (s *Server) raise(ctx context.Context, tx *store.Tx, who caller, a db.TripwireAlarm) error {
	held, err := tx.OpenAlarm(ctx, db.OpenAlarmParams{Wire: a.Wire, Actor: who.ID, CaseID: a.CaseID})
	switch {
	case store.Missing(err):
		a.ID = make([]byte, len(seal.Hash{}))
		_, _ = rand.Read(a.ID) // never fails since Go 1.24
		if a.Leaf, err = s.tell(ctx, tx, who, a); err != nil {
			return err
		}
		if a.Version, err = tx.NextVersion(ctx); err != nil {
			return err
		}
		return tx.InsertAlarm(ctx, db.InsertAlarmParams{
			ID: a.ID, Wire: a.Wire, Actor: who.ID, CaseID: a.CaseID, N: a.N, Bound: a.Bound, Told: a.N,
			SinceMinute: a.SinceMinute, LastMinute: a.LastMinute, Leaf: a.Leaf, Version: a.Version,
		})
	case err != nil:
		return err
	}
	held.LastMinute, held.Bound = a.LastMinute, a.Bound
	if a.CaseID != nil {
		held.N++ // each opening of a canary
	} else {
		held.N = max(held.N, a.N)
	}
	if hotline.Retell(held.Told, held.N) {
		held.Told = held.N
		if _, err = s.tell(ctx, tx, who, held); err != nil {
			return err
		}
		if held.Version, err = tx.NextVersion(ctx); err != nil {
			return err
		}
	}
	return tx.GrowAlarm(ctx, db.GrowAlarmParams{
		N: held.N, Bound: held.Bound, Told: held.Told, LastMinute: held.LastMinute, Version: held.Version, ID: held.ID,
	})
}

// tell writes the alarm into the journal.
func (s *Server) tell(ctx context.Context, tx *store.Tx, who caller, a db.TripwireAlarm) (int64, error) {
	d := &deed{act: actAlarm, detail: detail{
		"alarm": hashOf(a.ID).String(), "wire": a.Wire, "who": who.ID, "count": number(a.N), "bound": number(a.Bound),
		"minutes": number(hotline.Wire(a.Wire).Tension().Minutes),
	}}
	copy(d.id[:], a.CaseID)
	return s.append(ctx, tx, actorServer, d)
}

// refused counts a request of a member that was refused for want of a right.
// What it costs, and what is answered, is the same whatever was asked for.
func (s *Server) refused(ctx context.Context, who caller) error {
	return s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil { // an alarm writes the journal
			return nil, err
		}
		d := &deed{}
		d.touch(hotline.WireRefused, nil)
		return nil, s.trip(ctx, tx, who, d)
	})
}

// forgetMarks lets go of what no window needs any more, and of alarms a year
// after they were acknowledged.
func (s *Server) forgetMarks(ctx context.Context) error {
	const year = 365 * 24 * 60
	return s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		now := s.minute()
		if _, err := tx.ForgetMarks(ctx, now-hotline.LongestWindow()); err != nil {
			return nil, err
		}
		_, err := tx.ForgetAlarms(ctx, now-year)
		return nil, err
	})
}

// withheld reports whether an entry of the journal is about an alarm of the
// reader's own doing: who trips a wire does not learn of it here either.
func withheld(who caller, line []byte) bool {
	return bytes.Contains(line, []byte(`"act":"`+actAlarm+`"`)) && bytes.Contains(line, []byte(`"who":"`+who.ID+`"`))
}
