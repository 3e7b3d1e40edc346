package api

import (
	"context"
	"net/http"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Paths of what follows a restore.
const (
	PathRestored = "/v1/restored"
	PathCopies   = "/v1/copies"
)

// Restored says from which backup the server was made, with the proof that this
// stands in its journal. A server that was never restored has a Leaf of -1.
type Restored struct {
	Leaf     Leaf        `json:"leaf"`
	Size     int64       `json:"size"`     // of the journal that Proof is for
	Proof    []seal.Hash `json:"proof"`    // of the leaf's inclusion
	Head     string      `json:"head"`     // the checkpoint of that size
	Accepted [][]byte    `json:"accepted"` // seal.Restored, one of each administrator who accepts it
}

// Acceptance is what an administrator's desk hands in after a restore: his word
// that the house goes on, and the documents that the server has lost.
type Acceptance struct {
	Text []byte `json:"text,omitempty"` // seal.Restored, signed; none: documents alone
	// Documents are rosters in their order, each signed by the authority before
	// it, then at most one manifest. Numbers may be left out between them.
	Documents []Document `json:"documents,omitempty"`
}

// MissingCopy is a reply whose copy for the person was lost in a restore.
type MissingCopy struct {
	Case hotline.CaseID `json:"case"`
	Seq  int64          `json:"seq"`
}

// Resealed is such a copy, made again by a desk.
type Resealed struct {
	MissingCopy
	File []byte `json:"file"`
}

// Restored asks from which backup the server was made.
func (c *Client) Restored(ctx context.Context) (Restored, error) {
	return get[Restored](ctx, c, PathRestored)
}

// AcceptRestored hands in an administrator's word, or lost documents, or both:
// all of it is taken or nothing.
func (c *Client) AcceptRestored(ctx context.Context, a Acceptance) error {
	return send(ctx, c, http.MethodPost, PathRestored, a)
}

// MissingCopies lists replies that must be sealed again to the person.
func (c *Client) MissingCopies(ctx context.Context) ([]MissingCopy, error) {
	return get[[]MissingCopy](ctx, c, PathCopies)
}

// Reseal hands in a copy that was sealed again.
func (c *Client) Reseal(ctx context.Context, r Resealed) error {
	return send(ctx, c, http.MethodPost, PathCopies, r)
}
