package desk

import (
	"crypto/tls"
	"log/slog"
	"sync"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Clock is time as a desk sees it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Config is what a desk needs to run.
type Config struct {
	Dir        string        // made when it is not there
	Clock      Clock         // nil: the system's
	Log        *slog.Logger  // nil: nothing is logged
	IdleLock   time.Duration // 0: a desk never locks by itself
	WorkFactor int           // of the key file (scrypt); 0: 18, about a second
	// Client makes the connection; nil: api.NewClient.
	Client func(server string, cert tls.Certificate, pin seal.Hash) *api.Client
}

// Desk is one operator's desk. Its methods may be called from any goroutine.
type Desk struct {
	cfg      Config
	dir      folder
	lock     *dirLock
	changing sync.Mutex // held while the key file is locked anew
	feeds    feeds

	mu      sync.Mutex
	s       *session // nil while locked
	hasKeys bool
	touched time.Time
}

// Open opens the desk kept in a folder. It reads no secret: see Unlock.
func Open(cfg Config) (*Desk, error) {
	if cfg.Clock == nil {
		cfg.Clock = systemClock{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.WorkFactor == 0 {
		cfg.WorkFactor = 18
	}
	if cfg.Client == nil {
		cfg.Client = api.NewClient
	}
	d := &Desk{cfg: cfg, dir: folder(cfg.Dir)}
	if err := d.dir.prepare(); err != nil {
		return nil, err
	}
	var err error
	if d.lock, err = lockDir(d.dir.path(".lock")); err != nil {
		return nil, err
	}
	key, err := d.dir.read(fileKey)
	if err != nil {
		d.lock.release()
		return nil, err
	}
	d.hasKeys = key != nil
	return d, nil
}

// Close locks the desk and lets go of its folder.
func (d *Desk) Close() error {
	d.Lock()
	d.lock.release()
	d.feeds.close()
	return nil
}

// State returns how things stand.
func (d *Desk) State() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.s != nil:
		st := d.s.status()
		if d.cfg.IdleLock > 0 {
			st.LockAt = d.touched.Add(d.cfg.IdleLock)
		}
		return st
	case d.hasKeys:
		return Status{Phase: PhaseLocked, Offline: hotline.Say("the desk is locked")}
	}
	return Status{Phase: PhaseNoKeys, Offline: hotline.Say("this computer has no keys yet")}
}

// session returns the unlocked session; d.mu must be held.
func (d *Desk) session(op string) (*session, error) {
	if d.s == nil {
		return nil, hotline.Errorf(hotline.KindLocked, op, "the desk is locked: nothing was done")
	}
	return d.s, nil
}

// open is session for whoever does not hold d.mu; with it, d.mu is held until
// done is called.
func (d *Desk) open(op string) (s *session, done func(), err error) {
	d.mu.Lock()
	s, err = d.session(op)
	if err != nil {
		d.mu.Unlock()
		return nil, nil, err
	}
	return s, d.mu.Unlock, nil
}
