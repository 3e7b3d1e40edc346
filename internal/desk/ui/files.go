package ui

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/desk/paper"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// fileView is an attachment as a tile of the conversation.
type fileView struct {
	Object   string // names it in a form, never in an address
	Kind     string
	Name     string // "Photo"
	Size     string // "2.4 MB"
	Type     string // as claimed; only of what is not shown
	State    string // that it is sealed, or why it is not shown
	Open     string // where a form opens it; empty: it is not shown
	OpenText string
	Again    string // where a form takes it for a new reply; empty: it does not

	AgainText, AgainHint string
}

// fileViews draws the files of a message; at is the case's address.
func fileViews(t *texts, m desk.Message, at string, canAttach bool) []fileView {
	var out []fileView
	for _, a := range m.Files {
		v := fileView{Object: a.ID.String(), Kind: string(a.Kind), Name: t.Files.Kinds[a.Kind], Size: sizeText(t, a.Size), State: t.Files.Sealed}
		if canAttach && m.Side == hotline.SideDesk && m.Verified && !m.PutAway && m.Delivery == desk.DeliveryKept {
			v.Again, v.AgainText, v.AgainHint = at+"/attach/again", t.Attach.Again, t.Attach.AgainHint
		}
		switch {
		case m.Delivery != desk.DeliveryKept:
			v.State = t.Attach.OnItsWay
		case !a.Kind.Shown():
			v.State, v.Type = t.Files.NotShown, a.Type
		case m.Verified:
			v.Open, v.OpenText = at+"/file", t.Files.Open
		default:
			v.State = t.Files.Unsigned
		}
		out = append(out, v)
	}
	return out
}

// filesInWords is what the queue says of a message's files: "a photo, a file × 2".
func filesInWords(t *texts, kinds []desk.FileKind) string {
	var out []string
	for _, k := range []desk.FileKind{desk.FilePhoto, desk.FileSound, desk.FileDocument, desk.FileOther} {
		n := 0
		for _, have := range kinds {
			if have == k {
				n++
			}
		}
		switch {
		case n == 1:
			out = append(out, t.Files.One[k])
		case n > 1:
			out = append(out, fmt.Sprintf("%s × %d", t.Files.One[k], n))
		}
	}
	return strings.Join(out, ", ")
}

// withFiles is a text with what goes with it.
func withFiles(t *texts, text string, kinds []desk.FileKind) string {
	files := filesInWords(t, kinds)
	if text == "" || files == "" {
		return text + files
	}
	return text + " · " + files
}

// sizeText is a size in bytes as people say it, in steps of a thousand.
func sizeText(t *texts, n int64) string {
	units := t.Files.Units
	switch {
	case n < 1000:
		return fmt.Sprintf("%d %s", n, units[0])
	case n < 1_000_000:
		return fmt.Sprintf("%d %s", (n+500)/1000, units[1])
	}
	s := fmt.Sprintf("%d.%d", n/1_000_000, n/100_000%10)
	if t.Tag != "en" {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s + " " + units[2]
}

// viewedFile is the open attachment in its window.
type viewedFile struct {
	base
	Name, Size, State string
	Object            string
	Busy, Fetching    bool
	Done, Total       int64
	Image, Sound      string    // address of its content, once it can be shown
	Width, Height     int       // of the image, pixels
	Page              *pageView // of a document
	Why               spoken
	Again             string // where a form tries once more
}

// pageView is where one is in a document. A number of 0 leads nowhere.
type pageView struct {
	Number, Zoom    int
	Before, After   int    // other pages
	Smaller, Larger int    // other steps of the zoom
	Where           string // "Page 2 of 3"
	More            string // that it has more pages than are shown
}

// turn is a button that leads to another page or size.
type turn struct {
	ID, Name, Sign string
	Page, Zoom     int
	Leads          bool
}

func newTurn(id, name, sign string, page, zoom int) turn {
	return turn{id, name, sign, page, zoom, page > 0 && zoom > 0}
}

func pageOf(t *texts, f desk.FileView) *pageView {
	if f.Pages == 0 {
		return nil
	}
	v := &pageView{Number: f.Page, Zoom: f.Zoom, Before: f.Page - 1, Smaller: f.Zoom - 1, Where: fmt.Sprintf(t.Files.Page, f.Page, f.Pages)}
	if f.Page < f.Pages {
		v.After = f.Page + 1
	}
	if f.Zoom < paper.MaxZoom {
		v.Larger = f.Zoom + 1
	}
	if f.Of > f.Pages {
		v.More = fmt.Sprintf(t.Files.MorePages, f.Of, f.Pages)
	}
	return v
}

// showPage draws another page of the open document, or the same larger or smaller.
func (u *UI) showPage(w http.ResponseWriter, r *http.Request) {
	page, err := strconv.Atoi(r.PostFormValue("page"))
	zoom, zoomErr := strconv.Atoi(r.PostFormValue("zoom"))
	if err != nil || zoomErr != nil {
		u.refuse(w, r, hotline.KindInvalid)
		return
	}
	if err := u.desk.ShowPage(page, zoom); err != nil {
		u.fail(w, r, err)
		return
	}
	u.fileState(w, r)
}

// openFile begins to fetch an attachment.
func (u *UI) openFile(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	var object seal.ObjectID
	if err == nil {
		object, err = seal.ParseObjectID(r.PostFormValue("object"))
	}
	if err == nil {
		err = u.desk.OpenFile(id, object)
	}
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.fileState(w, r)
}

// fileState draws how far the open attachment is. While it comes, the page asks again.
func (u *UI) fileState(w http.ResponseWriter, r *http.Request) {
	f := u.desk.FileView()
	b := u.base(r, "queue")
	v := viewedFile{
		base: b, Name: b.T.Files.Kinds[f.Kind], Size: sizeText(b.T, f.Size), Object: f.ID.String(), Done: f.Done, Total: f.Total,
		Width: f.Width, Height: f.Height,
	}
	switch f.State {
	case desk.FileClosed:
		v.Name, v.Size = "–", "–"
	case desk.FileFetching:
		v.Busy, v.Fetching = true, true
		v.State = fmt.Sprintf(b.T.Files.Fetching, sizeText(b.T, f.Done), sizeText(b.T, f.Total))
	case desk.FileDrawing:
		v.Busy, v.State = true, b.T.Files.Drawing
	case desk.FileReady:
		v.Page = pageOf(b.T, f)
		if f.Kind != desk.FileSound {
			v.Image = "/file/" + f.Token
		} else {
			v.Sound = "/file/" + f.Token
		}
	case desk.FileRefused:
		v.Page = pageOf(b.T, f)
		v.Why = b.T.say(f.Why)
		if f.Again {
			v.Again = "/case/" + u.refs.of(f.Case) + "/file"
		}
	}
	u.write(w, r, http.StatusOK, "work", "viewed", v)
}

// fileContent hands out what is shown of the open attachment: to an <img> or
// <audio> of this page, never as a page of its own.
func (u *UI) fileContent(w http.ResponseWriter, r *http.Request) {
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "image" && dest != "audio" && dest != "video" {
		u.refuse(w, r, hotline.KindDenied)
		return
	}
	c, err := u.desk.FileContent(r.PathValue("token"))
	if err != nil {
		u.refuse(w, r, hotline.KindOf(err))
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", fileCSP)
	h.Set("Content-Type", c.Type)
	h.Set("Content-Disposition", "inline")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.Bytes)) // a player asks for pieces
}

// closeFile forgets the open attachment.
func (u *UI) closeFile(w http.ResponseWriter, _ *http.Request) {
	u.desk.CloseFile()
	w.WriteHeader(http.StatusNoContent)
}
