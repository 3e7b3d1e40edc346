package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Cluster is a PostgreSQL server that one test has for itself, to look into its
// files and to watch its processes.
type Cluster struct {
	URL string // of its only database
	Dir string // sockets, the data folder "data" and the server's log "log"
}

// NewCluster starts a server with settings ("name=value", without spaces) and
// stops it when the test ends.
func NewCluster(tb testing.TB, settings ...string) Cluster {
	tb.Helper()
	s, err := startServer(settings...)
	if err != nil {
		tb.Fatalf("PostgreSQL for one test: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.lifeline.Close(); err != nil { // the script stops it and removes the folder
			tb.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return Cluster{URL: s.url, Dir: s.dir}
}

// Processes lists the server's processes, the one that starts all others first.
func (c Cluster) Processes() ([]int, error) {
	text, err := os.ReadFile(filepath.Join(c.Dir, "data", "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	parent, err := strconv.Atoi(first)
	if err != nil {
		return nil, fmt.Errorf("postmaster.pid: %w", err)
	}
	pids := []int{parent}
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		// "PID (NAME) STATE PARENT …"; a name may hold anything.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) > 1 && fields[1] == first {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids, nil
}
