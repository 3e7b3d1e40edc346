package drill

import (
	"context"

	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
)

// voice is the person's end of a conversation, by one door.
type voice interface {
	// enter is what comes before the first message. False: there is nothing to go on with.
	enter(ctx context.Context) bool
	// claim enters as somebody who says that another case is his, and returns what is left to be said.
	claim(ctx context.Context, of *thread, messages []rehearsal.Message) ([]rehearsal.Message, bool)
	// parts cuts a text as the door takes it: each becomes a record.
	parts(text string) []string
	// say sends one of them. The first one begins the case.
	say(ctx context.Context, text string) error
	// hear waits for what the operator has just written.
	hear(ctx context.Context, text string) error
	// leave is what comes at the end, and checks what is left behind.
	leave(ctx context.Context)
}

// newVoice gives a scenario's person what his door needs.
func (p *player) newVoice(r *Result, s rehearsal.Scenario, t *thread) voice {
	if t.door != hotline.ChannelTelegram {
		return &page{player: p, r: r, scenario: s, t: t}
	}
	return &chat{player: p, r: r, scenario: s, t: t, phone: p.product.Telegram.Phone(telegramsim.PersonConfig{
		ID: accountID(), Name: accountName(), Language: s.Language,
	})}
}
