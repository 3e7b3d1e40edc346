package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"sync"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// Intake is the public door of one node.
type Intake struct {
	cfg        Config
	limits     Limits
	challenger seal.Challenger
	doorstep   *room[func()]    // envelopes that wait to be opened
	room       *room[operation] // operations that wait for the writer
	doors      *doors
	effort     *effort
	documents  *documents
	decoy      decoy
	uploads    chan struct{} // large bodies in memory
	disk       chan struct{} // parts that are being written
}

// New makes an intake; [Intake.Run] makes it work.
func New(cfg Config) (*Intake, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	d, err := newDecoy(cfg.IndexKey, cfg.Clock)
	if err != nil {
		return nil, err
	}
	limits := cfg.Limits.withDefaults()
	return &Intake{
		cfg: cfg, limits: limits,
		challenger: seal.NewChallenger(cfg.ChallengeKey),
		doorstep:   newRoom[func()](limits.Doorstep, 0),
		room:       newRoom[operation](limits.Room, limits.Reserved),
		doors:      newDoors(cfg.DB),
		effort:     &effort{clock: cfg.Clock},
		documents:  &documents{load: cfg.Documents, clock: cfg.Clock},
		decoy:      d,
		uploads:    make(chan struct{}, limits.Uploads),
		disk:       make(chan struct{}, partWriters),
	}, nil
}

// Run opens envelopes and keeps what is in them until ctx ends. Those who are
// waiting then are told that nothing was kept.
func (i *Intake) Run(ctx context.Context) error {
	if err := i.cfg.DB.Update(ctx, func(tx *store.Tx) error { return i.decoy.keep(ctx, tx) }); err != nil {
		i.cfg.Logger.WarnContext(ctx, "intake: the decoy case could not be kept yet", "kind", hotline.KindOf(err).String())
	}
	working := context.WithoutCancel(ctx) // what was called is finished
	var workers sync.WaitGroup
	workers.Go(func() { i.doors.run(ctx) })
	for range i.limits.Openers {
		workers.Go(func() {
			for seats := i.doorstep.call(1); seats != nil; seats = i.doorstep.call(1) {
				seats[0].load()
				seats[0].done <- nil
			}
		})
	}
	for range i.limits.Writers {
		workers.Go(func() {
			for seats := i.room.call(i.limits.Batch); seats != nil; seats = i.room.call(i.limits.Batch) {
				i.commit(working, seats)
			}
		})
	}
	<-ctx.Done()
	i.doorstep.close()
	i.room.close()
	workers.Wait()
	return nil
}

// Admit runs fn in a transaction when its turn has come, and returns when it
// is on disk. It is the way of the gateways into the same waiting room. An
// error of KindBusy means that there was no place; nothing was kept.
func (i *Intake) Admit(ctx context.Context, lane Lane, work int, fn func(context.Context, *store.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, i.limits.MaxWait)
	defer cancel()
	return i.room.wait(ctx, newSeat[operation](lane, work, admitted(fn)))
}

// CodeIndex is what the store keeps of a channel code: a keyed hash, so that a
// stolen database does not yield the codes (10^10 of them are soon tried).
func CodeIndex(key []byte, code hotline.ChannelCode) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("safeconduct channel code v1\n"))
	h.Write([]byte(code.Digits()))
	return h.Sum(nil)[:16]
}
