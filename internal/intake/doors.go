package intake

import (
	"context"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// mostAsked bounds how many cases are looked up at once.
const mostAsked = 128

// doors looks up the cases to which people write. Everybody who asks while a
// look-up is under way shares the next one: on PostgreSQL each costs three
// messages to the server and back, whether for one case or for a hundred.
type doors struct {
	db     *store.DB
	asks   chan *ask
	closed chan struct{}
}

// ask is one question. Its answer stands in row and err when done is closed.
type ask struct {
	id   hotline.CaseID
	row  *store.CaseDoor
	err  error
	done chan struct{}
}

func newDoors(d *store.DB) *doors {
	return &doors{db: d, asks: make(chan *ask, mostAsked), closed: make(chan struct{})}
}

// find returns a case, or nil when there is none.
func (d *doors) find(ctx context.Context, id hotline.CaseID) (*store.CaseDoor, error) {
	a := &ask{id: id, done: make(chan struct{})}
	select {
	case d.asks <- a:
	case <-d.closed:
		return nil, errClosing
	case <-ctx.Done():
		return nil, errBusy
	}
	select {
	case <-a.done:
		return a.row, a.err
	case <-d.closed:
		return nil, errClosing
	case <-ctx.Done():
		return nil, errBusy
	}
}

// run answers until ctx ends, and then sends everybody away. It runs once.
func (d *doors) run(ctx context.Context) {
	defer close(d.closed)
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-d.asks:
			asked := []*ask{first}
			for len(asked) < mostAsked && len(d.asks) > 0 {
				asked = append(asked, <-d.asks)
			}
			d.answer(ctx, asked)
		}
	}
}

func (d *doors) answer(ctx context.Context, asked []*ask) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	ids := make([][]byte, len(asked))
	for n, a := range asked {
		ids[n] = a.id[:]
	}
	found := make(map[hotline.CaseID]*store.CaseDoor, len(asked))
	err := d.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.CaseDoors(ctx, ids)
		for n := range rows {
			found[hotline.CaseID(rows[n].ID)] = &rows[n]
		}
		return err
	})
	for _, a := range asked {
		a.row, a.err = found[a.id], err
		close(a.done)
	}
}
