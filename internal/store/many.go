package store

import (
	"context"
	"database/sql"
	"strings"

	"safeconduct/internal/store/db"
)

// What an update that carries many acts takes at once, because on PostgreSQL
// every statement is a message to the server and back.

// CaseDoor is what must be known of a case before something for it is let in.
type CaseDoor struct {
	ID         []byte
	ContactKey []byte // empty: the case was not made by a page
	Answered   bool
	Folded     bool
}

// CaseDoors returns those of the cases which exist, in no order.
func (tx *Tx) CaseDoors(ctx context.Context, ids [][]byte) ([]CaseDoor, error) {
	doors := make([]CaseDoor, 0, len(ids))
	err := tx.each(ctx, list{
		query:  "SELECT id, contact_key, answered, folded_day IS NOT NULL FROM hotline_case WHERE ",
		column: "id", values: ids, n: len(ids),
	}, func(scan func(...any) error) error {
		var c CaseDoor
		err := scan(&c.ID, &c.ContactKey, &c.Answered, &c.Folded)
		doors = append(doors, c)
		return err
	})
	return doors, err
}

// lockedColumns are all but the contact's recipient, which is long (PostgreSQL
// keeps it outside of the row) and which nobody needs who writes.
var lockedColumns = strings.Replace(caseColumns, "contact_recipient", "''", 1)

// LockCases is LockCase for several cases: it locks and reads those that
// exist, by ascending id. ContactRecipient is left empty.
func (tx *Tx) LockCases(ctx context.Context, ids [][]byte) ([]db.HotlineCase, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := tx.mayLock(); err != nil {
		return nil, err
	}
	condition, arg := tx.dialect.anyOf("id", 1, ids)
	rows, err := tx.q.QueryContext(ctx, "SELECT "+lockedColumns+" FROM hotline_case WHERE "+condition+" ORDER BY id"+tx.dialect.forUpdate(), arg)
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

// InsertRecords is InsertRecord for records of as many different cases. It
// returns, in their order, which of them are new.
func (tx *Tx) InsertRecords(ctx context.Context, records []db.InsertRecordParams) ([]bool, error) {
	fresh := make([]bool, len(records))
	if !tx.dialect.columns() || len(records) == 1 {
		for i, r := range records {
			n, err := tx.InsertRecord(ctx, r)
			if err != nil {
				return nil, err
			}
			fresh[i] = n == 1
		}
		return fresh, nil
	}
	at := make(map[string]int, len(records))
	for i, r := range records {
		at[string(r.CaseID)] = i
	}
	rows, err := tx.q.QueryContext(ctx, insertRecords,
		column(records, func(r db.InsertRecordParams) []byte { return r.ID }),
		column(records, func(r db.InsertRecordParams) []byte { return r.CaseID }),
		column(records, func(r db.InsertRecordParams) string { return r.Side }),
		column(records, func(r db.InsertRecordParams) int64 { return r.Seq }),
		column(records, func(r db.InsertRecordParams) int64 { return r.Generation }),
		column(records, func(r db.InsertRecordParams) []byte { return r.Header }),
		column(records, func(r db.InsertRecordParams) []byte { return r.File }),
		column(records, func(r db.InsertRecordParams) int64 { return r.Hour }),
	)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var of []byte
		if err := rows.Scan(&of); err != nil {
			return nil, err
		}
		fresh[at[string(of)]] = true
	}
	return fresh, rows.Err()
}

// insertRecords is InsertRecord with a column for each value.
const insertRecords = `INSERT INTO record (id, case_id, side, seq, generation, header, file, hour, place)
SELECT n.id, n.case_id, n.side, n.seq, n.generation, NULLIF(n.header, ''), n.file, n.hour,
    (SELECT COALESCE(MAX(r.place), -1) + 1 FROM record r WHERE r.case_id = n.case_id)
FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bigint[])
    AS n (id, case_id, side, seq, generation, header, file, hour)
ON CONFLICT (id) DO NOTHING RETURNING case_id`

// ContactStep is what a record of the person changes of its case: somebody
// waits since SinceMs (0: nobody waits because of it), and with a Header the
// contact's chain moves to Seq.
type ContactStep struct {
	ID      []byte
	Version int64
	SinceMs int64
	Seq     int64
	Header  []byte // empty: the chain stays where it is
}

// StepCases is CaseAfterContact, or CaseWaits, for different cases.
func (tx *Tx) StepCases(ctx context.Context, steps []ContactStep) error {
	if tx.dialect.columns() && len(steps) > 1 {
		_, err := tx.q.ExecContext(ctx, stepCases,
			column(steps, func(s ContactStep) []byte { return s.ID }),
			column(steps, func(s ContactStep) int64 { return s.Version }),
			column(steps, func(s ContactStep) int64 { return s.SinceMs }),
			column(steps, func(s ContactStep) int64 { return s.Seq }),
			column(steps, func(s ContactStep) []byte { return s.Header }),
		)
		return err
	}
	for _, s := range steps {
		since := sql.NullInt64{Int64: s.SinceMs, Valid: s.SinceMs != 0}
		var err error
		if len(s.Header) == 0 {
			_, err = tx.CaseWaits(ctx, db.CaseWaitsParams{WaitingSinceMs: since, Version: s.Version, ID: s.ID})
		} else {
			_, err = tx.CaseAfterContact(ctx, db.CaseAfterContactParams{
				ContactSeq: s.Seq, ContactHeader: s.Header, WaitingSinceMs: since, Version: s.Version, ID: s.ID,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stepCases is CaseAfterContact where there is a header and CaseWaits where
// there is none. A step whose number has passed changes nothing.
const stepCases = `UPDATE hotline_case AS c
SET contact_seq = CASE WHEN length(n.header) > 0 THEN n.seq ELSE c.contact_seq END,
    contact_header = CASE WHEN length(n.header) > 0 THEN n.header ELSE c.contact_header END,
    waiting_since_ms = COALESCE(c.waiting_since_ms, NULLIF(n.since_ms, 0)), version = n.version
FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]) AS n (id, version, since_ms, seq, header)
WHERE c.id = n.id AND (COALESCE(length(n.header), 0) = 0 OR c.contact_seq < n.seq)`

// column is one value of each row, as PostgreSQL takes it for an array.
func column[R, V any](rows []R, of func(R) V) []V {
	values := make([]V, len(rows))
	for i, r := range rows {
		values[i] = of(r)
	}
	return values
}
