package desk

import (
	"context"
	"crypto/rand"
	"slices"
	"sync/atomic"
	"time"

	"safeconduct/internal/desk/paper"
	"safeconduct/internal/desk/picture"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// filePatience is how long one attachment may take to come.
const filePatience = 15 * time.Minute

// FileState is how far an attachment that is being opened has come.
type FileState string

// The states of an opened attachment.
const (
	FileClosed   FileState = ""         // none is open
	FileFetching FileState = "fetching" // its parts come
	FileDrawing  FileState = "drawing"  // it is whole and was checked; it is being made fit to be shown
	FileReady    FileState = "ready"
	FileRefused  FileState = "refused" // Why says why; nothing of it is shown
)

// FileView is the one attachment that is open, as a page shows it.
type FileView struct {
	Case    hotline.CaseID
	Message int64 // seq of the record that names it
	Attachment
	State  FileState
	Done   int64  // bytes of the sealed file that have come
	Total  int64  // bytes of the sealed file
	Token  string // of FileReady: names its content in an address until it is closed
	Width  int    // of a picture as it is drawn, pixels
	Height int
	Page   int // of a document that is ready: which page is drawn, 1, 2…
	Pages  int // how many can be drawn
	Of     int // how many it has
	Zoom   int // 1 to paper.MaxZoom
	Why    hotline.Sentence
	Again  bool // of FileRefused: trying once more may help
}

// FileContent is what a browser gets of an attachment: a picture that this
// process has drawn, or a sound as it came.
type FileContent struct {
	Type  string
	Bytes []byte
}

// String shows nothing.
func (FileContent) String() string { return "content(hidden)" }

// GoString shows nothing.
func (FileContent) GoString() string { return "content(hidden)" }

// viewing is the attachment that is open: one at a time, in memory alone.
// What is not atomic is guarded by Desk.mu.
type viewing struct {
	view    FileView
	done    atomic.Int64
	content FileContent
	paper   *paper.File // of a document, once it was read
	cancel  context.CancelFunc
}

// OpenFile fetches an attachment and opens it; FileView says how far it is. The
// server writes the reading into its journal before a byte leaves. Another one
// that was open is closed.
func (d *Desk) OpenFile(id hotline.CaseID, object seal.ObjectID) error {
	s, done, err := d.open("attachment")
	if err != nil {
		return err
	}
	defer done()
	f := s.files[id]
	if f == nil {
		return hotline.Errorf(hotline.KindNotFound, "attachment", "this desk knows no such case")
	}
	r, file, ok := f.fileOf(object)
	if !ok {
		return hotline.Errorf(hotline.KindNotFound, "attachment", "no message of this case that verifies names such a file")
	}
	a := attachments([]seal.File{file})[0]
	if !a.Kind.Shown() {
		return hotline.Errorf(hotline.KindInvalid, "attachment", "this kind of file is not shown here")
	}
	key, ok := f.keys[r.header.Gen]
	if !ok {
		return hotline.Errorf(hotline.KindInvalid, "attachment", "no key on this desk opens this file")
	}
	s.closeFile()
	ctx, cancel := context.WithTimeout(s.ctx, filePatience)
	v := &viewing{cancel: cancel}
	v.view = FileView{Case: id, Message: r.header.Seq, Attachment: a, State: FileFetching, Total: seal.SealedSize(file.Size)}
	s.viewed = v
	s.wg.Go(func() {
		defer cancel()
		s.show(ctx, v, key, file)
	})
	return nil
}

// fileOf finds the message that names a file. One that does not verify has none.
func (f *caseFile) fileOf(object seal.ObjectID) (openRecord, seal.File, bool) {
	for _, r := range f.records {
		if !r.verified || !r.readable {
			continue
		}
		if i := slices.IndexFunc(r.body.Files, func(x seal.File) bool { return x.Object.ID == object }); i >= 0 {
			return r, r.body.Files[i], true
		}
	}
	return openRecord{}, seal.File{}, false
}

// show fetches, checks and draws.
func (s *session) show(ctx context.Context, v *viewing, key seal.Identity, file seal.File) {
	plain, err := s.fetchFile(ctx, v, key, file)
	if err != nil {
		s.refuseFile(v, err)
		return
	}
	if s.stillViewed(v, func() { v.view.State = FileDrawing }) != nil {
		return
	}
	s.drawing.Lock() // one picture at a time is in memory whole
	defer s.drawing.Unlock()
	if v.view.Kind == FileDocument {
		s.openPaper(ctx, v, plain)
		return
	}
	content, width, height := FileContent{file.Type, plain}, 0, 0
	if v.view.Kind == FilePhoto {
		p, err := picture.Open(ctx, file.Type, plain, file.Turn)
		if err != nil {
			s.refuseFile(v, err)
			return
		}
		content, width, height = FileContent{p.Type, p.Bytes}, p.Width, p.Height
	} else if err := picture.Check(file.Type, plain); err != nil {
		s.refuseFile(v, err)
		return
	}
	_ = s.stillViewed(v, func() {
		v.content, v.view.State, v.view.Token = content, FileReady, rand.Text()
		v.view.Width, v.view.Height = width, height
	})
}

// fetchFile returns the file as it was before it was sealed, checked against the message.
func (s *session) fetchFile(ctx context.Context, v *viewing, key seal.Identity, file seal.File) ([]byte, error) {
	sealed, err := s.client.Object(ctx, v.view.Case, file.Object.ID, v.view.Total, v.done.Store)
	if err != nil {
		return nil, err
	}
	return seal.OpenFile(key, file, file.Object, sealed)
}

// refuseFile says why nothing is shown.
func (s *session) refuseFile(v *viewing, err error) {
	why, again := hotline.SaidBy(err), true
	switch hotline.KindOf(err) {
	case hotline.KindInternal, hotline.KindNotFound:
		why = hotline.Say("The server cannot hand this file out: a part of it is missing or damaged there. Tell an administrator, and ask the person to send it again.")
	case hotline.KindForged:
		why = hotline.Say("This file is not opened: %v. Somebody changed it on the way or at the server, or it is damaged.", err)
	case hotline.KindInvalid:
		again = false
	default:
	}
	_ = s.stillViewed(v, func() { v.view.State, v.view.Why, v.view.Again = FileRefused, why, again })
}

// stillViewed changes what is open, unless it was closed meanwhile.
func (s *session) stillViewed(v *viewing, change func()) error {
	return s.under(func() error {
		if s.viewed != v {
			return errGone
		}
		change()
		return nil
	})
}

// closeFile forgets the open attachment. Desk.mu must be held.
func (s *session) closeFile() {
	if s.viewed == nil {
		return
	}
	s.viewed.cancel()
	clear(s.viewed.content.Bytes) // Go cannot promise that no copy stays; this one does not
	if s.viewed.paper != nil {
		s.viewed.paper.Close() // its drawing has ended with the context
	}
	s.viewed = nil
}

// FileView returns the attachment that is open.
func (d *Desk) FileView() FileView {
	s, done, err := d.open("attachment")
	if err != nil {
		return FileView{}
	}
	defer done()
	if s.viewed == nil {
		return FileView{}
	}
	v := s.viewed.view
	v.Done = s.viewed.done.Load()
	return v
}

// FileContent returns a copy of what is shown of the open attachment.
func (d *Desk) FileContent(token string) (FileContent, error) {
	s, done, err := d.open("attachment")
	if err != nil {
		return FileContent{}, err
	}
	defer done()
	if v := s.viewed; v != nil && v.view.State == FileReady && v.view.Token == token {
		return FileContent{v.content.Type, slices.Clone(v.content.Bytes)}, nil
	}
	return FileContent{}, hotline.Errorf(hotline.KindNotFound, "attachment", "this file was closed: open it again from the conversation")
}

// CloseFile forgets the open attachment.
func (d *Desk) CloseFile() {
	if s, done, err := d.open("attachment"); err == nil {
		s.closeFile()
		done()
	}
}
