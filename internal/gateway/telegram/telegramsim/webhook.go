package telegramsim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// A webhook's calls end after a minute, and the pauses between them grow to a
// minute; the documentation says only that there is a reasonable number of
// attempts. An update that is to come too late waits half a second for another.
const (
	hookTimeout = time.Minute
	hookPause   = time.Minute
	hookHold    = 500 * time.Millisecond
)

// secretShape is #setwebhook, secret_token.
var secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{0,256}$`)

// hook is where a bot wants its updates.
type hook struct {
	url       string
	secret    string
	most      int // calls at the same time
	busy      int
	stop      context.CancelFunc
	failed    time.Time // by the clock
	failure   string
	holdUntil time.Time // real time
}

// setWebhook is #setwebhook. Telegram calls HTTPS only and anywhere; here the
// webhook is on this computer, and may be plain HTTP.
func (s *Server) setWebhook(c *call) (any, error) {
	address := c.values["url"]
	if address == "" {
		return s.deleteWebhook(c)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, badRequest("bad webhook: invalid URL specified")
	}
	if u.Scheme != "https" && u.Scheme != "http" || !local(u.Hostname()) {
		return nil, badRequest("bad webhook: the simulator calls this computer only")
	}
	secret := c.values["secret_token"]
	if !secretShape.MatchString(secret) {
		return nil, badRequest("secret token contains unallowed characters")
	}
	if err := c.bot.setAllowed(c); err != nil {
		return nil, err
	}
	h := &hook{url: address, secret: secret, most: int(min(c.number("max_connections"), 100))}
	if h.most < 1 {
		h.most = 40
	}
	c.bot.endPoll("terminated by setWebhook request")
	c.bot.dropHook(c.flag("drop_pending_updates"))
	c.bot.hook = h
	ctx, stop := context.WithCancel(s.stopped)
	h.stop = stop
	// The call itself is counted, so Close does not wait yet.
	s.running.Go(func() { s.deliver(ctx, c.bot, h) })
	return true, nil
}

func local(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// dropHook forgets the webhook.
func (b *bot) dropHook(updatesToo bool) {
	if b.hook != nil {
		b.hook.stop()
		b.hook = nil
	}
	for _, u := range b.queue {
		u.sending, u.failures, u.notBefore = false, 0, time.Time{}
	}
	if updatesToo {
		b.queue = nil
	}
}

// deleteWebhook is #deletewebhook.
func (s *Server) deleteWebhook(c *call) (any, error) {
	c.bot.dropHook(c.flag("drop_pending_updates"))
	return true, nil
}

// getWebhookInfo is #getwebhookinfo.
func (s *Server) getWebhookInfo(c *call) (any, error) {
	c.bot.expire(s.now())
	info := struct {
		URL         string   `json:"url"`
		Certificate bool     `json:"has_custom_certificate"`
		Pending     int      `json:"pending_update_count"`
		Most        int      `json:"max_connections,omitempty"`
		Allowed     []string `json:"allowed_updates,omitempty"`
		Failed      int64    `json:"last_error_date,omitempty"`
		Failure     string   `json:"last_error_message,omitempty"`
	}{Pending: len(c.bot.queue), Allowed: c.bot.allowed}
	if h := c.bot.hook; h != nil {
		info.URL, info.Most, info.Failure = h.url, h.most, h.failure
		if h.failure != "" {
			info.Failed = h.failed.Unix()
		}
	}
	return info, nil
}

// deliver calls the webhook until it is taken away or the server closed.
func (s *Server) deliver(ctx context.Context, b *bot, h *hook) {
	for ctx.Err() == nil {
		s.mu.Lock()
		u, wait := s.nextFor(b, h)
		news := b.news.wait()
		s.mu.Unlock()
		if u != nil {
			s.running.Go(func() { s.attempt(ctx, b, h, u) })
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-news:
		case <-t.C:
		case <-ctx.Done():
		}
		t.Stop()
	}
}

// nextFor chooses the update to send now, or says how long there is none. What
// happens in one chat is sent in order; chats do not wait for each other, as in
// Telegram's server (WebhookActor). The lock is held.
func (s *Server) nextFor(b *bot, h *hook) (*update, time.Duration) {
	b.expire(s.now())
	wait := hookPause
	if b.hook != h || h.busy >= h.most {
		return nil, wait
	}
	now := time.Now()
	taken := map[int64]bool{} // chats that wait for an answer, or have been looked at
	for _, u := range b.queue {
		if u.sending {
			taken[u.chat] = true
		}
	}
	for _, u := range b.queue {
		if taken[u.chat] {
			continue
		}
		taken[u.chat] = true
		if pause := u.notBefore.Sub(now); pause > 0 {
			wait = min(wait, pause)
			continue
		}
		chosen, hold := s.overtake(b, h, u, now)
		if chosen == nil {
			wait = min(wait, hold)
			continue
		}
		s.judge(b, chosen, "webhook")
		chosen.sending = true
		h.busy++
		return chosen, 0
	}
	return nil, wait
}

// overtake chooses a later update of the same chat in place of this one while
// FaultShuffle asks for it. It holds an update that nothing follows yet.
func (s *Server) overtake(b *bot, h *hook, u *update, now time.Time) (*update, time.Duration) {
	shuffled := func(f *fault) bool {
		return f.Kind == FaultShuffle && f.left != 0 && (f.Bot == "" || f.Bot == b.user.Username) && (f.Chat == 0 || f.Chat == u.chat)
	}
	if u.failures > 0 || !slices.ContainsFunc(s.faults, shuffled) {
		return u, 0
	}
	for _, later := range b.queue {
		if later.chat == u.chat && later.id > u.id && !later.sending {
			s.matchFault(b, "webhook", u.chat, FaultShuffle)
			h.holdUntil = time.Time{}
			return later, 0
		}
	}
	if h.holdUntil.IsZero() {
		h.holdUntil = now.Add(hookHold)
	}
	if hold := h.holdUntil.Sub(now); hold > 0 {
		return nil, hold
	}
	h.holdUntil = time.Time{}
	return u, 0
}

// attempt sends one update and notes what became of it.
func (s *Server) attempt(ctx context.Context, b *bot, h *hook, u *update) {
	failure := s.post(ctx, h, u.body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.hook != h {
		return
	}
	h.busy--
	u.sending = false
	switch {
	case failure == "":
		u.failures = 0
		b.confirm(func(x *update) bool { return x == u })
	default:
		pause := s.config.WebhookPause << min(u.failures, 16)
		u.failures++
		u.notBefore = time.Now().Add(min(pause, hookPause))
		h.failed, h.failure = s.now(), failure
	}
	b.news.wake()
}

// post makes one call of a webhook; "" when it was accepted.
func (s *Server) post(ctx context.Context, h *hook, body []byte) string {
	ctx, cancel := context.WithTimeout(ctx, hookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := s.config.Client.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxField))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Sprintf("Wrong response from the webhook: %s", resp.Status)
	}
	return ""
}
