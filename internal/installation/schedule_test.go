package installation_test

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/installation"
	"safeconduct/internal/store/storetest"
)

// hand is a clock that goes on only when it is told to.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) move(by time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(by)
}

// keeper is a running node whose backups are looked after by hand.
type keeper struct {
	t     *testing.T
	tick  chan struct{}
	ended chan error
}

// keep runs a node of an installation until the test ends.
func keep(t *testing.T, in *installation.Installation, h *hand) *keeper {
	t.Helper()
	k := &keeper{t, make(chan struct{}), make(chan error, 8)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- in.Run(ctx, installation.Run{
			Roles: []installation.Role{installation.RoleDesk}, Clock: h.Now, Log: slog.New(slog.DiscardHandler),
			Ready: func(net.Addr, net.Addr) { close(ready) }, BackupTick: k.tick,
			Backed: func(backup.Taken) { k.ended <- nil }, BackupFailed: func(err error) { k.ended <- err },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the node: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		t.Fatalf("the node does not start: %v", err)
	}
	return k
}

// look lets the node look whether a backup is due, and returns what came of it:
// none when it took none.
func (k *keeper) look() (ended []error) {
	k.t.Helper()
	for range 2 { // the second is taken only when the first has been dealt with
		select {
		case k.tick <- struct{}{}:
		case <-time.After(time.Minute):
			k.t.Fatal("the node has stopped looking after its backups")
		}
	}
	for {
		select {
		case err := <-k.ended:
			ended = append(ended, err)
		default:
			return ended
		}
	}
}

// TestScheduledBackups: one is taken each day, by one of all nodes; only the newest
// are kept; one that fails is tried again, and the doctor says so until one succeeds.
func TestScheduledBackups(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := settings(filepath.Join(t.TempDir(), "house"))
			h := &hand{now: time.Now()}
			o.Clock = h.Now
			if engine == storetest.Postgres {
				o.Database = storetest.URL(t, engine)
			}
			in := made(t, o)
			in.Config.Backup.Keep = 2
			nodes := []*keeper{keep(t, in, h)}
			if engine == storetest.Postgres {
				nodes = append(nodes, keep(t, in, h))
			}
			all := func() (ended []error) {
				for _, k := range nodes {
					ended = append(ended, k.look()...)
				}
				return ended
			}
			if got := all(); len(got) != 0 {
				t.Fatalf("in the middle of the start: %v", got)
			}
			for _, day := range []time.Duration{2 * time.Hour, 25 * time.Hour, 25 * time.Hour} {
				h.move(day)
				if got := all(); len(got) != 1 || got[0] != nil {
					t.Fatalf("%d nodes took %d: %v", len(nodes), len(got), got)
				}
				if got := all(); len(got) != 0 {
					t.Errorf("twice on one day: %v", got)
				}
			}
			if kept, err := backup.List(in.BackupTarget().Dir); err != nil || len(kept) != 2 {
				t.Errorf("kept: %v %v", kept, err)
			}
			failing(t, in, h, all)
		})
	}
}

// failing takes the folder of backups away, and gives it back.
func failing(t *testing.T, in *installation.Installation, h *hand, all func() []error) {
	t.Helper()
	dir := in.BackupTarget().Dir
	do(t, os.Rename(dir, dir+".away"))
	do(t, os.WriteFile(dir, nil, 0o600))
	h.move(25 * time.Hour)
	first := h.Now().UTC().Format("2006-01-02 15:04 UTC")
	for try := range 2 {
		if got := all(); len(got) != 1 || got[0] == nil {
			t.Fatalf("try %d: %v", try, got)
		}
		if got := all(); len(got) != 0 {
			t.Errorf("tried again at once: %v", got)
		}
		h.move(61 * time.Minute)
	}
	if f := states(t, in.Dir, h.Now())["schedule"]; f.State != installation.StateFail || !strings.Contains(f.Text, first) || !strings.Contains(f.Text, "2 tries") {
		t.Errorf("the doctor says: %+v", f)
	}
	do(t, os.Remove(dir))
	do(t, os.Rename(dir+".away", dir))
	if got := all(); len(got) != 1 || got[0] != nil {
		t.Fatalf("when it can be written again: %v", got)
	}
	if f := states(t, in.Dir, h.Now())["schedule"]; f.State != installation.StateOK {
		t.Errorf("the doctor still says: %+v", f)
	}
}
