package contact_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"safeconduct/internal/browsertest"
)

// slowest is what a test waits for one thing to happen in the browser, on a
// machine that does many other things.
const slowest = 90 * time.Second

// browser starts a Chromium of its own and returns how to open tabs in it.
// Pages of one browser share nothing: every tab is a private window.
func browser(t testing.TB, flags ...string) func(testing.TB) *tab {
	t.Helper()
	path, err := browsertest.Path()
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	for _, f := range flags {
		name, value, _ := strings.Cut(f, "=")
		opts = append(opts, chromedp.Flag(name, value))
	}
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(stop)
	first, stopFirst := chromedp.NewContext(ctx)
	t.Cleanup(stopFirst)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	return func(tb testing.TB) *tab {
		tb.Helper()
		return newTab(tb, first)
	}
}

func newTab(tb testing.TB, browser context.Context) *tab { //nolint:revive // the test comes first, as everywhere
	tb.Helper()
	ctx, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	tb.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(360, 740)); err != nil {
		tb.Fatal(err)
	}
	return &tab{t: tb, ctx: ctx}
}

// tab is a person's window on the page.
type tab struct {
	t   testing.TB
	ctx context.Context
}

func (w *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := w.try(steps...); err != nil {
		w.t.Fatalf("%v\npage: %s", err, w.dump())
	}
}

func (w *tab) try(steps ...chromedp.Action[chromedp.Void]) error {
	if err := chromedp.Do(w.ctx); err != nil { // makes the tab, without a time limit
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

func (w *tab) open(url string) {
	w.t.Helper()
	w.do(chromedp.Navigate(url))
}

// see waits until the element with this id is to be seen.
func (w *tab) see(id string) {
	w.t.Helper()
	w.wait(fmt.Sprintf(`!!document.getElementById(%q)?.offsetParent`, id))
}

// arrive waits until the window is at another address. It asks the browser, not
// the page: a page that goes away takes what waits in it along.
func (w *tab) arrive(path string) {
	w.t.Helper()
	deadline := time.Now().Add(slowest)
	for {
		// Between two pages the window has none, and the browser says so.
		here := "nowhere"
		if history, err := chromedp.Run(w.ctx, chromedp.NavigationEntries()); err == nil {
			here = history.Entries[history.CurrentIndex].URL
		}
		if at, err := url.Parse(here); err == nil && at.Path == path {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the window does not go to %s; it is at %s", path, here)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// gone waits until no element has this id.
func (w *tab) gone(id string) {
	w.t.Helper()
	w.wait(fmt.Sprintf(`!document.getElementById(%q)`, id))
}

// wait waits until the expression is true. A page that goes away takes what
// waits in it along, so this asks again.
func (w *tab) wait(expression string) {
	w.t.Helper()
	deadline := time.Now().Add(slowest)
	for {
		err := w.try(chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(slowest)))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("waiting for %s: %v\npage: %s", expression, err, w.dump())
		}
	}
}

func (w *tab) click(id string) {
	w.t.Helper()
	w.see(id)
	w.do(chromedp.Click(chromedp.CSS("#" + id)))
}

// fill types a text as a keyboard does.
func (w *tab) fill(id, text string) {
	w.t.Helper()
	w.see(id)
	w.do(chromedp.SendKeys(chromedp.CSS("#"+id), text))
}

func (w *tab) press(keys string) {
	w.t.Helper()
	w.do(chromedp.KeyEvent(keys))
}

func (w *tab) text(id string) string {
	w.t.Helper()
	w.see(id)
	return eval[string](w, fmt.Sprintf(`document.getElementById(%q).innerText`, id))
}

// digits are those of an element, without the spaces between groups.
func (w *tab) digits(id string) string {
	w.t.Helper()
	return strings.Join(strings.Fields(w.text(id)), "")
}

func eval[T any](w *tab, expression string) T {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// writeFirst goes from the first view to the receipt and returns the receipt.
func (w *tab) writeFirst(text string) string {
	w.t.Helper()
	w.click("write")
	w.fill("message", text)
	w.click("send")
	return w.digits("receipt")
}

// answerCheck enters the two groups that the page asks for.
func (w *tab) answerCheck(receipt string) {
	w.t.Helper()
	w.click("noted")
	for _, id := range []string{"check-a", "check-b"} {
		w.see(id)
		n := eval[int](w, fmt.Sprintf(`Number(document.getElementById(%q).dataset.group)`, id))
		w.fill(id, receipt[4*(n-1):4*n])
	}
	w.press(kb.Enter)
	w.see("messages")
}
