package contact_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// fileOf seals a file for the desk and for the person as a desk does, and gives
// its parts to the keeper.
func (h *house) fileOf(row db.HotlineCase, kind string, content []byte, turn int) seal.File {
	h.t.Helper()
	f := seal.File{Type: kind, Size: int64(len(content)), Turn: turn}
	keep := func(side object.Side, to seal.Recipient) seal.Object {
		sealed, o, err := seal.NewObject(to, content)
		if err != nil {
			h.t.Fatal(err)
		}
		for i := range o.Parts {
			part := seal.Cut(sealed, i)
			key, err := h.objects.Write(context.Background(), side, part)
			if err != nil {
				h.t.Fatal(err)
			}
			h.update(func(ctx context.Context, tx *store.Tx) error {
				_, _, err := h.objects.Take(ctx, tx, row, object.Part{
					Part: seal.Part{Object: o.ID, Index: i, Parts: o.Parts, Size: int64(len(sealed)), Hash: sha256.Sum256(part)}, Side: side, Key: key,
				})
				return err
			})
		}
		return o
	}
	f.Object = keep(object.SideDesk, h.caseKey(hotline.CaseID(row.ID)).Recipient())
	f.Copy = keep(object.SideCopy, must[seal.Recipient](h.t)(seal.ParseRecipient(row.ContactRecipient)))
	return f
}

// openedFile opens what the person sent and counts the parts that lie here.
func (h *house) openedFile(row db.HotlineCase, f seal.File) (content []byte, parts int) {
	h.t.Helper()
	var sealed []byte
	h.view(func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.ObjectParts(ctx, row.ID, f.Object.ID[:])
		for _, p := range rows {
			b, readErr := h.objects.Read(ctx, p)
			if readErr != nil {
				return readErr
			}
			sealed = append(sealed, b...)
		}
		parts = len(rows)
		return err
	})
	return must[[]byte](h.t)(seal.OpenFile(h.caseKey(hotline.CaseID(row.ID)), f, f.Object, sealed)), parts
}

// large remembers the envelopes that carry parts, and lets a test answer them.
type large struct {
	mu   sync.Mutex
	seen [][32]byte // of the envelopes, without what is made anew for each attempt
	act  func(n int, w http.ResponseWriter, r *http.Request) bool
}

// watch counts envelopes of parts from now on; act may answer the n-th, from 1.
func (h *house) watch(act func(n int, w http.ResponseWriter, r *http.Request) bool) *large {
	l := &large{act: act}
	h.guard(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || r.ContentLength <= 64<<10 {
			return false
		}
		var e envelopes
		e.add(r)
		l.mu.Lock()
		l.seen = append(l.seen, sha256.Sum256(e.seen[0]))
		n := len(l.seen)
		l.mu.Unlock()
		return l.act != nil && l.act(n, w, r)
	})
	return l
}

// counts is how many parts were posted, and how many different ones.
func (l *large) counts() (posts, different int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	set := map[[32]byte]bool{}
	for _, s := range l.seen {
		set[s] = true
	}
	return len(l.seen), len(set)
}

// impatient makes a tab look for answers at once, not every 15 seconds.
func impatient(w *tab) *tab {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		const real = setTimeout;
		setTimeout = (f, ms, ...more) => real(f, ms > 11000 && ms < 19000 ? 300 : ms, ...more);
	}`})
	if err != nil {
		w.t.Fatal(err)
	}
	return w
}

// choose chooses a file; the page shows what will be sent.
func (w *tab) choose(path string) {
	w.t.Helper()
	w.see("file")
	w.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	w.see("chosen")
}

// drawn is how a part of the page looks.
func (w *tab) drawn(id string) []byte {
	w.t.Helper()
	png, err := chromedp.Run(w.ctx, chromedp.Screenshot(chromedp.CSS("#"+id)))
	if err != nil {
		w.t.Fatal(err)
	}
	return png
}
