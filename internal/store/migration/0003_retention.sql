-- What is left of a case that has ended, and of a key that was destroyed. The
-- table of how long is internal/hotline/retention.go.

-- The day on which a case was folded, and the day on which a supervisor is to
-- be asked again about a case on standby (days since 1970).
ALTER TABLE hotline_case ADD COLUMN folded_day BIGINT;
ALTER TABLE hotline_case ADD COLUMN review_day BIGINT;
CREATE INDEX hotline_case_unfolded ON hotline_case (stage, closed_hour) WHERE closed_hour IS NOT NULL AND folded_day IS NULL;

-- What stood in the clear beside a folded case's sealed files, sealed to the
-- generation of its key. case_key.statement then holds the recipient alone.
CREATE TABLE fold (
    case_id BYTEA PRIMARY KEY REFERENCES hotline_case (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    file BYTEA NOT NULL
);

-- That a case was removed, for desks that were away and against envelopes that
-- are sent again. proof is the decision of two people, where one was needed.
CREATE TABLE case_gone (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    team TEXT NOT NULL,
    why TEXT NOT NULL,
    proof BYTEA,
    day BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX case_gone_version ON case_gone (version);
CREATE INDEX case_gone_day ON case_gone (day);

ALTER TABLE team_epoch ADD COLUMN destroyed_day BIGINT;

-- A desk's signed word that it has let go of a destroyed key.
CREATE TABLE epoch_farewell (
    team TEXT NOT NULL,
    n BIGINT NOT NULL,
    holder TEXT NOT NULL,
    statement BYTEA NOT NULL,
    PRIMARY KEY (team, n, holder),
    FOREIGN KEY (team, n) REFERENCES team_epoch (team, n) ON DELETE CASCADE
);

-- The case that an entry is about, for as long as the entry has words.
ALTER TABLE journal_leaf ADD COLUMN about TEXT;
UPDATE journal_leaf SET about = substring(convert_from(entry, 'UTF8') from '"case":"([0-9a-f]{32})"') WHERE entry IS NOT NULL;
CREATE INDEX journal_leaf_about ON journal_leaf (about) WHERE about IS NOT NULL;
