package intake_test

import (
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// TestNewerPage lets somebody write with a page that knows a newer key than the manifest
// that this node remembers, as after a revocation: another node has just
// published it. Nobody is turned away for that.
func TestNewerPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		if _, err := h.client().StartWith(t.Context(), h.keys(), "with the key of before", "ru"); err != nil {
			t.Fatal(err) // and now the manifest is remembered; the clock stands still
		}
		next := h.manifest
		next.Serial++
		team := must[seal.TeamSecret](t)(seal.NewTeamSecret(hotline.TeamDesk, h.team.Epoch+1))
		next.Teams = map[hotline.Team]seal.TeamKey{hotline.TeamDesk: team.Public()}
		h.text = must[seal.Signed](t)(seal.SignManifest(next, h.authority)).Text()
		unknown := h.client() // of an epoch that nobody has published yet
		if _, err := unknown.StartWith(t.Context(), h.keys(), "too early", "ru"); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("a key that no manifest names: %v", err)
		}
		err := h.db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.InsertDocument(t.Context(), db.InsertDocumentParams{Kind: "manifest", Serial: next.Serial, Body: h.text, Hour: int64(next.Hour)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.client().StartWith(t.Context(), h.keys(), "with the newest key", "ru"); err != nil {
			t.Errorf("the newest key: %v", err)
		}
	})
}
