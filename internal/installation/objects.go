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
	check func(context.Context) error
	close func() error
}

// S3 says where attachments are kept when no folder is seen by all nodes.
type S3 struct {
	Endpoint    string `json:"endpoint"` // https://host[:port]
	Bucket      string `json:"bucket"`   // without versioning
	Region      string `json:"region,omitempty"`
	Prefix      string `json:"prefix,omitempty"`      // of the names in it
	Credentials string `json:"credentials,omitempty"` // file with access key and secret key, "secret/s3.txt"
}

// s3File is where the credentials of a bucket are kept unless it is said otherwise.
func (in *Installation) s3File() string {
	return in.inside(in.Config.S3.Credentials, filepath.Join(secretDir, "s3.txt"))
}

func (in *Installation) openS3() (*attachments, error) {
	c := in.Config.S3
	raw, err := os.ReadFile(in.s3File())
	if err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "open attachments", "the file of S3 credentials cannot be read: %w", err)
	}
	key, err := blob.ParseS3Key(raw)
	if err != nil {
		return nil, err
	}
	s, err := blob.OpenS3(blob.S3Config{Endpoint: c.Endpoint, Bucket: c.Bucket, Region: c.Region, Prefix: c.Prefix, Key: key})
	if err != nil {
		return nil, err
	}
	none := func() error { return nil }
	return &attachments{
		Store: s, where: in.ObjectsPlace(), tidy: none, check: s.Check, close: none,
		used: func() (float64, error) { return 0, nil }, // a bucket says not how full it is
	}, nil
}

// copyS3 takes the credentials of a bucket over from another installation.
func (in *Installation) copyS3(from *Installation) error {
	if from.Config.S3 == nil || filepath.IsAbs(from.Config.S3.Credentials) {
		return nil
	}
	raw, err := os.ReadFile(from.s3File())
	if err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "restore", "the file of S3 credentials cannot be read: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(in.s3File()), 0o700); err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "restore", "the file of S3 credentials cannot be copied: %w", err)
	}
	return writeNew(in.s3File(), raw)
}

// openAttachments opens the bucket, or the folder of attachments, which all
// processes of an installation share.
func (in *Installation) openAttachments() (*attachments, error) {
	if in.Config.S3 != nil {
		return in.openS3()
	}
	dir := in.ObjectsDir()
	files, err := blob.OpenFiles(dir)
	if err != nil {
		return nil, err
	}
	return &attachments{
		Store: files, where: dir, tidy: files.Tidy, close: files.Close, check: func(context.Context) error { return nil },
		used: func() (float64, error) { return blob.DiskUsed(dir) },
	}, nil
}

// errNoAttachments: nothing has made the folder of attachments yet.
var errNoAttachments = errors.New("there is no folder of attachments yet")

// lookAtAttachments is openAttachments that makes nothing, and asks whether it can be used.
func (in *Installation) lookAtAttachments(ctx context.Context) (*attachments, error) {
	if in.Config.S3 != nil {
		at, err := in.openS3()
		if err == nil {
			err = at.check(ctx)
		}
		return at, err
	}
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
func (in *Installation) ObjectsPlace() string {
	if c := in.Config.S3; c != nil {
		return c.Endpoint + "/" + c.Bucket + "/" + c.Prefix
	}
	return in.ObjectsDir()
}

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
