package desk

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// What a gateway tells of a conversation in a channel of others
// (docs/sealing.md, section 12).

// Carried is how far a gateway has come with a reply.
type Carried struct {
	State  hotline.Deliverance // "": it is on its way
	Reason hotline.DeliveryReason
	Hour   hotline.Hour // when the gateway said so
}

// ChatFacts is what a gateway told of a message beside its text.
type ChatFacts struct {
	Event     hotline.ChatEvent
	Forwarded bool              // the words are somebody else's
	Edited    bool              // the person has changed it
	EditHour  hotline.Hour      // of an edited one: when it was changed last
	Earlier   []Message         // what it said before, the oldest first; none of an edited one: that never came
	Claim     []string          // groups of another case's channel code, which the person says is his
	Form      []seal.FormAnswer // of a registration in advance
	Position  *Position         // of a position
}

// PositionState says why a position can be seen or not.
type PositionState string

// The states of positions.
const (
	PositionOpen   PositionState = "open"   // here it is
	PositionSealed PositionState = "sealed" // to the field team, and this operator is not in it
	PositionLocked PositionState = "locked" // this desk does not hold the field team's key yet
	PositionGone   PositionState = "gone"   // it was kept for days, and is not any more
	PositionWrong  PositionState = "wrong"  // what is kept does not verify: the case says why
)

// Position is a position that the person sent.
type Position struct {
	State PositionState
	At    seal.Position // while open
	Hour  hotline.Hour  // when it came
}

// chatGist is what the queue shows of a conversation through a gateway.
type chatGist struct {
	Event       hotline.ChatEvent `json:"event,omitzero"` // of the message that the snippet shows, where it has no text
	Began       hotline.ChatEvent `json:"began,omitzero"` // what the case began with, where that was no text
	Blocked     bool              `json:"blocked,omitzero"`
	Quiet       bool              `json:"quiet,omitzero"`
	Undelivered bool              `json:"undelivered,omitzero"`
}

// fieldNote is a position that was opened, or why not.
type fieldNote struct {
	state PositionState
	at    seal.Position
}

// delivered reports whether a gateway delivers replies in this case. By which
// channel a case came is the server's word alone: where the case's signed first
// key names one of the person's own, no gateway stands between.
func (f *caseFile) delivered() bool {
	return f.row.Channel.Delivered() && len(f.generations) > 0 &&
		f.generations[0].ContactRecipient.IsZero() && f.generations[0].Parent == hotline.CaseID{}
}

// copyTo is to whose key the copy of a reply and of its files is sealed: the
// person's, or that of the gateway which delivers it; none where nobody has one.
func (s *session) copyTo(f *caseFile, g seal.Generation) seal.Recipient {
	if f.delivered() {
		return s.manifest.Gateway
	}
	return g.ContactRecipient
}

// chat is what a gateway told of a record, if one signed it: nobody else's
// device speaks of chats.
func (r *openRecord) chat() *seal.Chat {
	if r.side != hotline.SideGateway || !r.verified || !r.readable {
		return nil
	}
	return r.body.Chat
}

// event is what happened, where the record is not simply a message.
func (r *openRecord) event() hotline.ChatEvent {
	if c := r.chat(); c != nil {
		return c.Event
	}
	return hotline.ChatMessage
}

// chatPlace is where a message stands in a channel: its number there, in the chat
// with one of our bots.
type chatPlace struct{ source, number int64 }

// placed tells it, if the channel gave the message a number.
func (r *openRecord) placed() (p chatPlace, ok bool) {
	c := r.chat()
	if c == nil || c.Number == 0 {
		return p, false
	}
	return chatPlace{c.Source, c.Number}, true
}

func (r *openRecord) edited() bool {
	c := r.chat()
	return c != nil && c.Edited
}

// order is in which order the records of a case are shown: as they arrived, but
// neighbours from a gateway by the numbers that the channel gave them. Whatever
// stands between them (a reply, what does not verify) stays where it is.
func (f *caseFile) order() []int {
	order := make([]int, len(f.records))
	for i := range order {
		order[i] = i
	}
	at := func(i int) *openRecord { return &f.records[order[i]] }
	for begin := 0; begin < len(order); {
		end := begin
		first, _ := at(begin).placed()
		for end < len(order) {
			if p, ok := at(end).placed(); !ok || p.source != first.source {
				break
			}
			end++
		}
		slices.SortStableFunc(order[begin:end], func(a, b int) int {
			x, _ := f.records[a].placed()
			y, _ := f.records[b].placed()
			return cmp.Or(cmp.Compare(x.number, y.number), compareBool(f.records[a].edited(), f.records[b].edited()))
		})
		begin = max(end, begin+1)
	}
	return order
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// messages are the records of a case as a page shows them: in their order, and
// what the person changed as one message, with what it said before.
func (s *session) messages(f *caseFile, each [][]Problem) []Message {
	first := map[chatPlace]int{} // the record that edits replace
	for i := range f.records {
		if p, ok := f.records[i].placed(); ok && !f.records[i].edited() {
			if _, known := first[p]; !known {
				first[p] = i
			}
		}
	}
	original := func(r *openRecord) (int, bool) {
		p, ok := r.placed()
		of, known := first[p]
		return of, ok && known && r.edited()
	}
	edits := map[int][]int{} // of a record: in order of arrival
	for i := range f.records {
		if of, known := original(&f.records[i]); known {
			edits[of] = append(edits[of], i)
		}
	}
	out := make([]Message, 0, len(f.records))
	for _, i := range f.order() {
		r := &f.records[i]
		if _, known := original(r); known {
			continue // it stands with what it replaces
		}
		m := s.message(f, *r, each[i])
		for _, e := range edits[i] {
			m = edited(m, s.message(f, f.records[e], each[e]))
		}
		out = append(out, m)
	}
	return out
}

// edited is a message after an edit: in its place, with the new text, and what
// it said before beside it.
func edited(m, by Message) Message {
	before := m
	earlier := m.Chat.Earlier
	before.Chat.Earlier, before.Problems = nil, nil
	by.Chat.Earlier = append(slices.Clone(earlier), before)
	by.Problems = slices.Concat(m.Problems, by.Problems)
	by.New = m.New || by.New
	by.Seq, by.Hour, by.Arrived = m.Seq, m.Hour, m.Arrived
	return by
}

// chatFacts fills in what a gateway told of a message.
func (s *session) chatFacts(f *caseFile, r *openRecord, m *Message) {
	c := r.chat()
	if c == nil {
		return
	}
	m.Chat = ChatFacts{Event: c.Event, Forwarded: c.Forwarded, Edited: c.Edited, Form: slices.Clone(c.Form)}
	if c.Edited {
		m.Chat.EditHour = r.header.Hour
	}
	if code, err := hotline.ParseChannelCode(c.Claim); err == nil && c.Event == hotline.ChatClaim {
		m.Chat.Claim = code.Groups()
	}
	if c.Event == hotline.ChatPosition {
		p := s.position(f, r)
		m.Chat.Position = &p
	}
}

// position is what this desk has of a position that came with a record. It is
// let go here as it is at the server, also while there is no connection.
func (s *session) position(f *caseFile, r *openRecord) Position {
	p := Position{State: PositionGone, Hour: r.header.Hour}
	switch n, have := f.notes[r.id]; {
	case s.hour().Day()-p.Hour.Day() > hotline.FieldNoteDays:
	case have:
		p.State, p.At = n.state, n.at
	case !slices.Contains(s.me.Teams, hotline.TeamField):
		p.State = PositionSealed
	}
	return p
}

// carried is how far a gateway has come with a reply; nil where none delivers
// it, or where what it said was let go with the hours of the case.
func (f *caseFile) carried(r *openRecord) *Carried {
	if r.side != hotline.SideDesk || !r.verified || !f.delivered() || f.row.Folded {
		return nil
	}
	d := f.deliveries[r.hash]
	return &Carried{State: d.State, Reason: d.Reason, Hour: d.Hour}
}

// takeGateway believes what a gateway left beside the records of a case, as far
// as its signature and what it speaks of fit. Both lists are whole each time.
func (s *session) takeGateway(f *caseFile, b api.Bundle) {
	f.astray, f.deliveries = nil, nil
	for _, text := range b.Deliveries {
		s.takeDelivery(f, text)
	}
	before := f.notes
	f.notes = nil
	for _, n := range b.FieldNotes {
		s.takeNote(f, n, before)
	}
}

// stray is a problem with what stands beside the records.
func (f *caseFile) stray(kind ProblemKind, text hotline.Sentence) {
	p := Problem{kind, text}
	if !slices.ContainsFunc(f.astray, func(q Problem) bool { return p.Kind == q.Kind && p.Text.Equal(q.Text) }) {
		f.astray = append(f.astray, p)
	}
}

func (s *session) byGateway(signedBy func(seal.PublicKey) bool) bool {
	return slices.ContainsFunc(s.kept.GatewayKeys, signedBy)
}

func (s *session) takeDelivery(f *caseFile, text []byte) {
	d, signed, err := seal.ParseDelivery(text)
	if err != nil || !s.byGateway(func(k seal.PublicKey) bool { return seal.DeliverySignedBy(signed, k) }) {
		f.stray(ProblemForged, hotline.Say("What the server says about the delivery of a reply is not signed by the gateway. It does not count."))
		return
	}
	ours := slices.ContainsFunc(f.records, func(r openRecord) bool {
		return r.verified && r.side == hotline.SideDesk && r.hash == d.Reply
	})
	if d.Case != f.id || !ours {
		f.stray(ProblemMoved, hotline.Say("What the server says about the delivery of a reply speaks of none in this case. It does not count."))
		return
	}
	if f.deliveries == nil {
		f.deliveries = map[seal.Hash]seal.Delivery{}
	}
	if f.deliveries[d.Reply].State != hotline.DeliveranceSent { // what has been sent cannot have failed
		f.deliveries[d.Reply] = d
	}
}

// takeNote opens a position, unless it was opened before.
func (s *session) takeNote(f *caseFile, in api.FieldNote, before map[seal.Hash]fieldNote) {
	i := slices.IndexFunc(f.records, func(r openRecord) bool { return r.id == in.Record })
	if i < 0 || f.records[i].event() != hotline.ChatPosition {
		f.stray(ProblemMoved, hotline.Say("The server shows a position that belongs to no message of this case. It does not count."))
		return
	}
	r := &f.records[i]
	if f.notes == nil {
		f.notes = map[seal.Hash]fieldNote{}
	}
	if n, have := before[r.id]; have && n.state == PositionOpen {
		f.notes[r.id] = n
		return
	}
	secret, held := s.epochs[epochID{in.Team, in.Epoch}]
	if !held {
		f.notes[r.id] = fieldNote{state: PositionLocked}
		return
	}
	f.notes[r.id] = fieldNote{state: PositionWrong}
	n, p, signed, err := seal.OpenFieldNote(secret.Identity, in.File)
	switch {
	case err != nil:
		f.stray(ProblemUnreadable, hotline.Say("A position is damaged, or sealed to another key."))
	case !s.byGateway(func(k seal.PublicKey) bool { return seal.FieldNoteSignedBy(signed, k) }):
		f.stray(ProblemForged, hotline.Say("A position is not signed by the gateway. It is not shown."))
	case n.Case != f.id || n.Record != r.hash:
		f.stray(ProblemMoved, hotline.Say("A position belongs to another message than the one beside which the server shows it. It is not shown."))
	default:
		f.notes[r.id] = fieldNote{PositionOpen, p}
	}
}

// locked reports whether a position waits for a key that this desk may get.
func (f *caseFile) locked() bool {
	for _, n := range f.notes {
		if n.state == PositionLocked {
			return true
		}
	}
	return false
}

// chatGist works out what the queue shows of a conversation through a gateway.
func (f *caseFile) chatGist() (g chatGist) {
	began := false
	for i := range f.records {
		r := &f.records[i]
		if r.readable && r.header.Side != hotline.SideDesk && !began {
			began = true
			if strings.TrimSpace(r.body.Text) == "" {
				g.Began = r.event()
			}
		}
		if c := f.carried(r); c != nil {
			g.Undelivered = c.State == hotline.DeliveranceFailed // of the newest reply
		}
		if r.readable {
			g.Event = hotline.ChatMessage
			if strings.TrimSpace(r.body.Text) == "" {
				g.Event = r.event()
			}
		}
		c := r.chat()
		if c == nil {
			continue
		}
		g.Blocked = c.Event == hotline.ChatBlocked
		g.Quiet = quietAfter(g.Quiet, c)
	}
	return g
}

// quietAfter reports whether the person wants not to be written to first, after
// one more thing came: who writes again may be answered.
func quietAfter(quiet bool, c *seal.Chat) bool {
	switch c.Event {
	case hotline.ChatMessage, hotline.ChatClaim, hotline.ChatPosition, hotline.ChatLost:
		return false
	case hotline.ChatRegistered:
		return slices.Contains(c.Form, seal.FormAnswer{Question: "first", Answer: hotline.AnswerNo})
	case hotline.ChatBlocked, hotline.ChatBack, hotline.ChatErased:
	}
	return quiet
}

// phraseOf is the phrase that the chat and the desk both say of a case; none
// where no gateway speaks with the person.
func (f *caseFile) phraseOf() string {
	if !f.delivered() || f.phrase == nil {
		return ""
	}
	return hotline.PhraseOf(f.phrase...)
}

// newestPosition is the last position of the conversation; nil: none came.
func newestPosition(messages []Message) *Position {
	for _, m := range slices.Backward(messages) {
		if m.Chat.Position != nil {
			return m.Chat.Position
		}
	}
	return nil
}

// recordID is how the server names a record: by its sealed file.
func recordID(file []byte) seal.Hash { return sha256.Sum256(file) }
