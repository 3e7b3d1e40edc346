package installation

import (
	"context"
	"errors"
	"fmt"

	"safeconduct/internal/object"
)

// attachments holds the rows against the bytes beside the database.
func (d *doctor) attachments(ctx context.Context) {
	const check = "attachments"
	at, err := d.in.lookAtAttachments(ctx)
	switch {
	case errors.Is(err, errNoAttachments):
		err = nil // a server that was never started has no folder yet
		at = &attachments{Store: nowhere{}, where: d.in.ObjectsPlace(), close: func() error { return nil }}
	case err != nil:
		d.fail(check, err.Error(), "put the place of attachments in server.json right, or start what keeps them; text goes on meanwhile")
		return
	}
	diff, err := object.Compare(ctx, d.db, at)
	if err = errors.Join(err, at.close()); err != nil {
		d.fail(check, "rows and attachments could not be compared: "+err.Error(), "start the server once if the schema is older; otherwise look at "+at.where)
		return
	}
	if n := len(diff.Lost); n > 0 {
		d.fail(check, fmt.Sprintf("%d of %d parts are gone from %s, the first is %s", n, diff.Parts, at.where, diff.Lost[0]),
			"put them back from a backup: safeconduct restore into a new folder, then copy its objects/ here, leaving what is there")
	}
	if diff.Orphans > 0 {
		d.warn(check, fmt.Sprintf("%d parts in %s belong to nothing", diff.Orphans, at.where), "nothing: a running server removes them within two hours. If they stay, look into its log")
	}
	if len(diff.Lost) == 0 && diff.Orphans == 0 {
		d.ok(check, fmt.Sprintf("%d parts are where they belong", diff.Parts))
	}
}
