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
	// has is the question whether a table is there.
	has(table string) string
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
func migrate(ctx context.Context, conn *sql.Conn, m migrator, o options) error {
	if !o.marked {
		if err := refuseMarked(ctx, conn, m); err != nil {
			return err
		}
	}
	steps, err := readMigrations(o.migrations, m)
	if err != nil {
		return storeError("migrate", cause{kind: hotline.KindInternal}, err)
	}
	if o.upTo > 0 {
		steps = steps[:min(o.upTo, len(steps))]
	}
	// A first look without the lock: most starts find nothing to do.
	done, err := applied(ctx, conn, m)
	if err == nil {
		err = compare(done, steps)
	}
	if err != nil {
		return migrationError(m, err)
	}
	if len(done) == len(steps) || o.asItIs {
		return nil
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
	if err := conn.QueryRowContext(ctx, m.has("migration")).Scan(&there); err != nil {
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

// Migration is one step of the schema.
type Migration struct {
	N        int64  `json:"n"`
	Name     string `json:"name"`
	Checksum string `json:"sha256"`
}

// Migrations lists this program's steps as the engine ("sqlite" or "postgres")
// applies them.
func Migrations(engine string) ([]Migration, error) {
	var m migrator = &sqliteMigrator{}
	if engine == (postgresMigrator{}).name() {
		m = postgresMigrator{}
	}
	steps, err := readMigrations(embedded(), m)
	if err != nil {
		return nil, storeError("migrations", cause{kind: hotline.KindInternal}, err)
	}
	return published(steps), nil
}

func published(steps []migration) []Migration {
	out := make([]Migration, len(steps))
	for i, s := range steps {
		out[i] = Migration{N: s.n, Name: s.name, Checksum: s.checksum}
	}
	return out
}

// Schema lists the steps that this database has been through.
func (tx *Tx) Schema(ctx context.Context) ([]Migration, error) {
	rows, err := tx.q.QueryContext(ctx, "SELECT n, name, checksum FROM migration ORDER BY n")
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	defer rows.Close()
	var out []Migration
	for rows.Next() {
		var m Migration
		if err := rows.Scan(&m.N, &m.Name, &m.Checksum); err != nil {
			return nil, fmt.Errorf("read the schema's version: %w", err)
		}
		out = append(out, m)
	}
	return out, rows.Err()
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
