package ui

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"safeconduct/internal/hotline"
)

// TestWordsInTheBrowser: an operator who reads Ukrainian or Russian sees a
// refusal of the server with its number, and a journal without short names, in
// a real browser.
func TestWordsInTheBrowser(t *testing.T) {
	t.Parallel()
	open := browser(t)
	for lang, want := range map[string]struct{ refused, act, raw string }{
		"uk": {"Задовго на 21 байт; надішліть кількома повідомленнями.", "Прочитано справу", "case.read"},
		"ru": {"Слишком длинно на 21 байт; отправьте несколькими сообщениями.", "Прочитано дело", "case.read"},
	} {
		f := supervised()
		f.ledgerRows = everyAct(t)
		w := open(t, serve(t, f, func(c *Config) { c.Language = lang }))
		w.launch(w.caseRef(1))
		w.settled()
		f.set(func(f *fakeDesk) {
			f.err = overTheWire(t, hotline.Errorf(hotline.KindInvalid, "record", "too long by %d bytes; send it in several messages", 21))
		})
		w.press("n")
		w.wait(`document.activeElement.id === "notetext"`)
		w.press("x")
		w.press(kb.Enter, chromedp.KeyModifiers(2))
		w.wait(`document.getElementById("toast").innerText.includes("21")`)
		if got := eval[string](w, `document.getElementById("toast").innerText`); !strings.Contains(got, want.refused) || strings.Contains(got, "too long") {
			t.Errorf("%s: the notice says %q", lang, got)
		}
		f.set(func(f *fakeDesk) { f.err = nil })
		w.do(chromedp.Navigate("http://" + w.u.address + "/journal"))
		w.settled()
		got := eval[string](w, `document.querySelector("table").innerText`)
		if !strings.Contains(got, want.act) || strings.Contains(got, want.raw) {
			t.Errorf("%s: the journal says %q", lang, got)
		}
	}
}
