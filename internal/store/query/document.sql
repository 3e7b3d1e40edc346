-- name: InsertDocument :execrows
INSERT INTO document (kind, serial, body, hour, leaf) VALUES (@kind, @serial, @body, @hour, @leaf)
ON CONFLICT (kind, serial) DO NOTHING;

-- name: LatestDocument :one
SELECT * FROM document WHERE kind = @kind ORDER BY serial DESC LIMIT 1;

-- name: Document :one
SELECT * FROM document WHERE kind = @kind AND serial = @serial;

-- name: DocumentsAfter :many
SELECT * FROM document WHERE kind = @kind AND serial > @after ORDER BY serial LIMIT @max_rows;

-- name: InsertInvitation :exec
INSERT INTO invitation (id, role, name, created_hour, expires_ms, state, bundle, operator, created_by)
VALUES (@id, @role, @name, @created_hour, @expires_ms, @state, @bundle, @operator, @created_by);

-- name: Invitation :one
SELECT * FROM invitation WHERE id = @id;

-- name: Invitations :many
SELECT * FROM invitation ORDER BY created_hour, id;

-- StepInvitation moves an invitation on, once: compare-and-set on its state.
-- name: StepInvitation :execrows
UPDATE invitation SET state = @state, bundle = @bundle, operator = @operator
WHERE id = @id AND state = @expected_state;

-- name: DeleteInvitation :execrows
DELETE FROM invitation WHERE id = @id;

-- name: DeleteInvitationsBefore :execrows
DELETE FROM invitation WHERE state = @state AND expires_ms < @before_ms;

-- name: Setting :one
SELECT value FROM setting WHERE key = @key;

-- name: PutSetting :exec
INSERT INTO setting (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- PutSettingOnce keeps what is there: the first of several nodes decides.
-- name: PutSettingOnce :execrows
INSERT INTO setting (key, value) VALUES (@key, @value) ON CONFLICT (key) DO NOTHING;

-- name: DeleteSetting :execrows
DELETE FROM setting WHERE key = @key;

-- name: Settings :many
SELECT * FROM setting ORDER BY key;
