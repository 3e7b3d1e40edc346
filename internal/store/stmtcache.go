package store

import (
	"context"
	"database/sql/driver"
)

// maxStmts bounds the statements kept ready per connection; there are about a hundred.
const maxStmts = 256

// cachedConn keeps a connection's statements compiled. SQLite spends more time
// on parsing a short statement than on running it, and database/sql caches
// nothing for a query given as text.
type cachedConn struct {
	sqliteConn
	idle map[string]cachedStmt // those not in use; one in use is not in the map
}

// cachedStmt is what the driver's statements can do.
type cachedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func newCachedConn(conn sqliteConn) *cachedConn {
	return &cachedConn{sqliteConn: conn, idle: make(map[string]cachedStmt)}
}

// ExecContext implements driver.ExecerContext.
func (c *cachedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, ok := c.take(ctx, query)
	if !ok {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	res, err := stmt.ExecContext(ctx, args)
	return res, c.give(query, stmt, err)
}

// QueryContext implements driver.QueryerContext.
func (c *cachedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, ok := c.take(ctx, query)
	if !ok {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, c.give(query, stmt, err)
	}
	return &cachedRows{Rows: rows, conn: c, query: query, stmt: stmt}, nil
}

// Close implements driver.Conn.
func (c *cachedConn) Close() error {
	for query, stmt := range c.idle {
		delete(c.idle, query)
		_ = stmt.Close() // the connection's own Close tells what matters
	}
	return c.sqliteConn.Close()
}

// take gets a statement out of the cache or compiles it; where that fails, the
// driver's own path tells the error.
func (c *cachedConn) take(ctx context.Context, query string) (cachedStmt, bool) {
	if stmt, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return stmt, true
	}
	raw, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, false
	}
	stmt, ok := raw.(cachedStmt)
	if !ok {
		_ = raw.Close()
	}
	return stmt, ok
}

// give puts a statement back, unless it failed or there are too many. It returns err.
func (c *cachedConn) give(query string, stmt cachedStmt, err error) error {
	if _, twice := c.idle[query]; err != nil || twice || len(c.idle) >= maxStmts {
		_ = stmt.Close() // repeats the error of the statement's last run
		return err
	}
	c.idle[query] = stmt
	return nil
}

// cachedRows gives its statement back when it is closed.
type cachedRows struct {
	driver.Rows
	conn  *cachedConn
	query string
	stmt  cachedStmt
}

// Close implements driver.Rows.
func (r *cachedRows) Close() error {
	err := r.Rows.Close()
	if r.stmt != nil {
		_ = r.conn.give(r.query, r.stmt, err)
		r.stmt = nil
	}
	return err
}
