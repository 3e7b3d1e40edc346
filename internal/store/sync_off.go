//go:build unsafesync

package store

// A build that loses acknowledged writes at a power cut. It exists so that the
// crash test can show that it would notice.
const (
	sqliteSync        = "0"
	postgresSync      = "off"
	requireDurability = false
)
