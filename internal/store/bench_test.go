package store_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// callers is how many updates are asked for at a time.
const callers = 32

// BenchmarkRecord keeps a contact's record as intake does: the case is held, the record
// inserted, the chain and the feed moved on; 256 conversations.
func BenchmarkRecord(b *testing.B) {
	each(b, func(b *testing.B, d *store.DB) {
		cases := make([]db.HotlineCase, 256)
		for i := range cases {
			cases[i] = storetest.NewCase(b, d, nil)
		}
		file := storetest.Bytes(4096)
		var next atomic.Int64
		parallel(b, d, func(ctx context.Context, tx *store.Tx) error {
			n := next.Add(1)
			id := cases[n%256].ID
			held, err := tx.LockCase(ctx, id)
			if err != nil {
				return err
			}
			if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{
				ID: storetest.Bytes(32), CaseID: id, Side: "contact", Seq: held.ContactSeq + 1, File: file, Hour: 1,
			}); err != nil {
				return err
			}
			v, err := tx.NextVersion(ctx)
			if err != nil {
				return err
			}
			_, err = tx.CaseAfterContact(ctx, db.CaseAfterContactParams{
				ContactSeq: held.ContactSeq + 1, WaitingSinceMs: ms(n), Version: v, ID: id,
			})
			return err
		})
	})
}

// BenchmarkSetting is the smallest update: one row, no shared counter.
func BenchmarkSetting(b *testing.B) {
	each(b, func(b *testing.B, d *store.DB) {
		parallel(b, d, func(ctx context.Context, tx *store.Tx) error {
			return tx.PutSetting(ctx, string(storetest.Bytes(1)[0]%64+'0'), []byte("value"))
		})
	})
}

// BenchmarkViewCase reads one case by its id.
func BenchmarkViewCase(b *testing.B) {
	each(b, func(b *testing.B, d *store.DB) {
		c := storetest.NewCase(b, d, nil)
		b.RunParallel(func(pb *testing.PB) {
			ctx := b.Context()
			for pb.Next() {
				if err := d.View(ctx, func(tx *store.Tx) error { _, err := tx.CaseByID(ctx, c.ID); return err }); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func each(b *testing.B, bench func(b *testing.B, d *store.DB)) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) { bench(b, storetest.Open(b, storetest.URL(b, engine), store.WithConns(callers))) })
	}
}

func parallel(b *testing.B, d *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
	before := d.Stats()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		ctx := b.Context()
		for pb.Next() {
			if err := d.Update(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
				b.Error(err)
			}
		}
	})
	b.StopTimer()
	after := d.Stats()
	b.ReportMetric(float64(after.Updates-before.Updates)/b.Elapsed().Seconds(), "updates/s")
	b.ReportMetric(float64(after.Updates-before.Updates)/float64(after.Commits-before.Commits), "updates/commit")
	b.ReportMetric(float64(after.Retries-before.Retries), "retries")
}
