package server_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// partOf is the request for one part of a sealed file.
func partOf(object seal.ObjectID, sealed []byte, index int, toContact bool) api.Part {
	size := int64(len(sealed))
	return api.Part{Object: object, Index: index, Parts: seal.PartCount(size), Size: size, Copy: toContact, Content: seal.Cut(sealed, index)}
}

func (w *world) put(p *person, id hotline.CaseID, part api.Part) *httptest.ResponseRecorder {
	return w.ask(p, "POST", fill(api.PathParts, id), must(json.Marshal(part)))
}

func (w *world) getObject(p *person, id hotline.CaseID, object seal.ObjectID, from int) *httptest.ResponseRecorder {
	return w.ask(p, "POST", fill(api.PathObjects, id), must(json.Marshal(api.ReadObject{Object: object, From: from})))
}

// upload sends all parts of a sealed file.
func (w *world) upload(c *contact, p *person, object seal.ObjectID, sealed []byte, toContact bool) {
	w.tb.Helper()
	for i := range seal.PartCount(int64(len(sealed))) {
		if rec := w.put(p, c.id, partOf(object, sealed, i, toContact)); rec.Code != http.StatusOK {
			w.tb.Fatalf("part %d: %d %s", i, rec.Code, rec.Body)
		}
	}
}

// fileReply seals a file for the desk and the person and makes the reply that names it.
func (w *world) fileReply(c *contact, p *person, text string, content []byte) (api.Reply, seal.File, []byte, []byte) {
	w.tb.Helper()
	forDesk, o, err := seal.NewObject(c.keys[len(c.keys)-1].Recipient(), content)
	ok(w.tb, err)
	forPerson, copied, err := seal.NewObject(c.Identity.Recipient(), content)
	ok(w.tb, err)
	f := seal.File{Type: "image/png", Size: int64(len(content)), Object: o, Copy: copied}
	body := must(seal.NewBody(text, ""))
	body.Files = []seal.File{f}
	r := must(seal.SignRecord(w.header(c, w.caseNow(c)), body, w.teams[c.team].Reply, p.key))
	toContact := r
	toContact.Signed = r.Signed.Only(w.teams[c.team].Reply.Public())
	return api.Reply{
		Header: r.Signed.Text(), File: must(r.Seal(c.keys[len(c.keys)-1].Recipient())), Copy: must(toContact.Seal(c.Identity.Recipient())),
	}, f, forDesk, forPerson
}

func (w *world) replyWithFile(c *contact, p *person, text string, content []byte) (api.Reply, seal.Object) {
	w.tb.Helper()
	reply, f, forDesk, forPerson := w.fileReply(c, p, text, content)
	w.upload(c, p, f.Object.ID, forDesk, false)
	w.upload(c, p, f.Copy.ID, forPerson, true)
	return reply, f.Object
}

func TestFileOfTheDesk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		content := bytes.Repeat([]byte("a map of the way "), 20_000)
		at := int64(len(w.entries(0)))
		reply, f, forDesk, forPerson := w.fileReply(c, olga, "look", content)
		if _, err := w.do(olga, "POST", fill(api.PathReplies, c.id), reply); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("a reply whose file is not there: %v", err)
		}
		w.upload(c, olga, f.Object.ID, forDesk, false)
		w.upload(c, olga, f.Copy.ID, forPerson, true)
		files := w.objects.Files(t)
		w.upload(c, olga, f.Object.ID, forDesk, false) // sent again after a lost answer
		if n := w.objects.Files(t); n != files || n != 2*f.Object.Parts {
			t.Errorf("%d files, %d after sending again", files, n)
		}
		if rec := w.getObject(olga, c.id, f.Object.ID, 0); rec.Code != http.StatusNotFound {
			t.Errorf("a file that no record names: %d", rec.Code)
		}
		_, err := w.do(olga, "POST", fill(api.PathReplies, c.id), reply)
		ok(t, err)
		_, err = w.do(olga, "POST", fill(api.PathReplies, c.id), reply) // sent again
		ok(t, err)
		acts := map[string]int{}
		for _, e := range w.entries(at) {
			acts[e.Act]++
		}
		if acts["case.part"] != 2*f.Object.Parts || acts["case.reply"] != 1 {
			t.Errorf("leaves: %v", acts)
		}

		// Download: one leaf each, whole or from a part on.
		got := w.getObject(olga, c.id, f.Object.ID, 0)
		plain, err := seal.OpenFile(c.keys[0], f, f.Object, got.Body.Bytes())
		if err != nil || !bytes.Equal(plain, content) {
			t.Fatalf("%d: %v", got.Code, err)
		}
		tail := w.getObject(olga, c.id, f.Object.ID, 1)
		if !bytes.Equal(tail.Body.Bytes(), forDesk[seal.PartSize(int64(len(forDesk))):]) {
			t.Error("the rest is another one")
		}
		acts = map[string]int{}
		for _, e := range w.entries(at) {
			acts[e.Act]++
		}
		if acts["case.file"] != 2 {
			t.Errorf("leaves: %v", acts)
		}
		for name, target := range map[string]struct {
			id     hotline.CaseID
			object seal.ObjectID
		}{
			"the person's copy": {c.id, f.Copy.ID},
			"no such object":    {c.id, seal.ObjectID{9}},
			"another case's":    {w.newCase(hotline.TeamDesk, "other").id, f.Object.ID},
		} {
			if rec := w.getObject(olga, target.id, target.object, 0); rec.Code != 404 {
				t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
			}
		}
		if rec := w.getObject(olga, c.id, f.Object.ID, 99); rec.Code != 400 {
			t.Errorf("a part that is not there: %d", rec.Code)
		}
		w.exportHolds(t, c, f, forDesk)
		w.damage(t, c, f)
	})
}

// exportHolds looks for the sealed file in an export, and for the copy that must not be in it.
func (w *world) exportHolds(t *testing.T, c *contact, f seal.File, sealed []byte) {
	t.Helper()
	w.agree(t, "sam", "ada")
	rec := w.ask(w.people["sam"], "POST", api.PathExport, []byte("{}"))
	found := false
	for r := tar.NewReader(rec.Body); ; {
		h, err := r.Next()
		if err == io.EOF { //nolint:errorlint // archive/tar returns it as it is
			break
		}
		ok(t, err)
		b, err := io.ReadAll(r)
		ok(t, err)
		if h.Name == fmt.Sprintf("cases/%s/objects/%s.age", c.id, f.Object.ID) {
			found = bytes.Equal(b, sealed)
		}
		if strings.Contains(h.Name, f.Copy.ID.String()) {
			t.Error("the person's copy leaves with the export")
		}
	}
	if !found {
		t.Error("the export does not hold the file")
	}
}

// damage loses a part on disk: nothing wrong is handed out, and an export goes on.
func (w *world) damage(t *testing.T, c *contact, f seal.File) {
	t.Helper()
	ctx := t.Context()
	var lost [][]byte
	ok(t, w.db.View(ctx, func(tx *store.Tx) error {
		parts, err := tx.ObjectParts(ctx, c.id[:], f.Object.ID[:])
		lost = append(lost, parts[0].Blob)
		return err
	}))
	ok(t, w.objects.Blobs.Delete(ctx, [32]byte(lost[0])))
	if rec := w.getObject(w.people["olga"], c.id, f.Object.ID, 0); rec.Code != 500 {
		t.Errorf("a file with a lost part: %d", rec.Code)
	}
	w.agree(t, "sam", "ada")
	rec := w.ask(w.people["sam"], "POST", api.PathExport, []byte("{}"))
	if !strings.Contains(rec.Body.String(), f.Object.ID.String()+".missing.txt") || !strings.Contains(rec.Body.String(), "journal/checkpoint.txt") {
		t.Error("the export says nothing of the lost file, or ends there")
	}
}

func TestBadParts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		olga := w.people["olga"]
		c := w.newCase(hotline.TeamDesk, "hello")
		content := make([]byte, 1<<20)
		sealed, o, err := seal.NewObject(c.keys[0].Recipient(), content)
		ok(t, err)
		for name, spoil := range map[string]func(*api.Part){
			"of another length":   func(p *api.Part) { p.Content = p.Content[1:] },
			"empty":               func(p *api.Part) { p.Content = nil },
			"no sealed file":      func(p *api.Part) { p.Content = make([]byte, len(p.Content)) },
			"beyond the end":      func(p *api.Part) { p.Index = 99 },
			"before the start":    func(p *api.Part) { p.Index = -1 },
			"of a size too large": func(p *api.Part) { p.Size = seal.SealedSize(seal.MaxFile) + 1 },
			"of a size too small": func(p *api.Part) { p.Size = 5 },
			"larger than a part":  func(p *api.Part) { p.Content = make([]byte, 2*seal.MaxPart) },
			"wrong count":         func(p *api.Part) { p.Parts-- },
			"of no object":        func(p *api.Part) { p.Object = seal.ObjectID{} },
		} {
			p := partOf(o.ID, sealed, 0, false)
			spoil(&p)
			if rec := w.put(olga, c.id, p); rec.Code != 400 {
				t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
			}
		}
		if rec := w.put(olga, hotline.CaseID{7}, partOf(o.ID, sealed, 0, false)); rec.Code != 404 {
			t.Errorf("without a case: %d", rec.Code)
		}
		if n := w.objects.Files(t); n != 0 {
			t.Errorf("%d files of refused parts", n)
		}
		put := func(index int, toContact bool) int {
			return w.put(olga, c.id, partOf(o.ID, sealed, index, toContact)).Code
		}
		if put(1, false) != 200 { // the order does not matter
			t.Error("the second part first")
		}
		other := partOf(o.ID, bytes.Clone(sealed), 1, false)
		other.Content[9]++
		if w.put(olga, c.id, other).Code != 409 {
			t.Error("other bytes in the place of a part")
		}
		if put(2, true) != 409 {
			t.Error("a part for the person in a file for the desk")
		}
		if n := w.objects.Files(t); n != 1 {
			t.Errorf("%d files", n)
		}
		w.objects.Fill(0.96)
		if put(0, false) != 503 {
			t.Error("the disk is full")
		}
		w.objects.Fill(0.94)
		if put(0, false) != 200 {
			t.Error("the disk is not full for the desk")
		}
		// The bound of a case (60 MiB here) counts the whole size from the first part on.
		large, _, err := seal.NewObject(c.keys[0].Recipient(), make([]byte, seal.MaxFile))
		ok(t, err)
		for i, want := range []int{200, 200, 403} {
			rec := w.put(olga, c.id, partOf(seal.ObjectID{byte(i + 1)}, large, 0, false))
			if rec.Code != want {
				t.Errorf("large file %d: %d %s", i, rec.Code, rec.Body)
			}
		}
	})
}
