//go:build unix

package doorway

import "syscall"

// openFiles is how many files this process may open. Go raises the soft limit
// to the hard one at start.
func openFiles() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 1024
	}
	return int(min(l.Cur, 1<<20))
}
