package server

import (
	"context"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// agreed is a proposal that enough persons stand behind. Whoever acts on it
// puts used() into the deed's then, so that it counts once.
type agreed struct {
	s     *Server
	row   db.Proposal
	tally seal.Tally
}

// approved finds the proposal that lets an act happen: for exactly this
// subject, made on this base, signed by who may propose it and by enough
// others, all by the roster in force; neither over nor used. The journal must
// be held (lockHouse), and the caller must be one of those who signed; the
// server's own work (a caller without a house) may act for them.
//
//	ok, err := s.approved(ctx, tx, c.who, hotline.SharedExport, subject, base)
//	…
//	return &deed{act: actExport, …, then: ok.used()}, nil
func (s *Server) approved(
	ctx context.Context, tx *store.Tx, who caller, act hotline.Shared, subject seal.Subject, base seal.Hash,
) (*agreed, error) {
	h := who.house
	if h == nil {
		var err error
		if h, err = s.house(ctx, tx); err != nil {
			return nil, err
		}
	}
	hash := seal.SubjectHash(subject)
	rows, err := tx.ProposalsOf(ctx, string(act), hash[:])
	if err != nil {
		return nil, err
	}
	why := conflict("this takes two persons: propose it first, and another person must approve it")
	for i, row := range rows {
		a, err := s.agreedBy(ctx, tx, h, who, row, base)
		if err == nil {
			return a, nil
		}
		if i == 0 || s.stands(row) == nil { // what still stands explains most
			why = err
		}
	}
	return nil, why
}

// agreedBy checks one proposal.
func (s *Server) agreedBy(ctx context.Context, tx *store.Tx, h *house, who caller, row db.Proposal, base seal.Hash) (*agreed, error) {
	if err := s.stands(row); err != nil {
		return nil, err
	}
	answers, err := answersTo(ctx, tx, row.ID)
	if err != nil {
		return nil, err
	}
	t, err := h.roster.Count(row.Statement, answers...)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Proposal.Base != base:
		return nil, conflict("what was approved was made on a state that has changed since; propose it again")
	case len(t.Refused) > 0:
		return nil, conflict("this proposal was refused by %s", t.Refused[0].By.Name)
	case !t.Ready() && len(t.Void) > 0:
		return nil, conflict("an approval does not count: %v", t.Void[0])
	case !t.Ready():
		return nil, conflict("this takes %d persons, and %d stand behind it until now", t.Needed, 1+len(t.Approved))
	case who.house != nil && !t.Signed(who.Who()):
		return nil, hotline.Errorf(hotline.KindDenied, "server", "only who proposed or approved this does it")
	}
	return &agreed{s, row, t}, nil
}

// used is the deed that uses a proposal up.
func (a *agreed) used() *deed { return a.s.using(a.row) }

func (s *Server) using(row db.Proposal) *deed {
	return &deed{
		act: actUsed, hint: api.EventApproval,
		detail: detail{"proposal": hashOf(row.ID).String(), "proposed": row.Act},
		write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			// Read again: an approval in the same transaction may have moved it on.
			now, err := tx.Proposal(ctx, row.ID)
			if err != nil {
				return err
			}
			if err := s.stands(now); err != nil {
				return err
			}
			return s.stepProposal(ctx, tx, now, api.ProposalUsed)
		},
	}
}

// usedUp is the deed that uses up what proposed a document; nil when nobody did.
func (s *Server) usedUp(ctx context.Context, tx *store.Tx, d api.Document) (*deed, error) {
	act := hotline.SharedRoster
	if d.Kind == api.DocumentManifest {
		act = hotline.SharedManifest
	}
	subject, err := seal.NewSubject(seal.DocumentSubject{Serial: d.Serial, Hash: lineHash(d.Text)})
	if err != nil {
		return nil, err
	}
	hash := seal.SubjectHash(subject)
	rows, err := tx.ProposalsOf(ctx, string(act), hash[:])
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if s.stands(row) == nil {
			return s.using(row), nil
		}
	}
	return nil, nil
}

// withdraw takes a proposal back. Any computer of who made it may.
func (s *Server) withdraw(c *call) (any, error) {
	id, err := c.proposalID()
	if err != nil {
		return nil, err
	}
	if _, err := in[struct{}](c); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		row, err := tx.Proposal(ctx, id[:])
		switch {
		case store.Missing(err):
			return nil, hotline.Errorf(hotline.KindNotFound, "server", "there is no such proposal")
		case err != nil:
			return nil, err
		case row.State == api.ProposalWithdrawn:
			return nil, nil
		}
		if by, ok := c.who.house.roster.Member(row.Proposer); !ok || by.Who() != c.who.Who() {
			return nil, hotline.Errorf(hotline.KindDenied, "server", "only who proposed it takes it back; you can refuse it")
		}
		if err := s.stands(row); err != nil {
			return nil, err
		}
		return s.ending(row, api.ProposalWithdrawn, actWithdraw), nil
	})
}

func (s *Server) ending(row db.Proposal, state, act string) *deed {
	return &deed{
		act: act, hint: api.EventApproval, detail: detail{"proposal": hashOf(row.ID).String(), "proposed": row.Act},
		write: func(ctx context.Context, tx *store.Tx, _ int64) error { return s.stepProposal(ctx, tx, row, state) },
	}
}

// expireProposals marks those whose time is over.
func (s *Server) expireProposals(ctx context.Context) error {
	over := func(row db.Proposal) bool { return standing(row.State) && row.ExpiresHour <= int64(s.hour()) }
	var due []db.Proposal
	err := s.db.View(ctx, func(tx *store.Tx) error {
		for _, state := range []string{api.ProposalOpen, api.ProposalApproved} {
			rows, err := tx.ProposalsIn(ctx, state, listedOpen)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if over(row) {
					due = append(due, row)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, row := range due {
		err := s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
			if err := lockHouse(ctx, tx); err != nil {
				return nil, err
			}
			row, err := tx.Proposal(ctx, row.ID)
			if err != nil || !over(row) {
				return nil, err
			}
			return s.ending(row, api.ProposalExpired, actLapse), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
