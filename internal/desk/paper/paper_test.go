package paper

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/desk/picture"
	"safeconduct/internal/hotline"
)

// written puts objects together as a document; the first is the catalogue.
func written(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

func stream(dict, body string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(body), body)
}

// pages is a document whose n pages are coloured in turn, red, green and blue, in their left half.
func pages(n int, box string) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", ""}
	kids := ""
	for i := range n {
		rgb := [3]byte{'0', '0', '0'}
		rgb[i%3] = '1'
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents %d 0 R >>", box, len(objects)+2),
			stream("", fmt.Sprintf("%c %c %c rg 0 0 300 800 re f", rgb[0], rgb[1], rgb[2])))
		kids += fmt.Sprintf("%d 0 R ", len(objects)-1)
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", n, kids)
	return written(objects...)
}

func pixelsOf(t *testing.T, b []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// reader compiles the program once for all tests.
var reader = sync.OnceValue(func() *Reader { return NewReader(context.Background()) })

// TestPages: what is drawn is what stands on the page, in the size that is asked for.
func TestPages(t *testing.T) {
	t.Parallel()
	f, err := reader().Open(t.Context(), pages(600, "[0 0 600 800]"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Pages != MaxPages || f.Of != 600 {
		t.Errorf("%d pages of %d", f.Pages, f.Of)
	}
	for page := range 3 {
		s, err := f.Draw(t.Context(), page+1, page+1)
		if err != nil {
			t.Fatal(err)
		}
		m := pixelsOf(t, s.Bytes)
		if w, h := m.Bounds().Dx(), m.Bounds().Dy(); h != shownSide*(page+1) || w != h*3/4 || s.Width != w || s.Height != h {
			t.Errorf("page %d: %d by %d", page+1, w, h)
		}
		var left [4]uint32
		left[0], left[1], left[2], left[3] = m.At(s.Width/4, s.Height/2).RGBA()
		for i, v := range left {
			if want := uint32(0xffff); (v == want) != (i == page || i == 3) {
				t.Errorf("page %d: the left half is %x", page+1, left)
			}
		}
		if r, g, b, _ := m.At(s.Width*3/4, s.Height/2).RGBA(); r+g+b != 3*0xffff {
			t.Errorf("page %d: the right half is not white", page+1)
		}
	}
	// What no page has, the nearest one is.
	if _, err := f.Draw(t.Context(), 501, 9); err != nil {
		t.Error(err)
	}
	f.Close()
	if _, err := f.Draw(t.Context(), 1, 1); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("after it was closed: %v", err)
	}
}

// bomb is a page with a picture of 1.2 GB, of which size bytes are there.
func bomb(t testing.TB, size int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	zeroes := make([]byte, 1<<20)
	for range size >> 20 {
		_, _ = z.Write(zeroes)
	}
	_ = z.Close()
	image := stream("/Type /XObject /Subtype /Image /Width 20000 /Height 20000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", packed.String())
	return written("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>", stream("", "600 0 0 800 0 0 cm /I Do"), image)
}

// hostileFile is a document that wants harm, and what is said of it; nothing: it is drawn.
type hostileFile struct {
	b       []byte
	says    string // regular expression
	endless bool   // it takes all the time that it gets
}

func hostile(t testing.TB) map[string]hostileFile {
	whole := pages(3, "[0 0 600 800]")
	endless := strings.Repeat("/F Do ", 20)
	form := func(next int, body string) string {
		return stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /F %d 0 R >> >>", next), body)
	}
	loop := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>", stream("", endless),
	}
	for n := 6; n < 18; n++ {
		loop = append(loop, form(n, endless))
	}
	loop = append(loop, stream("/Type /XObject /Subtype /Form /BBox [0 0 600 800]", "0 0 600 800 re f"))
	locked := bytes.Replace(whole, []byte("/Root 1 0 R"), []byte("/Root 1 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"+
		strings.Repeat("41", 32)+"> /U <"+strings.Repeat("42", 32)+"> >>"), 1)
	const broken, endlessly = "^attachment: (the document|this page) is damaged: it cannot be drawn$", "takes too long to draw|needs too much memory"
	return map[string]hostileFile{
		"text that lies":           {b: []byte("<script>alert(1)</script> %PDF-1.7"), says: "it says PDF and is not"},
		"nothing":                  {says: "it says PDF and is not"},
		"cut in the middle":        {b: whole[:len(whole)/2], says: broken},
		"a head alone":             {b: []byte("%PDF-1.7\n"), says: broken},
		"noise":                    {b: append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0, 0xff, 'o', '<'}, 5000)...), says: broken},
		"a tree that bites itself": {b: written("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R] /Parent 2 0 R >>"), says: broken},
		"no pages":                 {b: written("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 0 /Kids [] >>"), says: broken},
		"locked":                   {b: locked, says: "locked with a password"},
		"more pages than there":    {b: bytes.Replace(whole, []byte("/Count 3"), []byte("/Count 9"), 1)},
		"less than no pages":       {b: bytes.Replace(whole, []byte("/Count 3"), []byte("/Count -3"), 1)},
		"a huge page":              {b: pages(1, "[0 0 3e38 3e38]")},
		"a page without a size":    {b: pages(1, "[0 0 0 0]")},
		"a flat page":              {b: pages(1, "[0 0 100000 0.001]")},
		"a picture that explodes":  {b: bomb(t, 256<<20), says: endlessly, endless: true},
		"forms within forms":       {b: written(loop...), says: endlessly, endless: true},
		"a page that runs": {b: written("<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:1/'\\);while\\(1\\){}) >> >>",
			"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /AA << /O << /S /URI /URI (http://127.0.0.1:1/) >> >> >>")},
	}
}

// TestHostileDocuments: whatever a document wants, the answer is a picture within bounds or an error in words, in
// bounded time.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	for name, c := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &Reader{reader().cache, patience, nil}
			if c.endless {
				r.patience = time.Second
			}
			f, err := r.Open(t.Context(), c.b)
			if err == nil {
				var s picture.Shown
				if s, err = f.Draw(t.Context(), 1, 1); err == nil && (s.Width > shownSide || s.Height > shownSide || s.Width < 1 || s.Height < 1) {
					t.Errorf("%d by %d", s.Width, s.Height)
				}
				f.Close()
			}
			switch {
			case c.says == "" && err != nil, c.says != "" && err == nil:
				t.Errorf("%v", err)
			case err != nil && (hotline.KindOf(err) != hotline.KindInvalid || !regexp.MustCompile(c.says).MatchString(err.Error())):
				t.Errorf("%v: it should say %s", err, c.says)
			}
		})
	}
}

// TestDamagedPage: one damaged page does not take the others along.
func TestDamagedPage(t *testing.T) {
	t.Parallel()
	f, err := reader().Open(t.Context(), bytes.Replace(pages(3, "[0 0 600 800]"), []byte("5 0 R ]"), []byte("99 0 R ]"), 1))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sound := 0
	for page := range f.Pages {
		if _, err := f.Draw(t.Context(), page+1, 1); err == nil {
			sound++
		} else if !strings.Contains(err.Error(), "this page is damaged") {
			t.Error(err)
		}
	}
	if sound < 2 {
		t.Errorf("%d of %d pages are drawn", sound, f.Pages)
	}
}

// TestNobodyWaits: closing ends a drawing that would go on for long.
func TestNobodyWaits(t *testing.T) {
	t.Parallel()
	f, err := reader().Open(t.Context(), bomb(t, 256<<20))
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Draw(ended, 1, 1); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("%v", err)
	}
	f.Close()
}

// TestProgram: the program is the one that README.md names, and it can call nothing of ours but what is listed.
func TestProgram(t *testing.T) {
	t.Parallel()
	z, err := gzip.NewReader(bytes.NewReader(pdfium))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, z); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != programSum {
		t.Errorf("the program is %s", got)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil || !bytes.Contains(readme, []byte("v1.19.2")) {
		t.Errorf("README.md does not say where it comes from: %v", err)
	}
}

// FuzzOpen: whatever is sent, the answer is a picture within bounds or an error in words.
func FuzzOpen(f *testing.F) {
	for _, c := range hostile(f) {
		if !c.endless {
			f.Add(c.b)
		}
	}
	f.Add(pages(2, "[0 0 600 800]"))
	r := &Reader{reader().cache, 2 * time.Second, nil}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := r.Open(t.Context(), b)
		if err == nil {
			var s picture.Shown
			s, err = p.Draw(t.Context(), 1, 1)
			p.Close()
			if err == nil && (s.Width < 1 || s.Width > shownSide || s.Height < 1 || s.Height > shownSide) {
				t.Errorf("%d by %d", s.Width, s.Height)
			}
		}
		if err != nil && hotline.KindOf(err) != hotline.KindInvalid {
			t.Error(err)
		}
	})
}

// TestMachineIsClosed: what the program may call of ours is the toolchain's own and a clock; whatever else it asks for
// ends it, and no folder is open to it.
func TestMachineIsClosed(t *testing.T) {
	t.Parallel()
	m, err := start(t.Context(), reader().cache)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	// FPDF_LoadCustomDocument reads through a function of its host's; the machine ends at the first such call.
	for name := range m.runtime.Module("env").ExportedFunctionDefinitions() {
		if !isOwn(name) && !strings.Contains(name, "_CB") {
			t.Errorf("the program may call %s", name)
		}
	}
	info, err := m.call(t.Context(), "FPDF_FILEACCESS_Create", 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.call(t.Context(), "FPDF_LoadCustomDocument", info, 0); !errors.Is(err, errCallback) {
		t.Errorf("it could read: %v", err)
	}
	// A document named by its path is not found: nothing is there.
	at, err := m.put(t.Context(), []byte("/etc/passwd\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := m.call(t.Context(), "FPDF_LoadDocument", at, 0); err != nil || doc != 0 {
		t.Errorf("%d, %v", doc, err)
	}
	if why, err := m.call(t.Context(), "FPDF_GetLastError"); err != nil || why != 2 {
		t.Errorf("it says %d, %v, not that there is no such file", why, err)
	}
}
