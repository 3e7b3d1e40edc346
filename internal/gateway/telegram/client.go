package telegram

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"safeconduct/internal/hotline"
)

const (
	// callWait bounds every call but a poll.
	callWait = 30 * time.Second
	// maxAnswer bounds an answer of Telegram: a hundred long updates are 2 MB.
	maxAnswer = 8 << 20
)

// hears are the kinds of updates that a bot asks for.
func hears() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member"}
}

// client is one bot. The library speaks to Telegram; what it says of faults can
// hold what a person wrote, so only kinds are passed on.
type client struct {
	Bot
	id   int64
	api  *telegram.Bot
	next int64                       // first update that is not kept; only poll looks at it
	me   atomic.Pointer[models.User] // once Telegram has said it
}

func (g *Gateway) newClient(b Bot) (*client, error) {
	c := &client{Bot: b, id: b.Token.ID()}
	api, err := telegram.New(
		b.Token.text,
		telegram.WithServerURL(g.cfg.API),
		telegram.WithSkipGetMe(), // a start does not wait for Telegram
		telegram.WithHTTPClient(callWait, &http.Client{Transport: bounded{g.transport}, Timeout: fileWait, CheckRedirect: noRedirect}),
		telegram.WithErrorsHandler(func(error) {}), // what it reports is returned, too
		telegram.WithDebugHandler(func(string, ...any) {}),
	)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "telegram", "a bot cannot be made from its token")
	}
	c.api = api
	return c, nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// username is the bot's public name, or nothing while Telegram has not said it.
func (c *client) username() string {
	if me := c.me.Load(); me != nil {
		return me.Username
	}
	return ""
}

// title is what the bot is called in people's lists of chats.
func (c *client) title() string {
	if me := c.me.Load(); me != nil && me.FirstName != "" {
		return me.FirstName
	}
	return c.username()
}

// bounded reads no answer further than one can be.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// verdict is what a failed call means.
type verdict int

const (
	again     verdict = iota // later: no network, a fault of Telegram, too many calls
	barred                   // the person has blocked the bot
	goneUser                 // the account is deleted
	noChat                   // there is no such chat
	refused                  // Telegram does not take it
	unwelcome                // the bot itself is not known any more
)

// judge says what a failed call means, and how long Telegram asks to wait.
func judge(err error) (verdict, time.Duration) {
	var many *telegram.TooManyRequestsError
	text := strings.ToLower(err.Error())
	switch {
	case errors.As(err, &many):
		return again, time.Duration(max(many.RetryAfter, 1)) * time.Second
	case errors.Is(err, telegram.ErrorUnauthorized), errors.Is(err, telegram.ErrorNotFound):
		return unwelcome, 0
	case errors.Is(err, telegram.ErrorForbidden) && strings.Contains(text, "deactivated"):
		return goneUser, 0
	case errors.Is(err, telegram.ErrorForbidden):
		return barred, 0
	case errors.Is(err, telegram.ErrorBadRequest) && strings.Contains(text, "chat not found"):
		return noChat, 0
	case errors.Is(err, telegram.ErrorBadRequest):
		return refused, 0
	}
	return again, 0
}

// fault notes that a call failed: what was asked for and the kind, no more.
func (g *Gateway) fault(c *client, what string, err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	why := "no answer"
	switch v, wait := judge(err); {
	case wait > 0:
		why = "too many calls"
	case v == unwelcome:
		why = "the bot is not known: its token was taken back, or it was blocked"
	case errors.Is(err, telegram.ErrorConflict):
		why = "another program listens for this bot"
	case v != again:
		why = "refused"
	}
	g.cfg.Log.Warn("telegram: a call failed", "bot", c.id, "call", what, "why", why)
}
