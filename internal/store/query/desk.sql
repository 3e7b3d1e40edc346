-- Queries of the API for desks and of its audit.

-- name: LatestSerial :one
SELECT CAST(COALESCE(MAX(serial), 0) AS BIGINT) FROM document WHERE kind = @kind;

-- PendingReplies says which replies a person has not put away.
-- name: PendingReplies :many
SELECT seq FROM reply_copy WHERE case_id = @case_id ORDER BY seq;

-- name: TeamHolders :many
SELECT team, n, holder FROM team_wrap ORDER BY team, n, holder;

-- CaseQuiet ends the waiting without an answer: the case has ended.
-- name: CaseQuiet :execrows
UPDATE hotline_case SET waiting_since_ms = NULL WHERE id = @id;

-- name: JournalLeavesFrom :many
SELECT * FROM journal_leaf WHERE idx >= @from_idx ORDER BY idx LIMIT @max_rows;

-- name: JournalHashesFrom :many
SELECT * FROM journal_hash WHERE idx >= @from_idx ORDER BY idx LIMIT @max_rows;

-- name: AllStatements :many
SELECT id, header, hour FROM statement WHERE id > @after ORDER BY id LIMIT @max_rows;

-- name: AllReplies :many
SELECT id, file, hour FROM record WHERE side = 'desk' AND id > @after AND NOT EXISTS (SELECT 1 FROM fold f WHERE f.case_id = record.case_id) ORDER BY id LIMIT @max_rows;

-- name: CaseKeysAfter :many
SELECT * FROM case_key WHERE n > 0 AND (case_id > @case_id OR (case_id = @case_id AND n > @n)) ORDER BY case_id, n LIMIT @max_rows;
