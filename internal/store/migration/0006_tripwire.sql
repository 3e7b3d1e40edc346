-- Who does unusually much at a desk. Marks are of the last day only; nothing
-- here says anything of a contact beyond a case's id.

-- That a person did something to a thing, at the latest in this minute (unix
-- seconds / 60). Kept for the length of the longest window.
CREATE TABLE tripwire_mark (
    wire TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject BYTEA NOT NULL,
    minute BIGINT NOT NULL,
    PRIMARY KEY (wire, actor, subject)
);
CREATE INDEX tripwire_mark_minute ON tripwire_mark (minute);

-- An alarm: one for a person, a wire and (canaries) a case, until somebody
-- acknowledges it. Minutes become hours then.
CREATE TABLE tripwire_alarm (
    id BYTEA PRIMARY KEY CHECK (length(id) = 32),
    wire TEXT NOT NULL,
    actor TEXT NOT NULL,
    case_id BYTEA CHECK (length(case_id) = 16),
    n BIGINT NOT NULL,
    bound BIGINT NOT NULL,
    told BIGINT NOT NULL,
    since_minute BIGINT NOT NULL,
    last_minute BIGINT NOT NULL,
    leaf BIGINT NOT NULL,
    version BIGINT NOT NULL,
    calmed_by TEXT NOT NULL,
    calmed_minute BIGINT NOT NULL,
    answer BYTEA
);
CREATE INDEX tripwire_alarm_actor ON tripwire_alarm (actor, wire);
CREATE INDEX tripwire_alarm_version ON tripwire_alarm (version);

-- What was noted with the answer, sealed to each of those who watch.
CREATE TABLE tripwire_note (
    alarm_id BYTEA NOT NULL REFERENCES tripwire_alarm (id) ON DELETE CASCADE,
    holder TEXT NOT NULL,
    file BYTEA NOT NULL,
    PRIMARY KEY (alarm_id, holder)
);

-- Cases that nobody has a reason to open.
CREATE TABLE canary (
    case_id BYTEA PRIMARY KEY REFERENCES hotline_case (id) ON DELETE CASCADE,
    planted_by TEXT NOT NULL,
    hour BIGINT NOT NULL
);
