package intake

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// create is "new": a case with its first record.
type create struct {
	intake    *Intake
	gen       seal.Generation
	statement []byte
	wrap      []byte
	header    header
	record    []byte
	recordID  seal.Hash
	lookup    seal.Lookup
	code      []byte // keyed hash
	now       time.Time
	refused   error
}

// prepareNew verifies everything that stands in a new case: the person's
// signatures, that the id belongs to the keys, that the team's key is one that
// can be opened, and that the files are sealed as they must be.
func (i *Intake) prepareNew(ctx context.Context, env seal.Envelope, now time.Time) (job, error) {
	call := env.Call
	if len(env.Parts) != 4 || call.After != nil || len(call.IDs) != 0 || !call.Case.IsZero() {
		return job{}, invalid("new takes a lookup, a code and four parts")
	}
	c := &create{
		intake: i, statement: env.Parts[0], wrap: env.Parts[1], record: env.Parts[3],
		recordID: sha256.Sum256(env.Parts[3]), lookup: call.Lookup, now: now,
	}
	code, err := hotline.ParseChannelCode(call.Code)
	if err != nil || code.Digits() != call.Code {
		return job{}, invalid("not a channel code")
	}
	c.code = CodeIndex(i.cfg.IndexKey, code)
	if err := checkWrap(c.wrap); err != nil {
		return job{}, err
	}
	if err := checkRecord(c.record); err != nil {
		return job{}, err
	}
	var signed seal.Signed
	if c.gen, signed, err = seal.ParseGeneration(c.statement); err != nil {
		return job{}, err
	}
	if c.gen.Gen != 0 || c.gen.ContactKey.IsZero() || len(signed.Sigs) != 1 || !seal.GenerationSignedBy(signed, c.gen.ContactKey) {
		return job{}, hotline.Errorf(hotline.KindForged, "intake", "the first key of the case is not signed by the person alone")
	}
	if err := checkHour(c.gen.Hour, now); err != nil {
		return job{}, err
	}
	if c.header, err = checkHeader(env.Parts[2], c.gen.Case, c.gen.ContactKey, now); err != nil {
		return job{}, err
	}
	if h := c.header; h.Gen != 0 || h.Seq != 0 || h.Seen != noReplySeen || len(h.Objects) != 0 {
		return job{}, invalid("not the first record of a case")
	}
	if err := i.checkEpoch(ctx, c.gen.Team, c.gen.Epoch); err != nil {
		return job{}, err
	}
	return job{lane: LaneNew, key: c.gen.Case, op: c, answer: c.answer}, nil
}

// checkEpoch accepts the epoch that the manifest names, and an earlier one as
// long as its key has not been destroyed, which never happens before the
// use_until of the last manifest that named it.
func (i *Intake) checkEpoch(ctx context.Context, team hotline.Team, epoch int) error {
	_, m, err := i.documents.get(ctx)
	if err != nil {
		return err
	}
	current, known := m.Teams[team]
	if !known || epoch > current.Epoch {
		if m, err = i.documents.newest(ctx); err != nil {
			return err
		}
		if current, known = m.Teams[team]; !known || epoch > current.Epoch {
			return invalid("no such team key")
		}
	}
	if epoch == current.Epoch {
		return nil
	}
	wraps := 0
	err = i.cfg.DB.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.TeamWraps(ctx, string(team), int64(epoch))
		wraps = len(rows)
		return err
	})
	if err == nil && wraps == 0 {
		err = invalid("this team key was destroyed; take the newest manifest")
	}
	return err
}

func (c *create) caseID() hotline.CaseID { return c.gen.Case }

func (c *create) apply(ctx context.Context, tx *store.Tx, row *db.HotlineCase, version int64) error {
	c.refused = nil
	if row != nil {
		held, err := heldBy(ctx, tx, c.recordID, c.gen.Case)
		if err == nil && !held {
			c.refused = hotline.Errorf(hotline.KindConflict, "intake", "this case is there already; open it, then send")
		}
		return err
	}
	// An envelope that is sent again must not bring back what was removed.
	if _, err := tx.CaseGone(ctx, c.gen.Case[:]); !store.Missing(err) {
		c.refused = hotline.Errorf(hotline.KindNotFound, "intake", "this case was removed")
		return err
	}
	if refusedNow, err := c.taken(ctx, tx); err != nil || refusedNow != nil {
		c.refused = refusedNow
		return err
	}
	return c.first().Insert(ctx, tx, version)
}

func (c *create) first() NewCase {
	return NewCase{
		ID: c.gen.Case, Lookup: c.lookup, ContactKey: c.gen.ContactKey, ContactRecipient: c.gen.ContactRecipient.String(),
		Channel: hotline.ChannelWeb, CodeIndex: c.code, Team: c.gen.Team, Epoch: c.gen.Epoch,
		Statement: c.statement, Wrap: c.wrap, Side: hotline.SideContact, Header: c.header.signed.Text(), Record: c.record,
		Hour: c.header.Hour, Now: c.now,
	}
}

// createBatch is new cases that have nothing to do with each other or with
// what is kept, as nearly all have: they go into the store together.
type createBatch struct {
	creates []*create
	seen    map[string]bool // lookups and records of this batch
}

// add takes a new case in, unless it shares something with another of the batch.
func (b *createBatch) add(c *create) bool {
	c.refused = nil
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	record, lookup := string(c.recordID[:]), string(c.lookup[:])
	receipt := c.lookup != (seal.Lookup{})
	if b.seen[record] || (receipt && b.seen[lookup]) {
		return false
	}
	b.seen[record] = true
	if receipt {
		b.seen[lookup] = true
	}
	b.creates = append(b.creates, c)
	return true
}

// part takes those out that share something with what is kept, and returns them.
func (b *createBatch) part(ctx context.Context, tx *store.Tx) ([]*create, error) {
	var ids, lookups, records [][]byte
	for _, c := range b.creates {
		ids, records = append(ids, c.gen.Case[:]), append(records, c.recordID[:])
		if c.lookup != (seal.Lookup{}) {
			lookups = append(lookups, c.lookup[:])
		}
	}
	taken, err := tx.Taken(ctx, ids, lookups, records)
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	var out []*create
	b.creates = slices.DeleteFunc(b.creates, func(c *create) bool {
		hit := taken[string(c.gen.Case[:])] || taken[string(c.lookup[:])] || taken[string(c.recordID[:])]
		if hit {
			out = append(out, c)
		}
		return hit
	})
	return out, nil
}

// insert keeps them, with numbers of the feed from version on.
func (b *createBatch) insert(ctx context.Context, tx *store.Tx, version int64) error {
	rows := make([]store.FreshCase, len(b.creates))
	for n, c := range b.creates {
		rows[n] = c.first().Row(version + int64(n))
	}
	if ok, err := tx.InsertCases(ctx, rows); err != nil || !ok {
		return again(err)
	}
	return nil
}

// taken looks for what would collide with another case.
func (c *create) taken(ctx context.Context, tx *store.Tx) (refusal, err error) {
	if c.lookup != (seal.Lookup{}) {
		other, err := tx.CaseByLookup(ctx, c.lookup[:])
		if err == nil {
			if hotline.CaseID(other.ID) == c.gen.Case {
				return nil, again(nil) // it came between the lock and this look
			}
			return hotline.Errorf(hotline.KindConflict, "intake", "this receipt belongs to another case"), nil
		}
		if !store.Missing(err) {
			return nil, err
		}
	}
	other, err := tx.RecordByID(ctx, c.recordID[:])
	if store.Missing(err) {
		return nil, nil
	}
	if err == nil && hotline.CaseID(other.CaseID) == c.gen.Case {
		err = again(nil)
	}
	if err != nil {
		return nil, err
	}
	return hotline.Errorf(hotline.KindConflict, "intake", "this record belongs to another case"), nil
}

func (c *create) answer() (seal.Answer, [][]byte) { return received(c.refused) }

// received is the answer of operations that keep something.
func received(refused error) (seal.Answer, [][]byte) {
	if refused != nil {
		return refusal(refused), nil
	}
	return seal.Answer{Status: seal.StatusReceived}, nil
}

// heldBy reports whether the case holds the record already.
func heldBy(ctx context.Context, tx *store.Tx, record seal.Hash, id hotline.CaseID) (bool, error) {
	r, err := tx.RecordByID(ctx, record[:])
	if store.Missing(err) {
		return false, nil
	}
	return err == nil && hotline.CaseID(r.CaseID) == id, err
}
