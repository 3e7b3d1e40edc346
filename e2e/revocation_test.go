package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// TestRevocation ends an operator's access. The revoked desk is refused; with its keys and
// copies of the whole database, from before and after, it opens what was written before and nothing that
// is written afterwards; pages go on working, old and new.
func TestRevocation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.openDesk()
	revoked, dir := enrol(t, admin, "Stork")

	p := newPerson(t, h.origin())
	p.language("ru")
	p.first("Написано до отзыва.")
	p.proveNoted()
	id := onlyCase(t, revoked)
	caseWith(t, revoked, id, "the one who will be revoked reads it", func(v desk.CaseView) bool {
		return slices.Contains(texts(v, hotline.SideContact), "Написано до отзыва.")
	})
	loaded := newPerson(t, h.origin()) // opened before, used afterwards
	loaded.language("ru")
	copied := h.contact() // never looks for a newer manifest
	before := copyOfDatabase(t, h)

	if err := admin.Revoke(t.Context(), revoked.State().ID, nil); err != nil {
		t.Fatalf("revoke: %v", err)
	}
	until(t, revoked, "the revoked desk is refused", func() bool {
		s := revoked.State()
		return !s.Online && strings.Contains(s.Offline.String(), "roster")
	})
	view := caseWith(t, admin, id, "the open case has a new key", func(v desk.CaseView) bool { return v.Generation == 1 })
	if len(view.Summary) > 0 {
		t.Errorf("the rotated case has problems: %v", view.Summary)
	}
	if left := admin.Renewal(); len(left.Epochs) > 0 || left.Manifest || left.Cases > 0 {
		t.Errorf("the renewal has left something: %+v", left)
	}

	// A page that is loaded now carries the new key.
	fresh := newPerson(t, h.origin())
	fresh.language("ru")
	fresh.first("Обращение с новой страницы.")
	read(t, admin, "Обращение с новой страницы.")
	// A page that was loaded before sends as before, in an open conversation and anew.
	p.say("Со старой страницы.")
	read(t, admin, "Со старой страницы.")
	p.open("about:blank") // one device at a time
	// Whoever returns with the receipt goes on under the new key.
	back := comeBack(t, h.origin(), p.receipt)
	back.say("Написано после отзыва.")
	read(t, admin, "Написано после отзыва.")
	for newer := 0; newer < 2; { // the door looks for a newer manifest every few seconds
		newer = eval[int](loaded.tab, `new Promise(done => setTimeout(done, 100)).then(() => fetch("/v1/challenge")).then(r => r.json()).then(c => c.manifest)`)
	}
	loaded.first("Новое обращение со старой страницы.")
	read(t, admin, "Новое обращение со старой страницы.")
	if _, err := copied.StartWith(t.Context(), quickKeys(t), "Со скопированной страницы.", "ru"); err != nil {
		t.Errorf("a page with the old manifest may send until use_until: %v", err)
	}
	read(t, admin, "Со скопированной страницы.")

	for _, text := range []string{"Написано после отзыва.", "Обращение с новой страницы."} {
		if hits, err := revoked.Search(text, 0); err == nil && len(hits) > 0 {
			t.Errorf("the revoked desk shows %q", text)
		}
	}
	h.server.stop()
	thief := openAll(append(before, copyOfDatabase(t, h)...), keysOf(t, dir))
	for text, opens := range map[string]bool{
		"Написано до отзыва.": true, "Со скопированной страницы.": true, // sealed to the key that the thief holds: the attack is a real one
		"Написано после отзыва.": false, "Новое обращение со старой страницы.": false, "Обращение с новой страницы.": false,
	} {
		if got := slices.ContainsFunc(thief, func(plain string) bool { return strings.Contains(plain, text) }); got != opens {
			t.Errorf("revoked keys and a copy of the database open %q: %t, want %t", text, got, opens)
		}
	}
}

// read waits until the desk finds a text.
func read(t *testing.T, d *desk.Desk, text string) {
	t.Helper()
	until(t, d, "the desk reads "+text, func() bool {
		hits, err := d.Search(text, 0)
		return err == nil && len(hits) == 1 && hits[0].Row.Problems == 0
	})
}

// keysOf opens a desk's key file with its passphrase.
func keysOf(t *testing.T, dir string) seal.Identity {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(dir, "operator.key"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Unlock(file, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return keys.Identity
}

// copyOfDatabase returns every sealed file in the database: wraps of team keys, wraps
// of case keys, records.
func copyOfDatabase(t *testing.T, h *house) [][]byte {
	t.Helper()
	var files [][]byte
	base := storetest.Open(t, h.installation().DatabaseURL())
	err := base.View(t.Context(), func(tx *store.Tx) error {
		for epoch := range int64(4) {
			wraps, err := tx.TeamWraps(t.Context(), string(hotline.TeamDesk), epoch)
			if err != nil {
				return err
			}
			for _, w := range wraps {
				files = append(files, w.Wrap)
			}
		}
		cases, err := tx.CasesAfter(t.Context(), 0, 1000)
		if err != nil {
			return err
		}
		for _, c := range cases {
			wraps, err := tx.CaseWraps(t.Context(), c.ID)
			if err != nil {
				return err
			}
			for _, w := range wraps {
				files = append(files, w.Wrap)
			}
			records, err := tx.RecordsAfter(t.Context(), db.RecordsAfterParams{CaseID: c.ID, After: -1, MaxRows: 1000})
			if err != nil {
				return err
			}
			for _, r := range records {
				files = append(files, r.File)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// openAll tries a key on every file, and every key that is found, and returns all that
// it could open.
func openAll(files [][]byte, first seal.Identity) []string {
	var opened []string
	for found := []seal.Identity{first}; len(found) > 0; found = found[1:] {
		for _, f := range files {
			plain, err := seal.Decrypt(found[0], f)
			if err != nil {
				continue
			}
			opened = append(opened, string(plain))
			if at := bytes.Index(plain, []byte("AGE-SECRET-KEY-PQ-1")); at >= 0 {
				line, _, _ := bytes.Cut(plain[at:], []byte{'\n'})
				if id, err := seal.ParseIdentity(string(line)); err == nil {
					found = append(found, id)
				}
			}
		}
	}
	return opened
}
