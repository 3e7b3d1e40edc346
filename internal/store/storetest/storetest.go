// Package storetest gives tests a fresh store on each database. It knows how to
// make empty databases and nothing of what is kept in them.
package storetest

import (
	"path/filepath"
	"testing"

	"safeconduct/internal/store"
)

// The databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Engines returns the databases that every test of the store runs on.
func Engines() []string { return []string{SQLite, Postgres} }

// Each runs test once for each database, in parallel. Every call of open opens the
// same, at first empty, database: two calls are two nodes.
func Each(t *testing.T, test func(t *testing.T, open func() *store.DB)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := URL(t, engine)
			test(t, func() *store.DB {
				t.Helper()
				return Open(t, url)
			})
		})
	}
}

// Open opens the store at url and closes it when the test ends.
func Open(tb testing.TB, url string, opts ...store.Option) *store.DB {
	tb.Helper()
	// Not tb.Context, which ends before the cleanups run.
	db, err := store.Open(tb.Context(), url, opts...)
	if err != nil {
		tb.Fatalf("open the store: %v", err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return db
}

// URL makes an empty database that lives as long as the test. A missing
// PostgreSQL fails the test: half of the promise would otherwise go untested.
func URL(tb testing.TB, engine string) string {
	tb.Helper()
	switch engine {
	case SQLite:
		return "sqlite://" + filepath.Join(tb.TempDir(), "store.db")
	case Postgres:
		return createDatabase(tb)
	}
	tb.Fatalf("no such database engine: %q", engine)
	return ""
}
