package e2e

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestEnrolmentOnBothPages goes the six steps on the two pages that two people
// look at: the administrator's and the newcomer's.
func TestEnrolmentOnBothPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := newOperator(t, h)
	admin.open(peopleOf(admin.tab))
	admin.write("#invitename", "Crane")
	admin.click("form[action='/people/invite'] button.primary")
	admin.until("the invitation is shown", there("#invitationtext"))
	invitation := eval[string](admin.tab, there("#invitationtext")+".value")

	program := start(t, h.binary, "desk", "--dir", filepath.Join(t.TempDir(), "crane"), "--listen", "127.0.0.1:0", "--language", "en")
	newcomer := &operator{tab: newTab(t, "the newcomer's page", 1280, 800), program: program}
	newcomer.open(launchAddress.FindString(program.await("/launch?token=")))
	newcomer.write("#invitation", invitation)
	newcomer.write("#name", "Crane")
	newcomer.write("#passphrase", passphrase)
	newcomer.write("#again", passphrase)
	newcomer.click("button.primary")

	const digits = `document.querySelector(".fingerprint")?.textContent.replace(/\D/g, "")`
	newcomer.until("the newcomer sees the fingerprint", digits+`?.length === 31`)
	admin.until("the administrator sees a fingerprint, without a reload", digits+`?.length === 31`)
	if ours, theirs := eval[string](admin.tab, digits), eval[string](newcomer.tab, digits); ours != theirs {
		t.Fatalf("the administrator reads %s, the newcomer %s", ours, theirs)
	}
	newcomer.click("button[value=same]")
	admin.click("form[action='/people/confirm'] button")
	newcomer.until("the newcomer's desk opens by itself", `document.body.dataset.phase === "ready" && document.querySelector("#queuelist")`)
	admin.until("the newcomer stands in the roster", `[...document.querySelectorAll("th[scope=row]")].some(e => e.innerText.includes("Crane"))`)

	// He reads and answers like everybody.
	p := newPerson(t, h.origin())
	p.language("en")
	p.first("Is this a trap?")
	newcomer.untilQueued("Is this a trap?")
}

func peopleOf(p *tab) string {
	at, err := url.Parse(eval[string](p, "location.href"))
	if err != nil {
		p.tb.Fatal(err)
	}
	at.Path, at.RawQuery = "/people", ""
	return at.String()
}

// TestFormIsAccessible holds the form without JavaScript against WCAG 2.2, levels
// A and AA, in every language, empty and after it was sent.
func TestFormIsAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(filepath.Join("..", "web", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is missing; make test installs it: %v", err)
	}
	const run = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).then((r) =>
		JSON.stringify({passes: r.passes.length, violations: r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" | "))}))`
	h := newHouse(t)
	for _, lang := range []string{"ru", "uk", "be", "en"} {
		p := newTab(t, "the form", 360, 740)
		look := func(view string) {
			t.Helper()
			eval[bool](p, string(axe)+"; true")
			var got struct {
				Passes     int      `json:"passes"`
				Violations []string `json:"violations"`
			}
			if err := json.Unmarshal([]byte(eval[string](p, run)), &got); err != nil || got.Passes < 5 {
				t.Fatalf("%s, %s: axe-core looked at nothing: %v", lang, view, err)
			}
			for _, v := range got.Violations {
				t.Errorf("%s, %s: %s", lang, view, v)
			}
			if eval[bool](p, "document.documentElement.scrollWidth > innerWidth") {
				t.Errorf("%s, %s: wider than a small phone", lang, view)
			}
		}
		p.open(h.origin() + "/form?lang=" + lang)
		look("empty")
		p.write("#text", "Одна строка.")
		p.click("button[type=submit]")
		p.until("the code is shown", `!document.querySelector("#text") && /\d{4}/.test(document.body.innerText)`)
		look("sent")
	}
}
