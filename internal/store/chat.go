package store

import (
	"context"
	"database/sql"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

// What gateways ask and keep for many chats at once.

// ChatDoor is a chat with what must be known of its case to go on in it.
type ChatDoor struct {
	Handle []byte
	Box    []byte
	CaseID []byte // empty: it has none, or its case is folded; what follows is of the case

	Stage      hotline.Stage
	Team       string
	Generation int64
	Seq        int64  // newest record of the gateway
	Header     []byte // signed text of that record
	DeskSeq    int64
	Answered   bool
	Waiting    bool
}

// Chats returns those of the chats which exist, in no order.
func (tx *Tx) Chats(ctx context.Context, handles [][]byte) ([]ChatDoor, error) {
	chats := make([]ChatDoor, 0, len(handles))
	err := tx.each(ctx, list{
		query: `SELECT chat.handle, chat.box, c.id, c.stage, c.team, c.generation, c.contact_seq, c.contact_header, c.desk_seq, c.answered, c.waiting_since_ms
FROM chat LEFT JOIN hotline_case c ON c.id = chat.case_id AND c.folded_day IS NULL WHERE `,
		column: "chat.handle", values: handles, n: len(handles),
	}, func(scan func(...any) error) error {
		var c ChatDoor
		var stage, team sql.NullString
		var generation, seq, desk, waiting sql.NullInt64
		var answered sql.NullBool
		err := scan(&c.Handle, &c.Box, &c.CaseID, &stage, &team, &generation, &seq, &c.Header, &desk, &answered, &waiting)
		c.Stage, c.Team, c.Generation, c.Seq = hotline.Stage(stage.String), team.String, generation.Int64, seq.Int64
		c.DeskSeq, c.Answered, c.Waiting = desk.Int64, answered.Bool, waiting.Valid
		chats = append(chats, c)
		return err
	})
	return chats, err
}

// NewestKeys returns the newest generation's signed text of each of the cases, by id.
func (tx *Tx) NewestKeys(ctx context.Context, ids [][]byte) (map[hotline.CaseID][]byte, error) {
	keys := make(map[hotline.CaseID][]byte, len(ids))
	err := tx.each(ctx, list{
		query:  "SELECT c.id, k.statement FROM hotline_case c JOIN case_key k ON k.case_id = c.id AND k.n = c.generation WHERE ",
		column: "c.id", values: ids, n: len(ids),
	}, func(scan func(...any) error) error {
		var id, statement []byte
		err := scan(&id, &statement)
		if err == nil {
			keys[hotline.CaseID(id)] = statement
		}
		return err
	})
	return keys, err
}

// InsertUpdates is InsertUpdate for updates of one source, whose numbers differ.
// It returns, in their order, which of them are new.
func (tx *Tx) InsertUpdates(ctx context.Context, source string, numbers []int64, day int64) ([]bool, error) {
	fresh := make([]bool, len(numbers))
	if !tx.dialect.columns() || len(numbers) == 1 {
		for i, n := range numbers {
			kept, err := tx.InsertUpdate(ctx, db.InsertUpdateParams{Source: source, N: n, Day: day})
			if err != nil {
				return nil, err
			}
			fresh[i] = kept == 1
		}
		return fresh, nil
	}
	at := make(map[int64]int, len(numbers))
	for i, n := range numbers {
		at[n] = i
	}
	rows, err := tx.q.QueryContext(ctx, `INSERT INTO chat_update (source, n, day) SELECT $1, n, $3 FROM unnest($2::bigint[]) AS u (n)
ORDER BY n ON CONFLICT (source, n) DO NOTHING RETURNING n`, source, numbers, day)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		fresh[at[n]] = true
	}
	return fresh, rows.Err()
}

// InsertTraces is InsertTrace for many.
func (tx *Tx) InsertTraces(ctx context.Context, traces []db.InsertTraceParams) error {
	if tx.dialect.columns() && len(traces) > 1 {
		_, err := tx.q.ExecContext(ctx, `INSERT INTO chat_trace (handle, box, erase_ms)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[])`,
			column(traces, func(t db.InsertTraceParams) []byte { return t.Handle }),
			column(traces, func(t db.InsertTraceParams) []byte { return t.Box }),
			column(traces, func(t db.InsertTraceParams) int64 { return t.EraseMs }))
		return err
	}
	for _, t := range traces {
		if _, err := tx.InsertTrace(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
