//go:build unix

package desk

import (
	"fmt"
	"os"
	"syscall"

	"safeconduct/internal/hotline"
)

// dirLock keeps two programs from working in one folder: they would send each
// other's outbox. The system lets go of it when a program dies.
type dirLock struct{ file *os.File }

func lockDir(path string) (*dirLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("desk folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, hotline.Errorf(hotline.KindConflict, "desk folder", "another desk program works in this folder: close it first")
	}
	return &dirLock{f}, nil
}

func (l *dirLock) release() { _ = l.file.Close() }

// syncDir puts a folder's entries on the disk: without it a power cut can undo
// a rename.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
