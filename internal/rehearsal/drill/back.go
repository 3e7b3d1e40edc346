package drill

import (
	"context"
	"errors"
	"slices"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
)

// comeBack plays a scenario that continues another.
func (p *player) comeBack(ctx context.Context, r *Result, s rehearsal.Scenario) {
	t := p.cases[s.Continues]
	if t == nil {
		r.check("continues", failed("%q has come to no case, so there is nothing to come back to", s.Continues), "")
		return
	}
	p.cases[s.ID] = t
	if s.Channel == hotline.ChannelWeb && t.door == hotline.ChannelWeb {
		p.withReceipt(ctx, r, s, t)
		return
	}
	p.withCode(ctx, r, s, t)
}

// withReceipt goes on in the same case from another device.
func (p *player) withReceipt(ctx context.Context, r *Result, s rehearsal.Scenario, t *thread) {
	who := p.newVoice(r, s, t)
	if !who.enter(ctx) || !p.talk(ctx, r, t, who, s.Messages) {
		return
	}
	r.check("facts", p.facts(ctx, s, t), "language %q, people %s, title", s.Language, people(s))
	p.walk(ctx, r, s, t)
	who.leave(ctx)
}

// withCode comes by another door, or from another account: a new case that names
// the channel code. The operator finds the first case by it, asks for the word,
// and links the two.
func (p *player) withCode(ctx context.Context, r *Result, s rehearsal.Scenario, t *thread) {
	second := &thread{door: rehearsal.Door(s.Channel), word: "слово", duress: "word"}
	who := p.newVoice(r, s, second)
	said, ok := who.claim(ctx, t, s.Messages)
	if !ok || !p.talk(ctx, r, second, who, said) {
		return
	}
	if !r.check("continues", p.recognise(ctx, t, second), "the code finds the case of %q, the word is the one agreed; linked, and both say so", s.Continues) {
		return
	}
	r.check("facts", p.facts(ctx, s, second), "language %q, people %s, title", s.Language, people(s))
	p.walk(ctx, r, s, t)
	who.leave(ctx)
}

// with adds something to the first message of the person, or to the last.
func with(messages []rehearsal.Message, last bool, more string) []rehearsal.Message {
	said := slices.Clone(messages)
	for n := range said {
		if last {
			n = len(said) - 1 - n
		}
		if said[n].From == hotline.SideContact {
			said[n].Text += "\n" + more
			break
		}
	}
	return said
}

// recognise is what the operator does when somebody names a code.
func (p *player) recognise(ctx context.Context, t, second *thread) error {
	v, err := p.desk.Case(ctx, second.id)
	if err != nil {
		return err
	}
	heard := from(v, second.side())
	if len(heard) == 0 {
		return failed("nothing was heard")
	}
	if found, err := p.named(ctx, heard, t); err != nil || !found {
		return errors.Join(err, failed("no code in what was said finds the case it belongs to"))
	}
	last := heard[len(heard)-1].Text
	word := last[strings.LastIndexByte(last, '\n')+1:]
	got, err := p.desk.CheckWord(t.id, word)
	if err != nil {
		return err
	}
	if got != desk.WordMatch {
		return failed("the word that was said counts as %q", got)
	}
	return p.link(ctx, t, second, word)
}

// named tries what a button said is a channel code, and every line that reads as
// one.
func (p *player) named(ctx context.Context, heard []desk.Message, t *thread) (bool, error) {
	for _, m := range heard {
		for _, line := range append(strings.Split(m.Text, "\n"), strings.Join(m.Chat.Claim, " ")) {
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

// link says by the word that two cases are of one person; the one that means duress
// must not do.
func (p *player) link(ctx context.Context, t, second *thread, word string) error {
	if _, err := p.desk.Link(ctx, second.id, t.id, t.duress); hotline.KindOf(err) != hotline.KindConflict {
		return failed("the word that means duress links the cases: %w", err)
	}
	if err := done(p.desk.Link(ctx, second.id, t.id, word)); err != nil {
		return err
	}
	for _, n := range []struct{ in, other hotline.CaseID }{{t.id, second.id}, {second.id, t.id}} {
		v, err := p.desk.Case(ctx, n.in)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(v.Ties, func(tie desk.TieView) bool {
			return tie.Case == n.other && tie.Kind == seal.TieLink && tie.State == desk.TieBoth && tie.How == seal.HowWord
		}) {
			return failed("case %s does not show that it is linked to %s", n.in.Short(), n.other.Short())
		}
	}
	return nil
}
