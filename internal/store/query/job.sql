-- InsertJob is behind Tx.Enqueue.
-- name: InsertJob :execrows
INSERT INTO job (kind, key, lane, payload, run_at_ms, attempt, lease_until_ms, last_error, dead)
VALUES (@kind, @key, @lane, @payload, @run_at_ms, 0, 0, '', FALSE) ON CONFLICT (key) DO NOTHING;

-- The three ways to settle a job. The attempt is the fence: a worker whose
-- lease ran out cannot settle what another has claimed since.
-- name: FinishJob :execrows
DELETE FROM job WHERE id = @id AND attempt = @attempt AND NOT dead;

-- name: RetryJob :execrows
UPDATE job SET run_at_ms = @run_at_ms, lease_until_ms = 0, last_error = @last_error
WHERE id = @id AND attempt = @attempt AND NOT dead;

-- name: BuryJob :execrows
UPDATE job SET dead = TRUE, lease_until_ms = 0, last_error = @last_error
WHERE id = @id AND attempt = @attempt AND NOT dead;

-- name: JobByKey :one
SELECT * FROM job WHERE key = @key;

-- name: DeadJobs :many
SELECT * FROM job WHERE dead ORDER BY id LIMIT @max_rows;

-- name: ReviveJob :execrows
UPDATE job SET dead = FALSE, run_at_ms = @run_at_ms, lease_until_ms = 0 WHERE id = @id AND dead;

-- name: DropDeadJob :execrows
DELETE FROM job WHERE id = @id AND dead;

-- name: CountJobs :many
SELECT kind, dead, COUNT(*) AS n FROM job GROUP BY kind, dead ORDER BY kind, dead;

-- name: CountDeadJobs :one
SELECT COUNT(*) FROM job WHERE dead;

-- DueJobs says whether a claim may find something; it holds nobody up.
-- name: DueJobs :one
SELECT COUNT(*) FROM (
    SELECT 1 FROM job WHERE kind = @kind AND NOT dead AND run_at_ms <= @now_ms AND lease_until_ms <= @now_ms LIMIT 1
) AS due;
