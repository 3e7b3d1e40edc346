package ui

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// maxUpload is how much of a form with a file is read at all. What is longer than
// a file may be is read away, so that the browser hears why it is not taken.
const maxUpload = 1 << 30

// takesFile reports whether a request may bring a file.
func takesFile(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/case/") && strings.HasSuffix(r.URL.Path, "/attach")
}

// attachedView is the file that is chosen for the next reply.
type attachedView struct {
	Token, Name, Size, Note string
	Bad                     bool // nothing was removed from it
}

func attached(t *texts, s desk.Staged) *attachedView {
	if s.Token == "" {
		return nil
	}
	v := &attachedView{Token: s.Token, Name: t.Files.Kinds[s.Kind], Size: sizeText(t, s.Size), Note: t.Attach.Cleaned}
	if !s.Cleaned {
		v.Note, v.Bad = t.Attach.NotCleaned, true
	}
	return v
}

// uploadView is how far the files of a reply are on their way.
type uploadView struct {
	Text        string
	Done, Total int64
	Waits       spoken
}

func upload(t *texts, up *desk.Upload) *uploadView {
	if up == nil {
		return nil
	}
	return &uploadView{
		Text: fmt.Sprintf(t.Attach.Sending, sizeText(t, up.Done), sizeText(t, up.Total)), Done: up.Done, Total: up.Total, Waits: t.say(up.Waits),
	}
}

// attach takes a file for the next reply. It is read into memory and nowhere else:
// net/http would put a long form on the disk.
func (u *UI) attach(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	var content []byte
	if err == nil {
		content, err = readFile(r)
	}
	if err == nil {
		_, err = u.desk.AttachFile(id, content)
		clear(content)
	}
	u.afterAttach(w, r, err)
}

func (u *UI) afterAttach(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.again(w, r, nil)
}

func readFile(r *http.Request) ([]byte, error) {
	broken := hotline.Errorf(hotline.KindInvalid, "attach", "the file did not come whole: choose it again")
	form, err := r.MultipartReader()
	if err != nil {
		return nil, broken
	}
	defer func() { _, _ = io.Copy(io.Discard, r.Body) }() // see maxUpload
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, broken
		}
		if err != nil {
			return nil, broken
		}
		if part.FormName() != "file" {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(part, desk.MaxFile+1))
		if err != nil {
			return nil, broken
		}
		if len(content) > desk.MaxFile {
			return nil, desk.TooLarge()
		}
		return content, nil
	}
}

// detach forgets the chosen file.
func (u *UI) detach(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	if err == nil {
		err = u.desk.DropFile(id)
	}
	u.afterAttach(w, r, err)
}

// attachAgain takes a file that was sent before.
func (u *UI) attachAgain(w http.ResponseWriter, r *http.Request) {
	id, err := u.caseOf(r)
	var object seal.ObjectID
	if err == nil {
		object, err = seal.ParseObjectID(r.PostFormValue("object"))
	}
	if err == nil {
		_, err = u.desk.AttachAgain(r.Context(), id, object)
	}
	u.afterAttach(w, r, err)
}
