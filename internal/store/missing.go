package store

import (
	"database/sql"
	"errors"
)

// Missing reports whether err, from a query for one row, says that there is no
// such row. That is an answer and not a failure: the transaction goes on.
func Missing(err error) bool { return errors.Is(err, sql.ErrNoRows) }
