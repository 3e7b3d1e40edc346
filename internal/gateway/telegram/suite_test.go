package telegram_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"safeconduct/internal/gateway/gatewaytest"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/store"
)

func TestSuitePolling(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(h *gatewaytest.House) gatewaytest.Door { return newChannel(t, h, false) })
}

func TestSuiteWebhook(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(h *gatewaytest.House) gatewaytest.Door { return newChannel(t, h, true) })
}

// channel is a simulated Telegram as the suite plays with it.
type channel struct {
	*line
	hook *hook // nil: the bot polls
}

func newChannel(t *testing.T, h *gatewaytest.House, webhook bool) *channel {
	t.Helper()
	c := &channel{line: lineOf(h)}
	if webhook {
		c.hook = newHook(h.T)
	}
	return c
}

// Node implements gatewaytest.Door.
func (c *channel) Node(d *store.DB) (stop func()) {
	config := c.config()
	config.DB = d
	if c.hook != nil {
		config.Webhook = c.hook.origin
	}
	g, end := c.start(config)
	if c.hook == nil {
		return end
	}
	leave := c.hook.add(g.Handler())
	return func() { leave(); end() }
}

const firstPerson = 7_304_418_820

func (c *channel) person(n int) *telegramsim.Person {
	return c.sim.Person(telegramsim.PersonConfig{ID: firstPerson + int64(n), Language: "ru", Name: "Имярек-Канарейкин"})
}

// Say implements gatewaytest.Door.
func (c *channel) Say(person int, text string) {
	if _, err := c.person(person).Write(botName, text); err != nil {
		c.T.Error(err)
	}
}

// Waiting implements gatewaytest.Door.
func (c *channel) Waiting() int {
	n, err := c.sim.Pending(botName)
	if err != nil {
		c.T.Error(err)
	}
	return n
}

// Trouble implements gatewaytest.Door.
func (c *channel) Trouble(k gatewaytest.Trouble) (lift func()) {
	var faults []telegramsim.Fault
	twice := func(kind telegramsim.FaultKind) {
		faults = append(faults, telegramsim.Fault{Kind: kind, Method: "sendMessage", Times: 2}, telegramsim.Fault{Kind: kind, Method: "getUpdates", Times: 1})
	}
	switch k {
	case gatewaytest.Twice:
		faults = append(faults, telegramsim.Fault{Kind: telegramsim.FaultTwice})
	case gatewaytest.Fails:
		twice(telegramsim.FaultServer)
		faults = append(faults, telegramsim.Fault{Kind: telegramsim.FaultGarbage, Times: 2})
	case gatewaytest.CutBefore:
		twice(telegramsim.FaultCutBefore)
	case gatewaytest.CutAfter:
		twice(telegramsim.FaultCutAfter)
	case gatewaytest.SlowDown:
		faults = append(faults, telegramsim.Fault{Kind: telegramsim.FaultFlood, Method: "sendMessage", RetryAfter: 1, Times: 3})
	default:
		return nil
	}
	if c.hook != nil {
		c.hook.misbehave(k)
	}
	var troubles []*telegramsim.Trouble
	for _, f := range faults {
		troubles = append(troubles, c.sim.Misbehave(f))
	}
	return func() {
		for _, t := range troubles {
			t.Lift()
		}
		if c.hook != nil {
			c.hook.misbehave("")
		}
	}
}

// Secrets implements gatewaytest.Door.
func (c *channel) Secrets() []string {
	return []string{botToken, "simulated-token-of-vesna", "7304418820", "Имярек-Канарейкин", c.Identity.Secret(), string(c.Seed)}
}

// Heard implements gatewaytest.Answering.
func (c *channel) Heard(person int) (texts []string) {
	for _, m := range c.person(person).Chat(botName) {
		if m.FromBot && !m.Deleted {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// Pace implements gatewaytest.Answering. Telegram asks for one message a second in
// a chat and bears short bursts (core.telegram.org/bots/faq#my-bot-is-hitting-limits).
func (c *channel) Pace() (was, allowed gatewaytest.Pace) {
	peak := c.sim.Peak()
	return gatewaytest.Pace{Chat: peak.PerChat, Overall: peak.Overall}, gatewaytest.Pace{Chat: 4, Overall: 30}
}

// hook is the address under which Telegram reaches the nodes, one after the other.
type hook struct {
	origin string

	mu      sync.Mutex
	nodes   []http.Handler
	next    int
	trouble gatewaytest.Trouble
	left    int // times
}

func newHook(t testing.TB) *hook {
	h := &hook{}
	server := httptest.NewServer(h)
	h.origin = server.URL
	t.Cleanup(server.Close)
	return h
}

func (h *hook) add(node http.Handler) (leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.nodes = append(h.nodes, node)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for i, n := range h.nodes {
			if n == node {
				h.nodes = append(h.nodes[:i:i], h.nodes[i+1:]...)
				return
			}
		}
	}
}

func (h *hook) misbehave(k gatewaytest.Trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trouble, h.left = k, 3
}

// pick is whose turn it is, and what happens to the call.
func (h *hook) pick() (http.Handler, gatewaytest.Trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.nodes) == 0 {
		return http.NotFoundHandler(), ""
	}
	h.next++
	if h.trouble != gatewaytest.Twice {
		if h.left--; h.left < 0 {
			return h.nodes[h.next%len(h.nodes)], ""
		}
	}
	return h.nodes[h.next%len(h.nodes)], h.trouble
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	node, trouble := h.pick()
	switch trouble {
	case gatewaytest.Fails, gatewaytest.CutBefore:
		panic(http.ErrAbortHandler)
	case gatewaytest.CutAfter:
		node.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case gatewaytest.Twice:
		body, _ := io.ReadAll(r.Body)
		again := r.Clone(context.WithoutCancel(r.Context()))
		r.Body, again.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		var other sync.WaitGroup
		other.Go(func() { node.ServeHTTP(httptest.NewRecorder(), again) })
		node.ServeHTTP(w, r)
		other.Wait()
	default:
		node.ServeHTTP(w, r)
	}
}

var _ gatewaytest.Answering = (*channel)(nil)
