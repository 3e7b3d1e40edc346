package store

import (
	"context"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

// FreshCase is a case as it begins: with generation 0 of its key, the wrap of
// that to one team and the first record. Somebody waits in it.
type FreshCase struct {
	ID               []byte
	Lookup           []byte // none without a receipt
	ContactKey       []byte // none for a case from a gateway
	ContactRecipient string
	Channel          string
	CodeIndex        []byte
	Team             string
	CreatedHour      int64
	SinceMs          int64
	Version          int64

	Statement []byte // generation 0
	Epoch     int64
	Wrap      []byte

	RecordID []byte
	Side     string // who wrote the record
	Header   []byte
	File     []byte
	Hour     int64 // of generation and record
}

// Taken returns which of the ids, lookups and records cannot be a new case's:
// the first belongs to a case that was removed, the others to another case.
// All three in one map, by their bytes; their lengths and ways of coming about
// keep them apart.
func (tx *Tx) Taken(ctx context.Context, ids, lookups, records [][]byte) (map[string]bool, error) {
	taken := map[string]bool{}
	for _, l := range []list{
		{query: "SELECT id FROM case_gone WHERE ", column: "id", values: ids, n: len(ids)},
		{query: "SELECT lookup FROM hotline_case WHERE ", column: "lookup", values: lookups, n: len(lookups)},
		{query: "SELECT id FROM record WHERE ", column: "id", values: records, n: len(records)},
	} {
		err := tx.each(ctx, l, func(scan func(...any) error) error {
			var b []byte
			err := scan(&b)
			taken[string(b)] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// InsertCases keeps new cases. It reports false when one of them, or its
// record, was there already: undo the update then, for the others are half kept.
func (tx *Tx) InsertCases(ctx context.Context, cases []FreshCase) (bool, error) {
	if tx.dialect.columns() && len(cases) > 1 {
		return tx.insertCasesTogether(ctx, cases)
	}
	for _, c := range cases {
		if ok, err := tx.insertFresh(ctx, c); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (tx *Tx) insertFresh(ctx context.Context, c FreshCase) (bool, error) {
	p := db.InsertCaseParams{
		ID: c.ID, Lookup: c.Lookup, ContactKey: c.ContactKey, ContactRecipient: c.ContactRecipient, Channel: c.Channel, CodeIndex: c.CodeIndex,
		Stage: string(hotline.StageNew), Team: c.Team, DeskSeq: -1, StatementSeq: -1, SeenSeq: -1,
		ContactHeader: c.Header, CreatedHour: c.CreatedHour, Version: c.Version,
	}
	p.WaitingSinceMs.Int64, p.WaitingSinceMs.Valid = c.SinceMs, true
	if n, err := tx.InsertCase(ctx, p); err != nil || n != 1 {
		return false, err
	}
	if _, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: c.ID, Statement: c.Statement, Hour: c.Hour}); err != nil {
		return false, err
	}
	if _, err := tx.InsertCaseWrap(ctx, db.InsertCaseWrapParams{CaseID: c.ID, Team: c.Team, Epoch: c.Epoch, Wrap: c.Wrap}); err != nil {
		return false, err
	}
	n, err := tx.InsertRecord(ctx, db.InsertRecordParams{
		ID: c.RecordID, CaseID: c.ID, Side: c.Side, Header: c.Header, File: c.File, Hour: c.Hour,
	})
	return n == 1, err
}

func (tx *Tx) insertCasesTogether(ctx context.Context, cases []FreshCase) (bool, error) {
	text := func(of func(FreshCase) string) []string { return column(cases, of) }
	number := func(of func(FreshCase) int64) []int64 { return column(cases, of) }
	bytes := func(of func(FreshCase) []byte) [][]byte {
		return column(cases, func(c FreshCase) []byte {
			if b := of(c); len(b) > 0 {
				return b
			}
			return nil
		})
	}
	var kept, records int
	err := tx.q.QueryRowContext(ctx, insertCases, string(hotline.StageNew),
		bytes(func(c FreshCase) []byte { return c.ID }),
		bytes(func(c FreshCase) []byte { return c.Lookup }),
		bytes(func(c FreshCase) []byte { return c.ContactKey }),
		text(func(c FreshCase) string { return c.ContactRecipient }),
		text(func(c FreshCase) string { return c.Channel }),
		bytes(func(c FreshCase) []byte { return c.CodeIndex }),
		text(func(c FreshCase) string { return c.Team }),
		bytes(func(c FreshCase) []byte { return c.Header }),
		number(func(c FreshCase) int64 { return c.SinceMs }),
		number(func(c FreshCase) int64 { return c.CreatedHour }),
		number(func(c FreshCase) int64 { return c.Version }),
		bytes(func(c FreshCase) []byte { return c.Statement }),
		number(func(c FreshCase) int64 { return c.Epoch }),
		bytes(func(c FreshCase) []byte { return c.Wrap }),
		bytes(func(c FreshCase) []byte { return c.RecordID }),
		text(func(c FreshCase) string { return c.Side }),
		bytes(func(c FreshCase) []byte { return c.Header }),
		bytes(func(c FreshCase) []byte { return c.File }),
		number(func(c FreshCase) int64 { return c.Hour }),
	).Scan(&kept, &records)
	return kept == len(cases) && records == len(cases), err
}

// insertCases is insertFresh with a column for each value. Foreign keys are
// looked at when the whole statement has run (PostgreSQL manual, 7.8.4).
const insertCases = `WITH n AS (
    SELECT * FROM unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::bytea[],
        $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bigint[], $15::bytea[], $16::bytea[], $17::text[], $18::bytea[], $19::bytea[], $20::bigint[])
    AS n (id, lookup, contact_key, contact_recipient, channel, code_index, team, contact_header,
        since_ms, created_hour, version, statement, epoch, wrap, record_id, side, header, file, hour)
), c AS (
    INSERT INTO hotline_case (
        id, lookup, contact_key, contact_recipient, channel, code_index, stage, urgency, team, assignee,
        generation, contact_seq, desk_seq, statement_seq, contact_header, seen_seq, used_count, answered, waiting_since_ms, created_hour, version)
    SELECT id, lookup, contact_key, contact_recipient, channel, code_index, $1, 0, team, '',
        0, 0, -1, -1, contact_header, -1, 0, FALSE, since_ms, created_hour, version FROM n
    ON CONFLICT (id) DO NOTHING RETURNING id
), k AS (
    INSERT INTO case_key (case_id, n, statement, hour) SELECT id, 0, statement, hour FROM n ON CONFLICT (case_id, n) DO NOTHING
), w AS (
    INSERT INTO case_wrap (case_id, n, team, epoch, wrap) SELECT id, 0, team, epoch, wrap FROM n ON CONFLICT (case_id, team, n, epoch) DO NOTHING
), r AS (
    INSERT INTO record (id, case_id, side, seq, generation, header, file, hour, place)
    SELECT record_id, n.id, side, 0, 0, header, file, hour, 0 FROM n JOIN c ON c.id = n.id ON CONFLICT (id) DO NOTHING RETURNING id
) SELECT (SELECT COUNT(*) FROM c), (SELECT COUNT(*) FROM r)`
