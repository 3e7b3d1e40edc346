package desk_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"           //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/storetest" //nolint:depguard // the tests boot the real server
)

// gps is what a camera wrote into a picture.
const gps = "GPS 48.5132N 37.9541E"

// photo is a JPEG with an Exif block, as a hostile or careless program sends it.
func photo(tb testing.TB, w, h int) []byte {
	tb.Helper()
	var b bytes.Buffer
	ok(tb, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil))
	app1 := append([]byte{0xff, 0xe1, 0, byte(8 + len(gps))}, "Exif\x00\x00"+gps...)
	return slices.Concat(b.Bytes()[:2], app1, b.Bytes()[2:])
}

// viewed waits until the open attachment has come to an end.
func (st *station) viewed(id hotline.CaseID, object seal.ObjectID) desk.FileView {
	st.w.tb.Helper()
	ok(st.w.tb, st.OpenFile(id, object))
	for {
		switch v := st.FileView(); v.State {
		case desk.FileReady, desk.FileRefused:
			return v
		case desk.FileClosed:
			st.w.tb.Fatal("it was closed")
		case desk.FileFetching, desk.FileDrawing:
			<-st.w.clock.After(20 * time.Millisecond) // a real moment: the fetching is real
		}
	}
}

// readings counts the leaves of the journal that say that a file was read.
func readings(t *testing.T, st *station) int {
	t.Helper()
	ok(t, st.ReadLedger(time.Minute))
	_, n := st.LedgerPage(desk.LedgerFilter{Act: "case.file"}, 0, 1)
	return n
}

// TestFileIsShown: a picture comes part by part, is checked and drawn anew;
// nothing of the file reaches the browser, and nothing the disk.
func TestFileIsShown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := newWorldOn(t, open())
		c := w.newCase("раз")
		content := append(photo(t, 400, 200), make([]byte, 700<<10)...) // several parts
		f, sound := w.attach(c, "image/jpeg", content, 6), w.attach(c, "audio/ogg", []byte("OggS sound"), 0)
		w.writeWith(c, "", f, sound)
		if f.Object.Parts < 2 {
			t.Fatal("one part shows nothing")
		}
		st := w.work(&w.anna)
		st.view(c.id)
		before := readings(t, st)
		v := st.viewed(c.id, f.Object.ID)
		if v.State != desk.FileReady || v.Done != v.Total || v.Width != 200 || v.Height != 400 || v.Message != 1 {
			t.Fatalf("%+v", v)
		}
		shown := must(st.FileContent(v.Token))
		m, err := jpeg.Decode(bytes.NewReader(shown.Bytes))
		if err != nil || m.Bounds().Dx() != 200 || bytes.Contains(shown.Bytes, []byte("GPS")) || bytes.Contains(shown.Bytes, []byte("Exif")) {
			t.Errorf("%v", err)
		}
		if n := readings(t, st) - before; n != 1 {
			t.Errorf("%d leaves say that the file was read", n)
		}
		_, err = st.FileContent("another")
		wantKind(t, err, hotline.KindNotFound)
		s := st.viewed(c.id, sound.Object.ID)
		if c := must(st.FileContent(s.Token)); c.Type != "audio/ogg" || string(c.Bytes) != "OggS sound" {
			t.Errorf("%+v", s)
		}
		_, err = st.FileContent(v.Token) // one at a time
		wantKind(t, err, hotline.KindNotFound)
		st.CloseFile()
		_, err = st.FileContent(s.Token)
		wantKind(t, err, hotline.KindNotFound)
		again := st.viewed(c.id, f.Object.ID)
		st.Lock()
		_, err = st.FileContent(again.Token)
		wantKind(t, err, hotline.KindLocked)
		ok(t, filepath.WalkDir(st.dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte(gps)) || bytes.Contains(b, content[:64]) || bytes.Contains(b, shown.Bytes[:64]) {
				t.Errorf("%s holds the picture", d.Name())
			}
			return err
		}))
		ok(t, st.Unlock(t.Context(), passphrase)) // the clean-up finds a desk as it left it
	})
}

// TestFilesRefused: whatever is wrong with a file or its parts is said in words, and nothing of it is shown.
func TestFilesRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	good := photo(t, 64, 64)
	bomb := bytes.Clone(good)
	at := bytes.Index(bomb, []byte{0xff, 0xc0})
	copy(bomb[at+5:], []byte{0x75, 0x30, 0x75, 0x30}) // 30000 by 30000 pixels
	files := map[string]seal.File{
		"it says JPEG and is not":      w.attach(c, "image/jpeg", []byte("<script>alert(1)</script>"), 0),
		"is too large to draw":         w.attach(c, "image/jpeg", bomb, 0),
		"the picture is damaged":       w.attach(c, "image/jpeg", good[:len(good)/2], 0),
		"a part of it is missing":      w.attach(c, "image/jpeg", append(good, make([]byte, 700<<10)...), 0),
		"the document is damaged":      w.attach(c, "application/pdf", []byte("%PDF-1.7"), 0),
		"it says PDF and is not":       w.attach(c, "application/pdf", good, 0),
		"it says OGG and is not":       w.attach(c, "audio/ogg", good, 0),
		"not the file that the":        w.attach(c, "image/jpeg", good, 0),
		"this kind of file is not":     w.attach(c, "application/zip", []byte("PK"), 0),
		"no message of this case that": w.attach(c, "image/jpeg", good, 0),
	}
	for says, f := range files {
		switch says {
		case "no message of this case that":
			continue // kept, and not named
		case "not the file that the":
			f.Object.Hash[0]++
		}
		w.writeWith(c, says, f)
	}
	lost := files["a part of it is missing"].Object.ID
	ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
		parts, err := tx.ObjectParts(t.Context(), c.id[:], lost[:])
		if err != nil {
			return err
		}
		return w.objects.Blobs.Delete(t.Context(), [32]byte(parts[1].Blob))
	}))
	st := w.work(&w.anna)
	st.view(c.id)
	for says, f := range files {
		if err := st.OpenFile(c.id, f.Object.ID); err != nil {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", says, err)
			}
			continue
		}
		v := st.viewed(c.id, f.Object.ID)
		if v.State != desk.FileRefused || v.Token != "" || !strings.Contains(v.Why.String(), says) {
			t.Errorf("%s: %v %+v", says, v.Why, v)
		}
		if _, err := st.FileContent(""); err == nil {
			t.Errorf("%s: something is shown", says)
		}
	}
}

// TestForgedParts: a server that changes, cuts or repeats what it hands out is
// found out; when it stops, trying again helps.
func TestForgedParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	f := w.attach(c, "image/jpeg", append(photo(t, 64, 64), make([]byte, 700<<10)...), 0)
	w.writeWith(c, "", f)
	st := w.work(&w.anna)
	st.view(c.id)
	const part = 256 << 10
	for name, change := range map[string]func(b []byte) []byte{
		"one bit":        func(b []byte) []byte { b[part+7] ^= 1; return b },
		"parts swapped":  func(b []byte) []byte { return slices.Concat(b[part:2*part], b[:part], b[2*part:]) },
		"a part twice":   func(b []byte) []byte { copy(b[part:2*part], b[:part]); return b },
		"another's file": func(b []byte) []byte { clear(b); return b },
	} {
		st.wire.set(func(x *wire) {
			x.change = func(path string, body []byte) []byte {
				if strings.HasSuffix(path, "/objects") {
					return change(body)
				}
				return body
			}
		})
		v := st.viewed(c.id, f.Object.ID)
		if v.State != desk.FileRefused || !v.Again || !strings.Contains(v.Why.String(), "This file is not opened: this is not the file that the message names") {
			t.Errorf("%s: %v %+v", name, v.Why, v)
		}
	}
	// A line that breaks in the middle is taken up where it broke.
	var once sync.Once
	st.wire.set(func(x *wire) {
		x.change = func(path string, body []byte) []byte {
			if strings.HasSuffix(path, "/objects") {
				once.Do(func() { body = body[:part+100] })
			}
			return body
		}
	})
	if v := st.viewed(c.id, f.Object.ID); v.State != desk.FileReady {
		t.Errorf("%v %+v", v.Why, v)
	}
}
