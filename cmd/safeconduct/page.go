package main

import (
	"context"
	"fmt"
	"os"

	"safeconduct/internal/installation"
	contactpage "safeconduct/web/contact"
)

func runPage(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("page", "stamp the contact page for an authority, to be handed around as a file", std)
	dir := fs.String("dir", "safeconduct-data", "folder of the installation")
	out := fs.String("out", "contact.html", "file to write; - for standard output")
	if err := parse(fs, args); err != nil {
		return err
	}
	in, err := installation.Open(*dir)
	if err != nil {
		return err
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
	return nil
}
