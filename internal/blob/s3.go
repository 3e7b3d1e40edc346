package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"safeconduct/internal/hotline"
)

// S3 keeps blobs in a bucket of an S3 server, for several nodes without a folder
// that all see. Names are those of [Files].
type S3 struct {
	core   minio.Core
	bucket string
	prefix string // "" or ends with "/"
}

// S3Config says where a bucket is. Credentials stand in a file of their own.
type S3Config struct {
	Endpoint string // https://host[:port]; http:// for an address of this computer alone
	Bucket   string
	Region   string
	Prefix   string // of the names in the bucket, such as "safeconduct/"
	Key      S3Key

	Patience time.Duration     // for one request with its retries, 0 for the default
	HTTP     http.RoundTripper // nil for the default
}

// S3Key is the two words of credentials. It shows nothing.
type S3Key struct{ id, secret string }

// String shows nothing.
func (S3Key) String() string { return "credentials(hidden)" }

// GoString shows nothing.
func (S3Key) GoString() string { return "credentials(hidden)" }

// ParseS3Key reads a file of credentials: the access key in its first line, the
// secret key in its second.
func ParseS3Key(file []byte) (S3Key, error) {
	lines := strings.Fields(string(file))
	if len(lines) != 2 {
		return S3Key{}, hotline.Errorf(hotline.KindInvalid, "blob", "the file of S3 credentials has two lines: the access key and the secret key")
	}
	return S3Key{lines[0], lines[1]}, nil
}

const (
	s3Patience = 30 * time.Second
	s3Retries  = 4 // attempts, where it may pass: 500, 503, a lost connection; with growing pauses
)

// OpenS3 makes a client. It asks the server nothing; see Check.
func OpenS3(c S3Config) (*S3, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "blob", "an S3 endpoint is https://host or https://host:port")
	}
	if host := u.Hostname(); u.Scheme == "http" && host != "127.0.0.1" && host != "::1" && host != "localhost" {
		return nil, hotline.Errorf(hotline.KindInvalid, "blob", "an S3 endpoint without TLS must be on this computer")
	}
	if c.Bucket == "" || strings.Contains(c.Prefix, "..") || strings.HasPrefix(c.Prefix, "/") {
		return nil, hotline.Errorf(hotline.KindInvalid, "blob", "an S3 bucket needs a name, and a prefix is a plain folder")
	}
	if c.Prefix != "" && !strings.HasSuffix(c.Prefix, "/") {
		c.Prefix += "/"
	}
	if c.Region == "" {
		c.Region = "us-east-1" // what servers that have no regions call theirs
	}
	base := c.HTTP
	if base == nil {
		if base, err = minio.DefaultTransport(u.Scheme == "https"); err != nil {
			return nil, fmt.Errorf("blob: %w", err)
		}
	}
	if c.Patience <= 0 {
		c.Patience = s3Patience
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.Key.id, c.Key.secret, ""), Secure: u.Scheme == "https", Region: c.Region,
		BucketLookup: minio.BucketLookupPath, MaxRetries: s3Retries, Transport: patient{base, c.Patience},
	})
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "blob", "the S3 server cannot be used: %w", err)
	}
	return &S3{core: *core, bucket: c.Bucket, prefix: c.Prefix}, nil
}

// patient bounds how long one attempt may wait for the head of its answer.
type patient struct {
	http.RoundTripper
	bound time.Duration
}

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	timer := time.AfterFunc(p.bound, cancel)
	res, err := p.RoundTripper.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		if !timer.Stop() && r.Context().Err() == nil {
			return nil, errors.New("the S3 server is too slow")
		}
		return nil, err
	}
	res.Body = &body{res.Body, timer, cancel}
	return res, nil
}

// body keeps the timer of a request until what it answered was read.
type body struct {
	io.ReadCloser
	timer  *time.Timer
	cancel context.CancelFunc
}

func (b *body) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}

// Check asks whether the bucket can be used: it is there, the credentials open
// it, and it keeps no old versions, in which what was put away would stay.
func (s *S3) Check(ctx context.Context) error {
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err != nil {
		return s.fault(err)
	}
	if !there {
		return s.noBucket()
	}
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, MaxKeys: 1}) {
		if o.Err != nil {
			return s.fault(o.Err)
		}
		break
	}
	versions, err := s.core.GetBucketVersioning(ctx, s.bucket)
	if err != nil {
		if code := minio.ToErrorResponse(err).Code; code == "NotImplemented" || code == "MethodNotAllowed" {
			return nil // a server that keeps no versions
		}
		return s.fault(err)
	}
	if versions.Status != "" {
		return hotline.Errorf(hotline.KindInvalid, "blob",
			"the S3 bucket %s keeps old versions: what a person has put away would stay in it. Use a bucket that never had versioning on", s.bucket)
	}
	return nil
}

func (s *S3) noBucket() error {
	return hotline.Errorf(hotline.KindUnavailable, "blob", "there is no S3 bucket %s: make it, or put its name in server.json right", s.bucket)
}

// fault says in words what an S3 server said. No credential stands in it.
func (s *S3) fault(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	switch code := minio.ToErrorResponse(err).Code; code {
	case "NoSuchKey":
		return notFound()
	case "NoSuchBucket":
		return s.noBucket()
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed":
		return hotline.Errorf(hotline.KindUnavailable, "blob", "the S3 server refuses the credentials (%s): look at the file that server.json names, and at the rights of that key on the bucket %s", code, s.bucket)
	case "SlowDown", "ServiceUnavailable", "InternalError":
		return hotline.Errorf(hotline.KindUnavailable, "blob", "the S3 server cannot answer now (%s)", code)
	case "RequestTimeTooSkewed":
		return hotline.Errorf(hotline.KindUnavailable, "blob", "this computer's clock and that of the S3 server differ: set the clock")
	}
	return unavailable(err)
}

func (s *S3) name(k Key) string {
	_, path := place(k)
	return s.prefix + path
}

// Put keeps a blob; the server has said that it has all of it when Put returns nil.
func (s *S3) Put(ctx context.Context, key Key, content []byte) error {
	if err := checkSize(content); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	_, err := s.core.PutObject(ctx, s.bucket, s.name(key), bytes.NewReader(content), int64(len(content)), "", hex.EncodeToString(sum[:]),
		minio.PutObjectOptions{
			ContentType: "application/octet-stream", DisableContentSha256: true, // the hash of the whole, above, instead of one for each chunk
		})
	if err != nil {
		return s.fault(err)
	}
	return nil
}

// Get returns a blob.
func (s *S3) Get(ctx context.Context, key Key) ([]byte, error) {
	r, info, _, err := s.core.GetObject(ctx, s.bucket, s.name(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, s.fault(err)
	}
	defer r.Close()
	if info.Size > MaxSize {
		return nil, hotline.Errorf(hotline.KindInternal, "blob", "something else stands where an attachment was")
	}
	content, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, s.fault(err)
	}
	if int64(len(content)) != info.Size {
		return nil, unavailable(io.ErrUnexpectedEOF)
	}
	return content, nil
}

// Delete removes a blob.
func (s *S3) Delete(ctx context.Context, key Key) error {
	err := s.core.RemoveObject(ctx, s.bucket, s.name(key), minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).Code != "NoSuchKey" {
		return s.fault(err)
	}
	return nil
}

// List visits every blob. What is no blob is left alone.
func (s *S3) List(ctx context.Context, visit func(Key) error) error {
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if o.Err != nil {
			return s.fault(o.Err)
		}
		dir, name, _ := strings.Cut(strings.TrimPrefix(o.Key, s.prefix), "/")
		key, err := ParseKey(name)
		if err != nil || !strings.HasPrefix(name, dir) || len(dir) != 2 {
			continue
		}
		if err := visit(key); err != nil {
			return err
		}
	}
	return ctx.Err()
}
