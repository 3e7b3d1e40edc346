package intake

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// maxPutAway bounds the ids of one call.
const maxPutAway = 64

// putAway deletes the person's copies of replies that have been remembered, and
// of the files that came with them.
type putAway struct {
	objects *object.Keeper
	back    returning
	ids     []seal.Hash
	gone    bool
}

func (i *Intake) preparePutAway(ctx context.Context, env seal.Envelope, post seal.Post) (job, error) {
	if err := checkReturn(env); err != nil {
		return job{}, err
	}
	if len(env.Call.IDs) > maxPutAway {
		return job{}, invalid("at most %d ids", maxPutAway)
	}
	p := &putAway{objects: i.cfg.Objects, ids: env.Call.IDs}
	err := i.cfg.DB.View(ctx, func(tx *store.Tx) (err error) {
		p.back, err = i.find(ctx, tx, env.Call.Lookup)
		return err
	})
	if err != nil {
		return job{}, err
	}
	var args strings.Builder
	args.WriteString(env.Call.Lookup.String())
	for _, id := range p.ids {
		args.WriteByte(' ')
		args.WriteString(id.String())
	}
	if err := i.verify(&p.back, env, post, []byte(args.String())); err != nil {
		return job{}, err
	}
	return job{lane: LaneReturn, op: p, answer: p.answer}, nil
}

func (p *putAway) caseID() hotline.CaseID { return hotline.CaseID(p.back.row.ID) }

// apply finds the copies by the hash of the file that the person has; the row
// is named by the desk's own file of the same reply.
func (p *putAway) apply(ctx context.Context, tx *store.Tx, row *db.HotlineCase, version int64) error {
	p.gone = row == nil || row.FoldedDay.Valid // meanwhile
	if p.gone {
		return nil
	}
	copies, err := tx.ReplyCopies(ctx, row.ID)
	if err != nil {
		return err
	}
	for _, c := range copies {
		if !slices.Contains(p.ids, sha256.Sum256(c.File)) {
			continue
		}
		if err := p.objects.DropReply(ctx, tx, c.RecordID); err != nil {
			return err
		}
		if _, err := tx.PutAwayReply(ctx, row.ID, c.RecordID); err != nil {
			return err
		}
	}
	if !p.back.known {
		version = -version // the decoy never shows in the feed
	}
	_, err = tx.CaseTouched(ctx, version, row.ID)
	return err
}

func (p *putAway) answer() (seal.Answer, [][]byte) {
	if !p.back.known || p.gone {
		return seal.Answer{Status: seal.StatusUnknown}, nil
	}
	return received(nil)
}
