package backup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// Move copies a SQLite database to an empty PostgreSQL database, all of it: also
// the wraps and copies that no backup holds. From its first moment neither
// can be served, and at its end only the target can. A killed move goes on where it was.
type Move struct {
	From string // path of the SQLite file
	To   string // postgres://…
	Tell func(Progress)
}

// Moved is one table as it was compared at the end.
type Moved struct {
	Table  string
	Rows   int64
	SHA256 string
}

// place is how far a move has come; the target's mark holds it, changed in the
// transaction that puts the rows in.
type place struct {
	ID    string `json:"id"` // of this move, the same in both marks
	Table string `json:"table"`
	Rows  int64  `json:"rows"` // of the table that are there
}

// Run moves, or goes on.
func (m Move) Run(ctx context.Context) (out []Moved, err error) {
	if !strings.HasPrefix(m.To, "postgres://") && !strings.HasPrefix(m.To, "postgresql://") {
		return nil, hotline.Errorf(hotline.KindInvalid, "move", "a database is moved to postgres://…")
	}
	id, done, err := m.claim(ctx)
	if err != nil {
		return nil, err
	}
	from, err := store.Open(ctx, m.From, store.AsItIs(), store.WithMark())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, at, err := m.target(ctx, from, id, done)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	c := &copying{m: m, from: from, to: to, at: at}
	if c.tables, err = tablesOf(ctx, to); err != nil {
		return nil, err
	}
	if err := c.copy(ctx); err != nil {
		return nil, err
	}
	if out, err = c.compare(ctx); err != nil {
		return nil, err
	}
	// The source first: at no moment can both be served.
	err = from.Update(ctx, func(tx *store.Tx) error {
		return tx.SetMark(ctx, store.Mark{State: store.TransferMoved, Detail: id})
	})
	if err != nil {
		return nil, err
	}
	return out, to.Update(ctx, func(tx *store.Tx) error {
		if err := tx.PutSetting(ctx, settingMoved, []byte(id)); err != nil {
			return err
		}
		return tx.SetMark(ctx, store.Mark{})
	})
}

// settingMoved names in a target the move that filled it, so that one whose last
// step was cut off is known for done.
const settingMoved = "moved"

// ErrMoved is a move that was done before.
var ErrMoved = errors.New("the database was moved already")

// claim marks the source, or finds the mark of a move that was cut off.
func (m Move) claim(ctx context.Context) (id string, done bool, err error) {
	mark, err := markOf(ctx, m.From)
	if err != nil {
		return "", false, err
	}
	switch mark.State {
	case store.TransferMoving, store.TransferMoved:
		return mark.Detail, mark.State == store.TransferMoved, nil
	case "":
		id = rand.Text()
		return id, false, store.MarkAlone(ctx, m.From, store.Mark{State: store.TransferMoving, Detail: id})
	}
	return "", false, hotline.Errorf(hotline.KindConflict, "move", "the source is half a restore; run the restore again first")
}

func markOf(ctx context.Context, url string) (m store.Mark, err error) {
	d, err := store.Open(ctx, url, store.AsItIs(), store.WithMark())
	if err != nil {
		return m, err
	}
	err = d.View(ctx, func(tx *store.Tx) (err error) {
		m, err = tx.Mark(ctx)
		return err
	})
	return m, errors.Join(err, d.Close())
}

// Undo takes the mark off the source of a move, finished or not. What was
// written to the target stays there.
func Undo(ctx context.Context, from string) error {
	mark, err := markOf(ctx, from)
	if err != nil {
		return err
	}
	if mark.State != store.TransferMoving && mark.State != store.TransferMoved {
		return hotline.Errorf(hotline.KindConflict, "move", "this database is not marked as moved; nothing was changed")
	}
	d, err := store.Open(ctx, from, store.AsItIs(), store.WithMark())
	if err != nil {
		return err
	}
	err = d.Update(ctx, func(tx *store.Tx) error { return tx.SetMark(ctx, store.Mark{}) })
	return errors.Join(err, d.Close())
}

// target opens the target and finds out how far it is. One that holds half of
// another move is emptied.
func (m Move) target(ctx context.Context, from *store.DB, id string, done bool) (*store.DB, place, error) {
	at := place{ID: id}
	if err := sameSchema(ctx, from); err != nil {
		return nil, at, err
	}
	half, err := m.halfOf(ctx, id, &at, done)
	if err != nil {
		return nil, at, err
	}
	to, err := store.Open(ctx, m.To, store.WithMark())
	if err != nil || half {
		return to, at, err
	}
	tables, err := tablesOf(ctx, to)
	if err == nil {
		err = to.Update(ctx, func(tx *store.Tx) error {
			if err := tx.Empty(ctx, tables); err != nil {
				return err
			}
			return setPlace(ctx, tx, at)
		})
	}
	if err != nil {
		return nil, at, errors.Join(err, to.Close())
	}
	return to, at, nil
}

// halfOf reports whether the target holds a part of this move, and how much.
func (m Move) halfOf(ctx context.Context, id string, at *place, done bool) (half bool, err error) {
	d, err := store.Open(ctx, m.To, store.AsItIs(), store.WithMark())
	if err != nil {
		return false, err
	}
	err = d.Update(ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables(ctx)
		if err != nil || len(tables) == 0 {
			return err
		}
		mark, err := tx.Mark(ctx)
		if err != nil {
			return err
		}
		if mark.State == store.TransferMoving {
			if json.Unmarshal([]byte(mark.Detail), at) == nil && at.ID == id {
				half = true
				return nil
			}
			*at = place{ID: id}
			return tx.Discard(ctx)
		}
		if by, err := tx.Setting(ctx, settingMoved); err == nil && done && string(by) == id && mark.State == "" {
			return hotline.Errorf(hotline.KindConflict, "move", "%w to this target; nothing was changed", ErrMoved)
		} else if err != nil && !store.Missing(err) {
			return err
		}
		if used, err := inUse(ctx, tx, tables); err != nil || !used && mark.State == "" {
			return err
		}
		return hotline.Errorf(hotline.KindConflict, "move", "the target is in use; a database is moved into an empty one only. Nothing was changed there")
	})
	return half, errors.Join(err, d.Close())
}

// inUse reports whether a database holds anything beyond what a new one has.
func inUse(ctx context.Context, tx *store.Tx, tables []store.Table) (bool, error) {
	for _, t := range tables {
		if t.Name != "setting" && t.Name != "journal_leaf" && t.Name != "hotline_case" {
			continue
		}
		if n, err := tx.CountRows(ctx, t); err != nil || n > 0 {
			return true, err
		}
	}
	return false, nil
}

func sameSchema(ctx context.Context, from *store.DB) error {
	ours, err := store.Migrations(from.Stats().Engine)
	if err != nil {
		return err
	}
	return from.View(ctx, func(tx *store.Tx) error {
		done, err := tx.Schema(ctx)
		if err == nil && !slices.Equal(done, ours) {
			err = hotline.Errorf(hotline.KindConflict, "move",
				"the source has the schema of another program (%d steps, this one has %d): give the move up with --undo, start `safeconduct serve` of this program once, then move", len(done), len(ours))
		}
		return err
	})
}

func tablesOf(ctx context.Context, d *store.DB) (tables []store.Table, err error) {
	err = d.View(ctx, func(tx *store.Tx) error {
		tables, err = tx.Tables(ctx)
		tables = slices.DeleteFunc(tables, func(t store.Table) bool { return t.Place == store.InNothing })
		return err
	})
	return tables, err
}

func setPlace(ctx context.Context, tx *store.Tx, at place) error {
	detail, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	return tx.SetMark(ctx, store.Mark{State: store.TransferMoving, Detail: string(detail)})
}

// copying is one run of a move.
type copying struct {
	m        Move
	from, to *store.DB
	tables   []store.Table
	at       place
}

// copy goes on from c.at, parents first.
func (c *copying) copy(ctx context.Context) error {
	first := max(0, slices.IndexFunc(c.tables, func(t store.Table) bool { return t.Name == c.at.Table }))
	for _, t := range c.tables[first:] {
		if t.Name != c.at.Table {
			c.at.Table, c.at.Rows = t.Name, 0
		}
		err := c.from.View(ctx, func(tx *store.Tx) error {
			var rows [][]any
			bytes := 0
			err := tx.EachRow(ctx, t, false, c.at.Rows, func(row []any) error {
				rows = append(rows, row)
				bytes += sizeOf(row)
				if len(rows) < batchRows && bytes < batchBytes {
					return nil
				}
				err := c.put(ctx, t, rows)
				rows, bytes = rows[:0], 0
				return err
			})
			if err != nil {
				return err
			}
			return c.put(ctx, t, rows)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// put adds rows and moves the place on, together.
func (c *copying) put(ctx context.Context, t store.Table, rows [][]any) error {
	next := c.at
	next.Rows += int64(len(rows))
	err := c.to.Update(ctx, func(tx *store.Tx) error {
		mark, err := tx.Mark(ctx)
		if err != nil {
			return err
		}
		var there place
		if json.Unmarshal([]byte(mark.Detail), &there) != nil || mark.State != store.TransferMoving || there.ID != c.at.ID || (there.Table == t.Name && there.Rows != c.at.Rows) {
			return hotline.Errorf(hotline.KindConflict, "move", "another move is at work on this target")
		}
		if len(rows) > 0 {
			if err := tx.PutRows(ctx, t, rows); err != nil {
				return err
			}
		}
		if err := tx.Filled(ctx, t); err != nil {
			return err
		}
		return setPlace(ctx, tx, next)
	})
	if err != nil {
		return err
	}
	c.at = next
	if c.m.Tell != nil {
		c.m.Tell(Progress{Step: "move", Table: t.Name, Rows: next.Rows})
	}
	return nil
}

func sizeOf(row []any) (n int) {
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		default:
			n += 8
		}
	}
	return n
}

// compare reads every table from both sides: the same rows, byte by byte.
func (c *copying) compare(ctx context.Context) (out []Moved, err error) {
	for _, t := range c.tables {
		var sums [2]Moved
		for i, d := range []*store.DB{c.from, c.to} {
			if sums[i], err = sumOf(ctx, d, t); err != nil {
				return nil, err
			}
		}
		if sums[0] != sums[1] {
			return nil, hotline.Errorf(hotline.KindInternal, "move",
				"table %s differs after copying: %d rows here, %d there. The source is as it was; `safeconduct db move --undo`, then move into a new database",
				t.Name, sums[0].Rows, sums[1].Rows)
		}
		out = append(out, sums[0])
		if c.m.Tell != nil {
			c.m.Tell(Progress{Step: "compare", Table: t.Name, Rows: sums[0].Rows, Of: sums[0].Rows})
		}
	}
	return out, nil
}

func sumOf(ctx context.Context, d *store.DB, t store.Table) (Moved, error) {
	h := sha256.New()
	m := Moved{Table: t.Name}
	var line []byte
	err := d.View(ctx, func(tx *store.Tx) error {
		return tx.EachRow(ctx, t, false, 0, func(row []any) (err error) {
			line, err = appendRow(line[:0], t, row)
			_, _ = h.Write(line) // a hash never fails
			m.Rows++
			return err
		})
	})
	m.SHA256 = hexSum(h)
	return m, err
}
