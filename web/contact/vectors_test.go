package contact_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// The page's own modules, in a browser, agree with the vectors that Go made:
// codes, key derivation, signed texts, sealed files, envelopes, work.
func TestVectors(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	for path, file := range map[string]string{"/vectors.json": "../../internal/seal/testdata/vectors.json", "/vectors.js": "dist/vectors.js"} {
		body := must[[]byte](t)(os.ReadFile(file))
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<!doctype html><meta charset="utf-8"><script src="vectors.js"></script>`))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	w := browser(t)(t)
	w.open(server.URL)
	w.do()
	got := eval[struct {
		Passed map[string]int `json:"passed"`
		Failed []string       `json:"failed"`
	}](w, `fetch("vectors.json").then((r) => r.json()).then(runVectors)`)
	for _, f := range got.Failed {
		t.Error(f)
	}
	// A part that is empty shows nothing.
	var have map[string]json.RawMessage
	if err := json.Unmarshal(must[[]byte](t)(os.ReadFile("../../internal/seal/testdata/vectors.json")), &have); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"codes", "receipts", "signed", "wraps", "records", "files", "envelopes", "work", "manifests", "keys", "sizes", "objects"} {
		if have[part] == nil || got.Passed[part] == 0 {
			t.Errorf("nothing was shown about %s", part)
		}
	}
	if got.Passed["argon2"] == 0 || got.Passed["answers"] == 0 {
		t.Error("nothing was shown about Argon2id or answers")
	}
}
