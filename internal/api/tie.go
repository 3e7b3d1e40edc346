package api

import (
	"context"

	"safeconduct/internal/hotline"
)

// Paths of acts on two cases.
const (
	PathTies  = "/v1/cases/{id}/ties"
	PathUntie = "/v1/cases/{id}/untie" // to undo one after the time for undoing
)

// GoneUnsplit is the reason for which a case is removed that had left another,
// with nothing in it. Its proof is the statement on the other case.
const GoneUnsplit = "unsplit"

// NewTie is an act on two cases: a statement on each, which are kept both or
// not at all. Child comes with a split alone; There is left out of its undoing,
// which removes the other case.
type NewTie struct {
	Here  NewStatement   `json:"here"`            // on the case in the address
	There NewStatement   `json:"there,omitzero"`  // on the other
	Child *NewGeneration `json:"child,omitempty"` // the first key of the case that leaves
}

// Tied is both cases after the act. There is empty when the other was removed.
type Tied struct {
	Here  Case `json:"here"`
	There Case `json:"there"`
}

// Tie makes an act on two cases. late is for one who may undo after the time.
func (c *Client) Tie(ctx context.Context, id hotline.CaseID, n NewTie, late bool) (Tied, error) {
	path := PathTies
	if late {
		path = PathUntie
	}
	return post[Tied](ctx, c, fill(path, id.String()), n)
}
