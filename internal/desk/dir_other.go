//go:build !unix

package desk

// dirLock does nothing where the system has no flock: see the manual, which
// asks for one program for each folder.
type dirLock struct{}

func lockDir(string) (*dirLock, error) { return &dirLock{}, nil }

func (*dirLock) release() {}

// syncDir does nothing where a folder cannot be flushed by itself.
func syncDir(string) error { return nil }
