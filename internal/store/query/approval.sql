-- name: InsertProposal :execrows
INSERT INTO proposal (id, act, proposer, subject, statement, document, state, hour, expires_hour, ended_hour)
VALUES (@id, @act, @proposer, @subject, @statement, @document, 'open', @hour, @expires_hour, 0)
ON CONFLICT (id) DO NOTHING;

-- name: Proposal :one
SELECT * FROM proposal WHERE id = @id;

-- ProposalsOf finds what was proposed for one act on one subject.
-- name: ProposalsOf :many
SELECT * FROM proposal WHERE act = @act AND subject = @subject ORDER BY hour DESC, id;

-- ProposalsIn lists those of a state, those that end first coming first.
-- name: ProposalsIn :many
SELECT * FROM proposal WHERE state = @state ORDER BY expires_hour, id LIMIT @max_rows;

-- EndedProposals lists what is decided, the newest first.
-- name: EndedProposals :many
SELECT * FROM proposal WHERE ended_hour > 0 ORDER BY ended_hour DESC, id LIMIT @max_rows;

-- name: AllProposals :many
SELECT * FROM proposal WHERE id > @after ORDER BY id LIMIT @max_rows;

-- CountProposals counts what one member has in the air.
-- name: CountProposals :one
SELECT count(*) FROM proposal WHERE proposer = @proposer AND state IN ('open', 'approved');

-- StepProposal moves a proposal on, once: compare-and-set on its state.
-- name: StepProposal :execrows
UPDATE proposal SET state = @state, ended_hour = @ended_hour WHERE id = @id AND state = @expected_state;

-- name: InsertApproval :execrows
INSERT INTO approval (id, proposal_id, signer, decision, statement, hour)
VALUES (@id, @proposal_id, @signer, @decision, @statement, @hour)
ON CONFLICT (proposal_id, signer, decision) DO NOTHING;

-- name: ApprovalsOf :many
SELECT * FROM approval WHERE proposal_id = @proposal_id ORDER BY hour, id;

-- name: AllApprovals :many
SELECT * FROM approval WHERE id > @after ORDER BY id LIMIT @max_rows;

-- DeleteEndedProposals lets go of what was decided about single persons: the
-- texts name a case and an hour. Their leaves stay.
-- name: DeleteEndedProposals :execrows
DELETE FROM proposal WHERE act = @act AND ended_hour > 0 AND ended_hour < CAST(@before_hour AS BIGINT);

-- name: CountEndedProposals :one
SELECT COUNT(*) FROM proposal WHERE act = @act AND ended_hour > 0 AND ended_hour < CAST(@before_hour AS BIGINT);
