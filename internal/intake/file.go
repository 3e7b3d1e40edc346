package intake

import (
	"context"
	"fmt"

	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// prepareFile reads one part of a file that the desk sent, as long as the reply
// that names it was not put away. The call says how long the part is, so that
// the answer's length follows from the question alone.
func (i *Intake) prepareFile(ctx context.Context, env seal.Envelope, post seal.Post) (job, error) {
	if err := checkReturn(env); err != nil {
		return job{}, err
	}
	call := env.Call
	var back returning
	var row db.ObjectPart
	found := false
	err := i.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		if back, err = i.find(ctx, tx, call.Lookup); err != nil {
			return err
		}
		o, err := tx.ObjectByID(ctx, back.row.ID, call.Object[:])
		if err == nil && (o.Side != string(object.SideCopy) || len(o.ReplyID) == 0) {
			return nil
		}
		if err == nil {
			row, err = tx.ObjectPart(ctx, db.ObjectPartParams{CaseID: back.row.ID, ObjectID: call.Object[:], Idx: int64(*call.Index)})
		}
		if store.Missing(err) {
			return nil
		}
		found = err == nil
		return err
	})
	if err != nil {
		return job{}, err
	}
	args := fmt.Sprintf("%s %s %d %d", call.Lookup, call.Object, *call.Index, call.Bytes)
	if err := i.verify(&back, env, post, []byte(args)); err != nil {
		return job{}, err
	}
	f := &file{intake: i, row: row, known: back.known, bytes: call.Bytes}
	if !back.known || !found {
		return job{answer: f.answer}, nil
	}
	return job{before: f.read, answer: f.answer}, nil
}

// file is one part of a desk's file on its way to the person.
type file struct {
	intake  *Intake
	row     db.ObjectPart
	known   bool
	bytes   int
	content []byte
}

func (f *file) read(ctx context.Context) (err error) {
	f.content, err = f.intake.cfg.Objects.Read(ctx, f.row)
	return err
}

func (f *file) answer() (seal.Answer, [][]byte) {
	switch {
	case !f.known:
		return seal.Answer{Status: seal.StatusUnknown}, nil
	case f.content == nil:
		return seal.Answer{Status: seal.StatusNothing}, nil
	case len(f.content) != f.bytes:
		return refusal(invalid("the part has another length")), nil
	}
	return seal.Answer{Status: seal.StatusKnown}, [][]byte{f.content}
}
