// Package s3test is a small S3 server on a loopback address for tests. It checks
// the signature of every request (AWS Signature Version 4), keeps one bucket in
// memory, answers listings in pages, and misbehaves on request.
//
// It is written from the published protocol; the client that it meets is not ours.
package s3test

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // G501: an ETag is one; it protects nothing
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The credentials and the bucket of every server.
const (
	KeyID  = "AKIATEST0000"
	Secret = "not/a/real+secret" //nolint:gosec // G101: a test's
	Bucket = "parts"
	Region = "eu-test-1"
)

// page is how many names one answer to a listing has.
const page = 100

// Server is a running server.
type Server struct {
	URL string

	mu       sync.Mutex
	objects  map[string][]byte
	faults   []string // codes of the next answers
	asked    int
	versions string // status of versioning
	slow     bool
	gone     bool // the bucket
	http     *httptest.Server
}

// New starts a server.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{objects: map[string][]byte{}}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	t.Cleanup(s.http.Close)
	return s
}

// Stop takes the server away.
func (s *Server) Stop() { s.http.Close() }

func (s *Server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// Fail makes the next requests fail with these codes, in turn.
func (s *Server) Fail(codes ...string) { s.set(func() { s.faults = codes }) }

// Slow makes every request wait until its sender gives up.
func (s *Server) Slow(on bool) { s.set(func() { s.slow = on }) }

// KeepVersions says what the bucket's versioning is: "", "Enabled" or "Suspended".
func (s *Server) KeepVersions(status string) { s.set(func() { s.versions = status }) }

// Drop removes the bucket.
func (s *Server) Drop() { s.set(func() { s.gone = true }) }

// Forget removes every object.
func (s *Server) Forget() { s.set(func() { clear(s.objects) }) }

// Keep puts an object beside what the product keeps.
func (s *Server) Keep(name string, content []byte) { s.set(func() { s.objects[name] = content }) }

// Asked counts requests.
func (s *Server) Asked() (n int) { s.set(func() { n = s.asked }); return n }

// Names lists the objects.
func (s *Server) Names() (names []string) {
	s.set(func() {
		for name := range s.objects {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	return names
}

var statuses = map[string]int{
	"SlowDown": http.StatusServiceUnavailable, "InternalError": http.StatusInternalServerError, "AccessDenied": http.StatusForbidden,
	"InvalidAccessKeyId": http.StatusForbidden, "SignatureDoesNotMatch": http.StatusForbidden,
	"NoSuchBucket": http.StatusNotFound, "NoSuchKey": http.StatusNotFound, "XAmzContentSHA256Mismatch": http.StatusBadRequest,
}

func refuse(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(statuses[code])
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>on request</Message></Error>", code)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var slow, gone bool
	fault := ""
	s.set(func() {
		s.asked++
		slow, gone = s.slow, s.gone
		if len(s.faults) > 0 {
			fault, s.faults = s.faults[0], s.faults[1:]
		}
	})
	if slow {
		<-r.Context().Done()
		return
	}
	if fault == "" {
		fault = verify(r, body)
	}
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if fault == "" && (gone || bucket != Bucket) {
		fault = "NoSuchBucket"
	}
	if fault != "" {
		refuse(w, fault)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "" {
		s.onBucket(w, r)
		return
	}
	s.onObject(w, r, name, body)
}

func (s *Server) onBucket(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodHead:
	case q.Has("versioning"):
		_, _ = fmt.Fprintf(w, "<VersioningConfiguration><Status>%s</Status></VersioningConfiguration>", s.versions)
	default:
		s.list(w, q)
	}
}

type listed struct {
	Key, ETag, LastModified string
	Size                    int
}

func (s *Server) list(w http.ResponseWriter, q url.Values) {
	out := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name, Prefix          string
		IsTruncated           bool
		NextContinuationToken string
		Contents              []listed
	}{Name: Bucket, Prefix: q.Get("prefix")}
	var names []string
	for name := range s.objects {
		if strings.HasPrefix(name, out.Prefix) && name > q.Get("continuation-token") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	n := page
	if most, err := strconv.Atoi(q.Get("max-keys")); err == nil && most > 0 {
		n = min(n, most)
	}
	if len(names) > n {
		names, out.IsTruncated = names[:n], true
		out.NextContinuationToken = names[n-1]
	}
	for _, name := range names {
		out.Contents = append(out.Contents, listed{Key: name, ETag: etag(s.objects[name]), LastModified: "2026-01-01T00:00:00.000Z", Size: len(s.objects[name])})
	}
	_ = xml.NewEncoder(w).Encode(out)
}

func etag(b []byte) string {
	sum := md5.Sum(b) //nolint:gosec // G401: see the import
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (s *Server) onObject(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	switch r.Method {
	case http.MethodPut:
		s.objects[name] = body
		w.Header().Set("ETag", etag(body))
	case http.MethodDelete:
		delete(s.objects, name)
		w.WriteHeader(http.StatusNoContent)
	default:
		b, ok := s.objects[name]
		if !ok {
			refuse(w, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", etag(b))
		w.Header().Set("Last-Modified", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat))
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		_, _ = w.Write(b)
	}
}

// verify checks a request's signature and returns the code of what is wrong
// (AWS Signature Version 4, "Authenticating requests: using the Authorization header").
func verify(r *http.Request, body []byte) string {
	fields := map[string]string{}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	for _, f := range strings.Split(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(f), "=")
		fields[key] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if scheme != "AWS4-HMAC-SHA256" || len(scope) != 5 {
		return "AccessDenied"
	}
	if scope[0] != KeyID {
		return "InvalidAccessKeyId"
	}
	sum := r.Header.Get("X-Amz-Content-Sha256")
	if got := sha256.Sum256(body); sum != "UNSIGNED-PAYLOAD" && sum != hex.EncodeToString(got[:]) {
		return "XAmzContentSHA256Mismatch"
	}
	var headers strings.Builder
	for _, h := range strings.Split(fields["SignedHeaders"], ";") {
		value := strings.Join(strings.Fields(r.Header.Get(h)), " ")
		switch h {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.Itoa(len(body))
		}
		fmt.Fprintf(&headers, "%s:%s\n", h, value)
	}
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), query, headers.String(), fields["SignedHeaders"], sum}, "\n")
	hashed := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), hex.EncodeToString(hashed[:])}, "\n")
	key := []byte("AWS4" + Secret)
	for _, part := range scope[1:] {
		key = mac(key, part)
	}
	if scope[2] != Region || !hmac.Equal([]byte(hex.EncodeToString(mac(key, text))), []byte(fields["Signature"])) {
		return "SignatureDoesNotMatch"
	}
	return ""
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // a hash never fails
	return h.Sum(nil)
}
