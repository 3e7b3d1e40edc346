package desk_test

import (
	"bytes"
	"context"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"safeconduct/internal/blob"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"           //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/db"        //nolint:depguard // the tests boot the real server
	"safeconduct/internal/store/storetest" //nolint:depguard // the tests boot the real server
)

// filesFor opens what waits for the person: each reply's files, as the page does.
func (w *world) filesFor(c *contact) (files []seal.File, contents [][]byte) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.View(ctx, func(tx *store.Tx) error {
		copies, err := tx.ReplyCopies(ctx, c.id[:])
		if err != nil {
			return err
		}
		for _, waiting := range copies {
			for _, f := range must(seal.OpenRecord(c.Identity, waiting.File)).Body.Files {
				var parts []db.ObjectPart
				if parts, err = tx.ObjectParts(ctx, c.id[:], f.Copy.ID[:]); err != nil {
					return err
				}
				var sealed []byte
				for _, p := range parts {
					if !blob.Key(p.Blob).Passing() {
						w.tb.Error("the person's file lies among what backups hold")
					}
					sealed = append(sealed, must(w.objects.Read(ctx, p))...)
				}
				files, contents = append(files, f), append(contents, must(seal.OpenFile(c.Identity, f, f.Copy, sealed)))
			}
		}
		return nil
	}))
	return files, contents
}

// leftOver counts what a desk keeps of files on its disk.
func (st *station) leftOver() (n int) {
	_ = filepath.WalkDir(filepath.Join(st.dir, "files"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	return n
}

func (st *station) sendFile(id hotline.CaseID, text string, content []byte) desk.Result {
	st.w.tb.Helper()
	chosen := must(st.AttachFile(id, content))
	return must(st.ReplyWithFile(context.Background(), id, text, chosen.Token, st.view(id).DeskSeq))
}

// allSent waits until nothing of a desk's waits any more.
func (st *station) allSent() {
	st.w.tb.Helper()
	st.await("the outbox to empty", func() bool { s := st.State(); return s.Online && s.Waiting+s.Undecided == 0 })
}

// TestOperatorSendsAFile: what the camera wrote is gone, both forms arrive, the
// person opens it, the colleague opens it, nothing plain lay on the disk.
func TestOperatorSendsAFile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := newWorldOn(t, open())
		c := w.newCase("раз")
		st := w.work(&w.anna)
		chosen := must(st.AttachFile(c.id, photo(t, 600, 300)))
		if v := st.view(c.id); v.Staged != chosen || !v.CanAttach || !chosen.Cleaned || chosen.Kind != desk.FilePhoto {
			t.Errorf("chosen: %+v, shown %+v", chosen, v.Staged)
		}
		r := must(st.ReplyWithFile(t.Context(), c.id, "карта", chosen.Token, -1))
		if r.Outcome != desk.OutcomeQueued {
			t.Fatalf("%+v", r)
		}
		st.allSent()
		files, contents := w.filesFor(c)
		if len(files) != 1 || files[0].Type != "image/jpeg" || bytes.Contains(contents[0], []byte("GPS")) || bytes.Contains(contents[0], []byte("Exif")) {
			t.Fatalf("the person has %v", files)
		}
		if got := w.replies(c); !slices.Equal(got, []string{"карта"}) {
			t.Errorf("%q", got)
		}
		other := w.work(&w.anna)
		other.await("the message", func() bool { return len(other.view(c.id).Messages) == 2 })
		m := other.view(c.id).Messages[1]
		if !m.Verified || len(m.Files) != 1 || m.Upload != nil || m.PutAway || len(m.Problems) != 0 {
			t.Errorf("the colleague sees %+v", m)
		}
		if v := other.viewed(c.id, m.Files[0].ID); v.State != desk.FileReady || v.Width != 600 {
			t.Errorf("the colleague opens %+v", v)
		}
		if n := st.leftOver(); n != 0 {
			t.Errorf("%d files are left on the desk's disk", n)
		}
		// Sent again, it is a new message with a file of its own.
		again := must(other.AttachAgain(t.Context(), c.id, m.Files[0].ID))
		must(other.ReplyWithFile(t.Context(), c.id, "", again.Token, other.view(c.id).DeskSeq))
		other.allSent()
		if files, twice := w.filesFor(c); len(files) != 2 || files[0].Copy == files[1].Copy || !bytes.Equal(twice[0], twice[1]) {
			t.Errorf("sent again: %v", files)
		}
	})
}

// counting counts parts that reach the server and can cut the line after some.
func (st *station) counting(after int64) (parts *atomic.Int64) {
	parts = &atomic.Int64{}
	st.wire.set(func(x *wire) {
		x.drop = func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/parts") && parts.Add(1) == after
		}
	})
	return parts
}

// TestFileSurvivesAPowerCut: the program ends in the middle; started again it
// sends what is missing, and text does not wait for a file.
func TestFileSurvivesAPowerCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	st := w.work(&w.anna)
	content := append([]byte("%PDF-1.4 "), bytes.Repeat([]byte("paper "), 200_000)...)
	st.wire.set(func(x *wire) {
		n := 0
		x.refuse = func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/parts") {
				if n++; n > 2 {
					return hotline.Errorf(hotline.KindBusy, "server", "the disk is nearly full: attachments wait, text does not")
				}
			}
			return nil
		}
	})
	st.sendFile(c.id, "бумага", content)
	waiting := func() *desk.Upload {
		v := st.view(c.id)
		return v.Messages[len(v.Messages)-1].Upload
	}
	st.await("the reason why it waits", func() bool { u := waiting(); return u != nil && strings.Contains(u.Waits.String(), "nearly full") })
	if u := waiting(); u.Done <= 0 || u.Done >= u.Total {
		t.Errorf("progress %+v", u)
	}
	if r := must(st.Reply(t.Context(), c.id, "сейчас придёт")); r.Outcome != desk.OutcomeSent {
		t.Errorf("a text beside the file: %+v", r)
	}
	st.wire.set(func(x *wire) { x.refuse = nil })
	parts := st.counting(-1)
	st.restart()
	st.allSent()
	if got := w.replies(c); !slices.Equal(got, []string{"сейчас придёт", "бумага"}) {
		t.Errorf("%q", got)
	}
	files, contents := w.filesFor(c)
	if len(files) != 1 || !bytes.Equal(contents[0], content) {
		t.Fatal("another file arrived")
	}
	// Two parts had arrived; the first is sent again to learn which.
	if n, all := parts.Load(), int64(files[0].Object.Parts+files[0].Copy.Parts); n != all-1 {
		t.Errorf("%d parts were sent after the cut, of %d", n, all)
	}
	if n := st.leftOver(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// TestFileAndColleague: who answers first is read first; then the file goes out
// without being sent a second time.
func TestFileAndColleague(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	st, colleague := w.work(&w.anna), w.work(&w.boris)
	hold := make(chan struct{})
	st.wire.set(func(x *wire) {
		x.refuse = func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/parts") {
				<-hold
			}
			return nil
		}
	})
	st.sendFile(c.id, "схема", photo(t, 200, 100))
	colleague.await("the case", func() bool { return len(colleague.view(c.id).Messages) == 1 })
	must(colleague.Reply(t.Context(), c.id, "ответ Бориса"))
	close(hold)
	st.await("the decision", func() bool { return st.State().Undecided == 1 })
	item := st.Outbox()[0]
	if item.Outcome != desk.OutcomeConflict || !strings.Contains(item.Why.String(), "Somebody has answered meanwhile") {
		t.Errorf("%+v", item)
	}
	must(st.Retry(t.Context(), item.ID))
	st.allSent()
	if got := w.replies(c); !slices.Equal(got, []string{"ответ Бориса", "схема"}) {
		t.Errorf("%q", got)
	}
	// A page that has not seen the newest reply sends nothing, and keeps the choice.
	chosen := must(st.AttachFile(c.id, photo(t, 100, 100)))
	r := must(st.ReplyWithFile(t.Context(), c.id, "ещё", chosen.Token, 0))
	if v := st.view(c.id); r.Outcome != desk.OutcomeConflict || v.Staged.Token != chosen.Token || v.Draft != "ещё" {
		t.Errorf("%+v, %+v", r, v.Staged)
	}
	ok(t, st.DropFile(c.id))
	_, err := st.ReplyWithFile(t.Context(), c.id, "ещё", chosen.Token, 1)
	wantKind(t, err, hotline.KindConflict)
}

// TestFileIsCancelled: nothing of it is left here, the text stays a draft.
func TestFileIsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	st := w.work(&w.anna)
	began := make(chan struct{}, 64)
	st.wire.set(func(x *wire) {
		x.refuse = func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/parts") {
				began <- struct{}{}
				<-r.Context().Done()
			}
			return nil
		}
	})
	r := st.sendFile(c.id, "не то", photo(t, 200, 100))
	<-began
	ok(t, st.Discard(r.OutboxID))
	if v := st.view(c.id); len(v.Messages) != 1 || v.Draft != "не то" || st.leftOver() != 0 || len(st.Outbox()) != 0 {
		t.Errorf("%+v; %d files", v, st.leftOver())
	}
	st.wire.set(func(x *wire) { x.refuse = nil })
	st.sendFile(c.id, "то", photo(t, 200, 100))
	st.allSent()
	if got := w.replies(c); !slices.Equal(got, []string{"то"}) {
		t.Errorf("%q", got)
	}
}

// TestFileAfterTheKeyChanged: somebody's access ends while a file waits; it is
// sealed anew, and who has left never gets it.
func TestFileAfterTheKeyChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	admin, st := w.work(&w.anna), w.work(&w.anna)
	st.view(c.id)
	st.wire.set(func(x *wire) { x.cut = true })
	chosen := must(st.AttachFile(c.id, photo(t, 300, 100)))
	must(st.ReplyWithFile(t.Context(), c.id, "схема", chosen.Token, -1))
	ok(t, admin.Revoke(t.Context(), w.boris.OperatorID(), nil))
	st.wire.set(func(x *wire) { x.cut = false })
	st.restart()
	st.allSent()
	files, contents := w.filesFor(c)
	v := admin.view(c.id)
	if len(files) != 1 || v.Generation == 0 || len(contents[0]) == 0 || st.leftOver() != 0 {
		t.Fatalf("generation %d, files %v, %d left", v.Generation, files, st.leftOver())
	}
	if _, err := seal.OpenFile(c.s0, files[0], files[0].Object, w.sealedObject(c, files[0].Object)); err == nil {
		t.Error("the key of before opens it")
	}
}

func (w *world) sealedObject(c *contact, o seal.Object) (sealed []byte) {
	ctx := context.Background()
	ok(w.tb, w.db.View(ctx, func(tx *store.Tx) error {
		parts, err := tx.ObjectParts(ctx, c.id[:], o.ID[:])
		for _, p := range parts {
			sealed = append(sealed, must(w.objects.Read(ctx, p))...)
		}
		return err
	}))
	return sealed
}

// TestFileAfterARestore: the text of a reply is sealed again by itself; its file,
// whose copy for the person is in no backup, is taken again by an operator.
func TestFileAfterARestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	st := w.work(&w.anna)
	st.sendFile(c.id, "карта", photo(t, 300, 200))
	st.allSent()
	taken, to := w.takeBackup()
	w.restore(taken, to, true)
	ok(t, st.Acknowledge(st.restored().ID)) // every restore is accepted: a desk cannot know that nothing is missing
	st.await("the text", func() bool { return slices.Equal(w.replies(c), []string{"карта"}) })
	st.await("the case", func() bool { return st.State().Online && !st.State().Blocked && len(st.view(c.id).Messages) == 2 })
	m := st.view(c.id).Messages[1]
	if v := st.viewed(c.id, m.Files[0].ID); v.State != desk.FileReady {
		t.Errorf("the desk's own form did not come back: %+v", v)
	}
	if n := w.waitingParts(c); n != 0 {
		t.Errorf("%d parts of the person's came out of a backup", n)
	}
	again := must(st.AttachAgain(t.Context(), c.id, m.Files[0].ID))
	must(st.ReplyWithFile(t.Context(), c.id, "ещё раз карта", again.Token, st.view(c.id).DeskSeq))
	st.allSent()
	if got := w.replies(c); !slices.Equal(got, []string{"карта", "ещё раз карта"}) || w.waitingParts(c) != 1 {
		t.Errorf("%q, %d parts", got, w.waitingParts(c))
	}
}

// waitingParts counts the parts of files that wait for the person.
func (w *world) waitingParts(c *contact) (n int) {
	w.tb.Helper()
	ctx := context.Background()
	ok(w.tb, w.db.View(ctx, func(tx *store.Tx) error {
		all, err := tx.ObjectsOf(ctx, c.id[:])
		for _, o := range all {
			if o.Side != "copy" {
				continue
			}
			parts, err := tx.ObjectParts(ctx, c.id[:], o.ID)
			if err != nil {
				return err
			}
			n += len(parts)
		}
		return err
	}))
	return n
}

// TestFileOfWhoIsRevoked: the server says no, in words; nothing is lost here.
func TestFileOfWhoIsRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	st := w.work(&w.boris)
	st.wire.set(func(x *wire) {
		x.refuse = func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/parts") {
				return hotline.Errorf(hotline.KindDenied, "server", "your access has ended")
			}
			return nil
		}
	})
	st.sendFile(c.id, "", photo(t, 100, 100))
	st.await("the refusal", func() bool { return st.State().Undecided == 1 })
	if item := st.Outbox()[0]; item.Outcome != desk.OutcomeRefused || !strings.Contains(item.Why.String(), "your access has ended") || st.leftOver() != 2 {
		t.Errorf("%+v, %d files", item, st.leftOver())
	}
}

// What does not go out is said before anything is sealed.
func TestFilesThatAreNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	st := w.work(&w.anna)
	st.view(c.id)
	broken := photo(t, 300, 300)
	for name, b := range map[string][]byte{
		"nothing": {}, "too large": make([]byte, desk.MaxFile+1), "a program": []byte("MZ whatever"), "half a picture": broken[:len(broken)-200],
	} {
		if chosen, err := st.AttachFile(c.id, b); hotline.KindOf(err) != hotline.KindInvalid || err == nil || chosen.Token != "" {
			t.Errorf("%s: %+v, %v", name, chosen, err)
		}
	}
	must(st.AttachFile(c.id, photo(t, 100, 100)))
	st.Lock()
	ok(t, st.Unlock(t.Context(), passphrase))
	st.caughtUp()
	if v := st.view(c.id); v.Staged.Token != "" {
		t.Error("a chosen file was kept over a lock")
	}
	_, err := st.AttachFile(hotline.CaseID{1}, photo(t, 100, 100))
	wantKind(t, err, hotline.KindNotFound)
}
