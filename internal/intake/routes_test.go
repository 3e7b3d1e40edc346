package intake_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

// served is an answer that has been read.
type served struct {
	status int
	header http.Header
	body   string
}

func (h *house) get(path string) served {
	h.t.Helper()
	return h.do(http.MethodGet, path)
}

func (h *house) do(method, path string) served {
	h.t.Helper()
	req := must[*http.Request](h.t)(http.NewRequestWithContext(h.t.Context(), method, h.url+path, nil))
	req.Header.Set("Origin", "null")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	return served{resp.StatusCode, resp.Header, string(must[[]byte](h.t)(io.ReadAll(resp.Body)))}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{})
	for _, c := range []struct {
		method, path string
		status       int
		contains     string
	}{
		{"GET", "/", 200, page},
		{"HEAD", "/", 200, ""},
		{"GET", "/healthz", 200, "ok"},
		{"GET", "/v1/manifest", 200, string(h.text)},
		{"GET", "/v1/challenge", 200, `"manifest":7}`},
		{"OPTIONS", "/v1/envelope", 204, ""},
		{"OPTIONS", "/v1/challenge", 204, ""},
		{"GET", "/v1/envelope", 405, ""},
		{"POST", "/v1/challenge", 405, ""},
		{"POST", "/", 405, ""},
		{"DELETE", "/v1/envelope", 405, ""},
		{"GET", "/index.html", 404, ""},
		{"GET", "/v1/", 405, ""},
		{"GET", "/v2/challenge", 404, ""},
	} {
		got := h.do(c.method, c.path)
		if got.status != c.status || !strings.Contains(got.body, c.contains) {
			t.Errorf("%s %s: %d %.60q", c.method, c.path, got.status, got.body)
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "", "Cache-Control": "no-store",
			"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Set-Cookie": "", "Server": "", "ETag": "", "Last-Modified": "",
		} {
			if value := got.header.Get(name); value != want {
				t.Errorf("%s %s: %s is %q", c.method, c.path, name, value)
			}
		}
	}
}

func TestChallengeAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Open(t, storetest.URL(t, storetest.SQLite)), intake.Limits{})
	body := h.get("/v1/challenge").body
	var got struct {
		Challenge string
		Hour      hotline.Hour
		Manifest  int64
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(got.Challenge)
	if err != nil || len(raw) != seal.ChallengeSize || raw[1] != 0 {
		t.Errorf("challenge: %x %v", raw, err)
	}
	if got.Hour != hotline.HourOf(h.clock.Now()) || got.Manifest != 7 {
		t.Errorf("%+v", got)
	}
	if h.get("/v1/challenge").body == body {
		t.Error("the same challenge twice")
	}
}

func TestServerIsBounded(t *testing.T) {
	t.Parallel()
	s := intake.Server(http.NotFoundHandler())
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= s.ReadTimeout || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("%+v", s)
	}
}
