package desk_test

import (
	"bytes"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// secretInPaper stands in a document where a reader of pixels never sees it.
const secretInPaper = "SERIAL 7781"

// paperOf is a document of two pages, red and blue, without a table of its objects.
const paperOf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 2/Kids[3 0 R 5 0 R]>>endobj " +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R>>endobj 4 0 obj<</Length 27>>stream\n1 0 0 rg 0 0 300 400 re f  \nendstream endobj " +
	"5 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 6 0 R>>endobj 6 0 obj<</Length 27>>stream\n0 0 1 rg 0 0 300 400 re f  \nendstream endobj " +
	"7 0 obj<</Title(" + secretInPaper + ")>>endobj trailer<</Root 1 0 R/Info 7 0 R>>\n%%EOF\n"

// settled waits until the page that was asked for is drawn or refused.
func (st *station) settled() desk.FileView {
	for {
		if v := st.FileView(); v.State != desk.FileDrawing && v.State != desk.FileFetching {
			return v
		}
		<-st.w.clock.After(20e6) // a real moment, 20 ms: the drawing is real
	}
}

// TestDocumentIsShown: the pages of a PDF are drawn by the desk, one at a time;
// its bytes reach neither the browser nor the disk, and closing forgets it.
func TestDocumentIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	f := w.attach(c, "application/pdf", []byte(paperOf), 0)
	w.writeWith(c, "", f)
	st := w.work(&w.anna)
	st.view(c.id)
	before := readings(t, st)
	v := st.viewed(c.id, f.Object.ID)
	if v.State != desk.FileReady || v.Page != 1 || v.Pages != 2 || v.Of != 2 || v.Zoom != 1 {
		t.Fatalf("%v %+v", v.Why, v)
	}
	red := func(v desk.FileView) bool {
		shown := must(st.FileContent(v.Token))
		if bytes.Contains(shown.Bytes, []byte(secretInPaper)) || shown.Type != "image/png" {
			t.Error("more than pixels is shown")
		}
		r, _, b, _ := must(png.Decode(bytes.NewReader(shown.Bytes))).At(v.Width/2, v.Height/2).RGBA()
		return r > b
	}
	if !red(v) {
		t.Error("the first page is not red")
	}
	ok(t, st.ShowPage(7, 2)) // the nearest that it has
	second := st.settled()
	if second.State != desk.FileReady || second.Page != 2 || second.Zoom != 2 || second.Height != 2*v.Height || red(second) {
		t.Errorf("%v %+v", second.Why, second)
	}
	_, err := st.FileContent(v.Token) // one page at a time
	wantKind(t, err, hotline.KindNotFound)
	if n := readings(t, st) - before; n != 1 {
		t.Errorf("%d leaves say that the file was read", n)
	}
	ok(t, st.ShowPage(1, 1))
	st.CloseFile() // perhaps while it is drawn
	if v := st.FileView(); v.State != desk.FileClosed {
		t.Errorf("%+v", v)
	}
	wantKind(t, st.ShowPage(1, 1), hotline.KindNotFound)
	ok(t, filepath.WalkDir(st.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(secretInPaper)) {
			t.Errorf("%s holds the document", d.Name())
		}
		return err
	}))
}
