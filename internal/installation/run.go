package installation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"safeconduct/internal/backup"
	"safeconduct/internal/gateway/form"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// Role is a part of the server that may run as a process of its own.
type Role string

// The roles of a server process. All of them share one database.
const (
	RoleIntake  Role = "intake"  // envelopes of contact pages
	RoleGateway Role = "gateway" // doors that see plaintext for a moment
	RoleDesk    Role = "desk"    // the door for desks
)

// Roles returns every role.
func Roles() []Role { return []Role{RoleIntake, RoleGateway, RoleDesk} }

// Run says how to run an installation's server.
type Run struct {
	Roles  []Role       // nil: all
	Public net.Listener // nil: listen where the configuration says
	Desk   net.Listener // nil: listen where the configuration says
	Clock  func() time.Time
	Uptime func() time.Duration // by a clock that nobody can set; nil: the system's
	Log    *slog.Logger
	Limits intake.Limits
	Disk   func() (float64, error) // how full the disk of attachments is; nil: ask the system
	// Ready is called once, when all doors are open.
	Ready func(public, desk net.Addr)
	// Stats is called once, before Ready, with what tells the store's counts.
	Stats func(counts func() store.Stats)
	// BackupTick says when this node looks whether a backup is due (nil: each minute), and Backed
	// hears of each that was taken, BackupFailed of each that was not. All may be nil.
	BackupTick   <-chan struct{}
	Backed       func(backup.Taken)
	BackupFailed func(error)
	// Look says when the desk's door looks at all else that is due (nil: each minute), and Looked
	// hears when it has. Both may be nil.
	Look   <-chan struct{}
	Looked func()
}

// Run runs the server until ctx ends or a part of it fails. Requests that
// were accepted are answered before it returns.
func (in *Installation) Run(ctx context.Context, r Run) error {
	if r.Roles == nil {
		r.Roles = Roles()
	}
	if r.Uptime == nil {
		began := time.Now()
		r.Uptime = func() time.Duration { return time.Since(began) } // monotonic
	}
	db, err := in.Open(ctx, r.Clock)
	if err != nil {
		return err
	}
	if r.Stats != nil {
		r.Stats(db.Stats)
	}
	n := newNode(in, r, db)
	if err = n.openObjects(ctx); err == nil {
		err = n.serve(ctx)
	}
	if n.blobs != nil {
		err = errors.Join(err, n.blobs.close())
	}
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	return err
}

// node is one running server process.
type node struct {
	in  *Installation
	run Run
	db  *store.DB
	// house follows the chain of rosters to the authority that counts now.
	house *intake.House
	// objects keeps attachments for all doors of this process.
	objects *object.Keeper
	blobs   *attachments
}

func newNode(in *Installation, r Run, db *store.DB) *node {
	return &node{in: in, run: r, db: db, house: intake.NewHouse(db, in.Config.Authority)}
}

// firstLook is how long a start waits for what keeps attachments: the doors open
// without it.
const firstLook = 10 * time.Second

// openObjects opens where attachments are kept, and removes what a crash left
// half written.
func (n *node) openObjects(ctx context.Context) error {
	at, err := n.in.openAttachments()
	if err != nil {
		return err
	}
	disk := n.run.Disk
	if disk == nil {
		disk = at.used
	}
	if err := at.tidy(); err != nil {
		return errors.Join(err, at.close())
	}
	looking, stop := context.WithTimeout(ctx, firstLook)
	defer stop()
	switch err := at.check(looking); {
	case hotline.KindOf(err) == hotline.KindUnavailable: // text goes on without attachments
		n.run.Log.ErrorContext(ctx, "attachments cannot be kept until this is put right; text goes on", "why", err)
	case err != nil:
		return errors.Join(err, at.close())
	}
	n.blobs = at
	n.objects, err = object.New(object.Config{
		DB: n.db, Blobs: at, Clock: n.run.Clock, Log: n.run.Log, Limits: object.Limits{CaseBytes: n.in.Config.CaseBytes},
		Disk: disk,
	})
	return err
}

func (n *node) serve(ctx context.Context) error {
	if err := n.in.Config.Connections.check(); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	var public, desk net.Addr
	if n.plays(RoleIntake) || n.plays(RoleGateway) {
		l, err := listen(ctx, n.run.Public, n.in.Config.Public)
		if err != nil {
			return err
		}
		handler, works, err := n.publicDoor()
		if err != nil {
			return errors.Join(err, l.Close())
		}
		public = l.Addr()
		for _, work := range works {
			group.Go(func() error { return work(ctx) })
		}
		srv := intake.Server(handler)
		l = n.in.Config.Connections.guard(srv, l, n.in.Config.Connections.Public)
		group.Go(func() error { return serveHTTP(ctx, srv, l) })
	}
	group.Go(func() error { return n.objects.Run(ctx) })
	if n.plays(RoleDesk) {
		l, err := listen(ctx, n.run.Desk, n.in.Config.DeskListen)
		if err != nil {
			return err
		}
		s, err := server.New(server.Config{
			DB: n.db, Objects: n.objects, Journal: n.in.secrets.Journal, IndexKey: n.in.secrets.Index, Clock: n.run.Clock, Log: n.run.Log,
			WriteKeys: func(ctx context.Context) error { return n.in.WriteKeys(ctx, n.db, n.run.Clock) },
			Uptime:    n.run.Uptime, Look: n.run.Look, Looked: n.run.Looked,
		})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		srv, err := s.HTTPServer(n.in.secrets.TLS)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		desk = l.Addr()
		group.Go(func() error { return s.Run(ctx) })
		group.Go(func() error { return n.keepBackups(ctx) })
		l = n.in.Config.Connections.guard(srv, l, n.in.Config.Connections.Desk)
		group.Go(func() error { return serveTLS(ctx, srv, l) })
	}
	if n.run.Ready != nil {
		n.run.Ready(public, desk)
	}
	return group.Wait()
}

func (n *node) plays(r Role) bool { return slices.Contains(n.run.Roles, r) }

// publicDoor assembles what strangers reach: the intake, the form and the bots;
// and what each of them does beside answering.
func (n *node) publicDoor() (http.Handler, []func(context.Context) error, error) {
	s := n.in.secrets
	door, err := intake.New(intake.Config{
		DB: n.db, Objects: n.objects, Identities: []seal.Identity{s.Intake}, ChallengeKey: s.Challenge, IndexKey: s.Index,
		Documents: n.manifest, Page: (&pages{node: n}).current, Clock: n.run.Clock, Limits: n.run.Limits, Logger: n.run.Log,
	})
	if err != nil {
		return nil, nil, err
	}
	works := []func(context.Context) error{door.Run}
	mux := http.NewServeMux()
	if n.plays(RoleIntake) {
		mux.Handle("/", door.Handler())
	}
	if n.plays(RoleGateway) {
		f, err := form.New(form.Config{
			Door: door, Manifest: n.manifest, Key: s.Gateway, Seed: s.FormSeed, IndexKey: s.Index, Clock: n.run.Clock, Log: n.run.Log,
		})
		if err != nil {
			return nil, nil, err
		}
		mux.Handle("/form", f.Handler())
		if err := n.addBots(mux, &works); err != nil {
			return nil, nil, err
		}
	}
	return mux, works, nil
}

// manifest reads the newest manifest and checks it again: who can write to
// the database must not be able to redirect people.
func (n *node) manifest(ctx context.Context) ([]byte, seal.Manifest, error) {
	text, m, _, err := n.house.Manifest(ctx)
	return text, m, err
}

func listen(ctx context.Context, given net.Listener, addr string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "listen", "%s cannot be used: %w", addr, err)
	}
	return l, nil
}

// drain is how long accepted requests may take at the end.
const drain = 5 * time.Second

func serveHTTP(ctx context.Context, s *http.Server, l net.Listener) error {
	return untilDone(ctx, s, func() error { return s.Serve(l) })
}

func serveTLS(ctx context.Context, s *http.Server, l net.Listener) error {
	return untilDone(ctx, s, func() error { return s.ServeTLS(l, "", "") })
}

// untilDone serves until ctx ends, then lets what was accepted finish.
func untilDone(ctx context.Context, s *http.Server, serve func() error) error {
	drained := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(drained)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		if s.Shutdown(last) != nil {
			_ = s.Close() // what does not end by itself has had its time
		}
	})
	err := serve()
	if !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fmt.Errorf("serve: %w", err)
	}
	<-drained
	return nil
}
