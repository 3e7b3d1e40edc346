package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// runExport takes everything out, sealed as it is, for docs/recovery.md.
func runExport(ctx context.Context, args []string, getenv func(string) string, std streams) error {
	fs := flags("export", "take everything out, sealed as it is: what recovery sheets open", std)
	dir := fs.String("dir", "safeconduct-desk", "folder of a supervisor's desk; the desk must not be running")
	out := fs.String("out", "export.tar", "file to write; it must not exist yet")
	if err := parse(fs, args); err != nil {
		return err
	}
	secret, err := passphrase("Passphrase of this desk: ", getenv, std)
	if err != nil {
		return err
	}
	d, err := desk.Open(desk.Config{Dir: *dir, Log: logger(std, false)})
	if err != nil {
		return err
	}
	err = exportFrom(ctx, d, secret, *out)
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		fmt.Fprintf(std.out, "%s is written. It is sealed: k recovery sheets open it, as docs/recovery.md says.\n", *out)
	}
	return err
}

func exportFrom(ctx context.Context, d *desk.Desk, secret, out string) error {
	notices, stop := d.Subscribe()
	defer stop()
	if err := d.Unlock(ctx, secret); err != nil {
		return err
	}
	patience := time.After(30 * time.Second)
	for !d.State().Online {
		select {
		case <-notices:
		case <-ctx.Done():
			return ctx.Err()
		case <-patience:
			return hotline.Errorf(hotline.KindUnavailable, "export", "no connection after 30 s: %s", d.State().Offline)
		}
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return hotline.Errorf(hotline.KindInvalid, "export", "the file cannot be written: %w", err)
	}
	err = d.ExportTo(ctx, f)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(out) // half an export must not pass for one
	}
	return err
}
