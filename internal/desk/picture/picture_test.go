package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

// corners is a picture whose corners tell how it was turned: red, green, blue, white, as in a book.
func corners(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 200, A: 255}
			switch {
			case x >= w/2 && y < h/2:
				c = color.NRGBA{G: 200, A: 255}
			case x < w/2 && y >= h/2:
				c = color.NRGBA{B: 200, A: 255}
			case x >= w/2:
				c = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// letter names the colour at a point.
func letter(m image.Image, x, y int) string {
	r, g, b, _ := m.At(x, y).RGBA()
	switch {
	case r > 0xc000 && g > 0xc000 && b > 0xc000:
		return "w"
	case r > g && r > b:
		return "r"
	case g > b:
		return "g"
	}
	return "b"
}

// TestTurned: each way a camera can be held is undone; the corners are read
// from the upper left, row by row.
func TestTurned(t *testing.T) {
	t.Parallel()
	for turn, want := range map[int]string{0: "rgbw", 1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb"} {
		s, err := Open(t.Context(), JPEG, asJPEG(t, corners(64, 32)), turn)
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := image.Decode(bytes.NewReader(s.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if wide := turn < 5; (w > h) != wide || s.Width != w || s.Height != h {
			t.Errorf("turn %d: %d by %d", turn, w, h)
		}
		got := letter(m, w/4, h/4) + letter(m, 3*w/4, h/4) + letter(m, w/4, 3*h/4) + letter(m, 3*w/4, 3*h/4)
		if got != want {
			t.Errorf("turn %d: %s, want %s", turn, got, want)
		}
	}
}

// TestMadeAnew: nothing of the file but its pixels is in what is shown.
func TestMadeAnew(t *testing.T) {
	t.Parallel()
	secret := []byte("GPS 48.5132 37.9541 serial 7781")
	plain := asJPEG(t, corners(3000, 1000))
	app1 := append([]byte{0xff, 0xe1, 0, byte(2 + 6 + len(secret))}, append([]byte("Exif\x00\x00"), secret...)...)
	withExif := append(append(append([]byte{}, plain[:2]...), app1...), append(plain[2:len(plain):len(plain)], secret...)...)
	s, err := Open(t.Context(), JPEG, withExif, 6)
	if err != nil || bytes.Contains(s.Bytes, secret[4:12]) || bytes.Contains(s.Bytes, []byte("Exif")) {
		t.Fatalf("%v", err)
	}
	if s.Width != 533 || s.Height != shownSide || s.Type != JPEG {
		t.Errorf("%d by %d, %s", s.Width, s.Height, s.Type)
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 8, 8)) // wholly transparent: white is shown
	s, err = Open(t.Context(), PNG, asPNG(t, glass), 0)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(s.Bytes))
	if err != nil || letter(m, 3, 3) != "w" {
		t.Errorf("%v", err)
	}
}

// bomb is the head of a PNG of any size, with next to nothing behind it.
func bomb(w, h uint32, depth, kind byte) []byte {
	head := make([]byte, 17)
	copy(head, "IHDR")
	binary.BigEndian.PutUint32(head[4:], w)
	binary.BigEndian.PutUint32(head[8:], h)
	head[12], head[13] = depth, kind
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestRefusedPictures(t *testing.T) {
	t.Parallel()
	good := asJPEG(t, corners(64, 64))
	huge := bytes.Clone(good)
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(huge[at+5:], 20000)
	binary.BigEndian.PutUint16(huge[at+7:], 20000)
	for name, tc := range map[string]struct {
		claimed string
		file    []byte
		says    string
	}{
		"a PNG that says JPEG":     {JPEG, asPNG(t, corners(4, 4)), "it says JPEG and is not"},
		"text that says PNG":       {PNG, []byte("<html>"), "it says PNG and is not"},
		"nothing":                  {PNG, nil, "it says PNG and is not"},
		"a PDF":                    {"application/pdf", []byte("%PDF-1.7"), "not shown here"},
		"a drawing with scripts":   {"image/svg+xml", []byte("<svg>"), "not shown here"},
		"a JPEG bomb":              {JPEG, huge, "too large to draw: 20000 by 20000"},
		"a PNG bomb":               {PNG, bomb(60000, 60000, 8, 6), "too large to draw"},
		"a flat PNG bomb":          {PNG, bomb(2_000_000, 10, 1, 0), "too large to draw"},
		"16 bits for each colour":  {PNG, bomb(6000, 6000, 16, 6), "too large to draw"},
		"sides that overflow":      {PNG, bomb(1<<31-1, 1<<31-1, 8, 6), "damaged"},
		"a PNG of nothing":         {PNG, bomb(100, 100, 8, 6), "damaged"},
		"cut short":                {JPEG, good[:len(good)/2], "damaged"},
		"a head alone":             {JPEG, good[:20], "damaged"},
		"a wave without the waves": {JPEG, []byte("RIFF0000WAVE"), "it says JPEG and is not"},
	} {
		_, err := Open(t.Context(), tc.claimed, tc.file, 0)
		if err == nil || hotline.KindOf(err) != hotline.KindInvalid || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ended, JPEG, good, 0); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("nobody waits: %v", err)
	}
}

func TestTypeOf(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"RIFF\x00\x00\x00\x00WAVEfmt ": WAV, "RIFF\x00\x00\x00\x00WEBPVP8 ": "application/octet-stream", "xxxx\x00\x00\x00\x00WAVE": "application/octet-stream",
		"OggS\x00": OGG, "ID3\x04": MP3, "\xff\xfb\x90": MP3, "\x00\x00\x00 ftypM4A \x00": M4A, "\x00\x00\x00 ftypheic": "application/octet-stream",
		"": "application/octet-stream", "%PDF-1.4": "application/pdf", "\xff\xd8\xff\xe0": JPEG,
	} {
		if got := TypeOf([]byte(head)); got != want {
			t.Errorf("%q is %s, not %s", head, got, want)
		}
	}
}

// FuzzOpen: whatever is sent, the answer is a picture within bounds or an error in words.
func FuzzOpen(f *testing.F) {
	f.Add(asJPEG(f, corners(16, 8)), true, 6)
	f.Add(asPNG(f, corners(8, 16)), false, 3)
	f.Add(bomb(60000, 60000, 8, 6), false, 0)
	f.Add(bomb(64, 64, 16, 6), false, 9)
	f.Fuzz(func(t *testing.T, b []byte, isJPEG bool, turn int) {
		claimed := PNG
		if isJPEG {
			claimed = JPEG
		}
		s, err := Open(t.Context(), claimed, b, turn)
		switch {
		case err != nil && hotline.KindOf(err) != hotline.KindInvalid:
			t.Errorf("%v", err)
		case err == nil && (s.Width < 1 || s.Width > shownSide || s.Height < 1 || s.Height > shownSide || TypeOf(s.Bytes) != claimed):
			t.Errorf("%d by %d", s.Width, s.Height)
		}
	})
}
