package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

// sqliteEngine is one file: one connection that writes, several that read.
type sqliteEngine struct {
	path    string
	writers *sql.DB
	readers *sql.DB
	writer  *writer
}

func openSQLite(ctx context.Context, path string, h *hints, o options) (_ engine, err error) {
	if path == "" || path == ":memory:" {
		return nil, hotline.Errorf(hotline.KindInvalid, "store: open", "the database needs the path of a file")
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, storeError("open", cause{kind: hotline.KindInvalid}, err)
	}
	if err := present(path, o); err != nil {
		return nil, err
	}
	e := &sqliteEngine{path: path}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	if e.writers, err = openPool(path, o, false); err != nil {
		return nil, err
	}
	e.writers.SetMaxOpenConns(1)
	conn, err := e.writers.Conn(ctx)
	if err != nil {
		return nil, sqliteError("open", err)
	}
	if err := migrate(ctx, conn, &sqliteMigrator{}, o); err != nil {
		return nil, err
	}
	if e.readers, err = openPool(path, o, true); err != nil {
		return nil, err
	}
	n := o.conns
	if n <= 0 {
		n = max(4, runtime.GOMAXPROCS(0))
	}
	e.readers.SetMaxOpenConns(n)
	e.readers.SetMaxIdleConns(n)
	if err := e.readers.PingContext(ctx); err != nil {
		return nil, sqliteError("open", err)
	}
	e.writer = startWriter(conn, h, o.onCommit)
	return e, nil
}

// present sees that there is a file to open.
func present(path string, o options) error {
	if o.asItIs {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return hotline.Errorf(hotline.KindNotFound, "store: open", "there is no database at %s", path)
		}
		return writable(path)
	}
	if err := private(path); err != nil {
		c := cause{kind: hotline.KindUnavailable}
		if errors.Is(err, syscall.EROFS) {
			c.is = ErrReadOnly
		}
		return storeError("open", c, err)
	}
	return nil
}

// writable says in our words what SQLite calls "unable to open": its log needs a
// disk that can be written, for reading too.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission):
		return storeError("open", cause{hotline.KindUnavailable, ErrReadOnly}, err)
	}
	return nil // SQLite says what else is wrong
}

// private creates a missing database file for its owner's eyes only; SQLite
// gives its log and index files the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func (e *sqliteEngine) update(ctx context.Context, fn func(*Tx) error) error {
	return e.writer.update(ctx, fn)
}

func (e *sqliteEngine) view(ctx context.Context, fn func(*Tx) error) error {
	conn, err := e.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return sqliteError("view", err)
	}
	defer func() { _ = conn.Rollback() }() // there is nothing to keep
	return newView(conn, sqliteDialect{}).run("view", fn)
}

func (e *sqliteEngine) check(ctx context.Context) error {
	rows, err := e.readers.QueryContext(ctx, "PRAGMA quick_check")
	if err != nil {
		return sqliteError("check", err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return sqliteError("check", err)
		}
		if line != "ok" {
			return storeError("check", cause{kind: hotline.KindInternal}, fmt.Errorf("%w: %s", ErrCorrupt, line))
		}
	}
	if err := rows.Err(); err != nil {
		return sqliteError("check", err)
	}
	return nil
}

func (e *sqliteEngine) scrub(ctx context.Context, deep bool) error {
	if deep {
		if err := os.Remove(oldBackupPath(e.path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return storeError("scrub", cause{kind: hotline.KindUnavailable}, err)
		}
		// secure_delete writes zeros over what is deleted, but a page that was split
		// or merged before can still hold an earlier copy of a row in its gap.
		if err := e.writer.alone(ctx, "VACUUM"); err != nil {
			return err
		}
	}
	// A reader or the writer may be busy; a connection of its own waits for
	// them (busy_timeout) without holding up updates.
	pool, err := openPool(e.path, options{sync: sqliteSync}, false)
	if err != nil {
		return err
	}
	defer pool.Close()
	var busy, log, moved int
	if err := pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved); err != nil {
		return sqliteError("scrub", err)
	}
	if busy != 0 {
		return hotline.Errorf(hotline.KindBusy, "store: scrub", "the log is in use; nothing is lost, try again")
	}
	return nil
}

func (e *sqliteEngine) stats() Stats {
	w := e.writer
	return Stats{
		Engine: "sqlite", Queue: len(w.queue),
		Updates: w.updates.Load(), Commits: w.commits.Load(), MaxBatch: w.largest.Load(),
	}
}

func (*sqliteEngine) process(context.Context) (int, error) { return 0, nil }

func (e *sqliteEngine) close() error {
	var errs []error
	if e.writer != nil {
		e.writer.stop()
		errs = append(errs, e.writer.conn.Close())
	}
	for _, pool := range []*sql.DB{e.readers, e.writers} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// sqliteDialect needs no locks: an update has the whole database to itself.
type sqliteDialect struct{}

func (sqliteDialect) hold(context.Context, db.DBTX, lock) error { return nil }

func (sqliteDialect) forUpdate() string { return "" }

func (sqliteDialect) skipLocked() string { return "" }

func (sqliteDialect) anyOf(column string, n int, list any) (string, any) {
	value := "value"
	if ids, ok := list.([][]byte); ok {
		value = "unhex(value)"
		digits := make([]string, len(ids))
		for i, id := range ids {
			digits[i] = hex.EncodeToString(id)
		}
		list = digits
	}
	// A list of strings or integers always marshals.
	array, _ := json.Marshal(list)
	return column + " IN (SELECT " + value + " FROM json_each($" + strconv.Itoa(n) + "))", string(array)
}

func (sqliteDialect) columns() bool { return false }

func (sqliteDialect) explain(err error) cause { return explainSQLite(err) }

func sqliteError(op string, err error) error { return storeError(op, explainSQLite(err), err) }

// explainSQLite reads SQLite's result code (sqlite.org/rescode.html): its low byte
// is the class.
func explainSQLite(err error) cause {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return explainCommon(err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return cause{hotline.KindUnavailable, ErrFull}
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return cause{hotline.KindUnavailable, ErrReadOnly}
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH:
		return cause{hotline.KindConflict, ErrConstraint}
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return cause{hotline.KindInternal, ErrCorrupt}
	case sqlite3.SQLITE_IOERR:
		return cause{hotline.KindUnavailable, ErrDisk}
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_INTERRUPT:
		return cause{kind: hotline.KindUnavailable}
	}
	return cause{kind: hotline.KindInternal}
}

// explainCommon covers what is no answer of a database.
func explainCommon(err error) cause {
	switch {
	case isContext(err), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return cause{kind: hotline.KindUnavailable}
	case errors.Is(err, ErrDisk):
		return cause{hotline.KindUnavailable, ErrDisk}
	case errors.Is(err, ErrUnsafeSetting):
		return cause{hotline.KindUnavailable, ErrUnsafeSetting}
	}
	return cause{kind: hotline.KindInternal}
}
