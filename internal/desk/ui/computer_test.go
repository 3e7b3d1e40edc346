package ui

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// TestComputerPage: who, which keys, where, and until when, in three languages.
func TestComputerPage(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		f := idle()
		rec := launched(t, newUI(t, f, lang)).get("/computer")
		x := textsOf(lang)
		contains(t, lang, rec, http.StatusOK, x.Computer.Head, "Весна", x.Roles[hotline.RoleSupervisor], x.Teams[hotline.TeamDesk],
			"<span>40718</span>", "/home/vesna/safeconduct", "15", fmt.Sprintf(x.Computer.LocksNext, "20:44"), fmt.Sprintf(x.Computer.Hint, desk.MinPassphrase))
		f.set(func(f *fakeDesk) { f.computer.IdleLock = 0 })
		contains(t, lang, launched(t, newUI(t, f, lang)).get("/computer"), http.StatusOK, x.Computer.LocksNever)
	}
}

// TestChangePassphrasePage: each refusal says why and which passphrase opens
// this computer now; nothing that was typed is shown again.
func TestChangePassphrasePage(t *testing.T) {
	t.Parallel()
	f := idle()
	old := f.passphrase
	w := launched(t, newUI(t, f, "en"))
	x := textsOf("en").Computer
	change := func(old, phrase, again string) url.Values {
		return url.Values{"old": {old}, "passphrase": {phrase}, "again": {again}}
	}
	const phrase = "seven other words make another key"
	for name, tc := range map[string]struct {
		form url.Values
		err  error
		want []string
		not  string
	}{
		"differ":    {form: change(old, phrase, phrase+"x"), want: []string{x.Differ, x.Kept}},
		"wrong old": {form: change("guess", phrase, phrase), want: []string{x.WrongOld, x.Kept}},
		"too short": {
			form: change(old, phrase, phrase), err: hotline.Errorf(hotline.KindInvalid, "passphrase", "too short: take at least %d characters, five random words are better", 8),
			want: []string{"Too short: take at least 8 characters", x.Kept},
		},
		"disk full": {
			form: change(old, phrase, phrase), err: hotline.Errorf(hotline.KindUnavailable, "change passphrase", "the key file could not be written: %w", fs.ErrPermission),
			want: []string{"The key file could not be written.", "permission denied", x.Kept},
		},
		"nobody knows": {
			form: change(old, phrase, phrase), err: hotline.Errorf(hotline.KindUnknown, "change passphrase",
				"the disk did not confirm the change: keep both passphrases in mind until one of them has opened this computer after a restart: %w", fs.ErrClosed),
			want: []string{"keep both passphrases in mind"}, not: x.Kept,
		},
	} {
		f.set(func(f *fakeDesk) { f.err = tc.err })
		rec := w.post("/computer/passphrase", tc.form)
		contains(t, name, rec, http.StatusUnprocessableEntity, tc.want...)
		body := rec.Body.String()
		if strings.Contains(body, phrase) || strings.Contains(body, old) || (tc.not != "" && strings.Contains(body, tc.not)) {
			t.Errorf("%s: the page says too much", name)
		}
		if f.passphrase != old {
			t.Fatalf("%s changed the passphrase", name)
		}
	}
	f.set(func(f *fakeDesk) { f.err = nil })
	rec := w.post("/computer/passphrase", change(old, phrase, phrase))
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/computer?changed=1" || f.passphrase != phrase {
		t.Fatalf("%d to %q, the passphrase is %q", rec.Code, rec.Header().Get("Location"), f.passphrase)
	}
	contains(t, "changed", w.get("/computer?changed=1"), http.StatusOK, x.Changed, x.Copies)
}

// TestChangePassphraseInTheBrowser: by keyboard alone, from the head of the page.
func TestChangePassphraseInTheBrowser(t *testing.T) {
	t.Parallel()
	f := idle()
	f.st.Alarms, f.st.Blocked = 0, false
	f.st.LockAt = time.Time{}
	w := browser(t)(t, serve(t, f, func(c *Config) { c.Language = "uk" }))
	w.launch("/")
	w.settled()
	w.click(`a[href="/computer"]`)
	w.wait(`location.pathname === "/computer"`)
	w.settled()
	w.fill("old", "not this one")
	w.fill("passphrase", "six other words make another key")
	w.fill("again", "six other words make another key\r")
	w.wait(`document.getElementById("wrong")?.innerText.includes("Теперішня парольна фраза неправильна")`)
	w.settled()
	if got := eval[string](w, `[...document.querySelectorAll("input[type=password]")].map((i) => i.value).join("")`); got != "" {
		t.Error("what was typed is still in the page")
	}
	w.fill("old", f.passphrase)
	w.fill("passphrase", "six other words make another key")
	w.fill("again", "six other words make another key\r")
	w.wait(`document.querySelector("[role=status].strongcard")?.innerText.includes("Парольну фразу змінено")`)
}
