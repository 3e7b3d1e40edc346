package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// serverVariable names a server to use instead of a temporary one. Its user
// must be allowed to create databases.
const serverVariable = "SAFECONDUCT_TEST_POSTGRES"

const howToInstall = `the tests need PostgreSQL's programs (initdb, pg_ctl, postgres).
On Debian: apt-get install postgresql. Or set ` + serverVariable + ` to the url of a server on which
databases may be created, for example postgres://me@localhost/postgres`

// running is a server. It stops when its lifeline is closed: when the process ends,
// or when the collector finds the pipe unused, so it is held here.
type running struct {
	url      string
	dir      string // empty when it is not ours
	lifeline io.Closer
}

// server starts PostgreSQL once for the test process.
var server = sync.OnceValues(func() (running, error) {
	if u := os.Getenv(serverVariable); u != "" {
		return running{url: u}, nil
	}
	return startServer()
})

func createDatabase(tb testing.TB) string {
	tb.Helper()
	base, err := server()
	if err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	run := func(sql string) error {
		ctx := context.WithoutCancel(tb.Context()) // the last call comes from a cleanup
		conn, err := pgx.Connect(ctx, base.url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, sql)
		return errors.Join(err, conn.Close(ctx))
	}
	if err := run("CREATE DATABASE " + name); err != nil {
		tb.Fatalf("create a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := run("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			tb.Errorf("drop the database: %v", err)
		}
	})
	u, err := url.Parse(base.url)
	if err != nil {
		tb.Fatalf("the url of the test server: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

// script runs the server for as long as its standard input stays open. The
// kernel closes that when the test process ends, even by SIGKILL, so no server
// and no folder is left behind.
const script = `trap '' HUP INT TERM PIPE
bin=$1 dir=$2
"$bin/initdb" -D "$dir/data" -U postgres --auth=trust --no-sync -E UTF8 --locale=C >"$dir/log" 2>&1 &&
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -s -o "-k $dir -c listen_addresses= -c fsync=on -c max_connections=300 -c shared_buffers=64MB $3" start >>"$dir/log" 2>&1 </dev/null &&
echo ready || tail -n 20 "$dir/log"
exec >&-
cat >/dev/null
"$bin/pg_ctl" -D "$dir/data" -m immediate -w -s stop >/dev/null 2>&1
cd / && rm -rf "$dir"`

// startServer starts a server with settings ("name=value") besides ours.
func startServer(settings ...string) (running, error) {
	bin, err := findPrograms()
	if err != nil {
		return running{}, err
	}
	dir, err := os.MkdirTemp("", "safeconduct-pg-")
	if err != nil {
		return running{}, err
	}
	more := ""
	for _, s := range settings {
		more += " -c " + s
	}
	cmd := exec.Command("/bin/sh", "-c", script, "sh", bin, dir, more)
	cmd.Dir = "/"
	if err := unprivileged(cmd, dir); err != nil {
		return running{}, errors.Join(err, os.RemoveAll(dir))
	}
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return running{}, errors.Join(err, os.RemoveAll(dir))
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return running{}, errors.Join(err, os.RemoveAll(dir))
	}
	if err := cmd.Start(); err != nil {
		return running{}, errors.Join(err, os.RemoveAll(dir))
	}
	answer, err := io.ReadAll(out)
	if err != nil {
		return running{}, err
	}
	if string(answer) != "ready\n" {
		return running{}, fmt.Errorf("the server did not start: %s", answer)
	}
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}
	return running{url: u.String(), dir: dir, lifeline: lifeline}, nil
}

// findPrograms returns the folder of initdb; Debian keeps it out of the PATH.
func findPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/opt/homebrew/opt/postgresql@*/bin/initdb"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		found = append(found, names...)
	}
	if len(found) == 0 {
		return "", errors.New(howToInstall)
	}
	return filepath.Dir(slices.Max(found)), nil
}
