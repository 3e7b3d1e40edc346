package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
)

// routeList collects a flag that may be given several times.
type routeList []string

func (r *routeList) String() string     { return strings.Join(*r, " ") }
func (r *routeList) Set(s string) error { *r = append(*r, strings.TrimSuffix(s, "/")); return nil }

func runInit(ctx context.Context, args []string, getenv func(string) string, std streams) error {
	fs := flags("init", "make an authority: keys, recovery sheets, the first operator, the database", std)
	o := installation.Init{Clock: time.Now}
	var routes routeList
	fs.StringVar(&o.Dir, "dir", "safeconduct-data", "folder for the installation; it must not hold one yet")
	fs.StringVar(&o.Name, "name", "", "call-name of the first operator (not a real name)")
	fs.IntVar(&o.Sheets, "sheets", 3, "recovery sheets to print, 2 to 7")
	fs.IntVar(&o.Needed, "needed", 2, "how many of them open everything, at least 2")
	fs.StringVar(&o.Database, "database", "", "postgres:// URL; without it an embedded SQLite file in the folder")
	fs.StringVar(&o.Public, "public", "127.0.0.1:8080", "host:port of the public door")
	fs.StringVar(&o.DeskListen, "desk", "127.0.0.1:8443", "host:port of the door for desks, as desks reach it")
	fs.StringVar(&o.Neutral, "neutral", "", "address to which the page's \"leave now\" leads")
	fs.Var(&routes, "route", "origin under which the public door is reached, such as https://example.org (may be repeated)")
	if err := parse(fs, args); err != nil {
		return err
	}
	o.Routes = routes
	if len(o.Routes) == 0 {
		o.Routes = []string{"http://" + o.Public}
	}
	var err error
	if o.Passphrase, err = newPassphrase(getenv, std); err != nil {
		return err
	}
	made, err := o.Run(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "The installation is in %s.\n\n", o.Dir)
	fmt.Fprintf(std.out, "1. Print these %d recovery sheets, give each to another person, then delete the folder sheets/:\n", len(made.Sheets))
	for _, s := range made.Sheets {
		fmt.Fprintf(std.out, "     %s\n", s)
	}
	fmt.Fprintf(std.out, "   Any %d of them open everything if all desks are lost. Without them a lost passphrase is lost.\n", o.Needed)
	fmt.Fprintf(std.out, "2. Start the server:      safeconduct serve --dir %s\n", o.Dir)
	fmt.Fprintf(std.out, "3. Start your desk:       safeconduct desk --dir %s/operator\n", o.Dir)
	fmt.Fprintf(std.out, "   On another computer:   move the folder operator/ there; the server does not need it.\n")
	fmt.Fprintf(std.out, "4. The page as a file:    safeconduct page --dir %s --out contact.html\n", o.Dir)
	return nil
}

// newPassphrase asks twice at a terminal.
func newPassphrase(getenv func(string) string, std streams) (string, error) {
	first, err := passphrase("Passphrase for the first operator's key (five random words are good): ", getenv, std)
	if err != nil || !asks(getenv, std) {
		return first, err
	}
	second, err := passphrase("Once more: ", getenv, std)
	if err == nil && first != second {
		err = hotline.Errorf(hotline.KindInvalid, "init", "the two differ; nothing was made")
	}
	return first, err
}

// asks reports whether a person at a terminal is asked.
func asks(getenv func(string) string, std streams) bool {
	f, ok := std.in.(*os.File)
	return getenv("SAFECONDUCT_PASSPHRASE") == "" && ok && term.IsTerminal(int(f.Fd()))
}

// passphrase asks at a terminal without showing what is typed; otherwise it
// takes the variable SAFECONDUCT_PASSPHRASE or one line of standard input.
func passphrase(prompt string, getenv func(string) string, std streams) (string, error) {
	if p := getenv("SAFECONDUCT_PASSPHRASE"); p != "" {
		return p, nil
	}
	if !asks(getenv, std) {
		line, err := bufio.NewReader(std.in).ReadString('\n')
		if err != nil && line == "" {
			return "", hotline.Errorf(hotline.KindInvalid, "passphrase", "none was given: one line on standard input, or SAFECONDUCT_PASSPHRASE")
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	fmt.Fprint(std.err, prompt)
	typed, err := term.ReadPassword(int(std.in.(*os.File).Fd()))
	fmt.Fprintln(std.err)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	return string(typed), nil
}
