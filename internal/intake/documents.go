package intake

import (
	"context"
	"sync"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// kindManifest is the manifest's kind in the store's table of documents.
const kindManifest = "manifest"

// Manifests returns what Config.Documents wants: the manifest in force in a
// house that began with an authority.
func Manifests(d *store.DB, authority seal.Authority) func(context.Context) ([]byte, seal.Manifest, error) {
	h := NewHouse(d, authority)
	return func(ctx context.Context) ([]byte, seal.Manifest, error) {
		text, m, _, err := h.Manifest(ctx)
		return text, m, err
	}
}

const (
	// documentsFresh is for how long the manifest is not asked for again.
	documentsFresh = 5 * time.Second
	// documentsPatience bounds one question: everybody waits for the answer.
	documentsPatience = 2 * time.Second
)

// documents keeps the newest manifest. While the store is down, the last one
// that was seen goes on being shown.
type documents struct {
	load  func(context.Context) ([]byte, seal.Manifest, error)
	clock func() time.Time

	mu       sync.Mutex
	at       time.Time
	have     bool
	text     []byte
	manifest seal.Manifest
}

func (d *documents) get(ctx context.Context) ([]byte, seal.Manifest, error) {
	now := d.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if age := now.Sub(d.at); d.have && age >= 0 && age < documentsFresh {
		return d.text, d.manifest, nil
	}
	if err := d.refresh(ctx, now); err != nil {
		if !d.have {
			return nil, seal.Manifest{}, err
		}
		d.at = now
	}
	return d.text, d.manifest, nil
}

// newest is the manifest as the store has it now. It is asked for when somebody
// names a key that is not in the one remembered: his page may have come from
// another node, or a moment ago from this one.
func (d *documents) newest(ctx context.Context) (seal.Manifest, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.refresh(ctx, d.clock())
	return d.manifest, err
}

// refresh loads the manifest; d.mu must be held.
func (d *documents) refresh(ctx context.Context, now time.Time) error {
	// The answer is for all, so it does not depend on who asked first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), documentsPatience)
	defer cancel()
	text, m, err := d.load(ctx)
	if err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "intake: manifest", "there is no manifest: %w", err)
	}
	d.text, d.manifest, d.at, d.have = text, m, now, true
	return nil
}
