package desk

import (
	"context"
	"encoding/json"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// doApproved does what this person has proposed or approved and enough persons
// stand behind. The other's desk does the same; the first one is enough.
func (s *session) doApproved(ctx context.Context) error {
	var due []seal.Proposal
	err := s.under(func() error {
		for _, p := range s.proposals {
			if p.State == api.ProposalApproved && p.void.IsZero() && p.tally.Ready() && p.tally.Signed(s.me.Who()) && p.tally.Proposal.Expires > s.hour() {
				due = append(due, p.tally.Proposal)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range due {
		err := s.do(ctx, p)
		if err != nil && (lost(err) || hotline.KindOf(err) == hotline.KindLocked) {
			return err
		}
		if err != nil && hotline.KindOf(err) != hotline.KindConflict && hotline.KindOf(err) != hotline.KindNotFound {
			s.d.cfg.Log.Warn("an approved act could not be done", "act", string(p.Act), "kind", hotline.KindOf(err).String())
		}
	}
	return nil
}

func (s *session) do(ctx context.Context, p seal.Proposal) error {
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

// provenGone reports whether what comes with a removal shows that two people
// wanted exactly this case to be forgotten.
func (s *session) provenGone(g api.Gone) bool {
	var proof api.ForgetProof
	if g.Why != api.GoneForget || json.Unmarshal(g.Proof, &proof) != nil {
		return false
	}
	t, err := s.roster.Count(proof.Proposal, proof.Answers...)
	if err != nil || !t.Ready() || t.Proposal.Act != hotline.SharedForget {
		return false
	}
	var x seal.ForgetSubject
	return seal.DecodeSubject(t.Proposal.Subject, &x) == nil && x.Case == g.ID
}
