package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"safeconduct/internal/backup"
	"safeconduct/internal/hotline"
)

// movedFile keeps the configuration as it was before a move.
const movedFile = "server.json.before-move"

// Move moves the database to PostgreSQL and writes its address into the
// configuration. After a kill at any moment it is run again.
func (in *Installation) Move(ctx context.Context, to string, tell func(backup.Progress)) ([]backup.Moved, error) {
	if strings.HasPrefix(in.DatabaseURL(), "postgres") {
		return nil, hotline.Errorf(hotline.KindConflict, "db move", "this installation's database is PostgreSQL already; nothing was changed")
	}
	moved, err := backup.Move{From: in.DatabaseURL(), To: to, Tell: tell}.Run(ctx)
	if err != nil && !errors.Is(err, backup.ErrMoved) { // then only this was left to do
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(in.Dir, configFile))
	if err != nil {
		return nil, fmt.Errorf("db move: %w", err)
	}
	if err := replace(filepath.Join(in.Dir, movedFile), raw); err != nil {
		return nil, err
	}
	in.Config.Database = to
	return moved, in.saveConfig()
}

func (in *Installation) saveConfig() error {
	raw, err := json.MarshalIndent(in.Config, "", "  ")
	if err != nil {
		return fmt.Errorf("save the configuration: %w", err)
	}
	return replace(filepath.Join(in.Dir, configFile), append(raw, '\n'))
}

// UndoMove comes back to the SQLite database that was moved, or was being moved.
func (in *Installation) UndoMove(ctx context.Context) error {
	raw, err := os.ReadFile(filepath.Join(in.Dir, movedFile))
	switch {
	case errors.Is(err, os.ErrNotExist): // it was not finished
		return backup.Undo(ctx, in.DatabaseURL())
	case err != nil:
		return fmt.Errorf("db move: %w", err)
	}
	old := &Installation{Dir: in.Dir}
	if err := json.Unmarshal(raw, &old.Config); err != nil {
		return hotline.Errorf(hotline.KindInvalid, "db move", "%s is damaged: %w", movedFile, err)
	}
	if err := backup.Undo(ctx, old.DatabaseURL()); err != nil {
		return err
	}
	if err := replace(filepath.Join(in.Dir, configFile), raw); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(in.Dir, movedFile)); err != nil {
		return fmt.Errorf("db move: %w", err)
	}
	return nil
}

// replace writes a file for its owner alone in place of another: either is
// there whole, whatever happens.
func replace(path string, content []byte) error {
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := writeNew(part, content); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
