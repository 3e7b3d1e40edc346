package blob_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/blob/blobtest"
	"safeconduct/internal/blob/s3test"
	"safeconduct/internal/hotline"
)

func s3Key(t *testing.T, text string) blob.S3Key {
	t.Helper()
	k, err := blob.ParseS3Key([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func openS3(t *testing.T, srv *s3test.Server, change func(*blob.S3Config)) *blob.S3 {
	t.Helper()
	c := blob.S3Config{Endpoint: srv.URL, Bucket: s3test.Bucket, Region: s3test.Region, Prefix: "house", Key: s3Key(t, s3test.KeyID+"\n"+s3test.Secret+"\n")}
	change(&c)
	s, err := blob.OpenS3(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestS3(t *testing.T) {
	t.Parallel()
	srv := s3test.New(t)
	srv.Keep("house/readme.txt", []byte("no blob"))
	srv.Keep("other/ab/"+strings.Repeat("ab", 32), []byte("another house's"))
	s := openS3(t, srv, func(*blob.S3Config) {})
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	blobtest.Run(t, s)
	for _, name := range srv.Names() {
		if !strings.HasPrefix(name, "house/") && !strings.HasPrefix(name, "other/") {
			t.Errorf("%s lies outside of the prefix", name)
		}
	}
}

// What passes by itself is tried again; what does not is said in words, and no
// credential stands in them.
func TestS3Faults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		harm   func(*s3test.Server)
		change func(*blob.S3Config)
		kind   hotline.Kind
		word   string
	}{
		"another secret": {nil, func(c *blob.S3Config) { c.Key = s3Key(t, s3test.KeyID+" wrong") }, hotline.KindUnavailable, "refuses the credentials"},
		"another key":    {nil, func(c *blob.S3Config) { c.Key = s3Key(t, "AKIANOBODY wrong") }, hotline.KindUnavailable, "refuses the credentials"},
		"another region": {nil, func(c *blob.S3Config) { c.Region = "elsewhere" }, hotline.KindUnavailable, "refuses the credentials"},
		"no bucket":      {(*s3test.Server).Drop, nil, hotline.KindUnavailable, "there is no S3 bucket parts"},
		"old versions":   {func(s *s3test.Server) { s.KeepVersions("Suspended") }, nil, hotline.KindInvalid, "keeps old versions"},
		"unreachable":    {(*s3test.Server).Stop, nil, hotline.KindUnavailable, "cannot be reached"},
		"too slow": {
			func(s *s3test.Server) { s.Slow(true) }, func(c *blob.S3Config) { c.Patience = 20 * time.Millisecond },
			hotline.KindUnavailable, "too slow",
		},
		"busy for long": {func(s *s3test.Server) { s.Fail(slices.Repeat([]string{"SlowDown"}, 40)...) }, nil, hotline.KindUnavailable, ""},
		"busy twice":    {func(s *s3test.Server) { s.Fail("SlowDown", "InternalError") }, nil, hotline.KindUnknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := s3test.New(t)
			if c.harm != nil {
				c.harm(srv)
			}
			change := c.change
			if change == nil {
				change = func(*blob.S3Config) {}
			}
			s := openS3(t, srv, change)
			err := s.Check(t.Context())
			if c.kind == hotline.KindUnknown {
				if err != nil || srv.Asked() < 3 {
					t.Errorf("after %d requests: %v", srv.Asked(), err)
				}
				return
			}
			if err == nil || hotline.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.word) {
				t.Fatalf("%v (%v)", err, hotline.KindOf(err))
			}
			if strings.Contains(err.Error(), s3test.Secret) || strings.Contains(err.Error(), "wrong") || strings.Contains(fmt.Sprintf("%+v %#v", s3Key(t, "a secretword"), s3Key(t, "a secretword")), "secretword") {
				t.Error("a secret is told")
			}
			if c.kind == hotline.KindUnavailable { // a part is not taken for gone
				if _, err := s.Get(t.Context(), blob.Key{1}); hotline.KindOf(err) != hotline.KindUnavailable {
					t.Errorf("reading: %v", err)
				}
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := openS3(t, s3test.New(t), func(*blob.S3Config) {}).Put(ctx, blob.Key{1}, []byte("x")); err == nil {
		t.Error("nobody waits, and it was kept")
	}
}

func TestS3Config(t *testing.T) {
	t.Parallel()
	good := blob.S3Config{Endpoint: "https://s3.example.org", Bucket: "parts"}
	for name, change := range map[string]func(*blob.S3Config){
		"no scheme": func(c *blob.S3Config) { c.Endpoint = "s3.example.org" }, "no TLS": func(c *blob.S3Config) { c.Endpoint = "http://s3.example.org" },
		"a path": func(c *blob.S3Config) { c.Endpoint += "/parts" }, "a password": func(c *blob.S3Config) { c.Endpoint = "https://a:b@s3.example.org" },
		"no bucket": func(c *blob.S3Config) { c.Bucket = "" }, "a way out": func(c *blob.S3Config) { c.Prefix = "../x" },
	} {
		c := good
		change(&c)
		if _, err := blob.OpenS3(c); hotline.KindOf(err) != hotline.KindInvalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := blob.OpenS3(good); err != nil {
		t.Error(err)
	}
	for _, file := range []string{"", "one", "one two three"} {
		if _, err := blob.ParseS3Key([]byte(file)); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("%q: %v", file, err)
		}
	}
}
