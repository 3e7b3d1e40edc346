package contact_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"safeconduct/internal/seal"
)

// BenchmarkPhone measures with the main thread throttled six times: from the
// tap on "Send", with a text that took no time to type, to "Received"; and
// from the receipt to the replies.
func BenchmarkPhone(b *testing.B) {
	for _, wasm := range []bool{true, false} {
		name := map[bool]string{true: "wasm", false: "without"}[wasm]
		b.Run(name, func(b *testing.B) {
			h, open := newHouse(b), browser(b)
			if !wasm {
				h.withoutWasm()
			}
			for b.Loop() {
				w := open(b)
				_, err := chromedp.Call(w.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 6})
				if err != nil {
					b.Fatal(err)
				}
				w.open(h.url + "/#en")
				w.click("write")
				w.fill("message", "?")
				begun := time.Now()
				w.click("send")
				receipt := w.digits("receipt")
				b.ReportMetric(time.Since(begun).Seconds(), "send-s")
				w.open(h.url + "/?again#en")
				w.click("come-back")
				w.fill("receipt-in", receipt)
				begun = time.Now()
				w.press("\r")
				w.see("messages")
				b.ReportMetric(time.Since(begun).Seconds(), "return-s")
			}
		})
	}
}

// BenchmarkFile measures the largest photo with the page throttled six times, and not at all: from the choice to the
// preview, from the tap on "Send" to "Received", and from the tap on "Get the file" to the link that saves it; and what
// the page's main thread worked meanwhile, which other work on the machine changes little. Everything is on one machine,
// so what the intake does is in it. Throttling does not slow the browser's own SHA-256, nor workers.
func BenchmarkFile(b *testing.B) {
	for name, rate := range map[string]float64{"throttled": 6, "plain": 1} {
		b.Run(name, func(b *testing.B) { benchmarkFile(b, rate) })
	}
}

func benchmarkFile(b *testing.B, rate float64) {
	h, open := newHouse(b), browser(b)
	content := make([]byte, 25<<20)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(content)
	for i, c := range content {
		content[i] = min(c, 0xfe)
	}
	copy(content, slices.Concat([]byte{0xff, 0xd8}, segment(0xda, "0123456789")))
	copy(content[len(content)-2:], []byte{0xff, 0xd9})
	path := saved(b, "IMG.jpg", content)
	w := impatient(open(b))
	w.open(h.url + "/#en")
	w.answerCheck(w.writeFirst("?"))
	row := h.onlyCase()
	h.replyWith("A file", []seal.File{h.fileOf(row, "image/jpeg", content, 0)})
	w.see("file-0-0-get")
	_, err := chromedp.Call(w.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: rate})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, performance.Enable, performance.EnableParams{TimeDomain: "threadTicks"}); err != nil {
		b.Fatal(err)
	}
	worked := func() float64 {
		got, err := chromedp.Call(w.ctx, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range got.Metrics {
			if m.Name == "TaskDuration" {
				return m.Value
			}
		}
		b.Fatal("the browser does not say how long the page worked")
		return 0
	}
	measure := func(name string, act func()) {
		begun, before := time.Now(), worked()
		act()
		b.ReportMetric(time.Since(begun).Seconds(), name+"-s")
		b.ReportMetric(worked()-before, name+"-thread-s")
	}
	for b.Loop() {
		measure("choose", func() {
			w.choose(path)
			w.see("cleaned")
		})
		measure("send", func() {
			w.click("send")
			w.sent(2)
		})
		measure("fetch", func() {
			w.click("file-0-0-get")
			w.see("file-0-0-save")
		})
		got, _ := h.openedFile(row, h.read(h.onlyCase())[1].Files[0])
		if !bytes.Equal(got, content) {
			b.Error("another file came")
		}
	}
}
