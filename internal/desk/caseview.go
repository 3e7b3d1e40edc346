package desk

import (
	"context"
	"slices"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Case returns a case as it is known here, after asking the server for what is
// missing. Without a connection it shows what has been opened before.
func (d *Desk) Case(ctx context.Context, id hotline.CaseID) (CaseView, error) {
	s, done, err := d.open("case")
	if err != nil {
		return CaseView{}, err
	}
	f := s.files[id]
	ask := s.online && (f == nil || !f.upToDate() || f.content != nil)
	done()
	if ask {
		ctx, cancel := context.WithTimeout(ctx, actTimeout)
		err := s.refreshCase(ctx, id)
		cancel()
		if err != nil && !lost(err) {
			return CaseView{}, err
		}
	}
	asking, cancel := context.WithTimeout(ctx, actTimeout)
	err = s.refreshWhole(asking, id)
	cancel()
	if err != nil && !lost(err) {
		return CaseView{}, err
	}
	s, done, err = d.open("case")
	if err != nil {
		return CaseView{}, err
	}
	defer done()
	if f = s.files[id]; f == nil || (f.row.ID != id) {
		return CaseView{}, hotline.Errorf(hotline.KindNotFound, "case", "this desk knows no such case")
	}
	return s.view(f), nil
}

// view shows a case. Desk.mu must be held.
func (s *session) view(f *caseFile) CaseView {
	a := f.acts()
	each, whole := f.chains()
	v := CaseView{
		Row: s.rowOf(f), NextStages: s.nextStages(f, a), Created: f.row.Created, Team: f.row.Team, Generation: f.row.Generation,
		WordSet: a.hasWord, DuressSet: a.word.Duress != "", Code: f.code(), Pending: slices.Clone(f.pending),
		Summary: slices.Concat(f.lasting, whole, f.rowProblems(a), s.tieProblems(f)), Ties: s.tieViews(f), Doors: s.doors(f),
	}
	if m := s.mainOf(f); m != nil {
		v.PartOf, v.NextStages = m.id, nil
	}
	v.Messages, v.Phrase = s.messages(f, each), f.phraseOf()
	for _, o := range f.statements {
		v.History = append(v.History, s.statementView(o))
	}
	if d := s.drafts[f.id]; d != nil {
		v.Draft = d.Text
	}
	s.join(f, &v)
	v.Position = newestPosition(v.Messages)
	for _, p := range s.partsOf(f) {
		s.overlay(p, &v)
	}
	s.overlay(f, &v)
	for i, h := range v.History {
		if h.Act == seal.ActNote || h.Act == seal.ActHandover {
			v.Notes = append(v.Notes, h)
		}
		if h.Act == seal.ActHandover {
			v.Handover = &v.History[i]
		}
	}
	slices.SortStableFunc(v.Notes, func(a, b StatementView) int { return int(a.Hour - b.Hour) })
	v.DeskSeq = s.deskSeq(f)
	v.CanAttach = s.canAttach(f) == nil && (len(v.Doors) == 0 || v.Doors[0].Case == f.id)
	if st := s.staged[f.id]; st != nil {
		v.Staged = st.view()
	}
	v.WhyNot = hotline.Say("This case has no door of its own: write in the case that its people left.")
	for i, d := range v.Doors {
		if i == 0 || d.WhyNot.IsZero() {
			v.WhyNot = d.WhyNot
		}
		v.CanReply = v.CanReply || d.WhyNot.IsZero()
	}
	return v
}

func (s *session) message(f *caseFile, r openRecord, between []Problem) Message {
	m := Message{
		Side: r.side, Seq: r.header.Seq, Hour: r.header.Hour, Arrived: r.arrived,
		Text: r.body.Text, Files: attachments(r.body.Files), Language: r.body.Language, People: r.body.People, Effort: r.body.Effort,
		Signer: r.signer, Verified: r.verified, Problems: slices.Concat(r.problems, between),
		Case: f.id, Channel: f.row.Channel,
	}
	if r.side != hotline.SideDesk {
		m.New = f.isNew(r)
		s.chatFacts(f, &r, &m)
		return m
	}
	if m.Carried = f.carried(&r); m.Carried == nil {
		m.PutAway = !slices.Contains(f.pending, r.header.Seq)
	}
	return m
}

// isNew reports whether nobody has read a message yet. What a gateway adds to
// a case from a browser is not counted by the server: it is new until somebody
// has answered it.
func (f *caseFile) isNew(r openRecord) bool {
	switch {
	case r.side == hotline.SideDesk:
		return false
	case r.side == hotline.SideContact || !f.row.Channel.Sealed():
		return r.header.Seq > f.row.SeenSeq
	}
	for _, other := range f.records {
		if other.verified && other.side == hotline.SideDesk && other.place > r.place {
			return false
		}
	}
	return f.row.WaitingSince != 0
}

func (s *session) statementView(o openStatement) StatementView {
	v := StatementView{
		Seq: o.seq, Act: o.st.Act, Hour: o.st.Hour, By: signerUnknown, Verified: o.verified,
		Stage: o.st.Stage, Urgency: o.st.Urgency, Assignee: s.nameOf(o.st.Assignee),
		Text: o.body.Text, Title: o.body.Title, Language: o.body.Language, People: o.body.People,
		Word: o.body.Word != "", Duress: o.body.Duress != "", Problems: o.problems,
		Other: o.st.Other, Main: o.st.Main == o.st.Case, How: o.st.How,
	}
	if o.verified {
		v.By = o.by.Name
	}
	return v
}

// overlay adds what was written here and is not at the server yet.
func (s *session) overlay(f *caseFile, v *CaseView) {
	for _, e := range s.outbox {
		if e.Case != f.id {
			continue
		}
		delivery := DeliveryWaiting
		switch e.Outcome {
		case OutcomeConflict:
			delivery = DeliveryConflict
		case OutcomeRefused:
			delivery = DeliveryRefused
		default:
		}
		switch e.Kind {
		case kindReply:
			v.Messages = append(v.Messages, s.waitingReply(f, e, delivery))
		case kindStatement:
			o := openStatement{seq: e.Seq, by: s.me, verified: true}
			o.st.Act, o.st.Hour, o.st.Stage, o.st.Urgency, o.st.Assignee = e.Act, e.Hour, e.Stage, e.Urgency, e.Assignee
			if e.Body != nil {
				o.body = *e.Body
			}
			sv := s.statementView(o)
			sv.Delivery, sv.OutboxID = delivery, e.ID
			v.History = append(v.History, sv)
		}
		if delivery != DeliveryWaiting {
			v.Summary = append(v.Summary, Problem{ProblemPending, hotline.Say("Something written here was not sent and needs your decision.")})
		}
	}
}

// waitingReply shows a reply of the outbox.
func (s *session) waitingReply(f *caseFile, e *entry, delivery Delivery) Message {
	m := Message{
		Side: hotline.SideDesk, Seq: e.Seq, Hour: e.Hour, Arrived: e.Hour, Text: e.Text, Language: e.Language,
		Signer: s.me.Name, Verified: true, Delivery: delivery, OutboxID: e.ID, Case: f.id, Channel: f.row.Channel,
	}
	for _, file := range e.Files {
		m.Files = append(m.Files, attachments([]seal.File{file.File})...)
	}
	if e.unplaced() {
		m.Hour = hotline.HourOf(e.At)
		m.Arrived = m.Hour
		if delivery == DeliveryWaiting {
			m.Upload = &Upload{Done: e.sent, Total: e.total(), Waits: e.waits}
			if !s.online {
				m.Upload.Waits = hotline.Say("There is no connection. It goes on by itself.")
			}
		}
	}
	return m
}

// rowAlone shows a case by itself. Desk.mu must be held.
func (s *session) rowAlone(f *caseFile) Row {
	r := Row{
		ID: f.id, Short: f.id.Short(), Channel: f.row.Channel, Stage: f.row.Stage, Urgency: f.row.Urgency,
		Unread: int(max(0, f.row.ContactSeq-f.row.SeenSeq)), Answered: f.row.Answered, Folded: f.row.Folded, Draft: s.drafts[f.id] != nil,
	}
	assignee := f.row.Assignee
	if f.row.WaitingSince != 0 {
		r.Waiting = time.UnixMilli(f.row.WaitingSince)
	}
	if f.synced > 0 { // desks act only on what verifies
		g := f.gist()
		r.Stage, r.Urgency, assignee = g.stage, g.urgency, g.assignee
		r.Language, r.People, r.Title, r.Snippet, r.Opened = g.language, g.people, g.title, g.snippet, len(f.keys) > 0 || f.content != nil
		r.Problems, r.Unread, r.Files = g.problems, g.unread, g.files
		r.Event, r.Began, r.Blocked, r.QuietPlease, r.Undelivered = g.chat.Event, g.chat.Began, g.chat.Blocked, g.chat.Quiet, g.chat.Undelivered
	}
	r.Assignee, r.Mine = s.nameOf(assignee), assignee != "" && assignee == s.me.ID
	r.Group = s.groupOf(f)
	for _, e := range s.outbox {
		switch {
		case e.Case != f.id:
		case e.Outcome != OutcomeQueued:
			r.Problems++
		case e.Kind == kindRead:
			r.Unread = int(max(0, f.row.ContactSeq-max(f.row.SeenSeq, e.ReadSeq)))
		}
	}
	return r
}

// gist is what the queue shows of a case: worked out once for each change, as
// the queue is drawn often and has thousands of rows.
type gist struct {
	acts
	language string
	people   int
	title    string
	snippet  string
	files    []FileKind
	chat     chatGist
	problems int
	unread   int
}

func (f *caseFile) gist() *gist {
	if f.short == nil && f.content != nil {
		f.short = f.content.gist()
	}
	if f.short == nil {
		a := f.acts()
		g := &gist{acts: a, title: f.title(a), snippet: f.snippet(), files: f.newestFiles(), chat: f.chatGist(), problems: f.countProblems(a)}
		for _, r := range f.records {
			if f.isNew(r) {
				g.unread++
			}
		}
		g.language, g.people = f.said()
		if a.language != "" {
			g.language = a.language
		}
		if a.people != nil {
			g.people = *a.people
		}
		f.short = g
	}
	return f.short
}

func (f *caseFile) countProblems(a acts) int {
	each, whole := f.chains()
	n := len(f.lasting) + len(whole) + len(f.rowProblems(a))
	for i, r := range f.records {
		n += len(each[i]) + len(r.problems)
	}
	for _, o := range f.statements {
		n += len(o.problems)
	}
	return n
}

// CheckWord compares a word with those agreed on. It takes about 50 ms for
// each, whatever the answer.
func (d *Desk) CheckWord(id hotline.CaseID, word string) (WordCheck, error) {
	s, done, err := d.open("check word")
	if err != nil {
		return WordNo, err
	}
	f := s.files[id]
	if f == nil || f.synced == 0 {
		done()
		return WordNo, hotline.Errorf(hotline.KindNotFound, "check word", "the case is not opened on this desk yet")
	}
	a := f.acts()
	done()
	if !a.hasWord {
		return WordNo, hotline.Errorf(hotline.KindNotFound, "check word", "no word was agreed in this case")
	}
	match, duress := seal.CheckWord(a.word.Word, word), seal.CheckWord(a.word.Duress, word)
	switch {
	case duress:
		return WordDuress, nil
	case match:
		return WordMatch, nil
	}
	return WordNo, nil
}
