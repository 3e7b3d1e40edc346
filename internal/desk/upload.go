package desk

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

const (
	partTimeout = 2 * time.Minute  // for one part on a bad line
	uploadRetry = 15 * time.Second // after the server could not take a part
)

// outFile is a file of a reply on its way. Its two sealed forms lie in the desk's
// folder until they are at the server, so that a power cut costs one part.
type outFile struct {
	Name string    `json:"name"` // of the sealed forms in the folder
	Gen  int       `json:"gen"`  // of the case key that Object is sealed to
	File seal.File `json:"file"`
	Done bool      `json:"done,omitempty"` // every part of both is at the server
}

func (o outFile) object() string { return dirFiles + "/" + o.Name + "-case" + suffixAge }
func (o outFile) copy() string   { return dirFiles + "/" + o.Name + "-person" + suffixAge }

// unplaced reports whether an entry is a reply that waits for its files. It has no
// place in the chain yet: other replies do not wait for it.
func (e *entry) unplaced() bool { return len(e.Files) > 0 && e.Reply == nil }

// total is how many sealed bytes a reply's files have, both forms.
func (e *entry) total() (n int64) {
	for _, f := range e.Files {
		n += 2 * seal.SealedSize(f.File.Size)
	}
	return n
}

// fileKeys are to whom a file is sealed: to the case, and to the person or to
// who delivers it.
type fileKeys struct {
	gen          int
	object, copy seal.Recipient
}

// fileKeys are those of now. Desk.mu must be held.
func (s *session) fileKeys(f *caseFile) fileKeys {
	g, _ := f.newestKey()
	return fileKeys{g.Gen, g.Recipient, s.copyTo(f, g)}
}

// sealFile seals a file to both, and writes both down.
func (s *session) sealFile(to fileKeys, f seal.File, content []byte) (outFile, error) {
	out := outFile{Name: strings.ToLower(rand.Text()), Gen: to.gen, File: f}
	for _, form := range []struct {
		to   seal.Recipient
		at   string
		into *seal.Object
	}{{to.object, out.object(), &out.File.Object}, {to.copy, out.copy(), &out.File.Copy}} {
		sealed, o, err := seal.NewObject(form.to, content)
		if err != nil {
			return out, err
		}
		if err := s.d.dir.write(form.at, sealed); err != nil {
			return out, err
		}
		*form.into = o
	}
	return out, nil
}

// removeFiles takes the sealed forms of a reply's files off the disk.
func (s *session) removeFiles(e *entry) {
	for _, f := range e.Files {
		for _, name := range []string{f.object(), f.copy()} {
			if err := s.d.dir.remove(name); err != nil { // the next start sweeps it
				s.d.cfg.Log.Warn("a sealed file that is not needed any more could not be removed")
			}
		}
	}
}

// sweepFiles removes sealed forms that no reply names any more.
func (s *session) sweepFiles() error {
	names, err := s.d.dir.list(dirFiles)
	if err != nil {
		return err
	}
	for _, name := range names {
		named := slices.ContainsFunc(s.outbox, func(e *entry) bool {
			return slices.ContainsFunc(e.Files, func(f outFile) bool { return name == f.object() || name == f.copy() })
		})
		if named {
			continue
		}
		if err := s.d.dir.remove(name); err != nil {
			return err
		}
	}
	return nil
}

// uploader sends the parts of files, one reply after the other, from unlocking to
// locking.
func (s *session) uploader() {
	for s.ctx.Err() == nil {
		e, ctx, cancel := s.nextUpload()
		var err error
		if e != nil {
			if err = s.upload(ctx, e); err == nil {
				err = s.place(ctx, e)
			}
			cancel()
			err = s.uploadEnded(e, err)
		}
		if e != nil && err == nil {
			continue
		}
		var again <-chan time.Time
		if err != nil {
			again = s.d.cfg.Clock.After(uploadRetry)
		}
		select {
		case <-s.ctx.Done():
		case <-s.uploads:
		case <-again:
		}
	}
}

// nextUpload picks the oldest reply whose files are not all at the server.
func (s *session) nextUpload() (e *entry, ctx context.Context, cancel context.CancelFunc) {
	_ = s.under(func() error {
		i := slices.IndexFunc(s.outbox, func(o *entry) bool { return o.Outcome == OutcomeQueued && o.unplaced() })
		if i < 0 || !s.online || s.blocked() {
			return nil
		}
		e = s.outbox[i]
		ctx, cancel = context.WithCancel(s.ctx)
		s.uploading, s.stopUpload = e, cancel
		return nil
	})
	return e, ctx, cancel
}

// uploadEnded says what became of a reply with files. An error means: later again.
func (s *session) uploadEnded(e *entry, err error) error {
	there := false
	_ = s.under(func() error {
		s.uploading, s.stopUpload = nil, nil
		there = slices.Contains(s.outbox, e)
		if there && err != nil && later(err) {
			e.waits = hotline.SaidBy(err)
			s.d.changedCase(e.Case)
		}
		return nil
	})
	switch {
	case !there: // it was cancelled meanwhile
		return nil
	case err == nil, later(err):
		return err
	case hotline.KindOf(err) == hotline.KindConflict:
		return s.refuse(e, OutcomeConflict, hotline.SaidBy(err))
	}
	return s.refuse(e, OutcomeRefused, hotline.Say("The server refused it: %v", err))
}

// later reports whether an error may pass by itself: no connection, a full disk, a
// fault of the server or of this computer's disk.
func later(err error) bool {
	kind := hotline.KindOf(err)
	return lost(err) || kind == hotline.KindInternal || kind == hotline.KindLocked
}

// upload sends every part of a reply's files that the server does not have.
func (s *session) upload(ctx context.Context, e *entry) error {
	if err := s.refreshCase(ctx, e.Case); err != nil {
		return err
	}
	if err := s.sealAnew(e); err != nil {
		return err
	}
	for i := range e.Files {
		var f outFile
		if err := s.under(func() error { f = e.Files[i]; e.sent, e.waits = 0, hotline.Sentence{}; return nil }); err != nil {
			return err
		}
		if f.Done {
			continue
		}
		for _, form := range []struct {
			at     string
			object seal.Object
			copy   bool
		}{{f.object(), f.File.Object, false}, {f.copy(), f.File.Copy, true}} {
			if err := s.sendParts(ctx, e, form.at, form.object, form.copy); err != nil {
				return err
			}
		}
		if err := s.under(func() error { e.Files[i].Done = true; return s.put(e) }); err != nil {
			return err
		}
	}
	return nil
}

// sendParts sends one sealed form. The first answer says which parts are there
// already: after a power cut nothing else is sent twice.
func (s *session) sendParts(ctx context.Context, e *entry, at string, object seal.Object, toContact bool) error {
	sealed, err := s.d.dir.read(at)
	if err != nil {
		return err
	}
	if sealed == nil {
		return hotline.Errorf(hotline.KindInvalid, "attach", "the sealed file is gone from this computer: drop this and choose the file again")
	}
	var have []int
	for i := range object.Parts {
		if !slices.Contains(have, i) {
			sending, cancel := context.WithTimeout(ctx, partTimeout)
			answer, err := s.client.PutPart(sending, e.Case, object.ID, sealed, i, toContact)
			cancel()
			if err != nil {
				return err
			}
			have = answer.Have
		}
		if err := s.under(func() error {
			e.sent += int64(len(seal.Cut(sealed, i)))
			s.lastContact = s.d.cfg.Clock.Now()
			s.d.changedCase(e.Case)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// sealAnew seals the files again when the case has another key than they were
// sealed to: somebody's access was ended meanwhile.
func (s *session) sealAnew(e *entry) error {
	var to fileKeys
	var old []outFile
	keys := map[int]seal.Identity{}
	err := s.under(func() error {
		f := s.files[e.Case]
		if f == nil || !s.knows(f) || f.gone {
			return hotline.Errorf(hotline.KindDenied, "attach", "the server does not hand out this case any more")
		}
		if err := s.canAttach(f); err != nil {
			return err
		}
		to = s.fileKeys(f)
		for _, file := range e.Files {
			if file.Gen != to.gen {
				old, keys[file.Gen] = e.Files, f.keys[file.Gen]
			}
		}
		return nil
	})
	if err != nil || old == nil {
		return err
	}
	var anew []outFile
	for _, file := range old {
		sealed, err := s.d.dir.read(file.object())
		if err != nil {
			return err
		}
		content, err := seal.OpenFile(keys[file.Gen], file.File, file.File.Object, sealed)
		if err != nil {
			return err
		}
		out, err := s.sealFile(to, seal.File{Type: file.File.Type, Size: file.File.Size, Turn: file.File.Turn}, content)
		clear(content)
		if err != nil {
			return err
		}
		anew = append(anew, out)
	}
	err = s.under(func() error {
		before := *e
		e.Files = anew
		if err := s.put(e); err != nil {
			e.Files = before.Files
			return err
		}
		return nil
	})
	if err == nil {
		s.removeFiles(&entry{Files: old})
	}
	return err
}

// place gives a reply whose files are all at the server its place in the chain,
// and sends it. If a colleague has answered since the operator pressed the button,
// the operator reads that first.
func (s *session) place(ctx context.Context, e *entry) error {
	if err := s.refreshCase(ctx, e.Case); err != nil {
		return err
	}
	anew := false
	err := s.under(func() error {
		f := s.files[e.Case]
		if f == nil || !s.knows(f) || f.gone {
			return hotline.Errorf(hotline.KindDenied, "attach", "the server does not hand out this case any more")
		}
		for _, r := range f.records {
			if r.side == hotline.SideDesk && r.header.Seq > e.After && !(r.verified && r.signer == s.me.Name) {
				return hotline.Errorf(hotline.KindConflict, "attach", "Somebody has answered meanwhile. Read it, then decide whether to send yours.")
			}
		}
		if g, _ := f.newestKey(); g.Gen != e.Files[0].Gen {
			anew = true // sealed anew by the next round
			return nil
		}
		seq, hash := s.deskEnd(f)
		if err := s.makeReply(f, e, seq, hash); err != nil {
			e.Reply = nil
			return err
		}
		return s.put(e)
	})
	if err != nil || anew {
		return err
	}
	return s.flush(ctx)
}

// unplace takes a reply with files out of the chain again: it is placed anew after
// what the operator has read.
func (s *session) unplace(f *caseFile, e *entry) {
	e.Reply, e.Seq, e.Hash = nil, -1, seal.Hash{}
	e.After, _ = s.deskEnd(f)
	for i := range e.Files {
		e.Files[i].Done = false // the server may have swept them: it says which are there
	}
	poke(s.uploads)
}
