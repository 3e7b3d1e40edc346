-- Conversations that pass through a gateway into a channel of others (Telegram).

-- handle is a keyed hash of the person's address there; box holds the address and
-- how it is to be treated, sealed to the gateway's own key.
CREATE TABLE chat (
    handle BYTEA PRIMARY KEY CHECK (length(handle) = 32),
    channel TEXT NOT NULL,
    case_id BYTEA UNIQUE REFERENCES hotline_case (id) ON DELETE SET NULL,
    box BYTEA NOT NULL
);

-- A message that still stands in a chat and is to be deleted there; erase_ms is
-- at most two days ahead.
CREATE TABLE chat_trace (
    id BIGSERIAL PRIMARY KEY,
    handle BYTEA NOT NULL REFERENCES chat (handle) ON DELETE CASCADE,
    box BYTEA NOT NULL,
    erase_ms BIGINT NOT NULL
);
CREATE INDEX chat_trace_due ON chat_trace (erase_ms, id);
CREATE INDEX chat_trace_handle ON chat_trace (handle);

-- What a source (a bot, by its public number) has told and what was handled, so
-- that nothing is handled twice. Kept for days.
CREATE TABLE chat_update (
    source TEXT NOT NULL,
    n BIGINT NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (source, n)
);
CREATE INDEX chat_update_day ON chat_update (day);

-- A gateway's signed word on what became of a reply.
CREATE TABLE delivery (
    record_id BYTEA PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    statement BYTEA NOT NULL
);
CREATE INDEX delivery_case ON delivery (case_id);

-- What a person told and only those who run a meeting may read, sealed to an
-- epoch of their team. It goes after days.
CREATE TABLE field_note (
    record_id BYTEA PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    team TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    file BYTEA NOT NULL,
    day BIGINT NOT NULL
);
CREATE INDEX field_note_case ON field_note (case_id);
CREATE INDEX field_note_day ON field_note (day);

-- Each worker claims jobs of one kind.
CREATE INDEX job_kind ON job (kind, run_at_ms, id) WHERE NOT dead;
