package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// sqliteMigrator applies migrations to a file.
type sqliteMigrator struct{ path string }

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

func (*sqliteMigrator) exists() string {
	return "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration')"
}

// backupPath is the one backup beside a database; the next migration overwrites it.
// It holds what the database held, also wraps of keys that are destroyed
// later: Scrub deletes it.
func backupPath(path string) string { return path + ".before-migration" }

func (m *sqliteMigrator) backup(ctx context.Context, conn *sql.Conn) (err error) {
	part := backupPath(m.path) + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	// SQLite writes into a file that exists if it is empty, and keeps its mode.
	if err := private(part); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	if _, err := conn.ExecContext(ctx, "VACUUM INTO $1", part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := os.Rename(part, backupPath(m.path)); err != nil {
		return err
	}
	return syncFile(filepath.Dir(m.path))
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (*sqliteMigrator) begin(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	return err
}

func (*sqliteMigrator) explain(err error) cause { return explainSQLite(err) }
