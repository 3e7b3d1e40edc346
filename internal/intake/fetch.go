package intake

import (
	"context"
	"strconv"

	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// prepareFetch reads the next reply that was not put away. It deletes nothing:
// only the person can say that it has been read.
func (i *Intake) prepareFetch(ctx context.Context, env seal.Envelope, post seal.Post) (job, error) {
	if err := checkReturn(env); err != nil {
		return job{}, err
	}
	after := *env.Call.After
	var back returning
	var copies []db.ReplyCopy
	err := i.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		if back, err = i.find(ctx, tx, env.Call.Lookup); err != nil {
			return err
		}
		copies, err = tx.ReplyCopiesAfter(ctx, db.ReplyCopiesAfterParams{CaseID: back.row.ID, After: after, MaxRows: 2})
		return err
	})
	if err != nil {
		return job{}, err
	}
	args := env.Call.Lookup.String() + " " + strconv.FormatInt(after, 10)
	if err := i.verify(&back, env, post, []byte(args)); err != nil {
		return job{}, err
	}
	return job{answer: func() (seal.Answer, [][]byte) {
		switch {
		case !back.known:
			return seal.Answer{Status: seal.StatusUnknown}, nil
		case len(copies) == 0:
			return seal.Answer{Status: seal.StatusNothing}, nil
		}
		return seal.Answer{Status: seal.StatusKnown, Seq: copies[0].Seq, More: len(copies) > 1}, [][]byte{copies[0].File}
	}}, nil
}
