package demo

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/desk/ui"
	"safeconduct/internal/gateway/telegram/telegramsim"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
	"safeconduct/internal/seal"
)

// Options say how to run the demonstration.
type Options struct {
	Dir        string // of the authority; "" for a new folder that is deleted at the end
	Keep       bool   // do not delete it
	PublicPort int    // that is liked; 0: any free one
	DeskPort   int    // that is liked; 0: any free one
	PhonePort  int    // that is liked; 0: any free one
	Language   string // of the desk's pages
	In         io.Reader
	Out        io.Writer
	Clock      func() time.Time
	Log        *slog.Logger
}

// Run runs the demonstration until ctx ends, and cleans up behind it.
func Run(ctx context.Context, o Options) (err error) {
	for _, port := range []int{o.PublicPort, o.DeskPort, o.PhonePort} {
		if port < 0 || port > 65535 {
			return hotline.Errorf(hotline.KindInvalid, "demo", "a port is a number from 0 to 65535")
		}
	}
	d := &demonstration{Options: o, kept: o.Keep || o.Dir != ""}
	defer func() { err = errors.Join(err, d.close()) }()
	steps := []func(context.Context) error{d.folder, d.doors, d.boot, d.open, d.fill, d.handOver}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			if ctx.Err() != nil {
				return nil // stopped while it was starting
			}
			return err
		}
	}
	d.tell()
	return d.wait(ctx)
}

type demonstration struct {
	Options
	kept       bool
	made       string // folder that is ours to delete
	public     net.Listener
	page       net.Listener
	phone      net.Listener
	publicPort int
	phonePort  int
	passphrase string
	product    *rehearsal.Product
	desk       *desk.Desk
	pages      *ui.UI
	stopPages  context.CancelFunc
	pagesEnded chan error
	phones     *http.Server
	phoneEnded chan error
}

func (d *demonstration) say(format string, args ...any) { fmt.Fprintf(d.Out, format, args...) }

func (d *demonstration) folder(context.Context) error {
	if d.Dir != "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "safeconduct-demo-")
	if err != nil {
		return hotline.Errorf(hotline.KindUnavailable, "demo", "no folder to play in: %w", err)
	}
	d.made, d.Dir = dir, filepath.Join(dir, "authority")
	return nil
}

// doors finds ports. What is taken is said, with what was picked instead.
func (d *demonstration) doors(ctx context.Context) error {
	for _, door := range []struct {
		listener *net.Listener
		liked    int
		name     string
	}{
		{&d.public, d.PublicPort, "contact page"},
		{&d.page, d.DeskPort, "desk"},
		{&d.phone, d.PhonePort, "telephone"},
	} {
		l, taken, err := listenNear(ctx, door.liked)
		if err != nil {
			return err
		}
		*door.listener = l
		if taken {
			d.say("Port %d is taken by another program; the %s uses %d.\n", door.liked, door.name, portOf(l))
		}
	}
	return nil
}

func (d *demonstration) boot(ctx context.Context) error {
	d.say("Making an authority: keys, recovery sheets, one operator, a database.\n")
	d.passphrase = "demo-" + strings.ToLower(rand.Text()[:10])
	d.publicPort, d.phonePort = portOf(d.public), portOf(d.phone)
	var err error
	d.product, err = rehearsal.Boot(context.WithoutCancel(ctx), rehearsal.Authority{
		Dir: d.Dir, Name: "Vesna", Passphrase: d.passphrase, Public: d.public,
		Route: fmt.Sprintf("http://localhost:%d", d.publicPort), Bot: true, Clock: d.Clock, Log: d.Log,
	})
	d.public = nil // the server's now, or closed
	return err
}

// open opens the desk and its pages.
func (d *demonstration) open(ctx context.Context) error {
	var err error
	if d.desk, err = d.product.OpenDesk(ctx); err != nil {
		return err
	}
	d.pages, err = ui.New(ui.Config{Desk: d.desk, Address: d.page.Addr().String(), Language: d.Language, Log: d.Log})
	if err != nil {
		return err
	}
	// As an administrator does, so that "Is this really you?" can be answered.
	bot := seal.ChannelAddress{Channel: hotline.ChannelTelegram, Address: "@" + d.product.Telegram.Bot}
	if _, err := d.desk.SetAddresses(ctx, []seal.ChannelAddress{bot}); err != nil {
		return err
	}
	var serving context.Context
	serving, d.stopPages = context.WithCancel(context.WithoutCancel(ctx))
	d.pagesEnded = make(chan error, 1)
	l := d.page
	d.page = nil // Serve closes it
	go func() { d.pagesEnded <- d.pages.Serve(serving, l) }()
	return nil
}

func (d *demonstration) fill(ctx context.Context) error {
	scenarios, err := rehearsal.Builtin()
	if err != nil {
		return err
	}
	d.say("Playing %d conversations in through the real doors:\n", len(scenarios))
	p := &player{product: d.product, desk: d.desk, out: d.Out, cases: map[string]played{}}
	return p.all(ctx, scenarios)
}

// handOver opens the simulated telephone. The one that is shown first belongs to
// the visitor.
func (d *demonstration) handOver(context.Context) error {
	d.product.Telegram.Phone(telegramsim.PersonConfig{ID: 1, Name: "You", Language: d.Language})
	d.phones = &http.Server{Handler: telegramsim.Phone(d.product.Telegram.Server), ReadHeaderTimeout: time.Minute}
	d.phoneEnded = make(chan error, 1)
	l := d.phone
	d.phone = nil // Serve closes it
	go func() { d.phoneEnded <- d.phones.Serve(l) }()
	return nil
}

func (d *demonstration) tell() {
	fate := "deleted at the end"
	if d.kept {
		fate = "kept at the end"
	}
	d.say(`
The demonstration is running. Everything in it is made up.

  contact page   http://localhost:%[1]d/
  desk           %[2]s
                 (lets one browser in, once; press Enter here for another link)
  telephone      http://localhost:%[6]d/
                 (Telegram, simulated: nothing leaves this computer)
  passphrase     %[3]s   (if the desk locks)
  folder         %[4]s   (%[5]s)

Try this:
  1. Be afraid. Open the contact page and ask whether it is a trap. Write down the receipt.
  2. Be the operator. Open the desk: your message stands in the queue. Answer it.
  3. Come back. Open the contact page in a private window, with nothing but the receipt.
  4. Be afraid in Telegram. Open the telephone and press Start. Register, write, and answer yourself
     at the desk. Then erase the chat.

Ctrl-C ends it.
`, d.publicPort, d.pages.LaunchURL(), d.passphrase, d.Dir, fate, d.phonePort)
}

// wait serves until somebody stops it or a part of it ends.
func (d *demonstration) wait(ctx context.Context) error {
	enter := make(chan struct{})
	if d.In != nil {
		go func() {
			lines := bufio.NewScanner(d.In)
			for lines.Scan() {
				select {
				case enter <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-enter:
			d.say("desk           %s\n", d.pages.LaunchURL())
		case <-d.product.Done():
			return hotline.Errorf(hotline.KindInternal, "demo", "the server has ended by itself")
		case err := <-d.pagesEnded:
			d.pagesEnded <- err // close reads it again
			return hotline.Errorf(hotline.KindInternal, "demo", "the desk's pages have ended by themselves")
		case err := <-d.phoneEnded:
			d.phoneEnded <- err
			return hotline.Errorf(hotline.KindInternal, "demo", "the telephone has ended by itself")
		}
	}
}

// close stops what was started, last first, and deletes what was made.
func (d *demonstration) close() error {
	var errs []error
	if d.phones != nil {
		errs = append(errs, d.phones.Close())
		<-d.phoneEnded
	}
	if d.stopPages != nil {
		d.stopPages()
		errs = append(errs, <-d.pagesEnded)
	}
	if d.desk != nil {
		errs = append(errs, d.desk.Close())
	}
	if d.product != nil {
		errs = append(errs, d.product.Close())
	}
	for _, l := range []net.Listener{d.public, d.page, d.phone} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	switch {
	case d.made != "" && !d.Keep:
		errs = append(errs, os.RemoveAll(d.made))
		d.say("\nStopped. The folder was deleted.\n")
	case d.Dir != "":
		d.say("\nStopped. The folder was kept: %s\n", d.Dir)
	}
	return errors.Join(errs...)
}
