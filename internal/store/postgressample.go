package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// sampled finds columns of which PostgreSQL's planner would keep a sample of
// values, in pg_statistic, where nothing that deletes a row reaches: ids, look-up
// ids, signed texts, hours. Estimates for them come from their indexes.
const sampled = `SELECT c.relname, a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relname = ANY($1) AND COALESCE(a.attstattarget, -1) <> 0
    AND (t.typname = 'bytea' OR a.attname ~ '(^|_)(hour|ms|minute|day)$' OR a.attname IN ('contact_recipient', 'about', 'key', 'payload', 'last_error'))
ORDER BY 1, 2`

// takeNoSamples keeps values of persons out of the planner's statistics. An
// account that does not own the tables cannot; then their owner has to.
func takeNoSamples(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, sampled, personTables)
	if err != nil {
		return storeError("open", explainPostgres(err), err)
	}
	defer rows.Close()
	var changes []string
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return storeError("open", explainPostgres(err), err)
		}
		changes = append(changes, "ALTER TABLE "+pgx.Identifier{table}.Sanitize()+" ALTER COLUMN "+pgx.Identifier{column}.Sanitize()+" SET STATISTICS 0")
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return storeError("open", explainPostgres(err), err)
	}
	for _, change := range changes {
		_, err := conn.ExecContext(ctx, change)
		var e *pgconn.PgError
		if errors.As(err, &e) && (e.Code == "42501" || e.Code == "25006") { // insufficient_privilege, read_only_sql_transaction
			return nil
		}
		if err != nil {
			return storeError("open", explainPostgres(err), err)
		}
	}
	return nil
}
