package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safeconduct/internal/store/storetest"
)

// cli runs the program as main does.
func cli(ctx context.Context, args ...string) (code int, out, problems string) {
	var o, e bytes.Buffer
	code = run(ctx, args, func(string) string { return "" }, streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenarios.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const ordinary = `{"scenarios": [
	{"id": "one", "channel": "web", "language": "uk", "people": 2, "path": ["registered", "meeting"],
	 "messages": [{"at": 0, "from": "contact", "text": "Нас двоє. Що робити далі?"}, {"at": 1, "from": "desk", "text": "Чекайте на місці, ми напишемо."}],
	 "facts": {"position_text": "47.98765, 37.24680"}},
	{"id": "two", "channel": "phone", "language": "uk", "people": 2, "continues": "one", "path": ["received"],
	 "messages": [{"at": 0, "from": "contact", "text": "Це знову ми, маємо код."}], "facts": {}}
]}`

func TestDrill(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			args := []string{"drill", "--json", "--scenarios", file(t, ordinary)}
			if engine == storetest.Postgres {
				args = append(args, "--database", storetest.URL(t, engine))
			}
			code, out, problems := cli(t.Context(), args...)
			var report struct {
				Scenarios []struct {
					ID, Channel string
					Passed      bool
					Checks      []struct {
						Name, Detail string
						Passed       bool
					}
				}
				Passed, Failed int
			}
			if err := json.Unmarshal([]byte(out), &report); err != nil {
				t.Fatalf("code %d: %v\n%s", code, err, problems)
			}
			if code != 0 || report.Passed != 2 || report.Failed != 0 || len(report.Scenarios) != 2 {
				t.Errorf("code %d\n%s\n%s", code, out, problems)
			}
			for _, s := range report.Scenarios {
				if len(s.Checks) < 5 || !s.Passed {
					t.Errorf("%s: %d checks, passed %t", s.ID, len(s.Checks), s.Passed)
				}
			}
			if engine == storetest.Postgres { // a second time: the database is not empty
				code, out, problems := cli(t.Context(), args...)
				if code != 1 || out != "" || !strings.Contains(problems, "already") {
					t.Errorf("a database in use: code %d\n%s%s", code, out, problems)
				}
			}
		})
	}
}

func TestDrillTellsWhatFailed(t *testing.T) {
	t.Parallel()
	failing := strings.Replace(ordinary, `"received"`, `"received", "registered"`, 1)
	code, out, problems := cli(t.Context(), "drill", "--scenarios", file(t, failing))
	if code != 1 || !strings.Contains(out, "1 of 2 scenarios failed") || !strings.Contains(out, `no way leads from "received" to "registered"`) {
		t.Errorf("code %d\n%s\n%s", code, out, problems)
	}
	for name, args := range map[string][]string{
		"no file":          {"drill", "--scenarios", filepath.Join(t.TempDir(), "none")},
		"no scenarios":     {"drill", "--scenarios", file(t, `{}`)},
		"an odd word":      {"drill", "everything"},
		"an odd database":  {"drill", "--database", "mysql://x"},
		"no measurement":   {"bench"},
		"odd measurement":  {"bench", "everything"},
		"no connection":    {"bench", "intake", "--connections", "0"},
		"no port":          {"demo", "--public", "70000"},
		"no start at all":  {"bench", "start", "--times", "0"},
		"no folder to run": {"bench", "serve"},
	} {
		code, out, problems := cli(t.Context(), args...)
		if code != 2 || out != "" || problems == "" {
			t.Errorf("%s: code %d\n%s%s", name, code, out, problems)
		}
	}
	code, out, _ = cli(t.Context(), "drill", "--scenarios", file(t, `{"scenarios": []}`))
	if code != 0 || !strings.Contains(out, "no scenario") {
		t.Errorf("an empty list: code %d\n%s", code, out)
	}
}
