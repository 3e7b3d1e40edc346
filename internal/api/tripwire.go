package api

import (
	"context"
	"io"
	"net/http"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Paths of the tripwires.
const (
	PathWatch  = "/v1/watch"
	PathCalm   = "/v1/watch/{id}/calm"
	PathCanary = "/v1/cases/{id}/canary"
)

// EventTripwire says that a tripwire's alarm has come, grown or been
// acknowledged. Nobody hears of his own.
const EventTripwire = "tripwire"

// Tripwire is an alarm: one person, one wire.
type Tripwire struct {
	ID     seal.Hash       `json:"id"`
	Wire   hotline.Wire    `json:"wire"`
	Who    seal.OperatorID `json:"who"`
	Case   *hotline.CaseID `json:"case,omitempty"` // of canaries; for supervisors only where it is of their team
	Count  int64           `json:"count"`
	Bound  int64           `json:"bound"` // what is usual at most
	Since  int64           `json:"since"` // unix minutes; hours once it was acknowledged
	Last   int64           `json:"last"`
	Leaf   int64           `json:"leaf"`             // of the journal
	Answer []byte          `json:"answer,omitempty"` // signed, see seal.Calm; none: not acknowledged
	By     seal.OperatorID `json:"by,omitempty"`
	Note   []byte          `json:"note,omitempty"` // sealed to the caller
}

// Canary is a case that nobody has a reason to open.
type Canary struct {
	Case hotline.CaseID  `json:"case"`
	By   seal.OperatorID `json:"by"`
	Hour hotline.Hour    `json:"hour"`
}

// Watch is what those who watch the house see, newest first. What is about the
// caller is left out.
type Watch struct {
	Alarms   []Tripwire `json:"alarms"`
	Canaries []Canary   `json:"canaries"`
}

// NewCalm acknowledges an alarm. Notes holds one file for every active member
// who watches, and for nobody else.
type NewCalm struct {
	Answer []byte                     `json:"answer"`
	Notes  map[seal.OperatorID][]byte `json:"notes"`
}

// PathTile is where the journal's tiles are, in the layout of c2sp.org/tlog-tiles.
const PathTile = "/v1/log/tile/"

// maxTile is the largest tile in bytes: 256 hashes, or as many commitments.
const maxTile = 256 * 34

// Tile returns a tile of the journal by its path: "0/000", "entries/x001/002.p/7".
func (c *Client) Tile(ctx context.Context, path string) ([]byte, error) {
	res, err := c.do(ctx, http.MethodGet, PathTile+path, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxTile+1))
	if err != nil || len(b) > maxTile {
		return nil, hotline.Errorf(hotline.KindUnavailable, "tile", "the answer was lost")
	}
	return b, nil
}

// Watch returns alarms and canaries.
func (c *Client) Watch(ctx context.Context) (Watch, error) { return get[Watch](ctx, c, PathWatch) }

// Calm acknowledges an alarm.
func (c *Client) Calm(ctx context.Context, id seal.Hash, n NewCalm) error {
	return send(ctx, c, http.MethodPost, fill(PathCalm, id.String()), n)
}

// Plant makes a case a canary.
func (c *Client) Plant(ctx context.Context, id hotline.CaseID) error {
	return send(ctx, c, http.MethodPost, fill(PathCanary, id.String()), struct{}{})
}

// Lift makes a canary an ordinary case.
func (c *Client) Lift(ctx context.Context, id hotline.CaseID) error {
	return send(ctx, c, http.MethodDelete, fill(PathCanary, id.String()), struct{}{})
}
