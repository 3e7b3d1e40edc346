package server_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// keyStore is the real key store of a world.
type keyStore struct {
	w    *world
	path string
	full bool // the disk is
	// wrote hears of the file written last.
	wrote chan struct{}
}

// realKeyStore lets the world's next node write one, and writes the first.
func (w *world) realKeyStore(t *testing.T) *keyStore {
	t.Helper()
	k := &keyStore{w: w, path: filepath.Join(t.TempDir(), "keys.tar"), wrote: make(chan struct{}, 1)}
	w.writeKeys = func(ctx context.Context) error {
		if k.full {
			return hotline.Errorf(hotline.KindUnavailable, "backup", "the disk is full")
		}
		err := backup.Source{DB: w.db, Signer: w.signer, Clock: w.clock.Now}.WriteKeys(ctx, k.path)
		select {
		case k.wrote <- struct{}{}:
		default:
		}
		return err
	}
	ok(t, w.writeKeys(t.Context()))
	return k
}

// wraps counts the wraps of an epoch of the desk's key in the file.
func (k *keyStore) wraps(t *testing.T, epoch int64) (n int) {
	t.Helper()
	m := must(backup.CheckFile(k.path, k.w.signer.Verifier()))
	ok(t, backup.Rows(k.path, m, func(table string, row map[string]any) error {
		if table == "team_wrap" && row["team"] == "desk" && row["n"] == epoch {
			n++
		}
		return nil
	}))
	return n
}

// Whatever changes a wrap changes the key store at once; a full disk delays it
// and stops nothing.
func TestKeyStoreFollows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		keys := w.realKeyStore(t)
		w.s = w.node(w.db, nil)
		due := func() (is bool) {
			ok(t, w.db.View(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Setting(t.Context(), "key store due")
				is = err == nil
				if store.Missing(err) {
					err = nil
				}
				return err
			}))
			return is
		}
		old := w.nextEpoch(t)
		all := keys.wraps(t, 2)
		if all == 0 || due() {
			t.Fatalf("after a new key: %d wraps, due %v", all, due())
		}
		keys.full = true
		w.publish(t, func(r *seal.Roster) { r.Members[1].Until = 2 }) // otto's
		if keys.wraps(t, 2) != all || !due() {
			t.Error("on a full disk the key store has changed, or nobody knows that it is behind")
		}
		keys.full = false
		select {
		case <-keys.wrote: // of before
		default:
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.s.Run(ctx) }()
		<-keys.wrote
		stop()
		ok(t, <-done)
		if due() {
			t.Error("the work in the background has not noted that it is done")
		}
		if n := keys.wraps(t, 2); n != all-1 {
			t.Errorf("after a revocation %d wraps of %d", n, all)
		}
		_, err := w.do(w.people["olga"], http.MethodPost, fill(api.PathTeamWraps, "desk", 1), api.TeamWrap{
			Holder: w.people["olga"].member.ID, File: must(old.Wrap(w.people["olga"].id.Recipient())),
		})
		wantKind(t, err, hotline.KindConflict)
		if due() {
			t.Error("a refused change makes work")
		}
	})
}
