package e2e

import (
	"strings"
	"testing"

	"safeconduct/internal/rehearsal"
)

// person is somebody with a telephone on which the contact page is open.
type person struct {
	*tab
	receipt string // 24 digits, with spaces as the page shows them
	code    string
}

// newPerson opens the contact page of an origin in a fresh browser.
func newPerson(tb testing.TB, origin string) *person {
	tb.Helper()
	p := &person{tab: newTab(tb, "the contact page", 360, 740)}
	p.before(hurry)
	p.open(origin + "/")
	return p
}

// hurry makes the page look for replies every second instead of every quarter of a
// minute, and changes nothing else of it.
const hurry = `{
	const wait = window.setTimeout;
	window.setTimeout = (f, ms, ...rest) => wait(f, ms > 10000 && ms < 20000 ? ms / 15 : ms, ...rest);
}`

// language chooses the language by its button.
func (p *person) language(lang string) {
	p.tb.Helper()
	p.click("#lang-" + lang)
	p.until("the page speaks "+lang, "document.documentElement.lang === "+quote(lang))
}

// first writes the first message and waits until it is received.
func (p *person) first(text string) {
	p.tb.Helper()
	p.click("#write")
	p.write("#message", text)
	p.click("#send")
	p.receipt = strings.Join(strings.Fields(p.text("#receipt")), " ")
	p.code = strings.Join(strings.Fields(p.text("#channel-code")), " ")
}

// proveNoted types the two groups that the page asks back.
func (p *person) proveNoted() {
	p.tb.Helper()
	groups := strings.Fields(p.receipt)
	if len(groups) != 6 {
		p.tb.Fatalf("a receipt of %d groups", len(groups))
	}
	p.click("#noted")
	for _, field := range []string{"#check-a", "#check-b"} {
		p.until(field+" is there", there(field))
		n := eval[int](p.tab, there(field)+".dataset.group * 1")
		p.write(field, groups[n-1])
	}
	p.click("#check")
	p.until("the conversation is open", there("#messages"))
}

// comeBack opens the page in a fresh browser and returns with the receipt.
func comeBack(tb testing.TB, origin, receipt string) *person {
	tb.Helper()
	p := newPerson(tb, origin)
	p.language("ru")
	p.enter(receipt)
	p.until("the conversation is open", there("#messages"))
	return p
}

// enter types the receipt and opens the case.
func (p *person) enter(receipt string) {
	p.tb.Helper()
	p.receipt = receipt
	p.click("#come-back")
	p.write("#receipt-in", receipt)
	p.click("#open")
}

// say writes one more message and waits until it stands in the conversation.
func (p *person) say(text string) {
	p.tb.Helper()
	p.write("#message", text)
	p.click("#send")
	p.until("the message has been sent", `[...document.querySelectorAll('#messages [data-side=contact] .text')].some(e => e.textContent === `+quote(text)+`)`)
}

// untilReply waits for a message of the desk.
func (p *person) untilReply(text string) {
	p.tb.Helper()
	p.until("the reply is shown", `[...document.querySelectorAll('#messages [data-side=desk] .text')].some(e => e.textContent === `+quote(text)+`)`)
}

// scenario returns a conversation of the rehearsal.
func scenario(tb testing.TB, id string) rehearsal.Scenario {
	tb.Helper()
	all, err := rehearsal.Builtin()
	if err != nil {
		tb.Fatal(err)
	}
	for _, s := range all {
		if s.ID == id {
			return s
		}
	}
	tb.Fatalf("there is no scenario %q", id)
	return rehearsal.Scenario{}
}
