package seal

import (
	"slices"

	"safeconduct/internal/hotline"
)

// Chat is what a gateway tells of a message beside its text, where the message
// came through a channel of others (docs/sealing.md, section 12). It is part of
// what is sealed.
type Chat struct {
	Event hotline.ChatEvent `json:"event,omitzero"`
	// Number is the channel's own number of the message in its chat: they rise,
	// so that messages which arrived out of order can be put right. An edit bears
	// the number of the message that it replaces. 0: it has none.
	Number int64 `json:"number,omitzero"`
	// Source is the public number of the bot in whose chat Number counts: a case
	// goes on with another bot after a block.
	Source    int64        `json:"source,omitzero"`
	Edited    bool         `json:"edited,omitzero"`
	Forwarded bool         `json:"forwarded,omitzero"` // the words are somebody else's
	Claim     string       `json:"claim,omitzero"`     // of a claim: 12 digits of a channel code
	Form      []FormAnswer `json:"form,omitempty"`     // of a registration; what was passed over is left out
}

// FormAnswer is one answer of a registration, see [hotline.Questions].
type FormAnswer struct {
	Question string `json:"q"`
	Answer   string `json:"a"`
}

// check refuses what no gateway of ours writes.
func (c *Chat) check() error {
	if c == nil {
		return nil
	}
	fail := func() error {
		return hotline.Errorf(hotline.KindInvalid, "record", "what is said of the chat is malformed")
	}
	if !c.Event.Valid() || c.Number < 0 || c.Source < 0 || (c.Event == hotline.ChatClaim) != (c.Claim != "") {
		return fail()
	}
	if code, err := hotline.ParseChannelCode(c.Claim); c.Claim != "" && (err != nil || code.Digits() != c.Claim) {
		return fail()
	}
	questions := hotline.Questions()
	for _, a := range c.Form {
		i := slices.IndexFunc(questions, func(q hotline.Question) bool { return q.Name == a.Question })
		if i < 0 || !slices.Contains(questions[i].Answers, a.Answer) {
			return fail()
		}
		questions = questions[i+1:] // each once, in their order
	}
	return nil
}

const kindDelivery = "delivery"

// Delivery is a gateway's signed word on what became of a reply.
type Delivery struct {
	preamble
	Case   hotline.CaseID         `json:"case"`
	Reply  Hash                   `json:"reply"` // line of the reply's header
	State  hotline.Deliverance    `json:"state"`
	Reason hotline.DeliveryReason `json:"reason,omitzero"` // of one that failed
	Hour   hotline.Hour           `json:"hour"`
}

// SignDelivery makes the word.
func SignDelivery(d Delivery, by SigningKey) (Signed, error) {
	d.preamble = preamble{1, kindDelivery}
	return signLine(kindDelivery, d, by)
}

// ParseDelivery reads one; the caller checks who signed.
func ParseDelivery(text []byte) (Delivery, Signed, error) {
	var d Delivery
	s, err := ParseSigned(text)
	if err != nil {
		return d, s, err
	}
	if err := s.decode(kindDelivery, &d); err != nil {
		return d, s, err
	}
	failed := d.State == hotline.DeliveranceFailed
	if d.Reply.IsZero() || d.Hour < 0 || (!failed && d.State != hotline.DeliveranceSent) ||
		failed != slices.Contains(hotline.DeliveryReasons(), d.Reason) || (!failed && d.Reason != "") {
		return d, s, hotline.Errorf(hotline.KindInvalid, kindDelivery, "malformed")
	}
	return d, s, nil
}

// DeliverySignedBy reports whether k signed the word.
func DeliverySignedBy(s Signed, k PublicKey) bool { return s.SignedBy(kindDelivery, k) }
