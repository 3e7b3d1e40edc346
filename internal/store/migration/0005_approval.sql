-- Acts that need two persons: what is proposed, signed by the proposer, and
-- the answers, each signed by who gives it. The texts hold staff's reasons in
-- the clear and nothing about a person who wrote. "document" is the roster or
-- the manifest that is to be published, signed by one key of the authority.
-- An ended_hour of 0 says that a proposal still stands.
CREATE TABLE proposal (
    id BYTEA PRIMARY KEY CHECK (length(id) = 32),
    act TEXT NOT NULL,
    proposer TEXT NOT NULL,
    subject BYTEA NOT NULL CHECK (length(subject) = 32),
    statement BYTEA NOT NULL,
    document BYTEA,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'expired', 'used')),
    hour BIGINT NOT NULL,
    expires_hour BIGINT NOT NULL,
    ended_hour BIGINT NOT NULL
);
CREATE INDEX proposal_state ON proposal (state, expires_hour);
CREATE INDEX proposal_subject ON proposal (act, subject);

CREATE TABLE approval (
    id BYTEA PRIMARY KEY CHECK (length(id) = 32),
    proposal_id BYTEA NOT NULL REFERENCES proposal (id) ON DELETE CASCADE,
    signer TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('approve', 'refuse')),
    statement BYTEA NOT NULL,
    hour BIGINT NOT NULL,
    UNIQUE (proposal_id, signer, decision)
);
