package installation

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// NoDump keeps the system from writing this process's memory to a disk when it
// crashes: what a person wrote may be in it for a moment. The limit alone does
// not hold where dumps go to a program (core(5)); a process that is not dumpable
// also keeps out debuggers of other accounts (prctl(2)).
func NoDump() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
