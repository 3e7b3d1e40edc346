package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"safeconduct/internal/hotline"
)

// What the mark in a database says of its being filled or emptied. The table
// "transfer" is there only while a mark is.
const (
	TransferRestoring = "restoring" // a restore was not finished: of no use to anybody
	TransferMoving    = "moving"    // the source or the target of a move that was not finished
	TransferMoved     = "moved"     // the source of a finished move: newer acts are elsewhere
)

// ErrTransfer is a database that is half filled, or was left for another.
var ErrTransfer = errors.New("the database is not in use")

// Mark is the note in a database that is not to be used.
type Mark struct {
	State  string
	Detail string // of who wrote it
}

// transferWords say what to do.
func transferWords(m Mark) string {
	switch m.State {
	case TransferRestoring:
		return "a restore into this database was not finished; remove it and run the restore again"
	case TransferMoving:
		return "this database is part of a move that was not finished; run `safeconduct db move` again with the same options to go on, or `safeconduct db move --undo` to give the move up"
	case TransferMoved:
		return "this database was moved elsewhere, and newer acts are there; serve the new one, or `safeconduct db move --undo` to come back to this state"
	}
	return "the database has an unknown mark: " + m.State
}

const transferTable = "CREATE TABLE IF NOT EXISTS transfer (\n    one BOOLEAN PRIMARY KEY CHECK (one),\n    state TEXT NOT NULL,\n    detail TEXT NOT NULL\n);"

// readMark returns the mark, a zero one where there is none.
func readMark(ctx context.Context, conn *sql.Conn, m migrator) (mark Mark, err error) {
	var there bool
	if err := conn.QueryRowContext(ctx, m.has("transfer")).Scan(&there); err != nil || !there {
		return mark, err
	}
	err = conn.QueryRowContext(ctx, "SELECT state, detail FROM transfer WHERE one").Scan(&mark.State, &mark.Detail)
	if Missing(err) {
		err = nil
	}
	return mark, err
}

// refuseMarked keeps everybody out of a database with a mark, except who asked
// for that (WithMark).
func refuseMarked(ctx context.Context, conn *sql.Conn, m migrator) error {
	mark, err := readMark(ctx, conn, m)
	if err != nil {
		return migrationError(m, err)
	}
	if mark.State != "" {
		return storeError("open", cause{hotline.KindConflict, ErrTransfer}, fmt.Errorf("%w: %s", ErrTransfer, transferWords(mark)))
	}
	return nil
}

// Mark returns the database's mark.
func (tx *Tx) Mark(ctx context.Context) (m Mark, err error) {
	tables, err := tx.dialect.catalogue().tables(ctx, tx.q)
	if err != nil {
		return m, err
	}
	for _, t := range tables {
		if t != "transfer" {
			continue
		}
		rows, err := tx.q.QueryContext(ctx, "SELECT state, detail FROM transfer WHERE one")
		if err != nil {
			return m, err
		}
		defer rows.Close()
		if rows.Next() {
			err = rows.Scan(&m.State, &m.Detail)
		}
		return m, errors.Join(err, rows.Err())
	}
	return m, nil
}

// SetMark marks the database, so that nobody opens it. An empty state takes the
// mark away.
func (tx *Tx) SetMark(ctx context.Context, m Mark) error {
	if m.State == "" {
		_, err := tx.q.ExecContext(ctx, "DROP TABLE IF EXISTS transfer")
		return err
	}
	if _, err := tx.q.ExecContext(ctx, tx.dialect.catalogue().ddl(transferTable)); err != nil {
		return err
	}
	_, err := tx.q.ExecContext(ctx, "INSERT INTO transfer (one, state, detail) VALUES (TRUE, $1, $2) ON CONFLICT (one) DO UPDATE SET state = excluded.state, detail = excluded.detail",
		m.State, m.Detail)
	return err
}
