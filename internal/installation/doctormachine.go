package installation

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// Examination says what the doctor examines, and with which instruments.
type Examination struct {
	Dir   string
	Clock func() time.Time
	// Free says how much room the disk of a folder has for somebody without
	// privileges, and how much in all, in bytes; all of 0: not known. Nil asks the system.
	Free func(dir string) (free, all uint64, err error)
}

const (
	// littleRoom is less than what some nights of messages and a backup take.
	littleRoom = 1 << 30
	// noRoom is less than what the database needs to go on.
	noRoom = 64 << 20
	// sampled is how many entries of a long journal the doctor looks at.
	sampled = 500
	// longJournal is where looking at every entry takes longer than a doctor should.
	longJournal = 20_000
	// knock is how long a door may take to answer.
	knock = 3 * time.Second
)

// disks looks whether there is room where things are written, and whether they can be.
func (d *doctor) disks() {
	to := d.in.BackupTarget()
	tight, closed := false, false
	for _, p := range []struct{ what, dir string }{{"the installation", d.dir}, {"backups", to.Dir}, {"the key store", filepath.Dir(to.Keys)}} {
		dir := existing(p.dir)
		free, all, err := d.free(dir)
		switch {
		case err != nil:
			d.warn("room", fmt.Sprintf("how much room %s has cannot be found out: %v", p.what, err), "look at the disk")
			tight = true
		case all == 0: // not known on this system
		case free < noRoom:
			d.fail("room", fmt.Sprintf("the disk of %s is full: %d MiB are free", p.what, free>>20), "make room: nothing that arrives can be kept")
			tight = true
		case free < littleRoom:
			d.warn("room", fmt.Sprintf("the disk of %s is nearly full: %d MiB are free", p.what, free>>20), "make room, before messages are refused")
			tight = true
		}
		if err := probe(dir); err != nil {
			d.fail("folders", fmt.Sprintf("nothing can be written for %s: %v", p.what, err), "put the disk and the permissions of "+dir+" right")
			closed = true
		}
	}
	if !tight {
		d.ok("room", "there is room")
	}
	if !closed {
		d.ok("folders", "what is written reaches the disks")
	}
}

// existing is the folder itself, or the nearest above it that is there.
func existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}

// probe writes a file as the server would, and takes it away again.
func probe(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 4096))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}

// plan says whether the server's own backups go on.
func (d *doctor) plan(ctx context.Context) {
	if d.in.Config.Backup.Every < 0 {
		d.ok("schedule", "this node takes no backups by itself, as it is configured")
		return
	}
	var p plan
	err := d.db.View(ctx, func(tx *store.Tx) error {
		raw, err := tx.Setting(ctx, settingBackup)
		if store.Missing(err) {
			return nil // never served
		}
		if err == nil && json.Unmarshal(raw, &p) != nil {
			err = hotline.Errorf(hotline.KindInvalid, "doctor", "the note of the next backup is damaged")
		}
		return err
	})
	switch {
	case err != nil:
		d.warn("schedule", err.Error(), "start the server: it takes a backup and writes the note anew")
	case p.Failed > 0:
		d.fail("schedule", fmt.Sprintf("no backup has succeeded since %s; %d tries failed, the last: %s",
			time.Unix(p.Failed, 0).UTC().Format("2006-01-02 15:04 UTC"), p.Tries, p.Why), "put that right, then run: safeconduct backup")
	default:
		d.ok("schedule", "the server's own backups have not failed")
	}
}

// newest holds the clock against the journal's newest entry.
func (d *doctor) newest(ctx context.Context) {
	var last int64
	err := d.db.View(ctx, func(tx *store.Tx) error {
		size, err := tx.Journal().Size(ctx)
		if err != nil || size == 0 {
			return err
		}
		rows, err := tx.Journal().Leaves(ctx, size-1, 1)
		if err != nil || len(rows) == 0 || rows[0].Opening == nil {
			return err
		}
		e, err := journal.ParseEntry(rows[0].Opening.Line)
		last = e.Hour
		return err
	})
	now := int64(hotline.HourOf(d.now))
	switch {
	case err != nil:
		d.fail("clock", "the newest entry of the journal cannot be read: "+err.Error(), "run: safeconduct verify")
	case last > now+1:
		d.fail("clock", fmt.Sprintf("the newest entry of the journal is from %d hours ahead: the clock is behind, or was ahead", last-now), "set the clock; nothing is let go until it is right")
	default:
		d.ok("clock", "the clock is not behind the journal")
	}
}

// sample looks at entries of a long journal drawn at random: each has the words
// that were logged, and stands in the tree of the newest checkpoint.
func (d *doctor) sample(ctx context.Context, size int64) error {
	return d.db.View(ctx, func(tx *store.Tx) error {
		head, err := tx.JournalHead(ctx)
		if err != nil {
			return err
		}
		c, err := journal.ParseCheckpoint([]byte(head.Checkpoint), d.in.secrets.Journal.Verifier())
		if err != nil {
			return err
		}
		if c.Size != size {
			return hotline.Errorf(hotline.KindForged, "doctor", "the newest checkpoint covers %d of %d entries", c.Size, size)
		}
		for range sampled {
			n, err := rand.Int(rand.Reader, big.NewInt(size))
			if err != nil {
				return err
			}
			if err := checkLeaf(ctx, tx, c, n.Int64()); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkLeaf(ctx context.Context, tx *store.Tx, c journal.Checkpoint, index int64) error {
	rows, err := tx.Journal().Leaves(ctx, index, 1)
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0].Index != index {
		return hotline.Errorf(hotline.KindForged, "doctor", "entry %d is missing", index)
	}
	if rows[0].Opening != nil {
		if _, err := journal.VerifyOpening(rows[0].Commitment, *rows[0].Opening); err != nil {
			return hotline.Errorf(hotline.KindForged, "doctor", "entry %d: %w", index, err)
		}
	}
	proof, err := journal.ProveInclusion(ctx, tx.Journal(), c.Size, index)
	if err != nil {
		return err
	}
	return journal.CheckInclusion(proof, c, index, rows[0].Commitment)
}

// restored says whether administrators still have to accept a restore.
func (d *doctor) restored(ctx context.Context) {
	var a server.AfterRestore
	err := d.db.View(ctx, func(tx *store.Tx) (err error) {
		a, err = server.ReadAfterRestore(ctx, tx)
		return err
	})
	switch {
	case err != nil:
		d.fail("restore", err.Error(), "speak with an auditor; keep the database as it is")
	case a.Open():
		d.warn("restore", fmt.Sprintf("the server was restored, and %d of the %d administrators that it takes have accepted it; desks send nothing", len(a.By), a.Needed),
			"accept it at an administrator's desk, on the page Alarms")
	default:
		d.ok("restore", "no restore waits for an administrator")
	}
}

// doors looks who answers where this server listens.
func (d *doctor) doors(ctx context.Context) {
	if err := d.in.Config.Connections.check(); err != nil {
		d.fail("connections", err.Error(), "put connections in server.json right")
	}
	desk, err := d.deskDoor(ctx)
	d.door("door for desks", d.in.Config.DeskListen, desk, err)
	public, err := d.publicDoor(ctx)
	d.door("public door", d.in.Config.Public, public, err)
}

// What was found behind a door.
const (
	doorAny    = "any"    // the system chooses it at each start
	doorFree   = "free"   // nobody listens
	doorOurs   = "ours"   // this installation is served
	doorOthers = "others" // somebody else listens
)

func (d *doctor) door(check, addr, found string, err error) {
	switch {
	case err != nil:
		d.fail(check, fmt.Sprintf("%s cannot be used: %v", addr, err), "put the address in server.json right")
	case found == doorOthers:
		d.fail(check, addr+" is taken: who answers there is not this installation", "end the other program, or put another address into server.json")
	case found == doorOurs:
		d.ok(check, addr+" is served by this installation")
	case found == doorFree:
		d.ok(check, addr+" is free; the server does not run here")
	default:
		d.ok(check, "its port is chosen at each start")
	}
}

// listens reports whether nobody listens at an address yet, and where to knock if somebody does.
func listens(ctx context.Context, addr string) (found, at string, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", "", err
	}
	if port == "0" {
		return doorAny, "", nil
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	at = net.JoinHostPort(host, port)
	dialer := net.Dialer{Timeout: knock}
	if conn, err := dialer.DialContext(ctx, "tcp", at); err == nil {
		return doorOthers, at, conn.Close() // until it proves who it is
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return "", at, err
	}
	return doorFree, at, l.Close()
}

func (d *doctor) deskDoor(ctx context.Context) (string, error) {
	found, at, err := listens(ctx, d.in.Config.DeskListen)
	if err != nil || found != doorOthers {
		return found, err
	}
	want, err := api.Pin(d.in.secrets.TLS.Public())
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, knock)
	defer cancel()
	if api.Answers(ctx, at, want) {
		return doorOurs, nil
	}
	return found, nil
}

func (d *doctor) publicDoor(ctx context.Context) (string, error) {
	found, at, err := listens(ctx, d.in.Config.Public)
	if err != nil || found != doorOthers {
		return found, err
	}
	ctx, cancel := context.WithTimeout(ctx, knock)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/v1/manifest", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return found, nil //nolint:nilerr // whoever it is does not speak as we do
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || !strings.Contains(string(text), d.in.Config.Desk.String()) {
		return found, nil //nolint:nilerr // as above
	}
	return doorOurs, nil
}
