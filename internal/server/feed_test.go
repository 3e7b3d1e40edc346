package server

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"safeconduct/internal/store/storetest"
)

// stuck is a reader that takes nothing: as on a connection, a write waits until
// the deadline that was set for it.
type stuck struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (*stuck) SetReadDeadline(time.Time) error { return nil }

func (s *stuck) SetWriteDeadline(t time.Time) error {
	s.deadline = t
	return nil
}

func (s *stuck) Write([]byte) (int, error) {
	if d := time.Until(s.deadline); d <= 0 || d > feedPatience {
		return 0, errors.New("the write had no deadline")
	}
	return 0, os.ErrDeadlineExceeded
}

// A reader who makes no room is cut off: the feed ends, and holds up nobody.
func TestSlowReaderIsCutOff(t *testing.T) {
	t.Parallel()
	s := &Server{stopping: make(chan struct{}), db: storetest.Open(t, storetest.URL(t, storetest.SQLite))}
	w := &stuck{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/live", nil)
	r.TLS = &tls.ConnectionState{}
	out, err := s.live(&call{Request: r, w: w})
	if _, done := out.(streamed); !done || err != nil {
		t.Errorf("got %v, %v", out, err)
	}
	if w.deadline.IsZero() {
		t.Error("the write had no deadline")
	}
}
