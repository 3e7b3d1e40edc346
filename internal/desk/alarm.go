package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"safeconduct/internal/hotline"
)

// keptAlarm is an alarm as state.age keeps it.
type keptAlarm struct {
	ID           string           `json:"id"`
	When         time.Time        `json:"when"`
	Text         hotline.Sentence `json:"text"`
	Blocking     bool             `json:"blocking,omitempty"`
	Case         *hotline.CaseID  `json:"case,omitempty"`
	Acknowledged bool             `json:"acknowledged,omitempty"`
	Checkpoint   string           `json:"checkpoint,omitempty"` // the journal to go on with once acknowledged
	Restore      *keptRestore     `json:"restore,omitempty"`    // only an administrator acknowledges it, for all
}

// maxAlarms bounds what a hostile server can make a desk keep; the oldest
// acknowledged ones go first.
const maxAlarms = 500

// alarm raises an alarm once: key says what it is about, in full. It returns
// an error as long as a blocking one has not been acknowledged. Desk.mu must
// be held.
func (s *session) alarm(key string, a keptAlarm) error {
	sum := sha256.Sum256([]byte(key))
	a.ID = hex.EncodeToString(sum[:8])
	if i := slices.IndexFunc(s.kept.Alarms, func(b keptAlarm) bool { return b.ID == a.ID }); i >= 0 {
		a = s.kept.Alarms[i]
	} else {
		a.When = s.d.cfg.Clock.Now().UTC()
		if len(s.kept.Alarms) >= maxAlarms {
			old := max(0, slices.IndexFunc(s.kept.Alarms, func(b keptAlarm) bool { return b.Acknowledged }))
			s.kept.Alarms = slices.Delete(s.kept.Alarms, old, old+1)
		}
		s.kept.Alarms = append(s.kept.Alarms, a)
		if err := s.keep(); err != nil {
			return err
		}
		s.d.cfg.Log.Warn("something does not verify: see the desk's alarms")
		s.d.changed(NoticeState)
	}
	if a.Blocking && !a.Acknowledged {
		return hotline.Errorf(hotline.KindForged, "alarm", "%v", a.Text)
	}
	return nil
}

// blocked reports whether acts are refused for now.
func (s *session) blocked() bool {
	return slices.ContainsFunc(s.kept.Alarms, func(a keptAlarm) bool { return a.Blocking && !a.Acknowledged })
}

// Alarms lists what does not verify, newest first.
func (d *Desk) Alarms() []Alarm {
	s, done, err := d.open("alarms")
	if err != nil {
		return nil
	}
	defer done()
	out := make([]Alarm, 0, len(s.kept.Alarms))
	for _, a := range slices.Backward(s.kept.Alarms) {
		v := Alarm{ID: a.ID, When: a.When, Text: a.Text, Blocking: a.Blocking, Case: a.Case, Acknowledged: a.Acknowledged}
		if a.Restore != nil {
			v.Accepted, v.By, v.Open = s.restoreView(a)
		}
		out = append(out, v)
	}
	return out
}

// Acknowledge says that the operator has seen an alarm. After an alarm about
// the journal the desk goes on with the journal it was shown; the checkpoint
// that contradicts it is kept as evidence. After a restore it is this
// administrator's signed word, and the desk goes on when there are enough.
func (d *Desk) Acknowledge(alarmID string) error {
	s, done, err := d.open("acknowledge")
	if err != nil {
		return err
	}
	defer done()
	i := slices.IndexFunc(s.kept.Alarms, func(a keptAlarm) bool { return a.ID == alarmID })
	if i < 0 {
		return hotline.Errorf(hotline.KindNotFound, "acknowledge", "there is no such alarm")
	}
	a := &s.kept.Alarms[i]
	if a.Acknowledged {
		return nil
	}
	if a.Restore != nil {
		if err := s.signRestore(a); err != nil {
			return err
		}
	} else {
		a.Acknowledged = true
		if a.Checkpoint != "" {
			s.goOnWith(a.Checkpoint)
		}
	}
	if err := s.keep(); err != nil {
		return err
	}
	d.changed(NoticeState)
	poke(s.kick)
	return nil
}
