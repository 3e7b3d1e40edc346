package e2e

import (
	"path/filepath"
	"regexp"
	"testing"
)

// operator is somebody at a desk: the program on his computer, and its page.
type operator struct {
	*tab
	program *process
}

var launchAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+/launch\?token=\w+`)

// newOperator starts the first operator's desk and unlocks it on its page.
func newOperator(tb testing.TB, h *house) *operator {
	tb.Helper()
	return operatorIn(tb, h, filepath.Join(h.dir, "operator"))
}

func operatorIn(tb testing.TB, h *house, dir string) *operator {
	tb.Helper()
	p := start(tb, h.binary, "desk", "--dir", dir, "--listen", "127.0.0.1:0", "--language", "en")
	address := launchAddress.FindString(p.await("/launch?token="))
	if address == "" {
		tb.Fatalf("the desk prints no address to open:\n%s", p.out)
	}
	o := &operator{tab: newTab(tb, "the desk page", 1280, 800), program: p}
	o.open(address)
	o.write("#passphrase", passphrase)
	o.click("form[action='/unlock'] button")
	o.until("the desk is connected", `document.body.dataset.phase === "ready" && document.querySelector(".link.on")`)
	return o
}

// row is the selector of the queue's first row.
const row = "#queuelist .row a"

// untilQueued waits until the queue shows a text, without a reload.
func (o *operator) untilQueued(text string) {
	o.tb.Helper()
	o.until("the queue shows it", `[...document.querySelectorAll('#queuelist .row')].some(e => e.innerText.includes(`+quote(text)+`))`)
}

// openFirst opens the case on top of the queue.
func (o *operator) openFirst() {
	o.tb.Helper()
	o.click(row)
	o.until("the case is open", there("#case"))
}

// untilRead waits until the open case shows a text.
func (o *operator) untilRead(text string) {
	o.tb.Helper()
	o.until("the message is shown", `[...document.querySelectorAll('#case .msg .text')].some(e => e.textContent === `+quote(text)+`)`)
}

// reply sends an answer.
func (o *operator) reply(text string) {
	o.tb.Helper()
	o.write("#replytext", text)
	o.click("#sendbutton")
	o.untilRead(text)
}

// marked reports which page this is: a reload would lose the mark.
func (o *operator) mark() { eval[bool](o.tab, "window.markedByTheTest = true") }

func (o *operator) marked() bool { return eval[bool](o.tab, "window.markedByTheTest === true") }
