package api

import (
	"context"
	"strconv"

	"safeconduct/internal/hotline"
)

// Paths of what lets go.
const (
	PathGone = "/v1/gone"
)

// The reasons for which a case is removed.
const (
	GoneDue    = "due"    // it had ended and was past its time
	GoneEpoch  = "epoch"  // it had ended and the key that opens it was destroyed
	GoneForget = "forget" // the person asked for it, and two people agreed
)

// Gone is a case that was removed.
type Gone struct {
	ID    hotline.CaseID `json:"id"`
	Why   string         `json:"why"`
	Proof []byte         `json:"proof,omitempty"` // what two people signed; only for GoneForget
}

// GonePage is a page of removed cases in order of their versions.
type GonePage struct {
	Cases  []Gone `json:"cases"`
	Cursor int64  `json:"cursor"`
	More   bool   `json:"more"`
}

// Gone returns cases that were removed after a version.
func (c *Client) Gone(ctx context.Context, after int64) (GonePage, error) {
	return get[GonePage](ctx, c, PathGone+"?after="+strconv.FormatInt(after, 10))
}
