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

// processorTime is what a process has used, user and system, all threads.
func processorTime(pid int) (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("processor time is read from /proc, which only Linux has: %w", err)
	}
	// The name in parentheses may hold spaces; fields are counted behind it.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("processor time: /proc shows %d fields", len(fields))
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	return time.Duration(user+system) * tick, nil
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
