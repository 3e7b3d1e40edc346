package contact_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// photo is a JPEG as a phone makes it: Exif with orientation 6 and a place, a
// comment, and something after the end.
func photo(t *testing.T) (whole, pixels []byte) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i >> 7)
	}
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	pixels = b.Bytes()
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00GPS 48.5132 N"
	whole = append([]byte{0xff, 0xd8}, segment(0xe1, exif)...)
	whole = append(whole, segment(0xfe, "a comment with a name")...)
	whole = append(append(whole, pixels[2:]...), "a film behind the picture"...)
	return whole, pixels
}

func segment(mark byte, body string) []byte {
	n := len(body) + 2
	return append([]byte{0xff, mark, byte(n >> 8), byte(n)}, body...)
}

// A person sends a photo from the page: the desk gets the pixels and nothing else.
func TestPhotoLeavesWithoutItsPlace(t *testing.T) {
	t.Parallel()
	h, open := newHouse(t), browser(t)
	w := open(t)
	w.open(h.url + "/#en")
	receipt := w.writeFirst("I have a photo")
	w.answerCheck(receipt)
	whole, pixels := photo(t)
	path := filepath.Join(t.TempDir(), "IMG_20260304.jpg")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	w.see("file")
	w.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	w.see("cleaned")
	w.see("preview")
	w.click("send")
	w.wait(`document.querySelectorAll("#messages .mine").length === 2 && !!document.getElementById("file")`)

	row := h.onlyCase()
	bodies := h.read(row)
	if len(bodies) != 2 || len(bodies[1].Files) != 1 {
		t.Fatalf("%d bodies", len(bodies))
	}
	f := bodies[1].Files[0]
	if f.Type != "image/jpeg" || f.Turn != 6 {
		t.Errorf("type %s, turn %d", f.Type, f.Turn)
	}
	var sealed []byte
	h.view(func(ctx context.Context, tx *store.Tx) error {
		parts, err := tx.ObjectParts(ctx, row.ID, f.Object.ID[:])
		for _, p := range parts {
			b, readErr := h.objects.Read(ctx, p)
			if readErr != nil {
				return readErr
			}
			sealed = append(sealed, b...)
		}
		return err
	})
	got, err := seal.OpenFile(h.caseKey([16]byte(row.ID)), f, f.Object, sealed)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Exif", "GPS", "comment", "film"} {
		if bytes.Contains(got, []byte(secret)) {
			t.Errorf("the photo still holds %q", secret)
		}
	}
	if !bytes.Equal(got, pixels) {
		t.Errorf("%d bytes came, the picture alone has %d", len(got), len(pixels))
	}
}
