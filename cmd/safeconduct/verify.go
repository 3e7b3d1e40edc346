package main

import (
	"context"
	"fmt"
	"os"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
)

func runVerify(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("verify", "check the journal: nothing changed, taken out or put in", std)
	dir := fs.String("dir", "safeconduct-data", "folder of the installation")
	since := fs.String("checkpoint", "", "file with an earlier checkpoint, kept by an auditor: also prove that its past was not rewritten")
	key := fs.String("key", "", "the journal's public key, from a source other than the server; without it the installation's own")
	save := fs.String("save", "", "write the newest checkpoint to this file, to be given as -checkpoint next time")
	receipt := fs.String("receipt", "", "file with the receipt of a removal: also check that the journal holds exactly this entry")
	if err := parse(fs, args); err != nil {
		return err
	}
	in, err := installation.Open(*dir)
	if err != nil {
		return err
	}
	var old []byte
	if *since != "" {
		if old, err = os.ReadFile(*since); err != nil {
			return hotline.Errorf(hotline.KindInvalid, "verify", "the checkpoint cannot be read: %w", err)
		}
	}
	report, newest, err := in.Verify(ctx, *key, old)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.out, report.String())
	if !report.OK() {
		return errFound
	}
	if *receipt != "" {
		text, err := os.ReadFile(*receipt)
		if err != nil {
			return hotline.Errorf(hotline.KindInvalid, "verify", "the receipt cannot be read: %w", err)
		}
		if err := in.CheckReceipt(ctx, *key, text); err != nil {
			return err
		}
		fmt.Fprintln(std.out, "The receipt is good: the journal holds this entry at its place and goes on from the receipt's checkpoint.")
	}
	if *save != "" {
		if err := os.WriteFile(*save, newest, 0o600); err != nil {
			return fmt.Errorf("save the checkpoint: %w", err)
		}
	}
	return nil
}
