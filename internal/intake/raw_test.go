package intake_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// draft is a new case taken apart, so that a test can spoil any piece of it.
type draft struct {
	keys      seal.Contact
	s0        seal.Identity
	gen       seal.Generation
	genBy     []seal.SigningKey
	header    seal.RecordHeader
	headerBy  []seal.SigningKey
	call      seal.Call
	parts     [][]byte // filled by finish: statement, wrap, header, record
	to        seal.Recipient
	teamKey   seal.Recipient
	challenge []byte // asked for when nil
}

func (h *house) draft() *draft {
	h.t.Helper()
	keys := h.keys()
	s0 := must[seal.Identity](h.t)(seal.NewIdentity())
	hour := hotline.HourOf(h.clock.Now())
	return &draft{
		keys: keys, s0: s0, to: h.intakeKey.Recipient(), teamKey: h.team.Identity.Recipient(),
		gen: seal.Generation{
			Case: keys.CaseID(), Team: hotline.TeamDesk, Epoch: 2, Recipient: s0.Recipient(),
			ContactKey: keys.Signing.Public(), ContactRecipient: keys.Identity.Recipient(), Hour: hour,
		},
		genBy: []seal.SigningKey{keys.Signing}, headerBy: []seal.SigningKey{keys.Signing},
		header: seal.RecordHeader{Case: keys.CaseID(), Side: hotline.SideContact, Seen: -1, Hour: hour},
		call:   seal.Call{Op: seal.OpNew, Lookup: keys.Lookup, Code: keys.Code.Digits()},
	}
}

func (d *draft) finish(t testing.TB) *draft {
	t.Helper()
	d.parts = [][]byte{
		must[seal.Signed](t)(seal.SignGeneration(d.gen, d.genBy...)).Text(),
		must[[]byte](t)(seal.WrapIdentity(d.teamKey, d.s0)),
		nil, nil,
	}
	d.parts[2], d.parts[3] = record(t, d.header, d.s0.Recipient(), d.headerBy...)
	return d
}

func record(t testing.TB, h seal.RecordHeader, to seal.Recipient, by ...seal.SigningKey) (header, file []byte) {
	t.Helper()
	rec := must[seal.Record](t)(seal.SignRecord(h, must[seal.Body](t)(seal.NewBody("text", "ru")), by...))
	return rec.Signed.Text(), must[[]byte](t)(rec.Seal(to))
}

// send seals and posts the draft.
func (h *house) send(d *draft) reaction {
	h.t.Helper()
	envelope, key, err := seal.NewEnvelope(d.to, d.call, d.parts...)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.deliver(envelope, key, d.challenge)
}

// reaction is what the server answers to a POST.
type reaction struct {
	status int
	kind   string // of a problem
	retry  int
	size   int
	answer seal.Answer
	parts  [][]byte
}

func (h *house) challenge() []byte {
	h.t.Helper()
	c, err := h.client().Challenge(h.t.Context(), h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	return c.Challenge
}

func (h *house) deliver(envelope []byte, key seal.AnswerKey, challenge []byte) reaction {
	h.t.Helper()
	if challenge == nil {
		challenge = h.challenge()
	}
	post := seal.Post{Challenge: challenge, Envelope: envelope}
	post.Solve()
	r := h.postBody(post.Bytes(), &key)
	return r
}

// postBody posts any bytes; with a key a sealed answer is opened.
func (h *house) postBody(body []byte, key *seal.AnswerKey) reaction {
	h.t.Helper()
	req := must[*http.Request](h.t)(http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.url+"/v1/envelope", bytes.NewReader(body)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	got := must[[]byte](h.t)(io.ReadAll(resp.Body))
	r := reaction{status: resp.StatusCode, size: len(got)}
	if resp.StatusCode != http.StatusOK {
		var p struct {
			Error      string
			Text       string
			RetryAfter int `json:"retry_after"`
		}
		if err := json.Unmarshal(got, &p); err != nil || p.Text == "" {
			h.t.Errorf("%d: not a problem of ours: %q", resp.StatusCode, got)
		}
		if p.RetryAfter != 0 && resp.Header.Get("Retry-After") != strconv.Itoa(p.RetryAfter) {
			h.t.Error("the header and the text disagree")
		}
		r.kind, r.retry = p.Error, p.RetryAfter
		return r
	}
	if key != nil {
		var err error
		if r.answer, r.parts, err = key.Open(got); err != nil {
			h.t.Errorf("the answer does not open: %v", err)
		}
	}
	return r
}

// request posts a call that is signed over the challenge.
func (h *house) request(keys seal.Contact, call seal.Call, args string, signer seal.SigningKey) reaction {
	h.t.Helper()
	challenge := h.challenge()
	req := must[seal.Signed](h.t)(seal.SignRequest(keys.CaseID(), call.Op, []byte(args), challenge, signer))
	envelope, key, err := seal.NewEnvelope(h.intakeKey.Recipient(), call, req.Text())
	if err != nil {
		h.t.Fatal(err)
	}
	return h.deliver(envelope, key, challenge)
}
