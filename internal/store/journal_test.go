package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

func entry(act string) journal.Entry {
	return journal.Entry{Hour: 480_000, Actor: "op-1", Act: act, Detail: map[string]string{}}
}

// Nodes append at once: the tree is one line, and its root is what tlog computes
// over the leaves that are kept.
func TestJournalGrowsInOneLine(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		nodes := []*store.DB{open(), open()}
		ctx := t.Context()
		const n = 40
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				err := nodes[i%2].Update(ctx, func(tx *store.Tx) error {
					if _, err := journal.Append(ctx, tx.Journal(), entry("case.read")); err != nil {
						return err
					}
					// A second append in one transaction, and the feed after it.
					if _, err := journal.Append(ctx, tx.Journal(), entry("case.write")); err != nil {
						return err
					}
					_, err := tx.NextVersion(ctx)
					return err
				})
				if err != nil {
					t.Errorf("append: %v", err)
				}
			})
		}
		wg.Wait()
		view(t, nodes[0], func(tx *store.Tx) error {
			size, err := tx.Journal().Size(ctx)
			if err != nil || size != 2*n {
				t.Fatalf("size %d, %v", size, err)
			}
			leaves, err := tx.Journal().Leaves(ctx, 0, 1000)
			if err != nil || len(leaves) != 2*n {
				t.Fatalf("%d leaves, %v", len(leaves), err)
			}
			var hashes []tlog.Hash
			reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
				out := make([]tlog.Hash, len(indexes))
				for i, idx := range indexes {
					out[i] = hashes[idx]
				}
				return out, nil
			})
			for i, l := range leaves {
				if l.Index != int64(i) || l.Opening == nil {
					t.Fatalf("leaf %d: %+v", i, l)
				}
				if _, err := journal.VerifyOpening(l.Commitment, *l.Opening); err != nil {
					t.Fatalf("leaf %d: %v", i, err)
				}
				stored, err := tlog.StoredHashes(int64(i), l.Commitment[:], reader)
				if err != nil {
					t.Fatal(err)
				}
				hashes = append(hashes, stored...)
			}
			want, err := tlog.TreeHash(size, reader)
			if err != nil {
				t.Fatal(err)
			}
			head, err := journal.ReadHead(ctx, tx.Journal(), size)
			if err != nil || head.Root != want {
				t.Errorf("root %v, want %v (%v)", head.Root, want, err)
			}
			rows, err := tx.Journal().Hashes(ctx, 5, 7)
			if err != nil || len(rows) != 7 || rows[0] != (journal.StoredHash{Index: 5, Hash: hashes[5]}) {
				t.Errorf("hashes from 5: %v, %v", rows, err)
			}
			_, err = tx.Journal().ReadHashes(ctx, []int64{0, 1 << 40})
			if hotline.KindOf(err) != hotline.KindNotFound {
				t.Errorf("a hash that is not there: %v", err)
			}
			return nil
		})
	})
}

// No leaf, no act; no act, no leaf.
func TestLeafAndActAreOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.DB) {
		d := open()
		ctx := t.Context()
		refused := errors.New("the act was refused")
		err := d.Update(ctx, func(tx *store.Tx) error {
			for i := range 3 {
				if _, err := journal.Append(ctx, tx.Journal(), entry(fmt.Sprint("act", i))); err != nil {
					return err
				}
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		update(t, d, func(tx *store.Tx) error {
			added, err := journal.Append(ctx, tx.Journal(), entry("case.read"))
			if added.Before.Size != 0 || added.Head.Size != 1 {
				t.Errorf("appended %+v", added)
			}
			if err != nil {
				return err
			}
			n, err := tx.SetCheckpoint(ctx, "signed note", 1)
			if n != 1 {
				t.Error("the checkpoint was not kept")
			}
			return err
		})
		update(t, d, func(tx *store.Tx) error {
			n, err := tx.SetCheckpoint(ctx, "signed note of another size", 7)
			if n != 0 {
				t.Error("a checkpoint of another size was kept")
			}
			return err
		})
		// Forgetting an opening keeps the commitment.
		update(t, d, func(tx *store.Tx) error { _, err := tx.ForgetJournalLeaf(ctx, 0); return err })
		view(t, d, func(tx *store.Tx) error {
			if note, err := tx.Journal().Checkpoint(ctx); err != nil || string(note) != "signed note" {
				t.Errorf("checkpoint %q, %v", note, err)
			}
			leaves, err := tx.Journal().Leaves(ctx, 0, 10)
			if err != nil || len(leaves) != 1 || leaves[0].Opening != nil {
				t.Errorf("leaves %+v, %v", leaves, err)
			}
			return nil
		})
	})
}
