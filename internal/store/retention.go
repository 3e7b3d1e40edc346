package store

import "context"

// Swap changes a setting of the server's own housekeeping under a lock that all
// nodes share, so that of several nodes one takes a turn. fn gets what is there,
// empty at first, and returns what is to be there.
func (d *DB) Swap(ctx context.Context, key string, fn func(old []byte) ([]byte, error)) error {
	return d.Update(ctx, func(tx *Tx) error {
		if _, err := tx.Journal().Size(ctx); err != nil { // its lock serves
			return err
		}
		old, err := tx.Setting(ctx, key)
		if err != nil && !Missing(err) {
			return err
		}
		next, err := fn(old)
		if err != nil {
			return err
		}
		return tx.PutSetting(ctx, key, next)
	})
}

// LoseOrder takes away what the place of a case's rows in the database tells
// about when they came. SQLite numbers rows as they come and goes on from the
// highest (sqlite.org/autoinc.html): they get new numbers, drawn at random
// below zero. PostgreSQL puts a row that is written anew in another place.
func (tx *Tx) LoseOrder(ctx context.Context, id []byte) error {
	_, numbered := tx.dialect.(sqliteDialect)
	for _, t := range []struct{ table, column string }{
		{"hotline_case", "id"},
		{"case_key", "case_id"},
		{"case_wrap", "case_id"},
		{"record", "case_id"},
		{"fold", "case_id"},
		{"case_tie", "part_id"},
		{"case_tie", "main_id"},
		{"object", "case_id"},
		{"object_part", "case_id"},
	} {
		set := t.column + " = " + t.column
		if numbered {
			set = "rowid = -1 - abs(random() / 4)"
		}
		if _, err := tx.q.ExecContext(ctx, "UPDATE "+t.table+" SET "+set+" WHERE "+t.column+" = $1", id); err != nil {
			return err
		}
	}
	return nil
}
