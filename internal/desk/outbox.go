package desk

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// flush sends what waits in the outbox, in order of writing. It stops when the
// server cannot be reached; an act that the server does not take stays, marked.
func (s *session) flush(ctx context.Context) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	for {
		var e *entry
		err := s.under(func() error {
			if s.blocked() {
				return nil
			}
			if i := slices.IndexFunc(s.outbox, func(o *entry) bool { return o.Outcome == OutcomeQueued && !o.unplaced() }); i >= 0 {
				e = s.outbox[i]
			}
			return nil
		})
		if err != nil || e == nil {
			return err
		}
		if err := s.deliver(ctx, e); err != nil {
			if hotline.KindOf(err) == hotline.KindUnavailable {
				_ = s.under(func() error { e.Why = hotline.SaidBy(err); return nil }) // a locked desk shows no reason
			}
			if lost(err) || hotline.KindOf(err) == hotline.KindLocked {
				return err
			}
			// A fault of the server: the act stays where it is and goes out
			// with the next reason to look.
			s.d.cfg.Log.Warn("an act could not be sent", "kind", hotline.KindOf(err).String())
			return nil
		}
	}
}

// maxRemakes bounds how often one act is made anew when others act at the
// same time.
const maxRemakes = 5

// deliver sends one act until the server has it or has said no. Its error
// means that nobody knows: the act stays as it is.
func (s *session) deliver(ctx context.Context, e *entry) error {
	for range maxRemakes {
		err := s.send(ctx, e)
		switch {
		case err == nil:
			return nil
		case lost(err), hotline.KindOf(err) == hotline.KindInternal, hotline.KindOf(err) == hotline.KindLocked:
			return err
		case hotline.KindOf(err) != hotline.KindConflict || e.Kind == kindRead:
			return s.refuse(e, OutcomeRefused, hotline.Say("The server refused it: %v", err))
		}
		again, err := s.resolve(ctx, e, hotline.SaidBy(err))
		if err != nil || !again {
			return err
		}
	}
	return s.refuse(e, OutcomeConflict, hotline.Say("Others are changing this case at the same time. Read it, then decide."))
}

// send makes one attempt with the bytes of the entry.
func (s *session) send(ctx context.Context, e *entry) error {
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	var err error
	var row api.Case
	switch e.Kind {
	case kindReply:
		row, err = s.client.Reply(ctx, e.Case, *e.Reply)
	case kindStatement:
		row, err = s.client.State(ctx, e.Case, *e.Statement)
	default:
		row, err = s.client.MarkRead(ctx, e.Case, e.ReadSeq)
	}
	if err != nil {
		return err
	}
	return s.under(func() error {
		if f := s.files[e.Case]; f != nil && e.Kind == kindStatement && harmless(e.Act, e.Urgency) {
			f.sentHarmless = e.Seq + 1
		}
		if row.ID == e.Case {
			s.takeRow(row)
			poke(s.work)
		}
		if f := s.files[e.Case]; f != nil && e.Kind == kindReply {
			f.sentReply = link{e.Seq, e.Hash}
		} else if f != nil && e.Kind == kindStatement {
			f.sentAct = link{e.Seq, e.Hash}
		}
		s.lastContact = s.d.cfg.Clock.Now()
		return s.drop(e)
	})
}

// refuse marks an act that waits for the operator's decision.
func (s *session) refuse(e *entry, outcome Outcome, why hotline.Sentence) error {
	return s.under(func() error {
		e.Outcome, e.Why = outcome, why
		s.d.changedCase(e.Case)
		s.d.changed(NoticeState)
		return s.put(e)
	})
}

// resolve looks what a conflict means: the act may be there already (its
// answer was lost), the case may have moved on without touching it (it is made
// anew), or somebody was quicker (the operator decides).
func (s *session) resolve(ctx context.Context, e *entry, why hotline.Sentence) (again bool, err error) {
	if err := s.refreshCase(ctx, e.Case); err != nil {
		return false, err
	}
	var outcome Outcome
	err = s.under(func() error {
		f := s.files[e.Case]
		switch {
		case f == nil || !s.knows(f) || f.gone:
			outcome, why = OutcomeRefused, hotline.Say("The server does not hand out this case any more.")
		case f.holds(e.Hash):
			return s.drop(e)
		case e.Kind == kindReply:
			outcome, why, again, err = s.remakeReply(f, e, why)
		default:
			outcome, why, again, err = s.remakeStatement(f, e)
		}
		return err
	})
	if err != nil || outcome == "" {
		return again, err
	}
	return false, s.refuse(e, outcome, why)
}

// holds reports whether a record or an act is in the case.
func (f *caseFile) holds(hash seal.Hash) bool {
	return slices.ContainsFunc(f.records, func(r openRecord) bool { return r.hash == hash }) ||
		slices.ContainsFunc(f.statements, func(o openStatement) bool { return o.hash == hash })
}

// remakeReply makes a reply anew only if nobody has answered since it was
// written: then it was the key of the case that changed, or the house.
func (s *session) remakeReply(f *caseFile, e *entry, why hotline.Sentence) (Outcome, hotline.Sentence, bool, error) {
	seq, hash := f.last(hotline.SideDesk)
	if seq != e.Seq-1 || hash != e.Prev {
		return OutcomeConflict, hotline.Say("Somebody has answered meanwhile. Read it, then decide whether to send yours."), false, nil
	}
	if g, _ := f.newestKey(); g.Gen == e.Gen && s.rows[f.id].DeskSeq > seq {
		return OutcomeConflict, why, false, nil
	}
	if len(e.Files) > 0 {
		s.unplace(f, e) // its files are sealed to the key of before
		return "", hotline.Sentence{}, false, s.put(e)
	}
	if err := s.makeReply(f, e, seq, hash); err != nil {
		return OutcomeRefused, hotline.SaidBy(err), false, nil
	}
	return "", hotline.Sentence{}, true, s.put(e)
}

// remakeStatement makes an act anew unless a newer one decided the same thing.
func (s *session) remakeStatement(f *caseFile, e *entry) (Outcome, hotline.Sentence, bool, error) {
	for _, o := range f.statements {
		if o.seq < e.Seq || o.st.Act != e.Act {
			continue
		}
		switch e.Act {
		case seal.ActStage, seal.ActAssign, seal.ActUrgency, seal.ActWord:
			return OutcomeConflict, hotline.Say("Somebody has decided the same thing meanwhile. Look, then decide."), false, nil
		}
	}
	if e.Act == seal.ActStage {
		if _, err := f.acts().stage.StepTo(e.Stage); err != nil {
			return OutcomeConflict, hotline.SaidBy(err), false, nil
		}
	}
	seq, hash := f.lastStatement()
	if err := s.makeStatement(f, e, seq, hash); err != nil {
		return OutcomeRefused, hotline.SaidBy(err), false, nil
	}
	return "", hotline.Sentence{}, true, s.put(e)
}

// Outbox lists the acts that are not at the server yet.
func (d *Desk) Outbox() []OutboxItem {
	s, done, err := d.open("outbox")
	if err != nil {
		return nil
	}
	defer done()
	out := make([]OutboxItem, 0, len(s.outbox))
	for _, e := range s.outbox {
		item := OutboxItem{ID: e.ID, Case: e.Case, Act: e.Kind, Text: e.Text, At: e.At, Outcome: e.Outcome, Why: e.Why}
		for _, f := range e.Files {
			item.Files = append(item.Files, kindOf(f.File.Type))
		}
		if e.Kind == kindStatement {
			item.Act = e.Act
			if e.Body != nil {
				item.Text = e.Body.Text
			}
		}
		out = append(out, item)
	}
	return out
}

// Retry makes an act anew on the case as it is now and sends it: the operator
// has read what came between and wants it sent all the same.
func (d *Desk) Retry(ctx context.Context, outboxID string) (Result, error) {
	s, done, err := d.open("retry")
	if err != nil {
		return Result{}, err
	}
	i := slices.IndexFunc(s.outbox, func(e *entry) bool { return e.ID == outboxID })
	if i < 0 {
		done()
		return Result{}, hotline.Errorf(hotline.KindNotFound, "retry", "it is not in the outbox any more")
	}
	e := s.outbox[i]
	if e.Outcome != OutcomeQueued {
		err = s.remake(e)
	}
	done()
	if err != nil {
		return Result{}, err
	}
	return s.attempt(ctx, e)
}

func (s *session) remake(e *entry) error {
	f := s.files[e.Case]
	if f == nil {
		return hotline.Errorf(hotline.KindNotFound, "retry", "this desk knows no such case")
	}
	var err error
	switch e.Kind {
	case kindReply:
		if len(e.Files) > 0 {
			s.unplace(f, e)
			break
		}
		seq, hash := s.deskEnd(f)
		err = s.makeReply(f, e, seq, hash)
	case kindStatement:
		seq, hash := s.statementEnd(f)
		err = s.makeStatement(f, e, seq, hash)
	}
	if err != nil {
		return err
	}
	e.Outcome, e.Why = OutcomeQueued, hotline.Sentence{}
	return s.put(e)
}

// Discard takes an act out of the outbox. The text of a reply becomes the
// case's draft, if it has none.
func (d *Desk) Discard(outboxID string) error {
	s, done, err := d.open("discard")
	if err != nil {
		return err
	}
	defer done()
	i := slices.IndexFunc(s.outbox, func(e *entry) bool { return e.ID == outboxID })
	if i < 0 {
		return nil
	}
	e := s.outbox[i]
	if e.Outcome == OutcomeQueued && s.online && !s.blocked() && !e.unplaced() {
		return hotline.Errorf(hotline.KindConflict, "discard", "it is on its way already")
	}
	if s.uploading == e {
		s.stopUpload()
	}
	if e.Kind == kindReply && e.Text != "" && s.drafts[e.Case] == nil {
		if err := s.setDraft(e.Case, e.Text); err != nil {
			return err
		}
	}
	return s.drop(e)
}
