package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// MaxBody is the largest body in bytes that either side reads.
const MaxBody = 64 << 20

// Client calls the server. HTTP must carry the pinned mutual TLS.
type Client struct {
	Base string // "https://host:port"
	HTTP *http.Client
}

// Paths of the API, with the parameters of net/http's patterns.
const (
	PathMe          = "/v1/me"
	PathDocument    = "/v1/documents/{kind}"
	PathDocuments   = "/v1/documents"
	PathDocumentAt  = "/v1/documents/{kind}/{serial}"
	PathInvitations = "/v1/invitations"
	PathInvitation  = "/v1/invitations/{id}"
	PathEnrol       = "/v1/enrol"
	PathEpochs      = "/v1/epochs"
	PathTeamWraps   = "/v1/epochs/{team}/{epoch}/wraps"
	PathCases       = "/v1/cases"
	PathSync        = "/v1/sync"
	PathLocate      = "/v1/locate"
	PathRead        = "/v1/cases/{id}/read"
	PathReplies     = "/v1/cases/{id}/replies"
	PathParts       = "/v1/cases/{id}/parts"
	PathObjects     = "/v1/cases/{id}/objects"
	PathStatements  = "/v1/cases/{id}/statements"
	PathGenerations = "/v1/cases/{id}/generations"
	PathWraps       = "/v1/cases/{id}/wraps"
	PathRewrap      = "/v1/rewrap/{team}/{epoch}"
	PathLive        = "/v1/live"
	PathCheckpoint  = "/v1/journal/checkpoint"
	PathConsistency = "/v1/journal/consistency"
	PathLeaves      = "/v1/journal/leaves"
	PathExport      = "/v1/export"
	PathProposals   = "/v1/proposals"
	PathProposal    = "/v1/proposals/{proposal}"
	PathAnswers     = "/v1/proposals/{proposal}/answers"
)

// fill puts values into a path's parameters, in order.
func fill(path string, values ...string) string {
	for _, v := range values {
		open, end := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		path = path[:open] + url.PathEscape(v) + path[end+1:]
	}
	return path
}

// Me asks who the server takes the caller for.
func (c *Client) Me(ctx context.Context) (Me, error) { return get[Me](ctx, c, PathMe) }

// Document returns the newest document of a kind.
func (c *Client) Document(ctx context.Context, kind string) (Document, error) {
	return get[Document](ctx, c, fill(PathDocument, kind))
}

// Publish publishes a document signed by the authority.
func (c *Client) Publish(ctx context.Context, d Document) error {
	return send(ctx, c, http.MethodPost, PathDocuments, d)
}

// Invite registers an invitation.
func (c *Client) Invite(ctx context.Context, n NewInvitation) error {
	return send(ctx, c, http.MethodPost, PathInvitations, n)
}

// Invitations lists invitations, newest first.
func (c *Client) Invitations(ctx context.Context) ([]Invitation, error) {
	return get[[]Invitation](ctx, c, PathInvitations)
}

// RevokeInvitation takes an invitation back.
func (c *Client) RevokeInvitation(ctx context.Context, id seal.Hash) error {
	return send(ctx, c, http.MethodDelete, fill(PathInvitation, id.String()), struct{}{})
}

// Enrol sends a newcomer's keys.
func (c *Client) Enrol(ctx context.Context, e Enrol) error {
	return send(ctx, c, http.MethodPost, PathEnrol, e)
}

// Enrolment asks how far the newcomer's enrolment is.
func (c *Client) Enrolment(ctx context.Context) (Enrolment, error) {
	return get[Enrolment](ctx, c, PathEnrol)
}

// Epochs returns every epoch of the caller's teams.
func (c *Client) Epochs(ctx context.Context) ([]Epoch, error) {
	return get[[]Epoch](ctx, c, PathEpochs)
}

// NewEpoch starts an epoch.
func (c *Client) NewEpoch(ctx context.Context, e NewEpoch) error {
	return send(ctx, c, http.MethodPost, PathEpochs, e)
}

// WrapTeam gives a member the key of an epoch.
func (c *Client) WrapTeam(ctx context.Context, team hotline.Team, epoch int, w TeamWrap) error {
	return send(ctx, c, http.MethodPost, fill(PathTeamWraps, string(team), strconv.Itoa(epoch)), w)
}

// Cases returns cases that changed after a version.
func (c *Client) Cases(ctx context.Context, after int64) (CasePage, error) {
	return get[CasePage](ctx, c, PathCases+"?after="+strconv.FormatInt(after, 10))
}

// Sync fetches sealed content.
func (c *Client) Sync(ctx context.Context, r SyncRequest) (SyncAnswer, error) {
	return post[SyncAnswer](ctx, c, PathSync, r)
}

// Locate finds cases by a channel code.
func (c *Client) Locate(ctx context.Context, code hotline.ChannelCode) (Located, error) {
	return post[Located](ctx, c, PathLocate, Locate{Code: code.Digits()})
}

// MarkRead says that an operator has read a case up to seq.
func (c *Client) MarkRead(ctx context.Context, id hotline.CaseID, seq int64) (Case, error) {
	return post[Case](ctx, c, fill(PathRead, id.String()), Read{Seq: seq})
}

// Reply appends a reply.
func (c *Client) Reply(ctx context.Context, id hotline.CaseID, r Reply) (Case, error) {
	return post[Case](ctx, c, fill(PathReplies, id.String()), r)
}

// State appends a statement.
func (c *Client) State(ctx context.Context, id hotline.CaseID, s NewStatement) (Case, error) {
	return post[Case](ctx, c, fill(PathStatements, id.String()), s)
}

// Rotate appends a generation of the case key.
func (c *Client) Rotate(ctx context.Context, id hotline.CaseID, g NewGeneration) (Case, error) {
	return post[Case](ctx, c, fill(PathGenerations, id.String()), g)
}

// Rewrap adds a wrap of a case key.
func (c *Client) Rewrap(ctx context.Context, id hotline.CaseID, r Rewrap) error {
	return send(ctx, c, http.MethodPost, fill(PathWraps, id.String()), r)
}

// RewrapList lists cases without a wrap for an epoch.
func (c *Client) RewrapList(ctx context.Context, team hotline.Team, epoch int) (RewrapList, error) {
	return get[RewrapList](ctx, c, fill(PathRewrap, string(team), strconv.Itoa(epoch)))
}

// Checkpoint returns the journal's newest signed checkpoint.
func (c *Client) Checkpoint(ctx context.Context) (string, error) {
	return get[string](ctx, c, PathCheckpoint)
}

// Consistency returns the proof that the journal of size extends that of from.
func (c *Client) Consistency(ctx context.Context, from, size int64) (JournalProof, error) {
	return get[JournalProof](ctx, c, fmt.Sprintf("%s?from=%d&size=%d", PathConsistency, from, size))
}

// Leaves returns leaves of the journal from an index on.
func (c *Client) Leaves(ctx context.Context, from int64) (LeafPage, error) {
	return get[LeafPage](ctx, c, PathLeaves+"?from="+strconv.FormatInt(from, 10))
}

// Export writes the sealed export, a tar archive, to w.
func (c *Client) Export(ctx context.Context, w io.Writer) error {
	res, err := c.do(ctx, http.MethodPost, PathExport, struct{}{})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(w, res.Body); err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "export", "cut short: %w", err)
	}
	return nil
}

// Live reads the live feed after a cursor until ctx ends, the connection
// breaks, or handle returns an error. A feed that is silent for 30 s is dead:
// the server sends a comment every 10 s.
func (c *Client) Live(ctx context.Context, after int64, handle func(Event) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	res, err := c.do(ctx, http.MethodGet, PathLive+"?after="+strconv.FormatInt(after, 10), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	silence := time.AfterFunc(30*time.Second, cancel)
	defer silence.Stop()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		silence.Reset(30 * time.Second)
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok {
			continue
		}
		var e Event
		if err := json.Unmarshal(data, &e); err != nil {
			return hotline.Errorf(hotline.KindInvalid, "live", "malformed event")
		}
		if err := handle(e); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "live", "the connection broke: %w", err)
	}
	return hotline.Errorf(hotline.KindUnavailable, "live", "the server closed the connection")
}

func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return call[T](ctx, c, http.MethodGet, path, nil)
}

func post[T any](ctx context.Context, c *Client, path string, in any) (T, error) {
	return call[T](ctx, c, http.MethodPost, path, in)
}

func send(ctx context.Context, c *Client, method, path string, in any) error {
	_, err := call[struct{}](ctx, c, method, path, in)
	return err
}

func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	res, err := c.do(ctx, method, path, in)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody))
	if err != nil {
		return out, hotline.Errorf(lost(method), path, "the answer was lost: %w", err)
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return out, hotline.Errorf(hotline.KindInvalid, path, "malformed answer")
	}
	return out, nil
}

// do returns the answer to a request that succeeded.
func (c *Client) do(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return nil, hotline.Errorf(lost(method), path, "the server cannot be reached: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // a fault that cannot be read is still a fault
		return nil, readError(path, res.StatusCode, text)
	}
	return res, nil
}

// lost is the kind of a request whose answer did not come: a GET changed
// nothing, anything else may have been kept.
func lost(method string) hotline.Kind {
	if method == http.MethodGet {
		return hotline.KindUnavailable
	}
	return hotline.KindUnknown
}
