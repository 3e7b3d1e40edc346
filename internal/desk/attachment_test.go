package desk_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store" //nolint:depguard // the tests boot the real server
)

// attach keeps a file of the person as intake does, and returns how a record names it.
func (w *world) attach(c *contact, kind string, content []byte, turn int) seal.File {
	w.tb.Helper()
	ctx := context.Background()
	sealed, o, err := seal.NewObject(c.s0.Recipient(), content)
	ok(w.tb, err)
	size := int64(len(sealed))
	for i := range seal.PartCount(size) {
		part := seal.Cut(sealed, i)
		p := object.Part{Side: object.SideContact, Part: seal.Part{
			Case: c.id, Object: o.ID, Index: i, Parts: o.Parts, Size: size, Hash: sha256.Sum256(part), Hour: hotline.HourOf(w.clock.Now()),
		}}
		p.Key = must(w.objects.Write(ctx, p.Side, part))
		ok(w.tb, w.db.Update(ctx, func(tx *store.Tx) error {
			row, err := tx.CaseByID(ctx, c.id[:])
			if err == nil {
				_, _, err = w.objects.Take(ctx, tx, row, p)
			}
			return err
		}))
	}
	return seal.File{Type: kind, Size: int64(len(content)), Turn: turn, Object: o}
}

// writeWith sends a message with files; they must be there already.
func (w *world) writeWith(c *contact, text string, files ...seal.File) {
	w.tb.Helper()
	body := must(seal.NewBody(text, "ru"))
	body.Files = files
	rec := must(seal.SignRecord(seal.RecordHeader{
		Case: c.id, Side: hotline.SideContact, Seq: c.seq + 1, Prev: c.last, Seen: c.seen, Hour: hotline.HourOf(w.clock.Now()),
	}, body, c.Signing))
	c.seq, c.last = c.seq+1, rec.Signed.Hash()
	w.insert(c, rec, c.s0.Recipient())
}

// TestMessageOfFilesAlone: a message without a word that names a file is a
// message; the queue says what it is, before and after a restart.
func TestMessageOfFilesAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	w.writeWith(c, "", w.attach(c, "image/jpeg", []byte("sealed whatever it is"), 6), w.attach(c, `x"><b>`, []byte("other"), 0))
	st := w.work(&w.anna)
	look := func() {
		t.Helper()
		v := st.view(c.id)
		m := v.Messages[1]
		if !m.Verified || m.Text != "" || len(m.Problems) != 0 || v.Problems != 0 || len(m.Files) != 2 {
			t.Fatalf("%+v", m)
		}
		if a := m.Files[0]; a.Kind != desk.FilePhoto || a.Size != 21 || a.Type != "image/jpeg" {
			t.Errorf("%+v", a)
		}
		if a := m.Files[1]; a.Kind != desk.FileOther || a.Type != "" {
			t.Errorf("what a writer claims is shown as it is: %+v", a)
		}
		rows := must(st.Queue(desk.Filter{}))
		if want := []desk.FileKind{desk.FilePhoto, desk.FileOther}; len(rows) != 1 || rows[0].Snippet != "" || !slices.Equal(rows[0].Files, want) {
			t.Errorf("%+v", rows)
		}
		if hits := must(st.Search("раз", 5)); len(hits) != 1 || len(hits[0].Row.Files) != 2 {
			t.Errorf("%+v", hits)
		}
	}
	look()
	r, err := st.MarkRead(t.Context(), c.id)
	sent(t, r, err)
	st.restart()
	st.caughtUp()
	look()
}

// TestFilesNamedWrong: the text of a message whose list of files is not what
// the header says can be read; its files are not shown, and the desk says why.
func TestFilesNamedWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.newCase("раз")
	for name, spoil := range map[string]func(f *seal.File){
		"too many parts": func(f *seal.File) { f.Object.Parts = 9 },
		"no size":        func(f *seal.File) { f.Size = 0 },
		"turned wrong":   func(f *seal.File) { f.Turn = 9 },
	} {
		f := w.attach(c, "image/png", []byte("content"), 0)
		spoil(&f)
		w.writeWith(c, name, f)
	}
	st := w.work(&w.anna)
	v := st.view(c.id)
	if len(v.Messages) != 4 || v.Problems != 3 {
		t.Fatalf("%+v", v)
	}
	for _, m := range v.Messages[1:] {
		if m.Text == "" || !m.Verified || len(m.Files) != 0 || len(m.Problems) != 1 || m.Problems[0].Kind != desk.ProblemFiles {
			t.Errorf("%+v", m)
		}
	}
}
