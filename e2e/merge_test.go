package e2e

import (
	"strings"
	"testing"
)

// TestTwoCasesOnePerson: a person writes, loses the receipt and writes again. The
// operator finds the first case by its code, hears the word, links and merges;
// the reply comes out at the second page, and the merge is undone.
func TestTwoCasesOnePerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := newOperator(t, h)
	origin := strings.Replace(h.origin(), "127.0.0.1", "localhost", 1)
	const first, again, word = "Нас двое, пишу весной.", "Это снова я, код потерял.", "куст сирени"

	before := newPerson(t, origin)
	before.language("ru")
	before.first(first)
	code := before.code
	o.untilQueued(first)
	o.openFirst()
	o.untilRead(first)
	eval[bool](o.tab, `(document.querySelector("#words").closest("details").open = true, true)`)
	o.write("#word", word)
	o.click("#words > button")
	o.until("the word is kept", there("#factsview .wordline.ok"))
	before.open("about:blank") // with the telephone the receipt is gone

	p := newPerson(t, origin)
	p.language("ru")
	p.first(again)
	p.untilShown("Ваше сообщение у нас.")
	p.proveNoted()
	o.untilQueued(again)
	eval[bool](o.tab, `([...document.querySelectorAll("#queuelist .row a")].find(e => e.innerText.includes(`+quote(again)+`)).click(), true)`)
	o.untilRead(again)

	// The code, as it is spoken: in other digits and other groups. It only finds.
	eval[bool](o.tab, `(document.getElementById("findbox").open = true, true)`)
	o.write("#findtext", strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '٠'
		}
		return r
	}, strings.ReplaceAll(code, " ", "-")))
	o.click("#find button")
	o.click("#tiefound a")
	o.until("both cases are shown", `document.querySelectorAll("#tiepage .beside .card").length === 2`)
	if text := o.text("#tiepage"); !strings.Contains(text, first) || !strings.Contains(text, again) {
		t.Errorf("side by side: %q", text)
	}
	o.write("#said", word)
	o.click("form[action$='/link'] button.primary")
	o.click("input[name='main'][value='other']")
	o.click("form[action$='/merge'] button.primary")
	o.until("one case is open", there("#case"))
	o.untilRead(first)
	o.untilRead(again)
	o.until("the queue has one row", `document.querySelectorAll("#queuelist .row").length === 1`)

	const answer = "Мы вас узнали. Ждите здесь."
	o.reply(answer)
	p.untilReply(answer)

	o.click("#ties a[href*='/with/']")
	o.click("form[action$='/undo'] button")
	o.until("the queue has two rows", `document.querySelectorAll("#queuelist .row").length === 2`)
	if n := eval[int](o.tab, `document.querySelectorAll("#case .problem, #case .ungood").length`); n > 0 {
		t.Errorf("the desk shows %d problems:\n%s", n, o.shown())
	}
}
