package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"safeconduct/internal/hotline"
)

// A migration stands in migration/NNNN_name.sql, written for PostgreSQL. Where
// the rewriting below does not do, a file of the same name in
// migration/sqlite or migration/postgres takes its place. (A folder, because
// sqlc reads every file of migration as schema.)
//
//go:embed migration
var files embed.FS

func embedded() fs.FS {
	sub, err := fs.Sub(files, "migration")
	if err != nil {
		panic(err) // the name is a constant: cannot happen in a program that was compiled
	}
	return sub
}

// migrator is what differs between the databases.
type migrator interface {
	name() string
	rewrite(text string) string
	// exists is the question whether the migration table is there.
	exists() string
	// backup is called before an existing schema is changed.
	backup(ctx context.Context, conn *sql.Conn) error
	// begin opens a transaction that keeps other migrators out.
	begin(ctx context.Context, conn *sql.Conn) error
	explain(err error) cause
}

type migration struct {
	n        int64
	name     string
	checksum string
	text     string
}

const migrationTable = `CREATE TABLE IF NOT EXISTS migration (
    n BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL
);`

// migrate brings the schema up to date, forward only, all steps in one transaction.
func migrate(ctx context.Context, conn *sql.Conn, m migrator, from fs.FS) error {
	steps, err := readMigrations(from, m)
	if err != nil {
		return storeError("migrate", cause{kind: hotline.KindInternal}, err)
	}
	// A first look without the lock: most starts find nothing to do, and
	// SQLite's backup cannot be taken inside a transaction.
	done, err := applied(ctx, conn, m)
	if err == nil {
		err = compare(done, steps)
	}
	if err != nil {
		return migrationError(m, err)
	}
	if len(done) == len(steps) {
		return nil
	}
	if len(done) > 0 {
		if err := m.backup(ctx, conn); err != nil {
			return migrationError(m, fmt.Errorf("backup before migrating: %w", err))
		}
	}
	if err := m.begin(ctx, conn); err != nil {
		return migrationError(m, err)
	}
	if err := applyAll(ctx, conn, m, steps); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return migrationError(m, err)
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return migrationError(m, err)
	}
	return nil
}

func migrationError(m migrator, err error) error {
	c := m.explain(err)
	if errors.Is(err, ErrNewerSchema) || errors.Is(err, ErrChangedMigration) {
		c.kind = hotline.KindConflict
	}
	return storeError("migrate", c, err)
}

// applyAll runs inside the lock, so it looks again at what was done.
func applyAll(ctx context.Context, conn *sql.Conn, m migrator, steps []migration) error {
	if _, err := conn.ExecContext(ctx, m.rewrite(migrationTable)); err != nil {
		return err
	}
	done, err := applied(ctx, conn, m)
	if err != nil {
		return err
	}
	if err := compare(done, steps); err != nil {
		return err
	}
	for _, s := range steps[len(done):] {
		if _, err := conn.ExecContext(ctx, m.rewrite(s.text)); err != nil {
			return fmt.Errorf("%04d_%s: %w", s.n, s.name, err)
		}
		if _, err := conn.ExecContext(ctx, "INSERT INTO migration (n, name, checksum) VALUES ($1, $2, $3)", s.n, s.name, s.checksum); err != nil {
			return err
		}
	}
	return nil
}

// compare refuses a database which is not at a state that steps lead through.
func compare(done, steps []migration) error {
	if len(done) > len(steps) {
		return fmt.Errorf("%w: it has migration %04d_%s, this program ends at %d. Start the newer program, or restore the backup",
			ErrNewerSchema, done[len(done)-1].n, done[len(done)-1].name, len(steps))
	}
	for i, d := range done {
		if d.n != steps[i].n || d.checksum != steps[i].checksum {
			return fmt.Errorf("%w: %04d_%s in the database, %04d_%s in this program",
				ErrChangedMigration, d.n, d.name, steps[i].n, steps[i].name)
		}
	}
	return nil
}

// applied lists what the database has, nothing where the table is missing.
func applied(ctx context.Context, conn *sql.Conn, m migrator) ([]migration, error) {
	var there bool
	if err := conn.QueryRowContext(ctx, m.exists()).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		return nil, nil
	}
	rows, err := conn.QueryContext(ctx, "SELECT n, name, checksum FROM migration ORDER BY n")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var done []migration
	for rows.Next() {
		var d migration
		if err := rows.Scan(&d.n, &d.name, &d.checksum); err != nil {
			return nil, err
		}
		done = append(done, d)
	}
	return done, rows.Err()
}

// readMigrations reads and orders the files; numbers run from 1 without a gap.
func readMigrations(from fs.FS, m migrator) ([]migration, error) {
	names, err := fs.Glob(from, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	steps := make([]migration, 0, len(names))
	for i, name := range names {
		digits, rest, found := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || !found || len(digits) != 4 || n != int64(i+1) {
			return nil, fmt.Errorf("migration %s: the name must begin with %04d_", name, i+1)
		}
		text, err := fs.ReadFile(from, path.Join(m.name(), name))
		if errors.Is(err, fs.ErrNotExist) {
			text, err = fs.ReadFile(from, name)
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		steps = append(steps, migration{n: n, name: rest, checksum: hex.EncodeToString(sum[:]), text: string(text)})
	}
	return steps, nil
}
