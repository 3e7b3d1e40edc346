package rehearsal

import (
	"context"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// Arrival is a case that is to come to a desk. Who writes to a bot does not learn
// which case it becomes, so it is known by being new.
type Arrival struct {
	desk    *desk.Desk
	channel hotline.Channel
	before  map[hotline.CaseID]bool
}

// Expect remembers which cases are there, before another one begins.
func Expect(d *desk.Desk, channel hotline.Channel) (*Arrival, error) {
	rows, err := d.Queue(desk.Filter{})
	if err != nil {
		return nil, err
	}
	a := &Arrival{d, channel, map[hotline.CaseID]bool{}}
	for _, row := range rows {
		a.before[row.ID] = true
	}
	return a, nil
}

// Case waits until the desk has opened the new one.
func (a *Arrival) Case(ctx context.Context) (id hotline.CaseID, err error) {
	notices, stop := a.desk.Subscribe()
	defer stop()
	err = Await(ctx, notices, func() bool {
		rows, err := a.desk.Queue(desk.Filter{})
		if err != nil {
			return false
		}
		for _, row := range rows {
			if row.Channel == a.channel && row.Opened && !a.before[row.ID] {
				id = row.ID
				return true
			}
		}
		return false
	})
	return id, err
}
