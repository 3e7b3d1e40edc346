package store

import (
	"context"
	"database/sql"
	"errors"

	"safeconduct/internal/hotline"
)

// What can be told apart with errors.Is; the kind of the error says what to do.
var (
	// ErrClosed: the store has been closed.
	ErrClosed = errors.New("the store is closed")
	// ErrFull: there is no room left; nothing was kept.
	ErrFull = errors.New("the disk or the database is full")
	// ErrReadOnly: a write in a read-only transaction or on a read-only disk.
	ErrReadOnly = errors.New("the database is read-only")
	// ErrConstraint: the row breaks a rule of the schema, or exists already.
	ErrConstraint = errors.New("a rule of the schema was broken")
	// ErrCorrupt: the database file is damaged or is no database.
	ErrCorrupt = errors.New("the database file is damaged")
	// ErrDisk: the disk failed; the program must be restarted.
	ErrDisk = errors.New("the disk failed")
	// ErrUnknown: the answer to a commit was lost: kept or not kept.
	ErrUnknown = errors.New("unknown whether it was kept")
	// ErrNewerSchema: the database was migrated by a newer program.
	ErrNewerSchema = errors.New("the database belongs to a newer version of this program")
	// ErrChangedMigration: a migration differs from the one that was applied.
	ErrChangedMigration = errors.New("a migration was changed after it had been applied")
	// ErrUnsafeSetting: a durability or safety setting did not take.
	ErrUnsafeSetting = errors.New("the database does not run with a required setting")
	// ErrLockOrder: locks were asked for in an order that can end in a deadlock.
	ErrLockOrder = errors.New("lock order: cases, then the journal, then NextVersion")
	// ErrEnded: a transaction was used after its function had returned.
	ErrEnded = errors.New("the transaction has ended")
)

// cause says in our words what a driver's error means.
type cause struct {
	kind hotline.Kind
	is   error // one of the Err values above, or nil
}

// storeError adds a kind to a driver's error, and keeps both in the chain.
func storeError(op string, c cause, err error) error {
	e := &hotline.Error{Kind: c.kind, Op: "store: " + op, Text: err.Error(), Err: err}
	if c.is != nil && !errors.Is(err, c.is) {
		e.Text = c.is.Error() + ": " + e.Text
		e.Err = errors.Join(c.is, err)
	}
	return e
}

// fnError is what a transaction's function returned, when no statement failed:
// its own error passes unchanged; a missing row and a cancelled caller get a kind.
func fnError(op string, err error) error {
	var known *hotline.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return storeError(op, cause{kind: hotline.KindNotFound}, err)
	case isContext(err):
		return storeError(op, cause{kind: hotline.KindUnavailable}, err)
	}
	return err
}

func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
