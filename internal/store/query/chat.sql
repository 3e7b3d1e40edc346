-- name: ChatByHandle :one
SELECT * FROM chat WHERE handle = @handle;

-- name: ChatOfCase :one
SELECT * FROM chat WHERE case_id = @case_id;

-- PutChat keeps how a chat is to be treated; which case it belongs to only
-- SetChatCase changes.
-- name: PutChat :execrows
INSERT INTO chat (handle, channel, box) VALUES (@handle, @channel, @box)
ON CONFLICT (handle) DO UPDATE SET box = excluded.box;

-- SetChatCase gives a chat its case; no row is changed when it has one that still stands.
-- name: SetChatCase :execrows
UPDATE chat SET case_id = @case_id WHERE handle = @handle AND case_id IS NULL;

-- LeaveChat lets a chat go from a case that is folded.
-- name: LeaveChat :execrows
UPDATE chat SET case_id = NULL WHERE case_id = @case_id;

-- DeleteIdleChats removes chats of which nothing is left: no case, nothing to delete.
-- name: DeleteIdleChats :execrows
DELETE FROM chat WHERE case_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM chat_trace t WHERE t.handle = chat.handle);

-- name: InsertTrace :execrows
INSERT INTO chat_trace (handle, box, erase_ms) VALUES (@handle, @box, @erase_ms);

-- name: DueTraces :many
SELECT id, handle, box FROM chat_trace WHERE erase_ms <= @now_ms ORDER BY erase_ms, id LIMIT @max_rows;

-- name: TracesOfChat :many
SELECT id, handle, box FROM chat_trace WHERE handle = @handle ORDER BY id;

-- HastenTraces changes when what stands in a chat is deleted.
-- name: HastenTraces :execrows
UPDATE chat_trace SET erase_ms = @erase_ms WHERE handle = @handle AND erase_ms > @erase_ms;

-- name: DeleteTrace :execrows
DELETE FROM chat_trace WHERE id = @id;

-- name: PutOffTrace :execrows
UPDATE chat_trace SET erase_ms = @erase_ms WHERE id = @id;

-- name: InsertUpdate :execrows
INSERT INTO chat_update (source, n, day) VALUES (@source, @n, @day) ON CONFLICT (source, n) DO NOTHING;

-- name: DeleteUpdatesBefore :execrows
DELETE FROM chat_update WHERE day < @day;

-- name: PutDelivery :execrows
INSERT INTO delivery (record_id, case_id, statement) VALUES (@record_id, @case_id, @statement)
ON CONFLICT (record_id) DO UPDATE SET statement = excluded.statement;

-- name: DeliveriesOfCase :many
SELECT d.statement FROM delivery d JOIN record r ON r.id = d.record_id WHERE d.case_id = @case_id ORDER BY r.place;

-- name: DeleteDeliveries :execrows
DELETE FROM delivery WHERE case_id = @case_id;

-- name: ReplyCopy :one
SELECT * FROM reply_copy WHERE record_id = @record_id;

-- name: InsertFieldNote :execrows
INSERT INTO field_note (record_id, case_id, team, epoch, file, day) VALUES (@record_id, @case_id, @team, @epoch, @file, @day)
ON CONFLICT (record_id) DO NOTHING;

-- name: FieldNotesOfCase :many
SELECT n.record_id, n.team, n.epoch, n.file FROM field_note n JOIN record r ON r.id = n.record_id
WHERE n.case_id = @case_id ORDER BY r.place;

-- name: DeleteFieldNotes :execrows
DELETE FROM field_note WHERE case_id = @case_id;

-- name: DeleteFieldNotesBefore :execrows
DELETE FROM field_note WHERE day < @day;

-- name: CountUpdate :one
SELECT COUNT(*) FROM chat_update WHERE source = @source AND n = @n;

-- name: CountUpdates :one
SELECT COUNT(*) FROM chat_update WHERE source = @source;

-- name: CountRecordsOf :one
SELECT COUNT(*) FROM record WHERE side = @side;
