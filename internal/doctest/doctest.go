// Package doctest keeps parts of the documents true: a test works a part out
// from the code and compares it with what stands between two marks in a file
// of docs/.
package doctest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Write is the environment variable that makes [Section] write the part
// instead of comparing it.
const Write = "WRITE_DOCS"

// Section compares the part of docs/file that stands between the marks
// "<!-- begin name -->" and "<!-- end name -->" with want.
func Section(t *testing.T, file, name, want string) {
	t.Helper()
	path := filepath.Join(root(t), "docs", file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, found := strings.Cut(string(text), begin)
	got, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("docs/%s has no part %q between marks", file, name)
	}
	if got == want {
		return
	}
	if os.Getenv(Write) == "" {
		t.Fatalf("docs/%s, part %q, is not what the code says; %s=1 go test ./... -run Document writes it anew", file, name, Write)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("there is no go.mod above the test")
		}
		dir = up
	}
}
