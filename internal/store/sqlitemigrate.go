package store

import (
	"context"
	"database/sql"
	"strings"
)

// sqliteMigrator applies migrations to a file.
type sqliteMigrator struct{}

func (*sqliteMigrator) name() string { return "sqlite" }

// rewrite turns PostgreSQL's types into those of STRICT tables, which keep a
// byte string from ending up in a number's column. The order matters.
func (*sqliteMigrator) rewrite(text string) string {
	return strings.NewReplacer(
		"BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT",
		"BIGINT", "INTEGER",
		"BOOLEAN", "INTEGER",
		"BYTEA", "BLOB",
		"\n);", "\n) STRICT;", // only CREATE TABLE ends so
	).Replace(text)
}

func (*sqliteMigrator) has(table string) string {
	return "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '" + table + "')"
}

// oldBackupPath is where earlier programs put a copy before a migration. It held
// everything, also wraps of keys that are destroyed later: Scrub deletes it.
func oldBackupPath(path string) string { return path + ".before-migration" }

func (*sqliteMigrator) begin(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	return err
}

func (*sqliteMigrator) explain(err error) cause { return explainSQLite(err) }
