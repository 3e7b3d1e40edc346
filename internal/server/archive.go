package server

import (
	"context"
	"encoding/json"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// settingRestored points to the leaf of the newest restore.
const settingRestored = "restored"

// RecordBackup writes the leaf of a finished backup: its id (the hash of its list
// of contents) and how many entries of the journal it holds.
func RecordBackup(ctx context.Context, tx *store.Tx, signer Signer, clock func() time.Time, id string, entries int64) error {
	_, err := appendSigned(ctx, tx, signer, journal.Entry{
		Hour: int64(hotline.HourOf(clock())), Actor: actorServer, Act: actBackup,
		Detail: detail{"backup": id, "entries": number(entries)},
	})
	return err
}

// Restored says from which backup a database was made.
type Restored struct {
	Backup  string       // id
	Hour    hotline.Hour // when the backup was taken
	Entries int64        // of the journal that it held
	// Epochs came from the key store alone: they are newer than the backup.
	Epochs []db.TeamEpoch
}

// RecordRestore writes the leaf of a restore, so that everybody who finds the
// journal shorter than it was also finds why, and one leaf for each epoch that
// came from the key store. It belongs into the transaction that makes the
// restored database usable.
func RecordRestore(ctx context.Context, tx *store.Tx, signer Signer, clock func() time.Time, r Restored) error {
	hour := int64(hotline.HourOf(clock()))
	entries := []journal.Entry{{Hour: hour, Actor: actorServer, Act: actRestore, Detail: detail{
		"backup": r.Backup, "hour": number(int64(r.Hour)), "entries": number(r.Entries),
	}}}
	for _, row := range r.Epochs {
		e, signed, err := seal.ParseEpoch(row.Statement)
		if err != nil {
			return err
		}
		entries = append(entries, journal.Entry{Hour: hour, Actor: actorServer, Act: actEpoch, Detail: epochDetail(api.NewEpoch{}, e, signed)})
	}
	a, err := appendSigned(ctx, tx, signer, entries...)
	if err != nil {
		return err
	}
	value, err := json.Marshal(restorePoint{Leaf: a.Before.Size})
	if err != nil {
		return err
	}
	if err := tx.PutSetting(ctx, settingRestored, value); err != nil {
		return err
	}
	return hint(ctx, tx, api.EventDocument)
}

// restorePoint is the value of settingRestored.
type restorePoint struct {
	Leaf int64    `json:"leaf"`         // of the restore
	By   [][]byte `json:"by,omitempty"` // signed by administrators, see [seal.Restored]
}
