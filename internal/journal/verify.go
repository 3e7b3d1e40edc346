package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Verify reads the whole journal and checks every opening against its
// commitment, every stored node against the leaves, and the leaves against the
// newest checkpoint and those in old, which an auditor kept from before. The more
// old checkpoints, the closer a rewritten entry is named. The error is for a
// source that cannot be read; what is wrong with the journal is in the report.
func Verify(ctx context.Context, src Source, keys []*Verifier, old ...Checkpoint) (*Report, error) {
	a := &audit{
		leaves: cursor[StoredLeaf]{what: "leaves", fetch: src.Leaves, index: func(l StoredLeaf) int64 { return l.Index }},
		hashes: cursor[StoredHash]{what: "hashes", fetch: src.Hashes, index: func(h StoredHash) int64 { return h.Index }},
		byLeaf: &edge{}, byHash: &edge{}, lastFault: -1,
	}
	a.report.NewestLetGo = -1
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("journal: verify: read checkpoint: %w", err)
	}
	a.gather(text, keys, old)
	if err := a.walk(ctx); err != nil {
		return nil, fmt.Errorf("journal: verify: %w", err)
	}
	if err := a.finish(ctx); err != nil {
		return nil, fmt.Errorf("journal: verify: %w", err)
	}
	return &a.report, nil
}

// audit is one walk. It grows the tree twice, once from the leaves and once
// from the stored leaf hashes, so that where the two differ a checkpoint can
// tell which of them is true. A tree that lacks a leaf is nil from there on.
type audit struct {
	report     Report
	expect     []Checkpoint // by size, those not reached yet
	leaves     cursor[StoredLeaf]
	hashes     cursor[StoredHash]
	byLeaf     *edge
	byHash     *edge
	end        int64 // entries walked: present, or missing before a present one
	hashProved int64 // as Report.Proved, for the stored leaf hashes
	lastFault  int64 // highest entry whose fault changes the nodes above it
}

// gather collects the checkpoints that the leaves are to be compared with.
func (a *audit) gather(text []byte, keys []*Verifier, old []Checkpoint) {
	if len(text) == 0 {
		a.general("there is no checkpoint: nothing vouches for the newest entries")
	} else if c, err := ParseCheckpoint(text, keys...); err != nil {
		a.general(fmt.Sprintf("the newest checkpoint cannot be trusted: %v", err))
	} else {
		a.report.Newest = c
		a.expect = append(a.expect, c)
	}
	newest := a.report.Newest
	for _, c := range old {
		own := slices.ContainsFunc(keys, func(k *Verifier) bool { return k.Origin() == c.Origin })
		if !own || c.Size < 0 || c.Size > MaxSize || !soundEmpty(c) {
			a.general(fmt.Sprintf("the checkpoint given (%q, %d entries) is not one of this journal", c.Origin, c.Size))
			continue
		}
		if newest.Origin != "" && c.Size > newest.Size {
			a.general(fmt.Sprintf("the newest checkpoint covers %d entries, but one given covers %d: an older one was put in its place", newest.Size, c.Size))
		}
		a.expect = append(a.expect, c)
	}
	slices.SortStableFunc(a.expect, func(x, y Checkpoint) int { return cmp.Compare(x.Size, y.Size) })
	a.expect = slices.Compact(a.expect)
}

// walk visits the entries in order, those that are missing too.
func (a *audit) walk(ctx context.Context) error {
	for {
		leaf, ok, err := a.leaves.peek(ctx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if leaf.Index > a.end {
			a.report.add(Finding{
				Fault: FaultMissing, Index: a.end, Last: leaf.Index - 1, Row: -1,
				Why: "the stored leaf is missing, and later ones are there",
			})
			if leaf.Index > MaxSize {
				break
			}
		}
		for a.end < leaf.Index {
			if a.byLeaf == nil { // nothing stands in for what is missing: a gap may be wide
				a.end = leaf.Index
				break
			}
			if err := a.visit(ctx, nil); err != nil {
				return err
			}
		}
		if _, _, err := a.leaves.take(ctx, leaf.Index); err != nil {
			return err
		}
		a.report.Entries++
		if err := a.visit(ctx, &leaf); err != nil {
			return err
		}
	}
	a.compare()
	return nil
}

// visit checks the entry at a.end; leaf is nil if it is missing.
func (a *audit) visit(ctx context.Context, leaf *StoredLeaf) error {
	a.compare()
	i := a.end
	a.end++
	rows, err := a.rows(ctx, i)
	if err != nil {
		return err
	}
	if a.byHash != nil && rows[0] != nil {
		a.byHash.push(*rows[0])
	} else {
		a.byHash = nil
	}
	var want []tlog.Hash
	switch {
	case a.byLeaf == nil:
	case leaf != nil:
		want = a.byLeaf.push(leaf.Commitment.Hash())
	case rows[0] != nil:
		// The leaf is gone but its hash is not: go on with that.
		want = a.byLeaf.push(*rows[0])
	default:
		a.byLeaf = nil
	}
	if leaf == nil {
		return nil
	}
	a.leaf(i, leaf, rows[0])
	if want != nil {
		a.nodes(i, want, rows)
	}
	return nil
}

// rows reads the stored hashes that came with entry i: its leaf hash and
// the nodes it completed. One that is not there is nil.
func (a *audit) rows(ctx context.Context, i int64) ([]*tlog.Hash, error) {
	rows := make([]*tlog.Hash, 1+bits.TrailingZeros64(uint64(i)+1))
	at := tlog.StoredHashIndex(0, i)
	for level := range rows {
		row, ok, err := a.hashes.take(ctx, at+int64(level))
		if err != nil {
			return nil, err
		}
		if ok {
			rows[level] = &row.Hash
		}
	}
	return rows, nil
}

// leaf checks the opening and the stored leaf hash of entry i.
func (a *audit) leaf(i int64, leaf *StoredLeaf, stored *tlog.Hash) {
	var opening error
	if leaf.Opening == nil {
		a.report.LetGo++
		a.report.NewestLetGo = i
	} else if _, opening = VerifyOpening(leaf.Commitment, *leaf.Opening); opening == nil {
		a.report.Opened++
	}
	switch {
	case stored != nil && *stored != leaf.Commitment.Hash():
		a.lastFault = i
		why := "its commitment and its stored leaf hash differ"
		if opening != nil {
			why = "its commitment differs from its stored leaf hash and does not match its text"
		}
		a.report.add(Finding{Fault: FaultLeaf, Index: i, Last: i, Row: tlog.StoredHashIndex(0, i), Why: why})
	case errors.Is(opening, ErrOpening):
		a.report.add(Finding{
			Fault: FaultOpening, Index: i, Last: i, Row: -1,
			Why: "its text or its blind does not match its commitment: the text shown is not the one written",
		})
	case opening != nil:
		a.report.add(Finding{
			Fault: FaultOpening, Index: i, Last: i, Row: -1,
			Why: "its text matches its commitment but is not an entry of this journal's format",
		})
	}
}

// nodes checks the stored nodes that entry i completed. After a fault, the
// nodes above it differ too: they are not findings of their own.
func (a *audit) nodes(i int64, want []tlog.Hash, rows []*tlog.Hash) {
	for level, row := range rows {
		first := i >> level << level
		f := Finding{Fault: FaultHash, Index: first, Last: i, Row: tlog.StoredHashIndex(0, i) + int64(level)}
		switch {
		case row == nil:
			f.Why = fmt.Sprintf("the stored hash over them (level %d) is missing", level)
			a.report.add(f)
			return
		case level > 0 && *row != want[level] && first > a.lastFault:
			f.Why = fmt.Sprintf("the stored hash over them (level %d) is not the one they give", level)
			a.report.add(f)
			a.lastFault = i
		}
	}
}

// compare holds the trees grown so far against the checkpoints of that size.
func (a *audit) compare() {
	from := a.report.Proved // by a smaller checkpoint
	for len(a.expect) > 0 && a.expect[0].Size <= a.end {
		c := a.expect[0]
		a.expect = a.expect[1:]
		if a.byHash != nil && a.byHash.head() == c.Head {
			a.hashProved = c.Size
		}
		if a.byLeaf == nil || c.Size < a.end {
			continue // behind a gap: the missing entries are already named
		}
		if a.byLeaf.head() == c.Head {
			a.report.Proved = c.Size
			continue
		}
		rewritten := func(f Finding) bool { return f.Fault == FaultRewritten }
		if slices.ContainsFunc(a.report.Findings, rewritten) {
			continue // it follows from the first
		}
		a.report.add(Finding{
			Fault: FaultRewritten, Index: from, Last: c.Size - 1, Row: -1,
			Why: fmt.Sprintf("they do not give the root that was signed for %d entries: "+
				"one of them is not what it was then (a checkpoint from in between would say more)", c.Size),
		})
	}
}

// finish reports what is only known at the end.
func (a *audit) finish(ctx context.Context) error {
	r := &a.report
	r.Unsigned = max(0, a.end-r.Newest.Size)
	for _, c := range a.expect {
		f := Finding{Fault: FaultRolledBack, Index: a.end, Last: c.Size - 1, Row: -1}
		f.Why = fmt.Sprintf("missing at the end, and were there when the checkpoint given was signed (%d entries)", c.Size)
		if c == r.Newest {
			f.Fault = FaultShort
			f.Why = fmt.Sprintf("missing at the end, and covered by the newest checkpoint (%d entries)", c.Size)
		}
		r.add(f)
	}
	over, ok, err := a.hashes.peek(ctx)
	if err != nil {
		return err
	}
	if ok && len(a.expect) == 0 {
		r.add(Finding{
			Fault: FaultHash, Index: a.end, Last: a.end, Row: over.Index,
			Why: "there is no such entry, but hashes of it are stored: it was taken out at the end",
		})
	}
	for i := range r.Findings {
		a.judge(&r.Findings[i])
	}
	return nil
}

// judge says which side is true where the stored hashes and the leaves differ,
// as far as a checkpoint vouches for one of them.
func (a *audit) judge(f *Finding) {
	switch {
	case f.Fault == FaultLeaf && f.Last < a.report.Proved:
		f.Fault = FaultHash
		f.Why = "its stored leaf hash was changed; the entry is the one that was signed"
	case f.Fault == FaultLeaf && f.Last < a.hashProved:
		f.Why = "it was replaced: the tree still holds the hash of the entry that was signed"
	case f.Fault == FaultHash && f.Last < a.report.Proved:
		f.Why += "; the entries are those that were signed"
	case f.Fault == FaultRewritten && f.Last < a.report.Proved:
		f.Why = fmt.Sprintf("the journal's key has signed two histories: the entries here are those of one checkpoint, "+
			"and not those of another, of %d entries", f.Last+1)
	}
}

func (a *audit) general(why string) {
	a.report.add(Finding{Fault: FaultCheckpoint, Index: -1, Last: -1, Row: -1, Why: why})
}
