package desk_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// quiet takes a case to where nobody waits in it.
func (st *station) quiet(t *testing.T, c *contact) {
	t.Helper()
	ctx := t.Context()
	two := 2
	r, err := st.Reply(ctx, c.id, "мы здесь")
	sent(t, r, err)
	r, err = st.SetFacts(ctx, c.id, desk.Facts{Language: "ru", People: &two, Title: "у реки"})
	sent(t, r, err)
	r, err = st.SetStage(ctx, c.id, hotline.StageStandby)
	sent(t, r, err)
	r, err = st.MarkRead(ctx, c.id)
	sent(t, r, err)
	st.caughtUp()
}

func row(t *testing.T, st *station, id hotline.CaseID) desk.Row {
	t.Helper()
	for _, r := range must(st.Queue(desk.Filter{})) {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("the queue lacks case %s", id.Short())
	return desk.Row{}
}

// Without a server, the queue and the search of an unlocked desk know what
// they knew; with one, a case is opened when somebody wants it.
func TestCards(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	calm, waits := w.newCase("мы в лесу у Берёзовки"), w.newCase("когда же")
	st := w.work(&w.anna)
	st.quiet(t, calm)
	before := row(t, st, calm.id)
	st.Lock()
	nothingInTheClear(t, st.dir, "Берёзовк", "березовк", "у реки", "мы здесь")
	w.stop()

	ok(t, st.Unlock(ctx, passphrase))
	if after := row(t, st, calm.id); !reflect.DeepEqual(after, before) {
		t.Errorf("the row was\n%+v\nand is\n%+v", before, after)
	}
	if r := row(t, st, waits.id); r.Opened || r.Snippet != "" {
		t.Errorf("a case in which somebody waits rests on its card: %+v", r)
	}
	st.await("the texts", func() bool { return len(must(st.Search("березовки", 5))) == 1 })
	if hits := must(st.Search("у реки", 5)); len(hits) != 1 || hits[0].Row.ID != calm.id {
		t.Errorf("by the title: %+v", hits)
	}
	if v := st.view(calm.id); v.CanReply || v.WhyNot.String() == "" || len(v.Summary) != 0 {
		t.Errorf("without a server: %+v", v)
	}
	if _, err := st.Reply(ctx, calm.id, "без связи"); hotline.KindOf(err) != hotline.KindUnavailable {
		t.Errorf("a reply to what was not fetched: %v", err)
	}

	w.serve(listen(w.addr))
	st.await("the connection", func() bool { return st.State().Online })
	st.caughtUp()
	v := st.view(calm.id)
	if len(v.Messages) != 2 || v.Messages[0].Text != "мы в лесу у Берёзовки" || !v.CanReply {
		t.Errorf("with a server: %+v", v)
	}
	r, err := st.Reply(ctx, calm.id, "есть связь")
	sent(t, r, err)
}

// What happens while the desk is locked is on the screen afterwards, and what
// the cards say gives way to it.
func TestCardsGiveWay(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c, other := w.newCase("раз"), w.newCase("другое")
	st := w.work(&w.anna)
	st.quiet(t, c)
	st.quiet(t, other)
	st.Lock()
	colleague := w.work(&w.boris)
	r, err := colleague.SetUrgency(ctx, other.id, hotline.UrgencyNow)
	sent(t, r, err)
	w.write(c, "два, и это срочно")
	st.restart()
	st.caughtUp()
	if got := row(t, st, c.id); got.Unread != 1 || got.Snippet != "два, и это срочно" {
		t.Errorf("%+v", got)
	}
	if got := row(t, st, other.id); got.Urgency != hotline.UrgencyNow || got.Problems != 0 {
		t.Errorf("%+v", got)
	}
	if len(must(st.Search("срочно", 5))) != 1 || len(must(st.Search("другое", 5))) != 1 {
		t.Error("the search does not find what is new beside what is old")
	}
}

// A damaged or missing file of cards costs a fetch and nothing else.
func TestCardsAreNotNeeded(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"cards gone":         func(p string) error { return os.RemoveAll(filepath.Join(p, "cards")) },
		"texts gone":         func(p string) error { return os.RemoveAll(filepath.Join(p, "texts")) },
		"place gone":         func(p string) error { return os.Remove(filepath.Join(p, "feed.age")) },
		"cards damaged":      func(p string) error { return damage(filepath.Join(p, "cards")) },
		"texts damaged":      func(p string) error { return damage(filepath.Join(p, "texts")) },
		"place damaged":      func(p string) error { return os.WriteFile(filepath.Join(p, "feed.age"), []byte("age"), 0o600) },
		"cards for texts":    func(p string) error { return swap(p, "cards", "texts") },
		"one case elsewhere": func(p string) error { return shuffle(filepath.Join(p, "cards")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.newCase("мы у моста")
			st := w.work(&w.anna)
			st.quiet(t, c)
			ok(t, st.Close())
			ok(t, spoil(st.dir))
			st.open()
			ok(t, st.Unlock(t.Context(), passphrase))
			st.caughtUp()
			st.await("the text", func() bool { return len(must(st.Search("моста", 5))) == 1 })
			if got := row(t, st, c.id); got.Stage != hotline.StageStandby || got.Title != "у реки" || got.Problems != 0 {
				t.Errorf("%+v", got)
			}
			if v := st.view(c.id); len(v.Messages) != 2 || v.Problems != 0 {
				t.Errorf("%+v", v)
			}
			if len(st.Alarms()) != 0 {
				t.Errorf("%+v", st.Alarms())
			}
		})
	}
}

func damage(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)-5] ^= 1
		return os.WriteFile(path, b, 0o600)
	})
}

func swap(dir, a, b string) error {
	tmp := filepath.Join(dir, "tmp")
	for _, m := range [][2]string{{filepath.Join(dir, a), tmp}, {filepath.Join(dir, b), filepath.Join(dir, a)}, {tmp, filepath.Join(dir, b)}} {
		if err := os.Rename(m[0], m[1]); err != nil {
			return err
		}
	}
	return nil
}

// shuffle gives a drawer the name of another one.
func shuffle(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.age"))
	if err != nil || len(files) == 0 {
		return err
	}
	name := "00.age"
	if filepath.Base(files[0]) == name {
		name = "01.age"
	}
	return os.Rename(files[0], filepath.Join(dir, name))
}

// nothingInTheClear looks for words in every file of a desk.
func nothingInTheClear(t *testing.T, dir string, words ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, word := range words {
			if bytes.Contains(b, []byte(word)) || bytes.Contains(b, []byte(strings.ToLower(word))) {
				t.Errorf("%s holds %q", path, word)
			}
		}
		files++
		return err
	})
	if err != nil || files < 4 {
		t.Errorf("%d files: %v", files, err)
	}
}
