-- name: MarkTripwire :exec
INSERT INTO tripwire_mark (wire, actor, subject, minute) VALUES (@wire, @actor, @subject, @minute)
ON CONFLICT (wire, actor, subject) DO UPDATE SET minute = excluded.minute;

-- TallyOf counts what one person did after a minute, and since when.
-- name: TallyOf :one
SELECT COUNT(*) AS n, CAST(COALESCE(MIN(minute), 0) AS BIGINT) AS since_minute
FROM tripwire_mark WHERE wire = @wire AND actor = @actor AND minute > @after_minute;

-- TalliesOfOthers counts what each colleague did who did it at all.
-- name: TalliesOfOthers :many
SELECT COUNT(*) AS n FROM tripwire_mark WHERE wire = @wire AND actor <> @actor AND minute > @after_minute GROUP BY actor;

-- name: ForgetMarks :execrows
DELETE FROM tripwire_mark WHERE minute < @before_minute;

-- name: CalmedMinute :one
SELECT CAST(COALESCE(MAX(calmed_minute), 0) AS BIGINT) FROM tripwire_alarm WHERE wire = @wire AND actor = @actor;

-- name: OpenAlarm :one
SELECT * FROM tripwire_alarm WHERE wire = @wire AND actor = @actor AND calmed_by = '' AND case_id IS NOT DISTINCT FROM @case_id;

-- name: InsertAlarm :exec
INSERT INTO tripwire_alarm (id, wire, actor, case_id, n, bound, told, since_minute, last_minute, leaf, version, calmed_by, calmed_minute, answer)
VALUES (@id, @wire, @actor, @case_id, @n, @bound, @told, @since_minute, @last_minute, @leaf, @version, '', 0, NULL);

-- name: GrowAlarm :exec
UPDATE tripwire_alarm SET n = @n, bound = @bound, told = @told, last_minute = @last_minute, version = @version WHERE id = @id;

-- CalmAlarm takes an answer, once. Its minutes become hours.
-- name: CalmAlarm :execrows
UPDATE tripwire_alarm SET calmed_by = @calmed_by, calmed_minute = @calmed_minute, answer = @answer, version = @version,
    since_minute = since_minute / 60 * 60, last_minute = last_minute / 60 * 60
WHERE id = @id AND calmed_by = '';

-- name: Alarm :one
SELECT * FROM tripwire_alarm WHERE id = @id;

-- name: Alarms :many
SELECT * FROM tripwire_alarm ORDER BY version DESC LIMIT @max_rows;

-- NewestAlarmFor is the newest change that a watcher may hear of: not of himself.
-- name: NewestAlarmFor :one
SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM tripwire_alarm WHERE actor <> @actor;

-- name: ForgetAlarms :execrows
DELETE FROM tripwire_alarm WHERE calmed_by <> '' AND calmed_minute < @before_minute;

-- name: PutAlarmNote :exec
INSERT INTO tripwire_note (alarm_id, holder, file) VALUES (@alarm_id, @holder, @file) ON CONFLICT (alarm_id, holder) DO NOTHING;

-- name: AlarmNotesOf :many
SELECT * FROM tripwire_note WHERE holder = @holder;

-- name: PlantCanary :execrows
INSERT INTO canary (case_id, planted_by, hour) VALUES (@case_id, @planted_by, @hour) ON CONFLICT (case_id) DO NOTHING;

-- name: LiftCanary :execrows
DELETE FROM canary WHERE case_id = @case_id;

-- name: Canary :one
SELECT * FROM canary WHERE case_id = @case_id;

-- name: Canaries :many
SELECT c.case_id, c.planted_by, c.hour, h.team FROM canary c JOIN hotline_case h ON h.id = c.case_id ORDER BY c.hour, c.case_id;

-- FoldAlarms leaves the day of what was done to a case that is folded.
-- name: FoldAlarms :execrows
UPDATE tripwire_alarm SET since_minute = since_minute - since_minute % 1440, last_minute = last_minute - last_minute % 1440,
    calmed_minute = calmed_minute - calmed_minute % 1440
WHERE case_id = @case_id;

-- name: FoldCanary :execrows
UPDATE canary SET hour = hour - hour % 24 WHERE case_id = @case_id;

-- ForgetCaseOfAlarms takes the name of a case that is removed out of alarms.
-- name: ForgetCaseOfAlarms :execrows
UPDATE tripwire_alarm SET case_id = NULL, since_minute = since_minute - since_minute % 1440, last_minute = last_minute - last_minute % 1440,
    calmed_minute = calmed_minute - calmed_minute % 1440
WHERE case_id = @case_id;

-- name: ForgetMarksOfCase :execrows
DELETE FROM tripwire_mark WHERE subject = @case_id;
