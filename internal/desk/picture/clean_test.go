package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
)

const secretPlace = "GPS 48.5132 N, SERIAL 7781"

func segment(mark byte, body string) []byte {
	return append([]byte{0xff, mark, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
}

// exif is a block with an orientation and a place, in either byte order.
func exif(order binary.ByteOrder, turn uint16) string {
	b := []byte("II*\x00")
	if order == binary.BigEndian {
		b = []byte("MM\x00*")
	}
	tiff := make([]byte, 22)
	copy(tiff, b)
	order.PutUint32(tiff[4:], 8)
	order.PutUint16(tiff[8:], 1)
	order.PutUint16(tiff[10:], 0x112)
	order.PutUint16(tiff[12:], 3)
	order.PutUint32(tiff[14:], 1)
	order.PutUint16(tiff[18:], turn)
	return "Exif\x00\x00" + string(tiff) + "\x00\x00\x00\x00" + secretPlace
}

func pngChunk(name, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// Everything but pixels is gone, the pixels are the same, and cleaning twice changes nothing.
func TestClean(t *testing.T) {
	t.Parallel()
	m := corners(64, 48)
	plain, drawn := asJPEG(t, m), asPNG(t, m)
	ihdr := 8 + 25
	for name, c := range map[string]struct {
		in   []byte
		turn int
	}{
		"a JPEG with a place": {slices.Concat(plain[:2], segment(0xe1, exif(binary.LittleEndian, 6)), plain[2:]), 6},
		"the other order":     {slices.Concat(plain[:2], segment(0xe1, exif(binary.BigEndian, 8)), plain[2:]), 8},
		"upright":             {slices.Concat(plain[:2], segment(0xe1, exif(binary.BigEndian, 1)), plain[2:]), 0},
		"an odd orientation":  {slices.Concat(plain[:2], segment(0xe1, exif(binary.BigEndian, 99)), plain[2:]), 0},
		"other blocks": {slices.Concat(plain[:2], segment(0xe0, "JFIF\x00"+strings.Repeat("x", 9)+secretPlace), segment(0xe2, "MPF\x00"+secretPlace),
			segment(0xed, "Photoshop 3.0\x00"+secretPlace), segment(0xee, "Adobe"+secretPlace), segment(0xfe, secretPlace), plain[2:]), 0},
		"after the end":       {slices.Concat(plain, []byte(secretPlace)), 0},
		"fill bytes":          {slices.Concat(plain[:2], []byte{0xff, 0xff}, segment(0xfe, secretPlace), plain[2:]), 0},
		"a PNG with a text":   {slices.Concat(drawn[:ihdr], pngChunk("tEXt", "Place\x00"+secretPlace), pngChunk("eXIf", exif(binary.BigEndian, 6)), drawn[ihdr:]), 0},
		"after the PNG's end": {slices.Concat(drawn, []byte(secretPlace)), 0},
	} {
		out, turn, err := Clean(c.in)
		if err != nil || turn != c.turn {
			t.Errorf("%s: turn %d, %v", name, turn, err)
			continue
		}
		if bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("Exif")) || bytes.Contains(out, []byte("7781")) {
			t.Errorf("%s: hidden data is left", name)
		}
		got, _, err := image.Decode(bytes.NewReader(out))
		want, _, wantErr := image.Decode(bytes.NewReader(c.in))
		if err != nil || wantErr != nil || letter(got, 10, 10) != letter(want, 10, 10) || letter(got, 50, 40) != letter(want, 50, 40) || got.Bounds() != want.Bounds() {
			t.Errorf("%s: other pixels: %v %v", name, err, wantErr)
		}
		if again, _, err := Clean(out); err != nil || !bytes.Equal(again, out) {
			t.Errorf("%s: cleaning again changes it: %v", name, err)
		}
	}
}

// A picture that cannot be cleaned does not go out.
func TestBrokenIsNotCleaned(t *testing.T) {
	t.Parallel()
	j, p := asJPEG(t, corners(64, 48)), asPNG(t, corners(64, 48))
	for name, b := range map[string][]byte{
		"nothing": nil, "a text": []byte("hello"), "a PDF": []byte("%PDF-1.4"), "half a JPEG": j[:len(j)/2], "a JPEG's head": j[:4], "half a PNG": p[:len(p)/2], "a PNG's head": p[:8],
		"a length that lies": slices.Concat(j[:2], []byte{0xff, 0xe1, 0xff, 0xff}, j[2:200]), "a PNG chunk that lies": slices.Concat(p[:8], []byte{0xff, 0xff, 0xff, 0xff}, p[12:]),
		"a length of one": slices.Concat(j[:2], []byte{0xff, 0xe1, 0, 1}, j[2:]), "no IHDR first": slices.Concat(p[:8], pngChunk("tEXt", "x"), p[8:]),
	} {
		if out, _, err := Clean(b); hotline.KindOf(err) != hotline.KindInvalid || out != nil || err == nil {
			t.Errorf("%s: %d bytes, %v", name, len(out), err)
		}
	}
}

func FuzzClean(f *testing.F) {
	j, p := asJPEG(f, corners(8, 8)), asPNG(f, corners(8, 8))
	f.Add(j)
	f.Add(p)
	f.Add(slices.Concat(j[:2], segment(0xe1, exif(binary.LittleEndian, 6)), j[2:]))
	f.Add(slices.Concat(p[:33], pngChunk("eXIf", exif(binary.BigEndian, 6)), p[33:]))
	f.Add(j[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		out, turn, err := Clean(b)
		if err != nil {
			return
		}
		if turn != 0 && (turn < 2 || turn > 8) {
			t.Fatalf("turn %d", turn)
		}
		again, _, err := Clean(out)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("cleaning again: %v", err)
		}
	})
}
