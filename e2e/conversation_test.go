package e2e

import (
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/storetest"
)

// TestConversation plays a conversation of the rehearsal in two browsers: the
// person's telephone and the operator's computer.
func TestConversation(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			converse(t, newHouse(t, onDatabase(engine)))
		})
	}
}

func converse(t *testing.T, h *house) {
	var said, answered []string
	for _, m := range scenario(t, "group-of-eleven").Messages {
		if m.From == hotline.SideDesk {
			answered = append(answered, m.Text)
		} else {
			said = append(said, m.Text)
		}
	}
	o := newOperator(t, h)
	o.mark()

	// The newcomer writes, notes the receipt and proves it.
	p := newPerson(t, strings.Replace(h.origin(), "127.0.0.1", "localhost", 1))
	p.language("ru")
	p.first(said[0])
	if digits := strings.ReplaceAll(p.receipt, " ", ""); len(digits) != 24 {
		t.Errorf("a receipt of %d digits", len(digits))
	}
	if _, err := hotline.ParseReceipt(p.receipt); err != nil {
		t.Errorf("the receipt on the page: %v", err)
	}
	if _, err := hotline.ParseChannelCode(p.code); err != nil {
		t.Errorf("the channel code on the page: %v", err)
	}
	p.untilShown("Ваше сообщение у нас.")
	p.proveNoted()
	p.untilShown("Верно.")

	// It is in the operator's queue, though nobody has touched that page.
	o.untilQueued(said[0][:40])
	if !o.marked() {
		t.Error("the desk page was loaded again")
	}
	o.openFirst()
	o.untilRead(said[0])
	if signed := o.text("#case .msg .sig.good"); !strings.Contains(signed, "signed by the person's key") {
		t.Errorf("the message is marked %q", signed)
	}
	o.until("the case shows its code", `document.querySelector("#case").textContent.replace(/\D/g, "").includes(`+quote(strings.ReplaceAll(p.code, " ", ""))+`)`)
	o.reply(answered[0])
	p.untilReply(answered[0])
	p.until("the person sees that it was read", there("#read[data-read=true]"))

	// Put away, it is gone for good.
	p.click("#putaway-0")
	p.click("#putaway-0-yes")
	p.untilShown("Убрано.")
	if p.shows(answered[0]) {
		t.Error("what was put away is still shown")
	}
	p.open("about:blank")

	back := comeBack(t, h.origin(), p.receipt)
	back.until("it says that the message was read", there("#read[data-read=true]"))
	back.untilShown("Вашим кодом в последний раз пользовались")
	if back.shows(answered[0]) || back.shows(said[0]) {
		t.Error("who returns with the receipt is shown something old")
	}

	// The operator is typing while the person writes on.
	const draft = "Понял. Ждите, пока я"
	o.write("#replytext", draft)
	back.say(said[1])
	o.untilRead(said[1])
	if got := eval[string](o.tab, `document.querySelector("#replytext").value`); got != draft {
		t.Errorf("the draft has become %q", got)
	}
	if !o.marked() {
		t.Error("the desk page was loaded again")
	}
	if n := eval[int](o.tab, `document.querySelectorAll("#case .problem, #case .ungood").length`); n > 0 {
		t.Errorf("the desk shows %d problems:\n%s", n, o.shown())
	}
}
