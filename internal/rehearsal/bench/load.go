package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// load sends letters over a fixed number of connections.
type load struct {
	host     string
	lanes    [][]letter // one for each connection, in the order in which they go
	duration time.Duration
	rate     float64 // letters a second, at fixed times; 0: each when the one before was answered
}

// outcome is what became of a load.
type outcome struct {
	kept    []letter // answered "received"
	took    []time.Duration
	refused int // answered otherwise: full, or wrong
	lost    int // not answered: a connection broke
	why     string
	elapsed time.Duration
	dry     bool // the letters ran out before the time did
}

// run sends until the time is up or the letters have run out.
func (l load) run(ctx context.Context) (outcome, error) {
	conns := make([]net.Conn, len(l.lanes))
	defer func() {
		for _, c := range conns {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	var d net.Dialer
	for i := range conns {
		var err error
		if conns[i], err = d.DialContext(ctx, "tcp", l.host); err != nil {
			return outcome{}, fmt.Errorf("bench: %w", err)
		}
	}
	results := make([]outcome, len(l.lanes))
	begin := time.Now()
	stop := context.AfterFunc(ctx, func() {
		for _, c := range conns {
			_ = c.SetDeadline(time.Unix(1, 0))
		}
	})
	defer stop()
	var wg sync.WaitGroup
	for i := range l.lanes {
		wg.Go(func() { results[i] = l.lane(conns[i], i, begin) })
	}
	wg.Wait()
	all := outcome{elapsed: time.Since(begin), dry: true}
	for _, r := range results {
		all.kept = append(all.kept, r.kept...)
		all.took = append(all.took, r.took...)
		all.refused += r.refused
		all.lost += r.lost
		all.dry = all.dry && r.dry
		if r.why != "" {
			all.why = r.why
		}
	}
	slices.Sort(all.took)
	return all, ctx.Err()
}

// due is when the n-th letter of a lane goes at a fixed rate: the lanes take
// turns. What is late counts from when it should have gone, so that a server
// that stalls does not slow down what measures it.
func (l load) due(begin time.Time, lane, n int) time.Time {
	turn := n*len(l.lanes) + lane
	return begin.Add(time.Duration(float64(turn) / l.rate * float64(time.Second)))
}

func (l load) lane(conn net.Conn, lane int, begin time.Time) outcome {
	o := outcome{kept: make([]letter, 0, len(l.lanes[lane])), took: make([]time.Duration, 0, len(l.lanes[lane]))}
	answers := bufio.NewReaderSize(conn, 8<<10)
	end := begin.Add(l.duration)
	_ = conn.SetDeadline(end.Add(30 * time.Second))
	for n, sent := range l.lanes[lane] {
		from := time.Now()
		if l.rate > 0 {
			if from = l.due(begin, lane, n); from.Before(end) {
				time.Sleep(time.Until(from))
			}
		}
		if !from.Before(end) {
			return o
		}
		if _, err := conn.Write(sent.request); err != nil {
			o.lost, o.why = o.lost+1, "a connection broke while sending"
			return o
		}
		status, body, err := readAnswer(answers)
		took := time.Since(from)
		if err != nil {
			o.lost, o.why = o.lost+1, "a connection broke while waiting"
			return o
		}
		if why := judge(sent, status, body); why != "" {
			o.refused, o.why = o.refused+1, why
			continue
		}
		o.kept = append(o.kept, sent)
		o.took = append(o.took, took)
	}
	o.dry = true
	return o
}

// readAnswer reads one HTTP answer; the connection stays.
func readAnswer(r *bufio.Reader) (int, []byte, error) {
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// judge opens an answer. Only "received" means that it is on disk.
func judge(l letter, status int, body []byte) string {
	if status != http.StatusOK {
		return fmt.Sprintf("status %d: %.100s", status, body)
	}
	a, _, err := l.answer.Open(body)
	if err != nil {
		return "an answer does not open: " + hotline.KindOf(err).String()
	}
	if a.Status != seal.StatusReceived {
		return fmt.Sprintf("%s: %s", a.Status, a.Text)
	}
	return ""
}

// percentile of sorted times, by the nearest rank, in milliseconds.
func percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(float64(len(sorted))*p/100+0.999999) - 1
	return milliseconds(sorted[min(max(rank, 0), len(sorted)-1)])
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
