-- How two cases stand to each other: an index of the statements on both (link,
-- merge, split), so that what is a part follows its case. hour is when it became so.

CREATE TABLE case_tie (
    part_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    main_id BYTEA NOT NULL REFERENCES hotline_case (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('link', 'merge', 'split')),
    hour BIGINT NOT NULL,
    PRIMARY KEY (part_id, main_id),
    CHECK (part_id <> main_id)
);
CREATE INDEX case_tie_main ON case_tie (main_id);
