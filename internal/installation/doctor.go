package installation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
)

// Finding is one thing that the doctor looked at.
type Finding struct {
	Check string `json:"check"`
	State string `json:"state"` // StateOK, StateWarn, StateFail
	Text  string `json:"text"`
	Next  string `json:"next,omitempty"` // what to do
}

// The states of a finding.
const (
	StateOK   = "ok"
	StateWarn = "warn"
	StateFail = "fail"
)

// soon is how long before the end of the manifest's freshness the doctor warns. A
// desk renews it at half of its thirty days.
const soon hotline.Hour = 7 * 24

// doctor collects findings. It changes nothing.
type doctor struct {
	dir   string
	free  func(dir string) (free, all uint64, err error)
	in    *Installation
	db    *store.DB
	now   time.Time
	found []Finding
}

// Doctor looks at an installation, also while it is served and when it cannot
// be. It changes nothing and never fails: what it cannot do is a finding.
func Doctor(ctx context.Context, dir string, clock func() time.Time) []Finding {
	return Examination{Dir: dir, Clock: clock}.Findings(ctx)
}

// Findings is what the doctor finds, in the order of looking.
func (e Examination) Findings(ctx context.Context) []Finding {
	d := &doctor{dir: e.Dir, now: e.Clock(), free: e.Free}
	if d.free == nil {
		d.free = diskRoom
	}
	d.files()
	if d.opens() {
		d.disks()
		d.backups()
		d.doors(ctx)
		d.bots()
		if d.database(ctx) {
			d.journal(ctx)
			d.newest(ctx)
			d.restored(ctx)
			d.documents(ctx)
			d.plan(ctx)
			d.jobs(ctx)
			d.attachments(ctx)
			if err := d.db.Close(); err != nil {
				d.fail("database", "the database cannot be closed: "+err.Error(), "run the doctor again")
			}
		}
	}
	return d.found
}

func (d *doctor) add(check, state, text, next string) {
	d.found = append(d.found, Finding{check, state, text, next})
}
func (d *doctor) ok(check, text string)         { d.add(check, StateOK, text, "") }
func (d *doctor) warn(check, text, next string) { d.add(check, StateWarn, text, next) }
func (d *doctor) fail(check, text, next string) { d.add(check, StateFail, text, next) }

// files looks at who may read what.
func (d *doctor) files() {
	open := 0
	for _, pattern := range []string{configFile, secretDir, filepath.Join(secretDir, "*"), filepath.Join(operatorDir, "*"), "*.db", filepath.Join("backup", "*.tar"), filepath.Join("keystore", "*.tar")} {
		paths, _ := filepath.Glob(filepath.Join(d.dir, pattern)) // the patterns are constants
		for _, path := range paths {
			if info, err := os.Lstat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
				open++
				d.fail("permissions", fmt.Sprintf("%s can be read by others (%v)", path, info.Mode().Perm()), "chmod go= "+path)
			}
		}
	}
	if open == 0 {
		d.ok("permissions", "only the owner can read the files")
	}
	if sheets, _ := filepath.Glob(filepath.Join(d.dir, sheetDir, "*")); len(sheets) > 0 {
		d.warn("sheets", "recovery sheets are still on this disk", "print them, give them out, then remove the folder sheets")
	}
}

// opens reads the configuration and the secrets.
func (d *doctor) opens() bool {
	in, err := Open(d.dir)
	if err != nil {
		d.fail("keys", err.Error(), "put server.json and secret/ back from the copy that is kept apart")
		return false
	}
	d.in = in
	d.ok("keys", "configuration and secrets are there and whole")
	return true
}

func (d *doctor) backups() {
	const take = "run: safeconduct backup"
	to := d.in.BackupTarget()
	all, err := backup.List(to.Dir)
	if err != nil || len(all) == 0 {
		d.warn("backup", "there is no backup in "+to.Dir, take)
		return
	}
	key := d.in.secrets.Journal.Verifier()
	at, _ := backup.TimeOf(all[0]) // List returns no other names
	age := d.now.Sub(at)
	_, err = backup.CheckFile(all[0], key)
	every := d.in.Config.Backup.Every
	if every <= 0 {
		every = defaultEvery
	}
	switch {
	case err != nil:
		d.fail("backup", fmt.Sprintf("the newest backup %s does not verify: %v", filepath.Base(all[0]), err), take)
	case age > 2*time.Duration(every)*time.Hour:
		d.warn("backup", fmt.Sprintf("the newest backup is %d hours old", int(age.Hours())), take+"; look into the server's log for why none was taken")
	case age < -time.Hour:
		d.warn("backup", "the newest backup comes from the future: the clock was or is wrong", "set the clock")
	default:
		d.ok("backup", fmt.Sprintf("%s verifies", filepath.Base(all[0])))
	}
	if _, err := backup.CheckFile(to.Keys, key); err != nil {
		d.fail("key store", "the key store does not verify: "+err.Error(), take)
	} else {
		d.ok("key store", "the key store verifies")
	}
}

// database opens it as it is.
func (d *doctor) database(ctx context.Context) bool {
	db, err := store.Open(ctx, d.in.DatabaseURL(), store.AsItIs())
	if err != nil {
		next := "look at the disk; then restore: docs/operations.md"
		switch {
		case errors.Is(err, store.ErrTransfer):
			next = "finish the move or the restore, or take the move back: docs/operations.md"
		case errors.Is(err, store.ErrNewerSchema):
			next = "start the newer program"
		case errors.Is(err, store.ErrReadOnly):
			next = "let the disk be written (its mount options, the owner of the file), then start the server"
		case errors.Is(err, store.ErrUnsafeSetting):
			next = "put the setting of the database server right"
		case strings.HasPrefix(d.in.DatabaseURL(), "postgres"):
			next = "start PostgreSQL, or put its address in server.json right; then run the doctor again"
		}
		d.fail("database", "the database cannot be opened: "+err.Error(), next)
		return false
	}
	d.db = db
	d.writable(ctx)
	if err := db.Check(ctx); err != nil {
		d.fail("database", "the database is damaged: "+err.Error(), "stop the server, keep the file, restore the newest backup")
	} else {
		d.ok("database", "the database is whole ("+db.Stats().Engine+")")
	}
	ours, err := store.Migrations(db.Stats().Engine)
	if err != nil {
		d.fail("schema", err.Error(), "use a whole program")
		return true
	}
	err = db.View(ctx, func(tx *store.Tx) error {
		done, err := tx.Schema(ctx)
		if err != nil {
			return err
		}
		if len(done) < len(ours) {
			d.warn("schema", fmt.Sprintf("the schema is at step %d of %d", len(done), len(ours)), "start the server: it takes a backup and goes on")
		} else {
			d.ok("schema", fmt.Sprintf("the schema is at step %d", len(done)))
		}
		return tx.CheckReferences(ctx)
	})
	if err != nil {
		d.fail("references", err.Error(), "stop the server, keep the file, restore the newest backup")
	}
	return true
}

// writable looks whether messages can be kept at all, and for how long.
func (d *doctor) writable(ctx context.Context) {
	switch err := d.db.Writable(ctx); {
	case errors.Is(err, store.ErrReadOnly):
		d.fail("writing", "the database is read-only: messages are not kept, people are told so", "make it writable (the disk's mount options, or PostgreSQL's default_transaction_read_only); the server goes on by itself")
	case errors.Is(err, store.ErrFull):
		d.fail("writing", "the database has no room: messages are not kept, people are told so", "make room on its disk; the server goes on by itself")
	case err != nil:
		d.fail("writing", "the database takes no changes: "+err.Error(), "look into the database server's log")
	default:
		d.ok("writing", "the database takes changes")
	}
	used, err := blob.DiskUsed(d.in.Dir)
	full := fmt.Sprintf("the disk of %s is %d %% full", d.in.Dir, int(used*100))
	switch {
	case err != nil:
		d.warn("disk", "the disk does not say how full it is: "+err.Error(), "look at it by hand")
	case used >= diskFull:
		d.fail("disk", full+": attachments wait, and soon messages", "make room")
	case used >= diskTight:
		d.warn("disk", full+": attachments of people whom nobody has answered wait", "make room")
	default:
		d.ok("disk", full)
	}
	if kept, err := d.db.KeepsOldLog(ctx); err == nil && kept {
		d.warn("deletion", "PostgreSQL keeps old pieces of its log (wal_recycle or archive_mode): what was deleted stays readable in them", "set wal_recycle = off, and no archive_mode, on the database server: docs/operations.md")
	}
}

// How full a disk may be: as internal/object decides.
const (
	diskTight = 0.80
	diskFull  = 0.95
)

// journal verifies all of a short journal, and a sample of a long one.
func (d *doctor) journal(ctx context.Context) {
	const auditor = "speak with an auditor; keep the database as it is"
	var size int64
	err := d.db.View(ctx, func(tx *store.Tx) (err error) {
		size, err = tx.Journal().Size(ctx)
		return err
	})
	if err == nil && size > longJournal {
		switch err := d.sample(ctx, size); {
		case hotline.KindOf(err) == hotline.KindForged:
			d.fail("journal", "the journal does not verify: "+err.Error(), auditor)
		case err != nil:
			d.fail("journal", "the journal cannot be read: "+err.Error(), "run: safeconduct verify")
		default:
			d.ok("journal", fmt.Sprintf("%d of %d entries, drawn at random, verify with the key of this installation; all of them: safeconduct verify", sampled, size))
		}
		return
	}
	report, err := server.Verify(ctx, d.db, d.in.JournalKey(), nil)
	switch {
	case err != nil:
		d.fail("journal", "the journal cannot be read: "+err.Error(), "start the server once if the schema is older; otherwise restore the newest backup")
	case !report.OK():
		d.fail("journal", "the journal does not verify: "+report.String(), auditor)
	default:
		d.ok("journal", fmt.Sprintf("%d entries verify with the key of this installation", report.Entries))
	}
}

// documents looks at the manifest: its keys and how long pages may use it.
func (d *doctor) documents(ctx context.Context) {
	_, m, err := newNode(d.in, Run{}, d.db).manifest(ctx)
	if err != nil {
		d.fail("manifest", "there is no manifest that the authority signed: "+err.Error(), "publish one at an administrator's desk")
		return
	}
	hour := hotline.HourOf(d.now)
	switch {
	case m.Intake.String() != d.in.secrets.Intake.Recipient().String():
		d.fail("intake key", "pages seal to another intake key than this server has", "put secret/intake.age back from the copy that is kept apart")
	case hour >= m.UseUntil:
		d.fail("manifest", "pages have stopped sending: the manifest is out of use", "open an administrator's desk: it signs a new one")
	case hour >= m.Expires:
		d.warn("manifest", "pages warn: the manifest is out of date", "open an administrator's desk: it signs a new one")
	case hour+soon >= m.Expires:
		d.warn("manifest", fmt.Sprintf("pages will warn in %d hours: nobody has signed the manifest again", m.Expires-hour), "open an administrator's desk: it signs a new one; where there are two, both have to")
	default:
		d.ok("manifest", fmt.Sprintf("pages may use the manifest for %d more days", (m.UseUntil-hour)/24))
	}
	if m.Hour > hour+1 {
		d.fail("clock", "the manifest is from the future: this computer's clock is behind", "set the clock")
	}
	d.addresses(m)
}

func (d *doctor) jobs(ctx context.Context) {
	var dead int64
	err := d.db.View(ctx, func(tx *store.Tx) (err error) {
		dead, err = tx.CountDeadJobs(ctx)
		return err
	})
	switch {
	case err != nil:
		d.fail("jobs", err.Error(), "restore the newest backup")
	case dead > 0:
		d.warn("jobs", fmt.Sprintf("%d jobs were given up", dead), "look into the server's log for why")
	default:
		d.ok("jobs", "no job was given up")
	}
}
