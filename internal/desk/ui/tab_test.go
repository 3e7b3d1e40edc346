package ui

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"safeconduct/internal/browsertest"
)

// slowest is how long a machine under load may take for one step.
const slowest = 40 * time.Second

// serve runs the pages of a desk on a loopback port of the system's choice.
func serve(t *testing.T, d Desk, change func(c *Config)) *UI {
	t.Helper()
	l, err := listen(t)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Desk: d, Address: l.Addr().String(), Clock: fixedClock{}, Location: time.UTC, Training: exerciseOf(d)}
	if change != nil {
		change(&c)
	}
	u, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- u.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return u
}

func listen(t *testing.T) (net.Listener, error) {
	t.Helper()
	return (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
}

// tab is an operator's window on the pages.
type tab struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // chromedp keeps the browser in it
	u   *UI
}

// browser starts Chromium and returns a maker of windows.
func browser(t *testing.T) func(testing.TB, *UI) *tab {
	t.Helper()
	path, err := browsertest.Path()
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true))
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(stop)
	first, stopFirst := chromedp.NewContext(ctx)
	t.Cleanup(stopFirst)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	return func(tb testing.TB, u *UI) *tab {
		tb.Helper()
		ctx, stop := chromedp.NewContext(first, chromedp.WithNewBrowserContext())
		tb.Cleanup(stop)
		w := &tab{t: tb, ctx: ctx, u: u}
		w.do(chromedp.EmulateViewport(1280, 800))
		return w
	}
}

func (w *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := w.try(steps...); err != nil {
		w.t.Fatalf("%v\npage: %s", err, w.dump())
	}
}

func (w *tab) try(steps ...chromedp.Action[chromedp.Void]) error {
	if err := chromedp.Do(w.ctx); err != nil { // makes the window, without a time limit
		return err
	}
	ctx, cancel := context.WithTimeout(w.ctx, slowest)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

func (w *tab) dump() string {
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	return text
}

// launch lets the window in and goes to a page.
func (w *tab) launch(path string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.u.LaunchURL()))
	if path != "/" {
		w.do(chromedp.Navigate("http://" + w.u.address + path))
	}
}

// caseRef is the address of a case made up for tests.
func (w *tab) caseRef(n byte) string { return "/case/" + w.u.refs.of(caseID(n)) }

// wait waits until an expression is true. A page that goes away takes what
// waits in it along, so this asks again and again.
func (w *tab) wait(expression string) {
	w.t.Helper()
	deadline := time.Now().Add(slowest)
	for time.Now().Before(deadline) {
		ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](
			`new Promise((yes) => { const look = (n) => (`+expression+`) ? yes(true) : n ? setTimeout(look, 25, n - 1) : yes(false); look(40) })`,
			chromedp.EvalAwaitPromise))
		cancel()
		if err == nil && ok {
			return
		}
	}
	w.t.Fatalf("waiting for %s\npage: %s", expression, w.dump())
}

func (w *tab) press(keys string, opts ...chromedp.KeyOption) {
	w.t.Helper()
	w.do(chromedp.KeyEvent(keys, opts...))
}

// fill types a text as a keyboard does.
func (w *tab) fill(id, text string) {
	w.t.Helper()
	w.do(chromedp.SendKeys(chromedp.CSS("#"+id), text))
}

func (w *tab) click(css string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(css)))
}

func eval[T any](w *tab, expression string, args ...any) T {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](fmt.Sprintf(expression, args...), chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// settled waits until no request of htmx is under way.
func (w *tab) settled() {
	w.t.Helper()
	w.wait(`document.readyState === "complete" && !document.querySelector(".htmx-request,.htmx-settling,.htmx-swapping")`)
}
