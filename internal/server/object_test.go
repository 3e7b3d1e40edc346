package server_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

func partPath(id hotline.CaseID, object seal.ObjectID, size int64, index int, toContact bool) string {
	copied := 0
	if toContact {
		copied = 1
	}
	return fmt.Sprintf("/v1/cases/%s/objects/%s/parts/%d?size=%d&parts=%d&copy=%d", id, object, index, size, seal.PartCount(size), copied)
}

// upload sends all parts of a sealed file.
func (w *world) upload(c *contact, p *person, object seal.ObjectID, sealed []byte, toContact bool) {
	w.tb.Helper()
	for i := range seal.PartCount(int64(len(sealed))) {
		if rec := w.ask(p, "POST", partPath(c.id, object, int64(len(sealed)), i, toContact), seal.Cut(sealed, i)); rec.Code != http.StatusOK {
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
		if rec := w.ask(olga, "POST", fill(api.PathObject, c.id, f.Object.ID), []byte(`{"from":0}`)); rec.Code != http.StatusNotFound {
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
		got := w.ask(olga, "POST", fill(api.PathObject, c.id, f.Object.ID), []byte(`{"from":0}`))
		plain, err := seal.OpenFile(c.keys[0], f, f.Object, got.Body.Bytes())
		if err != nil || !bytes.Equal(plain, content) {
			t.Fatalf("%d: %v", got.Code, err)
		}
		tail := w.ask(olga, "POST", fill(api.PathObject, c.id, f.Object.ID), []byte(`{"from":1}`))
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
			path string
			code int
		}{
			"the person's copy":  {fill(api.PathObject, c.id, f.Copy.ID), 404},
			"no such object":     {fill(api.PathObject, c.id, seal.ObjectID{9}), 404},
			"another case's":     {fill(api.PathObject, w.newCase(hotline.TeamDesk, "other").id, f.Object.ID), 404},
			"no id":              {"/v1/cases/" + c.id.String() + "/objects/abc", 400},
			"capitals in the id": {"/v1/cases/" + c.id.String() + "/objects/" + strings.ToUpper(strings.Repeat("ab", 16)), 400},
		} {
			if rec := w.ask(olga, "POST", target.path, []byte(`{"from":0}`)); rec.Code != target.code {
				t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
			}
		}
		if rec := w.ask(olga, "POST", fill(api.PathObject, c.id, f.Object.ID), []byte(`{"from":99}`)); rec.Code != 400 {
			t.Errorf("a part that is not there: %d", rec.Code)
		}
		w.exportHolds(t, c, f, forDesk)
		w.damage(t, c, f)
	})
}

// exportHolds looks for the sealed file in an export, and for the copy that must not be in it.
func (w *world) exportHolds(t *testing.T, c *contact, f seal.File, sealed []byte) {
	t.Helper()
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
	if rec := w.ask(w.people["olga"], "POST", fill(api.PathObject, c.id, f.Object.ID), []byte(`{"from":0}`)); rec.Code != 500 {
		t.Errorf("a file with a lost part: %d", rec.Code)
	}
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
		size := int64(len(sealed))
		first, second := seal.Cut(sealed, 0), seal.Cut(sealed, 1)
		for name, bad := range map[string]struct {
			path string
			body []byte
			code int
		}{
			"of another length":   {partPath(c.id, o.ID, size, 0, false), first[1:], 400},
			"empty":               {partPath(c.id, o.ID, size, 0, false), nil, 400},
			"no sealed file":      {partPath(c.id, o.ID, size, 0, false), make([]byte, len(first)), 400},
			"beyond the end":      {partPath(c.id, o.ID, size, 99, false), first, 400},
			"of a size too large": {partPath(c.id, o.ID, seal.SealedSize(seal.MaxFile)+1, 0, false), first, 400},
			"of a size too small": {partPath(c.id, o.ID, 5, 0, false), first, 400},
			"without a case":      {partPath(hotline.CaseID{7}, o.ID, size, 0, false), first, 404},
			"larger than a part":  {partPath(c.id, o.ID, size, 0, false), make([]byte, seal.MaxPart+1), 400},
			"wrong count":         {strings.Replace(partPath(c.id, o.ID, size, 0, false), "parts=5", "parts=4", 1), first, 400},
			"a bad copy":          {strings.Replace(partPath(c.id, o.ID, size, 0, false), "copy=0", "copy=2", 1), first, 400},
			"an index with zeros": {strings.Replace(partPath(c.id, o.ID, size, 0, false), "parts/0", "parts/00", 1), first, 400},
		} {
			if rec := w.ask(olga, "POST", bad.path, bad.body); rec.Code != bad.code {
				t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
			}
		}
		if n := w.objects.Files(t); n != 0 {
			t.Errorf("%d files of refused parts", n)
		}
		put := func(index int, body []byte, toContact bool) int {
			return w.ask(olga, "POST", partPath(c.id, o.ID, size, index, toContact), body).Code
		}
		if put(1, second, false) != 200 { // the order does not matter
			t.Error("the second part first")
		}
		other := bytes.Clone(second)
		other[9]++
		if put(1, other, false) != 409 {
			t.Error("other bytes in the place of a part")
		}
		if put(2, seal.Cut(sealed, 2), true) != 409 {
			t.Error("a part for the person in a file for the desk")
		}
		if n := w.objects.Files(t); n != 1 {
			t.Errorf("%d files", n)
		}
		w.objects.Fill(0.96)
		if put(0, first, false) != 503 {
			t.Error("the disk is full")
		}
		w.objects.Fill(0.94)
		if put(0, first, false) != 200 {
			t.Error("the disk is not full for the desk")
		}
		// The bound of a case (60 MiB here) counts the whole size from the first part on.
		large, _, err := seal.NewObject(c.keys[0].Recipient(), make([]byte, seal.MaxFile))
		ok(t, err)
		for i, want := range []int{200, 200, 403} {
			rec := w.ask(olga, "POST", partPath(c.id, seal.ObjectID{byte(i + 1)}, int64(len(large)), 0, false), seal.Cut(large, 0))
			if rec.Code != want {
				t.Errorf("large file %d: %d %s", i, rec.Code, rec.Body)
			}
		}
	})
}
