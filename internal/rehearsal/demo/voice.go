package demo

import (
	"context"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/rehearsal"
)

// voice is a person of the demonstration at one door.
type voice interface {
	// say writes one message and tells the case that it stands in.
	say(ctx context.Context, text string) (played, error)
	// hear waits until an answer is there, at a door where answers come by themselves.
	hear(ctx context.Context, text string) error
}

func (p *player) voice(s rehearsal.Scenario) voice {
	if rehearsal.Door(s.Channel) == hotline.ChannelTelegram {
		return &chat{desk: p.desk, scenario: s, phone: p.product.Telegram.Phone(telegramsim.PersonConfig{Name: s.ID, Language: s.Language})}
	}
	return &page{product: p.product, scenario: s}
}

// page is somebody on the contact page.
type page struct {
	product  *rehearsal.Product
	scenario rehearsal.Scenario
	device   *contact.Case
}

func (w *page) say(ctx context.Context, text string) (played, error) {
	var err error
	if w.device != nil {
		err = w.device.Send(ctx, text, w.scenario.Language)
	} else {
		err = w.start(ctx, text)
	}
	if err != nil {
		return played{}, err
	}
	return played{w.device.ID(), w.device.Code()}, nil
}

func (w *page) start(ctx context.Context, text string) error {
	client, err := w.product.Contact(ctx)
	if err != nil {
		return err
	}
	receipt := hotline.NewReceipt()
	w.device, err = client.Start(ctx, text, w.scenario.Language, &receipt)
	return err
}

func (w *page) hear(context.Context, string) error { return nil }

// chat is somebody with the bot.
type chat struct {
	desk     *desk.Desk
	scenario rehearsal.Scenario
	phone    *rehearsal.Phone
	which    played
}

func (c *chat) say(ctx context.Context, text string) (played, error) {
	if c.which != (played{}) {
		return c.which, c.phone.Say(text)
	}
	next, err := rehearsal.Expect(c.desk, hotline.ChannelTelegram)
	if err != nil {
		return played{}, err
	}
	if err := c.begin(ctx, text); err != nil {
		return played{}, err
	}
	id, err := next.Case(ctx)
	if err != nil {
		return played{}, err
	}
	v, err := c.desk.Case(ctx, id)
	if err != nil {
		return played{}, err
	}
	code, err := hotline.ParseChannelCode(strings.Join(v.Code, ""))
	c.which = played{id, code}
	return c.which, err
}

// begin meets the bot, registers where the scenario says so, and writes.
func (c *chat) begin(ctx context.Context, text string) error {
	if _, err := c.phone.Start(ctx); err != nil {
		return err
	}
	if c.scenario.Registers() {
		code, err := c.phone.Register(ctx, c.scenario.Answers())
		if err == nil {
			err = c.phone.TypeBack(ctx, code)
		}
		if err != nil {
			return err
		}
	}
	return c.phone.Say(text)
}

func (c *chat) hear(ctx context.Context, text string) error { return c.phone.Hear(ctx, text) }
