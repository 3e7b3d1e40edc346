package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

// Tx is a transaction: the generated queries, and what needs more than one
// statement or differs between the databases. It is valid until its function
// returns and belongs to one goroutine.
type Tx struct {
	*db.Queries
	q         *querier
	dialect   dialect
	after     []func()
	readOnly  bool
	versioned bool // NextVersion was called: no further lock may be taken
	journaled bool // the journal is held
}

// dialect is what the two databases say differently inside a transaction.
type dialect interface {
	// hold keeps other writers off something until the transaction ends.
	hold(ctx context.Context, q db.DBTX, l lock) error
	// forUpdate ends a SELECT whose rows are kept from other writers.
	forUpdate() string
	// skipLocked ends a SELECT that leaves out the rows which others hold.
	skipLocked() string
	// anyOf is the condition that column is one of list ([][]byte or
	// []int64), which is passed as parameter n.
	anyOf(column string, n int, list any) (condition string, arg any)
	// columns reports whether one statement takes many rows as arrays, and
	// whether that is worth it.
	columns() bool
	// explain turns a failed statement's error into a cause.
	explain(err error) cause
	// catalogue reads what tables there are.
	catalogue() catalogue
}

// lock names what can be held.
type lock int

const (
	lockJournal lock = iota
	lockClaims
)

func newTx(q *querier, d dialect) *Tx {
	return &Tx{Queries: db.New(q), q: q, dialect: d}
}

func newView(conn db.DBTX, d dialect) *Tx {
	tx := newTx(&querier{conn: conn}, d)
	tx.readOnly = true
	return tx
}

// AfterCommit runs fn when the transaction is on disk, before Update returns and
// on its goroutine. It does not run when the transaction fails. Between two
// Updates the order is not that of their commits.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

func (tx *Tx) committed() {
	for _, fn := range tx.after {
		fn()
	}
}

// NextVersion returns the next number of the feed, for hotline_case.version.
// The counter stays locked until the commit, so versions become visible in
// their order: a reader who has seen one never meets a smaller one later. All
// writers wait for that lock: take every other lock first, and call it late.
func (tx *Tx) NextVersion(ctx context.Context) (int64, error) {
	tx.versioned = true
	return tx.BumpFeed(ctx)
}

// LockCase reads a case and keeps other writers off it until the transaction ends.
func (tx *Tx) LockCase(ctx context.Context, id []byte) (db.HotlineCase, error) {
	var c db.HotlineCase
	if err := tx.mayLock(); err != nil {
		return c, err
	}
	row := tx.q.QueryRowContext(ctx, "SELECT "+caseColumns+" FROM hotline_case WHERE id = $1"+tx.dialect.forUpdate(), id)
	return c, row.Scan(caseFields(&c)...)
}

// mayLock refuses a lock after the counter that comes last.
func (tx *Tx) mayLock() error {
	if tx.readOnly {
		return storeError("lock", cause{kind: hotline.KindInternal}, ErrReadOnly)
	}
	if tx.versioned {
		return storeError("lock", cause{kind: hotline.KindInternal}, ErrLockOrder)
	}
	return nil
}

// run calls fn and returns its outcome, given that a statement which failed
// has ended the transaction even if fn did not look.
func (tx *Tx) run(op string, fn func(*Tx) error) (err error) {
	defer tx.q.ended.Store(true)
	err = guard(tx, fn)
	if failed := tx.q.failed; failed != nil {
		if err == nil {
			err = failed
		}
		return storeError(op, tx.dialect.explain(failed), err)
	}
	return fnError(op, err)
}

// guard turns a panic into an error, so that one caller's fault does not take
// the writer and everybody's transactions with it.
func guard(tx *Tx, fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			// The value of a panic can hold anything, so only its type is told.
			err = hotline.Errorf(hotline.KindInternal, "store", "panic in a transaction: %T\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

// querier passes statements on, with three rules for both databases: an empty
// byte string is stored as NULL; after the first failure nothing more runs;
// and nothing runs after the transaction's end.
type querier struct {
	conn   db.DBTX
	failed error
	ended  atomic.Bool
	// detach hides cancellation from SQLite's writer: interrupting a statement
	// that writes rolls back the whole transaction, and so everybody's updates
	// in it (sqlite.org/c3ref/interrupt.html).
	detach bool
}

func (q *querier) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := q.ready(ctx)
	if err != nil {
		return nil, err
	}
	res, err := q.conn.ExecContext(ctx, query, plain(args)...)
	return res, q.fail(err)
}

func (q *querier) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := q.ready(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := q.conn.QueryContext(ctx, query, plain(args)...)
	return rows, q.fail(err)
}

func (q *querier) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ready, err := q.ready(ctx)
	if err != nil {
		// A sql.Row can only carry an error that database/sql made itself.
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		return q.conn.QueryRowContext(stopped, query)
	}
	row := q.conn.QueryRowContext(ready, query, plain(args)...)
	_ = q.fail(row.Err())
	return row
}

func (q *querier) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return nil, fmt.Errorf("store: statements are prepared by the connection")
}

func (q *querier) ready(ctx context.Context) (context.Context, error) {
	if q.ended.Load() {
		return ctx, ErrEnded
	}
	if q.failed != nil {
		return ctx, fmt.Errorf("an earlier statement failed: %w", q.failed)
	}
	if q.detach {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, nil
}

func (q *querier) fail(err error) error {
	if err != nil && q.failed == nil {
		q.failed = err
	}
	return err
}

// plain stores an empty byte string as NULL. The two databases would otherwise
// disagree on what equals what, and NOT NULL would not mean "not empty".
func plain(args []any) []any {
	for i, a := range args {
		if b, ok := a.([]byte); ok && len(b) == 0 {
			args[i] = []byte(nil)
		}
	}
	return args
}
