package drill

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/store"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// thread is one case as the drill knows it from both ends.
type thread struct {
	id       hotline.CaseID
	door     hotline.Channel
	receipt  hotline.Receipt // of the web alone
	code     hotline.ChannelCode
	word     string
	duress   string
	written  []string // by the person, record by record
	answered []string // by the desk, record by record
	away     int      // so many of the answers were put away
}

// side is who seals what the person writes.
func (t *thread) side() hotline.Side {
	if t.door.Delivered() {
		return hotline.SideGateway
	}
	return hotline.SideContact
}

// scenario plays one conversation. Whatever fails is in the result; what
// comes after it is played as far as it can be.
func (p *player) scenario(ctx context.Context, s rehearsal.Scenario) Result {
	r := Result{ID: s.ID, Channel: string(s.Channel), Door: string(rehearsal.Door(s.Channel)), Checks: []Check{}}
	if r.Door == r.Channel {
		r.check("door", nil, "%s", r.Door)
	} else {
		r.check("door", nil, "played on the %s: the door %q does not exist yet", r.Door, s.Channel)
	}
	if s.Continues != "" {
		p.comeBack(ctx, &r, s)
		return r
	}
	t := &thread{door: rehearsal.Door(s.Channel), word: "слово " + rand.Text()[:6], duress: "word " + rand.Text()[:6]}
	who := p.newVoice(&r, s, t)
	if !who.enter(ctx) || !p.talk(ctx, &r, t, who, s.Messages) {
		return r
	}
	p.cases[s.ID] = t
	p.notes(ctx, &r, s, t)
	p.walk(ctx, &r, s, t)
	who.leave(ctx)
	return r
}

// talk plays messages. It returns false when there is no case to go on with.
func (p *player) talk(ctx context.Context, r *Result, t *thread, who voice, messages []rehearsal.Message) bool {
	for i, m := range messages {
		name := sprintf("message %d, %s", i+1, m.From)
		switch {
		case m.From == hotline.SideContact:
			err := p.write(ctx, t, who, m.Text)
			if !r.check(name, err, "received, shown live, signed by the %s, exact%s", strings.TrimPrefix(signer(t.side()), "the "), inParts(who.parts(m.Text))) && t.id == (hotline.CaseID{}) {
				return false
			}
		case t.id == (hotline.CaseID{}):
			r.check(name, failed("the desk cannot write first: nobody has written to it yet"), "")
		default:
			err := p.answer(ctx, t, who, m.Text)
			r.check(name, err, "sent, %s, signed by the desk, exact%s", heard(t.side()), inParts(rehearsal.Parts(m.Text)))
		}
	}
	if t.id == (hotline.CaseID{}) {
		r.check("case", failed("nobody has written: there is no case"), "")
		return false
	}
	return true
}

func inParts(parts []string) string {
	if n := len(parts); n > 1 {
		return sprintf(", in %d records", n)
	}
	return ""
}

// write sends what the person says and waits until the operator sees it.
func (p *player) write(ctx context.Context, t *thread, who voice, text string) error {
	before := p.unread(t.id)
	p.drain()
	parts := who.parts(text)
	for _, part := range parts {
		if err := who.say(ctx, part); err != nil {
			return err
		}
		t.written = append(t.written, part)
	}
	// What the desk shows in its queue it has from the live feed alone.
	err := rehearsal.Await(ctx, p.notices, func() bool { return p.unread(t.id) >= before+len(parts) })
	if err != nil {
		return failed("received, but the desk is not told of it: %w", err)
	}
	v, err := p.desk.Case(ctx, t.id)
	if err != nil {
		return err
	}
	return sameTexts(v, t, t.side(), t.written)
}

// unread is how many records the queue of the desk shows as unread in a case.
func (p *player) unread(id hotline.CaseID) int {
	rows, err := p.desk.Queue(desk.Filter{})
	if err != nil {
		return 0
	}
	for _, row := range rows {
		if row.ID == id {
			return row.Unread
		}
	}
	return 0
}

// drain forgets notices of what has been looked at.
func (p *player) drain() {
	for {
		select {
		case _, open := <-p.notices:
			if !open {
				return
			}
		default:
			return
		}
	}
}

func from(v desk.CaseView, side hotline.Side) []desk.Message {
	return slices.DeleteFunc(slices.Clone(v.Messages), func(m desk.Message) bool { return m.Side != side })
}

// signer is how the desk calls who has signed for the person.
func signer(side hotline.Side) string {
	if side == hotline.SideGateway {
		return "gateway"
	}
	return "the person"
}

// heard is how a reply comes to the person.
func heard(side hotline.Side) string {
	if side == hotline.SideGateway {
		return "shown in the chat once, delivery noted"
	}
	return "fetched by the person"
}

// sameTexts compares a side of a case, record by record.
func sameTexts(v desk.CaseView, t *thread, side hotline.Side, want []string) error {
	have := from(v, side)
	if len(have) != len(want) {
		return failed("%d records are shown where %d were written", len(have), len(want))
	}
	for i, m := range have {
		switch {
		case m.Text != want[i]:
			return failed("record %d is not what was written", i+1)
		case m.Seq != int64(i):
			return failed("record %d is numbered %d", i+1, m.Seq)
		case len(m.Problems) > 0:
			return failed("record %d has a problem: %s", i+1, m.Problems[0].Text)
		case !m.Verified:
			return failed("record %d does not verify", i+1)
		case side != hotline.SideDesk && m.Signer != signer(side):
			return failed("record %d is shown as signed by %s", i+1, m.Signer)
		case m.Delivery != desk.DeliveryKept:
			return failed("record %d is not at the server", i+1)
		}
	}
	for _, problem := range v.Summary {
		return failed("the case has a problem: %s", problem.Text)
	}
	if v.ID != t.id {
		return failed("another case is shown")
	}
	return nil
}

// answer sends what the operator says and lets the person hear it.
func (p *player) answer(ctx context.Context, t *thread, who voice, text string) error {
	for _, part := range rehearsal.Parts(text) {
		result, err := p.desk.Reply(ctx, t.id, part)
		if err := done(result, err); err != nil {
			return err
		}
		t.answered = append(t.answered, part)
		if err := who.hear(ctx, part); err != nil {
			return err
		}
	}
	v, err := p.desk.Case(ctx, t.id)
	if err != nil {
		return err
	}
	return sameTexts(v, t, hotline.SideDesk, t.answered)
}

// done turns anything but "sent" into an error.
func done(r desk.Result, err error) error {
	if err != nil {
		return err
	}
	if r.Outcome != desk.OutcomeSent {
		return failed("the act was not sent but %s: %s", r.Outcome, r.Text)
	}
	return nil
}

// notes lets the operator write down what was learnt, agree on a word, and
// find the case by its channel code.
func (p *player) notes(ctx context.Context, r *Result, s rehearsal.Scenario, t *thread) {
	r.check("facts", p.facts(ctx, s, t), "%s", strings.TrimSpace(sprintf("language %q, people %s, title", s.Language, people(s))))
	r.check("word", p.agree(ctx, t), "set; the word matches, the second one means duress, another one nothing")
	r.check("channel code", p.locate(ctx, t), "twelve digits find the case")
}

func people(s rehearsal.Scenario) string {
	if s.People == nil {
		return "not said"
	}
	return sprintf("%d", *s.People)
}

func (p *player) facts(ctx context.Context, s rehearsal.Scenario, t *thread) error {
	if err := done(p.desk.SetFacts(ctx, t.id, desk.Facts{Language: s.Language, People: s.People, Title: s.ID})); err != nil {
		return err
	}
	if note := s.Note(); note != "" {
		if err := done(p.desk.Note(ctx, t.id, note)); err != nil {
			return err
		}
	}
	if err := done(p.desk.SetUrgency(ctx, t.id, s.UrgencyOf())); err != nil {
		return err
	}
	if err := done(p.desk.MarkRead(ctx, t.id)); err != nil {
		return err
	}
	v, err := p.desk.Case(ctx, t.id)
	if err != nil {
		return err
	}
	noted := s.Note() == "" || slices.ContainsFunc(v.Notes, func(n desk.StatementView) bool { return n.Verified && n.Text == s.Note() })
	switch {
	case s.Language != "" && v.Language != s.Language:
		return failed("the desk shows the language %q", v.Language)
	case s.People != nil && v.People != *s.People:
		return failed("the desk shows %d people", v.People)
	case v.Title != s.ID:
		return failed("the desk shows another title")
	case v.Urgency != s.UrgencyOf():
		return failed("the desk shows the urgency %d", v.Urgency)
	case v.Unread != 0:
		return failed("%d records are unread after reading", v.Unread)
	case !noted:
		return failed("the note is not shown as it was written")
	}
	return nil
}

func (p *player) agree(ctx context.Context, t *thread) error {
	if err := done(p.desk.SetWords(ctx, t.id, t.word, t.duress)); err != nil {
		return err
	}
	v, err := p.desk.Case(ctx, t.id)
	if err != nil {
		return err
	}
	if !v.WordSet || !v.DuressSet {
		return failed("the desk does not show that words were agreed")
	}
	for word, want := range map[string]desk.WordCheck{t.word: desk.WordMatch, t.duress: desk.WordDuress, t.word + "x": desk.WordNo} {
		got, err := p.desk.CheckWord(t.id, word)
		if err != nil {
			return err
		}
		if got != want {
			return failed("a word counts as %q where it should as %q", got, want)
		}
	}
	return nil
}

func (p *player) locate(ctx context.Context, t *thread) error {
	rows, err := p.desk.Locate(ctx, t.code.Digits())
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(row desk.Row) bool { return row.ID == t.id }) {
		return failed("the code finds %d cases, and not this one", len(rows))
	}
	return nil
}

// walk takes the case through the stages of the scenario.
func (p *player) walk(ctx context.Context, r *Result, s rehearsal.Scenario, t *thread) {
	for _, goal := range s.Path {
		steps, err := rehearsal.Walk(ctx, p.desk, t.id, goal)
		r.check("stage "+string(goal), err, "%s", steps)
	}
}

// keptCopies asks the database itself how many answers it keeps for the person.
func (p *player) keptCopies(ctx context.Context, t *thread) (int64, error) {
	var n int64
	err := p.db.View(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.CountReplyCopies(ctx, t.id[:])
		return err
	})
	return n, err
}
