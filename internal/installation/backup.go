package installation

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// Backups says how `serve` takes backups. A zero value means the defaults.
type Backups struct {
	Dir   string `json:"dir,omitempty"`         // folder of the backups, "backup" in the installation's
	Keys  string `json:"keys,omitempty"`        // the key store's file, "keystore/keys.tar"
	Every int    `json:"every_hours,omitempty"` // 24; negative: this node takes none
	Keep  int    `json:"keep,omitempty"`        // newest to keep, 7
}

const (
	defaultEvery = 24
	defaultKeep  = 7
)

func (in *Installation) inside(path, otherwise string) string {
	if path == "" {
		path = otherwise
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(in.Dir, path)
}

// BackupTarget is where this installation's backups go.
func (in *Installation) BackupTarget() backup.Target {
	b := in.Config.Backup
	t := backup.Target{Dir: in.inside(b.Dir, "backup"), Keys: in.inside(b.Keys, filepath.Join("keystore", "keys.tar")), Keep: b.Keep}
	if t.Keep <= 0 {
		t.Keep = defaultKeep
	}
	return t
}

// Open opens the installation's database. Where its schema is older than this
// program's, a backup is taken first, by the same means as every other and so
// without wraps of team keys.
func (in *Installation) Open(ctx context.Context, clock func() time.Time) (*store.DB, error) {
	if err := in.backupBeforeMigrating(ctx, clock); err != nil {
		return nil, err
	}
	return store.Open(ctx, in.DatabaseURL())
}

func (in *Installation) backupBeforeMigrating(ctx context.Context, clock func() time.Time) error {
	old, err := store.Open(ctx, in.DatabaseURL(), store.AsItIs())
	if hotline.KindOf(err) == hotline.KindNotFound {
		return nil // a new one
	}
	if err != nil {
		return err
	}
	err = in.backupIfOlder(ctx, old, clock)
	return errors.Join(err, old.Close())
}

func (in *Installation) backupIfOlder(ctx context.Context, old *store.DB, clock func() time.Time) error {
	ours, err := store.Migrations(old.Stats().Engine)
	if err != nil {
		return err
	}
	var steps int
	err = old.View(ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables(ctx)
		if err != nil || len(tables) == 0 {
			return err
		}
		done, err := tx.Schema(ctx)
		steps = len(done)
		return err
	})
	if err != nil || steps == 0 || steps == len(ours) {
		return err
	}
	if _, err := in.take(ctx, old, in.BackupTarget(), clock, nil); err != nil {
		return hotline.Errorf(hotline.KindOf(err), "serve",
			"the database is to be brought up to date, and the backup that must be taken first failed; the database was not changed: %w", err)
	}
	return nil
}

// Backup takes a backup now and writes its leaf.
func (in *Installation) Backup(ctx context.Context, to backup.Target, clock func() time.Time, tell func(backup.Progress)) (backup.Taken, error) {
	db, err := in.Open(ctx, clock)
	if err != nil {
		return backup.Taken{}, err
	}
	taken, err := in.backupOf(ctx, db, to, clock, tell)
	return taken, errors.Join(err, db.Close())
}

func (in *Installation) backupOf(ctx context.Context, db *store.DB, to backup.Target, clock func() time.Time, tell func(backup.Progress)) (backup.Taken, error) {
	taken, err := in.take(ctx, db, to, clock, tell)
	if err != nil {
		return taken, err
	}
	c, err := journal.ParseCheckpoint([]byte(taken.Manifest.Checkpoint), in.secrets.Journal.Verifier())
	if err != nil {
		return taken, err
	}
	return taken, db.Update(ctx, func(tx *store.Tx) error {
		return server.RecordBackup(ctx, tx, in.secrets.Journal, clock, taken.Manifest.ID(), c.Size)
	})
}

// take takes a backup of a database and of the attachments beside it.
func (in *Installation) take(ctx context.Context, db *store.DB, to backup.Target, clock func() time.Time, tell func(backup.Progress)) (backup.Taken, error) {
	at, err := in.openAttachments()
	if err != nil {
		return backup.Taken{}, err
	}
	s := backup.Source{DB: db, Blobs: at, Signer: in.secrets.Journal, Clock: clock, Progress: tell}
	taken, err := s.Take(ctx, to)
	return taken, errors.Join(err, at.close())
}

// WriteKeys writes the key store's file as db has it now.
func (in *Installation) WriteKeys(ctx context.Context, db *store.DB, clock func() time.Time) error {
	return backup.Source{DB: db, Signer: in.secrets.Journal, Clock: clock}.WriteKeys(ctx, in.BackupTarget().Keys)
}

const (
	// settingBackup is the plan of all nodes: who takes the next backup, and when.
	settingBackup = "backup"
	// backupLook is how often a node looks whether a backup is due.
	backupLook = time.Minute
	// backupLease is after how long a backup that was begun counts as given up.
	backupLease = 6 * time.Hour
	// firstBackup is when a new installation takes its first.
	firstBackup = time.Hour
	// backupRetry is how long after a failed backup the next try comes.
	backupRetry = time.Hour
	// maxWhy bounds what is kept of the reason, in bytes.
	maxWhy = 300
)

// plan is the value of settingBackup, in unix seconds.
type plan struct {
	Due   int64 `json:"due"`   // not before
	Lease int64 `json:"lease"` // somebody is taking one until
	// Since the last good one: when a try failed first, how many have, and why the last.
	Failed int64  `json:"failed,omitempty"`
	Tries  int    `json:"tries,omitempty"`
	Why    string `json:"why,omitempty"`
}

// after is the plan when a backup was taken, or was not.
func (p plan) after(err error, now time.Time, every time.Duration) plan {
	if err == nil {
		return plan{Due: now.Add(every).Unix()}
	}
	next := plan{Due: now.Add(min(every, backupRetry)).Unix(), Failed: p.Failed, Tries: p.Tries + 1, Why: err.Error()}
	if next.Failed == 0 {
		next.Failed = now.Unix()
	}
	next.Why = next.Why[:min(len(next.Why), maxWhy)]
	return next
}

// keepBackups takes a backup when one is due, on one of all nodes.
func (n *node) keepBackups(ctx context.Context) error {
	if n.in.Config.Backup.Every < 0 {
		return nil
	}
	tick := time.NewTicker(backupLook)
	defer tick.Stop()
	if n.run.BackupTick != nil { // then somebody else says when
		tick.Stop()
	}
	for {
		if err := n.backupWhenDue(ctx); err != nil && ctx.Err() == nil {
			n.run.Log.ErrorContext(ctx, "the backup failed: run `safeconduct doctor`", "why", err)
		}
		select {
		case <-tick.C:
		case <-n.run.BackupTick:
		case <-ctx.Done():
			return nil
		}
	}
}

func (n *node) backupWhenDue(ctx context.Context) error {
	mine, err := n.claimBackup(ctx)
	if err != nil || !mine {
		return err
	}
	taken, err := n.in.backupOf(ctx, n.db, n.in.BackupTarget(), n.run.Clock, nil)
	if err != nil && ctx.Err() != nil {
		// The server is being stopped, which is no failure: the next start is not to wait for the lease.
		return n.putPlan(context.WithoutCancel(ctx), func(p plan) (plan, bool) { p.Lease = 0; return p, true })
	}
	if len(taken.Missing) > 0 {
		n.run.Log.ErrorContext(ctx, "parts of attachments are gone or damaged and are in no new backup: run `safeconduct doctor`", "parts", len(taken.Missing))
	}
	now := n.run.Clock()
	putErr := n.putPlan(context.WithoutCancel(ctx), func(p plan) (plan, bool) { return p.after(err, now, n.every()), true })
	if n.run.Backed != nil && err == nil {
		n.run.Backed(taken)
	}
	if n.run.BackupFailed != nil && err != nil {
		n.run.BackupFailed(err)
	}
	return errors.Join(err, putErr)
}

func (n *node) every() time.Duration {
	every := n.in.Config.Backup.Every
	if every == 0 {
		every = defaultEvery
	}
	return time.Duration(every) * time.Hour
}

// claimBackup reports whether this node is to take a backup now. A due hour
// further away than one period comes from a clock that was wrong.
func (n *node) claimBackup(ctx context.Context) (mine bool, err error) {
	now := n.run.Clock()
	err = n.putPlan(ctx, func(p plan) (plan, bool) {
		leased := now.Unix() < p.Lease && p.Lease <= now.Add(backupLease).Unix()
		waits := now.Unix() < p.Due && p.Due <= now.Add(n.every()).Unix()
		mine = !leased && !waits
		p.Lease = now.Add(backupLease).Unix()
		return p, mine
	})
	return mine, err
}

// putPlan changes the plan, one node at a time: the journal's lock serves.
func (n *node) putPlan(ctx context.Context, change func(plan) (plan, bool)) error {
	return n.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Journal().Size(ctx); err != nil {
			return err
		}
		var p plan
		raw, err := tx.Setting(ctx, settingBackup)
		if err != nil && !store.Missing(err) {
			return err
		}
		if store.Missing(err) {
			p.Due = n.run.Clock().Add(firstBackup).Unix() // not in the middle of a start
		} else {
			_ = json.Unmarshal(raw, &p) // a damaged plan is as none: a backup is due
		}
		next, changed := change(p)
		if !changed && !store.Missing(err) {
			return nil
		}
		if !changed {
			next = p
		}
		value, err := json.Marshal(next)
		if err != nil {
			return err
		}
		return tx.PutSetting(ctx, settingBackup, value)
	})
}

// TryBackup restores a backup into a scratch database beside it and checks it there.
func (in *Installation) TryBackup(ctx context.Context, path string, tell func(backup.Progress)) error {
	return backup.Trial(ctx, path, in.secrets.Journal.Verifier(), filepath.Dir(path), tell)
}
