package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"safeconduct/internal/hotline"
)

// Files keeps blobs in a folder: ab/abcdef….
type Files struct{ root *os.Root }

const newPrefix = ".new-"

// OpenFiles opens a folder and makes it where it is missing. Nothing outside
// of it is ever touched, whatever links somebody puts into it.
func OpenFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "blob", "the folder of attachments cannot be made: %w", err)
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return nil, hotline.Errorf(hotline.KindInvalid, "blob", "the folder of attachments must be a folder, not a link")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unavailable(err)
	}
	return &Files{root}, nil
}

// Close lets go of the folder.
func (f *Files) Close() error { return f.root.Close() }

func place(k Key) (dir, path string) {
	name := k.String()
	return name[:2], name[:2] + "/" + name
}

// Put writes beside, flushes, and renames, so that a blob is there whole or not
// at all; the folders are flushed too. The file's time is set to a constant.
func (f *Files) Put(_ context.Context, key Key, content []byte) error {
	if err := checkSize(content); err != nil {
		return err
	}
	dir, path := place(key)
	switch err := f.root.Mkdir(dir, 0o700); {
	case err == nil:
		if err := f.sync("."); err != nil {
			return unavailable(err)
		}
	case !errors.Is(err, fs.ErrExist):
		return unavailable(err)
	}
	if err := f.realDir(dir); err != nil {
		return err
	}
	tmp := dir + "/" + newPrefix + rand.Text()
	if err := f.write(tmp, content); err != nil {
		_ = f.root.Remove(tmp) // what stays is swept by List
		return unavailable(err)
	}
	if err := f.root.Rename(tmp, path); err != nil {
		_ = f.root.Remove(tmp)
		return unavailable(err)
	}
	if err := f.sync(dir); err != nil {
		return unavailable(err)
	}
	return nil
}

func (f *Files) write(name string, content []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = f.root.Chtimes(name, time.Unix(0, 0), time.Unix(0, 0))
	}
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// realDir refuses a link in the place of a folder.
func (f *Files) realDir(dir string) error {
	info, err := f.root.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return notFound()
	case err != nil:
		return unavailable(err)
	case !info.IsDir():
		return hotline.Errorf(hotline.KindInternal, "blob", "something else stands where a folder of attachments was")
	}
	return nil
}

// Get reads a blob. A link is not followed.
func (f *Files) Get(_ context.Context, key Key) ([]byte, error) {
	dir, path := place(key)
	if err := f.realDir(dir); err != nil {
		return nil, err
	}
	info, err := f.root.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, notFound()
	case err != nil:
		return nil, unavailable(err)
	case !info.Mode().IsRegular() || info.Size() > MaxSize:
		return nil, hotline.Errorf(hotline.KindInternal, "blob", "something else stands where an attachment was")
	}
	file, err := f.root.Open(path)
	if err != nil {
		return nil, unavailable(err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, unavailable(err)
	}
	return content, nil
}

// Delete removes a blob and flushes its folder.
func (f *Files) Delete(_ context.Context, key Key) error {
	dir, path := place(key)
	if err := f.root.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return unavailable(err)
	}
	if err := f.sync(dir); err != nil {
		return unavailable(err)
	}
	return nil
}

// List visits every blob. What is no blob is left alone.
func (f *Files) List(ctx context.Context, visit func(Key) error) error {
	folders, err := f.names(".")
	if err != nil {
		return err
	}
	for _, dir := range folders {
		if len(dir) != 2 || f.realDir(dir) != nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		names, err := f.names(dir)
		if err != nil {
			return err
		}
		for _, name := range names {
			key, err := ParseKey(name)
			if err != nil || !strings.HasPrefix(name, dir) {
				continue
			}
			if err := visit(key); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tidy removes what a crash left half written. Call it before the first Put.
func (f *Files) Tidy() error {
	folders, err := f.names(".")
	if err != nil {
		return err
	}
	for _, dir := range folders {
		if len(dir) != 2 || f.realDir(dir) != nil {
			continue
		}
		names, err := f.names(dir)
		if err != nil {
			return err
		}
		for _, name := range names {
			if strings.HasPrefix(name, newPrefix) {
				if err := f.root.Remove(dir + "/" + name); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return unavailable(err)
				}
			}
		}
	}
	return nil
}

func (f *Files) names(dir string) ([]string, error) {
	d, err := f.root.Open(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, unavailable(err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, unavailable(err)
	}
	return names, nil
}

// sync puts a folder's entries on the disk: without it a power cut can undo a
// rename.
func (f *Files) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	defer d.Close()
	return d.Sync()
}
