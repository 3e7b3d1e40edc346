package ui

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"safeconduct/internal/desk"
)

// axeRun reports what axe-core finds against WCAG 2.2, levels A and AA, in the
// light; what changes in the dark is the colours.
const axeRun = `axe.run(document, {preload: false, runOnly: %s}).then((r) =>
	JSON.stringify({passes: r.passes.length, violations: r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html + " " + n.failureSummary).join(" | "))}))`

// TestAccessible: every page in every state, light and dark, narrow and wide.
func TestAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is missing; scripts/setup installs it: %v", err)
	}
	open := browser(t)
	for i, s := range scenes() {
		w := open(t, serve(t, s.desk(), func(c *Config) { c.Language = languages()[i%3] }))
		w.launch(s.path(w))
		w.settled()
		if s.do != nil {
			s.do(w)
			w.settled()
		}
		eval[int](w, `[...document.querySelectorAll("details")].map((d) => (d.open = true)).length`)
		eval[bool](w, `(() => { %s; return true })()`, string(axe))
		for theme, rules := range map[string]string{"light": `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`, "dark": `["color-contrast"]`} {
			eval[string](w, `(document.documentElement.dataset.theme = %q)`, theme)
			var found struct {
				Passes     int
				Violations []string
			}
			if err := json.Unmarshal([]byte(eval[string](w, axeRun, rules)), &found); err != nil {
				t.Fatal(err)
			}
			if found.Passes < 1 || theme == "light" && found.Passes < 8 {
				t.Errorf("%s, %s: only %d rules applied", s.name, theme, found.Passes)
			}
			for _, v := range found.Violations {
				t.Errorf("%s, %s: %s", s.name, theme, v)
			}
		}
		for _, size := range [][2]int64{{1920, 1080}, {1280, 800}, {800, 900}, {400, 800}} {
			w.do(chromedp.EmulateViewport(size[0], size[1]))
			if wide := eval[int](w, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("%s: the page is %d pixels wider than a window of %d", s.name, wide, size[0])
			}
		}
	}
}

// TestKeyboard does a night's work without a mouse.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	f := busy()
	u := serve(t, f, func(c *Config) { c.Language = "en" })
	w := browser(t)(t, u)
	w.launch("/")
	did := func(want string) {
		t.Helper()
		f.awaitCall(t, want, w.settled)
	}
	first, second := u.refs.of(caseID(1)), u.refs.of(caseID(3))
	w.press("j")
	w.wait(`document.activeElement.dataset.ref === "` + first + `"`)
	w.press("j")
	w.wait(`document.activeElement.dataset.ref === "` + second + `"`)
	w.press("k")
	w.press(kb.Enter)
	w.wait(`document.getElementById("case")?.dataset.ref === "` + first + `" && location.pathname === "/case/` + first + `"`)
	did("read")
	w.do(chromedp.NavigateBack())
	w.wait(`location.pathname === "/" && !document.getElementById("case")`)
	w.settled()
	w.do(chromedp.NavigateForward())
	w.wait(`document.getElementById("case")?.dataset.ref === "` + first + `"`)
	w.settled()
	if got := eval[string](w, `JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])`); got != `[[],[],""]` {
		t.Errorf("the browser keeps %s", got)
	}

	w.press("n")
	w.wait(`document.activeElement.id === "notetext"`)
	w.press("tired, calm; j k r stay letters")
	w.press(kb.Enter, chromedp.KeyModifiers(2))
	did("note tired, calm; j k r stay letters")
	w.wait(`document.getElementById("notetext").value === "" && document.getElementById("notes").innerText.includes("tired, calm")`)
	w.press(kb.Escape)

	w.press("u")
	w.wait(`document.activeElement.id === "urgency-3"`)
	w.press("2")
	did("urgency 2")
	w.wait(`document.getElementById("urgency-2").getAttribute("aria-pressed") === "true"`)
	w.press(kb.Escape)

	w.press("s")
	w.wait(`document.activeElement.id === "stage-registered"`)
	w.press(kb.ArrowRight)
	w.press(kb.Enter)
	did("stage meeting")
	w.wait(`document.querySelector(".casehead").innerText.includes("Meeting")`)

	w.do(chromedp.Navigate("http://" + u.address + w.caseRef(2)))
	w.settled()
	w.press("a")
	did("assign vesna")

	w.press("?")
	w.wait(`document.getElementById("help").open`)
	w.press(kb.Escape)
	w.wait(`!document.getElementById("help").open`)
	w.press("/")
	w.wait(`document.activeElement.id === "search"`)
	w.press("мост")
	did("search мост")
	w.wait(`document.querySelectorAll("#queuelist li").length === 1`)
	if strings.Contains(eval[string](w, `location.href + performance.getEntriesByType("resource").map((r) => r.name).join(" ")`), "%D0") {
		t.Error("what was searched for stands in an address")
	}
	w.press(kb.Escape)
	w.wait(`document.querySelectorAll("#queuelist li").length > 10`)
	w.press(kb.Escape)
	w.press("g")
	w.press("q")
	w.wait(`!!document.activeElement.dataset.ref`)

	w.press("r")
	w.wait(`document.activeElement.id === "replytext"`)
	w.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`))
	w.press("Stay where you are.")
	w.press(kb.Enter, chromedp.KeyModifiers(2))
	did("reply Stay where you are.")
	w.wait(`document.getElementById("replytext").value === "" && document.getElementById("talk").innerText.includes("Stay where you are.")`)

	w.press(kb.Escape)
	w.press("L")
	w.wait(`!!document.getElementById("passphrase")`)
	if strings.Contains(w.dump(), "мост") {
		t.Error("a locked desk shows a case")
	}
}

// TestDraftSurvives: a message that arrives disturbs neither what is being
// typed nor the cursor, and the page is never loaded again.
func TestDraftSurvives(t *testing.T) {
	t.Parallel()
	f := busy()
	u := serve(t, f, func(c *Config) { c.Language = "en" })
	w := browser(t)(t, u)
	w.launch(w.caseRef(1))
	w.settled()
	eval[bool](w, `(window.sameDocument = true)`)
	// Opened is read, and the list says so.
	w.wait(`!document.querySelector("#queuelist [aria-current]").innerText.includes("new: 2")`)
	w.press("r")
	w.press("We see you. ")
	id := caseID(1)
	f.set(func(f *fakeDesk) {
		m := said(4, 0, "Батарея 5 процентов.")
		m.New = true
		f.cases[id].Messages = append(f.cases[id].Messages, m)
		f.cases[id].Snippet = "Батарея 5 процентов."
	}, desk.Notice{Kind: desk.NoticeCase, Case: id}, desk.Notice{Kind: desk.NoticeQueue})
	w.wait(`document.getElementById("talk").innerText.includes("Батарея 5") && document.getElementById("queuelist").innerText.includes("Батарея 5")`)
	w.press("Wait.")
	if got := eval[string](w, `document.activeElement.id + ": " + document.getElementById("replytext").value`); got != "replytext: We see you. Wait." {
		t.Errorf("the field holds %q", got)
	}
	w.wait(`document.getElementById("draftstate").innerText === "Draft kept"`)
	if got := eval[bool](w, `window.sameDocument === true`); !got {
		t.Error("the page was loaded again")
	}
	if calls := f.called(); !slices.Contains(calls, "draft We see you. Wait.") {
		t.Errorf("did %q", calls)
	}
	// A conflict keeps the text and shows what is new.
	f.set(func(f *fakeDesk) {
		f.next = desk.Result{Outcome: desk.OutcomeConflict}
		f.cases[id].Messages = append(f.cases[id].Messages, answered(3, 0, "Клен", "Я уже ответил ему.", false))
		f.cases[id].DeskSeq = 3
	})
	w.press(kb.Enter, chromedp.KeyModifiers(2))
	w.wait(`document.getElementById("toast").innerText.includes("somebody was quicker") && document.getElementById("talk").innerText.includes("Я уже ответил ему.")`)
	if got := eval[string](w, `document.getElementById("replytext").value`); got != "We see you. Wait." {
		t.Errorf("after the conflict the field holds %q", got)
	}
	if got := eval[string](w, `document.querySelector("[name=deskseq]").value`); got != "3" {
		t.Errorf("the page shows replies up to %s", got)
	}
	// Loaded again, the draft is there.
	w.do(chromedp.Reload())
	w.wait(`document.getElementById("replytext")?.value === "We see you. Wait."`)
	stores := eval[string](w, `JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])`)
	if stores != `[[],[],""]` {
		t.Errorf("the browser keeps %s", stores)
	}
}

// TestLiveStates: the head follows the desk: offline, alarms, locking.
func TestLiveStates(t *testing.T) {
	t.Parallel()
	f := busy()
	f.st.LockAt = testNow.Add(45 * time.Second)
	u := serve(t, f, func(c *Config) { c.Language = "en" })
	w := browser(t)(t, u)
	w.launch("/")
	w.wait(`!document.getElementById("idle").hidden && /locks in 4\d s/.test(document.getElementById("idle").innerText)`)
	before := func() int { f.mu.Lock(); defer f.mu.Unlock(); return f.touched }()
	f.set(func(f *fakeDesk) { f.st.LockAt = testNow.Add(15 * time.Minute) })
	// By script: any drawing of the bar may take the notice away before a mouse gets there.
	eval[bool](w, `(document.getElementById("stay").click(), true)`)
	w.settled()
	w.wait(`document.getElementById("idle").hidden`)
	if after := func() int { f.mu.Lock(); defer f.mu.Unlock(); return f.touched }(); after <= before {
		t.Error("staying did not touch the desk")
	}
	state := desk.Notice{Kind: desk.NoticeState}
	f.set(func(f *fakeDesk) { f.st.Online, f.st.Waiting = false, 2 }, state)
	w.wait(`document.getElementById("bannerbox").innerText.includes("Waiting to be sent: 2")`)
	f.set(func(f *fakeDesk) { f.st.Online, f.st.Waiting, f.st.Alarms, f.st.Blocked = true, 0, 1, true }, state)
	w.wait(`document.getElementById("bannerbox").innerText.includes("Nothing is sent until") && !document.getElementById("bannerbox").innerText.includes("Waiting")`)
	f.Lock() // as when nobody has touched it for too long
	w.wait(`!!document.getElementById("passphrase")`)
	w.fill("passphrase", f.passphrase+"\r")
	w.wait(`!!document.getElementById("queuelist")`)
}

// TestHostileTextStaysText: what somebody wrote runs nowhere.
func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	f := supervised()
	u := serve(t, f, nil)
	w := browser(t)(t, u)
	for _, path := range []string{"/", w.caseRef(3), w.caseRef(2), "/people", "/outbox", "/journal"} {
		w.launch(path)
		w.settled()
		if n := eval[int](w, `document.querySelectorAll("img, script:not([src]), [onerror], [onmouseover]").length`); n != 0 {
			t.Errorf("%s: %d elements of somebody's making", path, n)
		}
	}
	// The policy holds even for a script that gets into the page.
	ran := eval[bool](w, `(() => { const s = document.createElement("script"); s.textContent = "window.ran = true"; document.body.append(s); return window.ran === true })()`)
	if ran {
		t.Error("an inline script ran")
	}
	if got := eval[string](w, `fetch("http://127.0.0.1:9/").then(() => "went", () => "refused")`); got != "refused" {
		t.Error("a page reached another address")
	}
}

// TestTemplatesInsert: a template goes where the cursor is, in the person's
// language, and is kept as a draft.
func TestTemplatesInsert(t *testing.T) {
	t.Parallel()
	f := busy()
	u := serve(t, f, func(c *Config) { c.Language = "en" })
	w := browser(t)(t, u)
	w.launch(w.caseRef(6)) // writes Belarusian
	w.settled()
	w.press("r")
	w.press("Hello.")
	w.press(kb.Escape)
	w.press("t")
	w.wait(`document.querySelectorAll(".template").length === ` + "15")
	w.click(".template")
	w.wait(`document.activeElement.id === "replytext"`)
	want := "Hello.\n\n" + cannedBE()[0].text
	if got := eval[string](w, `document.getElementById("replytext").value`); got != want {
		t.Errorf("the field holds %q", got)
	}
	w.wait(`document.getElementById("draftstate").innerText === "Draft kept"`)
	if !slices.Contains(f.called(), "draft "+want) {
		t.Errorf("did %q", f.called())
	}
}
