package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"

	"safeconduct/internal/hotline"
)

// DB is an open store. Its methods may be called from many goroutines.
type DB struct {
	engine engine
	hints  *hints
	closed atomic.Bool
	close  func() error
}

// engine is what a database must do; sqliteEngine and postgresEngine do it.
type engine interface {
	update(ctx context.Context, fn func(*Tx) error) error
	view(ctx context.Context, fn func(*Tx) error) error
	check(ctx context.Context) error
	scrub(ctx context.Context, deep bool) error
	stats() Stats
	process(ctx context.Context) (int, error)
	close() error
}

// Stats is what the store says of its own work.
type Stats struct {
	Engine   string // "sqlite" or "postgres"
	Queue    int    // updates that wait for the writer
	Updates  int64  // updates that were kept
	Commits  int64  // commits; fewer than updates where they were grouped
	MaxBatch int64  // most updates in one commit
	Retries  int64  // runs repeated after a conflict or a lost connection
}

// Option changes how a store is opened.
type Option func(*options)

type options struct {
	conns      int                     // read connections (SQLite), all connections (PostgreSQL)
	maxPages   int                     // SQLite: most pages of the file, 0 for no bound
	migrations fs.FS                   // holds NNNN_name.sql
	onCommit   func(updates int) error // before each commit; an error fails it
	sync       string                  // asked of SQLite instead of sqliteSync
	marked     bool                    // open a database that has a mark
	asItIs     bool                    // do not migrate
	alone      bool                    // SQLite: fail at once where another program has the file open
	upTo       int                     // migrate to this step only, 0 for all
}

// WithMark opens also a database that is half filled or was moved.
func WithMark() Option { return func(o *options) { o.marked = true } }

// AsItIs opens a database with the schema that it has, for a copy of it. Only
// what reads the catalogue works on an older schema. A missing file is not made.
func AsItIs() Option { return func(o *options) { o.asItIs = true } }

// UpTo makes a new database with the first n steps of the schema only.
func UpTo(n int) Option { return func(o *options) { o.upTo = n } }

// Throwaway opens a SQLite file that nobody will need after a power cut.
func Throwaway() Option { return func(o *options) { o.sync = "0" } }

// WithConns sets how many connections may be open: for reading on SQLite, for
// everything on PostgreSQL.
func WithConns(n int) Option { return func(o *options) { o.conns = n } }

// WithMaxPages bounds a SQLite file to n pages of 4096 bytes; an update that does
// not fit fails with ErrFull and nothing of it is kept.
func WithMaxPages(n int) Option { return func(o *options) { o.maxPages = n } }

// Open opens the database at url, brings its schema up to date and checks its
// settings. The url is "sqlite:///path/file.db", a bare path, or "postgres://…".
func Open(ctx context.Context, url string, opts ...Option) (*DB, error) {
	o := options{migrations: embedded(), sync: sqliteSync}
	for _, opt := range opts {
		opt(&o)
	}
	h := &hints{}
	var (
		e   engine
		err error
	)
	switch scheme, rest, found := strings.Cut(url, "://"); {
	case found && (scheme == "postgres" || scheme == "postgresql"):
		e, err = openPostgres(ctx, url, h, o)
	case found && scheme == "sqlite":
		e, err = openSQLite(ctx, rest, h, o)
	case !found:
		e, err = openSQLite(ctx, url, h, o)
	default:
		// The url may hold a password, so it is not repeated.
		err = hotline.Errorf(hotline.KindInvalid, "store: open", "the database url must begin with sqlite:// or postgres://, or be a path")
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &DB{engine: e, hints: h, close: sync.OnceValue(e.close)}, nil
}

// Update runs fn in a transaction and returns nil only when what it wrote is
// on disk. An error of kind KindUnknown means that the answer to the commit
// was lost; after every other error nothing of fn was kept. See the package
// comment for what fn may do. A panic in fn becomes an error. A caller whose ctx
// ends while it waits is not run; once fn has run the commit's answer counts.
func (d *DB) Update(ctx context.Context, fn func(tx *Tx) error) error {
	if err := d.ready(ctx, "update"); err != nil {
		return err
	}
	return d.engine.update(ctx, fn)
}

// View runs fn in a read-only transaction that sees one state of the database.
func (d *DB) View(ctx context.Context, fn func(tx *Tx) error) error {
	if err := d.ready(ctx, "view"); err != nil {
		return err
	}
	return d.engine.view(ctx, fn)
}

func (d *DB) ready(ctx context.Context, op string) error {
	if d.closed.Load() {
		return storeError(op, cause{kind: hotline.KindUnavailable}, ErrClosed)
	}
	return fnError(op, ctx.Err())
}

// Subscribe returns a channel that holds a value when something may have
// changed since it was last received from. Hints are merged, never queued, and
// a hint from another node can be lost: readers also look each second. The
// channel is closed when ctx ends.
func (d *DB) Subscribe(ctx context.Context) <-chan struct{} { return d.hints.subscribe(ctx) }

// Stats returns counts since the store was opened.
func (d *DB) Stats() Stats { return d.engine.stats() }

// Process is the number of the process that serves one of the database's
// connections, on the machine where it runs; 0 where the database is in this one.
func (d *DB) Process(ctx context.Context) (int, error) { return d.engine.process(ctx) }

// Check looks for damage in the database. It reads much and takes a while.
func (d *DB) Check(ctx context.Context) error { return d.engine.check(ctx) }

// Tidy makes what was deleted unreadable as far as that costs little: SQLite's
// write-ahead log is emptied, PostgreSQL's dead rows are given up. Scrub does the rest.
func (d *DB) Tidy(ctx context.Context) error { return d.engine.scrub(ctx, false) }

// Scrub makes what was deleted unreadable in the files that the store itself
// keeps: it rewrites the database (SQLite) or the tables that held something of a
// person (PostgreSQL), empties SQLite's log and removes what an earlier
// program copied before a migration. Writers wait meanwhile, about ten seconds for each gigabyte. Call it
// after an epoch was destroyed.
func (d *DB) Scrub(ctx context.Context) error { return d.engine.scrub(ctx, true) }

// Writable asks whether the database takes changes now, and changes nothing.
func (d *DB) Writable(ctx context.Context) error {
	undo := errors.New("undo")
	err := d.Update(ctx, func(tx *Tx) error {
		if _, err := tx.q.ExecContext(ctx, "UPDATE feed SET n = n WHERE n < 0"); err != nil {
			return err
		}
		return undo
	})
	if errors.Is(err, undo) {
		return nil
	}
	return err
}

// KeepsOldLog reports whether the database server keeps what was deleted in
// old pieces of its log of changes, which no scrub reaches.
func (d *DB) KeepsOldLog(ctx context.Context) (bool, error) {
	e, ok := d.engine.(*postgresEngine)
	if !ok {
		return false, nil // SQLite's log is emptied
	}
	var kept bool
	err := e.pool.QueryRowContext(ctx, "SELECT current_setting('wal_recycle')::bool OR current_setting('archive_mode') <> 'off'").Scan(&kept)
	if err != nil {
		return false, storeError("settings", explainPostgres(err), err)
	}
	return kept, nil
}

// Close waits for what was accepted, then closes the connections.
func (d *DB) Close() error {
	d.closed.Store(true)
	return d.close()
}
