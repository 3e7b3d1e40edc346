//go:build unix

package demo

import (
	"errors"
	"syscall"
)

// inUse reports whether a port cannot be had because somebody else has it.
func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
