package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

func freshCase(n int64) store.FreshCase {
	return store.FreshCase{
		ID: storetest.Bytes(16), Lookup: storetest.Bytes(16), ContactKey: storetest.Bytes(32), ContactRecipient: fmt.Sprintf("age1pq1contact%d", n),
		Channel: "web", CodeIndex: storetest.Bytes(16), Team: "desk", CreatedHour: 480_000 + n, SinceMs: 1_700_000_000_000 + n,
		Statement: storetest.Bytes(400), Epoch: n, Wrap: storetest.Bytes(300),
		RecordID: storetest.Bytes(32), Side: "contact", Header: storetest.Bytes(200), File: storetest.Bytes(3000), Hour: 480_100 + n,
	}
}

var errUndo = errors.New("undo")

// insertFresh keeps cases in one update, as intake does: all of them or none.
func insertFresh(t *testing.T, d *store.DB, cases []store.FreshCase) (ok bool, err error) {
	t.Helper()
	err = d.Update(t.Context(), func(tx *store.Tx) error {
		first, err := tx.NextVersions(t.Context(), len(cases))
		if err != nil {
			return err
		}
		for i := range cases {
			cases[i].Version = first + int64(i)
		}
		if ok, err = tx.InsertCases(t.Context(), cases); err == nil && !ok {
			err = errUndo
		}
		return err
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return ok, err
}

// One new case and many at once come to the same rows.
func TestNewCasesAreKeptTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		gateway := freshCase(4)
		gateway.Side, gateway.Channel, gateway.Lookup, gateway.ContactKey, gateway.ContactRecipient = "gateway", "form", nil, []byte{}, ""
		many := []store.FreshCase{freshCase(1), freshCase(2), freshCase(3), gateway}
		one := []store.FreshCase{freshCase(5)}
		for _, list := range [][]store.FreshCase{many, one} {
			if ok, err := insertFresh(t, d, list); err != nil || !ok {
				t.Fatal(ok, err)
			}
		}
		for _, c := range append(many, one...) {
			want := db.HotlineCase{
				ID: c.ID, Lookup: c.Lookup, ContactKey: c.ContactKey, ContactRecipient: c.ContactRecipient, Channel: c.Channel, CodeIndex: c.CodeIndex,
				Stage: "new", Team: "desk", DeskSeq: -1, StatementSeq: -1, SeenSeq: -1, ContactHeader: c.Header,
				WaitingSinceMs: ms(c.SinceMs), CreatedHour: c.CreatedHour, Version: c.Version,
			}
			if c.Side == "gateway" {
				want.ContactKey = nil
			}
			if diff := cmp.Diff(want, caseByID(t, d, c.ID)); diff != "" {
				t.Errorf("case: %s", diff)
			}
			view(t, d, func(tx *store.Tx) error {
				keys, err := tx.CaseKeys(ctx, c.ID)
				if diff := cmp.Diff([]db.CaseKey{{CaseID: c.ID, Statement: c.Statement, Hour: c.Hour}}, keys); err != nil || diff != "" {
					t.Errorf("key: %v %s", err, diff)
				}
				wraps, err := tx.CaseWraps(ctx, c.ID)
				if diff := cmp.Diff([]db.CaseWrap{{CaseID: c.ID, Team: c.Team, Epoch: c.Epoch, Wrap: c.Wrap}}, wraps); err != nil || diff != "" {
					t.Errorf("wrap: %v %s", err, diff)
				}
				r, err := tx.RecordByID(ctx, c.RecordID)
				if diff := cmp.Diff(db.Record{ID: c.RecordID, CaseID: c.ID, Side: c.Side, Header: c.Header, File: c.File, Hour: c.Hour}, r); err != nil || diff != "" {
					t.Errorf("record: %v %s", err, diff)
				}
				return nil
			})
		}
	})
}

// What is there already is not kept twice, and takes the others with it.
func TestNewCasesThatAreThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		kept, gone := freshCase(1), storetest.Bytes(16)
		if ok, err := insertFresh(t, d, []store.FreshCase{kept}); err != nil || !ok {
			t.Fatal(ok, err)
		}
		err := d.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.InsertGone(ctx, db.InsertGoneParams{ID: gone, Team: "desk", Why: "forget", Day: 1, Version: 1})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		sameID, sameRecord, sameLookup := freshCase(2), freshCase(3), freshCase(4)
		sameID.ID, sameRecord.RecordID, sameLookup.Lookup = kept.ID, kept.RecordID, kept.Lookup
		for name, c := range map[string]store.FreshCase{"id": sameID, "record": sameRecord, "lookup": sameLookup} {
			other := freshCase(5)
			ok, err := insertFresh(t, d, []store.FreshCase{other, c})
			if name == "lookup" {
				if hotline.KindOf(err) != hotline.KindConflict {
					t.Errorf("%s: %v", name, err)
				}
			} else if ok || err != nil {
				t.Errorf("%s: %t, %v", name, ok, err)
			}
			view(t, d, func(tx *store.Tx) error {
				if _, err := tx.CaseByID(ctx, other.ID); !store.Missing(err) {
					t.Errorf("%s: the other case of the update is there: %v", name, err)
				}
				return nil
			})
		}
		view(t, d, func(tx *store.Tx) error {
			taken, err := tx.Taken(ctx, [][]byte{gone, storetest.Bytes(16)}, [][]byte{storetest.Bytes(16), kept.Lookup}, [][]byte{kept.RecordID})
			want := map[string]bool{string(gone): true, string(kept.Lookup): true, string(kept.RecordID): true}
			if diff := cmp.Diff(want, taken); err != nil || diff != "" {
				t.Errorf("taken: %v %s", err, diff)
			}
			doors, err := tx.CaseDoors(ctx, [][]byte{storetest.Bytes(16), kept.ID})
			if diff := cmp.Diff([]store.CaseDoor{{ID: kept.ID, ContactKey: kept.ContactKey}}, doors); err != nil || diff != "" {
				t.Errorf("doors: %v %s", err, diff)
			}
			return nil
		})
	})
}
