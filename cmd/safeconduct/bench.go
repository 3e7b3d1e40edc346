package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/rehearsal/bench"
)

// benches are the measurements. "serve" is what a measurement starts as its
// server, in a process of its own; it is not offered.
var benches = []struct{ name, line string }{
	{"intake", "how much the public door takes, and what its parts cost"},
	{"start", "how long the server takes to start, and its memory when idle"},
}

func runBench(ctx context.Context, args []string, _ func(string) string, std streams) error {
	name := ""
	if len(args) > 0 {
		name = args[0]
	}
	switch name {
	case "intake":
		return runBenchIntake(ctx, args[1:], std)
	case "start":
		return runBenchStart(ctx, args[1:], std)
	case "serve":
		return runBenchServe(ctx, args[1:], std)
	}
	w, err := std.err, errUsage
	if name == "-h" || name == "--help" || name == "help" {
		w, err = std.out, flag.ErrHelp
	} else if name != "" {
		fmt.Fprintf(w, "safeconduct bench: there is no measurement %q\n", name)
	}
	fmt.Fprint(w, "usage: safeconduct bench WHAT [options]\n\n")
	for _, b := range benches {
		fmt.Fprintf(w, "  %-7s %s\n", b.name, b.line)
	}
	return err
}

func runBenchIntake(ctx context.Context, args []string, std streams) error {
	fs := flags("bench intake", benches[0].line, std)
	o := bench.Intake{Program: benchServer(std), Clock: time.Now, Say: say(std)}
	fs.StringVar((*string)(&o.Channel), "channel", string(hotline.ChannelWeb), "web: envelopes of pages; telegram: calls of Telegram's webhook")
	fs.StringVar(&o.Database, "database", "", "postgres:// URL of an empty database; without it an SQLite file that is deleted at the end")
	fs.IntVar(&o.Connections, "connections", 32, "connections that send at the same time")
	fs.DurationVar(&o.Duration, "duration", 10*time.Second, "how long messages are sent; new cases are sent half as long, before them")
	fs.Float64Var(&o.Rate, "rate", 0, "messages a second, sent at fixed times; 0: each when the one before was answered")
	fs.IntVar(&o.Prepare, "prepare", 0, "most messages to seal before the clock starts; 0: what the duration may need")
	fs.IntVar(&o.Cases, "new-cases", 0, "send this many new cases, all of them, instead of messages for a time")
	fs.StringVar(&o.Profile, "profile", "", "a file for the processor profile (pprof) of the server while it is loaded")
	asJSON := fs.Bool("json", false, "write the figures as JSON")
	if err := parse(fs, args); err != nil {
		return err
	}
	figures, err := o.Run(ctx)
	if err != nil {
		return err
	}
	if err := writeFigures(figures, *asJSON, std.out); err != nil {
		return err
	}
	if !figures.OK() {
		return errFound
	}
	return nil
}

type figures interface {
	WriteJSON(io.Writer) error
	WriteTable(io.Writer) error
}

func writeFigures(f figures, asJSON bool, w io.Writer) error {
	write := f.WriteTable
	if asJSON {
		write = f.WriteJSON
	}
	if err := write(w); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

func say(std streams) func(string, ...any) {
	return func(format string, args ...any) { fmt.Fprintf(std.err, "  "+format+"\n", args...) }
}

func runBenchStart(ctx context.Context, args []string, std streams) error {
	fs := flags("bench start", benches[1].line, std)
	o := bench.Start{Program: benchServer(std), Clock: time.Now, Say: say(std)}
	fs.StringVar(&o.Database, "database", "", "postgres:// URL of an empty database; without it an SQLite file that is deleted at the end")
	fs.IntVar(&o.Times, "times", 5, "how often to start")
	fs.DurationVar(&o.Idle, "idle", 2*time.Second, "how long to leave the server alone before its memory is read")
	asJSON := fs.Bool("json", false, "write the figures as JSON")
	if err := parse(fs, args); err != nil {
		return err
	}
	figures, err := o.Run(ctx)
	if err != nil {
		return err
	}
	return writeFigures(figures, *asJSON, std.out)
}

// benchServer starts this program again as the server that is measured.
func benchServer(std streams) bench.Program {
	return func(ctx context.Context, dir string) (*exec.Cmd, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
		cmd := exec.CommandContext(ctx, self, "bench", "serve", "--dir", dir) //nolint:gosec // this program itself
		cmd.Args[0] = os.Args[0]
		cmd.Stderr = std.err
		return cmd, nil
	}
}

// runBenchServe is `serve` for a measurement: it ends with its standard input
// and says on standard output what the store has done.
func runBenchServe(ctx context.Context, args []string, std streams) error {
	fs := flags("bench serve", "the server of a measurement; not meant to be started by hand", std)
	dir := fs.String("dir", "", "folder of the installation")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *dir == "" {
		fmt.Fprintf(std.err, "%s: a folder is needed\n", fs.Name())
		return errUsage
	}
	frugal()
	return bench.Serve(ctx, *dir, std.in, std.out, installation.Run{Clock: time.Now, Log: logger(std, false)})
}
