package contact_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// settle writes a first message and returns the receipt.
func settle(t *testing.T, h *house, open func(testing.TB) *tab) string {
	t.Helper()
	w := open(t)
	w.open(h.url + "/#en")
	receipt := w.writeFirst("Hello")
	w.answerCheck(receipt)
	return receipt
}

func comeBack(t *testing.T, h *house, open func(testing.TB) *tab, receipt string) *tab {
	t.Helper()
	w := open(t)
	w.open(h.url + "/#en")
	w.click("come-back")
	w.fill("receipt-in", receipt+"\n")
	return w
}

// A server that was taken over writes a reply itself. Its text is never shown;
// the true reply after it is.
func TestForgedReply(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	receipt := settle(t, h, open)
	h.reply("Go to the bridge at once", newKey(t), h.operator)
	w := open(t)
	w.open(h.url + "/#en")
	w.click("come-back")
	w.fill("receipt-in", receipt+"\n")
	w.see("trouble")
	if got := eval[string](w, `document.getElementById("trouble").dataset.trouble`); got != "forged" || strings.Contains(w.dump(), "bridge") {
		t.Errorf("%s: %s", got, w.dump())
	}
}

// The same forgery hidden behind a true last header: only that message is refused.
func TestForgedReplyAmongTrueOnes(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	receipt := settle(t, h, open)
	h.reply("Go to the bridge at once", newKey(t), h.operator)
	h.reply("Stay where you are")
	w := comeBack(t, h, open, receipt)
	w.see("putaway-1")
	w.see("forged")
	if got := w.text("messages"); strings.Contains(got, "bridge") || !strings.Contains(got, "not from us") || !strings.Contains(got, "Stay where you are") {
		t.Errorf("the page shows %q", got)
	}
}

// A server that was taken over announces a case key of its own, so that the
// next message would be sealed to it. The page does not go on.
func TestForgedGeneration(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	receipt := settle(t, h, open)
	row := h.onlyCase()
	first := must[seal.Signed](t)(seal.ParseSigned(h.generation(row, 0)))
	stranger := newKey(t)
	forged := must[seal.Signed](t)(seal.SignGeneration(seal.Generation{
		Case: hotline.CaseID(row.ID), Gen: 1, Prev: first.Hash(), Team: hotline.TeamDesk, Epoch: 2, Recipient: newIdentity(t).Recipient(),
		ContactKey: seal.PublicKey(row.ContactKey), ContactRecipient: must[seal.Recipient](t)(seal.ParseRecipient(row.ContactRecipient)),
		Hour: hotline.HourOf(time.Now()),
	}, stranger))
	h.rotate(row, forged)
	w := comeBack(t, h, open, receipt)
	w.see("trouble")
	if got := eval[string](w, `document.getElementById("trouble").dataset.trouble`); got != "forged" {
		t.Errorf("the page says %s", got)
	}
	if eval[bool](w, `!!document.getElementById("message")`) {
		t.Error("the page would seal to a key that nobody of ours signed")
	}
}

// A new case key that the team's reply key signed is used from then on.
func TestNewGeneration(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	receipt := settle(t, h, open)
	row := h.onlyCase()
	s1 := newIdentity(t)
	first := must[seal.Signed](t)(seal.ParseSigned(h.generation(row, 0)))
	h.rotate(row, must[seal.Signed](t)(seal.SignGeneration(seal.Generation{
		Case: hotline.CaseID(row.ID), Gen: 1, Prev: first.Hash(), Team: hotline.TeamDesk, Epoch: 2, Recipient: s1.Recipient(),
		ContactKey: seal.PublicKey(row.ContactKey), ContactRecipient: must[seal.Recipient](t)(seal.ParseRecipient(row.ContactRecipient)),
		Hour: hotline.HourOf(time.Now()),
	}, h.operator, h.team.Reply)))
	w := comeBack(t, h, open, receipt)
	w.fill("message", "To the new key")
	w.click("send")
	w.wait(`document.querySelectorAll("#messages .mine").length === 1`)
	var records []db.Record
	h.view(func(ctx context.Context, tx *store.Tx) (err error) {
		records, err = tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: row.ID, After: -1, MaxRows: 10})
		return err
	})
	rec, err := seal.OpenRecord(s1, records[len(records)-1].File)
	if err != nil || rec.Body.Text != "To the new key" || rec.Header.Gen != 1 {
		t.Errorf("the message is not sealed to the new key: %v", err)
	}
}

func TestUnknownReceipt(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	w := comeBack(t, h, open, hotline.NewReceipt().Digits())
	w.see("trouble")
	if got := eval[string](w, `document.getElementById("trouble").dataset.trouble`); got != "unknown" {
		t.Errorf("the page says %s", got)
	}
}

// Past "expires" the page warns and works; past "use_until" it sends nothing,
// until it finds a newer manifest of the same authority.
func TestOldPage(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	old := h.manifest
	old.Serial, old.Expires, old.UseUntil = 3, old.Hour-20, old.Hour-10
	h.page = h.stamp(h.sign(old))

	w := open(t)
	w.open(h.url + "/#en")
	w.see("expired")
	w.writeFirst("Hello")
	if n := len(h.cases()); n != 1 {
		t.Errorf("%d cases with the newer manifest", n)
	}

	// A server that withholds the newer one, or gives one that a stranger signed.
	h.guardManifest([]byte("{}\n"))
	w = open(t)
	w.open(h.url + "/#en")
	w.click("write")
	w.fill("message", "Hello")
	w.click("send")
	w.see("trouble")
	if got := eval[string](w, `document.getElementById("trouble").dataset.trouble`); got != "outdated" || len(h.cases()) != 1 {
		t.Errorf("the page says %s, %d cases", got, len(h.cases()))
	}
}

// A page whose manifest was changed after stamping does nothing at all.
func TestDamagedPage(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	h.page = []byte(strings.Replace(string(h.page), `\"serial\":7`, `\"serial\":8`, 1))
	w := open(t)
	w.open(h.url)
	w.see("broken")
	if eval[bool](w, `!!document.getElementById("write")`) {
		t.Error("the page works")
	}
}
