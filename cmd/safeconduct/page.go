package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
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
		return checkPage(in, *check, std)
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
	return signPage(in, page, *sign, *out+".signed", getenv, std)
}

// signPage writes the list that names the page, signed with the authority's
// key from an administrator's desk.
func signPage(in *installation.Installation, page []byte, desk, out string, getenv func(string) string, std streams) error {
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
	list, err := seal.SignPageList(seal.PageList{
		Desk: in.Config.Desk, Hour: hotline.HourOf(time.Now()), Pages: []seal.Hash{sha256.Sum256(page)},
	}, keys.Authority)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, list.Text(), 0o644); err != nil { //nolint:gosec // meant to be published
		return fmt.Errorf("write the list: %w", err)
	}
	fmt.Fprintf(std.out, "signed list: %s\n", out)
	return nil
}

func checkPage(in *installation.Installation, path string, std streams) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return hotline.Errorf(hotline.KindInvalid, "page", "the page cannot be read: %w", err)
	}
	text, err := os.ReadFile(path + ".signed")
	if err != nil {
		return hotline.Errorf(hotline.KindInvalid, "page", "its signed list cannot be read: %w", err)
	}
	list, err := seal.VerifyPageList(text, in.Config.Authority)
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
