package contact_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// From an address that is not secure there is no crypto.subtle; onion
// addresses and mirrors are like that.
func TestPlainOrigin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := browser(t, "host-resolver-rules=MAP line.example 127.0.0.1")(t)
	u := must[*url.URL](t)(url.Parse(h.url))
	w.open("http://line.example:" + u.Port() + "/#ru")
	if eval[bool](w, `isSecureContext || "subtle" in crypto && !!crypto.subtle`) {
		t.Fatal("this origin is not plain")
	}
	w.answerCheck(w.writeFirst("Здравствуйте"))
	if n := len(h.read(h.onlyCase())); n != 1 {
		t.Errorf("%d records", n)
	}
}

// A copy that went from hand to hand is a file.
func TestFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, h.page, 0o600); err != nil {
		t.Fatal(err)
	}
	w := browser(t)(t)
	w.open("file://" + path + "#uk")
	w.answerCheck(w.writeFirst("Добрий день"))
	if n := len(h.read(h.onlyCase())); n != 1 {
		t.Errorf("%d records", n)
	}
}

// Without WebAssembly the receipt is derived by JavaScript, with progress.
func TestWithoutWasm(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	h.withoutWasm()
	w := open(t)
	w.open(h.url + "/#en")
	w.click("write")
	w.wait(`document.querySelector("progress")?.value > 0.1`)
	w.fill("message", "Hello")
	w.click("send")
	receipt := w.digits("receipt")
	w.answerCheck(receipt)
	h.reply("Good evening")
	w = comeBack(t, h, open, receipt)
	w.wait(`document.querySelector("progress")?.value > 0.1`)
	w.see("putaway-0")
}

// Where a receipt would take too long, the message goes without one, the page
// says so, and the desk is told.
func TestSlowDevice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := browser(t, "js-flags=--jitless")(t)
	w.open(h.url + "/#en")
	w.click("write")
	w.wait(`document.getElementById("kdf")?.className === "notice"`)
	if !strings.Contains(w.text("kdf"), "too slow to make a code") {
		t.Error("the page does not say that there will be no receipt")
	}
	w.fill("message", "Hello")
	w.click("send")
	w.see("no-receipt")
	code := w.digits("channel-code")
	if eval[bool](w, `!!document.getElementById("receipt")`) {
		t.Error("there is a receipt")
	}
	row := h.onlyCase()
	body := h.read(row)[0]
	if !body.Effort || body.Code != code || len(code) != 12 || len(row.Lookup) != 0 {
		t.Errorf("effort %v, a look-up of %d bytes", body.Effort, len(row.Lookup))
	}
}
