package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"safeconduct/internal/browsertest"
)

// browser is one headless Chromium for the whole test process. Each tab has a
// browser context of its own, so that tabs share nothing.
type browser struct {
	ctx   context.Context //nolint:containedctx // chromedp keeps the browser in its context
	close func()
	err   error
}

var (
	browserOnce sync.Once
	shared      browser
)

func openBrowser() {
	dir, err := os.MkdirTemp(built.dir, "chromium-")
	if err != nil {
		shared.err = err
		return
	}
	path, err := browsertest.Path()
	if err != nil {
		shared.err = err
		return
	}
	shared.ctx, shared.close, shared.err = launch(path, dir)
}

// launch starts a Chromium that asks nobody on the Internet for anything.
func launch(path, dir string) (context.Context, func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("lang", "ru"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	closing := func() {
		cancel()
		stop() // waits until the process is gone
	}
	if err := chromedp.Do(ctx); err != nil {
		closing()
		return nil, nil, fmt.Errorf("start Chromium: %w", err)
	}
	return ctx, closing, nil
}

func closeBrowser() {
	if shared.close != nil {
		shared.close()
	}
}

// tab is a page in a fresh browser context.
type tab struct {
	tb   testing.TB
	name string
	ctx  context.Context //nolint:containedctx // chromedp keeps the tab in its context
}

// newTab opens an empty page of the given size in a fresh browser context. Errors of
// the page's script fail the test.
func newTab(tb testing.TB, name string, width, height int64) *tab {
	tb.Helper()
	browserOnce.Do(openBrowser)
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	ctx, cancel := chromedp.NewContext(shared.ctx, chromedp.WithNewBrowserContext())
	tb.Cleanup(cancel)
	p := &tab{tb: tb, name: name, ctx: ctx}
	p.do(chromedp.EmulateViewport(width, height))
	faults := chromedp.Events(ctx, runtime.ExceptionThrown)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e, err := range faults {
			if err != nil {
				return // the tab is closed
			}
			tb.Errorf("%s: the page's script failed: %s", name, e.ExceptionDetails.Text)
		}
	}()
	tb.Cleanup(func() {
		cancel()
		<-done
	})
	return p
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.tb.Helper()
	if err := p.try(steps...); err != nil {
		p.tb.Fatalf("%s: %v\n%s", p.name, err, p.shown())
	}
}

func (p *tab) try(steps ...chromedp.Action[chromedp.Void]) error {
	if err := chromedp.Do(p.ctx); err != nil { // the first call must not have a time limit
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// before runs a script in every page of the tab before its own.
func (p *tab) before(script string) {
	p.tb.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// open goes to an address.
func (p *tab) open(url string) {
	p.tb.Helper()
	p.do(chromedp.Navigate(url))
}

// eval returns the value of a JavaScript expression.
func eval[T any](p *tab, expression string) T {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.tb.Fatalf("%s: %v in\n%s", p.name, err, expression)
	}
	return v
}

// until waits until a JavaScript expression holds. It survives that the page
// draws itself anew or loads another.
func (p *tab) until(what, expression string) {
	p.tb.Helper()
	p.within(patience, what, expression)
}

func (p *tab) within(limit time.Duration, what, expression string) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+")",
			chromedp.WithPollingInterval(25*time.Millisecond), chromedp.WithPollingTimeout(limit)))
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			p.tb.Fatalf("%s: waited %s, and it did not come to be that %s; it shows:\n%s", p.name, limit, what, p.shown())
		}
	}
}

// untilShown waits until the words can be read on the page.
func (p *tab) untilShown(words string) {
	p.tb.Helper()
	p.until(fmt.Sprintf("%q can be read", words), "document.body && document.body.innerText.includes("+quote(words)+")")
}

// shows reports whether the words can be read on the page now.
func (p *tab) shows(words string) bool {
	p.tb.Helper()
	return eval[bool](p, "document.body.innerText.includes("+quote(words)+")")
}

// text returns what can be read of an element.
func (p *tab) text(selector string) string {
	p.tb.Helper()
	p.until(selector+" is there", there(selector))
	return eval[string](p, "document.querySelector("+quote(selector)+").innerText")
}

// shown is what can be read on the page, for a message.
func (p *tab) shown() string {
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return text
}

func there(selector string) string { return "document.querySelector(" + quote(selector) + ")" }

// click presses the mouse on an element, as a hand would: where something lies
// over it, that is what is hit.
func (p *tab) click(selector string) {
	p.tb.Helper()
	p.until(selector+" can be clicked", `(() => {
		const el = document.querySelector(`+quote(selector)+`);
		return el && !el.disabled && el.checkVisibility();
	})()`)
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at, err := chromedp.Evaluate[[]float64](`(() => {
			const el = document.querySelector(`+quote(selector)+`);
			el.scrollIntoView({ block: "center", behavior: "instant" });
			const r = el.getBoundingClientRect();
			return [r.x + r.width / 2, r.y + r.height / 2];
		})()`)(ctx, t)
		if err != nil {
			return err
		}
		_, err = chromedp.MouseClickXY(at[0], at[1])(ctx, t)
		return err
	}))
}

// write puts a text into a field as an input method does.
func (p *tab) write(selector, text string) {
	p.tb.Helper()
	p.click(selector)
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// quote writes a text as JavaScript does.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}
