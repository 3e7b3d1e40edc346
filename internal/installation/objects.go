package installation

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"safeconduct/internal/backup"
	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
)

// attachments is where an installation keeps the bytes of attachments.
type attachments struct {
	blob.Store
	where string                  // for people
	used  func() (float64, error) // how full its disk is, 0 to 1
	tidy  func() error            // removes what a crash left half written
	close func() error
}

// openAttachments opens the folder of attachments, which all processes of an
// installation share.
func (in *Installation) openAttachments() (*attachments, error) {
	dir := in.ObjectsDir()
	files, err := blob.OpenFiles(dir)
	if err != nil {
		return nil, err
	}
	return &attachments{
		Store: files, where: dir, tidy: files.Tidy, close: files.Close,
		used: func() (float64, error) { return blob.DiskUsed(dir) },
	}, nil
}

// errNoAttachments: nothing has made the folder of attachments yet.
var errNoAttachments = errors.New("there is no folder of attachments yet")

// lookAtAttachments is openAttachments that makes nothing.
func (in *Installation) lookAtAttachments() (*attachments, error) {
	if _, err := os.Lstat(in.ObjectsDir()); errors.Is(err, fs.ErrNotExist) {
		return nil, errNoAttachments
	}
	return in.openAttachments()
}

// nowhere is a place of attachments that does not exist.
type nowhere struct{ blob.Store }

func (nowhere) List(context.Context, func(blob.Key) error) error { return nil }

func (nowhere) Get(context.Context, blob.Key) ([]byte, error) {
	return nil, hotline.Errorf(hotline.KindNotFound, "blob", "there is no such blob")
}

// ObjectsPlace says where attachments are kept, for people.
func (in *Installation) ObjectsPlace() string { return in.ObjectsDir() }

// restoreObjects puts the attachments of a backup where in keeps them. When it is
// cut off it goes on with what is not there yet.
func (r Restore) restoreObjects(ctx context.Context, in *Installation, load func(context.Context, func(context.Context, blob.Key, []byte) error) error) error {
	to, err := in.openAttachments()
	if err != nil {
		return err
	}
	err = load(ctx, backup.PutInto(to))
	if closeErr := to.close(); err == nil {
		err = closeErr
	}
	if hotline.KindOf(err) == hotline.KindUnavailable {
		return hotline.Errorf(hotline.KindUnavailable, "restore", "the attachments could not be put into %s: %w. Run the restore again: it goes on", filepath.Base(to.where), err)
	}
	return err
}
