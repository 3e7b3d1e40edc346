package desk

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
)

type citedCheckpoint struct{ journal.Checkpoint }

// cite is how statements name it (docs/sealing.md §6).
func (c citedCheckpoint) cite() string { return fmt.Sprintf("%d %x", c.Size, c.Root[:]) }

// checkpoint is the last one that was verified.
func (s *session) checkpoint() (citedCheckpoint, error) {
	if s.verifier == nil {
		return citedCheckpoint{}, hotline.Errorf(hotline.KindNotFound, "journal", "no checkpoint is known yet")
	}
	c, err := journal.ParseCheckpoint([]byte(s.kept.Checkpoint), s.verifier)
	return citedCheckpoint{c}, err
}

// refreshCheckpoint demands that the journal continues the one seen before.
func (s *session) refreshCheckpoint(ctx context.Context) error {
	text, err := s.client.Checkpoint(ctx)
	if err != nil {
		return err
	}
	var old citedCheckpoint
	var now journal.Checkpoint
	var first, same bool
	err = s.under(func() error {
		if s.verifier == nil {
			return hotline.Errorf(hotline.KindForged, "journal", "no roster names the journal's key yet")
		}
		var err error
		if now, err = journal.ParseCheckpoint([]byte(text), s.verifier); err != nil {
			return s.journalAlarm(text, err, false)
		}
		same = s.kept.Checkpoint == text
		if first = s.kept.Checkpoint == ""; !first {
			old, err = s.checkpoint()
		}
		return err
	})
	if err != nil {
		return err
	}
	if !first && !same {
		err := s.continues(ctx, old.Checkpoint, now)
		if err != nil && hotline.KindOf(err) != hotline.KindForged {
			return err
		}
		known, other := s.askRestored(ctx, text, old.Checkpoint, now, err == nil)
		if other != nil {
			return other
		}
		if err != nil && !known {
			return s.under(func() error { return s.journalAlarm(text, err, true) })
		}
	}
	return s.under(func() error {
		if s.kept.Checkpoint == text {
			return nil
		}
		s.kept.Checkpoint = text
		return s.keep()
	})
}

func (s *session) continues(ctx context.Context, old, now journal.Checkpoint) error {
	var proof tlog.TreeProof
	if old.Size > 0 && old.Size < now.Size {
		p, err := s.client.Consistency(ctx, old.Size, now.Size)
		switch {
		case err != nil && (lost(err) || hotline.KindOf(err) == hotline.KindInternal):
			return err
		case err != nil: // it owes the proof of what it has signed
			return hotline.Errorf(hotline.KindForged, "journal", "%w: no proof was given", journal.ErrRewritten)
		}
		for _, h := range p.Hashes {
			proof = append(proof, tlog.Hash(h))
		}
	}
	return journal.CheckConsistency(proof, old, now)
}

// journalAlarm says what is wrong. Only a checkpoint signed by the journal's
// key may be gone on with.
func (s *session) journalAlarm(text string, why error, signed bool) error {
	a := keptAlarm{Blocking: true}
	switch {
	case errors.Is(why, journal.ErrRolledBack):
		a.Text = hotline.Say("The journal is shorter than it was. Either the server was restored from a backup, or acts were taken out of it. " +
			"Speak with the others and with an auditor before you go on.")
	case errors.Is(why, journal.ErrRewritten):
		a.Text = hotline.Say("The journal was rewritten: it does not continue the one that this desk saw before. " +
			"Speak with the others and with an auditor before you go on.")
	default:
		a.Text = hotline.Say("The server showed a journal that its key has not signed.")
	}
	if signed {
		a.Checkpoint = text
	}
	err := s.alarm("journal "+s.kept.Checkpoint+"\n"+text, a)
	if err == nil && !signed {
		return hotline.Errorf(hotline.KindForged, "journal", "%v", a.Text)
	}
	return err
}
