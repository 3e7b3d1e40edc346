package bench

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// writer is one made-up person: keys, the case, and where the chain stands.
type writer struct {
	keys seal.Contact
	id   hotline.CaseID
	s0   seal.Recipient
	seq  int64
	prev seal.Hash
}

// letter is one envelope, sealed and worked for, with what proves that it was
// kept.
type letter struct {
	request []byte // a whole HTTP request
	answer  seal.AnswerKey
	post    []byte // the body alone
	record  seal.Hash
	from    *writer
	number  int64 // of an update, where the letter is one
}

// maker seals. It knows what a page knows: the manifest and the door.
type maker struct {
	manifest seal.Manifest
	host     string
	client   *http.Client
	clock    func() time.Time
}

// inParallel makes n things on all processors, and puts them in order.
func inParallel[T any](ctx context.Context, n int, one func(ctx context.Context, i int) (T, error)) ([]T, error) {
	all := make([]T, n)
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			for i := w; i < n; i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				var err error
				if all[i], err = one(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return all, group.Wait()
}

// newWriter draws a person's keys. They are not derived from a receipt, whose
// cost the person's own phone bears.
func newWriter() (*writer, error) {
	w := &writer{seq: -1}
	var err error
	if w.keys.Identity, err = seal.NewIdentity(); err != nil {
		return nil, err
	}
	if w.keys.Signing, err = seal.NewSigningKey(); err != nil {
		return nil, err
	}
	w.keys.Code = hotline.NewChannelCode()
	secret, err := seal.NewSigningKey() // 32 random bytes
	if err != nil {
		return nil, err
	}
	copy(w.keys.Lookup[:], secret.Seed())
	w.id = w.keys.CaseID()
	return w, nil
}

// newCase makes a case with its first message.
func (m *maker) newCase(ctx context.Context, text string) (letter, error) {
	w, err := newWriter()
	if err != nil {
		return letter{}, err
	}
	s0, err := seal.NewIdentity()
	if err != nil {
		return letter{}, err
	}
	w.s0 = s0.Recipient()
	team := m.manifest.Teams[hotline.TeamDesk]
	statement, err := seal.SignGeneration(seal.Generation{
		Case: w.id, Team: hotline.TeamDesk, Epoch: team.Epoch, Recipient: w.s0,
		ContactKey: w.keys.Signing.Public(), ContactRecipient: w.keys.Identity.Recipient(), Hour: hotline.HourOf(m.clock()),
	}, w.keys.Signing)
	if err != nil {
		return letter{}, err
	}
	wrap, err := seal.WrapIdentity(team.Recipient, s0)
	if err != nil {
		return letter{}, err
	}
	header, file, err := m.record(w, text, w.keys.Code.Digits())
	if err != nil {
		return letter{}, err
	}
	call := seal.Call{Op: seal.OpNew, Lookup: w.keys.Lookup, Code: w.keys.Code.Digits()}
	return m.letter(ctx, w, file, call, statement.Text(), wrap, header, file)
}

// message makes one more message of a case.
func (m *maker) message(ctx context.Context, w *writer, text string) (letter, error) {
	header, file, err := m.record(w, text, "")
	if err != nil {
		return letter{}, err
	}
	return m.letter(ctx, w, file, seal.Call{Op: seal.OpSend, Case: seal.CallCase{CaseID: w.id}}, header, file)
}

func (m *maker) record(w *writer, text, code string) (header, file []byte, err error) {
	body, err := seal.NewBody(text, "ru")
	if err != nil {
		return nil, nil, err
	}
	body.Code = code
	rec, err := seal.SignRecord(seal.RecordHeader{
		Case: w.id, Side: hotline.SideContact, Seq: w.seq + 1, Prev: w.prev, Seen: -1, Hour: hotline.HourOf(m.clock()),
	}, body, w.keys.Signing)
	if err != nil {
		return nil, nil, err
	}
	w.seq, w.prev = w.seq+1, rec.Signed.Hash()
	file, err = rec.Seal(w.s0)
	return rec.Signed.Text(), file, err
}

// letter seals the envelope, takes a challenge from the door and does the work.
func (m *maker) letter(ctx context.Context, w *writer, file []byte, call seal.Call, parts ...[]byte) (letter, error) {
	envelope, answer, err := seal.NewEnvelope(m.manifest.Intake, call, parts...)
	if err != nil {
		return letter{}, err
	}
	challenge, err := m.challenge(ctx)
	if err != nil {
		return letter{}, err
	}
	post := seal.Post{Challenge: challenge, Envelope: envelope}
	post.Solve()
	body := post.Bytes()
	request := requestFor(m.host, body)
	return letter{request: request, answer: answer, post: request[len(request)-len(body):], record: sha256.Sum256(file), from: w}, nil
}

// requestFor is a whole HTTP request with a body.
func requestFor(host string, body []byte) []byte {
	return append(fmt.Appendf(nil, "POST /v1/envelope HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n", host, len(body)), body...)
}

func (m *maker) challenge(ctx context.Context) ([]byte, error) {
	body, err := m.get(ctx, "/v1/challenge")
	if err != nil {
		return nil, err
	}
	return parseChallenge(body)
}

func parseChallenge(body []byte) ([]byte, error) {
	var c struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, fmt.Errorf("challenge: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(c.Challenge)
	if err != nil || len(raw) != seal.ChallengeSize {
		return nil, hotline.Errorf(hotline.KindUnavailable, "bench", "the door gives no challenge")
	}
	return raw, nil
}

func (m *maker) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.host+path, nil)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	resp, err := m.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, hotline.Errorf(hotline.KindUnavailable, "bench", "the door answers %s with status %d", path, resp.StatusCode)
	}
	return body, nil
}

// newMaker reads the manifest from the door.
func newMaker(ctx context.Context, host string, authority seal.Authority, clock func() time.Time) (*maker, error) {
	m := &maker{host: host, clock: clock, client: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: runtime.GOMAXPROCS(0)},
	}}
	text, err := m.get(ctx, "/v1/manifest")
	if err != nil {
		return nil, err
	}
	m.manifest, err = seal.VerifyManifest(text, authority)
	return m, err
}
