package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

// Place says where copies of a table's rows may be.
type Place int

// The places. A move from one database to another copies all but InNothing.
const (
	InBackups  Place = iota // in every backup
	InKeyStore              // in the key store alone, of which only one copy exists
	InDatabase              // nowhere but in the running database
	InNothing               // the program's own: made anew in each database
)

// rule is the decision about one table.
type rule struct {
	name  string
	place Place
	// backup replaces the table as what a backup reads, where a backup holds less.
	backup string
}

// rules is the decision about every table, parents before children. Before you
// add one, ask: who has an old backup and all living keys, what would he read?
func rules() []rule {
	return []rule{
		{name: "migration", place: InNothing},
		{name: "transfer", place: InNothing}, // half-done moves and restores, see transfer.go
		{name: "setting"},
		{name: "feed"},
		{name: "document"},
		{name: "recovery_part"},
		{name: "invitation"},
		{name: "team_epoch"},
		// Destroying an epoch removes its wraps here and in the key store. In a
		// backup they would come back.
		{name: "team_wrap", place: InKeyStore},
		{name: "epoch_farewell"},
		{name: "hotline_case"},
		{name: "case_gone"},
		{name: "case_key"},
		{name: "case_wrap"},
		{name: "record"},
		// What a person has put away must not come back out of a backup. A desk
		// seals the others again: a backup says which.
		{name: "reply_copy", place: InDatabase},
		{
			name:   "reply_missing",
			backup: "(SELECT record_id, case_id, seq FROM reply_copy UNION SELECT record_id, case_id, seq FROM reply_missing) AS reply_missing",
		},
		// Attachments: what waits for a person must not come back either, and what
		// no record names is swept in any case. The bytes lie beside the database.
		{
			name:   "object",
			backup: "(SELECT * FROM object WHERE record_id IS NOT NULL AND side <> 'copy') AS object",
		},
		{
			name: "object_part",
			backup: "(SELECT p.* FROM object_part p JOIN object o ON o.case_id = p.case_id AND o.id = p.object_id " +
				"WHERE o.record_id IS NOT NULL AND o.side <> 'copy') AS object_part",
		},
		{name: "statement"},
		{name: "case_tie"}, // what the statements beside it say
		{name: "fold"},     // opens with the case's key, as the sealed files do
		{name: "proposal"},
		{name: "approval"},
		{name: "journal_leaf"},
		{name: "journal_hash"},
		{name: "journal_head"},
		// What gateways still have to say is of its moment, and what they still have
		// to deliver a desk seals again.
		{name: "job", backup: "(SELECT * FROM job WHERE kind NOT LIKE 'telegram %') AS job"},
		{name: "chat"},
		{name: "chat_trace", place: InDatabase},
		{name: "chat_update", place: InDatabase},
		{name: "delivery"},
		{name: "field_note", place: InDatabase}, // positions: they are worth nothing after days, and much to a thief
		// Who did what within the last day: of no use later.
		{name: "tripwire_mark", place: InDatabase},
		{name: "tripwire_alarm"},
		{name: "tripwire_note"},
		{name: "canary"},
	}
}

// Kind is what a column holds, alike on both databases.
type Kind string

// The kinds. A boolean is copied as the integer 0 or 1.
const (
	KindInt   Kind = "int"
	KindText  Kind = "text"
	KindBytes Kind = "bytes"
)

// Column is one column as the database's own catalogue has it.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`

	boolean bool
}

// Table is one table as it can be copied.
type Table struct {
	Name    string
	Place   Place
	Columns []Column
	Key     []string // of its rows; copies are in its order

	rule rule
}

// Only returns t with just these columns, in this order, if it has them all. A
// key store can be of an older schema than the database it goes into.
func (t Table) Only(columns []Column) (Table, bool) {
	out := t
	out.Columns = nil
	for _, want := range columns {
		i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == want.Name && c.Kind == want.Kind })
		if i < 0 {
			return t, false
		}
		out.Columns = append(out.Columns, t.Columns[i])
	}
	return out, true
}

// catalogue reads the database's own description of its tables.
type catalogue interface {
	tables(ctx context.Context, q db.DBTX) ([]string, error)
	columns(ctx context.Context, q db.DBTX, table string) (columns []Column, key []string, err error)
	// ddl is a CREATE TABLE in the database's own types.
	ddl(text string) string
	// order is the text of one key column in ORDER BY, by bytes on both databases.
	order(c Column) string
	// filled is called after rows with given numbers were put in.
	filled(ctx context.Context, q db.DBTX, t Table) error
	// unreferenced finds a row whose parent is missing.
	unreferenced(ctx context.Context, q db.DBTX) (table string, err error)
}

// Tables lists the tables of this database, parents first. A table without a
// decision is an error: it may not be copied, and may not be left out unseen.
func (tx *Tx) Tables(ctx context.Context) ([]Table, error) {
	cat := tx.dialect.catalogue()
	there, err := cat.tables(ctx, tx.q)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	var out []Table
	for _, r := range rules() {
		i := slices.Index(there, r.name)
		if i < 0 {
			continue
		}
		there = slices.Delete(there, i, i+1)
		t := Table{Name: r.name, Place: r.place, rule: r}
		if t.Columns, t.Key, err = cat.columns(ctx, tx.q, r.name); err != nil {
			return nil, fmt.Errorf("columns of %s: %w", r.name, err)
		}
		if len(t.Key) == 0 {
			return nil, hotline.Errorf(hotline.KindInternal, "store: tables", "the table %s has no primary key: its rows have no order", r.name)
		}
		out = append(out, t)
	}
	if len(there) > 0 {
		return nil, hotline.Errorf(hotline.KindInternal, "store: tables",
			"nobody has decided whether backups hold %s: decide it in internal/store/tables.go", strings.Join(there, ", "))
	}
	return out, nil
}

// EachRow visits the rows of a table in the order of its key, after leaving out
// the first skip. A value is nil, int64, string or []byte. For a backup it
// reads what a backup may hold. Nothing is kept in memory.
func (tx *Tx) EachRow(ctx context.Context, t Table, backup bool, skip int64, visit func([]any) error) error {
	from := t.Name
	if backup && t.rule.backup != "" {
		from = t.rule.backup
	}
	query := "SELECT " + names(t.Columns) + " FROM " + from + " ORDER BY " + tx.order(t)
	if skip > 0 {
		query += fmt.Sprintf(" LIMIT 9223372036854775807 OFFSET %d", skip)
	}
	rows, err := tx.q.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer rows.Close()
	cells, into := make([]cell, len(t.Columns)), make([]any, len(t.Columns))
	for i := range cells {
		cells[i].kind = t.Columns[i].Kind
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read %s: %w", t.Name, err)
		}
		row := make([]any, len(cells))
		for i := range cells {
			row[i] = cells[i].value
		}
		if err := visit(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", t.Name, tx.q.fail(err))
	}
	return nil
}

func (tx *Tx) order(t Table) string {
	var by []string
	for _, k := range t.Key {
		i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == k })
		by = append(by, tx.dialect.catalogue().order(t.Columns[i]))
	}
	return strings.Join(by, ", ")
}

func names(columns []Column) string {
	var list []string
	for _, c := range columns {
		list = append(list, c.Name)
	}
	return strings.Join(list, ", ")
}

// cell takes a value from either driver.
type cell struct {
	kind  Kind
	value any
}

// Scan implements sql.Scanner.
func (c *cell) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		c.value = nil
		return nil
	case bool:
		if c.value = int64(0); v {
			c.value = int64(1)
		}
		return nil
	case int64:
		if c.kind == KindInt {
			c.value = v
			return nil
		}
	case string:
		if c.kind == KindText {
			c.value = v
			return nil
		}
	case []byte:
		if c.kind == KindBytes {
			c.value = slices.Clone(v) // the driver's buffer
			return nil
		}
	}
	return fmt.Errorf("a value of type %T where %s is expected", src, c.kind)
}

// maxParameters keeps one statement within what both databases take (SQLite:
// 32,766).
const maxParameters = 8000

// PutRows adds rows, each as EachRow gives it.
func (tx *Tx) PutRows(ctx context.Context, t Table, rows [][]any) error {
	per := max(1, maxParameters/len(t.Columns))
	for part := range slices.Chunk(rows, per) {
		var values strings.Builder
		args := make([]any, 0, len(part)*len(t.Columns))
		for i, row := range part {
			if len(row) != len(t.Columns) {
				return hotline.Errorf(hotline.KindInvalid, "store: copy", "a row of %s has %d values instead of %d", t.Name, len(row), len(t.Columns))
			}
			if i > 0 {
				values.WriteString(", ")
			}
			for j, v := range row {
				values.WriteString([]string{", ", "("}[b2i(j == 0)])
				args = append(args, v)
				fmt.Fprintf(&values, "$%d", len(args))
				if n, isInt := v.(int64); t.Columns[j].boolean && isInt {
					args[len(args)-1] = n != 0
				}
			}
			values.WriteString(")")
		}
		if _, err := tx.q.ExecContext(ctx, "INSERT INTO "+t.Name+" ("+names(t.Columns)+") VALUES "+values.String(), args...); err != nil {
			return fmt.Errorf("fill %s: %w", t.Name, err)
		}
	}
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Empty deletes all rows of the tables, children first.
func (tx *Tx) Empty(ctx context.Context, tables []Table) error {
	for _, t := range slices.Backward(tables) {
		if _, err := tx.q.ExecContext(ctx, "DELETE FROM "+t.Name); err != nil {
			return fmt.Errorf("empty %s: %w", t.Name, err)
		}
	}
	return nil
}

// Filled must be called once all rows of a table were put in: numbers that the
// database gives out go on after the highest.
func (tx *Tx) Filled(ctx context.Context, t Table) error {
	return tx.dialect.catalogue().filled(ctx, tx.q, t)
}

// CheckReferences fails when a row's parent is missing.
func (tx *Tx) CheckReferences(ctx context.Context) error {
	table, err := tx.dialect.catalogue().unreferenced(ctx, tx.q)
	if err != nil {
		return fmt.Errorf("check references: %w", err)
	}
	if table != "" {
		return storeError("check references", cause{hotline.KindInternal, ErrCorrupt}, fmt.Errorf("%w: a row of %s has lost its parent", ErrCorrupt, table))
	}
	return nil
}

// CountRows returns how many rows a table has.
func (tx *Tx) CountRows(ctx context.Context, t Table) (n int64, err error) {
	rows, err := tx.q.QueryContext(ctx, "SELECT COUNT(*) FROM "+t.Name)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", t.Name, err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&n)
	}
	if err == nil {
		err = rows.Err()
	}
	return n, err
}

// Discard drops every table: what an interrupted restore or move has left.
func (tx *Tx) Discard(ctx context.Context) error {
	there, err := tx.dialect.catalogue().tables(ctx, tx.q)
	if err != nil {
		return fmt.Errorf("discard: %w", err)
	}
	for _, r := range slices.Backward(rules()) {
		if !slices.Contains(there, r.name) {
			continue
		}
		if _, err := tx.q.ExecContext(ctx, "DROP TABLE "+r.name); err != nil {
			return fmt.Errorf("discard %s: %w", r.name, err)
		}
	}
	return nil
}
