package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"safeconduct/internal/hotline"
)

// minSQLite has the repair of a bug that could damage a database when its log
// restarts (sqlite.org/wal.html, "the WAL-reset bug").
const minSQLite = "3.51.3"

// How long a connection waits for another process, and how often it looks.
const (
	busyPatience = 10 * time.Second
	busyPause    = 10 * time.Millisecond
)

// setting is a PRAGMA, what we ask for and what must be read back.
type setting struct{ name, value string }

// sqliteSettings hold for every connection. Drivers ignore a misspelt setting
// in a URL without a word, so each is set by a statement and read back.
func sqliteSettings(o options, readOnly bool) []setting {
	s := []setting{
		{"busy_timeout", strconv.FormatInt(busyPatience.Milliseconds(), 10)},
		{"journal_mode", "wal"},
		{"synchronous", o.sync},
		{"fullfsync", "1"}, // macOS: ask the drive as well; no effect elsewhere
		{"checkpoint_fullfsync", "1"},
		{"foreign_keys", "1"},
		{"secure_delete", "1"},
		{"trusted_schema", "0"},
		{"cell_size_check", "1"},
		{"temp_store", "2"}, // memory: nothing in temporary files
		{"journal_size_limit", strconv.Itoa(64 << 20)},
	}
	if o.alone {
		// Before the log is first read: then SQLite takes the whole file
		// (sqlite.org/pragma.html#pragma_locking_mode).
		s[0].value = "0"
		s = append([]setting{{"locking_mode", "exclusive"}}, s...)
	}
	if o.maxPages > 0 {
		s = append(s, setting{"max_page_count", strconv.Itoa(o.maxPages)})
	}
	if readOnly {
		s = append(s, setting{"query_only", "1"})
	}
	return s
}

// openPool makes a pool whose connections are all checked before use.
func openPool(path string, o options, readOnly bool) (*sql.DB, error) {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/… on Windows (sqlite.org/uri.html)
	}
	name := url.URL{Scheme: "file", Path: slashed, RawQuery: "_defensive=1&_dqs=0&_error_rc=1"}
	base, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, storeError("open", cause{kind: hotline.KindInvalid}, err)
	}
	return sql.OpenDB(&sqliteConnector{Connector: base, settings: sqliteSettings(o, readOnly)}), nil
}

// sqliteConnector opens connections and refuses those that are not as they must be.
type sqliteConnector struct {
	driver.Connector
	settings []setting
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

// Connect implements driver.Connector.
func (c *sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	raw, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := raw.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's connection %T lacks a method", raw), raw.Close())
	}
	if err := c.prepareFree(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return newCachedConn(conn), nil
}

// prepareFree waits while another process turns the same new file to WAL: SQLite
// answers "busy" to that at once, whatever busy_timeout says.
func (c *sqliteConnector) prepareFree(ctx context.Context, conn sqliteConn) error {
	ctx, cancel := context.WithTimeout(ctx, busyPatience)
	defer cancel()
	for {
		err := c.prepare(ctx, conn)
		var e *sqlite.Error
		if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_BUSY {
			return err
		}
		pause := time.NewTimer(busyPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

func (c *sqliteConnector) prepare(ctx context.Context, conn sqliteConn) error {
	version, err := readOne(ctx, conn, "SELECT sqlite_version()")
	if err != nil {
		return err
	}
	if !atLeast(version, minSQLite) {
		return fmt.Errorf("%w: SQLite is %s and must be %s or newer", ErrUnsafeSetting, version, minSQLite)
	}
	for _, s := range c.settings {
		if _, err := readOne(ctx, conn, "PRAGMA "+s.name+" = "+s.value); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("set %s: %w", s.name, err)
		}
		got, err := readOne(ctx, conn, "PRAGMA "+s.name)
		if err != nil {
			return fmt.Errorf("read %s: %w", s.name, err)
		}
		if got != s.value {
			return fmt.Errorf("%w: %s is %s and must be %s", ErrUnsafeSetting, s.name, got, s.value)
		}
	}
	return nil
}

// readOne returns the one value that a statement answers, or io.EOF.
func readOne(ctx context.Context, conn driver.QueryerContext, query string) (string, error) {
	rows, err := conn.QueryContext(ctx, query, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	row := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(row); err != nil {
		return "", err
	}
	if len(row) == 0 {
		return "", io.EOF
	}
	return fmt.Sprint(row[0]), nil
}

// atLeast compares dotted versions number by number.
func atLeast(version, least string) bool {
	have, want := strings.Split(version, "."), strings.Split(least, ".")
	for i := range want {
		if i >= len(have) {
			return false
		}
		h, errH := strconv.Atoi(have[i])
		w, errW := strconv.Atoi(want[i])
		if errH != nil || errW != nil {
			return false
		}
		if h != w {
			return h > w
		}
	}
	return true
}
