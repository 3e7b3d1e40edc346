-- name: InsertCase :execrows
INSERT INTO hotline_case (
    id, lookup, contact_key, contact_recipient, channel, code_index, stage, urgency, team, assignee,
    generation, contact_seq, desk_seq, statement_seq, contact_header, desk_head, statement_head,
    seen_seq, read_hour, used_hour, used_count, answered, waiting_since_ms, created_hour, closed_hour, version
) VALUES (
    @id, @lookup, @contact_key, @contact_recipient, @channel, @code_index, @stage, @urgency, @team, @assignee,
    @generation, @contact_seq, @desk_seq, @statement_seq, @contact_header, @desk_head, @statement_head,
    @seen_seq, @read_hour, @used_hour, @used_count, @answered, @waiting_since_ms, @created_hour, @closed_hour, @version
) ON CONFLICT (id) DO NOTHING;

-- name: CaseByID :one
SELECT * FROM hotline_case WHERE id = @id;

-- name: CaseByLookup :one
SELECT * FROM hotline_case WHERE lookup = @lookup;

-- name: CasesByCode :many
SELECT * FROM hotline_case WHERE code_index = @code_index ORDER BY created_hour DESC, id LIMIT @max_rows;

-- CasesAfter is the feed: what changed since the reader's cursor, oldest first.
-- name: CasesAfter :many
SELECT * FROM hotline_case WHERE version > @after ORDER BY version LIMIT @max_rows;

-- name: CasesInStage :many
SELECT * FROM hotline_case WHERE team = @team AND stage = @stage ORDER BY version LIMIT @max_rows;

-- CaseAfterContact advances the contact's chain; no row is changed when the
-- sequence has already passed (a second device, a replay).
-- name: CaseAfterContact :execrows
UPDATE hotline_case SET contact_seq = @contact_seq, contact_header = @contact_header,
    waiting_since_ms = COALESCE(waiting_since_ms, @waiting_since_ms), version = @version
WHERE id = @id AND contact_seq < @contact_seq;

-- CaseWaits marks that somebody waits, without moving the contact's chain.
-- name: CaseWaits :execrows
UPDATE hotline_case SET waiting_since_ms = COALESCE(waiting_since_ms, @waiting_since_ms), version = @version
WHERE id = @id;

-- CaseAfterDesk appends to the desk's chain: compare-and-set on its head. A
-- reply to the person ends the waiting; a note for colleagues does not.
-- name: CaseAfterDesk :execrows
UPDATE hotline_case SET desk_seq = @desk_seq, desk_head = @desk_head,
    answered = (answered OR CAST(@reply AS BOOLEAN)),
    waiting_since_ms = CASE WHEN CAST(@reply AS BOOLEAN) THEN NULL ELSE waiting_since_ms END,
    version = @version
WHERE id = @id AND desk_head IS NOT DISTINCT FROM @expected_head;

-- CaseAfterStatement appends a statement: compare-and-set on its head.
-- name: CaseAfterStatement :execrows
UPDATE hotline_case SET statement_seq = @statement_seq, statement_head = @statement_head,
    stage = @stage, urgency = @urgency, team = @team, assignee = @assignee,
    generation = @generation, closed_hour = @closed_hour, version = @version
WHERE id = @id AND statement_head IS NOT DISTINCT FROM @expected_head;

-- name: CaseRead :execrows
UPDATE hotline_case SET seen_seq = @seen_seq, read_hour = @read_hour, version = @version
WHERE id = @id AND seen_seq < @seen_seq;

-- CaseUsed counts an opening with the receipt or the channel code.
-- name: CaseUsed :execrows
UPDATE hotline_case SET used_hour = @used_hour, used_count = used_count + 1, version = @version
WHERE id = @id;

-- CaseTouched moves a case in the feed after a change in another table.
-- name: CaseTouched :execrows
UPDATE hotline_case SET version = @version WHERE id = @id;

-- CaseAnswered ends the waiting where the answer was given elsewhere (spoken).
-- name: CaseAnswered :execrows
UPDATE hotline_case SET answered = TRUE, waiting_since_ms = NULL, version = @version WHERE id = @id;

-- name: SetCaseCode :execrows
UPDATE hotline_case SET code_index = @code_index, version = @version WHERE id = @id;

-- DeleteCase removes a case and, by the foreign keys, all that hangs on it.
-- name: DeleteCase :execrows
DELETE FROM hotline_case WHERE id = @id;

-- name: CountCases :many
SELECT team, stage, COUNT(*) AS n FROM hotline_case GROUP BY team, stage ORDER BY team, stage;

-- CountWaiting says how many wait and since when the first of them does.
-- name: CountWaiting :one
SELECT COUNT(*) AS n, CAST(COALESCE(MIN(waiting_since_ms), 0) AS BIGINT) AS since_ms
FROM hotline_case WHERE waiting_since_ms IS NOT NULL;
