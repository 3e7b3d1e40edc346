package api

import (
	"context"
	"net/http"
	"strconv"

	"safeconduct/internal/seal"
)

// The states of a proposal.
const (
	ProposalOpen      = "open"      // waits for answers
	ProposalApproved  = "approved"  // enough persons approve; it was not used yet
	ProposalRefused   = "refused"   // one person refused
	ProposalWithdrawn = "withdrawn" // taken back by who proposed it
	ProposalExpired   = "expired"
	ProposalUsed      = "used" // done; it cannot be used again
)

// NewProposal proposes a shared act.
type NewProposal struct {
	Text     []byte `json:"text"`               // signed text, see seal.Proposal
	Document []byte `json:"document,omitempty"` // roster or manifest, signed by the proposer's authority key
}

// Proposal is one as the server keeps it.
type Proposal struct {
	ID       seal.Hash `json:"id"`
	State    string    `json:"state"`
	Text     []byte    `json:"text"`
	Document []byte    `json:"document,omitempty"`
	Answers  [][]byte  `json:"answers"` // signed texts, see seal.Approval
}

// ProposalList holds the open and approved ones and the newest of the past.
type ProposalList struct {
	Proposals []Proposal `json:"proposals"`
}

// NewAnswer approves or refuses a proposal.
type NewAnswer struct {
	Text []byte `json:"text"` // signed text, see seal.Approval
	// Document is the proposal's document, signed by the authority key of who approves.
	Document []byte `json:"document,omitempty"`
}

// Proposals lists what is proposed.
func (c *Client) Proposals(ctx context.Context) (ProposalList, error) {
	return get[ProposalList](ctx, c, PathProposals)
}

// Propose proposes an act.
func (c *Client) Propose(ctx context.Context, p NewProposal) error {
	return send(ctx, c, http.MethodPost, PathProposals, p)
}

// Answer approves or refuses a proposal.
func (c *Client) Answer(ctx context.Context, id seal.Hash, a NewAnswer) error {
	return send(ctx, c, http.MethodPost, fill(PathAnswers, id.String()), a)
}

// Withdraw takes back a proposal of the caller's.
func (c *Client) Withdraw(ctx context.Context, id seal.Hash) error {
	return send(ctx, c, http.MethodDelete, fill(PathProposal, id.String()), struct{}{})
}

// DocumentAt returns a document of a kind by its serial.
func (c *Client) DocumentAt(ctx context.Context, kind string, serial int64) (Document, error) {
	return get[Document](ctx, c, fill(PathDocumentAt, kind, strconv.FormatInt(serial, 10)))
}
