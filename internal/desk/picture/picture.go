// Package picture makes what a stranger sent fit to be looked at: it says what a
// file is by how it begins, decodes pictures within bounds that are checked
// before any pixel is made, turns and shrinks them, and encodes them anew, so
// that no byte of the stranger's file reaches a browser. It must not know cases,
// keys or pages.
package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"time"

	"safeconduct/internal/hotline"
)

const (
	// MaxPixels is the largest picture that is decoded: 40 megapixels, about
	// 160 MB of memory while it is open.
	MaxPixels = 40_000_000
	// maxSide bounds width and height in pixels, however flat the picture is.
	maxSide = 30_000
	// maxBytes bounds the memory of the pixels: PNG has up to 8 bytes for each.
	maxBytes = 4 * MaxPixels
	// shownSide is the longer side of what is shown, in pixels.
	shownSide = 1600
	// patience is how long decoding may take: a file may ask for the same
	// pixels again and again.
	patience = 20 * time.Second
)

// The media types that are shown.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	PDF  = "application/pdf"
	WAV  = "audio/wav"
	OGG  = "audio/ogg"
	MP3  = "audio/mpeg"
	M4A  = "audio/mp4"
)

// begins is how files begin, at an offset; the contact page has the same table.
var begins = []struct {
	at    int
	bytes string
	kind  string
}{
	{0, "\xff\xd8\xff", JPEG},
	{0, "\x89PNG\r\n\x1a\n", PNG},
	{0, "%PDF-", PDF},
	{8, "WAVE", WAV},
	{0, "OggS", OGG},
	{0, "ID3", MP3},
	{0, "\xff\xe3", MP3},
	{0, "\xff\xf3", MP3},
	{0, "\xff\xfb", MP3},
	{0, "\xff\xe2", MP3},
	{0, "\xff\xf2", MP3},
	{0, "\xff\xfa", MP3},
	{4, "ftypM4A", M4A},
	{4, "ftypmp42", M4A},
	{4, "ftypisom", M4A},
}

// TypeOf says what a file is by how it begins, not by what it is called;
// "application/octet-stream" is anything unknown.
func TypeOf(b []byte) string {
	for _, k := range begins {
		if len(b) < k.at+len(k.bytes) || string(b[k.at:k.at+len(k.bytes)]) != k.bytes {
			continue
		}
		if k.kind != WAV || bytes.HasPrefix(b, []byte("RIFF")) {
			return k.kind
		}
	}
	return "application/octet-stream"
}

// names are how people call the types.
var names = map[string]string{JPEG: "JPEG", PNG: "PNG", PDF: "PDF", WAV: "WAV", OGG: "OGG", MP3: "MP3", M4A: "M4A"}

// Check compares what a file is claimed to be with what it is. Errors are of
// KindInvalid: nothing of it may be shown.
func Check(claimed string, b []byte) error {
	name, known := names[claimed]
	switch {
	case !known:
		return notShown()
	case TypeOf(b) != claimed:
		return hotline.Errorf(hotline.KindInvalid, "attachment", "it says %s and is not: it is not opened", name)
	}
	return nil
}

// Shown is a picture that this process has made.
type Shown struct {
	Type          string
	Bytes         []byte
	Width, Height int // pixels
}

// String shows nothing.
func (Shown) String() string { return "picture(hidden)" }

// GoString shows nothing.
func (Shown) GoString() string { return "picture(hidden)" }

// Open decodes a JPEG or PNG within bounds, turns it upright (turn is Exif's
// orientation, 0 or 1 for as it is), shrinks it, and encodes it anew. Errors are
// of KindInvalid and say what is wrong with the picture.
func Open(ctx context.Context, claimed string, b []byte, turn int) (out Shown, err error) {
	if claimed != JPEG && claimed != PNG {
		return Shown{}, notShown()
	}
	if err := Check(claimed, b); err != nil {
		return Shown{}, err
	}
	if err := bounded(b); err != nil {
		return Shown{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// What a stranger sent must not end the program, whatever is wrong with a decoder.
	defer func() {
		if recover() != nil {
			out, err = Shown{}, damaged()
		}
	}()
	src, _, err := image.Decode(&reader{ctx: ctx, from: bytes.NewReader(b)})
	if ctx.Err() != nil {
		return Shown{}, hotline.Errorf(hotline.KindInvalid, "attachment", "the picture takes too long to draw: it is not shown")
	}
	if err != nil {
		return Shown{}, damaged()
	}
	small := turned(shrunk(src, shownSide), turn)
	var buf bytes.Buffer
	if claimed == PNG {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&buf, small)
	} else {
		err = jpeg.Encode(&buf, small, &jpeg.Options{Quality: 88})
	}
	if err != nil {
		return Shown{}, fmt.Errorf("attachment: %w", err)
	}
	return Shown{Type: claimed, Bytes: buf.Bytes(), Width: small.Bounds().Dx(), Height: small.Bounds().Dy()}, nil
}

func notShown() error {
	return hotline.Errorf(hotline.KindInvalid, "attachment", "this kind of file is not shown here")
}

func damaged() error {
	return hotline.Errorf(hotline.KindInvalid, "attachment", "the picture is damaged: it cannot be drawn")
}

// bounded reads the head of a picture alone and refuses what would fill the memory.
func bounded(b []byte) error {
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return damaged()
	}
	if c.Width < 1 || c.Height < 1 {
		return damaged()
	}
	each := int64(4) // bytes for a pixel, at most
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	}
	pixels := int64(c.Width) * int64(c.Height)
	if c.Width > maxSide || c.Height > maxSide || pixels > MaxPixels || pixels*each > maxBytes {
		return hotline.Errorf(hotline.KindInvalid, "attachment",
			"the picture is too large to draw: %d by %d pixels; at most %d million are drawn", c.Width, c.Height, MaxPixels/1_000_000)
	}
	return nil
}

// reader ends when nobody waits any more; the decoders ask it again and again.
type reader struct {
	ctx  context.Context //nolint:containedctx // it ends a decoder, which takes none
	from *bytes.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, errors.New("nobody waits any more")
	}
	return r.from.Read(p)
}
