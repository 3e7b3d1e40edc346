package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"safeconduct/internal/blob"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/store"
)

const (
	filePrefix = "safeconduct-"
	fileSuffix = ".tar"
	stampForm  = "20060102T150405Z"
	partSuffix = ".part"
)

// Target says where backups go.
type Target struct {
	Dir  string // of backups
	Keys string // the key store's file, of which there is one
	Keep int    // newest backups to keep, at least 1
}

// Taken is a finished backup.
type Taken struct {
	Path     string
	Size     int64
	Manifest Manifest
	Removed  []string   // older backups that made room
	Missing  []blob.Key // parts of attachments that were gone or damaged: they are not in it
}

// Take writes a backup and the key store, reads both back, restores the backup into
// a scratch database and checks the journal there. Only then does the file get its
// name and only then do older ones go. On any error what was there before is
// still there.
func (s Source) Take(ctx context.Context, to Target) (out Taken, err error) {
	for _, dir := range []string{to.Dir, filepath.Dir(to.Keys)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return out, fileError("the folder for backups cannot be made", err)
		}
	}
	unlock, err := lockFolder(to.Dir)
	if err != nil {
		return out, err
	}
	defer unlock()
	if err := sweep(to.Dir); err != nil {
		return out, err
	}
	out.Path = filepath.Join(to.Dir, filePrefix+s.Clock().UTC().Format(stampForm)+fileSuffix)
	if _, err := os.Lstat(out.Path); err == nil {
		return out, hotline.Errorf(hotline.KindConflict, "backup", "%s is there already; nothing was changed", filepath.Base(out.Path))
	}
	part := out.Path + partSuffix
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if err := writeFile(part, func(w io.Writer) (err error) {
		out.Manifest, out.Missing, err = s.Write(ctx, w)
		return err
	}); err != nil {
		return out, err
	}
	s.tell(Progress{Step: "verify"})
	if err := Trial(ctx, part, s.Signer.Verifier(), to.Dir, s.Progress); err != nil {
		return out, fmt.Errorf("the backup was written, but does not verify, and was removed: %w", err)
	}
	// The key store first: a backup without it is of little use. It is of now, not of
	// the backup's moment: a key destroyed meanwhile must not come back.
	if err := s.WriteKeys(ctx, to.Keys); err != nil {
		return out, err
	}
	if err := giveName(part, out.Path); err != nil {
		return out, err
	}
	info, err := os.Stat(out.Path)
	if err != nil {
		return out, fileError("the backup is gone", err)
	}
	out.Size = info.Size()
	out.Removed, err = rotate(to.Dir, max(1, to.Keep), out.Path)
	return out, err
}

// writeFile writes a new file and flushes it.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fileError("the backup cannot be written", err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = fileError("the backup cannot be written", closeErr)
		}
	}()
	w := bufio.NewWriterSize(f, chunk)
	if err := write(w); err != nil {
		return fileError("the backup cannot be written", err)
	}
	if err := errors.Join(w.Flush(), f.Sync()); err != nil {
		return fileError("the backup cannot be written", err)
	}
	return nil
}

func giveName(part, path string) error {
	if err := os.Rename(part, path); err != nil {
		return fileError("the backup cannot be given its name", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return fileError("the folder of backups cannot be flushed", err)
	}
	return nil
}

// fileError says in words what the disk said; errors of ours pass.
func fileError(what string, err error) error {
	var ours *hotline.Error
	switch {
	case errors.As(err, &ours):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return hotline.Errorf(hotline.KindUnavailable, "backup", "%s: the disk is full. Older backups are still there; make room, then try again (%w)", what, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return hotline.Errorf(hotline.KindUnavailable, "backup", "%s: %w", what, err)
}

// CheckFile is Check on a file.
func CheckFile(path string, key *journal.Verifier) (m Manifest, err error) {
	f, err := os.Open(path)
	if err != nil {
		return m, fileError("the file cannot be read", err)
	}
	defer f.Close()
	return Check(bufio.NewReaderSize(f, chunk), key)
}

// Trial restores a backup into a scratch database in dir, which goes away, and
// checks references and the journal there.
func Trial(ctx context.Context, path string, key *journal.Verifier, dir string, tell func(Progress)) (err error) {
	m, err := CheckFile(path, key)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(dir, trialPrefix)
	if err != nil {
		return fileError("there is no room to try the backup out", err)
	}
	defer func() {
		if removeErr := os.RemoveAll(scratch); err == nil && removeErr != nil {
			err = fileError("the scratch database cannot be removed", removeErr)
		}
	}()
	file := filepath.Join(scratch, "trial.db")
	d, err := store.Open(ctx, file, store.UpTo(len(m.Schema)), store.Throwaway())
	if err != nil {
		return err
	}
	if err := errors.Join(LoadFile(ctx, path, m, d, tell), d.Close()); err != nil {
		return err
	}
	// An older schema is brought up to date first: the queries are those of today.
	if d, err = store.Open(ctx, file, store.Throwaway()); err != nil {
		return err
	}
	return errors.Join(CheckJournal(ctx, d, key, m), LoadObjects(ctx, path, m, d, nil, tell), d.Close())
}

// LoadFile puts an archive's rows into a database in one transaction.
func LoadFile(ctx context.Context, path string, m Manifest, d *store.DB, tell func(Progress)) error {
	f, err := os.Open(path)
	if err != nil {
		return fileError("the file cannot be read", err)
	}
	defer f.Close()
	return d.Update(ctx, func(tx *store.Tx) error {
		if _, err := f.Seek(0, io.SeekStart); err != nil { // a transaction may be run again
			return fileError("the file cannot be read", err)
		}
		return Load(ctx, bufio.NewReaderSize(f, chunk), m, tx, tell)
	})
}

// LoadInto is LoadFile inside a transaction of the caller's.
func LoadInto(ctx context.Context, path string, m Manifest, tx *store.Tx) error {
	f, err := os.Open(path)
	if err != nil {
		return fileError("the file cannot be read", err)
	}
	defer f.Close()
	return Load(ctx, bufio.NewReaderSize(f, chunk), m, tx, nil)
}

// Rows visits the rows of an archive that was checked, by column.
func Rows(path string, m Manifest, visit func(table string, row map[string]any) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fileError("the file cannot be read", err)
	}
	defer f.Close()
	return walk(bufio.NewReaderSize(f, chunk), visitor{line: func(table string, line []byte) error {
		sum, _ := m.table(table)
		row, err := ParseRow(line, sum.Columns)
		if err != nil {
			return err
		}
		named := make(map[string]any, len(row))
		for i, v := range row {
			named[sum.Columns[i].Name] = v
		}
		return visit(table, named)
	}, manifest: func([]byte) error { return nil }})
}

// CheckJournal checks the whole journal of a restored database against the
// checkpoint that the backup names.
func CheckJournal(ctx context.Context, d *store.DB, key *journal.Verifier, m Manifest) error {
	var old []journal.Checkpoint
	if m.Checkpoint != "" {
		c, err := journal.ParseCheckpoint([]byte(m.Checkpoint), key)
		if err != nil {
			return err
		}
		old = append(old, c)
	}
	return d.View(ctx, func(tx *store.Tx) error {
		if len(old) == 0 {
			return nil // a database before its first act
		}
		report, err := journal.Verify(ctx, tx.Journal(), []*journal.Verifier{key}, old...)
		if err == nil && !report.OK() {
			err = hotline.Errorf(hotline.KindForged, "backup", "the journal in it does not verify:\n%s", report)
		}
		return err
	})
}

// trialPrefix begins the names of scratch folders.
const trialPrefix = ".trial-"

// sweep removes what a backup that was cut off has left.
func sweep(dir string) error {
	for _, pattern := range []string{trialPrefix + "*", filePrefix + "*" + partSuffix} {
		left, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil {
				return fileError("what an earlier backup left cannot be removed", err)
			}
		}
	}
	return nil
}

// List returns the finished backups of a folder, newest first.
func List(dir string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(dir, filePrefix+"*"+fileSuffix))
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	all = slices.DeleteFunc(all, func(path string) bool {
		_, err := TimeOf(path)
		return err != nil
	})
	slices.Sort(all)
	slices.Reverse(all)
	return all, nil
}

// TimeOf reads when a backup was taken from its name.
func TimeOf(path string) (time.Time, error) {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), filePrefix), fileSuffix)
	at, err := time.Parse(stampForm, name)
	if err != nil {
		return at, hotline.Errorf(hotline.KindInvalid, "backup", "%s is no backup's name", filepath.Base(path))
	}
	return at, nil
}

// rotate removes all but the newest backups, and never the one that has just
// been verified, whatever the clock said when the others were named.
func rotate(dir string, keep int, verified string) (removed []string, err error) {
	all, err := List(dir)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(path string) bool { return path == verified })
	for i, path := range all {
		if i+1 < keep {
			continue
		}
		if err := os.Remove(path); err != nil {
			return removed, fileError("an old backup cannot be removed", err)
		}
		removed = append(removed, filepath.Base(path))
	}
	return removed, syncDir(dir)
}
