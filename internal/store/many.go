package store

import (
	"context"

	"safeconduct/internal/store/db"
)

// What an update that carries many acts takes at once, because on PostgreSQL
// every statement is a message to the server and back.

// LockCases is LockCase for several cases: it locks and reads those that
// exist, by ascending id.
func (tx *Tx) LockCases(ctx context.Context, ids [][]byte) ([]db.HotlineCase, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := tx.mayLock(); err != nil {
		return nil, err
	}
	condition, arg := tx.dialect.anyOf("id", 1, ids)
	rows, err := tx.q.QueryContext(ctx, "SELECT "+caseColumns+" FROM hotline_case WHERE "+condition+" ORDER BY id"+tx.dialect.forUpdate(), arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cases := make([]db.HotlineCase, 0, len(ids))
	for rows.Next() {
		var c db.HotlineCase
		if err := rows.Scan(caseFields(&c)...); err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, rows.Err()
}

// NextVersions is NextVersion for n acts: it returns the first of n numbers.
// Numbers that are not used leave a gap, which readers of the feed do not mind.
func (tx *Tx) NextVersions(ctx context.Context, n int) (int64, error) {
	tx.versioned = true
	last, err := tx.BumpFeedBy(ctx, int64(n))
	return last - int64(n) + 1, err
}
