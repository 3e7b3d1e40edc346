package contact_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var languages = []string{"ru", "uk", "be", "en"}

// walk leads through every view and calls look on each.
func walk(h *house, w *tab, lang string, look func(view string)) {
	w.t.Helper()
	w.open(h.url + "/#" + lang)
	w.see("write")
	look("home")
	eval[int](w, `[...document.querySelectorAll("details")].map((d) => (d.open = true)).length`)
	look("home, all open")
	w.click("come-back")
	w.fill("receipt-in", "1234 5678 9012 3456 7890 1234\n")
	w.see("receipt-fault")
	look("return")
	w.click("back")
	w.click("write")
	w.see("message")
	look("write")
	eval[int](w, `(() => { const m = document.getElementById("message"); m.value = "щ".repeat(9000); m.dispatchEvent(new Event("input")); return 1 })()`)
	w.wait(`document.getElementById("send").disabled`)
	look("write, too long")
	eval[int](w, `(() => { const m = document.getElementById("message"); m.value = "щ".repeat(7000); m.dispatchEvent(new Event("input")); return 1 })()`)
	w.wait(`/\d/.test(document.getElementById("left").innerText)`)
	w.click("send")
	w.see("receipt")
	look("receipt")
	receipt := w.digits("receipt")
	w.click("noted")
	w.fill("check-a", "0\n")
	w.see("check-fault")
	look("check")
	w.click("show-again")
	w.answerCheck(receipt)
	look("talk")
}

// axeRun reports what axe-core finds against WCAG 2.2, levels A and AA.
const axeRun = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).then((r) =>
	JSON.stringify({passes: r.passes.length, violations: r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html + " " + n.failureSummary).join(" | "))}))`

func TestAccessible(t *testing.T) {
	t.Parallel()
	axe := string(must[[]byte](t)(os.ReadFile("../node_modules/axe-core/axe.min.js")))
	open := browser(t)
	for i, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			h := newHouse(t)
			w := open(t)
			scheme := []string{"light", "dark"}[i%2]
			_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			if err != nil {
				t.Fatal(err)
			}
			walk(h, w, lang, func(view string) {
				t.Helper()
				eval[bool](w, axe+"; true")
				var got struct {
					Passes     int      `json:"passes"`
					Violations []string `json:"violations"`
				}
				if err := json.Unmarshal([]byte(eval[string](w, axeRun)), &got); err != nil || got.Passes < 5 {
					t.Fatalf("%s: axe-core looked at nothing: %v", view, err)
				}
				for _, v := range got.Violations {
					t.Errorf("%s, %s: %s", view, scheme, v)
				}
				if l := eval[string](w, `document.documentElement.lang`); l != lang {
					t.Errorf("%s: the language is said to be %q", view, l)
				}
			})
		})
	}
}

// No view is wider than the window: at 360 pixels, at 320 (WCAG 1.4.10), and
// at 360 with everything twice as large. What is to be touched is large enough.
func TestFitsSmallPhones(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	const wide = `document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + "#" + e.id).join() : ""`
	const small = `[...document.querySelectorAll("button, input, textarea, summary")].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.9).map((e) => e.id || e.innerText).join()`
	for _, width := range []int64{360, 320, 180} {
		w := open(t)
		w.do(chromedp.EmulateViewport(width, 2*width, chromedp.EmulateScale(2)))
		for _, lang := range []string{"uk", "en"} {
			walk(h, w, lang, func(view string) {
				t.Helper()
				if got := eval[string](w, wide); got != "" {
					t.Errorf("%s, %s, %d pixels: wider than the window: %s", view, lang, width, got)
				}
				if got := eval[string](w, small); got != "" {
					t.Errorf("%s, %s, %d pixels: too small to touch: %s", view, lang, width, got)
				}
			})
			w.click("finish")
			w.arrive("/healthz")
		}
	}
}

// tabTo presses Tab until the element has the focus, and sees that the focus
// can be seen.
func (w *tab) tabTo(id string) {
	w.t.Helper()
	for range 60 {
		w.press(kb.Tab)
		if eval[string](w, `document.activeElement?.id ?? ""`) == id {
			if eval[string](w, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
				w.t.Errorf("the focus on %s cannot be seen", id)
			}
			return
		}
	}
	w.t.Fatalf("Tab does not lead to %s", id)
}

func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	w := open(t)
	w.open(h.url + "/#ru")
	w.see("write")
	w.tabTo("lang-en")
	w.press(kb.Enter)
	w.wait(`document.documentElement.lang === "en" && location.hash === "#en"`)
	for range 10 {
		w.press(kb.Tab)
		if eval[bool](w, `document.activeElement.parentElement?.id === "fear-1"`) {
			break
		}
	}
	w.press(" ")
	w.wait(`document.getElementById("fear-1").open`)
	w.tabTo("write")
	w.press(kb.Enter)
	w.wait(`document.activeElement.id === "title"`)
	w.tabTo("message")
	w.press("Is it safe?")
	w.tabTo("send")
	w.press(kb.Enter)
	receipt := w.digits("receipt")
	w.wait(`document.activeElement.id === "title"`)
	w.tabTo("noted")
	w.press(kb.Enter)
	for _, id := range []string{"check-a", "check-b"} {
		w.see(id)
		w.tabTo(id)
		n := eval[int](w, fmt.Sprintf(`Number(document.getElementById(%q).dataset.group)`, id))
		w.press(receipt[4*(n-1) : 4*n])
	}
	w.press(kb.Enter)
	w.see("messages")
	h.reply("Yes")
	w.see("putaway-0")
	w.tabTo("putaway-0")
	w.press(kb.Enter)
	w.wait(`document.activeElement.id === "putaway-0-yes"`)
	w.press(kb.Enter)
	w.gone("putaway-0-yes")
	w.wait(`document.activeElement.id === "title"`)
	w.tabTo("leave")
	w.press(kb.Enter)
	w.arrive("/healthz")
}

// Every text stands in every language, and none was left in English.
func TestEveryLanguageIsWhole(t *testing.T) {
	t.Parallel()
	w := browser(t)(t)
	w.open("about:blank")
	eval[bool](w, string(must[[]byte](t)(os.ReadFile("dist/vectors.js")))+"; true")
	texts := eval[map[string]map[string]string](w, `pageTexts`)
	if len(texts) != len(languages) || len(texts["en"]) < 100 {
		t.Fatalf("%d languages, %d texts", len(texts), len(texts["en"]))
	}
	for _, lang := range languages {
		for place, english := range texts["en"] {
			text := texts[lang][place]
			switch {
			case strings.TrimSpace(text) == "":
				t.Errorf("%s: nothing at %s", lang, place)
			case lang != "en" && text == english:
				t.Errorf("%s: English at %s", lang, place)
			case lang == "uk" && strings.ContainsAny(text, "ыэёъЫЭЁЪ"), lang == "be" && strings.ContainsAny(text, "ищъИЩЪїєґ"), lang == "ru" && strings.ContainsAny(text, "іїєґўІЇЄҐЎ"):
				t.Errorf("%s: a letter of another language at %s: %s", lang, place, text)
			}
		}
		if len(texts[lang]) != len(texts["en"]) {
			t.Errorf("%s has %d texts, English %d", lang, len(texts[lang]), len(texts["en"]))
		}
	}
}
