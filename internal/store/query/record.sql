-- InsertRecord keeps a record once; no row is inserted when it is already
-- kept. Hold the case (Tx.LockCase) so that two nodes do not take one place.
-- name: InsertRecord :execrows
INSERT INTO record (id, case_id, side, seq, generation, header, file, hour, place)
VALUES (@id, @case_id, @side, @seq, @generation, @header, @file, @hour,
    (SELECT COALESCE(MAX(r.place), -1) + 1 FROM record r WHERE r.case_id = @case_id))
ON CONFLICT (id) DO NOTHING;

-- name: RecordByID :one
SELECT * FROM record WHERE id = @id;

-- name: HasRecord :one
SELECT COUNT(*) FROM record WHERE id = @id;

-- name: RecordsAfter :many
SELECT * FROM record WHERE case_id = @case_id AND place > @after ORDER BY place LIMIT @max_rows;

-- InsertReplyCopy also restores a copy that was put away: the desk may send again.
-- name: InsertReplyCopy :execrows
INSERT INTO reply_copy (record_id, case_id, seq, file, hour)
VALUES (@record_id, @case_id, @seq, @file, @hour) ON CONFLICT (record_id) DO NOTHING;

-- name: ReplyCopies :many
SELECT * FROM reply_copy WHERE case_id = @case_id ORDER BY seq, record_id;

-- name: ReplyCopiesAfter :many
SELECT * FROM reply_copy WHERE case_id = @case_id AND seq > @after ORDER BY seq, record_id LIMIT @max_rows;

-- name: CountReplyCopies :one
SELECT COUNT(*) FROM reply_copy WHERE case_id = @case_id;

-- name: PutAwayReply :execrows
DELETE FROM reply_copy WHERE case_id = @case_id AND record_id = @record_id;

-- name: PutAwayRepliesTo :execrows
DELETE FROM reply_copy WHERE case_id = @case_id AND seq <= @last_seq;

-- name: InsertStatement :execrows
INSERT INTO statement (case_id, seq, id, kind, signer, header, sealed, hour)
VALUES (@case_id, @seq, @id, @kind, @signer, @header, @sealed, @hour) ON CONFLICT (id) DO NOTHING;

-- name: StatementByID :one
SELECT * FROM statement WHERE id = @id;

-- name: StatementsAfter :many
SELECT * FROM statement WHERE case_id = @case_id AND seq > @after ORDER BY seq LIMIT @max_rows;

-- name: MissingCopy :one
SELECT record_id FROM reply_missing WHERE case_id = @case_id AND seq = @seq ORDER BY record_id LIMIT 1;

-- name: DeleteMissingCopy :execrows
DELETE FROM reply_missing WHERE record_id = @record_id;

-- name: CountMissingCopies :one
SELECT COUNT(*) FROM reply_missing;

-- name: MissingCopiesOfTeam :many
SELECT m.case_id, m.seq FROM reply_missing m JOIN hotline_case c ON c.id = m.case_id
WHERE c.team = @team AND c.folded_day IS NULL ORDER BY m.case_id, m.seq LIMIT @max_rows;
