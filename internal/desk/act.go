package desk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Reply answers the person. It comes back when the reply is at the server or,
// sealed, on this computer's disk; the result says which. If somebody else has
// answered meanwhile nothing is sent: the text becomes the draft.
func (d *Desk) Reply(ctx context.Context, id hotline.CaseID, text string) (Result, error) {
	return d.reply(ctx, id, id, text, nil)
}

// ReplyAfter is Reply for a page that shows replies up to deskSeq (see
// CaseView.DeskSeq): one that came after the page was drawn is a conflict too.
func (d *Desk) ReplyAfter(ctx context.Context, id hotline.CaseID, text string, deskSeq int64) (Result, error) {
	return d.reply(ctx, id, id, text, &deskSeq)
}

// ReplyBy is ReplyAfter by one of the doors of a case (see CaseView.Doors): the
// draft is the case's, the reply goes into the chain of the door.
func (d *Desk) ReplyBy(ctx context.Context, id, door hotline.CaseID, text string, deskSeq int64) (Result, error) {
	s, done, err := d.open("reply")
	if err != nil {
		return Result{}, err
	}
	f := s.files[id]
	known := door == id || (f != nil && slices.ContainsFunc(s.partsOf(f), func(p *caseFile) bool { return p.id == door }))
	done()
	if !known {
		return Result{}, hotline.Errorf(hotline.KindConflict, "reply", "this is no door of the case any more: look again. Nothing was sent")
	}
	return d.reply(ctx, id, door, text, &deskSeq)
}

func (d *Desk) reply(ctx context.Context, draft, id hotline.CaseID, text string, after *int64) (Result, error) {
	if strings.TrimSpace(text) == "" || !utf8.ValidString(text) {
		return Result{}, hotline.Errorf(hotline.KindInvalid, "reply", "there is nothing to send")
	}
	s, f, done, err := d.ready(ctx, "reply", id)
	if err != nil {
		return Result{}, err
	}
	seq, hash := s.deskEnd(f)
	if after != nil && *after != seq {
		defer done()
		if err := s.setDraft(draft, text); err != nil {
			return Result{}, err
		}
		return s.conflictOf(f, *after), nil
	}
	e := &entry{Kind: kindReply, Case: id, Text: text}
	if err = s.makeReply(f, e, seq, hash); err == nil {
		if err = s.add(e); err == nil {
			err = s.dropDraft(draft)
		}
	}
	done()
	if err != nil {
		return Result{}, err
	}
	result, err := s.attempt(ctx, e)
	if err != nil || result.Outcome != OutcomeConflict {
		return result, err
	}
	// The operator is here and reads: the text goes back to where it was written.
	err = s.under(func() error {
		if err := s.setDraft(draft, text); err != nil {
			return err
		}
		if err := s.drop(e); err != nil {
			return err
		}
		result = s.conflictOf(f, seq)
		return nil
	})
	return result, err
}

func (s *session) conflictOf(f *caseFile, after int64) Result {
	r := Result{
		Outcome: OutcomeConflict,
		Text:    hotline.Say("Somebody has answered meanwhile. Nothing was sent; your text is kept as a draft."),
	}
	each, _ := f.chains()
	for i, rec := range f.records {
		if rec.side == hotline.SideDesk && rec.header.Seq > after {
			r.Newer = append(r.Newer, s.message(f, rec, each[i]))
		}
	}
	return r
}

// ready returns a case that can be acted on, with Desk.mu held until done.
func (d *Desk) ready(ctx context.Context, op string, id hotline.CaseID) (*session, *caseFile, func(), error) {
	for try := 0; ; try++ {
		s, done, err := d.open(op)
		if err != nil {
			return nil, nil, nil, err
		}
		f := s.files[id]
		if f != nil && f.synced > 0 && f.content == nil && (f.upToDate() || !s.online || try > 0) {
			return s, f, done, nil
		}
		online := s.online
		done()
		if !online || try > 0 {
			return nil, nil, nil, hotline.Errorf(hotline.KindUnavailable, op, "the case is not opened on this desk yet: nothing was done")
		}
		fetching, cancel := context.WithTimeout(ctx, actTimeout)
		err = s.refreshCase(fetching, id)
		cancel()
		if err != nil && !lost(err) {
			return nil, nil, nil, err
		}
	}
}

// attempt tries to send at once what is on the disk already.
func (s *session) attempt(ctx context.Context, e *entry) (Result, error) {
	var online bool
	if err := s.under(func() error { online = s.online; return nil }); err != nil {
		return Result{}, err
	}
	if online {
		if err := s.flush(context.WithoutCancel(ctx)); err != nil && hotline.KindOf(err) == hotline.KindLocked {
			return Result{}, err
		}
	}
	poke(s.kick)
	result := Result{Outcome: OutcomeSent, Text: hotline.Say("Sent: it is at the server.")}
	err := s.under(func() error {
		if !slices.Contains(s.outbox, e) {
			return nil
		}
		result = Result{Outcome: e.Outcome, OutboxID: e.ID, Text: e.Why}
		if e.Outcome == OutcomeQueued {
			poke(s.work) // where the server answers but cannot keep it, the desk goes on trying
			result.Text = hotline.Say("Not at the server yet. It is kept on this computer, sealed, and goes out by itself.")
			if !e.Why.IsZero() {
				result.Text = hotline.Say("Not at the server yet: %v. It is kept on this computer, sealed, and goes out by itself.", e.Why)
			}
		}
		return nil
	})
	return result, err
}

// state makes an act, writes it down and tries to send it.
func (d *Desk) state(ctx context.Context, id hotline.CaseID, e *entry, check func(*session, *caseFile) error) (Result, error) {
	s, f, done, err := d.ready(ctx, "act", id)
	if err != nil {
		return Result{}, err
	}
	e.Kind, e.Case = kindStatement, id
	if !hotline.Allowed(hotline.ActionState, s.me.Roles...) {
		err = hotline.Errorf(hotline.KindDenied, "act", "your roles do not allow this")
	}
	if err == nil && e.Act != seal.ActNote {
		err = s.notPart(f)
	}
	if err == nil && check != nil {
		err = check(s, f)
	}
	if err == nil {
		seq, hash := s.statementEnd(f)
		if err = s.makeStatement(f, e, seq, hash); err == nil {
			err = s.add(e)
		}
	}
	done()
	if err != nil {
		return Result{}, err
	}
	return s.attempt(ctx, e)
}

// stageOf is the stage after the acts that wait here.
func (s *session) stageOf(f *caseFile) hotline.Stage {
	stage := f.acts().stage
	for _, e := range s.outbox {
		if e.Case == f.id && e.Act == seal.ActStage && e.Outcome == OutcomeQueued {
			stage = e.Stage
		}
	}
	return stage
}

// SetStage moves a case to a next stage.
func (d *Desk) SetStage(ctx context.Context, id hotline.CaseID, stage hotline.Stage) (Result, error) {
	return d.state(ctx, id, &entry{Act: seal.ActStage, Stage: stage}, func(s *session, f *caseFile) error {
		_, err := s.stageOf(f).StepTo(stage)
		return err
	})
}

// SetUrgency says how pressing a case is.
func (d *Desk) SetUrgency(ctx context.Context, id hotline.CaseID, u hotline.Urgency) (Result, error) {
	if !u.Valid() {
		return Result{}, hotline.Errorf(hotline.KindInvalid, "urgency", "there is no such urgency")
	}
	return d.state(ctx, id, &entry{Act: seal.ActUrgency, Urgency: u}, nil)
}

// Assign gives a case to a member of its team, or to nobody.
func (d *Desk) Assign(ctx context.Context, id hotline.CaseID, to seal.OperatorID) (Result, error) {
	return d.state(ctx, id, &entry{Act: seal.ActAssign, Assignee: to}, func(s *session, f *caseFile) error {
		return s.assignable(f, to)
	})
}

func (s *session) assignable(f *caseFile, to seal.OperatorID) error {
	if to == "" {
		return nil
	}
	m, ok := s.roster.Member(to)
	if !ok || !m.Active() || !slices.Contains(m.Teams, f.row.Team) || !hotline.Allowed(hotline.ActionReply, m.Roles...) {
		return hotline.Errorf(hotline.KindInvalid, "assign", "nobody of that name answers for the case's team")
	}
	return nil
}

func newStatementBody() *seal.StatementBody {
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	return &seal.StatementBody{Salt: hex.EncodeToString(salt[:])}
}

// Note keeps a note for colleagues.
func (d *Desk) Note(ctx context.Context, id hotline.CaseID, text string) (Result, error) {
	return d.written(ctx, id, seal.ActNote, text)
}

func (d *Desk) written(ctx context.Context, id hotline.CaseID, act, text string) (Result, error) {
	if strings.TrimSpace(text) == "" || !utf8.ValidString(text) {
		return Result{}, hotline.Errorf(hotline.KindInvalid, "note", "there is nothing to keep")
	}
	body := newStatementBody()
	body.Text = text
	return d.state(ctx, id, &entry{Act: act, Body: body}, nil)
}

// Handover leaves a note to who takes over and gives the case to that person,
// or to nobody. They are two acts; the note comes first, so that nobody takes
// over a case without it.
func (d *Desk) Handover(ctx context.Context, id hotline.CaseID, text string, to seal.OperatorID) (Result, error) {
	s, f, done, err := d.ready(ctx, "handover", id)
	if err != nil {
		return Result{}, err
	}
	err = s.assignable(f, to)
	done()
	if err != nil {
		return Result{}, err
	}
	if r, err := d.written(ctx, id, seal.ActHandover, text); err != nil || r.Outcome == OutcomeRefused {
		return r, err
	}
	return d.Assign(ctx, id, to)
}

// SetFacts notes language, number of people and a title; what is empty stays
// as it was.
func (d *Desk) SetFacts(ctx context.Context, id hotline.CaseID, facts Facts) (Result, error) {
	body := newStatementBody()
	body.Language, body.People, body.Title = strings.TrimSpace(facts.Language), facts.People, strings.TrimSpace(facts.Title)
	switch {
	case body.Language == "" && body.People == nil && body.Title == "":
		return Result{}, hotline.Errorf(hotline.KindInvalid, "facts", "there is nothing to keep")
	case body.People != nil && (*body.People < 0 || *body.People > 10000):
		return Result{}, hotline.Errorf(hotline.KindInvalid, "facts", "that is no number of people")
	case len(body.Title) > 400 || len(body.Language) > 35 || !utf8.ValidString(body.Title+body.Language):
		return Result{}, hotline.Errorf(hotline.KindInvalid, "facts", "too long")
	}
	return d.state(ctx, id, &entry{Act: seal.ActFacts, Body: body}, nil)
}

// SetWords keeps the word, and a second one that means duress (or none). They
// are hashed here: nobody reads them off a screen or out of the outbox.
func (d *Desk) SetWords(ctx context.Context, id hotline.CaseID, word, duress string) (Result, error) {
	body := newStatementBody()
	if strings.TrimSpace(word) == "" {
		return Result{}, hotline.Errorf(hotline.KindInvalid, "word", "the word is empty")
	}
	var err error
	if body.Word, err = seal.HashWord(word); err != nil {
		return Result{}, err
	}
	if strings.TrimSpace(duress) != "" {
		if seal.CheckWord(body.Word, duress) {
			return Result{}, hotline.Errorf(hotline.KindInvalid, "word", "the two words must differ")
		}
		if body.Duress, err = seal.HashWord(duress); err != nil {
			return Result{}, err
		}
	}
	return d.state(ctx, id, &entry{Act: seal.ActWord, Body: body}, nil)
}

// MarkRead says that the operator has read all that the person wrote, in the
// case and in its parts: each is a reading of its own.
func (d *Desk) MarkRead(ctx context.Context, id hotline.CaseID) (Result, error) {
	s, done, err := d.open("read")
	if err != nil {
		return Result{}, err
	}
	ids := []hotline.CaseID{id}
	if f := s.files[id]; f != nil {
		for _, p := range s.partsOf(f) {
			ids = append(ids, p.id)
		}
	}
	done()
	var out Result
	for i, each := range ids {
		r, err := d.markRead(ctx, each)
		if err != nil {
			return r, err
		}
		if i == 0 || r.Outcome != OutcomeSent {
			out = r
		}
	}
	return out, nil
}

func (d *Desk) markRead(ctx context.Context, id hotline.CaseID) (Result, error) {
	s, f, done, err := d.ready(ctx, "read", id)
	if err != nil {
		return Result{}, err
	}
	e := &entry{Kind: kindRead, Case: id, ReadSeq: min(f.lastOfPerson(), f.row.ContactSeq)}
	if e.ReadSeq <= f.row.SeenSeq {
		done()
		return Result{Outcome: OutcomeSent, Text: hotline.Say("Nothing is left to mark.")}, nil
	}
	i := slices.IndexFunc(s.outbox, func(o *entry) bool { return o.Kind == kindRead && o.Case == id && o.ReadSeq >= e.ReadSeq })
	if i >= 0 {
		e = s.outbox[i]
	} else {
		err = s.add(e)
	}
	done()
	if err != nil {
		return Result{}, err
	}
	return s.attempt(ctx, e)
}
