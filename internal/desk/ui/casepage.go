package ui

import (
	"net/http"
	"slices"
	"strconv"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// caseView is a case as the page draws it. Its parts that change by
// themselves are fragments; forms stand outside them, so that nothing that is
// being typed is lost.
type caseView struct {
	base
	Ref        string
	Row        rowView
	Short      string
	Created    string
	Team       string
	Generation int
	Messages   []messageView
	Summary    []problemView
	Notes      []actView
	Handover   *actView
	History    []actView
	WordSet    bool
	DuressSet  bool
	Code       []string
	CanReply   bool
	WhyNot     spoken
	Draft      string
	CanAttach  bool
	Attached   *attachedView // chosen for the next reply; nil: nothing
	DeskSeq    int64
	Unread     bool // something was written that nobody has read
	Next       []choice
	Urgencies  []urgencyChoice
	Colleagues []choice
	Languages  []choice
	TemplateIn string // language of the templates that are offered first
	Parts      map[string]fragment
	Ties       []tieView
	PartOf     *tieView // the case that this one is a part of
	Joined     []tieView
	Doors      []doorView // where there is a choice
	DoorOf     string     // reference of the only door, if it is another case
	MayTie     bool
	ReplyNotes []string // what must be known before a reply is written
	Phrases    []choice // words that a chat says of this case too, with its door where there are several
	Position   *positionView
}

type urgencyChoice struct {
	Value   int
	Text    string
	Hint    string
	Current bool
}

type problemView struct {
	Kind, Text string
	Detail     spoken
}

// messageView is one record of the conversation.
type messageView struct {
	Side     string // "in", "out" or "gate"
	Signer   string
	Signed   string // who signed, in words
	Good     bool   // the signature is good
	Hour     string
	Arrived  string // only when it came much later than it was written
	Text     string
	Files    []fileView
	Language string
	People   int
	Effort   bool
	From     string // of a merged case: which case and door it came in
	Divider  bool   // what follows nobody has read
	State    string
	Failed   bool // State says that it did not arrive
	Chat     chatView
	Waits    bool   // not at the server yet
	Undone   string // id in the outbox of what needs a decision
	Upload   *uploadView
	Stop     string // id in the outbox of what goes out now and can be stopped
	Problems []problemView
}

type actView struct {
	Act      string
	Text     string // what was done, in words
	Note     string
	By       string
	Hour     string
	Verified bool
	State    string
	Problems []problemView
}

// place is where the unread part of a case began.
type place struct {
	side hotline.Side
	seq  int64
	of   hotline.CaseID
}

func (u *UI) caseOf(r *http.Request) (hotline.CaseID, error) {
	return u.refs.id(r.PathValue("ref"))
}

// openCase shows a case: a whole page, or the part of it that htmx asks for.
func (u *UI) openCase(w http.ResponseWriter, r *http.Request) {
	u.desk.CloseFile() // what was shown before is not needed any more
	v, err := u.loadCase(r, true)
	if err == nil {
		err = u.opened(r)
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	if byHTMX(r) {
		u.write(w, r, http.StatusOK, "work", "case", v)
		return
	}
	u.showWork(w, r, v)
}

// opened tells that the operator has opened the case by hand.
func (u *UI) opened(r *http.Request) error {
	id, err := u.caseOf(r)
	if err != nil {
		return err
	}
	return u.desk.Opened(id)
}

// liveCase draws those parts of a case anew that change by themselves.
func (u *UI) liveCase(w http.ResponseWriter, r *http.Request) {
	u.again(w, r, nil)
}

// again answers with the changing parts of a case and, after an act, with a
// notice of what became of it.
func (u *UI) again(w http.ResponseWriter, r *http.Request, n *notice) {
	v, err := u.loadCase(r, false)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	for id, p := range v.Parts {
		p.Again = true
		v.Parts[id] = p
	}
	u.write(w, r, http.StatusOK, "work", "caseagain", struct {
		*caseView
		Notice *notice
	}{v, n})
}

// loadCase reads a case; opened sets the line above what is unread.
func (u *UI) loadCase(r *http.Request, opened bool) (*caseView, error) {
	id, err := u.caseOf(r)
	if err != nil {
		return nil, err
	}
	c, err := u.desk.Case(r.Context(), id)
	if err != nil {
		return nil, err
	}
	v := u.caseView(u.base(r, "queue"), c, u.divider(c, opened))
	for _, part := range []string{"casehead", "talk", "attached", "replystate", "factsview", "notes", "history", "ties"} {
		if v.Parts[part], err = u.pages.part("work", part, v, false); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// divider remembers where the unread part began when the case was opened:
// opening marks it as read, and the line must not vanish under the eyes.
func (u *UI) divider(c desk.CaseView, opened bool) place {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, ok := u.dividers[c.ID]; ok && !opened {
		return at
	}
	i := slices.IndexFunc(c.Messages, func(m desk.Message) bool { return m.New })
	if i < 0 {
		if opened {
			delete(u.dividers, c.ID)
		}
		return place{}
	}
	at := place{c.Messages[i].Side, c.Messages[i].Seq, c.Messages[i].Case}
	u.dividers[c.ID] = at
	return at
}

func (u *UI) caseView(b base, c desk.CaseView, unread place) *caseView {
	t := b.T
	v := &caseView{
		base: b, Ref: u.refs.of(c.ID), Row: u.rowView(t, c.Row), Short: c.Short, Created: u.hour(t, c.Created),
		Team: t.Teams[c.Team], Generation: c.Generation, WordSet: c.WordSet, DuressSet: c.DuressSet, Code: c.Code,
		CanReply: c.CanReply, WhyNot: t.say(c.WhyNot), Draft: c.Draft, DeskSeq: c.DeskSeq,
		CanAttach: c.CanAttach, Attached: attached(t, c.Staged),
		Summary: problems(t, c.Summary), TemplateIn: "ru", Parts: map[string]fragment{},
		ReplyNotes: replyNotes(t, c), Phrases: phrasesShown(t, c), Position: u.positionView(t, c.Position),
	}
	divided := false
	for _, m := range c.Messages {
		mv := u.messageView(t, c, m)
		if !divided && unread.side != "" && m.Side == unread.side && m.Seq == unread.seq && m.Case == unread.of {
			mv.Divider, divided = true, true
		}
		v.Unread = v.Unread || m.New
		v.Messages = append(v.Messages, mv)
	}
	u.tieViews(t, v, c)
	for _, n := range slices.Backward(c.Notes) {
		v.Notes = append(v.Notes, u.actView(t, n))
	}
	if c.Handover != nil {
		h := u.actView(t, *c.Handover)
		v.Handover = &h
	}
	for _, h := range slices.Backward(c.History) {
		v.History = append(v.History, u.actView(t, h))
	}
	for _, s := range c.NextStages {
		v.Next = append(v.Next, choice{string(s), t.Stages[s]})
	}
	for k := hotline.UrgencyNow; k >= hotline.UrgencyCalm; k-- {
		v.Urgencies = append(v.Urgencies, urgencyChoice{int(k), t.Urgencies[k], t.UrgencyHints[k], k == c.Urgency})
	}
	for _, p := range u.desk.People() {
		if p.Until == 0 && !p.Me && slices.Contains(p.Teams, c.Team) && hotline.Allowed(hotline.ActionReply, p.Roles...) {
			v.Colleagues = append(v.Colleagues, choice{p.ID, p.Name})
		}
	}
	for _, l := range contactLanguages() {
		v.Languages = append(v.Languages, choice{l, t.LanguageNames[l]})
	}
	if slices.Contains(contactLanguages(), c.Language) {
		v.TemplateIn = c.Language
	}
	return v
}

func (u *UI) messageView(t *texts, c desk.CaseView, m desk.Message) messageView {
	v := messageView{
		Signer: m.Signer, Good: m.Verified, Hour: u.hour(t, m.Hour), Text: m.Text, Files: u.filesOf(t, c, m), Language: m.Language,
		People: m.People, Effort: m.Effort, Chat: u.chatView(t, c, m), Problems: problems(t, m.Problems),
	}
	if m.Arrived-m.Hour > 1 {
		v.Arrived = u.hour(t, m.Arrived)
	}
	switch m.Side {
	case hotline.SideContact:
		v.Side, v.Signer, v.Signed = "in", t.Case.Person, t.Case.SignedPerson
	case hotline.SideGateway:
		v.Side, v.Signer, v.Signed = "gate", t.Case.ByGateway+" · "+t.Channels[m.Channel], t.Case.SignedGateway
	case hotline.SideDesk:
		v.Side, v.Signed = "out", t.Case.SignedOperator
		v.State = t.Case.NotPutAway
		if m.PutAway {
			v.State = t.Case.PutAway
		}
		if !m.Channel.Sealed() {
			v.State = t.Case.AtServer
		}
		if m.Carried != nil {
			v.State, v.Failed = carriedInWords(t, m.Channel, *m.Carried)
		}
	}
	if c.Parts > 0 {
		mark := t.Ties.DoorMark
		if m.Side == hotline.SideDesk {
			mark = t.Ties.DoorOut
		}
		v.From = mark + " " + t.Channels[m.Channel] + " · " + m.Case.Short()
	}
	if !m.Verified {
		v.Signer, v.Signed = t.Case.Unknown, t.Case.SignedNobody
	}
	switch m.Delivery {
	case desk.DeliveryKept:
	case desk.DeliveryWaiting:
		v.State, v.Waits = t.Case.Waits, true
		if v.Upload = upload(t, m.Upload); v.Upload != nil {
			v.State, v.Stop = "", m.OutboxID
		}
	case desk.DeliveryConflict:
		v.State, v.Undone = t.Case.Conflict, m.OutboxID
	case desk.DeliveryRefused:
		v.State, v.Undone = t.Case.Refused, m.OutboxID
	}
	return v
}

// filesOf draws the files of a message of a case, or of a part of it.
func (u *UI) filesOf(t *texts, c desk.CaseView, m desk.Message) []fileView {
	return fileViews(t, m, "/case/"+u.refs.of(m.Case), c.CanAttach && m.Case == c.ID)
}

func (u *UI) actView(t *texts, s desk.StatementView) actView {
	v := actView{
		Act: s.Act, By: s.By, Hour: u.hour(t, s.Hour), Verified: s.Verified, Note: s.Text, Problems: problems(t, s.Problems),
		Text: t.Acts[s.Act],
	}
	if !s.Verified {
		v.By = t.Case.Unknown
	}
	switch s.Act {
	case seal.ActStage:
		v.Text += ": " + t.Stages[s.Stage]
	case seal.ActUrgency:
		v.Text += ": " + t.Urgencies[s.Urgency]
	case seal.ActAssign:
		v.Text += ": " + orElse(s.Assignee, t.Case.Nobody)
	case seal.ActLink, seal.ActUnlink, seal.ActMerge, seal.ActUnmerge, seal.ActSplit, seal.ActUnsplit:
		v.Text += ": " + s.Other.Short()
		if how := t.Ties.How[s.How]; how != "" {
			v.Text += " · " + how
		}
	case seal.ActWord:
		if s.Duress {
			v.Text = t.Case.ActBothWords
		}
	case seal.ActFacts:
		v.Note = s.Title
		if s.Language != "" {
			v.Note += " · " + orElse(t.LanguageNames[s.Language], s.Language)
		}
		if s.People != nil {
			v.Note += " · " + t.Case.People + ": " + strconv.Itoa(*s.People)
		}
	}
	switch s.Delivery {
	case desk.DeliveryKept:
	case desk.DeliveryWaiting:
		v.State = t.Case.Waits
	case desk.DeliveryConflict:
		v.State = t.Case.Conflict
	case desk.DeliveryRefused:
		v.State = t.Case.Refused
	}
	return v
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// problems puts problems into the operator's language; what the desk said in
// detail follows.
func problems(t *texts, list []desk.Problem) []problemView {
	var out []problemView
	for _, p := range list {
		detail := t.say(p.Text)
		out = append(out, problemView{string(p.Kind), orElse(t.Problems[p.Kind], detail.Text), detail})
	}
	return out
}
