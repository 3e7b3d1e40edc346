package drill

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5" //nolint:depguard // the drill looks at the bytes with its own eyes, past the store that it checks
)

// isPostgres reports whether a database is a server's and not a file.
func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// database looks into every column of every table that can hold bytes or text.
func (s *search) database(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT quote_ident(c.table_schema) || '.' || quote_ident(c.table_name), quote_ident(c.column_name)
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
		AND c.data_type NOT IN ('bigint', 'integer', 'boolean', 'smallint')`)
	if err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	type column struct{ Table, Name string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	for _, c := range columns {
		// A byte string is compared as it is, anything else as its text.
		query := fmt.Sprintf(`SELECT CASE WHEN pg_typeof(%[2]s)::text = 'bytea' THEN CAST(CAST(%[2]s AS text) AS bytea)
			ELSE convert_to(CAST(%[2]s AS text), 'UTF8') END FROM %[1]s WHERE %[2]s IS NOT NULL`, c.Table, c.Name)
		if err := s.values(ctx, conn, query); err != nil {
			return fmt.Errorf("look into the column %s of %s: %w", c.Name, c.Table, err)
		}
	}
	return nil
}

func (s *search) values(ctx context.Context, conn *pgx.Conn, query string) error {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		s.look(b)
	}
	return rows.Err()
}
