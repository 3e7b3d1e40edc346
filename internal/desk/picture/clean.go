package picture

import (
	"bytes"
	"encoding/binary"
	"image"

	"safeconduct/internal/hotline"
)

// Clean removes what a camera or a program wrote into a JPEG or PNG beside its
// pixels: place, time, device, names, a small copy of the whole. Pixels are not
// touched. turn is how the camera was held (Exif's orientation 2 to 8, 0 for
// upright), which is kept beside the file. The contact page has the same rules
// (docs/sealing.md §10). Errors are of KindInvalid: such a picture must not go out.
func Clean(b []byte) (out []byte, turn int, err error) {
	switch TypeOf(b) {
	case JPEG:
		out, turn, err = cleanJPEG(b)
	case PNG:
		out, err = cleanPNG(b)
	default:
		return nil, 0, hotline.Errorf(hotline.KindInvalid, "attachment", "this is no JPEG and no PNG")
	}
	if err == nil {
		_, _, err = image.DecodeConfig(bytes.NewReader(out))
	}
	if err != nil {
		return nil, 0, hotline.Errorf(hotline.KindInvalid, "attachment",
			"the picture is broken, so hidden data in it cannot be removed. Open it in another program, save it anew, and choose that")
	}
	return out, turn, nil
}

var errBroken = hotline.Errorf(hotline.KindInvalid, "attachment", "the picture is broken")

// JPEG markers (ITU-T T.81, table B.1).
const (
	markRST0 = 0xd0
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markAPP0 = 0xe0
	markAPP1 = 0xe1
	markAPPe = 0xee
	markAPPf = 0xef
	markCOM  = 0xfe
)

// cleanJPEG keeps what a decoder needs: no APPn but a bare JFIF head and Adobe's
// colour word, no comments, nothing after the end.
func cleanJPEG(b []byte) (out []byte, turn int, err error) {
	out = append(make([]byte, 0, len(b)), b[:2]...)
	for at := 2; ; {
		for at+2 < len(b) && b[at] == 0xff && b[at+1] == 0xff { // fill bytes
			at++
		}
		if at+2 > len(b) || b[at] != 0xff {
			return nil, 0, errBroken
		}
		mark := b[at+1]
		if mark == markEOI {
			return append(out, b[at:at+2]...), turn, nil
		}
		if at+4 > len(b) || mark < 0xc0 || (mark >= markRST0 && mark <= markSOI) {
			return nil, 0, errBroken
		}
		end := at + 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		if end < at+4 || end > len(b) {
			return nil, 0, errBroken
		}
		body := b[at+4 : end]
		if mark == markAPP1 && bytes.HasPrefix(body, []byte("Exif\x00")) && len(body) > 6 {
			turn = orientation(body[6:])
		}
		if keeps(mark, body) {
			out = append(out, b[at:end]...)
		}
		at = end
		if mark != markSOS {
			continue
		}
		at = endOfScan(b, end)
		out = append(out, b[end:at]...)
	}
}

// keeps reports whether a segment stays in a picture.
func keeps(mark byte, body []byte) bool {
	switch {
	case mark == markAPP0:
		return len(body) == 14 && bytes.HasPrefix(body, []byte("JFIF\x00")) // without a small copy behind it
	case mark == markAPPe:
		return len(body) == 12 && bytes.HasPrefix(body, []byte("Adobe"))
	}
	return mark != markCOM && (mark < markAPP0 || mark > markAPPf)
}

// endOfScan returns where the coded pixels end: at a marker that is neither a
// stuffed zero nor a restart.
func endOfScan(b []byte, at int) int {
	for ; at < len(b)-1; at++ {
		if b[at] == 0xff && b[at+1] != 0 && (b[at+1] < markRST0 || b[at+1] > markRST0+7) {
			return at
		}
	}
	return at
}

// orientation reads tag 0x0112 of the first directory (Exif 2.3, 4.6.4); 0 for
// upright, or where there is none.
func orientation(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if len(tiff) < 8 {
		return 0
	}
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	for n, e := int64(order.Uint16(tiff[at:])), int64(0); e < n; e++ {
		entry := at + 2 + 12*e
		if entry+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[entry:]) != 0x112 {
			continue
		}
		if turn := int(order.Uint16(tiff[entry+8:])); turn >= 2 && turn <= 8 {
			return turn
		}
		return 0
	}
	return 0
}

// cleanPNG keeps the critical chunks and transparency (W3C PNG, chapter 11).
func cleanPNG(b []byte) ([]byte, error) {
	const head = 8
	out := append(make([]byte, 0, len(b)), b[:head]...)
	for at := head; ; {
		if at+12 > len(b) {
			return nil, errBroken
		}
		length := int64(binary.BigEndian.Uint32(b[at:]))
		name := string(b[at+4 : at+8])
		if int64(at)+12+length > int64(len(b)) || !letters(name) || (at == head) != (name == "IHDR") {
			return nil, errBroken
		}
		end := at + 12 + int(length)
		if name[0] < 'a' || name == "tRNS" {
			out = append(out, b[at:end]...)
		}
		if name == "IEND" {
			return out, nil
		}
		at = end
	}
}

func letters(name string) bool {
	for _, c := range []byte(name) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}
