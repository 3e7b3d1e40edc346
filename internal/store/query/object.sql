-- name: ObjectByID :one
SELECT * FROM object WHERE case_id = @case_id AND id = @id;

-- ObjectsOf lists the attachments of a case, those that wait too.
-- name: ObjectsOf :many
SELECT * FROM object WHERE case_id = @case_id ORDER BY side, hour, id;

-- ObjectBytes is how much one side of a case holds, what waits included.
-- name: ObjectBytes :one
SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM object WHERE case_id = @case_id AND side = @side;

-- name: InsertObject :execrows
INSERT INTO object (case_id, id, side, size, parts, hour)
VALUES (@case_id, @id, @side, @size, @parts, @hour) ON CONFLICT (case_id, id) DO NOTHING;

-- NameObject ties an object to the record that names it, and a copy also to
-- the copy of the reply with which it goes.
-- name: NameObject :execrows
UPDATE object SET record_id = @record_id, reply_id = @reply_id
WHERE case_id = @case_id AND id = @id AND side = @side AND record_id IS NULL;

-- name: DeleteWaitingObjects :execrows
DELETE FROM object WHERE record_id IS NULL AND hour < CAST(@before_hour AS BIGINT);

-- name: ObjectPart :one
SELECT * FROM object_part WHERE case_id = @case_id AND object_id = @object_id AND idx = @idx;

-- name: ObjectParts :many
SELECT * FROM object_part WHERE case_id = @case_id AND object_id = @object_id ORDER BY idx;

-- name: InsertObjectPart :execrows
INSERT INTO object_part (case_id, object_id, idx, hash, blob)
VALUES (@case_id, @object_id, @idx, @hash, @blob) ON CONFLICT (case_id, object_id, idx) DO NOTHING;

-- BlobsAfter pages through the names of all parts.
-- name: BlobsAfter :many
SELECT blob FROM object_part WHERE blob > @after ORDER BY blob LIMIT @n;

-- name: CountObjectParts :one
SELECT COUNT(*) FROM object_part;

-- BlobsOfReply lists the parts that go when a reply is put away.
-- name: BlobsOfReply :many
SELECT p.blob FROM object_part p
JOIN object o ON o.case_id = p.case_id AND o.id = p.object_id
WHERE o.reply_id = @reply_id ORDER BY p.idx;

-- BlobsOfCase lists the parts that go when a case is deleted.
-- name: BlobsOfCase :many
SELECT blob FROM object_part WHERE case_id = @case_id ORDER BY object_id, idx;
