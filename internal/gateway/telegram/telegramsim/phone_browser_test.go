package telegramsim

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"safeconduct/internal/browsertest"
)

// slowest is how long a machine under load may take for one step.
const slowest = 40 * time.Second

// TestPhoneInABrowser writes, presses and blocks with the keyboard alone.
func TestPhoneInABrowser(t *testing.T) {
	t.Parallel()
	path, err := browsertest.Path()
	if err != nil {
		t.Fatal(err)
	}
	g := start(t)
	page := listen(t, Phone(g.Server))
	p := g.Person(PersonConfig{Name: "Olena <b>"})
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	ctx, stop = context.WithTimeout(ctx, 2*slowest)
	defer stop()
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	wait := func(expression string) {
		t.Helper()
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](
			`new Promise((yes) => { const look = (n) => (`+expression+`) ? yes(true) : n ? setTimeout(look, 25, n - 1) : yes(false); look(1000) })`,
			chromedp.EvalAwaitPromise))
		if err != nil || !is {
			text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
			t.Fatalf("waiting for %s: %v\npage: %s", expression, err, text)
		}
	}
	shows := func(text string) string {
		return `document.getElementById("log").innerText.includes(` + strconv.Quote(text) + `)`
	}

	do(chromedp.EmulateViewport(390, 844), chromedp.Navigate(page+"/"))
	wait(`document.getElementById("person").selectedOptions[0]?.textContent === "Olena <b>"`)
	wait(shows("Nothing has been said here yet."))
	do(chromedp.SendKeys(chromedp.CSS(`[data-key="begin"]`), "\r"))
	wait(shows("/start"))
	do(chromedp.SendKeys(chromedp.CSS("#text"), "hello <i>there</i>\r"))
	wait(shows("hello <i>there</i>") + ` && document.getElementById("text").value === ""`)
	chat := strconv.FormatInt(p.ID(), 10)
	g.must("sendMessage", "chat_id", chat, "text", "choose", "reply_markup", `{"inline_keyboard":[[{"text":"Go on","callback_data":"g"}]]}`)
	wait(shows("Go on"))
	do(chromedp.SendKeys(chromedp.CSS(`[data-key="3/Go on"]`), " "))
	wait(`document.activeElement.dataset.key === "3/Go on"`)
	b := g.bots[token]
	if err := g.await(t.Context(), &b.news, func() bool { return len(b.queries) == 1 }); err != nil {
		t.Fatal(err)
	}
	do(chromedp.SendKeys(chromedp.CSS("main > details > summary"), "\r"), chromedp.SendKeys(chromedp.CSS("#block"), "\r"))
	wait(`document.getElementById("block").textContent === "Unblock the bot"`)
	g.refused(403, "blocked", "sendMessage", "chat_id", chat, "text", "x")
	if wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)); err != nil || wide {
		t.Errorf("the page is wider than its window: %v, %v", wide, err)
	}
}
