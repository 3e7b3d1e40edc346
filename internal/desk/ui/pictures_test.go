package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// scene is a page in a state, by name.
type scene struct {
	name string
	desk func() *fakeDesk
	path func(w *tab) string
	do   func(w *tab)
}

func at(path string) func(*tab) string { return func(*tab) string { return path } }
func onCase(n byte) func(*tab) string  { return func(w *tab) string { return w.caseRef(n) } }
func pressing(keys, until string) func(*tab) {
	return func(w *tab) {
		w.press(keys)
		w.wait(until)
	}
}

// scenes is every page in every state that looks different.
func scenes() []scene {
	return []scene{
		{"queue", busy, at("/"), nil},
		{"case", busy, onCase(1), nil},
		{"problems", busy, onCase(2), nil},
		{"gateway", busy, onCase(3), nil},
		{"empty", newFake, at("/"), nil},
		{"opening", opening, at("/"), nil},
		{"files", photographs(desk.FileView{}), onCase(1), nil},
		{"filefetching", photographs(photoView(desk.FileFetching)), onCase(1), viewing(`document.querySelector("#viewer progress")`)},
		{"fileveiled", photographs(photoView(desk.FileReady)), onCase(1), viewing(`document.querySelector("#veil img")?.naturalWidth === 800`)},
		{"fileshown", photographs(photoView(desk.FileReady)), onCase(1), func(w *tab) {
			viewing(`document.querySelector("#veil img")?.naturalWidth === 800`)(w)
			w.click("#veil")
			w.wait(`document.getElementById("veil").getAttribute("aria-pressed") === "true"`)
		}},
		{"filepaper", photographs(paperView()), onCase(1), func(w *tab) {
			viewing(`document.querySelector("#veil img")?.naturalWidth === 800 && !!document.getElementById("turn-after")`)(w)
			w.click("#veil")
			w.press(kb.PageDown)
			w.wait(`!!document.getElementById("turn-after") && document.getElementById("veil")?.getAttribute("aria-pressed") === "true"`)
		}},
		{"filesound", photographs(soundView()), onCase(1), viewing(`document.querySelector("#viewer audio")`)},
		{"filerefused", photographs(refusedView()), onCase(1), viewing(`document.getElementById("fileagain")`)},
		{"sending", sending, onCase(1), nil},
		{"offline", offline, onCase(5), nil},
		{"locked", locked, at("/"), nil},
		{"enrol", fresh, at("/"), nil},
		{"enrolling", enrolling, at("/"), nil},
		{"people", supervised, at("/people"), nil},
		{"together", waiting, at("/people"), nil},
		{"addresses", published, at("/addresses"), nil},
		{"addressesnone", supervised, at("/addresses"), nil},
		{"addresseswait", relisting(true), at("/addresses"), nil},
		{"addressesother", relisting(false), at("/addresses"), nil},
		{"addresseswrong", func() *fakeDesk {
			f := published()
			f.err = hotline.Errorf(hotline.KindInvalid, "addresses", "a telephone number is + and 5 to 15 digits, with nothing but spaces between them")
			return f
		}, at("/addresses"), badAddress},
		{"alarms", supervised, at("/alarms"), nil},
		{"outbox", supervised, at("/outbox"), nil},
		{"watch", supervised, at("/watch"), nil},
		{"journal", supervised, at("/journal"), nil},
		{"calm", newFake, at("/outbox"), nil},
		{"help", busy, onCase(1), pressing("?", `document.getElementById("help").open`)},
		{"templates", busy, onCase(1), pressing("t", `document.querySelectorAll(".template").length > 10`)},
		{"duress", busy, onCase(1), func(w *tab) {
			w.press("w")
			w.fill("said", "листопад\r")
			w.wait(`document.querySelector(".duress")`)
		}},
		{"nomatch", busy, at("/"), func(w *tab) {
			w.press("/")
			w.fill("search", "жираф")
			w.wait(`document.querySelector("#queuelist .empty")`)
		}},
		{"approvals", shared, at("/approvals"), nil},
		{"export", shared, at("/export"), nil},
		{"keeping", letting, at("/keeping"), nil},
		{"keepingempty", busy, at("/keeping"), nil},
		{"keepingfault", func() *fakeDesk {
			f := letting()
			f.err = hotline.Errorf(hotline.KindUnavailable, "keeping", "there is no connection to the server")
			return f
		}, at("/keeping"), nil},
		{"chat", chatting, onCase(1), nil},
		{"chatsealed", chatting, onCase(2), nil},
		{"chatclaim", chatting, onCase(1), func(w *tab) {
			w.wait(`document.querySelector("#talk .talk").dataset.unread === "false"`)
			w.settled()
			eval[bool](w, `(document.querySelector(".claim button").click(), true)`)
			w.wait(`document.querySelector("#tiefound p")`)
		}},
		{"linked", related, onCase(1), nil},
		{"merged", related, onCase(4), nil},
		{"part", related, onCase(5), nil},
		{"parted", related, onCase(7), nil},
		{"halflink", related, onCase(6), nil},
		{"both", related, beside(1, 8), nil},
		{"bothlinked", related, beside(1, 9), nil},
		{"bothmerged", related, beside(4, 5), nil},
		{"tiesearch", related, onCase(1), func(w *tab) {
			eval[bool](w, `(document.getElementById("findbox").open = true, document.getElementById("tiebox").scrollIntoView(), true)`)
			w.fill("findtext", "код\r")
			w.wait(`document.querySelector("#tiefound p")`)
		}},
		{"training", exercised, at("/training"), nil},
		{"exercise", beginning, at("/training"), nil},
		{"group", underFlood, at("/"), nil},
		{"groupopen", underFlood, at("/"), unfoldGroup},
		{"groupasked", underFlood, at("/"), func(w *tab) {
			unfoldGroup(w)
			w.tabTo("unfounded-7")
			w.press("\r")
			w.wait(`document.activeElement.id === "bulk-run"`)
		}},
		{"groupdone", func() *fakeDesk {
			f := underFlood()
			f.bulk = desk.BulkView{ID: 1, Group: 7, Act: desk.BulkUnfounded, State: desk.BulkDone, Total: 15, Done: 14, Left: 1, Undo: true}
			return f
		}, at("/"), nil},
		{"computer", idle, at("/computer"), nil},
		{"changed", idle, at("/computer?changed=1"), nil},
		{"wrongphrase", idle, at("/computer"), func(w *tab) {
			w.fill("old", "not this one")
			w.fill("passphrase", "six other words make another key")
			w.fill("again", "six other words make another key\r")
			w.wait(`document.getElementById("wrong")`)
		}},
		{"fault", busy, at("/case/0000000000000000"), nil},
	}
}

// viewing opens the first attachment of a case by the keyboard.
func viewing(until string) func(*tab) {
	return func(w *tab) {
		w.wait(`document.querySelector("#talk .talk").dataset.unread === "false"`) // it is drawn again when it has been read
		w.settled()
		eval[bool](w, `(document.querySelector(".openfile").focus(), true)`)
		w.press("\r")
		w.wait(`document.getElementById("viewer").open && (` + until + `)`)
	}
}

func unfoldGroup(w *tab) {
	w.tabTo("group-7")
	w.press("\r")
	w.wait(`document.getElementById("group-7")?.getAttribute("aria-expanded") === "true"`)
}

// TestPictures takes pictures of every page for people to look at:
// SCREENSHOTS=<folder> [ONLY=case,queue] [UI_LANG=en] go test -run TestPictures
// Without a folder it takes one, to see that pictures can be taken.
func TestPictures(t *testing.T) {
	t.Parallel()
	dir, only := os.Getenv("SCREENSHOTS"), os.Getenv("ONLY")
	themes, sizes := []string{"light", "dark"}, [][2]int64{{1280, 800}, {1920, 1080}, {800, 900}, {400, 800}}
	if dir == "" {
		dir, only, themes, sizes = t.TempDir(), "case", themes[:1], sizes[:1]
	}
	open := browser(t)
	for _, s := range scenes() {
		if only != "" && !strings.Contains(","+only+",", ","+s.name+",") {
			continue
		}
		for _, theme := range themes {
			for _, size := range sizes {
				w := open(t, serve(t, s.desk(), func(c *Config) { c.Theme, c.Language = theme, os.Getenv("UI_LANG") }))
				w.do(chromedp.EmulateViewport(size[0], size[1]))
				w.launch(s.path(w))
				w.settled()
				if s.do != nil {
					s.do(w)
					w.settled()
				}
				png, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
				if err != nil || len(png) < 1000 {
					t.Fatalf("%d bytes: %v", len(png), err)
				}
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", s.name, theme, size[0])), png, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
