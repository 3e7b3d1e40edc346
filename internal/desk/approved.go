package desk

import (
	"context"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// doApproved does what this person has proposed or approved and enough persons
// stand behind. The other's desk does the same; the first one is enough.
func (s *session) doApproved(ctx context.Context) error {
	var due []seal.Tally
	err := s.under(func() error {
		for _, p := range s.proposals {
			if p.State == api.ProposalApproved && p.void.IsZero() && p.tally.Ready() && p.tally.Signed(s.me.Who()) && p.tally.Proposal.Expires > s.hour() {
				due = append(due, p.tally)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range due {
		p := t.Proposal
		err := s.do(ctx, t.ID, p)
		if err != nil && (lost(err) || hotline.KindOf(err) == hotline.KindLocked) {
			return err
		}
		if err != nil && hotline.KindOf(err) != hotline.KindConflict && hotline.KindOf(err) != hotline.KindNotFound {
			s.d.cfg.Log.Warn("an approved act could not be done", "act", string(p.Act), "kind", hotline.KindOf(err).String())
		}
	}
	return nil
}

func (s *session) do(ctx context.Context, id seal.Hash, p seal.Proposal) error {
	switch p.Act {
	case hotline.SharedRetention:
		var x seal.RetentionSubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		return s.client.ChangeRetention(ctx, x)
	case hotline.SharedDestroy:
		var x seal.DestroySubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		return s.client.Destroy(ctx, x.Team, x.Epoch)
	case hotline.SharedRewrap:
		var x seal.RewrapSubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		return s.client.AllowRewrap(ctx, x.Team, x.Epoch)
	case hotline.SharedForget:
		var x seal.ForgetSubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		receipt, err := s.client.Forget(ctx, x.Case)
		if err != nil {
			return err
		}
		return s.under(func() error {
			s.kept.Receipts = append(s.kept.Receipts, keptReceipt{s.d.cfg.Clock.Now().UTC().Truncate(24 * time.Hour), receipt})
			return s.keep()
		})
	case hotline.SharedLink:
		var x seal.LinkSubject
		if err := seal.DecodeSubject(p.Subject, &x); err != nil {
			return err
		}
		return s.linkApproved(ctx, id, x)
	default:
		return nil // done where it is asked for
	}
}

// keptReceipt is the proof of a removal, for the auditor.
type keptReceipt struct {
	Day     time.Time   `json:"day"`
	Receipt api.Receipt `json:"receipt"`
}

// Receipts returns the proofs of what this desk has had forgotten.
func (d *Desk) Receipts() []api.Receipt {
	s, done, err := d.open("receipts")
	if err != nil {
		return nil
	}
	defer done()
	var out []api.Receipt
	for _, r := range s.kept.Receipts {
		out = append(out, r.Receipt)
	}
	return out
}

// provenGone reports whether what comes with a removal shows that people who
// may wanted exactly this case to go.
func (s *session) provenGone(g api.Gone) bool {
	switch g.Why {
	case api.GoneForget:
		return s.forgetProof(g)
	case api.GoneUnsplit:
		return s.unsplitProof(g)
	}
	return false
}
