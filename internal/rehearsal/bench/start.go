package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"safeconduct/internal/hotline"
)

// Start says how to measure the start of a server and its memory when idle.
type Start struct {
	Database string // postgres:// URL of an empty database; "" for SQLite in a temporary folder
	Times    int
	Idle     time.Duration
	Program  Program
	Clock    func() time.Time
	Say      func(format string, args ...any)
}

// StartFigures are what was measured.
type StartFigures struct {
	Times   int     `json:"times"`
	Median  float64 `json:"start_ms"` // from starting the process to the first "ok" of the public door
	Slowest float64 `json:"start_slowest_ms"`
	IdleRSS float64 `json:"idle_rss_mib"` // highest of all starts
}

// WriteJSON writes the figures for programs.
func (f StartFigures) WriteJSON(w io.Writer) error { return writeJSON(w, f) }

// WriteTable writes the figures for people.
func (f StartFigures) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "start\t%.0f ms in the middle of %d starts, %.0f ms at the slowest\n", f.Median, f.Times, f.Slowest)
	fmt.Fprintf(t, "memory when idle\t%.0f MiB\n", f.IdleRSS)
	return t.Flush()
}

// Run measures.
func (o Start) Run(ctx context.Context) (f StartFigures, err error) {
	if o.Times < 1 || o.Times > 1000 || o.Idle < 0 || o.Idle > time.Hour {
		return f, hotline.Errorf(hotline.KindInvalid, "bench", "between 1 and 1000 starts, idle for up to an hour")
	}
	dir, err := os.MkdirTemp("", "safeconduct-bench-")
	if err != nil {
		return f, hotline.Errorf(hotline.KindUnavailable, "bench", "no folder to measure in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	authority := filepath.Join(dir, "authority")
	if _, err := makeAuthority(ctx, authority, o.Database, o.Clock); err != nil {
		return f, err
	}
	var took []float64
	for n := range o.Times {
		o.Say("start %d of %d", n+1, o.Times)
		ms, rss, err := o.once(ctx, authority)
		if err != nil {
			return f, err
		}
		took = append(took, ms)
		f.IdleRSS = max(f.IdleRSS, rss)
	}
	slices.Sort(took)
	f.Times, f.Median, f.Slowest = o.Times, took[(len(took)-1)/2], took[len(took)-1]
	return f, nil
}

func (o Start) once(ctx context.Context, dir string) (ms, rss float64, err error) {
	begin := time.Now()
	s, err := startServer(ctx, o.Program, dir)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.kill()) }()
	if err := healthy(ctx, s.origin); err != nil {
		return 0, 0, err
	}
	took := time.Since(begin)
	select {
	case <-time.After(o.Idle):
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
	rss, err = residentMiB(s.cmd.Process.Pid, false)
	return milliseconds(took), rss, err
}

func healthy(ctx context.Context, host string) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("bench: the server says it is ready and does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return hotline.Errorf(hotline.KindUnavailable, "bench", "the server answers with status %d", resp.StatusCode)
	}
	return nil
}
