package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// The acts of the journal.
const (
	actSync        = "case.sync"
	actLocate      = "case.locate"
	actRead        = "case.read"
	actReply       = "case.reply"
	actPart        = "case.part"
	actFile        = "case.file"
	actStatement   = "case.statement"
	actGeneration  = "case.generation"
	actRewrap      = "case.rewrap"
	actEpoch       = "epoch.new"
	actTeamWrap    = "epoch.wrap"
	actInvite      = "invitation.new"
	actRevoke      = "invitation.revoke"
	actExpire      = "invitation.expire"
	actEnrol       = "enrol.keys"
	actContest     = "enrol.contest"
	actPublish     = "document.publish"
	actRecovery    = "recovery.parts"
	actExport      = "export"
	actBackup      = "backup"
	actRestore     = "restore"
	actAccept      = "restore.accept"
	actReseal      = "case.reseal"
	actFold        = "case.fold"
	actRemove      = "case.remove"
	actWords       = "journal.words"
	actTraces      = "case.traces"
	actPropose     = "proposal.new"
	actApprove     = "proposal.approve"
	actRefuse      = "proposal.refuse"
	actWithdraw    = "proposal.withdraw"
	actLapse       = "proposal.expire"
	actUsed        = "proposal.used"
	actDestroy     = "epoch.destroy"
	actDestroyed   = "epoch.destroyed"
	actRetention   = "retention.change"
	actClock       = "retention.clock"
	actAllowRewrap = "rewrap.allow"
)

// Actors that are no operators.
const (
	actorGenesis = "genesis"
	actorServer  = "server"
)

// detail is what a leaf binds: ids and hashes, no plaintext.
type detail map[string]string

// deed is an act that has been found to be allowed and possible.
type deed struct {
	act    string
	actor  string         // empty: the caller, or the server itself
	id     hotline.CaseID // the zero value: not about one case
	detail detail
	// write makes the change. The leaf is there already, at the index. It may
	// be nil for an act that only hands something out.
	write func(ctx context.Context, tx *store.Tx, leaf int64) error
	// touches is what tripwires count of it; byHand are cases that somebody chose
	// to open or to act on, so that a canary among them is noticed.
	touches []touched
	byHand  []hotline.CaseID
	// hint names what the live feeds should hear of besides cases: an event's kind.
	hint string
	// then is what follows from it in the same transaction, with its own leaf.
	then *deed
}

// act runs one privileged act: prepare reads, locks and decides; then comes the
// leaf; only then the change. There is no other way to change anything here: no
// leaf, no act. A nil deed changes nothing (the act was done before).
//
// The roster under which the caller was let in must still be the newest once
// the journal is held: publishing a roster holds it too, so an act of somebody
// who has just been revoked comes before the revocation in the journal or not at all.
func (s *Server) act(ctx context.Context, who caller, prepare func(context.Context, *store.Tx) (*deed, error)) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		d, err := prepare(ctx, tx)
		if err != nil || d == nil {
			return err
		}
		for next := d; next != nil; next = next.then {
			leaf, err := s.append(ctx, tx, cmp.Or(next.actor, who.ID, actorServer), next)
			if err != nil {
				return err
			}
			if next == d {
				if err := stillInForce(ctx, tx, who); err != nil {
					return err
				}
			}
			if next.write != nil {
				if err := next.write(ctx, tx, leaf); err != nil {
					return err
				}
			}
		}
		for next := d; next != nil; next = next.then {
			if err := hint(ctx, tx, next.hint); err != nil {
				return err
			}
		}
		return s.trip(ctx, tx, who, d)
	})
}

// stillInForce refuses an act whose caller was let in by a roster that has been
// followed by another since.
func stillInForce(ctx context.Context, tx *store.Tx, who caller) error {
	if who.house == nil {
		return nil
	}
	serial, err := tx.LatestSerial(ctx, api.DocumentRoster)
	if err == nil && serial != who.house.serial {
		err = conflict("the roster has changed meanwhile; nothing was kept, try again")
	}
	return err
}

// append writes the leaf and the checkpoint over it, and returns its index.
func (s *Server) append(ctx context.Context, tx *store.Tx, actor string, d *deed) (int64, error) {
	e := journal.Entry{Hour: int64(s.hour()), Actor: actor, Act: d.act, Detail: d.detail}
	if d.id != (hotline.CaseID{}) {
		e.Case = d.id.String()
	}
	a, err := appendSigned(ctx, tx, s.journal, e)
	return a.Before.Size, err
}

// appendSigned appends entries and signs the tree over them.
func appendSigned(ctx context.Context, tx *store.Tx, signer Signer, entries ...journal.Entry) (journal.Appended, error) {
	const op = "journal: append"
	a, err := journal.Append(ctx, tx.Journal(), entries...)
	if err != nil {
		return a, err
	}
	head, err := tx.JournalHead(ctx)
	if err != nil {
		return a, err
	}
	signed, err := signer.Extend([]byte(head.Checkpoint), a)
	if err != nil {
		// The reader is not to take it for a fault of what was sent.
		return a, hotline.Errorf(hotline.KindInternal, op, "the journal cannot be continued: %w", err)
	}
	n, err := tx.SetCheckpoint(ctx, string(signed), a.Head.Size)
	if err == nil && n != 1 {
		err = hotline.Errorf(hotline.KindInternal, op, "the checkpoint does not fit the journal")
	}
	return a, err
}

// lockHouse keeps other acts that are not about one case off until the
// transaction ends: they all write the journal, so its lock serves.
func lockHouse(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Journal().Size(ctx)
	return err
}

// sum is SHA-256 in hexadecimal digits, as a leaf carries it.
func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func hashOfBytes(b []byte) seal.Hash { return sha256.Sum256(b) }

func number[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// bytesOf turns a hash into what the store keeps: none is NULL.
func bytesOf(h seal.Hash) []byte {
	if h.IsZero() {
		return nil
	}
	return h[:]
}

func hashOf(b []byte) seal.Hash {
	var h seal.Hash
	copy(h[:], b)
	return h
}
