package intake_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

// BenchmarkSend measures messages to known cases through the whole handler:
// challenge check, opening, two signatures' worth of checks, a durable row.
func BenchmarkSend(b *testing.B) {
	for _, engine := range storetest.Engines() {
		for _, shape := range []struct {
			name   string
			limits intake.Limits
		}{
			{"batch=1,writers=64", intake.Limits{Batch: 1, Writers: 64}},
			{"batch=1,writers=8", intake.Limits{Batch: 1, Writers: 8}},
			{"batch=16,writers=2", intake.Limits{Batch: 16, Writers: 2}},
			{"batch=32,writers=2", intake.Limits{Batch: 32, Writers: 2}},
			{"batch=64,writers=2", intake.Limits{Batch: 64, Writers: 2}},
		} {
			b.Run(engine+"/"+shape.name, func(b *testing.B) {
				benchmarkSend(b, newHouse(b, storetest.Open(b, storetest.URL(b, engine)), shape.limits))
			})
		}
	}
}

func benchmarkSend(b *testing.B, h *house) {
	const cases = 64
	client := h.client()
	bodies := make([][]byte, b.N)
	challenge, err := client.Challenge(b.Context(), h.url)
	if err != nil {
		b.Fatal(err)
	}
	for c := range cases {
		mine, err := client.StartWith(b.Context(), h.keys(), "начало", "ru")
		if err != nil {
			b.Fatal(err)
		}
		for n := c; n < b.N; n += cases {
			if err := mine.Queue("ещё одно сообщение", "ru"); err != nil {
				b.Fatal(err)
			}
			envelopes := mine.Envelopes()
			post := seal.Post{Challenge: challenge.Challenge, Envelope: envelopes[len(envelopes)-1]}
			post.Solve()
			bodies[n] = post.Bytes()
		}
	}
	handler := h.intake.Handler()
	var next, busy atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	start := time.Now()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := bodies[next.Add(1)-1]
			for {
				w := httptest.NewRecorder()
				req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/envelope", bytes.NewReader(body))
				handler.ServeHTTP(w, req)
				if w.Code == http.StatusOK {
					break
				}
				if w.Code != http.StatusServiceUnavailable {
					b.Errorf("%d: %s", w.Code, w.Body)
					break
				}
				busy.Add(1)
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "msg/s")
	b.ReportMetric(float64(busy.Load())/float64(b.N), "busy/op")
	if n := h.db.Stats(); n.Commits > 0 {
		b.ReportMetric(float64(n.Updates)/float64(n.Commits), "updates/commit")
	}
}

// BenchmarkOpenEnvelope is the largest part of a message by itself.
func BenchmarkOpenEnvelope(b *testing.B) {
	id, err := seal.NewIdentity()
	if err != nil {
		b.Fatal(err)
	}
	file, _, err := seal.NewEnvelope(id.Recipient(), seal.Call{Op: seal.OpSend}, make([]byte, 3000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := seal.OpenEnvelope(id, file); err != nil {
			b.Fatal(err)
		}
	}
}
