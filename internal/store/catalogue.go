package store

import (
	"context"
	"fmt"
	"strings"

	"safeconduct/internal/store/db"
)

// firstColumn reads a query's rows of one text each.
func firstColumn(ctx context.Context, q db.DBTX, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// described reads columns from a query of name, type and place in the key (0: none).
func described(ctx context.Context, q db.DBTX, kinds map[string]Kind, query, table string) (columns []Column, key []string, err error) {
	rows, err := q.QueryContext(ctx, query, table)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	byPlace := map[int]string{}
	for rows.Next() {
		var name, kind string
		var place int
		if err := rows.Scan(&name, &kind, &place); err != nil {
			return nil, nil, err
		}
		k, ok := kinds[strings.ToLower(kind)]
		if !ok {
			return nil, nil, fmt.Errorf("the column %s.%s has the type %s, which is not copied alike to both databases", table, name, kind)
		}
		columns = append(columns, Column{Name: name, Kind: k, boolean: strings.EqualFold(kind, "boolean")})
		if place > 0 {
			byPlace[place] = name
		}
	}
	for i := 1; i <= len(byPlace); i++ {
		key = append(key, byPlace[i])
	}
	return columns, key, rows.Err()
}

// sqliteCatalogue reads sqlite_schema and the table-valued pragmas.
type sqliteCatalogue struct{}

func (sqliteDialect) catalogue() catalogue { return sqliteCatalogue{} }

func (sqliteCatalogue) tables(ctx context.Context, q db.DBTX) ([]string, error) {
	return firstColumn(ctx, q, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
}

func (sqliteCatalogue) columns(ctx context.Context, q db.DBTX, table string) ([]Column, []string, error) {
	kinds := map[string]Kind{"integer": KindInt, "text": KindText, "blob": KindBytes}
	return described(ctx, q, kinds, "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid", table)
}

func (sqliteCatalogue) ddl(text string) string { return (&sqliteMigrator{}).rewrite(text) }

func (sqliteCatalogue) order(c Column) string { return c.Name }

func (sqliteCatalogue) filled(context.Context, db.DBTX, Table) error { return nil } // AUTOINCREMENT looks itself

func (sqliteCatalogue) unreferenced(ctx context.Context, q db.DBTX) (string, error) {
	found, err := firstColumn(ctx, q, `SELECT DISTINCT "table" FROM pragma_foreign_key_check`)
	return strings.Join(found, ", "), err
}

// postgresCatalogue reads pg_catalog.
type postgresCatalogue struct{}

func (postgresDialect) catalogue() catalogue { return postgresCatalogue{} }

func (postgresCatalogue) tables(ctx context.Context, q db.DBTX) ([]string, error) {
	return firstColumn(ctx, q, "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
}

func (postgresCatalogue) columns(ctx context.Context, q db.DBTX, table string) ([]Column, []string, error) {
	kinds := map[string]Kind{"bigint": KindInt, "boolean": KindInt, "text": KindText, "bytea": KindBytes}
	return described(ctx, q, kinds, `SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
    COALESCE((SELECT array_position(i.indkey::int2[], a.attnum) + 1 - array_lower(i.indkey::int2[], 1)
        FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary), 0)
FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, table)
}

func (postgresCatalogue) ddl(text string) string { return text }

// order compares texts by their bytes, as SQLite does, whatever the database's language.
func (postgresCatalogue) order(c Column) string {
	if c.Kind == KindText {
		return c.Name + ` COLLATE "C"`
	}
	return c.Name
}

func (postgresCatalogue) filled(ctx context.Context, q db.DBTX, t Table) error {
	for _, c := range t.Columns {
		if c.Kind != KindInt || c.boolean {
			continue
		}
		names, err := firstColumn(ctx, q, "SELECT COALESCE(pg_get_serial_sequence($1, $2), '')", t.Name, c.Name)
		if err != nil {
			return err
		}
		if len(names) == 0 || names[0] == "" {
			continue
		}
		if _, err := q.ExecContext(ctx, "SELECT setval($1::text::regclass, COALESCE((SELECT MAX("+c.Name+") FROM "+t.Name+"), 0) + 1, false)", names[0]); err != nil {
			return err
		}
	}
	return nil
}

// unreferenced finds nothing: PostgreSQL checks every reference when a row is written.
func (postgresCatalogue) unreferenced(context.Context, db.DBTX) (string, error) { return "", nil }
