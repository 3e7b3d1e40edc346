-- The server's whole memory. It holds ciphertext, keys wrapped to people, signed
-- statements and the few bare facts that a queue needs. It holds no name,
-- number, address, user agent, language or text of a person in the clear.
--
-- Written for PostgreSQL; the runner rewrites types for SQLite (migrate.go).
-- "hour" columns are hours since 1970; "_ms" columns are exact milliseconds.
-- An empty byte string is stored as NULL (tx.go), so NOT NULL means "not empty".

CREATE TABLE hotline_case (
    id BYTEA PRIMARY KEY CHECK (length(id) = 16),
    lookup BYTEA UNIQUE CHECK (length(lookup) = 16),
    contact_key BYTEA CHECK (length(contact_key) = 32),
    contact_recipient TEXT NOT NULL,
    channel TEXT NOT NULL,
    code_index BYTEA CHECK (length(code_index) = 16),
    stage TEXT NOT NULL,
    urgency BIGINT NOT NULL,
    team TEXT NOT NULL,
    assignee TEXT NOT NULL,
    generation BIGINT NOT NULL,
    contact_seq BIGINT NOT NULL,
    desk_seq BIGINT NOT NULL,
    statement_seq BIGINT NOT NULL,
    contact_header BYTEA,
    desk_head BYTEA CHECK (length(desk_head) = 32),
    statement_head BYTEA CHECK (length(statement_head) = 32),
    seen_seq BIGINT NOT NULL,
    read_hour BIGINT,
    used_hour BIGINT,
    used_count BIGINT NOT NULL,
    answered BOOLEAN NOT NULL,
    waiting_since_ms BIGINT,
    created_hour BIGINT NOT NULL,
    closed_hour BIGINT,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX hotline_case_version ON hotline_case (version);
CREATE INDEX hotline_case_code ON hotline_case (code_index) WHERE code_index IS NOT NULL;
CREATE INDEX hotline_case_stage ON hotline_case (team, stage);
CREATE INDEX hotline_case_waiting ON hotline_case (waiting_since_ms) WHERE waiting_since_ms IS NOT NULL;
CREATE INDEX hotline_case_closed ON hotline_case (closed_hour, id) WHERE closed_hour IS NOT NULL;

-- One generation of a case's key: the signed statement that introduces it.
CREATE TABLE case_key (
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    statement BYTEA NOT NULL,
    hour BIGINT NOT NULL,
    PRIMARY KEY (case_id, n)
);

-- Generation n of a case's key, wrapped to one epoch of one team.
CREATE TABLE case_wrap (
    case_id BYTEA NOT NULL,
    n BIGINT NOT NULL,
    team TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    wrap BYTEA NOT NULL,
    PRIMARY KEY (case_id, team, n, epoch),
    FOREIGN KEY (case_id, n) REFERENCES case_key (case_id, n) ON DELETE CASCADE
);
CREATE INDEX case_wrap_epoch ON case_wrap (team, epoch);

-- A sealed record; its id is the SHA-256 of the file, place its order in the case.
CREATE TABLE record (
    id BYTEA PRIMARY KEY CHECK (length(id) = 32),
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    side TEXT NOT NULL CHECK (side IN ('contact', 'desk', 'gateway')),
    seq BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    header BYTEA,
    file BYTEA NOT NULL,
    hour BIGINT NOT NULL,
    place BIGINT NOT NULL,
    UNIQUE (case_id, place)
);

-- The copy of a reply for the contact; deleted when the person puts it away.
CREATE TABLE reply_copy (
    record_id BYTEA PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    file BYTEA NOT NULL,
    hour BIGINT NOT NULL
);
CREATE INDEX reply_copy_case ON reply_copy (case_id, seq);

-- A signed statement about a case: approvals, notices, stages, generations.
CREATE TABLE statement (
    case_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    id BYTEA NOT NULL UNIQUE CHECK (length(id) = 32),
    kind TEXT NOT NULL,
    signer TEXT NOT NULL,
    header BYTEA NOT NULL,
    sealed BYTEA,
    hour BIGINT NOT NULL,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE team_epoch (
    team TEXT NOT NULL,
    n BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    reply_key BYTEA NOT NULL,
    statement BYTEA NOT NULL,
    created_hour BIGINT NOT NULL,
    retired_hour BIGINT,
    PRIMARY KEY (team, n)
);

-- A team epoch's key, wrapped to one holder (an operator, or recovery).
CREATE TABLE team_wrap (
    team TEXT NOT NULL,
    n BIGINT NOT NULL,
    holder TEXT NOT NULL,
    wrap BYTEA NOT NULL,
    PRIMARY KEY (team, n, holder),
    FOREIGN KEY (team, n) REFERENCES team_epoch (team, n) ON DELETE CASCADE
);
CREATE INDEX team_wrap_holder ON team_wrap (holder, team, n);

-- The recovery key, nested age files, one for each k-subset of the sheets.
CREATE TABLE recovery_part (
    name TEXT PRIMARY KEY,
    file BYTEA NOT NULL
);

-- What the authority signed: manifests, rosters, lists of page hashes.
CREATE TABLE document (
    kind TEXT NOT NULL,
    serial BIGINT NOT NULL,
    body BYTEA NOT NULL,
    hour BIGINT NOT NULL,
    leaf BIGINT NOT NULL,
    PRIMARY KEY (kind, serial)
);

-- An invitation for an operator (the staff's name, not a contact's).
CREATE TABLE invitation (
    id BYTEA PRIMARY KEY CHECK (length(id) = 32),
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    created_hour BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    bundle BYTEA,
    operator TEXT NOT NULL,
    created_by TEXT NOT NULL
);

-- The Merkle log: blinded leaves, stored hashes (tlog.StoredHashIndex), head.
CREATE TABLE journal_leaf (
    idx BIGINT PRIMARY KEY,
    commitment BYTEA NOT NULL,
    blind BYTEA,
    entry BYTEA
);
CREATE TABLE journal_hash (
    idx BIGINT PRIMARY KEY,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE journal_head (
    one BOOLEAN PRIMARY KEY CHECK (one),
    size BIGINT NOT NULL,
    checkpoint TEXT NOT NULL
);
INSERT INTO journal_head (one, size, checkpoint) VALUES (TRUE, 0, '');

-- Outgoing work, enqueued in the transaction of its cause. A lane (a
-- conversation) has one job in flight and keeps its order; lane '' has none.
CREATE TABLE job (
    id BIGSERIAL PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    payload BYTEA,
    run_at_ms BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    dead BOOLEAN NOT NULL
);
CREATE INDEX job_due ON job (run_at_ms, id) WHERE NOT dead;
CREATE INDEX job_lane ON job (lane, id) WHERE NOT dead;
CREATE INDEX job_dead ON job (id) WHERE dead;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value BYTEA
);

-- The one counter that hotline_case.version comes from.
CREATE TABLE feed (
    one BOOLEAN PRIMARY KEY CHECK (one),
    n BIGINT NOT NULL
);
INSERT INTO feed (one, n) VALUES (TRUE, 0);
