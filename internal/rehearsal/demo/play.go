package demo

import (
	"context"
	"fmt"
	"io"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
)

// plan is how far a scenario is taken, so that the desk shows cases in
// different states when a visitor comes.
type plan struct {
	unread bool          // nobody has looked at it
	stop   hotline.Stage // the last stage; "": as the scenario has it
	mine   bool          // assigned to the operator
}

// planFor knows the scenarios that come with the program.
func planFor(id string) plan {
	switch id {
	case "recruit-before-deployment":
		return plan{stop: hotline.StageStandby}
	case "returns-from-the-front", "group-of-eleven":
		return plan{stop: hotline.StageMeeting, mine: true}
	case "pilot":
		return plan{stop: hotline.StageStandby}
	case "probe", "belarusian":
		return plan{unread: true}
	}
	return plan{}
}

// player plays conversations in.
type player struct {
	product *rehearsal.Product
	desk    *desk.Desk
	out     io.Writer
	cases   map[string]played
}

// played is a case that was played in.
type played struct {
	id   hotline.CaseID
	code hotline.ChannelCode
}

// word that the operator and every person of the demonstration have agreed on.
const word = "тихая гавань"

func (p *player) all(ctx context.Context, scenarios []rehearsal.Scenario) error {
	for _, s := range scenarios {
		if err := p.one(ctx, s); err != nil {
			return fmt.Errorf("play %q: %w", s.ID, err)
		}
		door := rehearsal.Door(s.Channel)
		why := ""
		if door != s.Channel {
			why = fmt.Sprintf(": the door %q does not exist yet", s.Channel)
		}
		fmt.Fprintf(p.out, "  %s (%s%s)\n", s.ID, door, why)
	}
	return nil
}

func (p *player) one(ctx context.Context, s rehearsal.Scenario) error {
	said := s.Messages
	before, again := p.cases[s.Continues]
	if again {
		said = claim(said, before)
	}
	who := p.voice(s)
	do := planFor(s.ID)
	var c played
	for _, m := range said {
		var err error
		switch {
		case m.From == hotline.SideContact:
			c, err = who.say(ctx, m.Text)
		case c != (played{}) && !do.unread:
			err = p.reply(ctx, c.id, m.Text)
			if err == nil {
				err = who.hear(ctx, m.Text)
			}
		}
		if err != nil {
			return err
		}
	}
	if c == (played{}) {
		return nil
	}
	p.cases[s.ID] = c
	if err := p.known(ctx, c.id); err != nil || do.unread {
		return err
	}
	if err := p.write(ctx, s, do, c.id); err != nil {
		return err
	}
	goal := c.id
	if again {
		goal = before.id
	}
	return p.walk(ctx, s, do, goal)
}

// claim adds the channel code of the first case, and the word.
func claim(said []rehearsal.Message, before played) []rehearsal.Message {
	out := append([]rehearsal.Message(nil), said...)
	for i := range out {
		if out[i].From == hotline.SideContact {
			out[i].Text += "\n" + strings.Join(before.code.Groups(), " ") + ", " + word
			break
		}
	}
	return out
}

// known waits until the desk has heard of a case.
func (p *player) known(ctx context.Context, id hotline.CaseID) error {
	notices, stop := p.desk.Subscribe()
	defer stop()
	return rehearsal.Await(ctx, notices, func() bool {
		_, err := p.desk.Case(ctx, id)
		return err == nil
	})
}

func (p *player) reply(ctx context.Context, id hotline.CaseID, text string) error {
	if err := p.known(ctx, id); err != nil {
		return err
	}
	return sent(p.desk.Reply(ctx, id, text))
}

// write is what an operator notes of a case.
func (p *player) write(ctx context.Context, s rehearsal.Scenario, do plan, id hotline.CaseID) error {
	if err := sent(p.desk.SetFacts(ctx, id, desk.Facts{Language: s.Language, People: s.People, Title: s.ID})); err != nil {
		return err
	}
	if err := sent(p.desk.SetUrgency(ctx, id, s.UrgencyOf())); err != nil {
		return err
	}
	if note := s.Note(); note != "" {
		if err := sent(p.desk.Note(ctx, id, note)); err != nil {
			return err
		}
	}
	if err := sent(p.desk.SetWords(ctx, id, word, "белый пароход")); err != nil {
		return err
	}
	if do.mine {
		if err := sent(p.desk.Assign(ctx, id, p.desk.State().ID)); err != nil {
			return err
		}
	}
	return sent(p.desk.MarkRead(ctx, id))
}

func (p *player) walk(ctx context.Context, s rehearsal.Scenario, do plan, id hotline.CaseID) error {
	for _, goal := range s.Path {
		if _, err := rehearsal.Walk(ctx, p.desk, id, goal); err != nil {
			return err
		}
		if goal == do.stop {
			return nil
		}
	}
	return nil
}

// sent turns anything but "sent" into an error.
func sent(r desk.Result, err error) error {
	if err != nil {
		return err
	}
	if r.Outcome != desk.OutcomeSent {
		return hotline.Errorf(hotline.KindUnavailable, "desk", "an act was not sent but %s: %s", r.Outcome, r.Text)
	}
	return nil
}
