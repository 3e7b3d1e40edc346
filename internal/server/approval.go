package server

import (
	"bytes"
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	maxOpenProposals = 20  // of one member: nobody can bury a colleague's
	listedOpen       = 200 // open ones in one list
	listedPast       = 50
	clockTolerance   = 1 // hours between a desk's clock and this one
)

// proposals lists what is open, what is approved, and the newest of the past.
func (s *Server) proposals(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := api.ProposalList{Proposals: []api.Proposal{}}
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		var rows []db.Proposal
		for _, state := range []string{api.ProposalOpen, api.ProposalApproved} {
			found, err := tx.ProposalsIn(c.Context(), state, listedOpen)
			if err != nil {
				return err
			}
			rows = append(rows, found...)
		}
		past, err := tx.EndedProposals(c.Context(), listedPast)
		if err != nil {
			return err
		}
		for _, row := range append(rows, past...) {
			answers, err := answersTo(c.Context(), tx, row.ID)
			if err != nil {
				return err
			}
			if standing(row.State) && row.ExpiresHour <= int64(s.hour()) {
				row.State = api.ProposalExpired
			}
			p := api.Proposal{ID: hashOf(row.ID), State: row.State, Text: row.Statement, Document: row.Document, Answers: answers}
			out.Proposals = append(out.Proposals, p)
		}
		return nil
	})
	return out, err
}

// standing reports whether a proposal can still be answered or used.
func standing(state string) bool { return state == api.ProposalOpen || state == api.ProposalApproved }

func answersTo(ctx context.Context, tx *store.Tx, id []byte) ([][]byte, error) {
	rows, err := tx.ApprovalsOf(ctx, id)
	out := [][]byte{}
	for _, row := range rows {
		out = append(out, row.Statement)
	}
	return out, err
}

// propose takes what one person wants to do and may not do alone.
func (s *Server) propose(c *call) (any, error) {
	req, err := in[api.NewProposal](c)
	if err != nil {
		return nil, err
	}
	t, err := c.who.house.roster.Count(req.Text)
	if err != nil {
		return nil, err
	}
	if t.By.ID != c.who.ID {
		return nil, forged("the proposal is signed by somebody else")
	}
	if err := s.timely(t.Proposal.Hour); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		held, err := tx.Proposal(ctx, t.ID[:])
		if err == nil && bytes.Equal(held.Statement, req.Text) {
			return nil, nil // sent again after a lost answer
		}
		if err != nil && !store.Missing(err) {
			return nil, err
		}
		n, err := tx.CountProposals(ctx, c.who.ID)
		if err != nil {
			return nil, err
		}
		if n >= maxOpenProposals {
			return nil, conflict("%d of your proposals are open; withdraw some of them first", n)
		}
		if err := s.checkDraft(ctx, tx, c.who, t.Proposal, req.Document); err != nil {
			return nil, err
		}
		if err := seesBoth(ctx, tx, c.who, t.Proposal); err != nil {
			return nil, err
		}
		return s.proposing(t, req), nil
	})
}

func (s *Server) proposing(t seal.Tally, req api.NewProposal) *deed {
	p, subject := t.Proposal, seal.SubjectHash(t.Proposal.Subject)
	return &deed{
		act: actPropose, hint: api.EventApproval,
		detail: detail{"proposal": t.ID.String(), "proposed": string(p.Act), "subject": subject.String(), "expires": number(int64(p.Expires))},
		write: func(ctx context.Context, tx *store.Tx, _ int64) error {
			n, err := tx.InsertProposal(ctx, db.InsertProposalParams{
				ID: t.ID[:], Act: string(p.Act), Proposer: t.By.ID, Subject: subject[:], Statement: req.Text,
				Document: req.Document, Hour: int64(s.hour()), ExpiresHour: int64(p.Expires),
			})
			if err == nil && n != 1 {
				err = conflict("there is such a proposal already")
			}
			return err
		},
	}
}

// timely refuses a text whose hour is not this one.
func (s *Server) timely(h hotline.Hour) error {
	if now := s.hour(); h < now-clockTolerance || h > now+clockTolerance {
		return conflict("the clock of your computer is not the server's: it says hour %d, here it is %d. Set the clock, then try again", h, now)
	}
	return nil
}

// checkDraft checks what a proposal says of a document. Other acts have none:
// their state is looked at when they are done.
func (s *Server) checkDraft(ctx context.Context, tx *store.Tx, who caller, p seal.Proposal, document []byte) error {
	kind, is := documentOf(p.Act)
	if !is {
		if document != nil {
			return invalid("this act has no document")
		}
		return nil
	}
	if who.house.roster.Authority.Threshold < 2 {
		return conflict("one signature is enough in this house: publish the %s", hotline.Term{Of: hotline.OfDocument, Name: kind})
	}
	if err := s.checkSubject(ctx, tx, p, document); err != nil {
		return err
	}
	if kind == api.DocumentRoster {
		r, err := seal.DraftRoster(document)
		if err != nil {
			return err
		}
		if err := checkRoster(r, s.journal.Verifier()); err != nil {
			return err
		}
		if err := takesOver(ctx, tx, who.house.roster, r); err != nil {
			return err
		}
	} else if _, err := seal.DraftManifest(document); err != nil {
		return err
	}
	return signedByOwn(who, p.Act, document)
}

// checkSubject checks that a document is the one of the proposal, and that it
// still follows the newest.
func (s *Server) checkSubject(ctx context.Context, tx *store.Tx, p seal.Proposal, document []byte) error {
	kind, _ := documentOf(p.Act)
	var subject seal.DocumentSubject
	if err := seal.DecodeSubject(p.Subject, &subject); err != nil {
		return err
	}
	newest, err := tx.LatestDocument(ctx, kind)
	if err != nil {
		return err
	}
	switch {
	case p.Base != lineHash(newest.Body) || subject.Serial != newest.Serial+1:
		return conflict("the %s has changed since this was proposed (number %d is in force now); propose it again", hotline.Term{Of: hotline.OfDocument, Name: kind}, newest.Serial)
	case subject.Hash != lineHash(document):
		return forged("the document is not the one that the proposal names")
	}
	return nil
}

// signedByOwn checks that a document bears the authority signature of the caller.
func signedByOwn(who caller, act hotline.Shared, document []byte) error {
	key, _, err := who.house.roster.Authority.SignedByOne(document, act)
	if err != nil {
		return err
	}
	if key != who.Authority {
		return forged("the document is signed with a key of the authority that is not yours")
	}
	return nil
}

// documentOf names the document that an act publishes.
func documentOf(act hotline.Shared) (kind string, is bool) {
	switch act {
	case hotline.SharedRoster:
		return api.DocumentRoster, true
	case hotline.SharedManifest:
		return api.DocumentManifest, true
	default:
		return "", false
	}
}

// proposalID reads the proposal in the path.
func (c *call) proposalID() (seal.Hash, error) {
	var id seal.Hash
	if text := c.PathValue("proposal"); id.UnmarshalText([]byte(text)) != nil || id.IsZero() {
		return id, invalid("a proposal's id has 64 lower-case hexadecimal digits")
	}
	return id, nil
}

// proposal reads a proposal that still stands, and what it is.
func (s *Server) proposal(ctx context.Context, tx *store.Tx, id seal.Hash) (db.Proposal, seal.Proposal, error) {
	row, err := tx.Proposal(ctx, id[:])
	if store.Missing(err) {
		return row, seal.Proposal{}, hotline.Errorf(hotline.KindNotFound, "server", "there is no such proposal")
	}
	if err != nil {
		return row, seal.Proposal{}, err
	}
	if err := s.stands(row); err != nil {
		return row, seal.Proposal{}, err
	}
	p, _, err := seal.ParseProposal(row.Statement)
	return row, p, err
}

// stands says why a proposal can no longer be answered or used.
func (s *Server) stands(row db.Proposal) error {
	switch {
	case standing(row.State) && row.ExpiresHour <= int64(s.hour()), row.State == api.ProposalExpired:
		return conflict("the time of this proposal is over; propose it again")
	case row.State == api.ProposalUsed:
		return conflict("this proposal has been used; it counts once. Propose it again")
	case row.State == api.ProposalRefused:
		return conflict("this proposal was refused")
	case row.State == api.ProposalWithdrawn:
		return conflict("this proposal was withdrawn by who made it")
	}
	return nil
}

// answer takes an approval or a refusal. The approval that makes a document
// complete publishes it.
func (s *Server) answer(c *call) (any, error) {
	id, err := c.proposalID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.NewAnswer](c)
	if err != nil {
		return nil, err
	}
	a, signed, err := seal.ParseApproval(req.Text)
	if err != nil {
		return nil, err
	}
	if a.Proposal != id || signed.Sigs[0].Key.String() != c.who.ID {
		return nil, forged("the answer is signed by somebody else, or belongs to another proposal")
	}
	if err := s.timely(a.Hour); err != nil {
		return nil, err
	}
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		given, err := answersTo(ctx, tx, id[:])
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(given, func(text []byte) bool { return bytes.Equal(text, req.Text) }) {
			return nil, nil // sent again after a lost answer
		}
		row, p, err := s.proposal(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if err := seesBoth(ctx, tx, c.who, p); err != nil {
			return nil, err
		}
		t, err := counted(c.who.house.roster, row.Statement, given, req.Text)
		if err != nil {
			return nil, err
		}
		return s.answering(ctx, tx, c.who, answered{row, p, t, a, signed.Hash(), req})
	})
	if err == nil {
		s.keysFollow(c.Context()) // a roster may have been published
	}
	return nil, err
}

// counted counts the answers, the new one last, and refuses it if it changes nothing.
func counted(r seal.Roster, proposal []byte, given [][]byte, text []byte) (seal.Tally, error) {
	before, err := r.Count(proposal, given...)
	if err != nil {
		return before, err
	}
	t, err := r.Count(proposal, append(slices.Clone(given), text)...)
	if err == nil && len(t.Approved)+len(t.Refused) == len(before.Approved)+len(before.Refused) {
		if n := len(t.Void); n > len(before.Void) {
			return t, hotline.Errorf(hotline.KindDenied, "server", "this answer does not count: %v", t.Void[n-1])
		}
		return t, conflict("this answer is there already")
	}
	return t, err
}

// answered is an answer that counts.
type answered struct {
	row   db.Proposal
	p     seal.Proposal
	tally seal.Tally // with the answer
	a     seal.Approval
	id    seal.Hash
	req   api.NewAnswer
}

// answering keeps an answer and does what follows from it.
func (s *Server) answering(ctx context.Context, tx *store.Tx, who caller, x answered) (*deed, error) {
	state := api.ProposalOpen
	d := &deed{act: actApprove, hint: api.EventApproval}
	d.detail = detail{"proposal": x.a.Proposal.String(), "answer": x.id.String(), "proposed": string(x.p.Act)}
	switch {
	case x.a.Decision == seal.DecisionRefuse:
		d.act, state = actRefuse, api.ProposalRefused
	case x.tally.Ready():
		state = api.ProposalApproved
	}
	d.write = func(ctx context.Context, tx *store.Tx, _ int64) error {
		n, err := tx.InsertApproval(ctx, db.InsertApprovalParams{
			ID: x.id[:], ProposalID: x.row.ID, Signer: who.ID, Decision: string(x.a.Decision), Statement: x.req.Text, Hour: int64(s.hour()),
		})
		if err == nil && n != 1 {
			err = conflict("you have given this answer already")
		}
		if err != nil || state == x.row.State {
			return err
		}
		return s.stepProposal(ctx, tx, x.row, state)
	}
	kind, is := documentOf(x.p.Act)
	if !is || state == api.ProposalRefused {
		if x.req.Document != nil {
			return nil, invalid("this answer has no document")
		}
		return d, nil
	}
	if err := s.checkSubject(ctx, tx, x.p, x.req.Document); err != nil {
		return nil, err
	}
	if err := signedByOwn(who, x.p.Act, x.req.Document); err != nil {
		return nil, err
	}
	if state != api.ProposalApproved {
		return d, nil
	}
	doc, err := completed(kind, x)
	if err != nil {
		return nil, err
	}
	x.row.State = state // as the answer will have left it
	d.then, err = s.publishing(ctx, tx, who.house, doc)
	return d, err
}

// completed is the document with the signatures of both.
func completed(kind string, x answered) (api.Document, error) {
	var subject seal.DocumentSubject
	if err := seal.DecodeSubject(x.p.Subject, &subject); err != nil {
		return api.Document{}, err
	}
	mine, err := seal.ParseSigned(x.row.Document)
	if err != nil {
		return api.Document{}, err
	}
	theirs, err := seal.ParseSigned(x.req.Document)
	if err != nil {
		return api.Document{}, err
	}
	both, err := seal.Joined(mine, theirs)
	return api.Document{Kind: kind, Serial: subject.Serial, Text: both.Text()}, err
}

// stepProposal moves a proposal on, once.
func (s *Server) stepProposal(ctx context.Context, tx *store.Tx, row db.Proposal, state string) error {
	p := db.StepProposalParams{State: state, ID: row.ID, ExpectedState: row.State}
	if !standing(state) {
		p.EndedHour = int64(s.hour())
	}
	n, err := tx.StepProposal(ctx, p)
	if err == nil && n != 1 {
		err = conflict("the proposal has changed meanwhile; look again")
	}
	return err
}
