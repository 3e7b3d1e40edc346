package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Paths of what lets go.
const (
	PathGone        = "/v1/gone"
	PathRetention   = "/v1/retention"
	PathTrustClock  = "/v1/retention/clock"
	PathReview      = "/v1/review"
	PathForget      = "/v1/forget"
	PathDoom        = "/v1/epochs/{team}/{epoch}/doom"
	PathFarewell    = "/v1/epochs/{team}/{epoch}/farewell"
	PathAllowRewrap = "/v1/epochs/{team}/{epoch}/rewrap"
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
	Proof []byte         `json:"proof,omitempty"` // a ForgetProof as JSON; only for GoneForget
}

// GonePage is a page of removed cases in order of their versions.
type GonePage struct {
	Cases  []Gone `json:"cases"`
	Cursor int64  `json:"cursor"`
	More   bool   `json:"more"`
}

// ForgetProof is what two people signed.
type ForgetProof struct {
	Proposal []byte   `json:"proposal"`
	Answers  [][]byte `json:"answers"`
}

// Keeping is how long things are kept, and how the job that lets go stands.
type Keeping struct {
	Table    hotline.Retention `json:"table"`
	Hour     hotline.Hour      `json:"hour"`             // the latest hour that the job has believed
	Paused   bool              `json:"paused,omitempty"` // the clock has jumped: nothing goes
	Clock    hotline.Hour      `json:"clock,omitempty"`  // what the clock said then
	Failed   string            `json:"failed,omitempty"` // kind of the last run's error
	Scrubbed hotline.Day       `json:"scrubbed"`         // when the database was rewritten last
}

// TrustClock confirms what the server's clock says.
type TrustClock struct {
	Hour hotline.Hour `json:"hour"`
}

// Review names silent cases on standby.
type Review struct {
	Cases []hotline.CaseID `json:"cases"`
}

// Doom is what would go with an epoch.
type Doom struct {
	Subject seal.DestroySubject `json:"subject"`
	Base    seal.Hash           `json:"base"`
	WhyNot  hotline.Sentence    `json:"why_not,omitzero"` // it cannot be destroyed now
}

// Farewell is a desk's word that it holds a destroyed key no more.
type Farewell struct {
	Text []byte `json:"text"` // signed text, see seal.Farewell
}

// Receipt proves an act to whoever keeps it.
type Receipt struct {
	Leaf       Leaf   `json:"leaf"`
	Checkpoint string `json:"checkpoint"`
}

// ReceiptHead is the first line of a receipt as people keep it.
const ReceiptHead = "safeconduct receipt v1\n"

// Text writes a receipt as it is kept by people: a line that says what it is, the
// entry's place and blind, the entry, and the checkpoint over it.
func (r Receipt) Text() ([]byte, error) {
	if r.Leaf.Entry == "" {
		return nil, hotline.Errorf(hotline.KindInvalid, "receipt", "the entry has lost its words: no receipt can be made of it")
	}
	return fmt.Appendf([]byte(ReceiptHead), "%d %s\n%s\n%s", r.Leaf.Index, hex.EncodeToString(r.Leaf.Blind[:]), r.Leaf.Entry, r.Checkpoint), nil
}

// Gone returns cases that were removed after a version.
func (c *Client) Gone(ctx context.Context, after int64) (GonePage, error) {
	return get[GonePage](ctx, c, PathGone+"?after="+strconv.FormatInt(after, 10))
}

// Retention returns how long things are kept.
func (c *Client) Retention(ctx context.Context) (Keeping, error) {
	return get[Keeping](ctx, c, PathRetention)
}

// ChangeRetention changes a line of the table that two people agreed on.
func (c *Client) ChangeRetention(ctx context.Context, r seal.RetentionSubject) error {
	return send(ctx, c, http.MethodPost, PathRetention, r)
}

// TrustClock says that the server's clock is right.
func (c *Client) TrustClock(ctx context.Context, hour hotline.Hour) error {
	return send(ctx, c, http.MethodPost, PathTrustClock, TrustClock{hour})
}

// Review lists silent cases.
func (c *Client) Review(ctx context.Context) (Review, error) { return get[Review](ctx, c, PathReview) }

// Forget removes a case that two people agreed to forget.
func (c *Client) Forget(ctx context.Context, id hotline.CaseID) (Receipt, error) {
	return post[Receipt](ctx, c, PathForget, seal.ForgetSubject{Case: id})
}

// Doom shows what would go with an epoch.
func (c *Client) Doom(ctx context.Context, team hotline.Team, epoch int) (Doom, error) {
	return get[Doom](ctx, c, fill(PathDoom, string(team), strconv.Itoa(epoch)))
}

// Destroy destroys an epoch that two people agreed on.
func (c *Client) Destroy(ctx context.Context, team hotline.Team, epoch int) error {
	return send(ctx, c, http.MethodPost, fill(PathDoom, string(team), strconv.Itoa(epoch)), struct{}{})
}

// Farewell says that this desk holds a destroyed key no more.
func (c *Client) Farewell(ctx context.Context, team hotline.Team, epoch int, text []byte) error {
	return send(ctx, c, http.MethodPost, fill(PathFarewell, string(team), strconv.Itoa(epoch)), Farewell{text})
}

// AllowRewrap lets many open cases be wrapped to an epoch.
func (c *Client) AllowRewrap(ctx context.Context, team hotline.Team, epoch int) error {
	return send(ctx, c, http.MethodPost, fill(PathAllowRewrap, string(team), strconv.Itoa(epoch)), struct{}{})
}
