package server

import (
	"bytes"
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// watchPage is how many alarms are shown.
const watchPage = 500

// watch shows alarms and canaries to those who watch the house. An auditor
// sees all of them and only ids; a supervisor sees the cases of his teams.
func (s *Server) watch(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := api.Watch{Alarms: []api.Tripwire{}, Canaries: []api.Canary{}}
	auditor := slices.Contains(c.who.Roles, hotline.RoleAuditor)
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		canaries, err := tx.Canaries(c.Context())
		if err != nil {
			return err
		}
		for _, k := range canaries {
			if auditor || c.who.inTeam(hotline.Team(k.Team)) {
				out.Canaries = append(out.Canaries, api.Canary{Case: hotline.CaseID(k.CaseID), By: k.PlantedBy, Hour: hotline.Hour(k.Hour)})
			}
		}
		notes, err := tx.AlarmNotesOf(c.Context(), c.who.ID)
		if err != nil {
			return err
		}
		rows, err := tx.Alarms(c.Context(), watchPage)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Actor == c.who.ID {
				continue
			}
			a, err := apiAlarm(c.Context(), tx, c.who, auditor, row)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(notes, func(n db.TripwireNote) bool { return bytes.Equal(n.AlarmID, row.ID) }); i >= 0 {
				a.Note = notes[i].File
			}
			out.Alarms = append(out.Alarms, a)
		}
		return nil
	})
	return out, err
}

func apiAlarm(ctx context.Context, tx *store.Tx, who caller, auditor bool, row db.TripwireAlarm) (api.Tripwire, error) {
	a := api.Tripwire{
		ID: hashOf(row.ID), Wire: hotline.Wire(row.Wire), Who: row.Actor, Count: row.N, Bound: row.Bound,
		Since: row.SinceMinute, Last: row.LastMinute, Leaf: row.Leaf, Answer: row.Answer, By: row.CalmedBy,
	}
	if row.CaseID == nil {
		return a, nil
	}
	held, err := tx.CaseByID(ctx, row.CaseID)
	if store.Missing(err) {
		held, err = db.HotlineCase{}, nil
	}
	if auditor || who.sees(held) {
		id := hotline.CaseID(row.CaseID)
		a.Case = &id
	}
	return a, err
}

// calm takes an answer to an alarm. The alarm of one's own doing is not there.
func (s *Server) calm(c *call) (any, error) {
	var id seal.Hash
	if err := id.UnmarshalText([]byte(c.PathValue("id"))); err != nil || id.IsZero() || id.String() != c.PathValue("id") {
		return nil, noAlarm()
	}
	req, err := in[api.NewCalm](c)
	if err != nil {
		return nil, err
	}
	answer, signed, err := seal.ParseCalm(req.Answer)
	switch {
	case err != nil:
		return nil, err
	case answer.Alarm != id:
		return nil, invalid("the answer is about another alarm")
	case !seal.CalmSignedBy(signed, c.who.Key):
		return nil, forged("the answer is not signed by you")
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		row, err := tx.Alarm(ctx, id[:])
		switch {
		case store.Missing(err), err == nil && row.Actor == c.who.ID:
			return nil, noAlarm()
		case err != nil:
			return nil, err
		case row.CalmedBy == c.who.ID && bytes.Equal(row.Answer, req.Answer):
			return nil, nil // sent again after a lost answer
		case row.CalmedBy != "":
			return nil, conflict("somebody has acknowledged this alarm already")
		case answer.Count > row.N:
			return nil, invalid("the answer claims to have seen more than there is")
		case answer.Count < row.Told:
			return nil, conflict("the alarm has grown meanwhile; look at it again, then decide")
		}
		if err := checkNotes(req.Notes, c.who.house, row.Actor); err != nil {
			return nil, err
		}
		d := &deed{act: actCalm, detail: detail{
			"alarm": id.String(), "answer": signed.Hash().String(), "who": row.Actor, "wire": row.Wire, "count": number(answer.Count),
		}}
		copy(d.id[:], row.CaseID)
		d.write = func(ctx context.Context, tx *store.Tx, _ int64) error { return s.keepCalm(ctx, tx, row, req, c.who.ID) }
		return d, nil
	})
}

func noAlarm() error { return hotline.Errorf(hotline.KindNotFound, "server", "there is no such alarm") }

// watchers are the active members who may read the notes.
func watchers(h *house) map[seal.OperatorID]bool {
	out := map[seal.OperatorID]bool{}
	for _, m := range h.roster.Members {
		if m.Active() && hotline.Allowed(hotline.ActionWatch, m.Roles...) {
			out[m.ID] = true
		}
	}
	return out
}

// checkNotes demands a sealed file for every watcher but the one whom the alarm
// is about, and for nobody else: what an auditor is not shown, he could not ask
// after.
func checkNotes(notes map[seal.OperatorID][]byte, h *house, about string) error {
	need := watchers(h)
	delete(need, about)
	for id, file := range notes {
		if !need[id] {
			return invalid("a note is sealed to somebody who does not watch")
		}
		delete(need, id)
		if err := checkSealed(file, maxRecordFile); err != nil {
			return err
		}
	}
	if len(need) > 0 {
		return invalid("the note is missing for %d of those who watch", len(need))
	}
	return nil
}

func (s *Server) keepCalm(ctx context.Context, tx *store.Tx, row db.TripwireAlarm, req api.NewCalm, by string) error {
	for holder, file := range req.Notes {
		if err := tx.PutAlarmNote(ctx, db.PutAlarmNoteParams{AlarmID: row.ID, Holder: holder, File: file}); err != nil {
			return err
		}
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	n, err := tx.CalmAlarm(ctx, db.CalmAlarmParams{CalmedBy: by, CalmedMinute: s.minute(), Answer: req.Answer, Version: version, ID: row.ID})
	if err == nil && n != 1 {
		err = conflict("somebody has acknowledged this alarm already")
	}
	return err
}

// plant makes a quiet case a canary. To an operator it looks as before.
func (s *Server) plant(c *call) (any, error) {
	return s.canary(c, func(ctx context.Context, tx *store.Tx, row db.HotlineCase) (*deed, error) {
		if _, err := tx.Canary(ctx, row.ID); !store.Missing(err) {
			return nil, err // sent again
		}
		switch {
		case !hotline.ActionPlant.PossibleIn(hotline.Stage(row.Stage)):
			return nil, conflict("a person in stage %s is being met or cared for: such a case is no canary", row.Stage)
		case row.WaitingSinceMs.Valid:
			return nil, conflict("somebody waits for an answer in this case: it is no canary")
		}
		return &deed{act: actPlant, write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			_, err := tx.PlantCanary(ctx, db.PlantCanaryParams{CaseID: row.ID, PlantedBy: c.who.ID, Hour: int64(s.hour())})
			return err
		}}, nil
	})
}

// lift makes a canary an ordinary case again.
func (s *Server) lift(c *call) (any, error) {
	return s.canary(c, func(ctx context.Context, tx *store.Tx, row db.HotlineCase) (*deed, error) {
		if _, err := tx.Canary(ctx, row.ID); err != nil {
			if store.Missing(err) {
				return nil, nil // sent again
			}
			return nil, err
		}
		return &deed{act: actLift, write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			_, err := tx.LiftCanary(ctx, row.ID)
			return err
		}}, nil
	})
}

func (s *Server) canary(c *call, prepare func(context.Context, *store.Tx, db.HotlineCase) (*deed, error)) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	if _, err := in[struct{}](c); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		row, err := lockCase(ctx, tx, c.who, id)
		if err != nil {
			return nil, err
		}
		d, err := prepare(ctx, tx, row)
		if d != nil {
			d.id, d.detail = id, detail{"stage": row.Stage}
		}
		return d, err
	})
}
