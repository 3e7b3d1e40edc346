package drill

import (
	"context"
	"slices"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
)

// page is the person's end of a conversation on the contact page.
type page struct {
	*player
	r        *Result
	scenario rehearsal.Scenario
	t        *thread
	device   *contact.Case
	last     *contact.Reply // fetched last
}

func (w *page) parts(text string) []string { return rehearsal.Parts(text) }

// enter comes back with the receipt, where there is one by now.
func (w *page) enter(ctx context.Context) bool {
	if w.t.id == (hotline.CaseID{}) {
		return true
	}
	c, st, err := w.onAnotherDevice(ctx, w.t)
	if err == nil && st.Sent != int64(len(w.t.written)-1) {
		err = failed("the server's last record of ours is %d of %d", st.Sent+1, len(w.t.written))
	}
	w.device = c
	return w.r.check("continues", err, "the receipt opens the case of %q; used %d times before", w.scenario.Continues, st.UsedCount)
}

// claim names the code with the first message and the word with the last.
func (w *page) claim(_ context.Context, of *thread, messages []rehearsal.Message) ([]rehearsal.Message, bool) {
	return with(with(messages, false, strings.Join(of.code.Groups(), " ")), true, of.word), true
}

func (w *page) say(ctx context.Context, text string) error {
	if w.device != nil {
		return w.device.Send(ctx, text, w.scenario.Language)
	}
	client, err := w.product.Contact(ctx)
	if err != nil {
		return err
	}
	t := w.t
	t.receipt = hotline.NewReceipt()
	if w.device, err = client.Start(ctx, text, w.scenario.Language, &t.receipt); err != nil {
		return err
	}
	t.id, t.code = w.device.ID(), w.device.Code()
	w.secret(w.scenario.ID, t.receipt.Digits(), strings.Join(t.code.Groups(), " "), t.word, t.duress)
	return nil
}

// hear fetches the newest answer.
func (w *page) hear(ctx context.Context, text string) error {
	after := int64(len(w.t.answered) - 2)
	reply, found, err := w.device.Fetch(ctx, after, w.last)
	switch {
	case err != nil:
		return err
	case !found:
		return failed("the person finds no answer")
	case reply.Text != text:
		return failed("the person reads something else than was written")
	case reply.Missing || reply.Seq != after+1:
		return failed("the person is told of a gap that is none")
	}
	w.last = &reply
	return nil
}

func (w *page) leave(ctx context.Context) { w.returns(ctx, w.r, w.t) }

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
