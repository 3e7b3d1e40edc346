package desk

import (
	"context"
	"crypto/rand"

	"safeconduct/internal/desk/paper"
	"safeconduct/internal/hotline"
)

// openPaper reads a document and draws its first page. Session.drawing is held.
func (s *session) openPaper(ctx context.Context, v *viewing, plain []byte) {
	if s.reader == nil {
		s.reader = paper.NewReader(ctx)
	}
	p, err := s.reader.Open(ctx, plain)
	clear(plain) // the machine has its own copy
	if err != nil {
		s.refuseFile(v, err)
		return
	}
	if s.stillViewed(v, func() { v.paper, v.view.Page, v.view.Zoom, v.view.Pages, v.view.Of = p, 1, 1, p.Pages, p.Of }) != nil {
		p.Close()
		return
	}
	s.drawPage(ctx, v, p, 1, 1)
}

// drawPage draws one page. Session.drawing is held.
func (s *session) drawPage(ctx context.Context, v *viewing, p *paper.File, page, zoom int) {
	shown, err := p.Draw(ctx, page, zoom)
	if err != nil {
		s.refuseFile(v, err)
		return
	}
	_ = s.stillViewed(v, func() {
		clear(v.content.Bytes)
		v.content = FileContent{shown.Type, shown.Bytes}
		v.view.State, v.view.Token, v.view.Width, v.view.Height = FileReady, rand.Text(), shown.Width, shown.Height
	})
}

// ShowPage draws another page of the document that is open, or the same at
// another zoom; FileView says when it is ready. What no document has becomes the
// nearest that it has.
func (d *Desk) ShowPage(page, zoom int) error {
	s, done, err := d.open("attachment")
	if err != nil {
		return err
	}
	defer done()
	v := s.viewed
	if v == nil || v.paper == nil || v.view.State == FileFetching {
		return hotline.Errorf(hotline.KindNotFound, "attachment", "this file was closed: open it again from the conversation")
	}
	if v.view.State == FileDrawing {
		return nil // a second tap while the page is drawn
	}
	page, zoom = min(max(page, 1), v.view.Pages), min(max(zoom, 1), paper.MaxZoom)
	ctx, cancel := context.WithTimeout(s.ctx, filePatience)
	v.cancel = cancel
	v.view.State, v.view.Token, v.view.Page, v.view.Zoom, v.view.Why = FileDrawing, "", page, zoom, hotline.Sentence{}
	s.wg.Go(func() {
		defer cancel()
		s.drawing.Lock()
		defer s.drawing.Unlock()
		s.drawPage(ctx, v, v.paper, page, zoom)
	})
	return nil
}
