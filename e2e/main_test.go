package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is where the programs stand that the tests run: the product, and the
// stock age where the machine has none.
var built struct {
	dir     string
	product string // safeconduct as it is released
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "safeconduct-e2e-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	built.dir, built.product = dir, filepath.Join(dir, "safeconduct")
	if err := goBuild(".", built.product, "./cmd/safeconduct"); err != nil {
		return failed(err)
	}
	if err := findAge(dir); err != nil {
		return failed(err)
	}
	// The scripts and the tests find the product first.
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		return failed(err)
	}
	defer closeBrowser()
	return m.Run()
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

// goBuild builds a package of the module in a folder beside this one. Never
// with the race detector, also when the tests have it: the product is measured and
// killed as it is released.
func goBuild(module, out string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-race=false", "-o", out}, args...)...)
	cmd.Dir = filepath.Join("..", module)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", filepath.Base(out), err, text)
	}
	return nil
}

// findAge sees that the stock age program is found by name. scripts/test puts
// it into the PATH; a bare `go test` builds the same pinned version.
func findAge(dir string) error {
	if _, err := exec.LookPath("age"); err == nil {
		return nil
	}
	if here, err := filepath.Abs("../.bin/age"); err == nil {
		if err := os.Symlink(here, filepath.Join(dir, "age")); err == nil {
			if _, err := os.Stat(filepath.Join(dir, "age")); err == nil {
				return nil
			}
			if err := os.Remove(filepath.Join(dir, "age")); err != nil {
				return err
			}
		}
	}
	return goBuild(filepath.Join("tools", "test"), filepath.Join(dir, "age"), "filippo.io/age/cmd/age")
}

// careless is the product built to lose acknowledged messages at a power cut.
var careless = sync.OnceValues(func() (string, error) {
	out := filepath.Join(built.dir, "safeconduct-unsafesync")
	return out, goBuild(".", out, "-tags", "unsafesync", "./cmd/safeconduct")
})

// program returns the path of a program that a test needs.
func program(tb testing.TB, name, howTo string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		tb.Fatalf("%s is missing: %s", name, howTo)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return path
}
