-- name: InsertCaseKey :execrows
INSERT INTO case_key (case_id, n, statement, hour) VALUES (@case_id, @n, @statement, @hour)
ON CONFLICT (case_id, n) DO NOTHING;

-- name: CaseKeys :many
SELECT * FROM case_key WHERE case_id = @case_id ORDER BY n;

-- name: InsertCaseWrap :execrows
INSERT INTO case_wrap (case_id, n, team, epoch, wrap) VALUES (@case_id, @n, @team, @epoch, @wrap)
ON CONFLICT (case_id, team, n, epoch) DO NOTHING;

-- name: CaseWraps :many
SELECT * FROM case_wrap WHERE case_id = @case_id ORDER BY n, team, epoch;

-- name: CaseWrapsOfTeam :many
SELECT * FROM case_wrap WHERE case_id = @case_id AND team = @team ORDER BY n, epoch;

-- CasesWithoutWrap lists open cases of a team of which some generation is not
-- yet wrapped to the epoch: the work of re-wrapping, by version so that a
-- case which cannot be re-wrapped does not hold up the others.
-- name: CasesWithoutWrap :many
SELECT c.id, c.version FROM hotline_case c
WHERE c.version > @after AND c.closed_hour IS NULL AND EXISTS (
    SELECT 1 FROM case_wrap w WHERE w.case_id = c.id AND w.team = @team AND NOT EXISTS (
        SELECT 1 FROM case_wrap x
        WHERE x.case_id = w.case_id AND x.n = w.n AND x.team = w.team AND x.epoch = @epoch))
ORDER BY c.version LIMIT @max_rows;

-- CountWraps says how many wraps still hang on an epoch, before it is destroyed.
-- name: CountWraps :one
SELECT COUNT(*) FROM case_wrap WHERE team = @team AND epoch = @epoch;

-- name: DeleteWraps :execrows
DELETE FROM case_wrap WHERE team = @team AND epoch = @epoch;

-- name: InsertTeamEpoch :execrows
INSERT INTO team_epoch (team, n, recipient, reply_key, statement, created_hour, retired_hour)
VALUES (@team, @n, @recipient, @reply_key, @statement, @created_hour, NULL) ON CONFLICT (team, n) DO NOTHING;

-- name: TeamEpochs :many
SELECT * FROM team_epoch ORDER BY team, n;

-- name: TeamEpoch :one
SELECT * FROM team_epoch WHERE team = @team AND n = @n;

-- name: LatestTeamEpoch :one
SELECT * FROM team_epoch WHERE team = @team ORDER BY n DESC LIMIT 1;

-- name: RetireTeamEpoch :execrows
UPDATE team_epoch SET retired_hour = @retired_hour WHERE team = @team AND n = @n AND retired_hour IS NULL;

-- name: PutTeamWrap :exec
INSERT INTO team_wrap (team, n, holder, wrap) VALUES (@team, @n, @holder, @wrap)
ON CONFLICT (team, n, holder) DO UPDATE SET wrap = excluded.wrap;

-- name: TeamWrapsOf :many
SELECT * FROM team_wrap WHERE holder = @holder ORDER BY team, n;

-- name: TeamWraps :many
SELECT * FROM team_wrap WHERE team = @team AND n = @n ORDER BY holder;

-- DestroyTeamEpoch removes every wrap of an epoch's key; the public row stays.
-- name: DestroyTeamEpoch :execrows
DELETE FROM team_wrap WHERE team = @team AND n = @n;

-- name: DeleteTeamWrapsOf :execrows
DELETE FROM team_wrap WHERE holder = @holder;

-- name: DeleteTeamWrapOf :execrows
DELETE FROM team_wrap WHERE holder = @holder AND team = @team;

-- name: PutRecoveryPart :exec
INSERT INTO recovery_part (name, file) VALUES (@name, @file)
ON CONFLICT (name) DO UPDATE SET file = excluded.file;

-- name: RecoveryParts :many
SELECT * FROM recovery_part ORDER BY name;

-- name: DeleteRecoveryParts :execrows
DELETE FROM recovery_part;
