package store_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

func recordOf(c db.HotlineCase, seq int64) db.InsertRecordParams {
	return db.InsertRecordParams{
		ID: storetest.Bytes(32), CaseID: c.ID, Side: "contact", Seq: seq, Generation: 1,
		Header: storetest.Bytes(200), File: storetest.Bytes(3000), Hour: 480_001,
	}
}

func newCases(t *testing.T, d *store.DB, n int) []db.HotlineCase {
	t.Helper()
	cases := make([]db.HotlineCase, n)
	for i := range cases {
		cases[i] = storetest.NewCase(t, d, nil)
	}
	slices.SortFunc(cases, func(a, b db.HotlineCase) int { return bytes.Compare(a.ID, b.ID) })
	return cases
}

func TestCasesAreLockedTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		cases := newCases(t, d, 3)
		err := d.Update(ctx, func(tx *store.Tx) error {
			got, err := tx.LockCases(ctx, [][]byte{cases[2].ID, storetest.Bytes(16), cases[0].ID})
			for i := range got {
				if got[i].ContactRecipient != "" {
					t.Error("the recipient was read")
				}
				got[i].ContactRecipient = cases[0].ContactRecipient
			}
			if diff := cmp.Diff([]db.HotlineCase{cases[0], cases[2]}, got); err != nil || diff != "" {
				t.Errorf("those that are there, by ascending id: %v %s", err, diff)
			}
			first, err := tx.NextVersions(ctx, 5)
			if err != nil {
				return err
			}
			next, err := tx.NextVersion(ctx)
			if err != nil || next != first+5 {
				t.Errorf("after five numbers from %d came %d: %v", first, next, err)
			}
			if _, err := tx.LockCases(ctx, [][]byte{cases[0].ID}); hotline.KindOf(err) != hotline.KindInternal {
				t.Errorf("a lock after the counter: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Many rows at once come to the same as one after the other, also where some
// are kept already and where one file is sent to two cases.
func TestRecordsAreKeptTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		cases := newCases(t, d, 6)
		kept := recordOf(cases[0], 0)
		if fresh := insertRecords(t, d, kept); !fresh[0] {
			t.Fatal("the first record was not new")
		}
		twin := recordOf(cases[3], 0)
		again := twin
		again.CaseID = cases[4].ID
		plain := recordOf(cases[5], 7)
		plain.Header = nil
		list := []db.InsertRecordParams{kept, recordOf(cases[1], 4), twin, again, plain}
		fresh := insertRecords(t, d, list...)
		if want := []bool{false, true, true, false, true}; !slices.Equal(fresh, want) {
			t.Fatalf("new: %v, want %v", fresh, want)
		}
		view(t, d, func(tx *store.Tx) error {
			for i, p := range list {
				if i == 3 {
					continue
				}
				got, err := tx.RecordByID(ctx, p.ID)
				want := db.Record{
					ID: p.ID, CaseID: p.CaseID, Side: p.Side, Seq: p.Seq, Generation: p.Generation,
					Header: p.Header, File: p.File, Hour: p.Hour,
				}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("record %d: %v %s", i, err, diff)
				}
			}
			return nil
		})
		second := recordOf(cases[1], 5)
		insertRecords(t, d, second, recordOf(cases[2], 0))
		view(t, d, func(tx *store.Tx) error {
			got, err := tx.RecordByID(ctx, second.ID)
			if err != nil || got.Place != 1 {
				t.Errorf("the second record of a case stands at place %d: %v", got.Place, err)
			}
			return nil
		})
	})
}

func insertRecords(t *testing.T, d *store.DB, list ...db.InsertRecordParams) (fresh []bool) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *store.Tx) (err error) {
		fresh, err = tx.InsertRecords(t.Context(), list)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func TestCasesStepTogether(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 4} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, open func() *store.DB) {
				d := open()
				ctx := t.Context()
				cases := newCases(t, d, n)
				steps := func(seq, since int64, header []byte) {
					err := d.Update(ctx, func(tx *store.Tx) error {
						version, err := tx.NextVersions(ctx, n)
						if err != nil {
							return err
						}
						list := make([]store.ContactStep, n)
						for i, c := range cases {
							list[i] = store.ContactStep{ID: c.ID, Version: version + int64(i), SinceMs: since, Seq: seq, Header: header}
							cases[i].Version = list[i].Version
						}
						return tx.StepCases(ctx, list)
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				check := func(what string, seq int64, header []byte) {
					t.Helper()
					for i := range cases {
						cases[i].ContactSeq, cases[i].ContactHeader, cases[i].WaitingSinceMs = seq, header, ms(1000)
						if diff := cmp.Diff(cases[i], caseByID(t, d, cases[i].ID)); diff != "" {
							t.Errorf("%s: %s", what, diff)
						}
					}
				}
				first := storetest.Bytes(200)
				steps(3, 1000, first)
				check("the chain moved", 3, first)
				steps(9, 2000, nil)
				check("somebody waits, the chain stays", 3, first)
				before := slices.Clone(cases)
				steps(3, 3000, storetest.Bytes(200))
				cases = before
				check("a number that has passed", 3, first)
			})
		})
	}
}
