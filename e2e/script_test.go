package e2e

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // an attacker's hand in the database, past the store

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/intake/contact"
)

// TestScripts runs the command line as people do, in their shell.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			ports, err := portsOf(2)
			if err != nil {
				return err
			}
			// Only what a person has: PATH comes with the product in front.
			e.Setenv("PUBLIC", ports[0])
			e.Setenv("DESK", ports[1])
			e.Setenv("SAFECONDUCT_PASSPHRASE", passphrase)
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serving":  serving,
			"message":  sendMessage,
			"document": document,
			"database": changeDatabase,
			"status":   status,
		},
	})
}

func portsOf(n int) ([]string, error) {
	var held []net.Listener
	var out []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		held, out = append(held, l), append(out, l.Addr().String())
	}
	for _, l := range held {
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// arguments checks how many arguments a command of the scripts has.
func arguments(ts *testscript.TestScript, neg bool, args []string, n int) {
	if neg || len(args) != n {
		ts.Fatalf("this command takes %d arguments and no !", n)
	}
}

// status runs a program and checks its exit code: status 2 safeconduct ….
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE program args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if want, err := strconv.Atoi(args[0]); err != nil || want != code {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// serving waits until the public door of the script answers.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, neg, args, 0)
	for limit := time.Now().Add(patience); ; {
		conn, err := net.DialTimeout("tcp", ts.Getenv("DESK"), time.Second)
		if err == nil {
			ts.Check(conn.Close())
			return
		}
		if time.Now().After(limit) {
			ts.Fatalf("the server does not open its door: %v", err)
		}
		time.Sleep(10 * time.Millisecond) // a script has no other way to hear of it
	}
}

// sendMessage writes to the hotline as a newcomer and notes the case's id:
// message FILE TEXT.
func sendMessage(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, neg, args, 2)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	in, err := installation.Open(ts.MkAbs("house"))
	ts.Check(err)
	origin := "http://" + ts.Getenv("PUBLIC")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/v1/manifest", nil)
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	manifest, err := io.ReadAll(resp.Body)
	ts.Check(err)
	client, err := contact.New(manifest, in.Config.Authority, []string{origin}, http.DefaultClient, time.Now)
	ts.Check(err)
	receipt := hotline.NewReceipt()
	c, err := client.Start(ctx, args[1], "ru", &receipt)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(c.ID().String()+"\n"), 0o600))
}

// commands is the one block of commands in a document.
var commands = regexp.MustCompile("(?s)\n```\n(.*?)\n```\n")

// document writes down the commands that docs/recovery.md tells people to type, with
// the id of a case where it says CASE: document CASEFILE FILE.
func document(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, neg, args, 2)
	text, err := os.ReadFile(filepath.Join("..", "docs", "recovery.md"))
	ts.Check(err)
	found := commands.FindAllSubmatch(text, -1)
	if len(found) != 1 {
		ts.Fatalf("docs/recovery.md has %d blocks of commands, not one", len(found))
	}
	script := string(found[0][1])
	if !strings.Contains(script, "age -d") || !strings.Contains(script, "CASE") {
		ts.Fatalf("the commands of docs/recovery.md are not those expected:\n%s", script)
	}
	script = strings.ReplaceAll(script, "CASE", strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(script+"\n"), 0o600))
}

// changeDatabase does to a database what the product never does: database FILE SQL.
func changeDatabase(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, neg, args, 2)
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	result, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("nothing was changed (%v)", err)
	}
	ts.Check(db.Close())
}
