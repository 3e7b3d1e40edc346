package intake_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// started is a case that has been sent, and that an operator has answered when told so.
func (h *house) started(answered bool) *contact.Case {
	h.t.Helper()
	p := must[*contact.Case](h.t)(h.client().StartWith(h.t.Context(), h.keys(), "hello", "en"))
	if answered {
		h.reply(p.ID(), 0, seal.Hash{}, "good that you write")
		if _, err := p.Open(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
	}
	return p
}

// sealedFile puts the parts of an object together as the server keeps them.
func (h *house) sealedFile(id hotline.CaseID, o seal.ObjectID) (whole []byte) {
	h.t.Helper()
	h.view(func(ctx context.Context, tx *store.Tx) error {
		parts, err := tx.ObjectParts(ctx, id[:], o[:])
		for _, p := range parts {
			b, readErr := h.objects.Read(ctx, p)
			if readErr != nil {
				return readErr
			}
			whole = append(whole, b...)
		}
		return err
	})
	return whole
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		p := h.started(true)
		content := random(2<<20 + 77)
		up := must[*contact.Upload](t)(p.Attach(content, "image/jpeg"))
		// In any order, and one of them twice.
		for _, i := range []int{3, 0, 0, 1} {
			if err := up.SendPart(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(up.Have(), []int{0, 1, 3}) {
			t.Errorf("the server has %v", up.Have())
		}
		if err := p.SendFiles(t.Context(), "too early", "en", up); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("a message whose attachment is not whole: %v", err)
		}
		if n := len(h.records(p.ID())); n != 2 {
			t.Errorf("%d records", n)
		}
		p = h.again(p)
		if err := up.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := h.objects.Files(t); n != up.File.Object.Parts {
			t.Errorf("%d files for %d parts", n, up.File.Object.Parts)
		}
		if err := p.SendFiles(t.Context(), "a photo", "en", up); err != nil {
			t.Fatal(err)
		}
		// The desk opens it.
		records := h.records(p.ID())
		rec := must[seal.Record](t)(seal.OpenRecord(h.caseKey(p.ID()), records[len(records)-1].File))
		if rec.Body.Text != "a photo" || len(rec.Body.Files) != 1 {
			t.Fatalf("%q names %d files", rec.Body.Text, len(rec.Body.Files))
		}
		f := rec.Body.Files[0]
		got, err := seal.OpenFile(h.caseKey(p.ID()), f, f.Object, h.sealedFile(p.ID(), f.Object.ID))
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes: %v", len(got), err)
		}
		// Named once: another message cannot take it.
		if err := p.SendFiles(t.Context(), "again", "en", up); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("an attachment in a second message: %v", err)
		}
	})
}

// again is the person coming back on another page.
func (h *house) again(p *contact.Case) *contact.Case {
	h.t.Helper()
	back := p.Fresh()
	if _, err := back.Open(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return back
}

func TestAttachmentIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		p, other := h.started(true), h.started(true)
		up := must[*contact.Upload](t)(p.Attach(random(600<<10), "image/png"))
		part := func(i int) (seal.Part, []byte) {
			content := seal.Cut(up.Sealed(), i)
			return seal.Part{
				Case: p.ID(), Object: up.File.Object.ID, Index: i, Parts: up.File.Object.Parts, Size: int64(len(up.Sealed())),
				Hash: sha256.Sum256(content), Hour: hotline.HourOf(h.clock.Now()),
			}, content
		}
		if err := up.SendPart(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		for name, spoil := range map[string]func(*seal.Part, []byte) []byte{
			"another case":     func(a *seal.Part, b []byte) []byte { a.Case = other.ID(); return b },
			"damaged":          func(_ *seal.Part, b []byte) []byte { b[5]++; return b },
			"cut short":        func(_ *seal.Part, b []byte) []byte { return b[1:] },
			"no sealed file":   func(a *seal.Part, b []byte) []byte { clear(b); a.Hash = sha256.Sum256(b); return b },
			"no such index":    func(a *seal.Part, b []byte) []byte { a.Index = 7; return b },
			"another count":    func(a *seal.Part, b []byte) []byte { a.Parts++; return b },
			"another file":     func(a *seal.Part, b []byte) []byte { a.Size = seal.SealedSize(seal.MaxFile); a.Parts = 26; return b },
			"too old":          func(a *seal.Part, b []byte) []byte { a.Hour -= 400; return b },
			"from the future":  func(a *seal.Part, b []byte) []byte { a.Hour += 400; return b },
			"no object":        func(a *seal.Part, b []byte) []byte { a.Object = seal.ObjectID{}; return b },
			"another's object": func(a *seal.Part, b []byte) []byte { a.Size++; return b },
		} {
			a, content := part(0)
			content = spoil(&a, bytes.Clone(content))
			if err := up.Post(t.Context(), a, content); hotline.KindOf(err) != hotline.KindInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		a, content := part(1)
		content = bytes.Clone(content)
		content[0]++
		a.Hash = sha256.Sum256(content)
		if err := up.Post(t.Context(), a, content); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("other bytes in the place of a part: %v", err)
		}
		if n := h.objects.Files(t); n != 1 {
			t.Errorf("%d files", n)
		}
		// What another case names by this object's id is its own object.
		theirs := must[*contact.Upload](t)(other.Attach(random(10), "image/png"))
		theirs.File.Object.ID = up.File.Object.ID
		if err := theirs.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(h.sealedFile(other.ID(), up.File.Object.ID), theirs.Sealed()) {
			t.Error("two cases share an object")
		}
	})
}

func TestStrangersAttachLittle(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		p := h.started(false)
		small := must[*contact.Upload](t)(p.Attach(random(900<<10), "image/jpeg"))
		if err := small.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := must[*contact.Upload](t)(p.Attach(random(300<<10), "image/jpeg"))
		if err := second.Send(t.Context()); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("more than a MiB before an answer: %v", err)
		}
		if err := p.SendFiles(t.Context(), "one photo", "en", small); err != nil {
			t.Error(err)
		}
		h.objects.Fill(0.85)
		waiting := h.started(false)
		up := must[*contact.Upload](t)(waiting.Attach(random(1000), "image/jpeg"))
		if err := up.Send(t.Context()); hotline.KindOf(err) != hotline.KindBusy {
			t.Errorf("the disk is fuller than strangers may fill it: %v", err)
		}
		if err := waiting.Send(t.Context(), "text goes on", "en"); err != nil {
			t.Errorf("text: %v", err)
		}
		answered := h.started(true)
		ours := must[*contact.Upload](t)(answered.Attach(random(5<<20), "image/jpeg"))
		if err := ours.Send(t.Context()); err != nil {
			t.Errorf("somebody who was answered: %v", err)
		}
		h.objects.Fill(0.5)
		if err := up.Send(t.Context()); err != nil {
			t.Errorf("there is room again: %v", err)
		}
	})
}

// A file of the desk comes to the person, and goes with the reply.
func TestFileIsPutAway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		p, other := h.started(true), h.started(true)
		content := random(5<<20 + 3)
		f := h.replyFile(p, 1, content)
		replies := fetchAll(t, p)
		last := replies[len(replies)-1]
		if len(last.Files) != 1 || last.Files[0] != f {
			t.Fatal("the reply does not name the file")
		}
		got, err := p.Download(t.Context(), f)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes: %v", len(got), err)
		}
		if _, err := other.Download(t.Context(), f); hotline.KindOf(err) != hotline.KindNotFound {
			t.Errorf("another person's file: %v", err)
		}
		byDesk := f
		byDesk.Copy = f.Object
		if _, err := p.Download(t.Context(), byDesk); hotline.KindOf(err) != hotline.KindNotFound {
			t.Errorf("the desk's own file: %v", err)
		}
		kept := h.objects.Files(t)
		if err := p.PutAway(t.Context(), last.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Download(t.Context(), f); hotline.KindOf(err) != hotline.KindNotFound {
			t.Errorf("a file that was put away: %v", err)
		}
		if n := h.objects.Files(t); n != kept-f.Copy.Parts {
			t.Errorf("%d files of %d are left", n, kept)
		}
		if len(h.sealedFile(p.ID(), f.Object.ID)) == 0 {
			t.Error("the desk's own file is gone too")
		}
	})
}

func fetchAll(t *testing.T, p *contact.Case) (all []contact.Reply) {
	t.Helper()
	var before *contact.Reply
	for after := int64(-1); ; {
		r, found, err := p.Fetch(t.Context(), after, before)
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			return all
		}
		all, before, after = append(all, r), &r, r.Seq
	}
}

// replyFile answers with a file as a desk does.
func (h *house) replyFile(p *contact.Case, seq int64, content []byte) seal.File {
	h.t.Helper()
	id := p.ID()
	row := h.row(id)
	person := must[seal.Recipient](h.t)(seal.ParseRecipient(row.ContactRecipient))
	forDesk, o, err := seal.NewObject(h.caseKey(id).Recipient(), content)
	if err != nil {
		h.t.Fatal(err)
	}
	forPerson, copied, err := seal.NewObject(person, content)
	if err != nil {
		h.t.Fatal(err)
	}
	f := seal.File{Type: "image/jpeg", Size: int64(len(content)), Object: o, Copy: copied}
	body := must[seal.Body](h.t)(seal.NewBody("look", "ru"))
	body.Files = []seal.File{f}
	rec := must[seal.Record](h.t)(seal.SignRecord(seal.RecordHeader{
		Case: id, Side: hotline.SideDesk, Seq: seq, Prev: seal.Hash(row.DeskHead), Seen: row.ContactSeq, Hour: hotline.HourOf(h.clock.Now()),
	}, body, h.team.Reply, h.operator))
	toDesk := must[[]byte](h.t)(rec.Seal(h.caseKey(id).Recipient()))
	toPerson := rec
	toPerson.Signed = rec.Signed.Only(h.team.Reply.Public())
	copyFile := must[[]byte](h.t)(toPerson.Seal(person))
	ctx := context.Background()
	record := sha256.Sum256(toDesk)
	put := func(o seal.Object, side object.Side, sealed []byte) {
		for i := range o.Parts {
			b := seal.Cut(sealed, i)
			key, err := h.objects.Write(ctx, side, b)
			if err != nil {
				h.t.Fatal(err)
			}
			part := object.Part{Part: seal.Part{Case: id, Object: o.ID, Index: i, Parts: o.Parts, Size: int64(len(sealed)), Hash: sha256.Sum256(b)}, Side: side, Key: key}
			if err := h.db.Update(ctx, func(tx *store.Tx) error {
				_, _, err := h.objects.Take(ctx, tx, row, part)
				return err
			}); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	put(o, object.SideDesk, forDesk)
	put(copied, object.SideCopy, forPerson)
	err = h.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
			ID: record[:], CaseID: id[:], Side: "desk", Seq: seq, Header: rec.Signed.Text(), File: toDesk, Hour: int64(rec.Header.Hour),
		}); err != nil {
			return err
		}
		if _, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{RecordID: record[:], CaseID: id[:], Seq: seq, File: copyFile}); err != nil {
			return err
		}
		if err := object.Name(ctx, tx, rec.Header, record[:]); err != nil {
			return err
		}
		version, err := tx.NextVersion(ctx)
		if err != nil {
			return err
		}
		head := rec.Signed.Hash()
		_, err = tx.CaseAfterDesk(ctx, db.CaseAfterDeskParams{DeskSeq: seq, DeskHead: head[:], Reply: true, Version: version, ID: id[:], ExpectedHead: row.DeskHead})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// What no record names goes after a day; what a crash left without a row goes
// with the second sweep; what is named stays.
func TestSweep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		p := h.started(true)
		named := must[*contact.Upload](t)(p.Attach(random(1000), "image/jpeg"))
		waiting := must[*contact.Upload](t)(p.Attach(random(1000), "image/jpeg"))
		for _, up := range []*contact.Upload{named, waiting} {
			if err := up.Send(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.SendFiles(t.Context(), "one of them", "en", named); err != nil {
			t.Fatal(err)
		}
		if _, err := h.objects.Write(t.Context(), object.SideContact, []byte("written, then the power went")); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{3, 2} {
			if err := h.objects.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := h.objects.Files(t); n != want {
				t.Errorf("after sweep %d: %d files", i+1, n)
			}
		}
		h.clock.Add(97 * time.Hour)
		for range 2 {
			if err := h.objects.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.objects.Files(t); n != 1 || len(h.sealedFile(p.ID(), named.File.Object.ID)) == 0 {
			t.Errorf("%d files after four days", n)
		}
		if err := p.SendFiles(t.Context(), "too late", "en", waiting); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("a message that names what was swept: %v", err)
		}
		id := p.ID()
		if err := h.db.Update(t.Context(), func(tx *store.Tx) error {
			if err := h.objects.DropCase(t.Context(), tx, id); err != nil {
				return err
			}
			_, err := tx.DeleteCase(t.Context(), id[:])
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n := h.objects.Files(t); n != 0 {
			t.Errorf("%d files after the case has gone", n)
		}
	})
}

// holdUpload begins a POST as large as a part and keeps it open.
func (h *house) holdUpload(t *testing.T) (release func()) {
	t.Helper()
	var d net.Dialer
	conn := must[net.Conn](t)(d.DialContext(t.Context(), "tcp", strings.TrimPrefix(h.url, "http://")))
	if _, err := fmt.Fprintf(conn, "POST /v1/envelope HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nSCE1"); err != nil {
		t.Fatal(err)
	}
	for h.intake.Uploads() == 0 {
		runtime.Gosched()
	}
	return func() {
		_ = conn.Close()
		for h.intake.Uploads() != 0 {
			runtime.Gosched()
		}
	}
}

// Uploads that fill every place do not keep a message waiting.
func TestUploadsDoNotStarveMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{Uploads: 1})
	p := h.started(true)
	up := must[*contact.Upload](t)(p.Attach(random(3<<20), "image/jpeg"))
	release := h.holdUpload(t)
	if err := up.SendPart(t.Context(), 1); hotline.KindOf(err) != hotline.KindBusy {
		t.Errorf("a second upload: %v", err)
	}
	if err := p.Send(t.Context(), "text", "en"); err != nil {
		t.Errorf("a message: %v", err)
	}
	release()
	if err := up.Send(t.Context()); err != nil {
		t.Error(err)
	}
}
