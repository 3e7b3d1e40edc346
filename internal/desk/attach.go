package desk

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"safeconduct/internal/desk/picture"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// staged is a file that was chosen for a case and not sent yet: in memory alone.
type staged struct {
	token   string // names it, so that what is sent is what was seen
	file    seal.File
	cleaned bool // hidden data was removed
	content []byte
}

// Staged is a chosen file as a page shows it.
type Staged struct {
	Token   string // for ReplyWithFile; "" when nothing is chosen
	Kind    FileKind
	Size    int64 // in bytes, as it will be sent
	Cleaned bool  // place, device and the like were removed; of sounds and documents they are not
}

// AttachFile takes a file for the next reply in a case, in memory alone. What a
// camera wrote into a picture is removed here, before anything is sealed. Another
// that was chosen before makes room.
func (d *Desk) AttachFile(id hotline.CaseID, content []byte) (Staged, error) {
	st, err := stage(content)
	if err != nil {
		return Staged{}, err
	}
	s, done, err := d.open("attach")
	if err != nil {
		return Staged{}, err
	}
	defer done()
	f := s.files[id]
	if f == nil {
		return Staged{}, hotline.Errorf(hotline.KindNotFound, "attach", "this desk knows no such case")
	}
	if err := s.canAttach(f); err != nil {
		return Staged{}, err
	}
	s.unstage(id)
	s.staged[id] = st
	s.d.changedCase(id)
	return st.view(), nil
}

// stage looks at a file and cleans it. Only kinds that the person's page shows or
// saves by its own knowledge go out.
func stage(content []byte) (*staged, error) {
	switch n := len(content); {
	case n == 0:
		return nil, hotline.Errorf(hotline.KindInvalid, "attach", "the file is empty. Nothing was taken")
	case n > seal.MaxFile:
		return nil, errTooLarge()
	}
	st := &staged{token: rand.Text(), file: seal.File{Type: picture.TypeOf(content)}, content: slices.Clone(content)}
	switch kindOf(st.file.Type) {
	case FilePhoto:
		clean, turn, err := picture.Clean(content)
		if err != nil {
			return nil, err
		}
		st.content, st.file.Turn, st.cleaned = clean, turn, true
	case FileSound, FileDocument:
	case FileOther:
		return nil, hotline.Errorf(hotline.KindInvalid, "attach", "only JPEG, PNG, PDF and sounds (WAV, OGG, MP3, M4A) are sent. Nothing was taken")
	}
	st.file.Size = int64(len(st.content))
	return st, nil
}

func errTooLarge() error {
	return hotline.Errorf(hotline.KindInvalid, "attach", "the file is too large: at most %d MB are sent. Nothing was taken", seal.MaxFile>>20)
}

func (st *staged) view() Staged {
	return Staged{Token: st.token, Kind: kindOf(st.file.Type), Size: st.file.Size, Cleaned: st.cleaned}
}

// canAttach says why no file can go out in this case. Desk.mu must be held.
func (s *session) canAttach(f *caseFile) error {
	if _, err := s.canReply(f); err != nil {
		return err
	}
	if !hotline.Allowed(hotline.ActionSendFile, s.me.Roles...) {
		return hotline.Errorf(hotline.KindDenied, "attach", "your roles do not allow sending files")
	}
	if g, _ := f.newestKey(); s.copyTo(f, g).IsZero() {
		return hotline.Errorf(hotline.KindInvalid, "attach", "this person has no page that could open a file")
	}
	return nil
}

// DropFile forgets the chosen file.
func (d *Desk) DropFile(id hotline.CaseID) error {
	s, done, err := d.open("attach")
	if err != nil {
		return err
	}
	defer done()
	s.unstage(id)
	s.d.changedCase(id)
	return nil
}

// unstage forgets a chosen file. Desk.mu must be held.
func (s *session) unstage(id hotline.CaseID) {
	if st := s.staged[id]; st != nil {
		clear(st.content) // Go cannot promise that no copy stays; this one does not
		delete(s.staged, id)
	}
}

// ReplyWithFile answers with the file that was chosen, and text or none. It comes
// back when both are on this computer's disk, sealed; the parts go out by
// themselves, while other replies go on, and the message takes its place when all
// of them are at the server. deskSeq is as in ReplyAfter.
func (d *Desk) ReplyWithFile(ctx context.Context, id hotline.CaseID, text, token string, deskSeq int64) (Result, error) {
	s, f, done, err := d.ready(ctx, "attach", id)
	if err != nil {
		return Result{}, err
	}
	st := s.staged[id]
	if err = s.canAttach(f); err == nil && (st == nil || st.token != token) {
		err = hotline.Errorf(hotline.KindConflict, "attach", "the file is not here any more: choose it again. Nothing was sent")
	}
	if seq, _ := s.deskEnd(f); err == nil && seq != deskSeq {
		defer done()
		if err := s.setDraft(id, text); err != nil {
			return Result{}, err
		}
		return s.conflictOf(f, deskSeq), nil
	}
	if err != nil {
		done()
		return Result{}, err
	}
	keys := s.fileKeys(f)
	delete(s.staged, id) // nobody else sends it
	done()
	result, err := s.sendStaged(id, keys, st, &entry{Kind: kindReply, Case: id, Text: strings.TrimSpace(text), After: deskSeq, Seq: -1})
	if err != nil {
		_ = s.under(func() error { // the choice stays for another try
			if s.staged[id] == nil {
				s.staged[id] = st
			}
			return nil
		})
	}
	return result, err
}

// sendStaged seals a file, writes it down with its reply, and lets it go out.
func (s *session) sendStaged(id hotline.CaseID, keys fileKeys, st *staged, e *entry) (Result, error) {
	out, err := s.sealFile(keys, st.file, st.content)
	if err != nil {
		return Result{}, err
	}
	e.Files = []outFile{out}
	err = s.under(func() error {
		if err := s.add(e); err != nil {
			return err
		}
		return s.dropDraft(id)
	})
	if err != nil {
		s.removeFiles(e)
		return Result{}, err
	}
	clear(st.content)
	poke(s.uploads)
	return Result{
		Outcome: OutcomeQueued, OutboxID: e.ID,
		Text: hotline.Say("The file is kept on this computer, sealed, and goes out by itself. The message follows when all of it is at the server."),
	}, nil
}

// MaxFile is the largest file in bytes that AttachFile takes.
const MaxFile = seal.MaxFile

// TooLarge is the error for a file that is longer than MaxFile, for whoever
// stops reading it there.
func TooLarge() error { return errTooLarge() }

// AttachAgain takes a file that the desk sent before for the next reply: after a
// restore the person's own copy of it is in no backup, and sealing it again makes
// another file, which only a new message can name.
func (d *Desk) AttachAgain(ctx context.Context, id hotline.CaseID, object seal.ObjectID) (Staged, error) {
	s, done, err := d.open("attach")
	if err != nil {
		return Staged{}, err
	}
	var r openRecord
	var file seal.File
	ok := false
	if f := s.files[id]; f != nil {
		r, file, ok = f.fileOf(object)
	}
	var key seal.Identity
	if ok {
		key = s.files[id].keys[r.header.Gen]
	}
	done()
	if !ok || r.side != hotline.SideDesk {
		return Staged{}, hotline.Errorf(hotline.KindNotFound, "attach", "no message of this case that verifies names such a file")
	}
	ctx, cancel := context.WithTimeout(ctx, filePatience)
	defer cancel()
	sealed, err := s.client.Object(ctx, id, object, seal.SealedSize(file.Size), nil)
	if err != nil {
		return Staged{}, err
	}
	content, err := seal.OpenFile(key, file, file.Object, sealed)
	if err != nil {
		return Staged{}, err
	}
	view, err := d.AttachFile(id, content)
	if err != nil {
		return view, err
	}
	return view, s.under(func() error { // a cleaned picture tells no more how it was held
		if st := s.staged[id]; st != nil && st.token == view.Token {
			st.file.Turn = file.Turn
		}
		return nil
	})
}
