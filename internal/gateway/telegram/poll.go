package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	telegram "github.com/go-telegram/bot"

	"safeconduct/internal/hotline"
)

const (
	// pollWait is how long Telegram may keep a poll open.
	pollWait = 50 * time.Second
	// pollPause is between polls that bring nothing at once, and first after one that
	// failed; it doubles up to pollPauseMost.
	pollPause     = time.Second
	pollPauseMost = 30 * time.Second
	// maxTries is how often an update is tried that fails for a reason of its own,
	// and not because the database is away: it must not hold up everybody else.
	maxTries = 5
)

// poll asks for updates until ctx ends. A question tells Telegram that what came
// before may be forgotten (core.telegram.org/bots/api#getupdates), so it goes out
// only when all of that is kept: neither a crash nor a database that is away loses
// anything. The library's own loop asks again while updates still wait in its
// channel, and throws away a whole answer in which one update is unlike the
// documentation.
func (g *Gateway) poll(ctx context.Context, c *client) {
	for wait := pollPause; ctx.Err() == nil; {
		asked := time.Now()
		updates, err := g.ask(ctx, c)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			g.fault(c, "poll", err)
			_, told := judge(err)
			g.cfg.Pause(ctx.Done(), max(wait, told))
			wait = min(2*wait, pollPauseMost)
			continue
		}
		wait = pollPause
		next := g.keepPolled(ctx, c, updates)
		if next <= c.next && time.Since(asked) < pollPause { // nothing new, and not waited for either
			g.cfg.Pause(ctx.Done(), pollPause)
		}
		c.next = max(c.next, next)
	}
}

// keepPolled returns when all of an answer is kept, and what to ask for next; 0
// where ctx ended before: then all of it comes again.
func (g *Gateway) keepPolled(ctx context.Context, c *client, updates []json.RawMessage) (next int64) {
	var waiting []*incoming
	for _, raw := range updates {
		in, ignored, err := parse(raw)
		if err != nil {
			ignored = "malformed"
		}
		if id, err := updateID(raw); err == nil {
			next = max(next, id+1)
		}
		if in == nil {
			g.ignore(ignored)
			continue
		}
		in.bot = c
		waiting = append(waiting, in)
	}
	for try := 1; ; try++ {
		if waiting = g.takeAll(waiting, try); len(waiting) == 0 {
			return next
		}
		g.cfg.Pause(ctx.Done(), time.Duration(min(try, maxTries))*time.Second)
		if ctx.Err() != nil {
			return 0
		}
	}
}

// takeAll tries updates, in the order in which they came, and returns those that
// are to be tried again.
func (g *Gateway) takeAll(all []*incoming, try int) (again []*incoming) {
	results := make([]<-chan error, len(all))
	for i, in := range all {
		results[i] = g.batch.begin(in)
	}
	for i, in := range all {
		switch err := <-results[i]; {
		case err == nil:
			g.heard(in)
		case hopeless(err) && try >= maxTries:
			g.cfg.Log.Error("telegram: an update could not be kept and is left out", "bot", in.bot.id, "kind", hotline.KindOf(err).String())
		default:
			again = append(again, in)
		}
	}
	return again
}

// hopeless reports whether an update fails for a reason of its own.
func hopeless(err error) bool {
	switch hotline.KindOf(err) {
	case hotline.KindBusy, hotline.KindUnavailable, hotline.KindUnknown, hotline.KindConflict:
		return false
	default:
		return true
	}
}

// ask asks for updates once.
func (g *Gateway) ask(ctx context.Context, c *client) ([]json.RawMessage, error) {
	question, err := json.Marshal(map[string]any{"offset": c.next, "timeout": int(pollWait.Seconds()), "allowed_updates": hears()})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, pollWait+callWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.cfg.API+"/bot"+c.Token.text+"/getUpdates", bytes.NewReader(question))
	if err != nil {
		return nil, errNoAnswer // what the library of HTTP says names the token
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := g.transport.RoundTrip(req)
	if err != nil {
		return nil, errNoAnswer
	}
	defer resp.Body.Close()
	var answer struct {
		OK         bool              `json:"ok"`
		Result     []json.RawMessage `json:"result"`
		Code       int               `json:"error_code"`
		Parameters struct {
			RetryAfter int `json:"retry_after"`
		} `json:"parameters"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&answer); err != nil {
		return nil, errNoAnswer
	}
	switch {
	case answer.OK:
		return answer.Result, nil
	case answer.Code == http.StatusTooManyRequests:
		return nil, &telegram.TooManyRequestsError{RetryAfter: answer.Parameters.RetryAfter}
	case answer.Code == http.StatusUnauthorized, answer.Code == http.StatusNotFound:
		return nil, telegram.ErrorUnauthorized
	case answer.Code == http.StatusConflict:
		return nil, telegram.ErrorConflict
	}
	return nil, errNoAnswer
}

var errNoAnswer = errors.New("telegram: no answer, or none that can be read")
