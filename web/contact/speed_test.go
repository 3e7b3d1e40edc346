package contact_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
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
