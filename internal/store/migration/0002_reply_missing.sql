-- A reply whose copy for the contact was lost: a backup holds no copies, only
-- which of them the person had not put away. A desk seals them again.
CREATE TABLE reply_missing (
    record_id BYTEA PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL
);
CREATE INDEX reply_missing_case ON reply_missing (case_id, seq);
