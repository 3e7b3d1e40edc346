package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/desk/ui"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/rehearsal/training"
)

func runDesk(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("desk", "run an operator's desk on this computer", std)
	dir := fs.String("dir", "safeconduct-desk", "folder of the desk; a new one begins with an invitation")
	listen := fs.String("listen", "127.0.0.1:8090", "address of the pages; this computer only")
	idle := fs.Duration("idle", 15*time.Minute, "lock after this time without an act; 0 for never")
	language := fs.String("language", "uk", "language of the pages at the beginning: uk, ru or en")
	verbose := fs.Bool("verbose", false, "log connections")
	exercise := fs.Bool("training", false, "practise with simulated people; nothing of a real desk is opened, nothing leaves this computer")
	scenarios := fs.String("scenarios", "", "with -training: file of conversations; without it those that come with the program")
	pace := fs.Duration("pace", 4*time.Second, "with -training: how long a minute of a conversation takes")
	if err := parse(fs, args); err != nil {
		return err
	}
	if err := fitsTraining(fs, *exercise); err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(*listen)
	if err != nil || host != "127.0.0.1" {
		return hotline.Errorf(hotline.KindInvalid, "desk", "the pages may be shown on 127.0.0.1 only, not on %q", *listen)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", *listen)
	if err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "desk",
			"%s cannot be used (is another desk running?); choose another with -listen 127.0.0.1:0: %w", *listen, err)
	}
	log := logger(std, *verbose)
	if *exercise {
		return train(ctx, std, l, log, *scenarios, *language, *pace)
	}
	d, err := desk.Open(desk.Config{Dir: *dir, IdleLock: *idle, Log: log})
	if err != nil {
		_ = l.Close()
		return err
	}
	chosen := looks{path: filepath.Join(*dir, "pages.json"), Language: *language}
	chosen.read()
	pages, err := ui.New(ui.Config{
		Desk: d, Address: l.Addr().String(), Language: chosen.Language, Theme: chosen.Theme, Log: log, Remember: chosen.keep,
	})
	if err != nil {
		_ = l.Close()
		return err
	}
	fmt.Fprintf(std.out, "Open this address in a browser on this computer. It works once, for two minutes:\n\n  %s\n\nPress Enter for a new one, Ctrl-C to stop.\n", pages.LaunchURL())
	go relaunch(std.in, std.out, pages.LaunchURL)
	err = pages.Serve(ctx, l)
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

// fitsTraining refuses options that mean nothing together.
func fitsTraining(fs *flag.FlagSet, exercise bool) (err error) {
	fs.Visit(func(f *flag.Flag) {
		switch {
		case exercise && (f.Name == "dir" || f.Name == "idle"):
			err = hotline.Errorf(hotline.KindInvalid, "desk", "-training makes a desk of its own and opens nothing of yours: leave out -%s", f.Name)
		case !exercise && (f.Name == "scenarios" || f.Name == "pace"):
			err = hotline.Errorf(hotline.KindInvalid, "desk", "-%s belongs to -training", f.Name)
		}
	})
	return err
}

// train runs an exercise. l is closed in any case.
func train(ctx context.Context, std streams, l net.Listener, log *slog.Logger, file, language string, pace time.Duration) error {
	defer l.Close()
	scenarios, err := rehearsal.Builtin()
	if file != "" {
		scenarios, err = rehearsal.ReadFile(file)
	}
	if err != nil {
		return err
	}
	return training.Run(ctx, training.Options{
		Scenarios: scenarios, Pages: l, Name: "Newcomer", Language: language, Pace: pace, Poll: 2 * time.Second,
		Launch: func(url func() string) { go relaunch(std.in, std.out, url) },
		Out:    std.out, Clock: time.Now, Log: log,
	})
}

// relaunch prints a new address for each line that is typed. It ends with the
// input.
func relaunch(in io.Reader, out io.Writer, launchURL func() string) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		fmt.Fprintf(out, "\n  %s\n", launchURL())
	}
}

// looks is how the operator wants the pages to look. It is kept in the desk's
// folder, not in the browser.
type looks struct {
	path     string
	Language string `json:"language"`
	Theme    string `json:"theme"`
}

// read takes what was chosen before; a missing or damaged file changes nothing.
func (c *looks) read() {
	raw, err := os.ReadFile(c.path)
	if err != nil {
		return
	}
	before := looks{path: c.path}
	if json.Unmarshal(raw, &before) == nil {
		*c = before
	}
}

func (c *looks) keep(language, theme string) error {
	raw, err := json.Marshal(looks{Language: language, Theme: theme})
	if err != nil {
		return fmt.Errorf("keep the choice: %w", err)
	}
	return os.WriteFile(c.path, raw, 0o600)
}
