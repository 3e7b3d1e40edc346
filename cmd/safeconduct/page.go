package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/seal"
	contactpage "safeconduct/web/contact"
)

func runPage(ctx context.Context, args []string, getenv func(string) string, std streams) error {
	fs := flags("page", "stamp the contact page for an authority, to be handed around as a file", std)
	dir := fs.String("dir", "safeconduct-data", "folder of the installation")
	out := fs.String("out", "contact.html", "file to write; - for standard output")
	sign := fs.String("sign", "", "folder of an administrator's desk: also write FILE.signed, the signed list that names the page")
	check := fs.String("check", "", "write nothing: check this page against its signed list, FILE.signed")
	if err := parse(fs, args); err != nil {
		return err
	}
	in, err := installation.Open(*dir)
	if err != nil {
		return err
	}
	if *check != "" {
		return checkPage(ctx, in, *check, std)
	}
	if *sign != "" && *out == "-" {
		return hotline.Errorf(hotline.KindInvalid, "page", "a signed list needs a file: give -out")
	}
	page, err := in.StampPage(ctx)
	if err != nil {
		return err
	}
	if *out == "-" {
		_, err = std.out.Write(page)
		return err
	}
	if err := os.WriteFile(*out, page, 0o644); err != nil { //nolint:gosec // meant to be handed to everybody
		return fmt.Errorf("write the page: %w", err)
	}
	fmt.Fprintf(std.out, "%s  %s\n", contactpage.Hash(page), *out)
	if *sign == "" {
		return nil
	}
	return signPage(ctx, in, page, *sign, *out+".signed", getenv, std)
}

// signPage writes the list that names the page, signed with the authority's
// key from an administrator's desk.
func signPage(ctx context.Context, in *installation.Installation, page []byte, desk, out string, getenv func(string) string, std streams) error {
	file, err := os.ReadFile(filepath.Join(desk, "operator.key"))
	if err != nil {
		return hotline.Errorf(hotline.KindInvalid, "page", "the desk's key file cannot be read: %w", err)
	}
	secret, err := passphrase("Passphrase of this desk: ", getenv, std)
	if err != nil {
		return err
	}
	keys, err := seal.Unlock(file, secret)
	if err != nil {
		return err
	}
	if keys.Authority.IsZero() {
		return hotline.Errorf(hotline.KindDenied, "page", "this desk does not hold the authority's key")
	}
	authority, _, err := in.Authorities(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(authority.Keys, keys.Authority.Public()) {
		return hotline.Errorf(hotline.KindDenied, "page", "this desk's key is not one of the administrators' that count now")
	}
	list, err := signList(in, page, out, keys.Authority)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, list.Text(), 0o644); err != nil { //nolint:gosec // meant to be published
		return fmt.Errorf("write the list: %w", err)
	}
	fmt.Fprintf(std.out, "signed list: %s\n", out)
	if _, err := seal.VerifyPageList(list.Text(), authority); err != nil {
		fmt.Fprintf(std.out, "It counts when another administrator has signed it too: give him %s and run this at his desk, with the same -out.\n", out)
	}
	return nil
}

// signList signs the list that is there, if it names this very page and another
// administrator has begun it; otherwise a new one.
func signList(in *installation.Installation, page []byte, path string, key seal.SigningKey) (seal.Signed, error) {
	sum := sha256.Sum256(page)
	if text, err := os.ReadFile(path); err == nil {
		if begun, err := seal.ReadPageList(text); err == nil && begun.Desk == in.Config.Desk && len(begun.Pages) == 1 && begun.Has(sum) {
			return seal.CosignPageList(text, key)
		}
	}
	return seal.SignPageList(seal.PageList{Desk: in.Config.Desk, Hour: hotline.HourOf(time.Now()), Pages: []seal.Hash{sum}}, key)
}

func checkPage(ctx context.Context, in *installation.Installation, path string, std streams) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return hotline.Errorf(hotline.KindInvalid, "page", "the page cannot be read: %w", err)
	}
	text, err := os.ReadFile(path + ".signed")
	if err != nil {
		return hotline.Errorf(hotline.KindInvalid, "page", "its signed list cannot be read: %w", err)
	}
	now, before, err := in.Authorities(ctx)
	if err != nil {
		return err
	}
	list, err := seal.VerifyPageList(text, now)
	if err != nil && slices.ContainsFunc(before, func(a seal.Authority) bool { _, err := seal.VerifyPageList(text, a); return err == nil }) {
		return hotline.Errorf(hotline.KindForged, "page", "the list was signed by administrators of before; those of now have to sign the page again (page -sign)")
	}
	if err != nil {
		return err
	}
	if list.Desk != in.Config.Desk || !list.Has(sha256.Sum256(page)) {
		fmt.Fprintf(std.out, "%s is NOT a page that the authority stands behind. Do not use it.\n", path)
		return errFound
	}
	fmt.Fprintf(std.out, "%s is the authority's page, byte for byte.\n", path)
	return nil
}
