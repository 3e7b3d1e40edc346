package seal

import (
	"fmt"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

// What a gateway tells of a chat is opened as it was written, and nothing else is.
func TestChatOfARecord(t *testing.T) {
	t.Parallel()
	key, s0 := must(NewSigningKey())(t), must(NewIdentity())(t)
	open := func(c Chat) error {
		body := must(NewBody("text", "ru"))(t)
		body.Chat = &c
		rec, err := SignRecord(RecordHeader{Case: hotline.CaseID{1}, Side: hotline.SideGateway, Seen: -1, Hour: 5}, body, key)
		if err != nil {
			return err
		}
		got, err := OpenRecord(s0, must(rec.Seal(s0.Recipient()))(t))
		if err == nil && fmt.Sprint(*got.Body.Chat) != fmt.Sprint(c) {
			t.Errorf("%+v became %+v", c, *got.Body.Chat)
		}
		return err
	}
	code := hotline.ChannelCodeOf(77).Digits()
	for name, c := range map[string]Chat{
		"a message":    {Number: 9_000_000_000, Edited: true, Forwarded: true},
		"a claim":      {Event: hotline.ChatClaim, Claim: code},
		"no answers":   {Event: hotline.ChatRegistered},
		"some answers": {Event: hotline.ChatRegistered, Form: []FormAnswer{{"where", "front"}, {"first", "no"}}},
	} {
		if err := open(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]Chat{
		"an unknown event":       {Event: "dance"},
		"a number below zero":    {Number: -1},
		"a claim of nothing":     {Event: hotline.ChatClaim},
		"a code without a claim": {Claim: code},
		"a code in groups":       {Event: hotline.ChatClaim, Claim: code[:4] + " " + code[4:]},
		"a code that is none":    {Event: hotline.ChatClaim, Claim: code[:11] + string('0'+('9'-code[11]))},
		"a long code":            {Event: hotline.ChatClaim, Claim: strings.Repeat("1", 4000)},
		"an unknown question":    {Event: hotline.ChatRegistered, Form: []FormAnswer{{"name", "Ivan"}}},
		"an unknown answer":      {Event: hotline.ChatRegistered, Form: []FormAnswer{{"where", "Avdiivka"}}},
		"a question twice":       {Event: hotline.ChatRegistered, Form: []FormAnswer{{"where", "front"}, {"where", "free"}}},
		"another order":          {Event: hotline.ChatRegistered, Form: []FormAnswer{{"first", "no"}, {"where", "front"}}},
	} {
		if err := open(c); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	key := must(NewSigningKey())(t)
	good := Delivery{Case: hotline.CaseID{1}, Reply: Hash{2}, State: hotline.DeliveranceSent, Hour: 5}
	signed := must(SignDelivery(good, key))(t)
	got, again, err := ParseDelivery(signed.Text())
	if err != nil || got.Case != good.Case || got.Reply != good.Reply || got.State != good.State || !DeliverySignedBy(again, key.Public()) {
		t.Errorf("%+v: %v", got, err)
	}
	if DeliverySignedBy(again, must(NewSigningKey())(t).Public()) || FieldNoteSignedBy(again, key.Public()) {
		t.Error("another's signature, or for another purpose")
	}
	for _, reason := range hotline.DeliveryReasons() {
		d := good
		d.State, d.Reason = hotline.DeliveranceFailed, reason
		if _, _, err := ParseDelivery(must(SignDelivery(d, key))(t).Text()); err != nil {
			t.Errorf("%s: %v", reason, err)
		}
	}
	for name, change := range map[string]func(*Delivery){
		"no reply":            func(d *Delivery) { d.Reply = Hash{} },
		"no state":            func(d *Delivery) { d.State = "" },
		"an unknown state":    func(d *Delivery) { d.State = "read" },
		"sent with a reason":  func(d *Delivery) { d.Reason = hotline.ReasonBlocked },
		"failed without one":  func(d *Delivery) { d.State = hotline.DeliveranceFailed },
		"an unknown reason":   func(d *Delivery) { d.State, d.Reason = hotline.DeliveranceFailed, "mood" },
		"an hour before time": func(d *Delivery) { d.Hour = -1 },
	} {
		d := good
		change(&d)
		s, err := SignDelivery(d, key)
		if err == nil {
			_, _, err = ParseDelivery(s.Text())
		}
		if err == nil {
			t.Errorf("%s was read", name)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "another kind": strings.Replace(string(signed.Text()), `"delivery"`, `"record"`, 1),
		"more than it has": strings.Replace(string(signed.Text()), `"state"`, `"more":1,"state"`, 1), "cut": string(signed.Text()[:40]),
	} {
		if _, _, err := ParseDelivery([]byte(text)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
