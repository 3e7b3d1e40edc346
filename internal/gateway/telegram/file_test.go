package telegram_test

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"safeconduct/internal/gateway/gatewaytest"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

const fileCanary = "канарейка-в-файле-5e2d"

// content is a file of so many bytes that cannot be pressed together, with a canary
// in it.
func content(size int) []byte {
	var seed [32]byte
	seed[0] = byte(size)
	b := make([]byte, size)
	_, _ = rand.NewChaCha8(seed).Read(b) // never fails
	for at := 0; at+len(fileCanary) <= size; at += 100_000 {
		copy(b[at:], fileCanary)
	}
	return b
}

// file waits until the only case has a record with a file, and opens it.
func (l *line) file() (seal.File, []byte) {
	l.t.Helper()
	var c gatewaytest.Case
	var f seal.File
	l.Await("a file is kept", func() bool {
		for _, c = range l.Cases() {
			for _, r := range c.Records {
				if len(r.Body.Files) > 0 && r.Header.Side == hotline.SideGateway {
					f = r.Body.Files[0]
					return true
				}
			}
		}
		return false
	})
	return f, l.File(c, f)
}

// answered is somebody whom an operator has answered, so that large files are taken.
func (l *line) answered(p *telegramsim.Person) {
	l.t.Helper()
	l.write(p, "Hello")
	c := l.only()
	l.delivered(c, l.Reply(c, "Good day."))
	l.Await("all is said", l.Quiet)
}

// What people send arrives whole, whatever it is.
func TestFiles(t *testing.T) {
	t.Parallel()
	small := content(40_000)
	for name, c := range map[string]struct {
		send  func(*telegramsim.Person) (int64, error)
		media string
	}{
		"photo":      {func(p *telegramsim.Person) (int64, error) { return p.Photo(botName, "my hand", small) }, "image/jpeg"},
		"voice":      {func(p *telegramsim.Person) (int64, error) { return p.Voice(botName, small) }, "audio/ogg"},
		"video note": {func(p *telegramsim.Person) (int64, error) { return p.VideoNote(botName, small) }, "video/mp4"},
		"video":      {func(p *telegramsim.Person) (int64, error) { return p.Video(botName, "", "video/quicktime", small) }, "video/quicktime"},
		"audio":      {func(p *telegramsim.Person) (int64, error) { return p.Audio(botName, "a.mp3", "audio/mpeg", small) }, "audio/mpeg"},
		"document": {func(p *telegramsim.Person) (int64, error) {
			return p.Document(botName, "", "паспорт.pdf", "application/pdf", small)
		}, "application/pdf"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := running(t)
			id := ok[int64](t)(c.send(l.english()))
			f, got := l.file()
			if f.Type != c.media || !bytes.Equal(got, small) {
				t.Errorf("%s, %d bytes", f.Type, len(got))
			}
			if r := l.newest(); r.Body.Chat.Number != id || (name == "photo" && !slices.Contains(l.texts(), "my hand")) {
				t.Error("the record does not say which message it was, or what stood under it")
			}
			l.Spotless(fileCanary, "паспорт.pdf")
		})
	}
}

// The largest file that Telegram hands out goes through part by part: nothing of it
// lies on disk in the clear, and no part is larger than a mebibyte.
func TestLargestFile(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.start(l.config())
			p := l.english()
			l.answered(p)
			large := content(20 << 20)
			ok[int64](t)(p.Document(botName, "", "film.bin", "application/octet-stream", large))
			if f, got := l.file(); f.Size != 20<<20 || !bytes.Equal(got, large) {
				t.Error("another file")
			}
			parts := 0
			err := filepath.WalkDir(l.Files, func(_ string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				info, err := d.Info()
				if err == nil && info.Size() > 1<<20 {
					t.Errorf("a part of %d bytes", info.Size())
				}
				parts++
				return err
			})
			if err != nil || parts < 20 {
				t.Errorf("%d parts: %v", parts, err)
			}
			l.Spotless(fileCanary)
		})
	}
}

// Of a photo a person whom nobody has answered yet can send what is small enough.
func TestStrangersPhotoIsTheSmallerOne(t *testing.T) {
	t.Parallel()
	l := running(t)
	large, small := content(2<<20), content(90_000)
	ok[int64](t)(l.english().Photo(botName, "", small, large))
	if _, got := l.file(); !bytes.Equal(got, small) {
		t.Errorf("%d bytes", len(got))
	}
}

// What is not taken is said to the person, and to the operators that it came.
func TestFilesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size     int
		answered bool
		fault    telegramsim.Fault
		answer   string
	}{
		"too large for a stranger": {1<<20 + 1, false, telegramsim.Fault{}, say.FileStranger},
		"too large for Telegram":   {20<<20 + 1, true, telegramsim.Fault{}, say.FileTooLarge},
		"gone":                     {1000, false, telegramsim.Fault{Kind: telegramsim.FaultServer, Status: 400, Method: "getFile"}, say.FileLost},
		"gone meanwhile":           {1000, false, telegramsim.Fault{Kind: telegramsim.FaultServer, Status: 404, Method: "file"}, say.FileLost},
		"larger than it says":      {500_000, false, telegramsim.Fault{Kind: telegramsim.FaultFalseSize, Size: 1000}, say.FileLost},
		"smaller than it says":     {1000, false, telegramsim.Fault{Kind: telegramsim.FaultFalseSize, Size: 500_000}, say.FileLost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := running(t)
			p := l.english()
			if c.answered {
				l.answered(p)
			}
			if c.fault.Kind != "" {
				l.sim.Misbehave(c.fault)
			}
			ok[int64](t)(p.Document(botName, "look", "f", "text/plain", content(c.size)))
			l.hurry("a record says that it is lost", func() bool { return slices.ContainsFunc(l.records(), lost) })
			l.says(p, c.answer)
			l.Await("all is said", l.Quiet)
			if !slices.Contains(l.texts(), "look") {
				t.Error("what stood under the file is not kept")
			}
			l.Spotless(fileCanary)
		})
	}
}

func lost(r seal.Record) bool { return r.Body.Chat != nil && r.Body.Chat.Event == hotline.ChatLost }

// records are the records of the first case, if there is one.
func (l *line) records() []seal.Record {
	if cases := l.Cases(); len(cases) > 0 {
		return cases[0].Records
	}
	return nil
}

// hurry waits for what is put off until later: the clock runs faster meanwhile.
func (l *line) hurry(what string, holds func() bool) {
	l.t.Helper()
	l.Await(what, func() bool {
		if holds() {
			return true
		}
		l.Clock.Advance(time.Second)
		return false
	})
}

// A file that is cut off on the way, or comes slowly, is kept once and whole.
func TestFilesOnABadLine(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]telegramsim.Fault{
		"cut":     {Kind: telegramsim.FaultCutFile, Times: 2},
		"slow":    {Kind: telegramsim.FaultSlowFile, Delay: time.Millisecond, Times: 1},
		"fails":   {Kind: telegramsim.FaultServer, Method: "file", Times: 2},
		"garbage": {Kind: telegramsim.FaultGarbage, Method: "getFile", Times: 1},
		"flood":   {Kind: telegramsim.FaultFlood, Method: "getFile", RetryAfter: 1, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := running(t)
			l.sim.Misbehave(fault)
			sent := content(900)
			ok[int64](t)(l.english().Voice(botName, sent))
			l.hurry("the file is kept", func() bool {
				return slices.ContainsFunc(l.records(), func(r seal.Record) bool { return len(r.Body.Files) > 0 })
			})
			if _, got := l.file(); !bytes.Equal(got, sent) {
				t.Error("another file")
			}
			n := 0
			for _, r := range l.only().Records {
				n += len(r.Body.Files)
			}
			if n != 1 {
				t.Errorf("%d files", n)
			}
		})
	}
}

// An operator's picture arrives as a picture, and its copy is gone afterwards.
func TestOperatorsPicture(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, engine)
			l.start(l.config())
			p := l.english()
			l.write(p, "Show me the way")
			picture := content(300_000)
			c := l.only()
			reply := l.Reply(c, "Here:", picture)
			if d := l.delivered(c, reply); d.State != hotline.DeliveranceSent {
				t.Fatalf("%+v", d)
			}
			chat := p.Chat(botName)
			last := chat[len(chat)-1]
			if len(last.Files) != 1 || last.Files[0].Kind != "photo" || !bytes.Equal(last.Files[0].Content, picture) || !last.Protected {
				t.Errorf("%d files", len(last.Files))
			}
			l.Spotless(fileCanary)
		})
	}
}
