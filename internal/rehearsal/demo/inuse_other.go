//go:build !unix

package demo

import (
	"errors"
	"syscall"
)

// wsaAddressInUse is WSAEADDRINUSE of Windows.
const wsaAddressInUse = syscall.Errno(10048)

// inUse reports whether a port cannot be had because somebody else has it.
func inUse(err error) bool { return errors.Is(err, wsaAddressInUse) }
