package main

import (
	"context"
	"fmt"
	"time"

	"safeconduct/internal/rehearsal"
	"safeconduct/internal/rehearsal/drill"
)

func runDrill(ctx context.Context, args []string, _ func(string) string, std streams) error {
	fs := flags("drill", "play scenarios through the real doors and say what was shown", std)
	file := fs.String("scenarios", "", "file of scenarios; without it those that come with the program")
	database := fs.String("database", "", "postgres:// URL of an empty database; without it an SQLite file that is deleted at the end")
	asJSON := fs.Bool("json", false, "write the report as JSON")
	verbose := fs.Bool("verbose", false, "log what server and desk log")
	if err := parse(fs, args); err != nil {
		return err
	}
	scenarios, err := readScenarios(*file)
	if err != nil {
		return err
	}
	o := drill.Options{Scenarios: scenarios, Database: *database, Clock: time.Now}
	if *verbose {
		o.Log = logger(std, true)
	}
	if !*asJSON {
		n := 0
		o.Progress = func(r drill.Result) {
			n++
			fmt.Fprintf(std.err, "\rplayed %d of %d", n, len(scenarios))
			if n == len(scenarios) {
				fmt.Fprintln(std.err)
			}
		}
	}
	report, err := drill.Run(ctx, o)
	if err != nil {
		return err
	}
	if *asJSON {
		err = report.WriteJSON(std.out)
	} else {
		err = report.WriteTable(std.out)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if report.Failed > 0 {
		return errFound
	}
	return nil
}

func readScenarios(file string) ([]rehearsal.Scenario, error) {
	if file == "" {
		return rehearsal.Builtin()
	}
	return rehearsal.ReadFile(file)
}
