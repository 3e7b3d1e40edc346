package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// runReplace replaces a lost administrator: one administrator and k recovery sheets
// sign in place of two administrators.
func runReplace(ctx context.Context, args []string, getenv func(string) string, std streams) error {
	fs := flags("replace", "end the access of a lost administrator, with recovery sheets in place of his signature", std)
	dir := fs.String("dir", "safeconduct-desk", "folder of another administrator's desk; the desk must not be running")
	lost := fs.String("lost", "", "call-name of the administrator who is lost")
	part := fs.String("part", "", "the recovery file of the sheets at hand, such as recovery/recovery-1-3.age")
	var sheets []string
	fs.Func("sheet", "a sheet's file, as sheet-1.txt; once for each sheet that is needed", func(path string) error {
		sheets = append(sheets, path)
		return nil
	})
	if err := parse(fs, args); err != nil {
		return err
	}
	if *lost == "" || *part == "" || len(sheets) == 0 {
		return hotline.Errorf(hotline.KindInvalid, "replace", "say who is lost (--lost), which recovery file (--part), and each of its sheets (--sheet)")
	}
	key, err := joinSheets(*part, sheets)
	if err != nil {
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
	if err = d.Unlock(ctx, secret); err == nil {
		err = d.ReplaceLost(ctx, *lost, key)
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "The access of %s has ended. Open this desk now: it renews the keys that %s knew. "+
		"Then invite a second administrator, and hand out pages anew (safeconduct page).\n", *lost, *lost)
	return nil
}

// joinSheets opens a recovery file with its sheets, in whatever order they are given,
// and returns the authority's key that follows from it.
func joinSheets(part string, files []string) (seal.SigningKey, error) {
	sealed, err := os.ReadFile(part)
	if err != nil {
		return seal.SigningKey{}, hotline.Errorf(hotline.KindInvalid, "replace", "the recovery file cannot be read: %w", err)
	}
	var sheets []seal.Identity
	for _, path := range files {
		sheet, err := readSheet(path)
		if err != nil {
			return seal.SigningKey{}, err
		}
		sheets = append(sheets, sheet)
	}
	for len(sheets) > 0 { // the outermost layer opens with one of them
		opened := false
		for i, sheet := range sheets {
			inner, err := seal.Decrypt(sheet, sealed)
			if err != nil {
				continue
			}
			sealed, opened = inner, true
			sheets = append(sheets[:i:i], sheets[i+1:]...)
			break
		}
		if !opened {
			break
		}
	}
	r, err := seal.ParseIdentity(strings.TrimSpace(string(sealed)))
	if err != nil {
		return seal.SigningKey{}, hotline.Errorf(hotline.KindDenied, "replace",
			"these sheets do not open %s: its name says which sheets it needs. Nothing was changed", part)
	}
	return seal.RecoverySigningKey(r)
}

// readSheet reads a sheet as init wrote it, or as somebody typed it from the paper.
func readSheet(path string) (seal.Identity, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return seal.Identity{}, hotline.Errorf(hotline.KindInvalid, "replace", "a sheet cannot be read: %w", err)
	}
	var secret strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			secret.WriteString(strings.Join(strings.Fields(line), ""))
		}
	}
	id, err := seal.ParseIdentity(secret.String())
	if err != nil {
		return id, hotline.Errorf(hotline.KindInvalid, "replace", "%s is no recovery sheet: compare it with the paper, letter by letter", path)
	}
	return id, nil
}
