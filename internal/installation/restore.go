package installation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/server"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// Restore makes a fresh installation or database from a backup.
type Restore struct {
	From     string // the backup
	Keys     string // the key store; "" restores without team keys, if Lost
	Secrets  string // folder with server.json and secret/: the old installation, or the copy kept apart
	To       string // a folder that does not exist yet, or postgres://…
	Database string // for a folder: "" for SQLite in it, or postgres://…
	Lost     bool   // go on although epochs cannot be opened
	Clock    func() time.Time
	Tell     func(backup.Progress)
}

// Report says what a restore did.
type Report struct {
	Manifest    backup.Manifest
	Destroyed   []string // epochs that were destroyed since the backup: their cases stay closed for ever
	Lost        []string // epochs that nobody can open now
	ToSealAgain int64    // replies that a desk must seal again
	NoBytes     int64    // parts of attachments that the backup names and does not hold
}

// restoring is the end of the name under which a folder is filled.
const restoring = ".restoring"

// Run checks everything, then restores. Until its last step the target cannot
// be served: what is interrupted is begun again.
func (r Restore) Run(ctx context.Context) (Report, error) {
	old, err := Open(r.Secrets)
	if err != nil {
		return Report{}, err
	}
	key := old.secrets.Journal.Verifier()
	var rep Report
	if rep.Manifest, err = backup.CheckFile(r.From, key); err != nil {
		return rep, err
	}
	if rep.Manifest.Kind != backup.KindBackup {
		return rep, hotline.Errorf(hotline.KindInvalid, "restore", "%s is a key store; give it as --keys and a backup as --from", filepath.Base(r.From))
	}
	if err := rep.Manifest.Known(); err != nil {
		return rep, err
	}
	if err := r.checkKeys(&rep, key); err != nil {
		return rep, err
	}
	if strings.Contains(r.To, "://") {
		return rep, r.into(ctx, old, old, r.To, &rep)
	}
	return rep, r.folder(ctx, old, &rep)
}

// epochs reads the team epochs of an archive, and how many wraps each has in it.
func epochs(path string, m backup.Manifest) (rows map[string]db.TeamEpoch, wraps map[string]int, err error) {
	rows, wraps = map[string]db.TeamEpoch{}, map[string]int{}
	err = backup.Rows(path, m, func(table string, row map[string]any) error {
		switch table {
		case "team_epoch":
			e := db.TeamEpoch{Team: row["team"].(string), N: row["n"].(int64), Statement: row["statement"].([]byte)}
			rows[fmt.Sprintf("%s %d", e.Team, e.N)] = e
		case "team_wrap":
			wraps[fmt.Sprintf("%s %d", row["team"], row["n"])]++
		}
		return nil
	})
	return rows, wraps, err
}

// checkKeys compares the key store with the backup: it must be of the same
// authority, and at least as new.
func (r Restore) checkKeys(rep *Report, key *journal.Verifier) error {
	have, _, err := epochs(r.From, rep.Manifest)
	if err != nil {
		return err
	}
	var known map[string]db.TeamEpoch
	var wraps map[string]int
	if r.Keys != "" {
		m, err := backup.CheckFile(r.Keys, key)
		if err != nil {
			return hotline.Errorf(hotline.KindOf(err), "restore", "the key store %s: %w", filepath.Base(r.Keys), err)
		}
		if m.Kind != backup.KindKeys {
			return hotline.Errorf(hotline.KindInvalid, "restore", "%s is no key store", filepath.Base(r.Keys))
		}
		if known, wraps, err = epochs(r.Keys, m); err != nil {
			return err
		}
	}
	for name, e := range have {
		k, ok := known[name]
		switch {
		case !ok:
			rep.Lost = append(rep.Lost, name)
		case !bytes.Equal(k.Statement, e.Statement):
			return hotline.Errorf(hotline.KindForged, "restore", "epoch %s in the key store is another one than in the backup: they are not of one installation", name)
		case wraps[name] == 0:
			rep.Destroyed = append(rep.Destroyed, name)
		}
	}
	if len(rep.Lost) > 0 && !r.Lost {
		return hotline.Errorf(hotline.KindConflict, "restore",
			"the key store is missing or older than the backup: nobody could open the cases of epoch %s. Nothing was written. "+
				"Give the newest key store with --keys; if there is none, --without-keys restores what is left", strings.Join(rep.Lost, ", "))
	}
	return nil
}

// folder restores into a folder that appears under its name only when all is done.
func (r Restore) folder(ctx context.Context, old *Installation, rep *Report) error {
	if _, err := os.Lstat(r.To); err == nil {
		return hotline.Errorf(hotline.KindConflict, "restore", "%s is there already; a restore goes into a new folder only. Nothing was changed", r.To)
	}
	part := strings.TrimSuffix(r.To, string(filepath.Separator)) + restoring
	if err := os.RemoveAll(part); err != nil { // of a restore that was interrupted
		return fmt.Errorf("restore: %w", err)
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	in := &Installation{Dir: part, Config: old.Config, secrets: old.secrets}
	in.Config.Database = r.Database
	if in.Config.Database == "" {
		in.Config.Database = "safeconduct.db"
	}
	if err := in.copyS3(old); err != nil {
		return err
	}
	if err := r.into(ctx, old, in, in.DatabaseURL(), rep); err != nil {
		return err
	}
	if err := in.secrets.save(filepath.Join(part, secretDir)); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(in.Config, "", "  ")
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := writeNew(filepath.Join(part, configFile), append(raw, '\n')); err != nil {
		return err
	}
	if err := os.Rename(part, r.To); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

// into fills a database, and the attachments of at, the installation that it is
// for. Its mark keeps every server out until the end.
func (r Restore) into(ctx context.Context, old, at *Installation, url string, rep *Report) error {
	if err := clearHalf(ctx, url); err != nil {
		return err
	}
	d, err := store.Open(ctx, url, store.UpTo(len(rep.Manifest.Schema)), store.WithMark())
	if err != nil {
		return err
	}
	err = d.Update(ctx, func(tx *store.Tx) error { return tx.SetMark(ctx, store.Mark{State: store.TransferRestoring}) })
	if err == nil {
		err = backup.LoadFile(ctx, r.From, rep.Manifest, d, r.Tell)
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	// Now forward to this program's schema.
	if d, err = store.Open(ctx, url, store.WithMark()); err != nil {
		return err
	}
	err = backup.CheckJournal(ctx, d, old.secrets.Journal.Verifier(), rep.Manifest)
	if err == nil {
		err = r.restoreObjects(ctx, at, func(ctx context.Context, put func(context.Context, blob.Key, []byte) error) error {
			return backup.LoadObjects(ctx, r.From, rep.Manifest, d, put, r.Tell)
		})
	}
	if err == nil {
		err = r.finish(ctx, old, d, rep)
	}
	return errors.Join(err, d.Close())
}

// clearHalf refuses a database that is in use, and empties one that an
// interrupted restore has left.
func clearHalf(ctx context.Context, url string) error {
	d, err := store.Open(ctx, url, store.AsItIs(), store.WithMark())
	if hotline.KindOf(err) == hotline.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	err = d.Update(ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables(ctx)
		if err != nil {
			return err
		}
		mark, err := tx.Mark(ctx)
		if err != nil {
			return err
		}
		if mark.State == store.TransferRestoring {
			return tx.Discard(ctx)
		}
		if mark.State != "" || len(tables) > 0 {
			return hotline.Errorf(hotline.KindConflict, "restore", "the database is in use already; a restore goes into an empty one only. Nothing was changed")
		}
		return nil
	})
	return errors.Join(err, d.Close())
}

// finish adds the keys and the leaf, and takes the mark away: one transaction.
func (r Restore) finish(ctx context.Context, old *Installation, d *store.DB, rep *Report) error {
	checkpoint, err := journal.ParseCheckpoint([]byte(rep.Manifest.Checkpoint), old.secrets.Journal.Verifier())
	if err != nil {
		return err
	}
	return d.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.TeamEpochs(ctx)
		if err != nil {
			return err
		}
		facts := server.Restored{Backup: rep.Manifest.ID(), Hour: rep.Manifest.Hour, Entries: checkpoint.Size}
		if r.Keys != "" {
			m, err := backup.CheckFile(r.Keys, old.secrets.Journal.Verifier())
			if err != nil {
				return err
			}
			if err := backup.LoadInto(ctx, r.Keys, m, tx); err != nil {
				return err
			}
			if facts.Epochs, err = newer(ctx, tx, before); err != nil {
				return err
			}
		}
		if err := server.RecordRestore(ctx, tx, old.secrets.Journal, r.Clock, facts); err != nil {
			return err
		}
		if rep.NoBytes, err = noBytes(ctx, tx, rep.Manifest); err != nil {
			return err
		}
		if rep.ToSealAgain, err = tx.CountMissingCopies(ctx); err != nil {
			return err
		}
		return tx.SetMark(ctx, store.Mark{})
	})
}

// noBytes counts the parts of attachments whose bytes are not in a backup: all of
// one that is from before they were.
func noBytes(ctx context.Context, tx *store.Tx, m backup.Manifest) (int64, error) {
	if m.Objects != nil {
		return m.Objects.Removed + m.Objects.Missing, nil
	}
	return tx.CountObjectParts(ctx)
}

// newer lists the epochs that only the key store knew.
func newer(ctx context.Context, tx *store.Tx, before []db.TeamEpoch) ([]db.TeamEpoch, error) {
	all, err := tx.TeamEpochs(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, e := range before {
		known[fmt.Sprintf("%s %d", e.Team, e.N)] = true
	}
	var out []db.TeamEpoch
	for _, e := range all {
		if !known[fmt.Sprintf("%s %d", e.Team, e.N)] {
			out = append(out, e)
		}
	}
	return out, nil
}
