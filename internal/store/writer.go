package store

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"safeconduct/internal/hotline"
)

const (
	// maxBatch bounds how many updates one commit takes, and so how long the
	// first of them waits.
	maxBatch = 256
	// maxQueue is how many updates may wait before Update itself blocks.
	maxQueue = 1024
)

// errExited is the outcome of a function that left by runtime.Goexit.
var errExited = errors.New("the goroutine of a transaction ended")

// writer is SQLite's only writer: one goroutine that takes every update that
// waits, runs each in a savepoint of its own, and commits them together, so
// that one fsync serves all (research: 23 to 59 thousand rows a second
// against 2 to 5 thousand). Nobody hears "kept" before that fsync.
type writer struct {
	conn  *sql.Conn
	hints *hints
	hook  func(updates int) error

	mu     sync.RWMutex // held for reading while an update is put into queue
	closed bool
	queue  chan *request
	done   chan struct{}
	broken error // set by the writer goroutine once the disk has failed

	updates, commits, largest atomic.Int64
}

// request is one waiting update. The writer lends the transaction to the
// caller's own goroutine, so a panic or Goexit there ends only that goroutine.
type request struct {
	ctx    context.Context
	state  atomic.Int32
	turn   chan *Tx   // the writer lends
	back   chan error // the caller gives back
	result chan error // the writer answers, after the commit
	solo   string     // a statement that no transaction may surround, instead of the lending
}

// A request is taken by the writer or dropped by its caller, never both.
const (
	waiting int32 = iota
	taken
	dropped
)

func startWriter(conn *sql.Conn, h *hints, hook func(int) error) *writer {
	w := &writer{conn: conn, hints: h, hook: hook, queue: make(chan *request, maxQueue), done: make(chan struct{})}
	go w.loop()
	return w
}

func (w *writer) update(ctx context.Context, fn func(*Tx) error) error {
	r := &request{ctx: ctx, turn: make(chan *Tx, 1), back: make(chan error, 1), result: make(chan error, 1)}
	if err := w.enqueue(ctx, r); err != nil {
		return err
	}
	cancelled := ctx.Done()
	for {
		select {
		case tx := <-r.turn:
			return r.use(tx, fn)
		case err := <-r.result:
			return err
		case <-cancelled:
			if r.state.CompareAndSwap(waiting, dropped) {
				return fnError("update", ctx.Err())
			}
			cancelled = nil // the writer has taken it: its answer counts
		}
	}
}

func (w *writer) enqueue(ctx context.Context, r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return storeError("update", cause{kind: hotline.KindUnavailable}, ErrClosed)
	}
	select {
	case w.queue <- r:
		return nil
	case <-ctx.Done():
		return fnError("update", ctx.Err())
	}
}

// use runs fn with the lent transaction and waits for the commit's answer.
func (r *request) use(tx *Tx, fn func(*Tx) error) error {
	func() {
		err := errExited
		defer func() {
			tx.q.ended.Store(true)
			r.back <- err
		}()
		err = tx.run("update", fn)
	}()
	if err := <-r.result; err != nil {
		return err
	}
	tx.committed()
	return nil
}

func (w *writer) loop() {
	defer close(w.done)
	for first := range w.queue {
		// Let those who are about to ask get in line: it costs nothing when
		// nobody is, and saves an fsync when somebody is.
		runtime.Gosched()
		batch := []*request{first}
		for len(batch) < maxBatch && len(w.queue) > 0 {
			batch = append(batch, <-w.queue)
		}
		batch = w.runSolo(batch)
		for len(batch) > 0 {
			batch = w.commit(batch)
		}
	}
}

// alone runs a statement outside of any transaction, while no update runs.
func (w *writer) alone(ctx context.Context, statement string) error {
	r := &request{ctx: ctx, solo: statement, result: make(chan error, 1)}
	if err := w.enqueue(ctx, r); err != nil {
		return err
	}
	return <-r.result
}

// runSolo runs the statements that stand alone and returns the updates.
func (w *writer) runSolo(batch []*request) []*request {
	return slices.DeleteFunc(batch, func(r *request) bool {
		if r.solo == "" {
			return false
		}
		err := w.broken
		if err == nil {
			if err = w.exec(r.solo); err != nil {
				err = storeError("scrub", explainSQLite(err), err)
			}
		}
		r.result <- err
		return true
	})
}

// commit runs a batch in one transaction. It returns the requests which were
// not reached because an earlier one broke the transaction.
func (w *writer) commit(batch []*request) (rest []*request) {
	batch = take(batch)
	if len(batch) == 0 {
		return nil
	}
	if w.broken != nil {
		return answer(batch, w.broken)
	}
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return answer(batch, storeError("begin", explainSQLite(err), err))
	}
	var kept []*request
	for i, r := range batch {
		ok, err := w.lend(r)
		if err != nil {
			// SQLite has rolled everything back by itself (a full disk, no memory).
			_ = w.exec("ROLLBACK")
			answer(append(kept, r), storeError("update", explainSQLite(err), err))
			return batch[i+1:]
		}
		if ok {
			kept = append(kept, r)
		}
	}
	err := w.finish(len(kept))
	if err == nil && len(kept) > 0 {
		w.count(int64(len(kept)))
		w.hints.wake()
	}
	return answer(kept, err)
}

// lend runs one request in a savepoint. It reports whether the request's work
// is part of the transaction; an error means that the transaction is lost.
func (w *writer) lend(r *request) (bool, error) {
	if err := w.exec("SAVEPOINT one"); err != nil {
		return false, err
	}
	tx := newTx(&querier{conn: w.conn, detach: true}, sqliteDialect{})
	r.turn <- tx
	err := <-r.back
	if err == nil {
		return true, w.exec("RELEASE one")
	}
	if lost := w.exec("ROLLBACK TO one; RELEASE one"); lost != nil {
		if tx.q.failed != nil {
			lost = tx.q.failed // the reason, rather than "no such savepoint"
		}
		return false, lost
	}
	r.result <- err
	return false, nil
}

// finish commits, or rolls back where nothing is left to keep.
func (w *writer) finish(kept int) error {
	var err error
	if kept > 0 && w.hook != nil {
		err = w.hook(kept)
	}
	if err == nil && kept > 0 {
		err = w.exec("COMMIT")
	}
	if err == nil && kept > 0 {
		return nil
	}
	_ = w.exec("ROLLBACK")
	if err == nil {
		return nil
	}
	c := explainSQLite(err)
	if errors.Is(c.is, ErrDisk) {
		// After a failed fsync the kernel may report success for pages it has
		// dropped (as PostgreSQL learnt in 2018), so nothing may be promised
		// until a restart has read back what is really there.
		w.broken = storeError("update", cause{kind: hotline.KindUnavailable, is: ErrDisk}, err)
		c = cause{kind: hotline.KindUnknown, is: ErrUnknown}
	}
	return storeError("commit", c, err)
}

func (w *writer) exec(sql string) error {
	_, err := w.conn.ExecContext(context.Background(), sql)
	return err
}

func (w *writer) count(n int64) {
	w.updates.Add(n)
	w.commits.Add(1)
	if n > w.largest.Load() {
		w.largest.Store(n)
	}
}

// stop lets what was accepted run to its end.
func (w *writer) stop() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
}

// take marks the requests as running, and leaves out those whose callers have
// gone. A request that was taken before (and not reached) is told so itself.
func take(batch []*request) []*request {
	var live []*request
	for _, r := range batch {
		if !r.state.CompareAndSwap(waiting, taken) && r.state.Load() != taken {
			continue
		}
		if err := r.ctx.Err(); err != nil {
			r.result <- fnError("update", err)
			continue
		}
		live = append(live, r)
	}
	return live
}

func answer(batch []*request, err error) []*request {
	for _, r := range batch {
		r.result <- err
	}
	return nil
}
