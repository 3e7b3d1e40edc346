package server

import (
	"bytes"
	"context"
	"crypto/rand"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store"
)

// settingKeys is there while the key store's file is older than the epochs and
// wraps in the database. Its value is drawn anew with each change, so that who
// has written the file knows whether something has changed meanwhile.
const settingKeys = "key store due"

// dueKeys notes, with a change of epochs or wraps, that the key store is to be
// written anew.
func dueKeys(ctx context.Context, tx *store.Tx) error {
	return tx.PutSetting(ctx, settingKeys, []byte(rand.Text()))
}

// keepKeys writes the key store's one copy anew, if that is due.
func (s *Server) keepKeys(ctx context.Context) error {
	if s.writeKeys == nil {
		return nil
	}
	var due []byte
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.Setting(ctx, settingKeys)
		return err
	})
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.writeKeys(ctx); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *store.Tx) error {
		if err := lockHouse(ctx, tx); err != nil {
			return err
		}
		now, err := tx.Setting(ctx, settingKeys)
		if store.Missing(err) {
			return nil
		}
		if err == nil && bytes.Equal(now, due) {
			_, err = tx.DeleteSetting(ctx, settingKeys)
		}
		return err
	})
}

// keysFollow writes the key store after a change that was committed. The change
// stands in any case: what fails here is tried again every minute.
func (s *Server) keysFollow(ctx context.Context) {
	if err := s.keepKeys(context.WithoutCancel(ctx)); err != nil {
		s.log.WarnContext(ctx, "the key store could not be written and is behind the database; it is tried again every minute", "kind", hotline.KindOf(err).String())
	}
}
