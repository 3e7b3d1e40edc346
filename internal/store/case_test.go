package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

func view(t *testing.T, d *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := d.View(t.Context(), fn); err != nil {
		t.Fatalf("view: %v", err)
	}
}

func caseByID(t *testing.T, d *store.DB, id []byte) (c db.HotlineCase) {
	t.Helper()
	view(t, d, func(tx *store.Tx) (err error) { c, err = tx.CaseByID(t.Context(), id); return err })
	return c
}

func ms(n int64) sql.NullInt64 { return sql.NullInt64{Int64: n, Valid: true} }

func TestCaseIsReadAsItWasKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		want := storetest.NewCase(t, d, func(p *db.InsertCaseParams) {
			p.Urgency, p.Assignee, p.Generation, p.Answered, p.WaitingSinceMs = 2, "op-1", 3, true, ms(1_700_000_000_123)
			p.ContactHeader, p.DeskHead = storetest.Bytes(300), storetest.Bytes(32)
		})
		gateway := storetest.NewCase(t, d, func(p *db.InsertCaseParams) {
			p.Lookup, p.ContactKey, p.ContactRecipient, p.Channel = nil, []byte{}, "", "phone"
			p.CodeIndex = want.CodeIndex // the index of a code is not unique
		})
		if gateway.ContactKey != nil || gateway.Lookup != nil {
			t.Errorf("empty bytes came back as %v, %v", gateway.ContactKey, gateway.Lookup)
		}
		view(t, d, func(tx *store.Tx) error {
			byLookup, err := tx.CaseByLookup(ctx, want.Lookup)
			if diff := cmp.Diff(want, byLookup); err != nil || diff != "" {
				t.Errorf("by lookup: %v %s", err, diff)
			}
			byCode, err := tx.CasesByCode(ctx, want.CodeIndex, 10)
			if err != nil || len(byCode) != 2 {
				t.Errorf("by code: %d cases, %v", len(byCode), err)
			}
			listed, err := tx.CasesByIDs(ctx, [][]byte{gateway.ID, storetest.Bytes(16), want.ID})
			slices.SortFunc(listed, func(a, b db.HotlineCase) int { return int(a.Version - b.Version) })
			if diff := cmp.Diff([]db.HotlineCase{want, gateway}, listed); err != nil || diff != "" {
				t.Errorf("by ids: %v %s", err, diff)
			}
			if none, err := tx.CasesByIDs(ctx, nil); err != nil || none != nil {
				t.Errorf("by no ids: %v, %v", none, err)
			}
			_, err = tx.CaseByID(ctx, storetest.Bytes(16))
			if !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("a case that is not there: %v", err)
			}
			return nil
		})
		// The same case again is no row and no error.
		update(t, d, func(tx *store.Tx) error {
			p := storetest.CaseParams()
			p.ID, p.Version = want.ID, 99
			n, err := tx.InsertCase(ctx, p)
			if n != 0 {
				t.Error("the case was inserted twice")
			}
			return err
		})
	})
}

func TestContactChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		c := storetest.NewCase(t, d, nil)
		step := func(seq, since int64) (n int64) {
			update(t, d, func(tx *store.Tx) error {
				if _, err := tx.LockCase(ctx, c.ID); err != nil {
					return err
				}
				v, err := tx.NextVersion(ctx)
				if err != nil {
					return err
				}
				n, err = tx.CaseAfterContact(ctx, db.CaseAfterContactParams{
					ContactSeq: seq, ContactHeader: []byte{byte(seq + 1)}, WaitingSinceMs: ms(since), Version: v, ID: c.ID,
				})
				return err
			})
			return n
		}
		if step(0, 1000) != 1 || step(1, 2000) != 1 {
			t.Error("the chain does not grow")
		}
		if step(1, 3000) != 0 || step(0, 3000) != 0 {
			t.Error("the chain goes back")
		}
		got := caseByID(t, d, c.ID)
		if got.ContactSeq != 1 || got.WaitingSinceMs != ms(1000) || !bytes.Equal(got.ContactHeader, []byte{2}) {
			t.Errorf("case: %+v", got)
		}
	})
}

// Two desks answer at once: one wins, the other reads again.
func TestDeskAndStatementRaces(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		nodes := []*store.DB{open(), open()}
		ctx := t.Context()
		c := storetest.NewCase(t, nodes[0], func(p *db.InsertCaseParams) { p.WaitingSinceMs = ms(5) })
		for name, set := range map[string]func(tx *store.Tx, expected, head []byte, version int64) (int64, error){
			"desk": func(tx *store.Tx, expected, head []byte, version int64) (int64, error) {
				return tx.CaseAfterDesk(ctx, db.CaseAfterDeskParams{DeskHead: head, Reply: true, Version: version, ID: c.ID, ExpectedHead: expected})
			},
			"statement": func(tx *store.Tx, expected, head []byte, version int64) (int64, error) {
				return tx.CaseAfterStatement(ctx, db.CaseAfterStatementParams{
					StatementHead: head, Stage: "standby", Urgency: 1, Team: "desk", Assignee: "op-1",
					Version: version, ID: c.ID, ExpectedHead: expected,
				})
			},
		} {
			expected := []byte{} // none yet; a decoder hands an empty slice, not nil
			for range 5 {
				var won atomic.Int64
				var winner atomic.Value
				var wg sync.WaitGroup
				for i := range 6 {
					wg.Go(func() {
						head := storetest.Bytes(32)
						err := nodes[i%2].Update(ctx, func(tx *store.Tx) error {
							v, err := tx.NextVersion(ctx)
							if err != nil {
								return err
							}
							n, err := set(tx, expected, head, v)
							if err == nil && n == 0 {
								err = hotline.Errorf(hotline.KindConflict, "test", "another desk was first")
							}
							return err
						})
						switch {
						case err == nil:
							won.Add(1)
							winner.Store(head)
						case hotline.KindOf(err) != hotline.KindConflict:
							t.Errorf("%s: %v", name, err)
						}
					})
				}
				wg.Wait()
				if won.Load() != 1 {
					t.Fatalf("%s: %d won", name, won.Load())
				}
				expected, _ = winner.Load().([]byte)
			}
		}
		got := caseByID(t, nodes[0], c.ID)
		if !got.Answered || got.WaitingSinceMs.Valid || got.Stage != "standby" || got.Assignee != "op-1" {
			t.Errorf("case: %+v", got)
		}
	})
}

func TestANoteDoesNotEndTheWaiting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		c := storetest.NewCase(t, d, func(p *db.InsertCaseParams) { p.WaitingSinceMs = ms(5) })
		for _, reply := range []bool{false, true, false} {
			update(t, d, func(tx *store.Tx) error {
				held, err := tx.LockCase(ctx, c.ID)
				if err != nil {
					return err
				}
				v, err := tx.NextVersion(ctx)
				if err != nil {
					return err
				}
				_, err = tx.CaseAfterDesk(ctx, db.CaseAfterDeskParams{
					DeskSeq: held.DeskSeq + 1, DeskHead: storetest.Bytes(32), Reply: reply, Version: v, ID: c.ID, ExpectedHead: held.DeskHead,
				})
				return err
			})
			if got := caseByID(t, d, c.ID); got.WaitingSinceMs.Valid != (got.DeskSeq == 0) || got.Answered != (got.DeskSeq > 0) {
				t.Errorf("after desk record %d: %+v", got.DeskSeq, got)
			}
		}
	})
}

// A reader who follows versions while others write meets each case's last state and
// never a smaller version than one it has seen.
func TestFeedIsInOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		nodes := []*store.DB{open(), open()}
		ctx := t.Context()
		ids := make([][]byte, 4)
		for i := range ids {
			ids[i] = storetest.NewCase(t, nodes[0], nil).ID
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for j := range 25 {
					id := ids[(i+j)%len(ids)]
					if err := nodes[i%2].Update(ctx, func(tx *store.Tx) error {
						if _, err := tx.LockCase(ctx, id); err != nil {
							return err
						}
						v, err := tx.NextVersion(ctx)
						if err != nil {
							return err
						}
						_, err = tx.CaseUsed(ctx, db.CaseUsedParams{UsedHour: ms(1), Version: v, ID: id})
						return err
					}); err != nil {
						t.Errorf("update: %v", err)
					}
				}
			})
		}
		stopped := make(chan struct{})
		go func() { wg.Wait(); close(stopped) }()
		seen, last := int64(0), map[string]int64{}
		read := func() {
			view(t, nodes[0], func(tx *store.Tx) error {
				highest, err := tx.LastVersion(ctx)
				if err != nil {
					return err
				}
				cases, err := tx.CasesAfter(ctx, seen, 1000)
				for _, c := range cases {
					if c.Version <= seen || c.Version > highest {
						t.Errorf("version %d after %d, counter %d", c.Version, seen, highest)
					}
					seen = c.Version
					last[string(c.ID)] = c.UsedCount
				}
				return err
			})
		}
		for running := true; running; {
			select {
			case <-stopped:
				running = false
			default:
			}
			read()
		}
		for _, id := range ids {
			if last[string(id)] != 50 {
				t.Errorf("the reader last saw %d uses of 50", last[string(id)])
			}
		}
	})
}

func TestLockOrderIsEnforced(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		c := storetest.NewCase(t, d, nil)
		for name, late := range map[string]func(*store.Tx) error{
			"case":    func(tx *store.Tx) error { _, err := tx.LockCase(ctx, c.ID); return err },
			"journal": func(tx *store.Tx) error { _, err := tx.Journal().Size(ctx); return err },
		} {
			err := d.Update(ctx, func(tx *store.Tx) error {
				if _, err := tx.NextVersion(ctx); err != nil {
					return err
				}
				return late(tx)
			})
			if !errors.Is(err, store.ErrLockOrder) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestRecordsAreKeptOnceAndInOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		nodes := []*store.DB{open(), open()}
		ctx := t.Context()
		c := storetest.NewCase(t, nodes[0], nil)
		ids := make([][]byte, 20)
		for i := range ids {
			ids[i] = storetest.Bytes(32)
		}
		var kept atomic.Int64
		var wg sync.WaitGroup
		for i := range 60 { // each record is sent three times
			wg.Go(func() {
				var n int64
				err := nodes[i%2].Update(ctx, func(tx *store.Tx) error {
					if _, err := tx.LockCase(ctx, c.ID); err != nil {
						return err
					}
					var err error
					n, err = tx.InsertRecord(ctx, db.InsertRecordParams{
						ID: ids[i%len(ids)], CaseID: c.ID, Side: "contact", Seq: int64(i), File: []byte("sealed"), Hour: 1,
					})
					return err
				})
				if err != nil {
					t.Errorf("update: %v", err)
				}
				kept.Add(n)
			})
		}
		wg.Wait()
		if kept.Load() != 20 {
			t.Errorf("%d inserts of 20 records", kept.Load())
		}
		view(t, nodes[0], func(tx *store.Tx) error {
			all, err := tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: c.ID, After: -1, MaxRows: 100})
			if err != nil || len(all) != 20 {
				t.Fatalf("%d records, %v", len(all), err)
			}
			for i, r := range all {
				if r.Place != int64(i) {
					t.Errorf("place %d at %d", r.Place, i)
				}
			}
			some, err := tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: c.ID, After: 4, MaxRows: 3})
			if err != nil || len(some) != 3 || some[0].Place != 5 {
				t.Errorf("after 4: %d records, %v", len(some), err)
			}
			held, err := tx.HeldRecords(ctx, [][]byte{ids[3], storetest.Bytes(32), ids[0]})
			if err != nil || len(held) != 2 {
				t.Errorf("held: %d, %v", len(held), err)
			}
			return nil
		})
	})
}

func TestReplyCopies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		c, other := storetest.NewCase(t, d, nil), storetest.NewCase(t, d, nil)
		ids := [][]byte{storetest.Bytes(32), storetest.Bytes(32), storetest.Bytes(32)}
		send := func(i int) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				_, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{RecordID: ids[i], CaseID: c.ID, Seq: int64(i), File: []byte("to the contact"), Hour: 1})
				return err
			}
		}
		update(t, d, func(tx *store.Tx) error {
			for i, id := range ids {
				if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: id, CaseID: c.ID, Side: "desk", Seq: int64(i), File: []byte("sealed"), Hour: 1}); err != nil {
					return err
				}
				if err := send(i)(tx); err != nil {
					return err
				}
			}
			return nil
		})
		count := func() (n int64) {
			view(t, d, func(tx *store.Tx) (err error) { n, err = tx.CountReplyCopies(ctx, c.ID); return err })
			return n
		}
		put := func(fn func(tx *store.Tx) (int64, error)) (n int64) {
			update(t, d, func(tx *store.Tx) (err error) { n, err = fn(tx); return err })
			return n
		}
		if n := put(func(tx *store.Tx) (int64, error) { return tx.PutAwayReply(ctx, other.ID, ids[0]) }); n != 0 || count() != 3 {
			t.Error("another case put the reply away")
		}
		if n := put(func(tx *store.Tx) (int64, error) { return tx.PutAwayRepliesTo(ctx, c.ID, 1) }); n != 2 || count() != 1 {
			t.Errorf("put away %d", n)
		}
		if n := put(func(tx *store.Tx) (int64, error) { return tx.PutAwayReply(ctx, c.ID, ids[0]) }); n != 0 {
			t.Errorf("put away twice: %d", n)
		}
		update(t, d, send(0)) // the desk sends again
		if count() != 2 {
			t.Errorf("%d copies after sending again", count())
		}
		update(t, d, func(tx *store.Tx) error { _, err := tx.DeleteCase(ctx, c.ID); return err })
		view(t, d, func(tx *store.Tx) error {
			if n, err := tx.HasRecord(ctx, ids[2]); n != 0 || err != nil || count() != 0 {
				t.Errorf("a deleted case left records behind (%d, %v)", n, err)
			}
			return nil
		})
	})
}

func TestRewrappingFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		wrap := func(c db.HotlineCase, n int64, team string, epoch int64) {
			update(t, d, func(tx *store.Tx) error {
				if _, err := tx.InsertCaseKey(ctx, db.InsertCaseKeyParams{CaseID: c.ID, N: n, Statement: []byte("s"), Hour: 1}); err != nil {
					return err
				}
				_, err := tx.InsertCaseWrap(ctx, db.InsertCaseWrapParams{CaseID: c.ID, N: n, Team: team, Epoch: epoch, Wrap: []byte("w")})
				return err
			})
		}
		missing := storetest.NewCase(t, d, nil)
		partly := storetest.NewCase(t, d, nil)
		done := storetest.NewCase(t, d, nil)
		closed := storetest.NewCase(t, d, func(p *db.InsertCaseParams) { p.ClosedHour = ms(9) })
		foreign := storetest.NewCase(t, d, nil)
		wrap(missing, 0, "desk", 1)
		wrap(partly, 0, "desk", 1)
		wrap(partly, 0, "desk", 2)
		wrap(partly, 1, "desk", 1)
		wrap(done, 0, "desk", 1)
		wrap(done, 0, "desk", 2)
		wrap(closed, 0, "desk", 1)
		wrap(foreign, 0, "field", 1)
		view(t, d, func(tx *store.Tx) error {
			rows, err := tx.CasesWithoutWrap(ctx, db.CasesWithoutWrapParams{After: 0, Team: "desk", Epoch: 2, MaxRows: 10})
			if err != nil || len(rows) != 2 || !bytes.Equal(rows[0].ID, missing.ID) || !bytes.Equal(rows[1].ID, partly.ID) {
				t.Errorf("without a wrap: %v, %v", rows, err)
			}
			rows, err = tx.CasesWithoutWrap(ctx, db.CasesWithoutWrapParams{After: missing.Version, Team: "desk", Epoch: 2, MaxRows: 10})
			if err != nil || len(rows) != 1 {
				t.Errorf("after the first: %v, %v", rows, err)
			}
			wraps, err := tx.WrapsOfCases(ctx, "desk", [][]byte{partly.ID, foreign.ID, done.ID})
			if err != nil || len(wraps) != 5 {
				t.Errorf("%d wraps, %v", len(wraps), err)
			}
			return nil
		})
	})
}
