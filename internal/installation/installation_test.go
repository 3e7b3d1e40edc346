package installation_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

func settings(dir string) installation.Init {
	return installation.Init{
		Dir: dir, Name: "Vesna", Passphrase: "five random words are good", WorkFactor: 10, Sheets: 3, Needed: 2,
		Public: "127.0.0.1:0", DeskListen: "127.0.0.1:0", Routes: []string{"http://127.0.0.1:1"}, Clock: time.Now,
	}
}

func made(t *testing.T, o installation.Init) *installation.Installation {
	t.Helper()
	if _, err := o.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	in, err := installation.Open(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestInitOnBothDatabases(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := settings(filepath.Join(t.TempDir(), "new"))
			if engine != storetest.SQLite {
				o.Database = storetest.URL(t, engine)
			}
			in := made(t, o)
			page, err := in.StampPage(t.Context())
			if err != nil || !strings.Contains(string(page), "http://127.0.0.1:1") {
				t.Errorf("page: %v", err)
			}
			report, newest, err := in.Verify(t.Context(), "", nil)
			if err != nil || !report.OK() || len(newest) == 0 {
				t.Errorf("journal: %v %v", report, err)
			}
		})
	}
}

func TestTwoSheetsOpenTheRecoveryKey(t *testing.T) {
	t.Parallel()
	o := settings(t.TempDir())
	made(t, o)
	sheet := func(name string) seal.Identity {
		for line := range strings.Lines(string(read(t, o.Dir, "sheets", name))) {
			if !strings.HasPrefix(line, "#") {
				id, err := seal.ParseIdentity(strings.TrimSpace(line))
				if err != nil {
					t.Fatal(err)
				}
				return id
			}
		}
		t.Fatal("no key on the sheet")
		return seal.Identity{}
	}
	part := read(t, o.Dir, "recovery", "recovery-2-3.age")
	if _, err := seal.JoinSheets(part, sheet("sheet-2.txt"), sheet("sheet-3.txt")); err != nil {
		t.Error(err)
	}
	if _, err := seal.JoinSheets(part, sheet("sheet-1.txt"), sheet("sheet-3.txt")); err == nil {
		t.Error("the wrong sheets open")
	}
	page := strings.ReplaceAll(string(read(t, o.Dir, "sheets", "sheet-2.html")), " ", "")
	if !strings.Contains(page, sheet("sheet-2.txt").Secret()) {
		t.Error("the printed sheet has another key")
	}
}

func TestSecretsAreForTheOwnerAlone(t *testing.T) {
	t.Parallel()
	o := settings(t.TempDir())
	made(t, o)
	for _, dir := range []string{"secret", "sheets", "operator"} {
		files, err := filepath.Glob(filepath.Join(o.Dir, dir, "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v %v", filepath.Base(f), info.Mode(), err)
			}
		}
	}
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	used := settings(t.TempDir())
	made(t, used)
	if _, err := used.Run(t.Context()); hotline.KindOf(err) != hotline.KindConflict {
		t.Errorf("a second time: %v", err)
	}
	for name, change := range map[string]func(*installation.Init){
		"no name":          func(o *installation.Init) { o.Name = " " },
		"short passphrase": func(o *installation.Init) { o.Passphrase = "short" },
		"no route":         func(o *installation.Init) { o.Routes = nil },
		"a path as route":  func(o *installation.Init) { o.Routes = []string{"https://example.org/"} },
		"no port":          func(o *installation.Init) { o.Public = "localhost" },
		"one sheet":        func(o *installation.Init) { o.Needed = 1 },
		"too many sheets":  func(o *installation.Init) { o.Sheets = 8 },
	} {
		o := settings(filepath.Join(t.TempDir(), "new"))
		change(&o)
		if _, err := o.Run(t.Context()); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(o.Dir); err == nil {
			t.Errorf("%s: something was made", name)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := installation.Open(t.TempDir()); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("empty folder: %v", err)
	}
	o := settings(t.TempDir())
	made(t, o)
	secret := filepath.Join(o.Dir, "secret", "index.key")
	if err := os.WriteFile(secret, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := installation.Open(o.Dir); hotline.KindOf(err) != hotline.KindInvalid || strings.Contains(err.Error(), "damaged\n") {
		t.Errorf("damaged secret: %v", err)
	}
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if _, err := installation.Open(o.Dir); hotline.KindOf(err) != hotline.KindNotFound {
		t.Errorf("missing secret: %v", err)
	}
}

// Each role opens its own door, and no other.
func TestRoles(t *testing.T) {
	t.Parallel()
	in := made(t, settings(t.TempDir()))
	for _, role := range installation.Roles() {
		ctx, cancel := context.WithCancel(t.Context())
		ready := make(chan [2]net.Addr, 1)
		ended := make(chan error, 1)
		go func() {
			ended <- in.Run(ctx, installation.Run{
				Roles: []installation.Role{role}, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
				Ready: func(public, desk net.Addr) { ready <- [2]net.Addr{public, desk} },
			})
		}()
		select {
		case doors := <-ready:
			if (doors[1] != nil) != (role == installation.RoleDesk) {
				t.Errorf("%s: desk door %v", role, doors[1])
			}
			if doors[0] != nil {
				checkPublic(t, role, "http://"+doors[0].String())
			}
		case err := <-ended:
			t.Fatalf("%s: %v", role, err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s ended: %v", role, err)
		}
	}
}

func checkPublic(t *testing.T, role installation.Role, origin string) {
	t.Helper()
	for path, of := range map[string]installation.Role{"/": installation.RoleIntake, "/form": installation.RoleGateway} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if (res.StatusCode == http.StatusOK) != (of == role) {
			t.Errorf("%s answers %s with %d", role, path, res.StatusCode)
		}
	}
}
