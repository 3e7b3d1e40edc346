package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/store/db"
)

// Job is outgoing work, kept in the transaction of its cause. Neither payload
// nor error may hold plaintext.
type Job struct {
	Kind    string
	Key     string // idempotency: the same key is kept once, for as long as the job is there
	Lane    string // a conversation: one job in flight, in order; "" for none
	Payload []byte
	RunAt   time.Time
}

// Claimed is a job that this worker has until its lease ends. It may run
// more than once: who finishes after the lease's end cannot settle.
type Claimed struct {
	Job
	ID      int64
	Attempt int64 // 1 for the first run
}

// Enqueue keeps a job; it reports false when its key is kept already. Jobs of
// one lane run in the order of their Enqueue, where that is defined: hold the
// conversation's case while enqueueing.
func (tx *Tx) Enqueue(ctx context.Context, j Job) (bool, error) {
	n, err := tx.InsertJob(ctx, db.InsertJobParams{
		Kind: j.Kind, Key: j.Key, Lane: j.Lane, Payload: j.Payload, RunAtMs: j.RunAt.UnixMilli(),
	})
	return n == 1, err
}

// claimJobs takes due jobs. Of a lane only the first living job is eligible,
// and none while another of its jobs is in flight; a job that waits for its
// next attempt holds up its lane, a dead one does not. The two parts are
// joined by the dialect's clause that passes over what others hold.
const (
	claimJobs = `UPDATE job SET lease_until_ms = $1, attempt = attempt + 1 WHERE id IN (
    SELECT j.id FROM job j
    WHERE j.kind = $2 AND NOT j.dead AND j.run_at_ms <= $3 AND j.lease_until_ms <= $3
      AND (j.lane = '' OR NOT EXISTS (
        SELECT 1 FROM job o WHERE o.lane = j.lane AND NOT o.dead AND o.id <> j.id
          AND (o.id < j.id OR o.lease_until_ms > $3)))
    ORDER BY j.run_at_ms, j.id LIMIT $4`
	claimReturning = `) RETURNING id, kind, key, lane, payload, run_at_ms, attempt`
)

// Claim leases up to n due jobs of one kind to the caller. Do nothing else in
// its transaction: claims follow one another on all nodes.
func (tx *Tx) Claim(ctx context.Context, kind string, n int, now time.Time, lease time.Duration) ([]Claimed, error) {
	if err := tx.mayLock(); err != nil {
		return nil, err
	}
	if err := tx.dialect.hold(ctx, tx.q, lockClaims); err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	rows, err := tx.q.QueryContext(ctx, claimJobs+tx.dialect.skipLocked()+claimReturning,
		now.Add(lease).UnixMilli(), kind, now.UnixMilli(), n)
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	defer rows.Close()
	var jobs []Claimed
	for rows.Next() {
		var c Claimed
		var runAt int64
		if err := rows.Scan(&c.ID, &c.Kind, &c.Key, &c.Lane, &c.Payload, &runAt, &c.Attempt); err != nil {
			return nil, fmt.Errorf("claim jobs: %w", err)
		}
		c.RunAt = time.UnixMilli(runAt)
		jobs = append(jobs, c)
	}
	// RETURNING has no order of its own.
	slices.SortFunc(jobs, func(a, b Claimed) int { return cmp.Or(a.RunAt.Compare(b.RunAt), cmp.Compare(a.ID, b.ID)) })
	return jobs, rows.Err()
}

// Outcome says how a claimed job ended. Its zero value means done.
type Outcome struct {
	Retry time.Time // not zero: run again then
	Dead  bool      // do not run again; show it to people
	Error string    // why not done; no secret and no plaintext
}

// Settle ends a claim. It fails with KindConflict when the lease ran out and the
// job was claimed again: the other's outcome counts.
func (tx *Tx) Settle(ctx context.Context, c Claimed, o Outcome) error {
	var n int64
	var err error
	switch {
	case o.Dead:
		n, err = tx.BuryJob(ctx, db.BuryJobParams{LastError: o.Error, ID: c.ID, Attempt: c.Attempt})
	case !o.Retry.IsZero():
		n, err = tx.RetryJob(ctx, db.RetryJobParams{RunAtMs: o.Retry.UnixMilli(), LastError: o.Error, ID: c.ID, Attempt: c.Attempt})
	default:
		n, err = tx.FinishJob(ctx, c.ID, c.Attempt)
	}
	if err != nil {
		return fmt.Errorf("settle a job: %w", err)
	}
	if n == 0 {
		return hotline.Errorf(hotline.KindConflict, "store: settle", "the job was claimed again or is settled")
	}
	return nil
}
