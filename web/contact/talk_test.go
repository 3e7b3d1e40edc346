package contact_test

import (
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// A person writes, keeps the receipt, comes back in another browser window,
// reads the reply, puts it away and writes again; the desk reads both.
func TestConversation(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	first := open(t)
	first.open(h.url + "/#ru")
	receipt := first.writeFirst("Здравствуйте. <b>Это</b> не ловушка?")
	code := first.digits("channel-code")
	first.answerCheck(receipt)

	r := must[hotline.Receipt](t)(hotline.ParseReceipt(receipt))
	keys := must[seal.Contact](t)(seal.DeriveContact(r, h.manifest.Desk))
	row := h.onlyCase()
	if keys.CaseID() != hotline.CaseID(row.ID) || keys.Code.Digits() != code {
		t.Error("the receipt leads to other keys")
	}
	bodies := h.read(row)
	if len(bodies) != 1 || bodies[0].Text != "Здравствуйте. <b>Это</b> не ловушка?" || bodies[0].Code != code || bodies[0].Effort || bodies[0].Language != "ru" {
		t.Errorf("%d bodies, another text or code", len(bodies))
	}

	h.reply("Нет. Вы можете спросить о чём угодно.")
	h.reply("Вы на фронте?")
	back := open(t)
	back.open(h.url + "/#uk")
	back.click("come-back")
	back.fill("receipt-in", strings.Join([]string{receipt[:4], receipt[4:8], receipt[8:]}, " – ")+"\n")
	back.see("putaway-1")
	if got := back.text("messages"); !strings.Contains(got, "спросить о чём угодно") || !strings.Contains(got, "Вы на фронте?") || strings.Contains(got, "ловушка") {
		t.Errorf("the page shows %q", got)
	}
	if got := eval[string](back, `document.getElementById("read").dataset.read`); got != "false" {
		t.Error("nobody has read it yet")
	}
	back.click("putaway-0")
	back.click("putaway-0-yes")
	back.gone("putaway-0-yes")
	back.fill("message", "Да. Нас трое.")
	back.click("send")
	back.wait(`document.querySelectorAll("#messages .mine").length === 1 && document.getElementById("message").value === ""`)
	if bodies := h.read(h.onlyCase()); len(bodies) != 2 || bodies[1].Text != "Да. Нас трое." {
		t.Errorf("%d bodies", len(bodies))
	}

	h.markRead(1)
	again := open(t)
	again.open(h.url)
	again.click("come-back")
	again.fill("receipt-in", receipt+"\n")
	again.see("putaway-1")
	again.gone("putaway-0")
	again.see("used")
	if got := eval[string](again, `document.getElementById("read").dataset.read`); got != "true" {
		t.Error("the page does not say that it was read")
	}
}
