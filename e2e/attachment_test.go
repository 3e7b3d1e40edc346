package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// cameraPhoto is a JPEG 640 by 480 as a telephone makes it, held upright: Exif
// with orientation 6, a place and a name. Its left half is red, its right one blue.
func cameraPhoto(tb testing.TB) []byte {
	tb.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			c := color.RGBA{220, 10, 10, 255}
			if x >= 320 {
				c = color.RGBA{10, 10, 220, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		tb.Fatal(err)
	}
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00GPS 48.5132 N, SERIAL 7781"
	app1 := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return slices.Concat(b.Bytes()[:2], app1, b.Bytes()[2:])
}

// attach chooses a file on the contact page and sends it without a word.
func (p *person) attach(path string) {
	p.tb.Helper()
	p.until("a file can be chosen", there("#file"))
	before := eval[int](p.tab, `document.querySelectorAll('#messages [data-side=contact]').length`)
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	p.until("the page says that the picture was cleaned", there("#cleaned"))
	p.click("#send")
	p.until("the file was sent", `document.querySelectorAll('#messages [data-side=contact]').length > `+strconv.Itoa(before))
}

// TestPhoto: a photo with the place where it was taken goes from a telephone to
// the desk; the operator sees its pixels, upright, and nothing else of it; one
// that was damaged at the server is refused in words.
func TestPhoto(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := newOperator(t, h)
	p := newPerson(t, h.origin())
	p.language("ru")
	p.first("Посылаю снимок бумаги")
	p.proveNoted()
	path := filepath.Join(t.TempDir(), "IMG_7781.jpg")
	if err := os.WriteFile(path, cameraPhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	p.attach(path)
	o.until("the queue says that a photo came", `document.querySelector("#queuelist .row")?.innerText.includes("a photo")`)
	o.openFirst()
	o.until("the photo is a sealed tile", `document.querySelector("#case .file")?.innerText.includes("Sealed, not opened")`)
	o.click("#case .openfile")
	o.until("the picture has come, upright", `document.querySelector("#veil img")?.naturalWidth === 480 && document.querySelector("#veil img").naturalHeight === 640`)
	if eval[string](o.tab, `getComputedStyle(document.querySelector("#veil img")).filter`) == "none" {
		t.Error("the picture is not blurred at first")
	}
	o.click("#veil")
	o.until("the picture is clear", `getComputedStyle(document.querySelector("#veil img")).filter === "none"`)
	// Held upright, the left half is above.
	pixels := eval[[]int](o.tab, `(() => {
		const img = document.querySelector("#veil img"), c = document.createElement("canvas");
		[c.width, c.height] = [img.naturalWidth, img.naturalHeight];
		const g = c.getContext("2d");
		g.drawImage(img, 0, 0);
		return [...g.getImageData(240, 160, 1, 1).data, ...g.getImageData(240, 480, 1, 1).data];
	})()`)
	if pixels[0] < 150 || pixels[2] > 100 || pixels[4] > 100 || pixels[6] < 150 {
		t.Errorf("the pixels are %v", pixels)
	}
	got := eval[string](o.tab, `fetch(document.querySelector("#veil img").src).then((r) => String(r.status))`)
	if got != "403" {
		t.Errorf("a script of the page can read the file: %s", got)
	}
	o.click("#viewer .x")
	o.until("the window is closed", `!document.getElementById("viewer").open && !document.querySelector("#veil")`)
	o.write("#search", "снимок")
	o.until("the search finds the case", `document.querySelector("#queuelist .row")?.innerText.includes("снимок")`)

	h.damageBlobs(t)
	o.click("#case .openfile")
	o.untilShown("a part of it is missing or damaged there")
	o.until("it can be tried again", there("#fileagain"))
	inTheClear(t, h.dir, "SERIAL 7781")
}

// damageBlobs changes one bit of every part of a file on the server's disk.
func (h *house) damageBlobs(t *testing.T) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(h.dir, "objects"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) == 0 {
			return err
		}
		n++
		b[len(b)/2] ^= 1
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil || n == 0 {
		t.Fatalf("%d parts: %v", n, err)
	}
}

// inTheClear looks for a text in every file under a folder.
func inTheClear(t *testing.T, dir, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			t.Errorf("%s holds it in the clear", d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
