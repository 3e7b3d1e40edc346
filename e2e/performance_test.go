package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"safeconduct/internal/hotline"
)

// cheapPhone is how many times slower than this computer a cheap telephone is.
const cheapPhone = 6

// BenchmarkPage measures what a person with a cheap telephone waits for, with the
// throttling of the DevTools protocol. It runs when it is asked for:
//
//	go test ./e2e -run '^$' -bench Page -benchtime 3x
//
// The throttling slows the page's main thread and leaves workers alone, so each figure is
// also taken with workers taken away: then the key is derived on the slow thread.
func BenchmarkPage(b *testing.B) {
	h := newHouse(b)
	noWASM := mirrorWithoutWASM(b, h)
	receipt := keptReceipt(b, h)
	for _, worker := range []bool{true, false} {
		how := map[bool]string{true: "in a worker", false: "in the page"}[worker]
		b.Run("first message, key "+how, func(b *testing.B) {
			measure(b, 6*time.Second, func() time.Duration {
				return slowPerson(b, h.origin(), worker).timeFirst()
			})
		})
		b.Run("return, key "+how, func(b *testing.B) {
			measure(b, 4*time.Second, func() time.Duration {
				return slowPerson(b, h.origin(), worker).timeReturn(receipt)
			})
		})
		b.Run("return without WebAssembly, key "+how, func(b *testing.B) {
			measure(b, 25*time.Second, func() time.Duration {
				p := slowPerson(b, noWASM, worker)
				if eval[bool](p.tab, "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => true, () => false)") {
					b.Fatal("this page has WebAssembly: the figure would be of something else")
				}
				took := p.timeReturn(receipt)
				if !eval[bool](p.tab, "window.progressWasShown === true") {
					b.Error("no progress was shown")
				}
				return took
			})
		})
	}
	b.Run("from the POST to the operator's queue", func(b *testing.B) {
		o := newOperator(b, h)
		p := newPerson(b, h.origin())
		p.language("ru")
		p.first("Первое сообщение.")
		p.proveNoted()
		n := 0
		measure(b, 2*time.Second, func() time.Duration {
			n++
			return fromPostToQueue(b, p, o, fmt.Sprintf("Сообщение номер %d.", n))
		})
	})
}

// mirrorWithoutWASM hands out the page with a policy that forbids WebAssembly, as a browser
// for the careful does.
func mirrorWithoutWASM(b *testing.B, h *house) string {
	b.Helper()
	page := h.get("/")
	allows := []byte("wasm-unsafe-eval")
	if !bytes.Contains(page, allows) {
		b.Fatal("the page's policy does not name WebAssembly")
	}
	page = bytes.ReplaceAll(page, allows, []byte("report-sample")) // which allows nothing
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	}))
	b.Cleanup(mirror.Close)
	return mirror.URL
}

// measure runs once for each iteration, reports the mean and the worst, and says where the
// worst is more than is promised.
func measure(b *testing.B, promised time.Duration, once func() time.Duration) {
	b.Helper()
	var sum, worst time.Duration
	n := 0
	for b.Loop() {
		took := once()
		sum, worst, n = sum+took, max(worst, took), n+1
	}
	b.ReportMetric(sum.Seconds()/float64(n), "s/mean")
	b.ReportMetric(worst.Seconds(), "s/worst")
	b.ReportMetric(0, "ns/op") // the time of the loop says nothing
	if worst > promised {
		b.Logf("the slowest took %s; %s are promised", worst.Round(time.Millisecond), promised)
	}
}

// observed notes when the page posts an envelope and whether it shows progress.
const observed = `{
	const ask = window.fetch;
	window.fetch = (url, options) => {
		if (String(url).endsWith("/v1/envelope")) window.postStarted = Date.now();
		return ask(url, options);
	};
	new MutationObserver(() => {
		if (document.querySelector("progress")) window.progressWasShown = true;
	}).observe(document, { subtree: true, childList: true });
}`

// slowPerson opens the page on a slow telephone.
func slowPerson(b *testing.B, origin string, worker bool) *person {
	b.Helper()
	p := &person{tab: newTab(b, "the contact page", 360, 740)}
	p.before(observed)
	if !worker {
		p.before("delete window.Worker")
	}
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: cheapPhone})
		return err
	}))
	p.open(origin + "/")
	return p
}

// timeFirst measures from the tap on "send", after a text that took no time to
// type, to the receipt.
func (p *person) timeFirst() time.Duration {
	p.tb.Helper()
	p.click("#write")
	p.write("#message", "Нас одиннадцать, один легко ранен.")
	begun := time.Now()
	p.click("#send")
	p.within(2*time.Minute, "the receipt is shown", there("#receipt"))
	return time.Since(begun)
}

// timeReturn measures from the receipt typed to the conversation.
func (p *person) timeReturn(receipt string) time.Duration {
	p.tb.Helper()
	p.click("#come-back")
	p.write("#receipt-in", receipt)
	begun := time.Now()
	p.click("#open")
	p.within(2*time.Minute, "the conversation is open", there("#messages"))
	return time.Since(begun)
}

// keptReceipt makes a case to return to.
func keptReceipt(b *testing.B, h *house) string {
	b.Helper()
	receipt := hotline.NewReceipt()
	if _, err := h.contact().Start(b.Context(), "Первое сообщение.", "ru", &receipt); err != nil {
		b.Fatal(err)
	}
	return receipt.Digits()
}

// fromPostToQueue measures by the clock that both pages share.
func fromPostToQueue(b *testing.B, p *person, o *operator, text string) time.Duration {
	b.Helper()
	o.do(chromedp.Evaluate[chromedp.Void](`window.shownAt = 0; {
		const look = () => {
			if (!window.shownAt && document.querySelector("#queuelist").innerText.includes(` + quote(text) + `)) window.shownAt = Date.now();
		};
		new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
	} void 0`))
	p.do(chromedp.Evaluate[chromedp.Void](observed + " void 0"))
	p.say(text)
	o.until("the message is in the queue", "window.shownAt > 0")
	return time.Duration(eval[int64](o.tab, "window.shownAt")-eval[int64](p.tab, "window.postStarted")) * time.Millisecond
}
