package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"safeconduct/internal/store/storetest"
)

// TestFlushedBeforeAcknowledged watches the system calls of the server, and of
// PostgreSQL: between a message's arrival and the first byte of "received" its
// bytes were written to the database's log, and then the disk was told to keep
// them.
func TestFlushedBeforeAcknowledged(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			n, err := flushedBeforeAnswered(traceServer(t, engine, built.product))
			if err != nil {
				t.Error(err)
			}
			if n != traced {
				t.Errorf("the trace shows %d messages, %d were sent", n, traced)
			}
		})
	}
}

// TestUnflushedBuildIsFound runs the same check on a build that does not flush
// (synchronous_commit=off on PostgreSQL): a check that cannot fail would show
// nothing.
func TestUnflushedBuildIsFound(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			binary, err := careless()
			if err != nil {
				t.Fatal(err)
			}
			n, err := flushedBeforeAnswered(traceServer(t, engine, binary))
			if err == nil {
				t.Errorf("%d messages, and the check did not see that nothing was flushed", n)
			} else if !strings.Contains(err.Error(), "acknowledged before") {
				t.Errorf("the check failed for another reason: %v", err)
			}
		})
	}
}

// traced is how many messages are sent under the eyes of strace, one after the
// other.
const traced = 8

// traceServer returns what strace saw while messages were sent. PostgreSQL is
// one of the test's own, watched from before the product connects: who commits
// is a process that is started for the connection.
func traceServer(t *testing.T, engine, binary string) string {
	t.Helper()
	strace := program(t, "strace", "run scripts/setup (Debian package strace)")
	log := filepath.Join(t.TempDir(), "trace")
	wrap := []string{
		strace, "-f", "-y", "-s", "24", "-o", log,
		"-e", "trace=read,write,writev,sendto,pwrite64,pwritev,fsync,fdatasync,sync_file_range",
	}
	options := []option{withBinary(binary)}
	if engine == storetest.Postgres {
		// The process that writes the log from time to time must not be what saves
		// a build that does not wait for it.
		c := storetest.NewCluster(t, "wal_writer_delay=10s", "wal_sync_method=fdatasync", "autovacuum=off")
		pids, err := c.Processes()
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range pids {
			wrap = append(wrap, "-p", strconv.Itoa(pid))
		}
		// strace must not wait for PostgreSQL to end when it is asked to stop.
		wrap, options = append(wrap, "-I", "waiting"), append(options, onCluster(c))
	}
	h := newHouse(t, append(options, under(wrap...))...)
	c, err := h.contact().StartWith(t.Context(), quickKeys(t), "first", "ru")
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < traced; i++ {
		if err := c.Send(t.Context(), fmt.Sprintf("and another, number %d", i), "ru"); err != nil {
			t.Fatal(err)
		}
	}
	h.server.stop() // and not killed, or strace would keep the end to itself
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	// straceLine is "PID call(fd</path>, …" or "PID <... call resumed>…".
	straceLine = regexp.MustCompile(`^(\d+) +(?:(\w+)\((\d+)<([^>]*)>|<\.\.\. (\w+) resumed>)(.*)$`)
	// net/http reads the first byte of the next request by itself while it waits.
	arrival = regexp.MustCompile(`^(?:, )?"P?OST /v1/envelope `)
	kept    = regexp.MustCompile(`^, "HTTP/1\.1 200 `)
)

// call is a system call that has begun and not ended.
type call struct{ name, fd, path string }

// watch follows one message through a trace.
type watch struct {
	socket  string          // on which it came; "" when none is under way
	written bool            // something was written to the log since
	flushed bool            // and a flush that began after it has ended: jobs of the server write too, before and after
	pending map[string]call // by thread
	flushes map[string]bool // threads whose flush began after the newest write
	seen    int
}

// flushedBeforeAnswered reads a trace and returns how many messages it holds.
func flushedBeforeAnswered(trace string) (int, error) {
	w := &watch{pending: map[string]call{}, flushes: map[string]bool{}}
	for line := range strings.Lines(trace) {
		m := straceLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		thread, rest := m[1], m[6]
		c := call{m[2], m[3], m[4]}
		begins, ends := m[5] == "", true
		if begins {
			if strings.HasSuffix(rest, "<unfinished ...>") {
				w.pending[thread], ends = c, false
			}
		} else {
			c = w.pending[thread]
			delete(w.pending, thread)
		}
		if err := w.step(thread, c, rest, begins, ends); err != nil {
			return w.seen, err
		}
	}
	if w.seen == 0 {
		return 0, fmt.Errorf("the trace shows no message at all")
	}
	return w.seen, nil
}

func (w *watch) step(thread string, c call, rest string, begins, ends bool) error {
	log := strings.HasSuffix(c.path, "-wal") || strings.Contains(c.path, "/pg_wal/")
	switch c.name {
	case "read":
		// A read that waited shows its bytes when it resumes.
		if ends && arrival.MatchString(rest) {
			w.socket, w.written, w.flushed = c.fd, false, false
		}
	case "pwrite64", "pwritev":
		if begins && log {
			w.written = true
			clear(w.flushes) // a flush that is under way does not cover this
		}
	case "fsync", "fdatasync":
		if begins && log {
			w.flushes[thread] = true
		}
		if ends && log && w.flushes[thread] {
			delete(w.flushes, thread)
			w.flushed = w.flushed || w.written && strings.HasSuffix(rest, "= 0")
		}
	case "write", "writev", "sendto":
		if !begins || c.fd != w.socket || !kept.MatchString(rest) {
			return nil
		}
		w.socket = ""
		w.seen++
		switch {
		case !w.written:
			return fmt.Errorf("message %d was acknowledged before anything was written", w.seen)
		case !w.flushed:
			return fmt.Errorf("message %d was acknowledged before it was flushed", w.seen)
		}
	}
	return nil
}
