package store

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

// Queries over lists of ids. sqlc's common subset has no lists, so they are
// written by hand around dialect.anyOf.

// HeldRecords returns those of ids which are kept already.
func (tx *Tx) HeldRecords(ctx context.Context, ids [][]byte) ([][]byte, error) {
	var held [][]byte
	err := tx.each(ctx, list{query: "SELECT id FROM record WHERE ", column: "id", values: ids, n: len(ids)}, func(scan func(...any) error) error {
		var id []byte
		err := scan(&id)
		held = append(held, id)
		return err
	})
	return held, err
}

// HeldBlobs returns those of the blobs that belong to a part of an attachment.
func (tx *Tx) HeldBlobs(ctx context.Context, blobs [][]byte) ([][]byte, error) {
	var held [][]byte
	err := tx.each(ctx, list{query: "SELECT blob FROM object_part WHERE ", column: "blob", values: blobs, n: len(blobs)}, func(scan func(...any) error) error {
		var b []byte
		err := scan(&b)
		held = append(held, b)
		return err
	})
	return held, err
}

// CasesByIDs returns those of the cases which exist, in no order.
func (tx *Tx) CasesByIDs(ctx context.Context, ids [][]byte) ([]db.HotlineCase, error) {
	var cases []db.HotlineCase
	err := tx.each(ctx, list{query: "SELECT " + caseColumns + " FROM hotline_case WHERE ", column: "id", values: ids, n: len(ids)}, func(scan func(...any) error) error {
		var c db.HotlineCase
		err := scan(caseFields(&c)...)
		cases = append(cases, c)
		return err
	})
	return cases, err
}

// WrapsOfCases returns a team's wraps of the cases' keys, in no order.
func (tx *Tx) WrapsOfCases(ctx context.Context, team string, ids [][]byte) ([]db.CaseWrap, error) {
	var wraps []db.CaseWrap
	err := tx.each(ctx, list{
		query:  "SELECT case_id, n, team, epoch, wrap FROM case_wrap WHERE team = $1 AND ",
		args:   []any{team},
		column: "case_id", values: ids, n: len(ids),
	}, func(scan func(...any) error) error {
		var w db.CaseWrap
		err := scan(&w.CaseID, &w.N, &w.Team, &w.Epoch, &w.Wrap)
		wraps = append(wraps, w)
		return err
	})
	return wraps, err
}

func (tx *Tx) journalHashes(ctx context.Context, indexes []int64) (map[int64]tlog.Hash, error) {
	found := make(map[int64]tlog.Hash, len(indexes))
	err := tx.each(ctx, list{query: "SELECT idx, hash FROM journal_hash WHERE ", column: "idx", values: indexes, n: len(indexes)}, func(scan func(...any) error) error {
		var idx int64
		var b []byte
		if err := scan(&idx, &b); err != nil {
			return err
		}
		var h tlog.Hash
		if copy(h[:], b) != len(h) {
			return hotline.Errorf(hotline.KindInternal, "store: journal", "hash %d is damaged", idx)
		}
		found[idx] = h
		return nil
	})
	return found, err
}

// list is a query whose last condition is that column is one of n values.
type list struct {
	query  string
	args   []any
	column string
	values any // [][]byte or []int64
	n      int
}

// each runs a query over a list and hands on its rows.
func (tx *Tx) each(ctx context.Context, l list, row func(scan func(...any) error) error) error {
	if l.n == 0 {
		return nil
	}
	condition, arg := tx.dialect.anyOf(l.column, len(l.args)+1, l.values)
	rows, err := tx.q.QueryContext(ctx, l.query+condition, append(l.args, arg)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// caseColumns and caseFields name every column of hotline_case; a test holds
// them against the table.
const caseColumns = `id, lookup, contact_key, contact_recipient, channel, code_index, stage, urgency, team, assignee,
    generation, contact_seq, desk_seq, statement_seq, contact_header, desk_head, statement_head,
    seen_seq, read_hour, used_hour, used_count, answered, waiting_since_ms, created_hour, closed_hour, version, folded_day, review_day`

func caseFields(c *db.HotlineCase) []any {
	return []any{
		&c.ID, &c.Lookup, &c.ContactKey, &c.ContactRecipient, &c.Channel, &c.CodeIndex, &c.Stage, &c.Urgency, &c.Team, &c.Assignee,
		&c.Generation, &c.ContactSeq, &c.DeskSeq, &c.StatementSeq, &c.ContactHeader, &c.DeskHead, &c.StatementHead,
		&c.SeenSeq, &c.ReadHour, &c.UsedHour, &c.UsedCount, &c.Answered, &c.WaitingSinceMs, &c.CreatedHour, &c.ClosedHour, &c.Version, &c.FoldedDay, &c.ReviewDay,
	}
}
