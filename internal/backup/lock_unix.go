//go:build unix

package backup

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"safeconduct/internal/hotline"
)

// lockFolder keeps two backups from working in one folder. The system lets go of it
// when a program dies.
func lockFolder(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fileError("the folder of backups cannot be locked", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, hotline.Errorf(hotline.KindBusy, "backup", "another backup is being taken in %s; wait until it is done", dir)
	}
	return func() { _ = f.Close() }, nil
}

// waitForFolder is lockFolder for what takes a moment: it waits for its turn.
func waitForFolder(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, ".keys.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fileError("the folder of the key store cannot be locked", err)
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		_ = f.Close()
		return nil, fileError("the folder of the key store cannot be locked", err)
	}
	return func() { _ = f.Close() }, nil
}

// syncDir puts a folder's entries on the disk: without it a power cut can undo a rename.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
