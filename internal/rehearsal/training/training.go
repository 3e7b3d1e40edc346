package training

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/desk/ui"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
)

// Options say how to run an exercise.
type Options struct {
	Scenarios []rehearsal.Scenario
	Pages     net.Listener  // of the desk's pages, on 127.0.0.1
	Name      string        // call-name of the newcomer
	Language  string        // of the pages
	Pace      time.Duration // of a minute of the script
	Poll      time.Duration // between two looks of a person for an answer
	Launch    func(url func() string)
	Out       io.Writer
	Clock     func() time.Time
	Log       *slog.Logger
}

// Run runs an exercise until ctx ends, prints what was missed, and deletes
// everything.
func Run(ctx context.Context, o Options) (err error) {
	if o.Pace < 0 || o.Poll <= 0 || len(o.Scenarios) == 0 {
		return hotline.Errorf(hotline.KindInvalid, "training", "an exercise needs people, a pace of 0 or more and a pause between two looks")
	}
	dir, err := os.MkdirTemp("", "safeconduct-training-")
	if err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "training", "no folder to play in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	passphrase := "training-" + strings.ToLower(rand.Text()[:10])
	fmt.Fprintln(o.Out, "Making a hotline for this exercise. It is deleted at the end, and nothing leaves this computer.")
	// What is running ends by its own Close, so that the look back still has a server to ask.
	running := context.WithoutCancel(ctx)
	product, err := rehearsal.Boot(running, rehearsal.Authority{
		Dir: filepath.Join(dir, "authority"), Name: o.Name, Passphrase: passphrase, Clock: o.Clock, Log: o.Log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, product.Close()) }()
	d, err := product.OpenDesk(running)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	e := begin(ctx, o.Scenarios, &stage{product: product, pace: o.Pace, poll: o.Poll, clock: o.Clock}, d)
	defer e.End()
	return o.serve(ctx, d, e, passphrase)
}

// serve shows the pages until ctx ends, then looks back.
func (o Options) serve(ctx context.Context, d *desk.Desk, e *exercise, passphrase string) error {
	pages, err := ui.New(ui.Config{
		Desk: d, Address: o.Pages.Addr().String(), Language: o.Language, Log: o.Log, Training: e,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, `
Training. %d simulated people will write in the next minutes. Answer them as an operator would.

  desk         %s
               (lets one browser in, once; press Enter for another)
  passphrase   %s   (if the desk locks)

"Training" in the page's head shows how it goes. Ctrl-C ends the exercise and prints the look back.
`, len(o.Scenarios), pages.LaunchURL(), passphrase)
	if o.Launch != nil {
		o.Launch(pages.LaunchURL)
	}
	if err := pages.Serve(ctx, o.Pages); err != nil {
		return err
	}
	e.End()
	back, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	r, err := e.Review(back)
	if err != nil {
		return fmt.Errorf("look back: %w", err)
	}
	report(o.Out, r)
	return nil
}

// report prints the look back in English; the pages have it in the operator's language.
func report(w io.Writer, r ui.Review) {
	fmt.Fprintf(w, "\nLooking back: %d of %d people wrote.\n", len(r.Lessons), r.People)
	missed := 0
	for _, l := range r.Lessons {
		fmt.Fprintf(w, "\n%s\n", l.Name)
		for _, f := range l.Findings {
			mark := "  ok    "
			if !f.OK {
				mark = "  look  "
				missed++
			}
			fmt.Fprintln(w, mark+f.English())
		}
	}
	fmt.Fprintf(w, "\n%d to look at again. Everything was deleted.\n", missed)
}
