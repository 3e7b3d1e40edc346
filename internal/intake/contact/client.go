package contact

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Client reaches a hotline over its routes.
type Client struct {
	manifest seal.Manifest
	routes   []string
	http     *http.Client
	clock    func() time.Time
	sleep    func(context.Context, time.Duration) error
	tries    int
}

// Option changes a client.
type Option func(*Client)

// WithSleep replaces the wait before something is sent again.
func WithSleep(sleep func(context.Context, time.Duration) error) Option {
	return func(c *Client) { c.sleep = sleep }
}

// WithTries bounds how often one thing is sent; the default is 8.
func WithTries(n int) Option { return func(c *Client) { c.tries = n } }

// New makes a client from a manifest that the authority signed. Without routes
// it takes those of the manifest.
func New(manifest []byte, authority seal.Authority, routes []string, client *http.Client, clock func() time.Time, opts ...Option) (*Client, error) {
	m, err := seal.VerifyManifest(manifest, authority)
	if err != nil {
		return nil, err
	}
	if len(routes) == 0 {
		routes = m.Routes
	}
	if len(routes) == 0 {
		return nil, hotline.Errorf(hotline.KindInvalid, "contact", "the manifest names no route")
	}
	c := &Client{manifest: m, routes: routes, http: client, clock: clock, sleep: sleep, tries: 8}
	for _, opt := range opts {
		opt(c)
	}
	return c, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Manifest returns the manifest in use.
func (c *Client) Manifest() seal.Manifest { return c.manifest }

// maxAnswer bounds what is read from a route: an answer (a part of a file at
// the most), or a manifest.
const maxAnswer = 2 << 20

// Challenge is what a route says before a POST.
type Challenge struct {
	Challenge []byte
	Hour      hotline.Hour
	Manifest  int64
}

// Challenge asks a route for a challenge.
func (c *Client) Challenge(ctx context.Context, route string) (Challenge, error) {
	body, err := c.do(ctx, http.MethodGet, route+"/v1/challenge", nil)
	if err != nil {
		return Challenge{}, err
	}
	var j struct {
		Challenge string
		Hour      int64
		Manifest  int64
	}
	if err := json.Unmarshal(body, &j); err != nil {
		return Challenge{}, hotline.Errorf(hotline.KindUnavailable, "contact", "the route does not speak this protocol")
	}
	raw, err := base64.StdEncoding.DecodeString(j.Challenge)
	if err != nil || len(raw) != seal.ChallengeSize || raw[1] > seal.MaxWork {
		return Challenge{}, hotline.Errorf(hotline.KindUnavailable, "contact", "the route gives no challenge")
	}
	return Challenge{raw, hotline.Hour(j.Hour), j.Manifest}, nil
}

// sealed is an envelope and what opens the answer to it.
type sealed struct {
	envelope []byte
	answer   seal.AnswerKey
}

// deliver sends what makeEnvelope seals and goes on, over all routes, until it
// is answered. A call that stands for itself (new, send) keeps its envelope;
// a request is signed over each challenge again.
func (c *Client) deliver(ctx context.Context, makeEnvelope func(challenge []byte) (sealed, error)) (seal.Answer, [][]byte, error) {
	var last error
	for try := range c.tries {
		route := c.routes[try%len(c.routes)]
		a, parts, err := c.once(ctx, route, makeEnvelope)
		if err == nil {
			return a, parts, nil
		}
		last = err
		pause := time.Duration(0)
		switch kind := hotline.KindOf(err); kind {
		case hotline.KindConflict:
		case hotline.KindBusy:
			pause = busyFor(err)
		case hotline.KindUnavailable, hotline.KindUnknown:
			if (try+1)%len(c.routes) == 0 {
				pause = time.Second << min(try/len(c.routes), 5)
			}
		default:
			return a, nil, err
		}
		if ctx.Err() != nil {
			return a, nil, last
		}
		if pause > 0 && try+1 < c.tries {
			if err := c.sleep(ctx, pause); err != nil {
				return a, nil, last
			}
		}
	}
	return seal.Answer{}, nil, last
}

func (c *Client) once(ctx context.Context, route string, makeEnvelope func(challenge []byte) (sealed, error)) (seal.Answer, [][]byte, error) {
	challenge, err := c.Challenge(ctx, route)
	if err != nil {
		return seal.Answer{}, nil, err
	}
	s, err := makeEnvelope(challenge.Challenge)
	if err != nil {
		return seal.Answer{}, nil, err
	}
	post := seal.Post{Challenge: challenge.Challenge, Envelope: s.envelope}
	post.Solve()
	body, err := c.do(ctx, http.MethodPost, route+"/v1/envelope", post.Bytes())
	if err != nil {
		return seal.Answer{}, nil, err
	}
	a, parts, err := s.answer.Open(body)
	if err != nil {
		// A relay that answers by itself is a route that does not work.
		return a, nil, hotline.Errorf(hotline.KindUnavailable, "contact", "the answer is not the server's: %w", err)
	}
	return a, parts, nil
}

// do makes one request. An answer other than 200 becomes an error of its kind.
func (c *Client) do(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	unavailable := func(err error) error {
		return hotline.Errorf(hotline.KindUnavailable, "contact", "the route does not answer: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, unavailable(err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unavailable(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, unavailable(err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, problem(answer)
	}
	return answer, nil
}

// busy says for how long the server asks to wait.
type busy struct{ pause time.Duration }

func (b *busy) Error() string { return fmt.Sprintf("busy; again in %s", b.pause) }

func problem(body []byte) error {
	var p struct {
		Error      string
		Text       string
		RetryAfter int `json:"retry_after"`
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Error == "" {
		return hotline.Errorf(hotline.KindUnavailable, "contact", "the route does not speak this protocol")
	}
	kind := hotline.ParseKind(strings.ToLower(p.Error))
	if kind == hotline.KindBusy {
		pause := time.Duration(min(max(p.RetryAfter, 1), 120)) * time.Second
		return hotline.Errorf(kind, "contact", "not sent yet: %w", &busy{pause})
	}
	return hotline.Errorf(kind, "contact", "not kept: %s", p.Text)
}
