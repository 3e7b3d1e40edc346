package e2e

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/storetest"
)

// TestOperatorSendsAPhoto: a photo with the place where it was taken goes from a
// desk to a telephone; the person sees it, upright, and it holds nothing but
// pixels; when it is put away it is gone from the server, its bytes too.
func TestOperatorSendsAPhoto(t *testing.T) {
	t.Parallel()
	h := newHouse(t, onDatabase(storetest.Postgres))
	o := newOperator(t, h)
	p := newPerson(t, h.origin())
	p.language("ru")
	p.first("Как узнать место?")
	p.proveNoted()
	o.untilQueued("Как узнать место?")
	o.openFirst()
	path := filepath.Join(t.TempDir(), "IMG_7781.jpg")
	if err := os.WriteFile(path, cameraPhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	o.until("a file can be chosen", there("#attachfile"))
	o.do(chromedp.SetUploadFiles(chromedp.CSS("#attachfile"), []string{path}))
	o.until("the file is chosen and was cleaned", `document.querySelector(".attached")?.innerText.includes("hidden data of the picture are removed")`)
	o.reply("Так выглядит поворот.")
	p.untilReply("Так выглядит поворот.")
	o.until("the desk says that it was sent", `!document.querySelector("#case .upload") && document.querySelectorAll("#case .file").length === 1`)

	p.click("#file-0-0-get")
	p.until("the person sees the picture", `document.querySelector("#file-0-0 img")?.naturalWidth === 640 && document.querySelector("#file-0-0 img").style.transform === "rotate(90deg)"`)

	// The same file, as bytes.
	receipt, err := hotline.ParseReceipt(p.receipt)
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.contact().Return(receipt)
	if err != nil {
		t.Fatal(err)
	}
	r, found, err := c.Fetch(t.Context(), -1, nil)
	if err != nil || !found || len(r.Files) != 1 {
		t.Fatalf("the reply: %v %v %v", r.Files, found, err)
	}
	got, err := c.Download(t.Context(), r.Files[0])
	if err != nil || bytes.Contains(got, []byte("GPS")) || bytes.Contains(got, []byte("Exif")) || bytes.Contains(got, []byte("7781")) {
		t.Fatalf("the picture tells more than its pixels: %v", err)
	}
	if m, err := jpeg.Decode(bytes.NewReader(got)); err != nil || m.Bounds().Dx() != 640 {
		t.Errorf("the picture: %v", err)
	}
	if n := h.blobs(t, "ff"); n != 1 {
		t.Errorf("%d parts wait for the person", n)
	}
	p.click("#putaway-0")
	p.click("#putaway-0-yes")
	p.until("it is put away", `!document.querySelector("#messages [data-side=desk]")`)
	if n, all := h.blobs(t, "ff"), h.blobs(t, "*"); n != 0 || all != 1 {
		t.Errorf("after putting away: %d parts of the person's, %d in all", n, all)
	}
	if _, err := c.Download(t.Context(), r.Files[0]); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("fetched after putting away: %v", err)
	}
	inTheClear(t, h.dir, "SERIAL 7781")
}

// blobs counts the parts of attachments on the server's disk in folders of a name.
func (h *house) blobs(t *testing.T, folder string) int {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(h.dir, "objects", folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
