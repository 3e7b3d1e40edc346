package contact_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// corners has four colours, from the upper left: red, green, blue, white.
func corners() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 32))
	for y := range 32 {
		for x := range 64 {
			c := color.NRGBA{R: 200, A: 255}
			switch {
			case x >= 32 && y < 16:
				c = color.NRGBA{G: 200, A: 255}
			case x < 32 && y >= 16:
				c = color.NRGBA{B: 200, A: 255}
			case x >= 32:
				c = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// letters names the colours of a picture's quarters, from the upper left.
func letters(m image.Image) string {
	out, b := "", m.Bounds()
	for i := range 4 {
		r, g, blue, _ := m.At(b.Min.X+b.Dx()*(1+i%2*2)/4, b.Min.Y+b.Dy()*(1+i/2*2)/4).RGBA()
		switch {
		case r > 0xd000 && g > 0xd000 && blue > 0xd000:
			out += "w"
		case r > 0x8000 && g < 0x6000:
			out += "r"
		case g > 0x8000 && r < 0x6000:
			out += "g"
		case blue > 0x8000 && r < 0x6000:
			out += "b"
		default:
			out += "?"
		}
	}
	return out
}

// held is a JPEG whose Exif says how the camera was held.
func held(t *testing.T, turn byte, more int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, corners(), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(turn) + "\x00\x00\x00\x00\x00\x00"
	return slices.Concat(b.Bytes()[:2], segment(0xe1, exif), b.Bytes()[2:], make([]byte, more))
}

// noisy is a PNG of 500 KB with everything in it that tells of its maker.
func noisy(t *testing.T) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 400, 320))
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(m.Pix)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	chunk := func(name, body string) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
		out = append(out, name+body...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	head := b.Bytes()[:33]
	rest := b.Bytes()[33:]
	return slices.Concat(head, chunk("tEXt", "Author\x00SECRET-1"), chunk("eXIf", "MM\x00*SECRET-2"), chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00SECRET-3"),
		chunk("zTXt", "Comment\x00\x00SECRET-4"), chunk("tIME", "\x07\xea\x03\x04\x0a\x0b\x0c"), chunk("prVt", "SECRET-5"), rest, []byte("SECRET-6 behind the end"))
}

func saved(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func busyAnswer(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, `{"error":"busy","text":"full","retry_after":1}`)
}

// sent waits until the page says that n messages of the person are kept.
func (w *tab) sent(n int) {
	w.t.Helper()
	w.wait(`document.querySelectorAll("#messages .mine").length === ` + string(rune('0'+n)) + ` && !!document.getElementById("file")`)
}

// Files both ways over a network that drops, repeats and refuses: one person,
// one case, one visit.
func TestFiles(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	w := impatient(open(t))
	w.open(h.url + "/#en")
	receipt := w.writeFirst("I have papers")
	w.answerCheck(receipt)
	row := h.onlyCase()

	t.Run("a file of the desk comes over a bad line, is seen and saved", func(t *testing.T) {
		w.t, h.t = t, t
		content := slices.Concat(held(t, 1, 0), make([]byte, 600<<10)) // as a desk sends it: the turn stands beside the picture
		f := h.fileOf(row, "image/jpeg", content, 6)
		if f.Copy.Parts < 3 {
			t.Fatal("few parts show nothing")
		}
		h.replyWith("A map", []seal.File{f})
		w.see("file-0-0-get")
		posts := 0
		h.guard(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			posts++
			switch posts {
			case 2: // the answer breaks off in the middle of the second part
				rec := httptest.NewRecorder()
				h.handler.ServeHTTP(rec, r)
				rw.Header().Set("Content-Length", rec.Result().Header.Get("Content-Length"))
				_, _ = rw.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
				hangUp(rw)
				return true
			case 3:
				busyAnswer(rw)
				return true
			}
			return false
		})
		w.click("file-0-0-get")
		w.wait(`document.getElementById("retry") && !!document.querySelector("#file-0-0 progress")`)
		w.click("retry")
		w.see("file-0-0-save")
		if posts != f.Copy.Parts+2 {
			t.Errorf("%d posts for %d parts, of which two failed", posts, f.Copy.Parts)
		}
		w.wait(`document.querySelector("#file-0-0 img")?.complete`)
		if got := letters(must[image.Image](t)(png.Decode(bytes.NewReader(w.drawn("file-0-0 img"))))); got != "brwg" {
			t.Errorf("the picture is shown as %s", got)
		}
		if got := w.download("file-0-0-save"); !bytes.Equal(got, content) {
			t.Errorf("%d bytes were saved, not the %d that were sent", len(got), len(content))
		}
	})

	t.Run("a file that was changed is not shown, and text goes on", func(t *testing.T) {
		w.t, h.t = t, t
		h.guard(func(http.ResponseWriter, *http.Request) bool { return false })
		forged, lost := h.fileOf(row, "image/jpeg", held(t, 1, 0), 0), h.fileOf(row, "image/png", noisy(t), 0)
		forged.Copy.Hash[0] ^= 1
		h.replyWith("Two more", []seal.File{forged, lost})
		h.update(func(ctx context.Context, tx *store.Tx) error {
			part, err := tx.ObjectPart(ctx, db.ObjectPartParams{CaseID: row.ID, ObjectID: lost.Copy.ID[:], Idx: 1})
			if err != nil {
				return err
			}
			return h.objects.Blobs.Delete(ctx, [32]byte(part.Blob))
		})
		w.click("file-1-0-get")
		w.wait(`document.getElementById("messages").innerText.includes("not the one that we sent")`)
		w.see("file-1-0-get") // it can be tried again
		if eval[bool](w, `!!document.querySelector("#file-1-0, #file-1-0-save")`) {
			t.Error("something of it is shown")
		}
		w.fill("message", "Thank you")
		w.click("send")
		w.sent(2)
	})

	t.Run("over a slow line a part is repeated until it is kept, and only that one", func(t *testing.T) {
		w.t, h.t = t, t
		whole := noisy(t)
		l := h.watch(func(n int, rw http.ResponseWriter, r *http.Request) bool {
			switch n {
			case 2: // kept, but the answer is lost
				h.handler.ServeHTTP(httptest.NewRecorder(), r)
				hangUp(rw)
				return true
			case 3:
				busyAnswer(rw)
				return true
			}
			return false
		})
		w.line(400_000)
		w.choose(saved(t, "screen.png", whole))
		w.see("cleaned")
		w.click("send")
		w.wait(`document.getElementById("upload")?.innerText.includes("1 of")`)
		w.click("retry")
		w.sent(3)
		bodies := h.read(h.onlyCase())
		f := bodies[2].Files[0]
		got, parts := h.openedFile(h.onlyCase(), f)
		posts, different := l.counts()
		if parts != f.Object.Parts || different != parts || posts != parts+2 || parts < 2 {
			t.Errorf("%d parts are kept of %d, %d were sent, %d different ones", parts, f.Object.Parts, posts, different)
		}
		for _, secret := range []string{"SECRET", "tEXt", "eXIf", "iTXt", "zTXt", "tIME", "prVt"} {
			if bytes.Contains(got, []byte(secret)) {
				t.Errorf("the picture still holds %s", secret)
			}
		}
		a, b := must[image.Image](t)(png.Decode(bytes.NewReader(got))), must[image.Image](t)(png.Decode(bytes.NewReader(whole)))
		w.line(-1)
		if !bytes.Equal(a.(*image.NRGBA).Pix, b.(*image.NRGBA).Pix) || f.Type != "image/png" {
			t.Error("it has other pixels")
		}
	})

	t.Run("stopped in the middle, nothing is sent", func(t *testing.T) {
		w.t, h.t = t, t
		held := make(chan struct{}, 1)
		h.watch(func(n int, _ http.ResponseWriter, r *http.Request) bool {
			if n != 2 {
				return false
			}
			held <- struct{}{}
			<-r.Context().Done() // as a line that stands still
			return true
		})
		w.choose(saved(t, "screen.png", noisy(t)))
		w.click("send")
		<-held
		if got := w.text("upload"); !strings.Contains(got, "1 of ") {
			t.Errorf("the page says %q", got)
		}
		w.click("drop")
		w.see("file")
		w.gone("upload")
		h.guard(func(http.ResponseWriter, *http.Request) bool { return false })
		w.fill("message", "Without a picture")
		w.click("send")
		w.sent(4)
		if bodies := h.read(h.onlyCase()); len(bodies) != 4 || len(bodies[3].Files) != 0 || bodies[3].Text != "Without a picture" {
			t.Errorf("%d messages", len(bodies))
		}
	})

	t.Run("however the camera was held, the picture stands upright", func(t *testing.T) {
		w.t, h.t = t, t
		for turn, want := range map[byte]string{1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb"} {
			w.choose(saved(t, "IMG.jpg", held(t, turn, 0)))
			w.wait(`document.querySelector("#preview img")?.complete`)
			m := must[image.Image](t)(png.Decode(bytes.NewReader(w.drawn("preview img"))))
			if got := letters(m); got != want {
				t.Errorf("turn %d is shown as %s, not %s", turn, got, want)
			}
			// By the element: a picture that grows moves the button away from under a pointer.
			w.wait(`document.getElementById("drop")?.click() || !!document.getElementById("file")?.offsetParent`)
		}
	})

	t.Run("a damaged picture is called damaged", func(t *testing.T) {
		w.t, h.t = t, t
		w.choose(saved(t, "IMG.jpg", held(t, 6, 0)[:200]))
		if got := w.text("uncleaned"); !strings.Contains(got, "damaged") || !strings.Contains(got, "hidden data cannot be removed") {
			t.Errorf("the page says %q", got)
		}
		if eval[bool](w, `!!document.getElementById("preview")`) {
			t.Error("it shows a preview")
		}
	})
}

// Where neither crypto.subtle nor WebAssembly is, and from a file, files go both ways too.
func TestFilesElsewhere(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(t *testing.T, h *house) string{
		"a file": func(t *testing.T, h *house) string {
			return "file://" + saved(t, "page.html", h.page) + "#en"
		},
		"a plain origin without WebAssembly": func(t *testing.T, h *house) string {
			h.withoutWasm()
			return "http://line.example:" + must[*url.URL](t)(url.Parse(h.url)).Port() + "/#en"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			w := impatient(browser(t, "host-resolver-rules=MAP line.example 127.0.0.1")(t))
			w.open(place(t, h))
			w.answerCheck(w.writeFirst("I have papers"))
			w.choose(saved(t, "screen.png", noisy(t)))
			w.click("send")
			w.sent(2)
			row := h.onlyCase()
			f := h.read(row)[1].Files[0]
			if got, parts := h.openedFile(row, f); parts < 2 || bytes.Contains(got, []byte("SECRET")) {
				t.Errorf("%d parts", parts)
			}
			content := held(t, 1, 300<<10)
			h.replyWith("A map", []seal.File{h.fileOf(row, "image/jpeg", content, 0)})
			w.click("file-0-0-get")
			if got := w.download("file-0-0-save"); !bytes.Equal(got, content) {
				t.Errorf("%d bytes were saved, not the %d that were sent", len(got), len(content))
			}
		})
	}
}

// download clicks a link and returns the file that the browser saves.
func (w *tab) download(id string) []byte {
	w.t.Helper()
	dir, c := w.t.TempDir(), chromedp.FromContext(w.ctx)
	_, err := cdp.Call(w.ctx, c.Browser, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: c.BrowserContextID, DownloadPath: dir,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.click(id)
	for deadline := time.Now().Add(slowest); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if b, err := os.ReadFile(filepath.Join(dir, "file")); err == nil && len(b) > 0 {
			return b
		}
		for _, e := range must[[]os.DirEntry](w.t)(os.ReadDir(dir)) {
			if b, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil && len(b) > 0 && !strings.HasSuffix(e.Name(), ".crdownload") {
				return b
			}
		}
	}
	w.t.Fatal("nothing was saved")
	return nil
}

// line sets how many bytes a second the tab can send; less than 0: any.
func (w *tab) line(bytesPerSecond float64) {
	w.t.Helper()
	rule := &network.Conditions{Latency: 150, DownloadThroughput: bytesPerSecond, UploadThroughput: bytesPerSecond}
	if bytesPerSecond < 0 {
		rule.Latency = 0
	}
	_, err := chromedp.Call(w.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{rule}})
	if err != nil {
		w.t.Fatal(err)
	}
}
