package intake

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
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

// newcomer is a new case as it stands behind the door, verified.
func newcomer(t *testing.T) *create {
	t.Helper()
	random := func(n int) []byte {
		b := make([]byte, n)
		_, _ = rand.Read(b)
		return b
	}
	key, err := seal.NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	c := &create{statement: random(100), wrap: random(100), record: random(100), code: random(16), now: time.Unix(1_700_000_000, 0)}
	c.recordID = sha256.Sum256(c.record)
	c.gen = seal.Generation{Case: hotline.CaseID(random(16)), Team: hotline.TeamDesk, Epoch: 1, ContactKey: key.Public()}
	copy(c.lookup[:], random(16))
	r, err := seal.SignRecord(seal.RecordHeader{Case: c.gen.Case, Side: hotline.SideContact, Seen: noReplySeen}, seal.Body{}, key)
	if err != nil {
		t.Fatal(err)
	}
	c.header = header{r.Header, r.Signed}
	return c
}

// Of new cases in one batch those that collide, with each other or with what is
// kept, hear so; all others are kept.
func TestNewCasesOfABatchCollide(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		i := &Intake{cfg: Config{DB: d, Logger: slog.New(slog.DiscardHandler)}}
		commit := func(all ...*create) {
			t.Helper()
			var seats []*seat[operation]
			for _, c := range all {
				seats = append(seats, newSeat[operation](LaneNew, 0, c))
			}
			before := d.Stats().Updates
			i.commit(ctx, seats)
			for _, s := range seats {
				if err := <-s.done; err != nil {
					t.Fatal(err)
				}
			}
			if n := d.Stats().Updates - before; n != 1 {
				t.Errorf("%d updates", n)
			}
		}
		kept, removed := newcomer(t), newcomer(t)
		commit(kept)
		err := d.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.InsertGone(ctx, db.InsertGoneParams{ID: removed.gen.Case[:], Team: "desk", Why: "forget", Day: 1, Version: 99})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		again := *kept
		a, b, twin, mirror, known, file := newcomer(t), newcomer(t), newcomer(t), newcomer(t), newcomer(t), newcomer(t)
		without := newcomer(t)
		a.gen.Case[0], twin.gen.Case[0], b.gen.Case[0], mirror.gen.Case[0] = 1, 2, 3, 4 // the order in which they are looked at
		twin.lookup = a.lookup
		mirror.record, mirror.recordID = b.record, b.recordID
		known.lookup = kept.lookup
		file.record, file.recordID = kept.record, kept.recordID
		without.lookup = seal.Lookup{}
		commit(&again, a, b, twin, mirror, known, file, without, removed)
		for name, tc := range map[string]struct {
			c    *create
			want hotline.Kind
		}{
			"a receipt of this batch": {twin, hotline.KindConflict}, "a record of this batch": {mirror, hotline.KindConflict},
			"a receipt that is kept": {known, hotline.KindConflict}, "a record that is kept": {file, hotline.KindConflict},
			"removed": {removed, hotline.KindNotFound},
		} {
			if hotline.KindOf(tc.c.refused) != tc.want {
				t.Errorf("%s: %v", name, tc.c.refused)
			}
		}
		err = d.View(ctx, func(tx *store.Tx) error {
			for n, c := range []*create{kept, a, b, without} {
				if _, err := tx.CaseByID(ctx, c.gen.Case[:]); err != nil || c.refused != nil {
					t.Errorf("case %d: %v, %v", n, err, c.refused)
				}
			}
			rows, err := tx.CasesAfter(ctx, 0, 100)
			if len(rows) != 4 || again.refused != nil {
				t.Errorf("%d cases; the one sent again: %v", len(rows), again.refused)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
