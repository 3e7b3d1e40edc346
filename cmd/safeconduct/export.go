package main

import (
	"context"
	"errors"
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
	reason := fs.String("reason", "an export for the recovery sheets", "why, for the person who approves it")
	wait := fs.Duration("wait", 0, "how long to wait for the other person's approval")
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
	err = exportFrom(ctx, d, secret, exportOrder{*out, *reason, *wait})
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		fmt.Fprintf(std.out, "%s is written. It is sealed: k recovery sheets open it, as docs/recovery.md says.\n", *out)
	}
	return err
}

type exportOrder struct {
	out, reason string
	wait        time.Duration
}

func exportFrom(ctx context.Context, d *desk.Desk, secret string, o exportOrder) error {
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
	if err := agreeExport(ctx, d, o); err != nil {
		return err
	}
	f, err := os.OpenFile(o.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
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
		_ = os.Remove(o.out) // half an export must not pass for one
	}
	return err
}

// agreeExport proposes the export unless it was approved before, and waits for
// the other person as long as it was told.
func agreeExport(ctx context.Context, d *desk.Desk, o exportOrder) error {
	if _, err := os.Stat(o.out); err == nil {
		return hotline.Errorf(hotline.KindInvalid, "export", "%s exists already; nothing was proposed or written", o.out)
	}
	if d.ExportReady() {
		return nil
	}
	id, err := d.ProposeExport(ctx, o.reason)
	if err != nil || d.ExportReady() { // alone in the house, nobody else is asked
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	err = d.WaitApproved(ctx, id)
	if errors.Is(err, context.DeadlineExceeded) {
		return hotline.Errorf(hotline.KindConflict, "export",
			"the export is proposed, and nothing was written: another supervisor or an administrator approves it on the page Approvals. Then run this again within 72 hours")
	}
	return err
}
