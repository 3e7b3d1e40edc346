// Command safeconduct is the whole system in one program: the server, the
// operator's desk, and the tools around them. This package only wires: it
// reads flags, calls the packages that do the work, and turns errors into
// text and exit codes.
//
// Exit codes: 0 done; 1 failed, or a check found something; 2 the command
// line is wrong; 130 stopped by Ctrl-C where that is not the normal end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"safeconduct/internal/hotline"
)

// streams are a program's standard files.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// command is one subcommand. The line tells newcomers what it is for.
type command struct {
	name string
	line string
	run  func(ctx context.Context, args []string, getenv func(string) string, std streams) error
}

func commands() []command {
	return []command{
		{"demo", "play the whole thing on this computer: a server, a desk, some conversations", runDemo},
		{"init", "make an authority: keys, recovery sheets, the first operator, the database", runInit},
		{"serve", "run the server: the public door, the gateways, the door for desks", runServe},
		{"desk", "run an operator's desk on this computer", runDesk},
		{"replace", "end the access of a lost administrator, with recovery sheets", runReplace},
		{"page", "stamp the contact page for an authority, to be handed around as a file", runPage},
		{"export", "take everything out, sealed as it is: what recovery sheets open", runExport},
		{"backup", "take a backup while the server runs, and try it out", runBackup},
		{"restore", "make a new folder or database from a backup", runRestore},
		{"db", "db move: from SQLite to PostgreSQL", runDB},
		{"doctor", "say what is wrong with an installation, and what to do", runDoctor},
		{"verify", "check the journal: nothing changed, taken out or put in", runVerify},
		{"drill", "play scenarios through the real doors and say what was shown", runDrill},
		{"bench", "measure: how much the intake takes, and what the parts cost", runBench},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// errUsage is a wrong command line; what is wrong has been printed.
var errUsage = errors.New("usage")

// errFound is a check that found something; the report has been printed.
var errFound = errors.New("the check found something")

func run(ctx context.Context, args []string, getenv func(string) string, std streams) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(std.out)
		if len(args) == 0 {
			return 2
		}
		return 0
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return exitCode(c, c.run(ctx, args[1:], getenv, std), std)
		}
	}
	fmt.Fprintf(std.err, "safeconduct: there is no command %q\n\n", args[0])
	usage(std.err)
	return 2
}

func exitCode(c command, err error, std streams) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, errFound):
		return 1
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(std.err, "safeconduct %s: stopped\n", c.name)
		return 130
	}
	var e *hotline.Error
	if errors.As(err, &e) && e.Kind == hotline.KindInvalid {
		fmt.Fprintf(std.err, "safeconduct %s: %v\n", c.name, err)
		return 2
	}
	fmt.Fprintf(std.err, "safeconduct %s: %v\n", c.name, err)
	return 1
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Safeconduct: a hotline for people who want to leave a war alive.\n\nusage: safeconduct COMMAND [options]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.line)
	}
	fmt.Fprint(w, "\nTo see it work:  safeconduct demo\nOptions of a command:  safeconduct COMMAND -h\n")
}

// flags makes a flag set that prints to std and never exits by itself.
func flags(name, what string, std streams) *flag.FlagSet {
	fs := flag.NewFlagSet("safeconduct "+name, flag.ContinueOnError)
	fs.SetOutput(std.err)
	fs.Usage = func() {
		fmt.Fprintf(std.err, "safeconduct %s: %s\n\noptions:\n", name, what)
		fs.PrintDefaults()
	}
	return fs
}

// parse reads the command line; anything that is no option is an error.
func parse(fs *flag.FlagSet, args []string) error {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(fs.Output(), "%s: %q is no option\n", fs.Name(), fs.Arg(0))
		return errUsage
	}
	return nil
}
