//go:build !unix

package bench

import (
	"time"

	"safeconduct/internal/hotline"
)

func ownTime() (time.Duration, error) {
	return 0, hotline.Errorf(hotline.KindUnavailable, "bench", "processor time cannot be read on this system")
}
