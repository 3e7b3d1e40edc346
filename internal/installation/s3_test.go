package installation_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/blob/s3test"
	"safeconduct/internal/installation"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
	"safeconduct/internal/store/storetest"
)

// inBucket makes an installation whose attachments lie in a bucket.
func inBucket(t *testing.T, srv *s3test.Server, secret string) *installation.Installation {
	t.Helper()
	in := made(t, settings(filepath.Join(t.TempDir(), "house")))
	in.Config.S3 = &installation.S3{Endpoint: srv.URL, Bucket: s3test.Bucket, Region: s3test.Region, Prefix: "house"}
	do(t, os.WriteFile(filepath.Join(in.Dir, "secret", "s3.txt"), []byte(s3test.KeyID+"\n"+secret+"\n"), 0o600))
	raw, err := json.Marshal(in.Config)
	do(t, err)
	do(t, os.WriteFile(filepath.Join(in.Dir, "server.json"), raw, 0o600))
	return in
}

// putBlob keeps a file of one part in the bucket, with its rows, and returns its name.
func putBlob(t *testing.T, in *installation.Installation, srv *s3test.Server) string {
	t.Helper()
	ctx, d := t.Context(), storetest.Open(t, in.DatabaseURL())
	key, err := blob.NewKey()
	do(t, err)
	srv.Keep("house/"+key.String()[:2]+"/"+key.String(), []byte("sealed"))
	c, id, record, sum := storetest.NewCase(t, d, nil), storetest.Bytes(16), storetest.Bytes(32), sha256.Sum256([]byte("sealed"))
	do(t, d.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.InsertObject(ctx, db.InsertObjectParams{CaseID: c.ID, ID: id, Side: "contact", Size: 6, Parts: 1, Hour: 1}); err != nil {
			return err
		}
		if _, err := tx.InsertObjectPart(ctx, db.InsertObjectPartParams{CaseID: c.ID, ObjectID: id, Hash: sum[:], Blob: key[:]}); err != nil {
			return err
		}
		if _, err := tx.InsertRecord(ctx, db.InsertRecordParams{ID: record, CaseID: c.ID, Side: "contact", File: []byte("f"), Hour: 1}); err != nil {
			return err
		}
		_, err := tx.NameObject(ctx, db.NameObjectParams{RecordID: record, CaseID: c.ID, ID: id, Side: "contact"})
		return err
	}))
	return key.String()
}

// lines is a log that tells of what it holds.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startUp serves until both doors are open, and returns what was logged.
func startUp(t *testing.T, in *installation.Installation) (string, error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log := &lines{}
	listen := func() net.Listener {
		var l net.ListenConfig
		got, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
		do(t, err)
		return got
	}
	err := in.Run(ctx, installation.Run{
		Public: listen(), Desk: listen(), Clock: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)), Ready: func(_, _ net.Addr) { stop() },
	})
	return log.String(), err
}

// A bucket that cannot be used is said at the start and by the doctor, without its
// credentials; text goes on. One that keeps old versions is refused.
func TestBucketFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secret string
		harm   func(*s3test.Server)
		word   string
		starts bool
	}{
		"a sound one":       {s3test.Secret, func(*s3test.Server) {}, "", true},
		"wrong credentials": {"another-secret", func(*s3test.Server) {}, "refuses the credentials", true},
		"no bucket":         {s3test.Secret, (*s3test.Server).Drop, "there is no S3 bucket", true},
		"old versions":      {s3test.Secret, func(s *s3test.Server) { s.KeepVersions("Enabled") }, "keeps old versions", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := s3test.New(t)
			c.harm(srv)
			in := inBucket(t, srv, c.secret)
			finding := states(t, in.Dir, time.Now())["attachments"]
			if (finding.State == installation.StateOK) != (c.word == "") || !strings.Contains(finding.Text, c.word) || strings.Contains(finding.Text, c.secret) {
				t.Errorf("doctor: %+v", finding)
			}
			log, err := startUp(t, in)
			if (err == nil) != c.starts || strings.Contains(log, c.secret) {
				t.Errorf("start: %v\n%s", err, log)
			}
			if c.starts && !strings.Contains(log, c.word) || err != nil && !strings.Contains(err.Error(), c.word) {
				t.Errorf("said at the start: %v\n%s", err, log)
			}
		})
	}
}

// A backup of a house with a bucket holds its attachments, and a restore puts
// them into a bucket again.
func TestBucketBackup(t *testing.T) {
	t.Parallel()
	srv := s3test.New(t)
	in := inBucket(t, srv, s3test.Secret)
	key := putBlob(t, in, srv)
	taken, err := in.Backup(t.Context(), in.BackupTarget(), time.Now, nil)
	do(t, err)
	if o := taken.Manifest.Objects; o.Parts != 1 || o.Missing != 0 || o.Bytes != int64(len("sealed")) {
		t.Errorf("in the backup: %+v", o)
	}
	srv.Forget()
	to := filepath.Join(t.TempDir(), "new")
	_, err = installation.Restore{From: taken.Path, Keys: in.BackupTarget().Keys, Secrets: in.Dir, To: to, Clock: time.Now}.Run(t.Context())
	do(t, err)
	if names := srv.Names(); len(names) != 1 || !strings.HasSuffix(names[0], key) {
		t.Errorf("in the bucket: %v", names)
	}
	if f := states(t, to, time.Now())["attachments"]; f.State != installation.StateOK {
		t.Errorf("after the restore: %+v", f)
	}
}
