package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"safeconduct/internal/hotline"
)

// MarkAlone marks a SQLite database, provided that no other program has it
// open: whoever had it open would not look for a mark again. From then on it
// opens only for who asks for that (WithMark).
func MarkAlone(ctx context.Context, url string, m Mark) (err error) {
	path := strings.TrimPrefix(url, "sqlite://")
	if strings.Contains(path, "://") {
		return hotline.Errorf(hotline.KindInvalid, "store: mark", "only a SQLite database is moved")
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return hotline.Errorf(hotline.KindNotFound, "store: mark", "there is no database at %s", path)
	}
	if path, err = filepath.Abs(path); err != nil {
		return storeError("mark", cause{kind: hotline.KindInvalid}, err)
	}
	pool, err := openPool(path, options{sync: sqliteSync, alone: true}, false)
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return aloneError(err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	t := newTx(&querier{conn: tx}, sqliteDialect{})
	if err := t.run("mark", func(tx *Tx) error { return tx.SetMark(ctx, m) }); err != nil {
		return aloneError(err)
	}
	if err := tx.Commit(); err != nil {
		return aloneError(err)
	}
	return nil
}

func aloneError(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED) {
		return hotline.Errorf(hotline.KindBusy, "store: mark", "another program has the database open; stop `safeconduct serve` first. Nothing was changed")
	}
	return sqliteError("mark", err)
}
