package gateway

import (
	"context"
	"sync"
	"time"

	"safeconduct/internal/seal"
)

// manifestFor is how long a manifest that was read is good enough: a team's key
// is not destroyed for weeks after the next one has taken its place.
const manifestFor = 5 * time.Second

// Remembered asks for the manifest every few seconds instead of for each message:
// reading and verifying one takes longer than sealing.
func Remembered(ask Manifest, clock func() time.Time) Manifest {
	var mu sync.Mutex
	var at time.Time
	var text []byte
	var last seal.Manifest
	return func(ctx context.Context) ([]byte, seal.Manifest, error) {
		mu.Lock()
		defer mu.Unlock()
		if age := clock().Sub(at); !at.IsZero() && age >= 0 && age < manifestFor {
			return text, last, nil
		}
		t, m, err := ask(ctx)
		if err == nil {
			text, last, at = t, m, clock()
		}
		return t, m, err
	}
}
