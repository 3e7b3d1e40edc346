package intake

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// kindRoster is the roster's kind in the store's table of documents.
const kindRoster = "roster"

// House follows a house's chain of rosters from the authority that this node
// was set up with: each roster is signed by the authority before it. So a
// manifest of other administrators is believed without a word to each node.
type House struct {
	db *store.DB

	mu          sync.Mutex
	authorities []seal.Authority // in the order in which they came; the first was pinned
	roster      seal.Roster      // the newest; Serial 0: none yet
}

// NewHouse begins with the authority that the node was set up with.
func NewHouse(d *store.DB, pinned seal.Authority) *House {
	return &House{db: d, authorities: []seal.Authority{pinned}}
}

// Manifest returns the manifest in force, and the authority that signed it:
// after a change of administrators that is the earlier one, until theirs have
// signed again.
func (h *House) Manifest(ctx context.Context) ([]byte, seal.Manifest, seal.Authority, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var text []byte
	err := h.db.View(ctx, func(tx *store.Tx) error {
		doc, err := tx.LatestDocument(ctx, kindManifest)
		if err != nil {
			return err
		}
		text = doc.Body
		return h.follow(ctx, tx)
	})
	if err != nil {
		return nil, seal.Manifest{}, seal.Authority{}, err
	}
	m, by, err := h.verify(text)
	return text, m, by, err
}

// follow goes on to the newest roster that the chain leads to. One that does
// not follow ends the walk: what it would have signed is not believed either.
func (h *House) follow(ctx context.Context, tx *store.Tx) error {
	serial, err := tx.LatestSerial(ctx, kindRoster)
	if err != nil {
		return err
	}
	if serial < h.roster.Serial { // an older database was put in place
		h.roster, h.authorities = seal.Roster{}, h.authorities[:1]
	}
	for h.roster.Serial < serial {
		docs, err := tx.DocumentsAfter(ctx, db.DocumentsAfterParams{Kind: kindRoster, After: h.roster.Serial, MaxRows: 1})
		if err != nil || len(docs) == 0 {
			return err
		}
		now := h.authorities[len(h.authorities)-1]
		r, err := seal.VerifyRoster(docs[0].Body, now)
		if err != nil || r.Serial <= h.roster.Serial || (h.roster.Serial > 0 && r.Desk != h.roster.Desk) {
			return nil //nolint:nilerr // verify judges by the last one that follows
		}
		h.roster = r
		if !reflect.DeepEqual(now, r.Authority) {
			h.authorities = append(h.authorities, r.Authority)
		}
	}
	return nil
}

func (h *House) verify(text []byte) (seal.Manifest, seal.Authority, error) {
	if h.roster.Serial == 0 {
		m, err := seal.VerifyManifest(text, h.authorities[0])
		return m, h.authorities[0], err
	}
	m, err := seal.VerifyManifestIn(text, h.roster)
	if err != nil {
		return m, seal.Authority{}, err
	}
	for i := len(h.authorities) - 1; i >= 0; i-- {
		if seal.ManifestSignedBy(text, h.authorities[i]) {
			return m, h.authorities[i], nil
		}
	}
	return m, seal.Authority{}, hotline.Errorf(hotline.KindForged, "intake: manifest", "no authority of this house has signed it")
}

// Authorities returns the authority that counts now, by the chain of rosters, and
// those before it, the newest first.
func (h *House) Authorities(ctx context.Context) (now seal.Authority, before []seal.Authority, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.db.View(ctx, func(tx *store.Tx) error { return h.follow(ctx, tx) }); err != nil {
		return seal.Authority{}, nil, err
	}
	last := len(h.authorities) - 1
	before = slices.Clone(h.authorities[:last])
	slices.Reverse(before)
	return h.authorities[last], before, nil
}
