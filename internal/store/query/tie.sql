-- How cases stand to each other: internal/server/tie.go.

-- TiesOf lists what a case has to do with others.
-- name: TiesOf :many
SELECT * FROM case_tie WHERE part_id = @id OR main_id = @id ORDER BY part_id, main_id;

-- name: InsertTie :execrows
INSERT INTO case_tie (part_id, main_id, kind, hour) VALUES (@part_id, @main_id, @kind, @hour) ON CONFLICT (part_id, main_id) DO NOTHING;

-- name: DeleteTie :execrows
DELETE FROM case_tie WHERE (part_id = @a AND main_id = @b) OR (part_id = @b AND main_id = @a);

-- FoldTies lets go of the hours.
-- name: FoldTies :execrows
UPDATE case_tie SET hour = hour - hour % 24 WHERE part_id = @id OR main_id = @id;

-- FollowMain moves a part with its case: it ends when that one does.
-- name: FollowMain :execrows
UPDATE hotline_case SET stage = @stage, closed_hour = @closed_hour, version = @version WHERE id = @id;
