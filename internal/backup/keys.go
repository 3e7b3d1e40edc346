package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteKeys writes the key store as the database has it now, over the one that is
// there. The new one is read back before it takes the name; on any error the old
// one stays as it was. What the old file held is overwritten: it may hold the
// wraps of a key that was destroyed.
func (s Source) WriteKeys(ctx context.Context, path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileError("the folder of the key store cannot be made", err)
	}
	// One at a time, from reading the database on: else who has read earlier could
	// bring back what has been destroyed since.
	unlock, err := waitForFolder(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer unlock()
	part := path + partSuffix
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	s.Progress = nil
	if err := writeFile(part, func(w io.Writer) error {
		_, _, err := s.write(ctx, KindKeys, w)
		return err
	}); err != nil {
		return err
	}
	if _, err := CheckFile(part, s.Signer.Verifier()); err != nil {
		return fmt.Errorf("the key store was written, but does not verify, and was removed; the one before is still there: %w", err)
	}
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fileError("the key store cannot be written over", err)
	}
	if err := giveName(part, path); err != nil {
		if old != nil {
			_ = old.Close()
		}
		return err
	}
	if old == nil {
		return nil
	}
	if err := errors.Join(blank(old), old.Close()); err != nil {
		return fileError("the old key store cannot be overwritten", err)
	}
	return nil
}

// blank overwrites what a file holds, in the blocks where it is.
func blank(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 64<<10)
	for at := int64(0); at < info.Size(); at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), info.Size()-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
}
