//go:build !unsafesync

package store

// What every connection must answer about durability before it is used:
// SQLite's synchronous=FULL is 2.
const (
	sqliteSync        = "2"
	postgresSync      = "on"
	requireDurability = true
)
