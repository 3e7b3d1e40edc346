-- BumpFeed is behind Tx.NextVersion, which says when to call it.
-- name: BumpFeed :one
UPDATE feed SET n = n + 1 WHERE one RETURNING n;

-- name: LastVersion :one
SELECT n FROM feed WHERE one;
