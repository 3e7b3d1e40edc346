package telegramsim

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strconv"
)

// attachment is a file on its way into a chat.
type attachment struct {
	File
	width, height int
	announced     int64 // bytes, as everybody is told
}

// ref stores the file and gives what messages say about it. The lock is held.
func (s *Server) ref(b *bot, a attachment) mediaRef {
	s.lastFile++
	f := &file{n: s.lastFile, File: a.File, announced: a.announced}
	id := fmt.Sprintf("AgAC%d-%s", s.lastFile, strconv.FormatInt(s.random.Int64(), 36))
	b.files[id] = f
	r := mediaRef{FileID: id, UniqueID: "AQAD" + strconv.Itoa(s.lastFile), Size: a.announced, Width: a.width, Height: a.height}
	switch a.Kind {
	case "document", "audio":
		r.Name, r.MIME = a.Name, a.MIME
	case "voice", "video":
		r.MIME = a.MIME
	}
	switch a.Kind {
	case "voice", "audio", "video", "video_note":
		r.Duration = new(int)
	}
	if a.Kind == "video_note" {
		r.Length, r.Width, r.Height = 240, 0, 0
	}
	return r
}

// measure tells how large a picture is; what cannot be read counts as 90 × 90.
func measure(content []byte) (width, height int) {
	for _, read := range []func() (image.Config, error){
		func() (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(content)) },
		func() (image.Config, error) { return png.DecodeConfig(bytes.NewReader(content)) },
	} {
		if c, err := read(); err == nil {
			return c.Width, c.Height
		}
	}
	return 90, 90
}

// attach puts files in an entry: sizes of one photo, or one of another kind.
// The lock is held.
func (s *Server) attach(b *bot, e *entry, list ...attachment) {
	for i, a := range list {
		r := s.ref(b, a)
		switch a.Kind {
		case "photo":
			e.message.Photo = append(e.message.Photo, r)
		case "voice":
			e.message.Voice = &r
		case "audio":
			e.message.Audio = &r
		case "video":
			e.message.Video = &r
		case "video_note":
			e.message.VideoNote = &r
		case "sticker":
			e.message.Sticker = &stickerRef{mediaRef: r, Type: "regular"}
		default:
			e.message.Document = &r
		}
		// A chat shows a photo once, in its largest size.
		if i == len(list)-1 {
			e.files = []File{a.File}
		}
	}
}

// give sends files of a person to a bot as one message.
func (p *Person) give(bot string, m message, list ...attachment) (int64, error) {
	return p.post(bot, func(c *chat) (*entry, error) {
		e := &entry{message: m}
		for i, a := range list {
			list[i].announced = int64(len(a.Content))
			if f := p.server.matchFault(c.bot, "", p.id, FaultFalseSize); f.Kind == FaultFalseSize {
				list[i].announced = f.Size
			}
		}
		p.server.attach(c.bot, e, list...)
		return e, nil
	})
}

func (p *Person) giveOne(bot, kind, caption, name, mime string, content []byte) (int64, error) {
	a := attachment{File: File{Kind: kind, Name: name, MIME: mime, Content: bytes.Clone(content)}}
	if kind == "video" || kind == "sticker" {
		a.width, a.height = 320, 240
	}
	return p.give(bot, message{Caption: caption, Marks: marksOf(caption)}, a)
}

// Photo sends one photo in several sizes, the largest last.
func (p *Person) Photo(bot, caption string, sizes ...[]byte) (int64, error) {
	return p.photo(bot, message{Caption: caption, Marks: marksOf(caption)}, sizes)
}

func (p *Person) photo(bot string, m message, sizes [][]byte) (int64, error) {
	var list []attachment
	for _, content := range sizes {
		a := attachment{File: File{Kind: "photo", MIME: "image/jpeg", Content: bytes.Clone(content)}}
		a.width, a.height = measure(content)
		list = append(list, a)
	}
	return p.give(bot, m, list...)
}

// Album sends several photos at once. A bot gets one message for each; the
// caption is that of the first.
func (p *Person) Album(bot, caption string, photos ...[]byte) (first int64, err error) {
	album := ""
	for i, content := range photos {
		m := message{Album: album}
		if i == 0 {
			p.server.mu.Lock()
			album = strconv.FormatInt(p.server.random.Int64(), 10)
			p.server.mu.Unlock()
			m = message{Album: album, Caption: caption, Marks: marksOf(caption)}
		}
		id, err := p.photo(bot, m, [][]byte{content})
		if err != nil {
			return first, err
		}
		if i == 0 {
			first = id
		}
	}
	return first, nil
}

// Document sends a file as it is.
func (p *Person) Document(bot, caption, name, mime string, content []byte) (int64, error) {
	return p.giveOne(bot, "document", caption, name, mime, content)
}

// Voice sends a voice message (Opus in Ogg).
func (p *Person) Voice(bot string, content []byte) (int64, error) {
	return p.giveOne(bot, "voice", "", "", "audio/ogg", content)
}

// VideoNote sends a round video.
func (p *Person) VideoNote(bot string, content []byte) (int64, error) {
	return p.giveOne(bot, "video_note", "", "", "", content)
}

// Audio sends a piece of music.
func (p *Person) Audio(bot, name, mime string, content []byte) (int64, error) {
	return p.giveOne(bot, "audio", "", name, mime, content)
}

// Video sends a video.
func (p *Person) Video(bot, caption, mime string, content []byte) (int64, error) {
	return p.giveOne(bot, "video", caption, "", mime, content)
}

// Sticker sends a sticker.
func (p *Person) Sticker(bot string, content []byte) (int64, error) {
	return p.giveOne(bot, "sticker", "", "", "image/webp", content)
}
