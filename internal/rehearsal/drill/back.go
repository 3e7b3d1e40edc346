package drill

import (
	"context"
	"errors"
	"slices"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
)

// onAnotherDevice is the person with nothing but the receipt in mind.
func (p *player) onAnotherDevice(ctx context.Context, t *thread) (*contact.Case, contact.State, error) {
	client, err := p.product.Contact(ctx)
	if err != nil {
		return nil, contact.State{}, err
	}
	remembered, err := hotline.ParseReceipt(strings.Join(t.receipt.Groups(), " "))
	if err != nil {
		return nil, contact.State{}, err
	}
	c, err := client.Return(remembered)
	if err != nil {
		return nil, contact.State{}, err
	}
	st, err := c.Open(ctx)
	return c, st, err
}

// returns comes back with the receipt alone, puts one answer away, comes back
// again, puts all away, and comes back to nothing.
func (p *player) returns(ctx context.Context, r *Result, t *thread) {
	device, ids, err := p.sees(ctx, t)
	if !r.check("receipt", err, "on another device: answers shown %d, records of ours known %d, all of them read by the desk", len(ids), len(t.written)) {
		return
	}
	if len(ids) > 1 {
		err = t.putAway(ctx, device, ids[:1])
		if err == nil {
			device, ids, err = p.sees(ctx, t)
		}
		r.check("put one away", err, "on another device: that one is gone, the rest is shown (%d)", len(ids))
	}
	if len(ids) == 0 {
		return
	}
	if err = t.putAway(ctx, device, ids); err == nil {
		_, _, err = p.sees(ctx, t)
	}
	if err == nil {
		err = p.gone(ctx, t)
	}
	r.check("put all away", err, "on another device: nothing shown; the server keeps no copy; the desk knows")
}

// sees fetches everything on another device and compares it with what was not
// put away. It returns what putting away needs.
func (p *player) sees(ctx context.Context, t *thread) (*contact.Case, []seal.Hash, error) {
	c, st, err := p.onAnotherDevice(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	left := t.answered[t.away:]
	switch {
	case st.Sent != int64(len(t.written)-1):
		return nil, nil, failed("the server's last record of ours is %d of %d", st.Sent+1, len(t.written))
	case st.LastReply != int64(len(t.answered)-1):
		return nil, nil, failed("the desk's last record is %d of %d", st.LastReply+1, len(t.answered))
	case st.Pending != len(left):
		return nil, nil, failed("%d answers are announced where %d were not put away", st.Pending, len(left))
	case st.Read != int64(len(t.written)-1):
		return nil, nil, failed("the desk has read up to record %d of %d", st.Read+1, len(t.written))
	case st.Answered != (len(t.answered) > 0):
		return nil, nil, failed("the state says answered: %t", st.Answered)
	}
	var ids []seal.Hash
	var last *contact.Reply
	for after := int64(-1); ; {
		reply, found, err := c.Fetch(ctx, after, last)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			break
		}
		if len(ids) >= len(left) {
			return nil, nil, failed("more is shown than was not put away")
		}
		if reply.Text != left[len(ids)] || reply.Seq != int64(t.away+len(ids)) {
			return nil, nil, failed("answer %d is not what the desk wrote", t.away+len(ids)+1)
		}
		ids, last, after = append(ids, reply.ID), &reply, reply.Seq
	}
	if len(ids) != len(left) {
		return nil, nil, failed("%d answers are shown where %d were not put away", len(ids), len(left))
	}
	return c, ids, nil
}

// most is how many answers one request may put away.
const most = 16

func (t *thread) putAway(ctx context.Context, device *contact.Case, ids []seal.Hash) error {
	for some := range slices.Chunk(ids, most) {
		if err := device.PutAway(ctx, some...); err != nil {
			return err
		}
	}
	t.away += len(ids)
	return nil
}

// gone checks both sides of the server: what it keeps and what it tells.
func (p *player) gone(ctx context.Context, t *thread) error {
	n, err := p.keptCopies(ctx, t)
	if err != nil {
		return err
	}
	if n != 0 {
		return failed("the server still keeps %d copies", n)
	}
	var open int
	err = rehearsal.Await(ctx, p.notices, func() bool {
		v, err := p.desk.Case(ctx, t.id)
		if err != nil {
			return false
		}
		open = len(v.Pending) + len(slices.DeleteFunc(from(v, hotline.SideDesk), func(m desk.Message) bool { return m.PutAway }))
		return open == 0
	})
	if err != nil {
		return failed("the desk is not told that all was put away (%d left): %w", open, err)
	}
	return nil
}

// comeBack plays a scenario that continues another.
func (p *player) comeBack(ctx context.Context, r *Result, s rehearsal.Scenario) {
	t := p.cases[s.Continues]
	if t == nil {
		r.check("continues", failed("%q has come to no case, so there is nothing to come back to", s.Continues), "")
		return
	}
	p.cases[s.ID] = t
	if s.Channel == hotline.ChannelWeb {
		p.withReceipt(ctx, r, s, t)
		return
	}
	p.withCode(ctx, r, s, t)
}

// withReceipt goes on in the same case from another device.
func (p *player) withReceipt(ctx context.Context, r *Result, s rehearsal.Scenario, t *thread) {
	c, st, err := p.onAnotherDevice(ctx, t)
	if err == nil && st.Sent != int64(len(t.written)-1) {
		err = failed("the server's last record of ours is %d of %d", st.Sent+1, len(t.written))
	}
	if !r.check("continues", err, "the receipt opens the case of %q; used %d times before", s.Continues, st.UsedCount) {
		return
	}
	if !p.talk(ctx, r, s, t, &person{device: c}, s.Messages) {
		return
	}
	r.check("facts", p.facts(ctx, s, t), "language %q, people %s, title", s.Language, people(s))
	p.walk(ctx, r, s, t)
	p.returns(ctx, r, t)
}

// withCode comes by another door: a new case that names the channel code. The
// operator finds the first case by it, asks for the word, and goes on there.
func (p *player) withCode(ctx context.Context, r *Result, s rehearsal.Scenario, t *thread) {
	second := &thread{receipt: hotline.NewReceipt(), word: "слово", duress: "word"}
	if !p.talk(ctx, r, s, second, &person{}, claims(s.Messages, t)) {
		return
	}
	if !r.check("continues", p.recognise(ctx, s, t, second), "the code finds the case of %q, the word is the one agreed; noted in both", s.Continues) {
		return
	}
	r.check("facts", p.facts(ctx, s, second), "language %q, people %s, title", s.Language, people(s))
	p.walk(ctx, r, s, t)
	p.returns(ctx, r, second)
}

// claims adds to what the person says what an operator needs to hear: the
// code with the first message, the word with the last.
func claims(messages []rehearsal.Message, t *thread) []rehearsal.Message {
	said := slices.Clone(messages)
	first, last := -1, -1
	for i, m := range said {
		if m.From == hotline.SideContact {
			last = i
			if first < 0 {
				first = i
			}
		}
	}
	if first >= 0 {
		said[first].Text += "\n" + strings.Join(t.code.Groups(), " ")
		said[last].Text += "\n" + t.word
	}
	return said
}

// recognise is what the operator does when somebody names a code.
func (p *player) recognise(ctx context.Context, s rehearsal.Scenario, t, second *thread) error {
	v, err := p.desk.Case(ctx, second.id)
	if err != nil {
		return err
	}
	heard := from(v, hotline.SideContact)
	if len(heard) == 0 {
		return failed("nothing was heard")
	}
	if found, err := p.named(ctx, heard, t); err != nil || !found {
		return errors.Join(err, failed("no code in what was said finds the case it belongs to"))
	}
	last := heard[len(heard)-1].Text
	got, err := p.desk.CheckWord(t.id, last[strings.LastIndexByte(last, '\n')+1:])
	if err != nil {
		return err
	}
	if got != desk.WordMatch {
		return failed("the word that was said counts as %q", got)
	}
	return p.join(ctx, s, t, second)
}

// named tries every line that reads as a channel code.
func (p *player) named(ctx context.Context, heard []desk.Message, t *thread) (bool, error) {
	for _, m := range heard {
		for line := range strings.Lines(m.Text) {
			code, err := hotline.ParseChannelCode(line)
			if err != nil {
				continue
			}
			rows, err := p.desk.Locate(ctx, code.Digits())
			if err != nil {
				return false, err
			}
			if slices.ContainsFunc(rows, func(row desk.Row) bool { return row.ID == t.id }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// join writes down in both cases that they are one person.
func (p *player) join(ctx context.Context, s rehearsal.Scenario, t, second *thread) error {
	for _, n := range []struct{ in, other hotline.CaseID }{{t.id, second.id}, {second.id, t.id}} {
		note := "the same person as in case " + n.other.Short() + ": code named and word said (" + s.ID + ")"
		if err := done(p.desk.Note(ctx, n.in, note)); err != nil {
			return err
		}
		v, err := p.desk.Case(ctx, n.in)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(v.Notes, func(st desk.StatementView) bool { return st.Verified && st.Text == note }) {
			return failed("the note is not shown in case %s", n.in.Short())
		}
	}
	return nil
}
