package ui

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

const fileToken = "K5TQJ3V2"

func (f *fakeDesk) OpenFile(id hotline.CaseID, object seal.ObjectID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "open file "+object.String())
	if f.err == nil {
		f.file = f.showing
	}
	return f.err
}

func (f *fakeDesk) FileView() desk.FileView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file
}

func (f *fakeDesk) FileContent(token string) (desk.FileContent, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file.State != desk.FileReady || token != fileToken {
		return desk.FileContent{}, hotline.Errorf(hotline.KindNotFound, "attachment", "this file was closed: open it again from the conversation")
	}
	return f.content, nil
}

func (f *fakeDesk) ShowPage(page, zoom int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf("page %d zoom %d", page, zoom))
	f.file.Page, f.file.Zoom = page, zoom
	return f.err
}

func (f *fakeDesk) CloseFile() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	f.file = desk.FileView{}
}

// photographs is a conversation with files of every kind; one of them is being opened.
func photographs(view desk.FileView) func() *fakeDesk {
	return func() *fakeDesk {
		f := busy()
		c := f.cases[caseID(1)]
		c.Row.Files = []desk.FileKind{desk.FilePhoto, desk.FilePhoto, desk.FileOther}
		m := said(4, 0, "")
		m.Files = []desk.Attachment{
			{ID: seal.ObjectID{1}, Kind: desk.FilePhoto, Type: "image/jpeg", Size: 3_412_904},
			{ID: seal.ObjectID{2}, Kind: desk.FileSound, Type: "audio/mp4", Size: 88_400},
			{ID: seal.ObjectID{3}, Kind: desk.FileDocument, Type: "application/pdf", Size: 20_100_000},
			{ID: seal.ObjectID{4}, Kind: desk.FileOther, Size: 999},
		}
		forged := said(5, 0, "Вот карта.")
		forged.Verified, forged.Files = false, m.Files[:1]
		c.Messages = append(c.Messages, m, forged)
		view.Case = c.ID
		f.showing, f.content = view, desk.FileContent{Type: "image/png", Bytes: stripes()}
		return f
	}
}

func stripes() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for y := range 600 {
		for x := range 800 {
			m.SetRGBA(x, y, color.RGBA{uint8(x / 4), uint8(y / 3), uint8((x / 100) * 30), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func photoView(s desk.FileState) desk.FileView {
	return desk.FileView{
		Attachment: desk.Attachment{ID: seal.ObjectID{1}, Kind: desk.FilePhoto, Type: "image/jpeg", Size: 3_412_904},
		State:      s, Done: 1_100_000, Total: 3_500_000, Token: fileToken, Width: 800, Height: 600,
	}
}

func paperView() desk.FileView {
	v := photoView(desk.FileReady)
	v.Kind, v.Type, v.Size, v.Page, v.Pages, v.Of, v.Zoom, v.Width, v.Height = desk.FileDocument, "application/pdf", 740_000, 2, 500, 612, 1, 990, 1400
	return v
}

func soundView() desk.FileView {
	v := photoView(desk.FileReady)
	v.Kind, v.Size = desk.FileSound, 88_400
	return v
}

func refusedView() desk.FileView {
	v := photoView(desk.FileRefused)
	v.Again = true
	v.Why = hotline.Say("This file is not opened: %v. Somebody changed it on the way or at the server, or it is damaged.",
		hotline.Errorf(hotline.KindForged, "attachment", "this is not the file that the message names"))
	return v
}
