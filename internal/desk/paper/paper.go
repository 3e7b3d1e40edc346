// Package paper draws the pages of a stranger's PDF. The document is read by
// PDFium inside a WebAssembly machine of its own: it has bounded memory and time,
// no files, no network, no scripts, no forms and no links, and it is thrown away
// with the document. What leaves is pixels. It must not know cases, keys or pages
// of the desk.
package paper

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"math"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"safeconduct/internal/desk/picture"
	"safeconduct/internal/hotline"
)

const (
	// MaxPages is how many pages of a document are shown.
	MaxPages = 500
	// MaxZoom is the largest step of the zoom; 1 is a page at its normal size.
	MaxZoom = 3
	// shownSide is the longer side of a page at zoom 1, in pixels; each step adds as much.
	shownSide = 1400
	// patience is how long reading a document, or drawing one page, may take.
	patience = 20 * time.Second
)

// What PDFium says of a document that it cannot open (fpdfview.h, FPDF_ERR_*).
const (
	errorPassword = 4
	errorSecurity = 5
)

// renderPlain asks for bytes in the order red, green, blue (FPDF_REVERSE_BYTE_ORDER)
// and for neither annotations nor fields of forms.
const renderPlain = 0x10

// Reader opens documents. It compiles PDFium for the first of them and keeps its
// code, some tens of megabytes, until it is closed.
type Reader struct {
	cache    wazero.CompilationCache
	patience time.Duration
	close    func()
}

// NewReader makes a reader; nothing is compiled yet. It lives until Close, however ctx ends.
func NewReader(ctx context.Context) *Reader {
	cache := wazero.NewCompilationCache()
	return &Reader{cache, patience, func() { _ = cache.Close(context.WithoutCancel(ctx)) }}
}

// Close forgets the code. Its documents are closed first.
func (r *Reader) Close() {
	r.close()
	go debug.FreeOSMemory() // compiling took some 200 MB, which the desk does not need again
}

// File is an open document. Its methods may be called by several at a time.
type File struct {
	// Pages is how many can be shown, Of how many the document says it has.
	Pages, Of int

	patience time.Duration

	mu   sync.Mutex
	m    *machine // nil: closed or broken
	doc  uint64
	dead error
}

// String shows nothing.
func (*File) String() string { return "document(hidden)" }

// GoString shows nothing.
func (*File) GoString() string { return "document(hidden)" }

// Open reads a document. Errors of KindInvalid say what is wrong with it.
func (r *Reader) Open(ctx context.Context, b []byte) (*File, error) {
	if err := picture.Check(picture.PDF, b); err != nil {
		return nil, err
	}
	m, err := start(ctx, r.cache)
	if err != nil {
		return nil, err
	}
	f := &File{m: m, patience: r.patience}
	// Starting is our own work; the document's time begins here.
	ctx, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	if err := f.read(ctx, b); err != nil {
		err = f.broken(ctx, err)
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *File) read(ctx context.Context, b []byte) error {
	at, err := f.m.put(ctx, b)
	if err != nil {
		return err
	}
	if f.doc, err = f.m.call(ctx, "FPDF_LoadMemDocument", at, uint64(len(b)), 0); err != nil {
		return err
	}
	if f.doc == 0 {
		why, err := f.m.call(ctx, "FPDF_GetLastError")
		if err == nil && (why == errorPassword || why == errorSecurity) {
			err = hotline.Errorf(hotline.KindInvalid, "attachment", "the document is locked with a password: it is not shown")
		}
		if err == nil {
			err = damaged()
		}
		return err
	}
	n, err := f.m.call(ctx, "FPDF_GetPageCount", f.doc)
	if err != nil {
		return err
	}
	f.Of = int(api.DecodeI32(n))
	f.Pages = min(f.Of, MaxPages)
	if f.Of < 1 {
		return damaged()
	}
	return nil
}

// Draw draws a page, from 1, as a picture that this process has made. A page that
// is damaged leaves the document open; other errors end it, and every later call
// says the same.
func (f *File) Draw(ctx context.Context, page, zoom int) (picture.Shown, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.m == nil {
		return picture.Shown{}, f.dead
	}
	ctx, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	pixels, err := f.pixels(ctx, min(max(page, 1), f.Pages), min(max(zoom, 1), MaxZoom)*shownSide)
	if errors.Is(err, errPage) {
		return picture.Shown{}, hotline.Errorf(hotline.KindInvalid, "attachment", "this page is damaged: it cannot be drawn")
	}
	if err != nil {
		f.dead = f.broken(ctx, err)
		f.end()
		return picture.Shown{}, f.dead
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, pixels); err != nil {
		return picture.Shown{}, hotline.Errorf(hotline.KindInternal, "attachment", "%w", err)
	}
	return picture.Shown{Type: picture.PNG, Bytes: out.Bytes(), Width: pixels.Rect.Dx(), Height: pixels.Rect.Dy()}, nil
}

// errPage is a page that cannot be drawn in a document that is otherwise sound.
const errPage = fault("damaged page")

// pixels draws a page on white; its longer side has so many pixels.
func (f *File) pixels(ctx context.Context, number, side int) (*image.RGBA, error) {
	page, err := f.m.call(ctx, "FPDF_LoadPage", f.doc, uint64(number-1))
	if err != nil {
		return nil, err
	}
	if page == 0 {
		return nil, errPage
	}
	var size [2]float64 // in points
	for i, name := range []string{"FPDF_GetPageWidthF", "FPDF_GetPageHeightF"} {
		v, err := f.m.call(ctx, name, page)
		if err != nil {
			return nil, err
		}
		size[i] = float64(api.DecodeF32(v))
		if !(size[i] > 0) || math.IsInf(size[i], 0) {
			return nil, errPage
		}
	}
	// However large the page says it is, the picture has the size that is shown.
	scale := float64(side) / max(size[0], size[1])
	w, h := max(int(size[0]*scale), 1), max(int(size[1]*scale), 1)
	bitmap, err := f.m.call(ctx, "FPDFBitmap_Create", uint64(w), uint64(h), 0)
	if err != nil {
		return nil, err
	}
	if bitmap == 0 {
		return nil, errPage
	}
	all := []uint64{0, 0, uint64(w), uint64(h)}
	if _, err := f.m.call(ctx, "FPDFBitmap_FillRect", append(append([]uint64{bitmap}, all...), 0xffffffff)...); err != nil {
		return nil, err
	}
	if _, err := f.m.call(ctx, "FPDF_RenderPageBitmap", append(append([]uint64{bitmap, page}, all...), 0, renderPlain)...); err != nil {
		return nil, err
	}
	out, err := f.copied(ctx, bitmap, w, h)
	if err != nil {
		return nil, err
	}
	if _, err := f.m.call(ctx, "FPDFBitmap_Destroy", bitmap); err != nil {
		return nil, err
	}
	_, err = f.m.call(ctx, "FPDF_ClosePage", page)
	return out, err
}

// copied takes the pixels out of the machine. Nothing that it says of their
// place is believed.
func (f *File) copied(ctx context.Context, bitmap uint64, w, h int) (*image.RGBA, error) {
	at, err := f.m.call(ctx, "FPDFBitmap_GetBuffer", bitmap)
	if err != nil {
		return nil, err
	}
	stride, err := f.m.call(ctx, "FPDFBitmap_GetStride", bitmap)
	if err != nil {
		return nil, err
	}
	line := int(api.DecodeI32(stride))
	if line < 4*w || line > 4*w+64 {
		return nil, fault("lines of another length")
	}
	raw, ok := f.m.module.Memory().Read(api.DecodeU32(at), uint32(line*h)) //nolint:gosec // at most 4 × (3 × 1400)²
	if !ok {
		return nil, fault("pixels outside the memory")
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], raw[y*line:])
	}
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 0xff // the fourth byte means nothing in a bitmap without transparency
	}
	return out, nil
}

// broken says why a document is given up.
func (f *File) broken(ctx context.Context, err error) error {
	switch {
	case hotline.KindOf(err) == hotline.KindInvalid:
		return err
	case ctx.Err() != nil:
		return hotline.Errorf(hotline.KindInvalid, "attachment", "the document takes too long to draw: it is not shown")
	case f.m.held() > memoryPages/4*3<<16:
		return hotline.Errorf(hotline.KindInvalid, "attachment", "the document needs too much memory: it is not shown")
	}
	return damaged()
}

func damaged() error {
	return hotline.Errorf(hotline.KindInvalid, "attachment", "the document is damaged: it cannot be drawn")
}

// Close throws the machine away with everything in it. A drawing that is under
// way is waited for; who closes cancels its context first.
func (f *File) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = hotline.Errorf(hotline.KindNotFound, "attachment", "this file was closed: open it again from the conversation")
	f.end()
}

func (f *File) end() {
	if f.m == nil {
		return
	}
	f.m.close()
	f.m = nil
}
