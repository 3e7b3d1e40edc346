package contact_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/cdproto/emulation"
)

func TestShots(t *testing.T) {
	dir := os.Getenv("SHOTS")
	if dir == "" { t.Skip() }
	h, open := newHouse(t), browser(t)
	w := open(t)
	n := 0
	shot := func(name string) {
		b, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
		if err != nil { t.Fatal(err) }
		n++
		os.WriteFile(dir+"/"+name+".png", b, 0o600)
	}
	_ = emulation.SetEmulatedMedia
	lang := os.Getenv("SHOTLANG")
	w.open(h.url + "/#" + lang)
	shot("home")
	eval[bool](w, `document.querySelectorAll("details").forEach(d=>d.open=true), true`)
	shot("home-open")
	w.click("write")
	shot("write0")
	w.wait(`!document.querySelector("progress")`)
	w.fill("message", "Здравствуйте. Нас трое, мы у реки.")
	shot("write")
	w.click("send")
	receipt := w.digits("receipt")
	shot("receipt")
	w.click("noted")
	w.see("check-a")
	shot("check")
	w.click("show-again")
	w.answerCheck(receipt)
	h.reply("Добрый день. Да, это можно сделать безопасно.\nВы сейчас на фронте? Пишите, только если рядом никого нет.")
	shot("talk0")
	w.see("putaway-0")
	w.click("putaway-0")
	shot("talk")
	w2 := w
	w = open(t)
	w.open(h.url + "/#" + lang)
	w.click("come-back")
	w.fill("receipt-in", "1234 5678 12 3412341234123412")
	shot("return")
	_ = w2
}
