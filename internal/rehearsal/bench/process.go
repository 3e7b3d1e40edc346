package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor times in /proc (proc(5), USER_HZ); Linux
// shows 100 of them a second to programs on every architecture Go knows.
const tick = 10 * time.Millisecond

// usage is what /proc says of a process.
type usage struct {
	parent int
	own    time.Duration // user and system, all threads
	ended  time.Duration // of its children that have ended
}

// usageOf reads /proc/PID/stat (proc(5)).
func usageOf(pid int) (u usage, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, fmt.Errorf("processor time is read from /proc, which only Linux has: %w", err)
	}
	// The name in parentheses may hold spaces; fields are counted behind it.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 15 {
		return u, fmt.Errorf("processor time: /proc shows %d fields", len(fields))
	}
	var n [15]int64
	for _, i := range []int{1, 11, 12, 13, 14} {
		if n[i], err = strconv.ParseInt(fields[i], 10, 64); err != nil {
			return u, fmt.Errorf("processor time: %w", err)
		}
	}
	return usage{parent: int(n[1]), own: time.Duration(n[11]+n[12]) * tick, ended: time.Duration(n[13]+n[14]) * tick}, nil
}

// processorTime is what a process has used.
func processorTime(pid int) (time.Duration, error) {
	u, err := usageOf(pid)
	return u.own, err
}

// familyTime is what a process and all its children have used, those that have
// ended too: a database with a process for each connection.
func familyTime(pid int) (time.Duration, error) {
	u, err := usageOf(pid)
	if err != nil {
		return 0, err
	}
	all := u.own + u.ended
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue // not a process
		}
		if c, err := usageOf(child); err == nil && c.parent == pid { // one that ends meanwhile is in ended
			all += c.own + c.ended
		}
	}
	return all, nil
}

// loadAverage is how many wanted a processor in the last minute, this program
// included; 0 where the system does not say.
func loadAverage() float64 {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), " ")
	n, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return n
}

// residentMiB is the memory of a process that is in RAM now, or its highest
// value so far.
func residentMiB(pid int, highest bool) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("memory is read from /proc, which only Linux has: %w", err)
	}
	field := "VmRSS:"
	if highest {
		field = "VmHWM:"
	}
	for line := range strings.Lines(string(raw)) {
		rest, found := strings.CutPrefix(line, field)
		if !found {
			continue
		}
		kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
		if err != nil {
			return 0, fmt.Errorf("memory: %w", err)
		}
		return kib / 1024, nil
	}
	return 0, fmt.Errorf("memory: /proc shows no %s", field)
}
