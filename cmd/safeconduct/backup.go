package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
)

func runBackup(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("backup", "take a backup while the server runs, and try it out", std)
	dir := fs.String("dir", "safeconduct-data", "folder of the installation")
	to := fs.String("to", "", "folder of the backups (default: as configured, backup/ in the installation's folder)")
	keys := fs.String("keys", "", "file of the key store, overwritten each time (default: as configured, keystore/keys.tar)")
	keep := fs.Int("keep", 0, "how many of the newest backups to keep (default: as configured, 7)")
	check := fs.String("check", "", "take no backup, but try this one out")
	quiet := fs.Bool("quiet", false, "no progress")
	if err := parse(fs, args); err != nil {
		return err
	}
	in, err := installation.Open(*dir)
	if err != nil {
		return err
	}
	target := in.BackupTarget()
	if *to != "" {
		target.Dir = *to
	}
	if *keys != "" {
		target.Keys = *keys
	}
	if *keep > 0 {
		target.Keep = *keep
	}
	tell := progress(std, *quiet)
	if *check != "" {
		if err := in.TryBackup(ctx, *check, tell); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "%s is whole: it was restored into a scratch database, its journal verifies, and so does every attachment in it.\n", *check)
		return nil
	}
	taken, err := in.Backup(ctx, target, time.Now, tell)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s: %d rows, %d bytes, written and tried out.\nKey store: %s\n", taken.Path, taken.Manifest.Rows(), taken.Size, target.Keys)
	if o := taken.Manifest.Objects; o != nil && o.Parts > 0 {
		fmt.Fprintf(std.out, "Attachments: %d parts, %d bytes.\n", o.Parts-o.Removed-o.Missing, o.Bytes)
	}
	for i, key := range taken.Missing {
		if i == maxNamed {
			fmt.Fprintf(std.out, "and %d more.\n", len(taken.Missing)-i)
			break
		}
		fmt.Fprintf(std.out, "not in it, gone or damaged where attachments are kept: %s\n", key)
	}
	for _, old := range taken.Removed {
		fmt.Fprintf(std.out, "removed to make room: %s\n", old)
	}
	fmt.Fprintln(std.out, "Keep backups on another machine, the key store on a third, and server.json with secret/ apart from both.")
	return nil
}

// maxNamed bounds a list that is printed.
const maxNamed = 20

func runRestore(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("restore", "make a new folder or database from a backup", std)
	from := fs.String("from", "", "the backup")
	keys := fs.String("keys", "", "the newest key store")
	without := fs.Bool("without-keys", false, "go on although cases cannot be opened by anybody")
	secrets := fs.String("installation", "safeconduct-data", "folder with server.json and secret/: the old installation, or the copy kept apart")
	to := fs.String("to", "", "a new folder, or postgres://… of an empty database")
	database := fs.String("database", "", "for a new folder: postgres://… of an empty database (default: SQLite in the folder)")
	quiet := fs.Bool("quiet", false, "no progress")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *from == "" || *to == "" {
		return hotline.Errorf(hotline.KindInvalid, "restore", "say which backup (--from) and where to (--to)")
	}
	report, err := installation.Restore{
		From: *from, Keys: *keys, Secrets: *secrets, To: *to, Database: *database, Lost: *without,
		Clock: time.Now, Tell: progress(std, *quiet),
	}.Run(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Restored %d rows as of %s.\n", report.Manifest.Rows(), report.Manifest.Hour.Time().Format("2006-01-02 15:04 UTC"))
	if report.ToSealAgain > 0 {
		fmt.Fprintf(std.out, "%d replies that people had not put away are sealed again by the first desk that connects.\n", report.ToSealAgain)
	}
	if o := report.Manifest.Objects; o != nil && o.Parts > 0 {
		fmt.Fprintf(std.out, "Attachments: %d parts, %d bytes.\n", o.Parts-o.Removed-o.Missing, o.Bytes)
	}
	if report.NoBytes > 0 {
		fmt.Fprintf(std.out, "%d parts of attachments are not in this backup. Messages that name them say that the file is missing.\n", report.NoBytes)
	}
	for what, list := range map[string][]string{
		"destroyed since the backup, its cases stay closed": report.Destroyed, "lost, nobody can open its cases": report.Lost,
	} {
		if len(list) > 0 {
			fmt.Fprintf(std.out, "Epoch %s: %s.\n", strings.Join(list, ", "), what)
		}
	}
	if strings.Contains(*to, "://") {
		fmt.Fprintf(std.out, "Next: write this database's address into %s, then start the server.\n", filepath.Join(*secrets, "server.json"))
	} else {
		fmt.Fprintf(std.out, "Next: safeconduct serve --dir %s\n", *to)
	}
	fmt.Fprintln(std.out, "Desks will say that the server was restored; an administrator accepts it at a desk.")
	return nil
}

// progress prints a line now and then.
func progress(std streams, quiet bool) func(backup.Progress) {
	var last time.Time
	return func(p backup.Progress) {
		if quiet || time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		if p.Of > 0 {
			fmt.Fprintf(std.err, "%s: %s, %d of %d rows\n", p.Step, p.Table, p.Rows, p.Of)
			return
		}
		fmt.Fprintf(std.err, "%s: %s, %d rows\n", p.Step, p.Table, p.Rows)
	}
}
