-- name: JournalHead :one
SELECT size, checkpoint FROM journal_head WHERE one;

-- name: SetCheckpoint :execrows
UPDATE journal_head SET checkpoint = @checkpoint WHERE one AND size = @size;

-- name: InsertJournalLeaf :exec
INSERT INTO journal_leaf (idx, commitment, blind, entry, about) VALUES (@idx, @commitment, @blind, @entry, @about);

-- name: JournalLeaf :one
SELECT * FROM journal_leaf WHERE idx = @idx;

-- name: JournalLeaves :many
SELECT * FROM journal_leaf WHERE idx >= @from_idx ORDER BY idx LIMIT @max_rows;

-- name: JournalHashes :many
SELECT * FROM journal_hash WHERE idx >= @from_idx ORDER BY idx LIMIT @max_rows;

-- ForgetJournalLeaf drops what a leaf says; its commitment stays in the tree.
-- name: ForgetJournalLeaf :execrows
UPDATE journal_leaf SET blind = NULL, entry = NULL, about = NULL WHERE idx = @idx;

-- name: InsertJournalHash :exec
INSERT INTO journal_hash (idx, hash) VALUES (@idx, @hash);

-- name: JournalHash :one
SELECT hash FROM journal_hash WHERE idx = @idx;

-- GrowJournal moves the size on; no row is changed when another writer did.
-- name: GrowJournal :execrows
UPDATE journal_head SET size = @size WHERE one AND size = @expected_size;
