package intake

import (
	"context"
	"log/slog"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// probe is an operation that keeps one setting, or fails as it is told.
type probe struct {
	id   byte
	fail func(ctx context.Context, tx *store.Tx) error
}

func (p probe) caseID() hotline.CaseID { return hotline.CaseID{p.id} }

func (p probe) apply(ctx context.Context, tx *store.Tx, row *db.HotlineCase, version int64) error {
	if row != nil || version <= 0 {
		return hotline.Errorf(hotline.KindInternal, "probe", "row %v, version %d", row != nil, version)
	}
	if p.fail != nil {
		if err := p.fail(ctx, tx); err != nil {
			return err
		}
	}
	return tx.PutSetting(ctx, string(rune('a'+p.id)), []byte{1})
}

// In one batch, one operation's failure is its own: the others are kept and
// told so, and a failure of all is told to all.
func TestOneOperationOfABatchFails(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		i := &Intake{cfg: Config{DB: d, Logger: slog.New(slog.DiscardHandler)}}
		runs := 0
		seats := func() []*seat[operation] {
			ops := []probe{
				{id: 1},
				{id: 2, fail: func(context.Context, *store.Tx) error { return invalid("never") }},
				{id: 3, fail: func(ctx context.Context, tx *store.Tx) error { // a rule of the schema
					_, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: []byte("short"), CaseID: make([]byte, 16), Side: "contact", File: []byte("x")})
					return err
				}},
				{id: 4, fail: func(context.Context, *store.Tx) error { // another node was faster, until it is run by itself
					if runs++; runs%2 == 1 {
						return again(nil)
					}
					return nil
				}},
				{id: 5},
				{id: 5},
				{id: 6},
			}
			var out []*seat[operation]
			for _, op := range ops {
				out = append(out, newSeat[operation](LaneKnown, 0, op))
			}
			return out
		}
		told := func(batch []*seat[operation]) (kinds []string) {
			i.commit(t.Context(), batch)
			for _, s := range batch {
				kind := "kept"
				if err := <-s.done; err != nil {
					kind = hotline.KindOf(err).String()
				}
				kinds = append(kinds, string(rune('a'+s.load.(probe).id))+" "+kind)
			}
			return kinds
		}
		want := []string{"b kept", "c invalid", "d conflict", "e kept", "f kept", "f kept", "g kept"}
		for n, got := range told(seats()) {
			if got != want[n] {
				t.Errorf("told %q, want %q", got, want[n])
			}
		}
		var kept []db.Setting
		err := d.View(t.Context(), func(tx *store.Tx) (err error) {
			kept, err = tx.Settings(t.Context())
			return err
		})
		if err != nil || len(kept) != 4 {
			t.Errorf("%d are kept: %v", len(kept), err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		for _, got := range told(seats()) {
			if got[2:] != hotline.KindUnavailable.String() {
				t.Errorf("of a store that is closed: %q", got)
			}
		}
	})
}
