package desk_test

import (
	"sync/atomic"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// An answer that was under way while a newer manifest came is no server that
// went back: no alarm is raised over it.
func TestOverlappingReadsOfDocuments(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	anna := w.work(&w.anna)
	held, release := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	anna.wire.set(func(x *wire) {
		x.change = func(path string, body []byte) []byte {
			if path == "/v1/documents/roster" && first.CompareAndSwap(false, true) { // the manifest has been read by then
				close(held)
				<-release
			}
			return body
		}
	})
	ended := make(chan error, 1)
	go func() {
		_, err := anna.SetAddresses(ctx, []seal.ChannelAddress{theBot})
		ended <- err
	}()
	<-held
	next := w.manifest
	next.Serial, next.Channels = 2, []seal.ChannelAddress{theLine}
	other := api.NewClient(w.addr, must(api.Certificate(w.anna.TLS)), w.anna.ServerTLS)
	ok(t, other.Publish(ctx, api.Document{Kind: api.DocumentManifest, Serial: 2, Text: must(seal.SignManifest(next, w.authority)).Text()}))
	known := func() bool { return lists(must(anna.Addresses()).InForce, theLine) }
	notices, stop := anna.Subscribe()
	defer stop()
	for patience := time.After(200 * time.Millisecond); !known(); { // it may come now, and must come in the end
		select {
		case <-notices:
			continue
		case <-patience:
		}
		break
	}
	close(release)
	if err := <-ended; err != nil {
		wantKind(t, err, hotline.KindConflict)
	}
	anna.await("the newer manifest", func() bool { return w.manifestNow(t).Serial > 2 || known() })
	if s := anna.State(); s.Blocked || s.Alarms > 0 {
		t.Errorf("alarms: %+v", anna.Alarms())
	}
}
