-- What retention does: internal/server/retain.go says when.

-- CasesToFold lists cases that ended in a stage before an hour, in the order of
-- their random ids: an order of time would tell something.
-- name: CasesToFold :many
SELECT id FROM hotline_case
WHERE closed_hour IS NOT NULL AND folded_day IS NULL AND stage = @stage AND closed_hour < CAST(@before_hour AS BIGINT)
    AND waiting_since_ms IS NULL AND version > 0
ORDER BY id LIMIT @max_rows;

-- name: CasesToRemove :many
SELECT id FROM hotline_case
WHERE closed_hour IS NOT NULL AND closed_hour < CAST(@before_hour AS BIGINT) AND stage = @stage
    AND waiting_since_ms IS NULL AND version > 0
ORDER BY id LIMIT @max_rows;

-- name: FoldCase :execrows
UPDATE hotline_case SET lookup = NULL, contact_key = NULL, contact_recipient = '', code_index = NULL, contact_header = NULL,
    read_hour = NULL, used_hour = NULL, used_count = 0, review_day = NULL,
    created_hour = created_hour - created_hour % 24, closed_hour = closed_hour - closed_hour % 24,
    folded_day = @folded_day, version = @version
WHERE id = @id AND waiting_since_ms IS NULL AND folded_day IS NULL;

-- name: FoldCaseKey :execrows
UPDATE case_key SET statement = @recipient, hour = hour - hour % 24 WHERE case_id = @case_id AND n = @n;

-- name: FoldRecords :execrows
UPDATE record SET header = NULL, hour = hour - hour % 24 WHERE case_id = @case_id;

-- FoldWraps writes the wraps anew as they are, so that their place in the
-- database does not tell when they came.
-- name: FoldWraps :execrows
UPDATE case_wrap SET epoch = epoch WHERE case_id = @case_id;

-- name: FoldObjects :execrows
UPDATE object SET hour = hour - hour % 24 WHERE case_id = @case_id;

-- name: DeleteStatements :execrows
DELETE FROM statement WHERE case_id = @case_id;

-- name: DeleteReplyCopies :execrows
DELETE FROM reply_copy WHERE case_id = @case_id;

-- name: DeleteReplyMissing :execrows
DELETE FROM reply_missing WHERE case_id = @case_id;

-- name: InsertFold :execrows
INSERT INTO fold (case_id, generation, file) VALUES (@case_id, @generation, @file) ON CONFLICT (case_id) DO NOTHING;

-- name: Fold :one
SELECT * FROM fold WHERE case_id = @case_id;

-- CountCase says what hangs on a case.
-- name: CountCase :one
SELECT (SELECT COUNT(*) FROM record r WHERE r.case_id = @case_id) AS records,
    (SELECT COUNT(*) FROM statement s WHERE s.case_id = @case_id) AS statements,
    (SELECT COUNT(*) FROM case_key k WHERE k.case_id = @case_id) AS keys,
    (SELECT COUNT(*) FROM case_wrap w WHERE w.case_id = @case_id) AS wraps,
    (SELECT COUNT(*) FROM reply_copy c WHERE c.case_id = @case_id) AS copies;

-- ForgetJournalAbout drops what the leaves about a case say, up to one of them.
-- name: ForgetJournalAbout :execrows
UPDATE journal_leaf SET blind = NULL, entry = NULL, about = NULL WHERE about = CAST(@about AS TEXT) AND idx < @before_idx;

-- name: InsertGone :execrows
INSERT INTO case_gone (id, team, why, proof, day, version) VALUES (@id, @team, @why, @proof, @day, @version)
ON CONFLICT (id) DO NOTHING;

-- name: CaseGone :one
SELECT * FROM case_gone WHERE id = @id;

-- name: GoneAfter :many
SELECT * FROM case_gone WHERE version > @after ORDER BY version LIMIT @max_rows;

-- name: DeleteGoneBefore :execrows
DELETE FROM case_gone WHERE day < @before_day;

-- SilentCases lists cases on standby that gave no sign of life since an hour: no
-- message, no act, no use of the receipt, and no supervisor has kept them since.
-- name: SilentCases :many
SELECT * FROM hotline_case c
WHERE c.team = @team AND c.stage = 'standby' AND c.waiting_since_ms IS NULL AND c.version > 0
    AND c.created_hour < CAST(@before_hour AS BIGINT) AND (c.used_hour IS NULL OR c.used_hour < @before_hour)
    AND (c.review_day IS NULL OR c.review_day <= @today)
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.case_id = c.id AND r.hour >= @before_hour)
    AND NOT EXISTS (SELECT 1 FROM statement s WHERE s.case_id = c.id AND s.hour >= @before_hour AND s.kind <> 'review')
    AND NOT EXISTS (SELECT 1 FROM case_tie p WHERE p.part_id = c.id AND p.kind = 'merge')
    AND NOT EXISTS (SELECT 1 FROM case_tie m JOIN record mr ON mr.case_id = m.part_id WHERE m.main_id = c.id AND m.kind = 'merge' AND mr.hour >= @before_hour)
ORDER BY c.id LIMIT @max_rows;

-- name: SetReviewDay :execrows
UPDATE hotline_case SET review_day = @review_day WHERE id = @id;

-- name: AllFolds :many
SELECT case_id, file FROM fold WHERE case_id > @after ORDER BY case_id LIMIT @max_rows;

-- name: CountGoneBefore :one
SELECT COUNT(*) FROM case_gone WHERE day < @before_day;

-- CasesWithoutKey lists cases that have ended and of which some generation of
-- the key is wrapped to nobody any more: nothing opens them.
-- name: CasesWithoutKey :many
SELECT c.id FROM hotline_case c
WHERE c.closed_hour IS NOT NULL AND c.team = @team AND c.version > 0 AND EXISTS (
    SELECT 1 FROM case_key k WHERE k.case_id = c.id AND NOT EXISTS (
        SELECT 1 FROM case_wrap w WHERE w.case_id = k.case_id AND w.n = k.n))
ORDER BY c.id LIMIT @max_rows;

-- DependentCases lists cases of which some generation of the key is wrapped to
-- one epoch alone: with its key they go.
-- name: DependentCases :many
SELECT c.id, c.stage, c.closed_hour, c.waiting_since_ms, c.version FROM hotline_case c
WHERE c.id IN (
    SELECT w.case_id FROM case_wrap w WHERE w.team = @team AND w.epoch = @epoch AND NOT EXISTS (
        SELECT 1 FROM case_wrap x WHERE x.case_id = w.case_id AND x.n = w.n AND (x.team <> w.team OR x.epoch <> w.epoch)))
ORDER BY c.id;

-- CountWithoutWrap counts what CasesWithoutWrap lists, up to a bound.
-- name: CountWithoutWrap :one
SELECT COUNT(*) FROM (SELECT c.id FROM hotline_case c
WHERE c.closed_hour IS NULL AND EXISTS (
    SELECT 1 FROM case_wrap w WHERE w.case_id = c.id AND w.team = @team AND NOT EXISTS (
        SELECT 1 FROM case_wrap x
        WHERE x.case_id = w.case_id AND x.n = w.n AND x.team = w.team AND x.epoch = @epoch)) LIMIT @max_rows) AS open;

-- name: MarkEpochDestroyed :execrows
UPDATE team_epoch SET destroyed_day = @day WHERE team = @team AND n = @n AND destroyed_day IS NULL;

-- name: InsertFarewell :execrows
INSERT INTO epoch_farewell (team, n, holder, statement) VALUES (@team, @n, @holder, @statement) ON CONFLICT (team, n, holder) DO NOTHING;

-- name: Farewells :many
SELECT * FROM epoch_farewell ORDER BY team, n, holder;
