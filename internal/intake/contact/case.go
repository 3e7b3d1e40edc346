package contact

import (
	"context"
	"errors"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Case is a person's case: the keys from the receipt, and where the
// conversation stands. It belongs to one goroutine.
type Case struct {
	client  *Client
	contact seal.Contact
	id      hotline.CaseID

	generation seal.Generation // newest that verified; the zero value before Open
	seq        int64           // last of ours, -1 for none
	prev       seal.Hash       // its header
	seen       int64           // last reply that was read
	waiting    []sealed        // sealed and not yet answered, in order
}

// Keys returns the keys that a receipt yields, or, without a receipt, keys
// that nobody will find again.
func (c *Client) Keys(receipt *hotline.Receipt) (seal.Contact, error) {
	if receipt != nil {
		return seal.DeriveContact(*receipt, c.manifest.Desk)
	}
	identity, err := seal.NewIdentity()
	if err != nil {
		return seal.Contact{}, err
	}
	signing, err := seal.NewSigningKey()
	return seal.Contact{Identity: identity, Signing: signing, Code: hotline.NewChannelCode()}, err
}

// Start makes a case with its first message and sends it. Without a receipt
// nobody can come back to it by the page. When sending fails the case is
// returned all the same: Resend sends the same envelope again.
func (c *Client) Start(ctx context.Context, text, language string, receipt *hotline.Receipt) (*Case, error) {
	keys, err := c.Keys(receipt)
	if err != nil {
		return nil, err
	}
	return c.StartWith(ctx, keys, text, language)
}

// StartWith is Start with keys that are there already.
func (c *Client) StartWith(ctx context.Context, keys seal.Contact, text, language string) (*Case, error) {
	p, err := c.Prepare(keys, text, language)
	if err != nil {
		return nil, err
	}
	return p, p.Resend(ctx)
}

// Prepare seals a new case without sending it; Resend sends it.
func (c *Client) Prepare(keys seal.Contact, text, language string) (*Case, error) {
	team, hour := c.manifest.Teams[hotline.TeamDesk], hotline.HourOf(c.clock())
	if hour > c.manifest.UseUntil {
		return nil, hotline.Errorf(hotline.KindInvalid, "contact", "this page is too old to send")
	}
	p := &Case{client: c, contact: keys, id: keys.CaseID(), seq: -1, seen: -1}
	s0, err := seal.NewIdentity()
	if err != nil {
		return nil, err
	}
	p.generation = seal.Generation{
		Case: p.id, Team: hotline.TeamDesk, Epoch: team.Epoch, Recipient: s0.Recipient(),
		ContactKey: keys.Signing.Public(), ContactRecipient: keys.Identity.Recipient(), Hour: hour,
	}
	statement, err := seal.SignGeneration(p.generation, keys.Signing)
	if err != nil {
		return nil, err
	}
	wrap, err := seal.WrapIdentity(team.Recipient, s0)
	if err != nil {
		return nil, err
	}
	body, err := seal.NewBody(text, language)
	if err != nil {
		return nil, err
	}
	body.Code, body.Effort = keys.Code.Digits(), keys.Lookup == (seal.Lookup{})
	head, file, err := p.record(body)
	if err != nil {
		return nil, err
	}
	call := seal.Call{Op: seal.OpNew, Lookup: keys.Lookup, Code: keys.Code.Digits()}
	envelope, answer, err := seal.NewEnvelope(c.manifest.Intake, call, statement.Text(), wrap, head, file)
	if err != nil {
		return nil, err
	}
	p.waiting = append(p.waiting, sealed{envelope, answer})
	return p, nil
}

// record makes the next record of the conversation and moves on.
func (p *Case) record(body seal.Body) (header, file []byte, err error) {
	rec, err := seal.SignRecord(seal.RecordHeader{
		Case: p.id, Gen: p.generation.Gen, Side: hotline.SideContact, Seq: p.seq + 1, Prev: p.prev,
		Seen: p.seen, Hour: hotline.HourOf(p.client.clock()),
	}, body, p.contact.Signing)
	if err != nil {
		return nil, nil, err
	}
	if file, err = rec.Seal(p.generation.Recipient); err != nil {
		return nil, nil, err
	}
	p.seq, p.prev = p.seq+1, rec.Signed.Hash()
	return rec.Signed.Text(), file, nil
}

// ID returns the case's id.
func (p *Case) ID() hotline.CaseID { return p.id }

// Code returns the channel code.
func (p *Case) Code() hotline.ChannelCode { return p.contact.Code }

// Send sends one more message. When that fails the message is kept in memory
// and goes out, in order, before the next one or by Resend.
func (p *Case) Send(ctx context.Context, text, language string) error {
	if err := p.Queue(text, language); err != nil {
		return err
	}
	return p.Resend(ctx)
}

// Queue seals one more message without sending it.
func (p *Case) Queue(text, language string) error { return p.queue(text, language, nil) }

func (p *Case) queue(text, language string, files []seal.File) error {
	if p.generation.Recipient.IsZero() {
		return hotline.Errorf(hotline.KindInvalid, "contact", "open the case before sending to it")
	}
	body, err := seal.NewBody(text, language)
	if err != nil {
		return err
	}
	body.Files = files
	header, file, err := p.record(body)
	if err != nil {
		return err
	}
	call := seal.Call{Op: seal.OpSend, Case: seal.CallCase{CaseID: p.id}}
	envelope, answer, err := seal.NewEnvelope(p.client.manifest.Intake, call, header, file)
	if err != nil {
		return err
	}
	p.waiting = append(p.waiting, sealed{envelope, answer})
	return nil
}

// Waiting is how many messages are not known to be kept.
func (p *Case) Waiting() int { return len(p.waiting) }

// Envelopes returns the sealed envelopes that wait, in order, for whoever
// delivers them in another way.
func (p *Case) Envelopes() [][]byte {
	out := make([][]byte, len(p.waiting))
	for n, w := range p.waiting {
		out[n] = w.envelope
	}
	return out
}

// Resend sends what waits. Only "received" ends the waiting.
func (p *Case) Resend(ctx context.Context) error {
	for len(p.waiting) > 0 {
		next := p.waiting[0]
		a, _, err := p.client.deliver(ctx, func([]byte) (sealed, error) { return next, nil })
		if err != nil {
			return err
		}
		if a.Status != seal.StatusReceived {
			return statusError(a)
		}
		p.waiting = p.waiting[1:]
	}
	return nil
}

func statusError(a seal.Answer) error {
	if a.Status == seal.StatusUnknown {
		return hotline.Errorf(hotline.KindNotFound, "contact", "no case answers to this receipt")
	}
	return hotline.Errorf(hotline.KindInvalid, "contact", "the server refuses: %s", a.Text)
}

func busyFor(err error) time.Duration {
	var b *busy
	if errors.As(err, &b) {
		return b.pause
	}
	return time.Second
}

// Fresh is the same person with nothing in memory but the keys: a page that was
// loaded again.
func (p *Case) Fresh() *Case { return p.client.ReturnWith(p.contact) }
