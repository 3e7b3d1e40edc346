package desk_test

import (
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"    //nolint:depguard // a real server to work with
	"safeconduct/internal/store/db" //nolint:depguard // a real server to work with
)

// published is the newest manifest in the database.
func (w *world) published(t *testing.T) seal.Manifest {
	t.Helper()
	var doc db.Document
	ok(t, w.db.View(t.Context(), func(tx *store.Tx) (err error) {
		doc, err = tx.LatestDocument(t.Context(), api.DocumentManifest)
		return err
	}))
	return must(seal.VerifyManifest(doc.Body, w.trust()))
}

// A manifest does not run out while an administrator comes to work: past half
// of its time his desk signs it again, with the same keys. Others leave it.
func TestManifestIsKeptFresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clock.move(14 * 24 * time.Hour)
	w.work(&w.anna).Lock()
	if m := w.published(t); m.Serial != 1 {
		t.Fatalf("signed again too early: serial %d", m.Serial)
	}
	w.clock.move(2 * 24 * time.Hour)
	w.work(&w.boris)
	if m := w.published(t); m.Serial != 1 {
		t.Fatalf("an operator signed: serial %d", m.Serial)
	}
	anna := w.work(&w.anna)
	anna.await("a fresh manifest", func() bool { return w.published(t).Serial == 2 })
	m, old := w.published(t), w.manifest
	if m.Expires != hotline.HourOf(w.clock.Now())+720 || m.UseUntil-m.Expires != old.UseUntil-old.Expires ||
		m.Teams[hotline.TeamDesk].Epoch != 1 || m.Intake.String() != old.Intake.String() {
		t.Error("more than its time changed")
	}
}
