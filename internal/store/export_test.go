package store

import "io/fs"

// WithCommitHook runs hook before each commit with the number of updates in
// it; an error fails the commit.
func WithCommitHook(hook func(updates int) error) Option {
	return func(o *options) { o.onCommit = hook }
}

// WithMigrations replaces the embedded migrations.
func WithMigrations(from fs.FS) Option { return func(o *options) { o.migrations = from } }

// CaseColumns is what the list queries select.
const CaseColumns = caseColumns

// ClaimSQL is the claim as SQLite and PostgreSQL run it.
func ClaimSQL(postgres bool) string {
	var d dialect = sqliteDialect{}
	if postgres {
		d = postgresDialect{}
	}
	return claimJobs + d.skipLocked() + claimReturning
}
