package installation

import (
	"context"
	"time"

	"safeconduct/internal/backup"
	"safeconduct/internal/store"
)

// At makes the installation as a program did whose schema had n steps.
func (o Init) At(n int) Init {
	o.open = []store.Option{store.UpTo(n)}
	return o
}

// BackupOf takes a backup of a database as it is.
func (in *Installation) BackupOf(ctx context.Context, d *store.DB, to backup.Target) (backup.Taken, error) {
	return backup.Source{DB: d, Signer: in.secrets.Journal, Clock: time.Now}.Take(ctx, to)
}
