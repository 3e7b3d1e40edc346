package journal_test

import (
	"fmt"
	"testing"

	"safeconduct/internal/journal"
	"safeconduct/internal/journal/journaltest"
)

// BenchmarkAppend is the cost of a leaf without the database: with and without
// the signature, which is paid once for a batch.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 100} {
		entries := make([]journal.Entry, n)
		for i := range entries {
			entries[i] = entry(i)
		}
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			m := journaltest.New()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := journal.Append(b.Context(), m, entries...); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("entries=%d/signed", n), func(b *testing.B) {
			m, s := journaltest.New(), signer(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Append(b.Context(), s, entries...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkConsistency is what a desk asks of the server at every connection.
func BenchmarkConsistency(b *testing.B) {
	ctx := b.Context()
	m := journaltest.New()
	grow(b, m, signer(b), 100_000)
	old, now := at(b, m, 99_000), at(b, m, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		p, err := journal.ProveConsistency(ctx, m, old.Size, now.Size)
		if err != nil {
			b.Fatal(err)
		}
		if err := journal.CheckConsistency(p, old, now); err != nil {
			b.Fatal(err)
		}
	}
}
