-- Attachments: sealed files in parts. The bytes of a part lie beside the
-- database under object_part.blob, a random-looking name (internal/blob).

-- One sealed form of a file. It waits until a record names it, or is swept.
-- side 'copy' is a desk's file sealed to the contact; it goes with the copy of
-- the reply that names it.
CREATE TABLE object (
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    side TEXT NOT NULL CHECK (side IN ('contact', 'desk', 'copy')),
    size BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    record_id BYTEA REFERENCES record (id) ON DELETE CASCADE,
    reply_id BYTEA REFERENCES reply_copy (record_id) ON DELETE CASCADE,
    hour BIGINT NOT NULL,
    PRIMARY KEY (case_id, id)
);
CREATE INDEX object_waiting ON object (hour) WHERE record_id IS NULL;
CREATE INDEX object_record ON object (record_id) WHERE record_id IS NOT NULL;
CREATE INDEX object_reply ON object (reply_id) WHERE reply_id IS NOT NULL;

CREATE TABLE object_part (
    case_id BYTEA NOT NULL,
    object_id BYTEA NOT NULL,
    idx BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    blob BYTEA NOT NULL UNIQUE CHECK (length(blob) = 32),
    PRIMARY KEY (case_id, object_id, idx),
    FOREIGN KEY (case_id, object_id) REFERENCES object (case_id, id) ON DELETE CASCADE
);
