package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
)

func runServe(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("serve", "run the server: the public door, the gateways, the door for desks", std)
	dir := fs.String("dir", "safeconduct-data", "folder of the installation")
	roles := fs.String("role", "", "parts to run in this process: intake,gateway,desk (all when empty)")
	verbose := fs.Bool("verbose", false, "log every request (never addresses, ids of cases or contents)")
	if err := parse(fs, args); err != nil {
		return err
	}
	if err := installation.NoDump(); err != nil {
		return err
	}
	frugal()
	in, err := installation.Open(*dir)
	if err != nil {
		return err
	}
	r := installation.Run{Clock: time.Now, Log: logger(std, *verbose)}
	if r.Roles, err = parseRoles(*roles); err != nil {
		return err
	}
	r.Ready = func(public, desk net.Addr) {
		if public != nil {
			fmt.Fprintf(std.out, "public door: http://%s/\n", public)
		}
		if desk != nil {
			fmt.Fprintf(std.out, "door for desks: %s\n", desk)
		}
	}
	return in.Run(ctx, r)
}

// frugal lets the collector run twice as often as Go does by itself: it costs a
// hundredth of the processor and a server fits on the smallest machine.
func frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

func parseRoles(s string) ([]installation.Role, error) {
	if s == "" {
		return nil, nil
	}
	var out []installation.Role
next:
	for _, name := range strings.Split(s, ",") {
		for _, r := range installation.Roles() {
			if string(r) == strings.TrimSpace(name) {
				out = append(out, r)
				continue next
			}
		}
		return nil, hotline.Errorf(hotline.KindInvalid, "serve", "there is no role %q; there are %v", name, installation.Roles())
	}
	return out, nil
}

// logger logs what a night shift needs; nothing that a person wrote ever
// reaches a log.
func logger(std streams, verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: level}))
}
