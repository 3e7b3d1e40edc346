-- CaseKey is one generation of a case's key.
-- name: CaseKey :one
SELECT * FROM case_key WHERE case_id = @case_id AND n = @n;

-- LastHeaderOf is the signed header of a side's newest record in a case.
-- name: LastHeaderOf :one
SELECT seq, header FROM record WHERE case_id = @case_id AND side = @side ORDER BY place DESC LIMIT 1;

-- BumpFeedBy is behind Tx.NextVersions.
-- name: BumpFeedBy :one
UPDATE feed SET n = n + @by_n WHERE one RETURNING n;
