package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"safeconduct/internal/installation"
)

// runDoctor exits with 0 when all is well or only warned about, with 1 when
// something is wrong.
func runDoctor(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("doctor", "say what is wrong with an installation, and what to do", std)
	dir := fs.String("dir", "safeconduct-data", "folder of the installation; its server may be running")
	asJSON := fs.Bool("json", false, "print the findings as JSON")
	if err := parse(fs, args); err != nil {
		return err
	}
	found := installation.Doctor(ctx, *dir, time.Now)
	if *asJSON {
		if err := json.NewEncoder(std.out).Encode(found); err != nil {
			return fmt.Errorf("doctor: %w", err)
		}
	}
	failed := false
	for _, f := range found {
		failed = failed || f.State == installation.StateFail
		if *asJSON {
			continue
		}
		fmt.Fprintf(std.out, "%-4s  %-12s %s\n", f.State, f.Check, f.Text)
		if f.Next != "" {
			fmt.Fprintf(std.out, "      next: %s\n", f.Next)
		}
	}
	if failed {
		return errFound
	}
	return nil
}
