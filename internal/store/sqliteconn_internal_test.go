package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"modernc.org/sqlite"
)

// deaf is a connection that takes every statement but one, as a driver does that
// does not know a setting.
type deaf struct {
	sqliteConn
	to, instead string
}

func (d deaf) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if query == d.to {
		query = d.instead
	}
	return d.sqliteConn.QueryContext(ctx, query, args)
}

type deafConnector struct {
	driver.Connector
	to, instead string
}

func (d deafConnector) Connect(ctx context.Context) (driver.Conn, error) {
	raw, err := d.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := raw.(sqliteConn)
	if !ok {
		return nil, errors.New("unexpected connection")
	}
	return deaf{conn, d.to, d.instead}, nil
}

// Every setting that does not take keeps a connection from being used.
func TestEverySettingIsReadBack(t *testing.T) {
	t.Parallel()
	o := options{sync: sqliteSync, maxPages: 1000}
	other := map[string]string{
		"busy_timeout": "1", "journal_mode": "delete", "synchronous": "1", "fullfsync": "0", "checkpoint_fullfsync": "0",
		"foreign_keys": "0", "secure_delete": "0", "trusted_schema": "1", "cell_size_check": "0", "temp_store": "1",
		"journal_size_limit": "5", "max_page_count": "2000", "query_only": "0",
	}
	settings := sqliteSettings(o, true)
	if len(settings) != len(other) {
		t.Fatalf("%d settings, the test knows %d", len(settings), len(other))
	}
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			base, err := sqlite.NewConnector("file:" + filepath.Join(t.TempDir(), "a.db"))
			if err != nil {
				t.Fatal(err)
			}
			set := "PRAGMA " + s.name + " = "
			pool := sql.OpenDB(&sqliteConnector{
				Connector: deafConnector{base, set + s.value, set + other[s.name]},
				settings:  settings,
			})
			defer pool.Close()
			err = pool.PingContext(t.Context())
			if !errors.Is(err, ErrUnsafeSetting) || !strings.Contains(err.Error(), s.name) {
				t.Errorf("ping: %v", err)
			}
		})
	}
}

// The settings hold on every connection of a store, also those opened later.
func TestSettingsOfAStoresConnections(t *testing.T) {
	t.Parallel()
	e, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "a.db"), &hints{}, options{migrations: embedded(), sync: sqliteSync})
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	engine, ok := e.(*sqliteEngine)
	if !ok {
		t.Fatal("unexpected engine")
	}
	look := func(conn *sql.Conn, settings []setting) {
		t.Helper()
		for _, s := range settings {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+s.name).Scan(&got); err != nil || got != s.value {
				t.Errorf("%s is %q (%v), want %q", s.name, got, err, s.value)
			}
		}
	}
	look(engine.writer.conn, sqliteSettings(options{sync: "2"}, false))
	for range 4 {
		conn, err := engine.readers.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // all four stay open until the end
		look(conn, sqliteSettings(options{sync: "2"}, true))
	}
}

func TestAtLeast(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"3.51.3": true, "3.51.10": true, "3.52.0": true, "4.0.0": true, "3.51.3.1": true,
		"3.51.2": false, "3.9.9": false, "3.51": false, "": false, "x.y.z": false, "2.99.99": false,
	} {
		if got := atLeast(version, minSQLite); got != want {
			t.Errorf("atLeast(%q) = %v", version, got)
		}
	}
}

// A statement that is still being read may be run a second time.
func TestStatementCacheNests(t *testing.T) {
	t.Parallel()
	pool, err := openPool(filepath.Join(t.TempDir(), "a.db"), options{sync: sqliteSync}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const query = "SELECT value FROM json_each($1)"
	read := func(array string, inner func()) (n int) {
		rows, err := conn.QueryContext(t.Context(), query, array)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			n++
			if inner != nil {
				inner()
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	inner := 0
	if outer := read("[1,2,3]", func() { inner += read("[1,2]", nil) }); outer != 3 || inner != 6 {
		t.Errorf("outer %d, inner %d rows", outer, inner)
	}
	if again := read("[1]", nil); again != 1 {
		t.Errorf("again: %d rows", again)
	}
}
