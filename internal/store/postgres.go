package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

const (
	// maxRuns bounds how often a transaction's function is run.
	maxRuns = 8
	// firstPause doubles with each run; its full length is drawn at random.
	firstPause = 4 * time.Millisecond
	// commitPatience bounds the wait for the answer to a commit.
	commitPatience = 30 * time.Second
)

// postgresEngine is a pool of connections; each update is its own transaction.
type postgresEngine struct {
	pool   *sql.DB
	hints  *hints
	hook   func(updates int) error
	tell   chan struct{} // something was committed here
	cancel context.CancelFunc
	live   sync.WaitGroup

	updates, retries, waiting atomic.Int64
}

func (e *postgresEngine) update(ctx context.Context, fn func(*Tx) error) error {
	e.waiting.Add(1)
	defer e.waiting.Add(-1)
	for run := 1; ; run++ {
		tx, again, err := e.once(ctx, fn)
		if err == nil {
			e.updates.Add(1)
			e.hints.wake()
			select {
			case e.tell <- struct{}{}:
			default: // one is waiting to be told already
			}
			tx.committed()
			return nil
		}
		if !again || run == maxRuns {
			return err
		}
		e.retries.Add(1)
		pause := time.NewTimer(rand.N(firstPause << run)) //nolint:gosec // jitter, not a secret
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

// once runs fn in one transaction, and says whether another run makes sense.
// After a commit was sent it never does, unless the server itself said that it
// rolled back.
func (e *postgresEngine) once(ctx context.Context, fn func(*Tx) error) (_ *Tx, again bool, _ error) {
	conn, err := e.pool.Conn(ctx)
	if err != nil {
		return nil, worthAnother(err), storeError("begin", explainPostgres(err), err)
	}
	defer conn.Close()
	// A caller who goes away must not cut off a commit halfway, so the
	// transaction does not carry the context; its statements do.
	txCtx, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	sqlTx, err := conn.BeginTx(txCtx, nil)
	if err != nil {
		return nil, worthAnother(err), storeError("begin", explainPostgres(err), err)
	}
	defer func() { _ = sqlTx.Rollback() }() // does nothing after a commit
	tx := newTx(&querier{conn: sqlTx}, postgresDialect{})
	if err := tx.run("update", fn); err != nil {
		return nil, tx.q.failed != nil && worthAnother(tx.q.failed), err
	}
	if e.hook != nil {
		if err := e.hook(1); err != nil {
			return nil, false, storeError("commit", explainPostgres(err), err)
		}
	}
	// A server that is cut off can leave a connection silent for many minutes.
	patience := time.AfterFunc(commitPatience, giveUp)
	defer patience.Stop()
	if err := sqlTx.Commit(); err != nil {
		if rolledBack(err) {
			return nil, worthAnother(err), storeError("commit", explainPostgres(err), err)
		}
		return nil, false, storeError("commit", cause{hotline.KindUnknown, ErrUnknown}, err)
	}
	return tx, false, nil
}

func (e *postgresEngine) view(ctx context.Context, fn func(*Tx) error) error {
	sqlTx, err := e.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return storeError("view", explainPostgres(err), err)
	}
	defer func() { _ = sqlTx.Rollback() }() // there is nothing to keep
	return newView(sqlTx, postgresDialect{}).run("view", fn)
}

// check asks a question of the server; looking for damage in its files is the
// work of the server's own tools (pg_amcheck).
func (e *postgresEngine) check(ctx context.Context) error {
	var n int64
	if err := e.pool.QueryRowContext(ctx, "SELECT n FROM feed WHERE one").Scan(&n); err != nil {
		return storeError("check", explainPostgres(err), err)
	}
	return nil
}

// personTables held something of a person or of a key.
var personTables = []string{
	"team_wrap", "case_wrap", "case_key", "fold", "record", "reply_copy", "reply_missing", "object", "object_part", "statement", "hotline_case", "case_tie", "case_gone",
	"chat", "chat_trace", "chat_update", "delivery", "field_note",
	"journal_leaf", "job", "proposal", "approval", "tripwire_mark", "tripwire_alarm", "tripwire_note", "canary", "setting",
}

// scrub removes dead rows. Deep, it writes the tables anew and ends the
// segment of the write-ahead log, where the account may: the old files are
// deleted, not written over, and after a checkpoint the log's old segments are
// no longer needed (whether they are deleted or used again under another name
// is the server's setting wal_recycle).
func (e *postgresEngine) scrub(ctx context.Context, deep bool) error {
	how := "VACUUM "
	if deep {
		how = "VACUUM FULL "
	}
	for _, table := range personTables {
		if _, err := e.pool.ExecContext(ctx, how+table); err != nil {
			return storeError("scrub", explainPostgres(err), err)
		}
	}
	if !deep {
		return nil
	}
	for _, statement := range []string{"SELECT pg_switch_wal()", "CHECKPOINT"} {
		_, err := e.pool.ExecContext(ctx, statement)
		var denied *pgconn.PgError
		if err != nil && !(errors.As(err, &denied) && denied.Code == "42501") { // insufficient_privilege
			return storeError("scrub", explainPostgres(err), err)
		}
	}
	return nil
}

func (e *postgresEngine) process(ctx context.Context) (pid int, err error) {
	if err := e.pool.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return 0, storeError("process", explainPostgres(err), err)
	}
	return pid, nil
}

func (e *postgresEngine) stats() Stats {
	n := e.updates.Load()
	return Stats{Engine: "postgres", Queue: int(e.waiting.Load()), Updates: n, Commits: n, MaxBatch: min(n, 1), Retries: e.retries.Load()}
}

func (e *postgresEngine) close() error {
	e.cancel()
	e.live.Wait()
	return e.pool.Close()
}

// postgresDialect locks rows, since other nodes write at the same time.
type postgresDialect struct{}

// claimKey names the advisory lock of Claim. Claims of all nodes follow one
// another, so that each sees which lanes the one before has taken.
const claimKey = 0x5afec0d1

func (postgresDialect) hold(ctx context.Context, q db.DBTX, l lock) (err error) {
	switch l {
	case lockJournal:
		_, err = q.ExecContext(ctx, "SELECT 1 FROM journal_head WHERE one FOR UPDATE")
	case lockClaims:
		_, err = q.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(claimKey))
	}
	return err
}

func (postgresDialect) forUpdate() string { return " FOR UPDATE" }

func (postgresDialect) skipLocked() string { return " FOR UPDATE OF j SKIP LOCKED" }

func (postgresDialect) anyOf(column string, n int, list any) (string, any) {
	return column + " = ANY($" + strconv.Itoa(n) + ")", list
}

func (postgresDialect) columns() bool { return true }

func (postgresDialect) explain(err error) cause { return explainPostgres(err) }

// explainPostgres reads the SQLSTATE (PostgreSQL manual, appendix A); its first two
// characters are the class.
func explainPostgres(err error) cause {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if lost(err) {
			return cause{kind: hotline.KindUnavailable}
		}
		return explainCommon(err)
	}
	switch {
	case e.Code == "53100" || e.Code == "53400":
		return cause{hotline.KindUnavailable, ErrFull}
	case e.Code == "25006":
		return cause{hotline.KindUnavailable, ErrReadOnly}
	case e.Code == "40001" || e.Code == "40P01":
		return cause{kind: hotline.KindBusy}
	case e.Code == "58030":
		return cause{hotline.KindUnavailable, ErrDisk}
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "23", "22":
		return cause{hotline.KindConflict, ErrConstraint}
	case "08", "53", "55", "57", "28", "3D":
		return cause{kind: hotline.KindUnavailable}
	case "XX":
		return cause{hotline.KindInternal, ErrCorrupt}
	}
	return cause{kind: hotline.KindInternal}
}

// worthAnother reports whether the same transaction may succeed when it is run
// again: it lost against another one, or its connection is gone.
func worthAnother(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code {
		case "40001", "40P01", "57P01", "57P02", "57P03", "53300":
			return true
		}
		return e.Code[:min(2, len(e.Code))] == "08"
	}
	return !isContext(err) && lost(err)
}

// lost reports whether a connection broke or could not be made.
func lost(err error) bool {
	var network *net.OpError
	var connect *pgconn.ConnectError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err)
}

// rolledBack reports whether the server's answer to a commit says for certain
// that nothing was kept. Everything else (a lost connection, a shutdown while
// waiting for a standby) leaves it open.
func rolledBack(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code == "40003" { // statement_completion_unknown
		return false
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "23", "25", "40":
		return true
	}
	return false
}
