package main

import (
	"context"
	"fmt"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
)

func runDB(ctx context.Context, args []string, _ func(string) string, std streams) error {
	if len(args) == 0 || args[0] != "move" {
		fmt.Fprintln(std.err, "usage: safeconduct db move --from FOLDER --to postgres://…")
		return errUsage
	}
	fs := flags("db move", "move the database from SQLite to PostgreSQL; a move that was cut off goes on", std)
	from := fs.String("from", "safeconduct-data", "folder of the installation; its server must be stopped")
	to := fs.String("to", "", "postgres://… of an empty database")
	undo := fs.Bool("undo", false, "come back to the SQLite database as it was; what was written to the new one meanwhile stays there")
	quiet := fs.Bool("quiet", false, "no progress")
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	in, err := installation.Open(*from)
	if err != nil {
		return err
	}
	if *undo {
		if err := in.UndoMove(ctx); err != nil {
			return err
		}
		fmt.Fprintln(std.out, "The SQLite database is in use again.")
		return nil
	}
	if *to == "" {
		return hotline.Errorf(hotline.KindInvalid, "db move", "say where to (--to postgres://…)")
	}
	moved, err := in.Move(ctx, *to, progress(std, *quiet))
	if err != nil {
		return err
	}
	for _, t := range moved {
		fmt.Fprintf(std.out, "%-16s %8d rows  %s\n", t.Table, t.Rows, t.SHA256)
	}
	fmt.Fprintf(std.out, "Attachments stay where they are and belong to the new database now: %s. Several nodes need a place that all see.\n", in.ObjectsPlace())
	fmt.Fprintln(std.out, "All rows are the same in both. server.json names the new database; the old file is kept and marked as moved.")
	return nil
}
