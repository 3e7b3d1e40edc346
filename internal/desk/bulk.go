package desk

import (
	"context"
	"errors"
	"slices"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// BulkAct is what can be done to all members of a group.
type BulkAct string

// The acts on groups.
const (
	BulkCalm      BulkAct = "calm"      // urgency calm; they stay in the queue
	BulkUnfounded BulkAct = "unfounded" // stage unfounded; they leave the queue
)

// BulkState is how far an act on a group is.
type BulkState string

// The states of an act on a group.
const (
	BulkPlanned BulkState = "planned" // counted, waits for a yes
	BulkRunning BulkState = "running"
	BulkUndoing BulkState = "undoing"
	BulkDone    BulkState = "done" // ended, stopped or broken off: the counts say how far it came
	BulkUndone  BulkState = "undone"
)

// BulkView is an act on a group as a page shows it. The zero value is none.
type BulkView struct {
	ID    int64 // names this act, so that an old page cannot start a newer one
	Group int64
	Act   BulkAct
	State BulkState
	Total int              // cases that were counted
	Done  int              // signed, and at the server
	Left  int              // left alone: somebody has touched them since
	Back  int              // taken back
	Why   hotline.Sentence // why it broke off
	Undo  bool             // it can be taken back
}

// bulk is an act on a group. It is guarded by Desk.mu and gone with the session.
type bulk struct {
	BulkView
	cases []hotline.CaseID
	acts  []bulkDone
	stop  context.CancelFunc
}

// bulkDone is what was signed for one member.
type bulkDone struct {
	id     hotline.CaseID
	before hotline.Urgency
	hash   seal.Hash
}

var errTouched = hotline.Errorf(hotline.KindConflict, "bulk", "somebody has touched the case")

// Bulk shows the act on a group that is planned, under way or done last.
func (d *Desk) Bulk() BulkView {
	s, done, err := d.open("bulk")
	if err != nil {
		return BulkView{}
	}
	defer done()
	if s.bulk == nil {
		return BulkView{}
	}
	return s.bulk.BulkView
}

// PlanBulk counts the cases that an act on a group is for. Nothing is done yet;
// who joins the group later is not among them.
func (d *Desk) PlanBulk(group int64, act BulkAct) (BulkView, error) {
	s, done, err := d.open("bulk")
	if err != nil {
		return BulkView{}, err
	}
	defer done()
	b := &bulk{BulkView: BulkView{Group: group, Act: act, State: BulkPlanned, ID: 1}}
	switch {
	case act != BulkCalm && act != BulkUnfounded:
		return BulkView{}, hotline.Errorf(hotline.KindInvalid, "bulk", "there is no such act on a group")
	case !hotline.Allowed(hotline.ActionState, s.me.Roles...):
		return BulkView{}, hotline.Errorf(hotline.KindDenied, "bulk", "your roles do not allow this")
	case s.bulk != nil && s.bulk.stop != nil:
		return BulkView{}, hotline.Errorf(hotline.KindConflict, "bulk", "an act on a group is under way: wait until it has ended")
	case s.bulk != nil:
		b.ID = s.bulk.ID + 1
	}
	for id, f := range s.files {
		if group != 0 && s.knows(f) && s.groupOf(f) == group && (act != BulkCalm || !f.acts().calmed()) {
			b.cases = append(b.cases, id)
		}
	}
	if len(b.cases) == 0 {
		return BulkView{}, hotline.Errorf(hotline.KindNotFound, "bulk", "nothing is left to do for this group")
	}
	slices.SortFunc(b.cases, func(x, y hotline.CaseID) int { return hotline.ComparePlaces(placeOf(s.rows[x]), placeOf(s.rows[y])) })
	b.Total = len(b.cases)
	s.bulk = b
	d.changed(NoticeQueue)
	return b.BulkView, nil
}

// calmed reports whether an operator has called the case calm already.
func (a acts) calmed() bool { return a.urged && a.urgency == hotline.UrgencyCalm }

// RunBulk does what was planned, in the background: one signed statement for
// each case, one after the other.
func (d *Desk) RunBulk(id int64) error {
	return d.startBulk(id, BulkRunning, func(b *bulk) bool { return b.State == BulkPlanned }, (*session).runBulk)
}

// UndoBulk takes back what was done, by further statements, in every case that
// nobody has touched since.
func (d *Desk) UndoBulk(id int64) error {
	return d.startBulk(id, BulkUndoing, func(b *bulk) bool { return b.Undo }, (*session).undoBulk)
}

func (d *Desk) startBulk(id int64, state BulkState, may func(*bulk) bool, run func(*session, context.Context, *bulk)) error {
	s, done, err := d.open("bulk")
	if err != nil {
		return err
	}
	defer done()
	b := s.bulk
	switch {
	case b == nil || b.ID != id || b.stop != nil || !may(b):
		return hotline.Errorf(hotline.KindConflict, "bulk", "this is not what was planned last: look at the group again")
	case !s.online:
		return hotline.Errorf(hotline.KindUnavailable, "bulk", "acts on a group need a connection: nothing was done")
	case s.blocked():
		return hotline.Errorf(hotline.KindForged, "bulk", "something does not verify: look at the alarms first. Nothing was sent")
	}
	ctx, cancel := context.WithCancel(s.ctx)
	b.State, b.stop, b.Why, b.Undo = state, cancel, hotline.Sentence{}, false
	d.changed(NoticeQueue)
	s.wg.Go(func() {
		defer cancel()
		run(s, ctx, b)
	})
	return nil
}

// StopBulk ends an act that is under way; what was done stays done. A plan, or
// what is shown of an act that has ended, is dropped.
func (d *Desk) StopBulk(id int64) error {
	s, done, err := d.open("bulk")
	if err != nil {
		return err
	}
	defer done()
	switch b := s.bulk; {
	case b == nil || b.ID != id:
		return nil
	case b.stop != nil:
		b.stop()
	default:
		s.bulk = &bulk{BulkView: BulkView{ID: b.ID}} // numbers go on
		d.changed(NoticeQueue)
	}
	return nil
}

func (s *session) runBulk(ctx context.Context, b *bulk) {
	for _, id := range b.cases {
		did := bulkDone{id: id}
		e := &entry{Act: seal.ActStage, Stage: hotline.StageUnfounded}
		if b.Act == BulkCalm {
			e = &entry{Act: seal.ActUrgency, Urgency: hotline.UrgencyCalm}
		}
		more := s.bulkStep(ctx, b, id, e, func(f *caseFile) error {
			if s.groupOf(f) == 0 && !s.mayBeGrouped(f) { // a group that shrinks under this is still one
				return errTouched
			}
			did.before = f.acts().urgency
			return nil
		}, func() {
			b.Done++
			if b.Act == BulkUnfounded || did.before > hotline.UrgencyCalm { // otherwise nothing is to be taken back
				did.hash = e.Hash
				b.acts = append(b.acts, did)
			}
		})
		if !more {
			break
		}
	}
	s.endBulk(b, BulkDone)
}

func (s *session) undoBulk(ctx context.Context, b *bulk) {
	for _, did := range slices.Backward(b.acts) {
		e := &entry{Act: seal.ActStage, Stage: hotline.StageNew}
		if b.Act == BulkCalm {
			e = &entry{Act: seal.ActUrgency, Urgency: did.before}
		}
		more := s.bulkStep(ctx, b, did.id, e, func(f *caseFile) error {
			if _, last := s.statementEnd(f); last != did.hash || f.row.Answered {
				return errTouched
			}
			return nil
		}, func() { b.Back++ })
		if !more {
			break
		}
		b.acts = b.acts[:len(b.acts)-1]
	}
	s.endBulk(b, BulkUndone)
}

// bulkStep signs and sends one statement. It reports whether to go on.
func (s *session) bulkStep(ctx context.Context, b *bulk, id hotline.CaseID, e *entry, check func(*caseFile) error, sent func()) bool {
	res, err := Result{}, ctx.Err()
	if err == nil {
		res, err = s.d.state(ctx, id, e, func(s *session, f *caseFile) error {
			if err := check(f); err != nil {
				return err
			}
			if e.Act != seal.ActStage {
				return nil
			}
			_, err := s.stageOf(f).StepTo(e.Stage)
			return err
		})
	}
	more := true
	_ = s.under(func() error {
		switch {
		case ctx.Err() != nil && err != nil:
			more = false // stopped by the operator, or the desk is being locked
		case errors.Is(err, errTouched):
			b.Left++
		case err != nil:
			b.Why, more = hotline.SaidBy(err), false
		case res.Outcome == OutcomeSent:
			sent()
		case res.Outcome == OutcomeQueued:
			b.Why = hotline.Say("The connection was lost. What is kept here goes out by itself; nothing else was changed.")
			more = false
		default: // somebody was quicker in this case, or the server refused it: it stands in the outbox
			b.Left++
		}
		return nil
	})
	return more
}

func (s *session) endBulk(b *bulk, state BulkState) {
	_ = s.under(func() error {
		b.State, b.stop, b.Undo = state, nil, len(b.acts) > 0 && state == BulkDone
		s.d.changed(NoticeQueue)
		return nil
	})
}
