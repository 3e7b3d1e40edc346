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
	plain    bool    // an answer of 200 alone says that it is kept
	fresh    bool    // a challenge for each letter when it goes, its work done then, and again where the door is busy
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
	work    int  // most bits that were asked for (fresh)
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
		all.work = max(all.work, r.work)
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
		status, body, err := l.send(conn, answers, sent, &o)
		took := time.Since(from)
		if err != nil {
			o.lost, o.why = o.lost+1, "a connection broke"
			return o
		}
		if why := l.judged(sent, status, body); why != "" {
			o.refused, o.why = o.refused+1, why
			continue
		}
		o.kept = append(o.kept, sent)
		o.took = append(o.took, took)
	}
	o.dry = true
	return o
}

// send posts a letter and reads the answer.
func (l load) send(conn net.Conn, answers *bufio.Reader, sent letter, o *outcome) (status int, body []byte, err error) {
	request := sent.request
	for range mostTries {
		if l.fresh {
			bits := 0
			if request, bits, err = l.anew(conn, answers, sent); err != nil {
				return 0, nil, err
			}
			o.work = max(o.work, bits)
		}
		if _, err := conn.Write(request); err != nil {
			return 0, nil, err
		}
		if status, body, err = readAnswer(answers); err != nil || !l.fresh || status != http.StatusServiceUnavailable {
			return status, body, err
		}
		time.Sleep(busyPause)
	}
	return status, body, nil
}

// How often, and after which pause, a letter goes again when the door is busy.
// Pages wait for seconds; a connection here stands for many pages.
const (
	mostTries = 1000
	busyPause = 50 * time.Millisecond
)

// anew takes a challenge for a letter over its own connection and works for it.
func (l load) anew(conn net.Conn, answers *bufio.Reader, sent letter) (request []byte, bits int, err error) {
	if _, err := fmt.Fprintf(conn, "GET /v1/challenge HTTP/1.1\r\nHost: %s\r\n\r\n", l.host); err != nil {
		return nil, 0, err
	}
	_, body, err := readAnswer(answers)
	if err != nil {
		return nil, 0, err
	}
	post, err := seal.ParsePost(sent.post)
	if err != nil {
		return nil, 0, err
	}
	if post.Challenge, err = parseChallenge(body); err != nil {
		return nil, 0, err
	}
	post.Solve()
	return requestFor(l.host, post.Bytes()), post.Wanted(), nil
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

// judged says why a letter was not kept, or nothing.
func (l load) judged(sent letter, status int, body []byte) string {
	if l.plain && status == http.StatusOK {
		return ""
	}
	return judge(sent, status, body)
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
