package desk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"safeconduct/internal/api"
)

// wire stands between a desk and the server. It is the hostile server of the
// tests: it holds every answer in its hands.
type wire struct {
	base http.RoundTripper

	mu     sync.Mutex
	change func(path string, body []byte) []byte // of answers
	drop   func(r *http.Request) bool            // the answer is lost on the way
	refuse func(r *http.Request) error           // the server says no
	cut    bool                                  // nothing gets through
}

var errCut = errors.New("the line is cut")

func (w *wire) set(f func(*wire)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w)
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	change, drop, cut, refuse := w.change, w.drop, w.cut, w.refuse
	w.mu.Unlock()
	if cut {
		return nil, errCut
	}
	if refuse != nil {
		if no := refuse(r); no != nil {
			rec := httptest.NewRecorder()
			api.WriteError(rec, no)
			return rec.Result(), nil
		}
	}
	res, err := w.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if drop != nil && drop(r) {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		return nil, errCut
	}
	if change == nil || res.StatusCode != http.StatusOK || strings.HasSuffix(r.URL.Path, "/live") {
		return res, nil
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	body = change(r.URL.Path, body)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Length")
	return res, nil
}

// tamper changes answers of one path.
func tamper[T any](path string, change func(*T)) func(string, []byte) []byte {
	return func(p string, body []byte) []byte {
		if p != path {
			return body
		}
		var v T
		if err := json.Unmarshal(body, &v); err != nil {
			panic("test: " + err.Error())
		}
		change(&v)
		return must(json.Marshal(v))
	}
}
