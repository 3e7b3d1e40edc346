package journal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/journal/journaltest"
)

const origin = "safeconduct/0102030405060708"

func signer(t testing.TB) *journal.Signer {
	t.Helper()
	s, err := journal.NewSigner(origin, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fataler is what *testing.T, *testing.B and *rapid.T have in common.
type fataler interface {
	Context() context.Context
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func grow(t fataler, m *journaltest.Memory, s *journal.Signer, n int) journal.Appended {
	entries := make([]journal.Entry, n)
	for i := range entries {
		entries[i] = entry(len(m.Rows) + i)
	}
	a, err := m.Append(t.Context(), s, entries...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// mth is the Merkle Tree Hash of RFC 6962 §2.1, as the RFC words it.
func mth(d [][]byte) [32]byte {
	switch n := len(d); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, d[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		left, right := mth(d[:k]), mth(d[k:])
		return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
	}
}

// TestReferenceTree holds mth against the roots published with RFC 6962's test
// data for its first three leaves ("", 00, 10), so that the oracle below is not only ours.
func TestReferenceTree(t *testing.T) {
	t.Parallel()
	leaves := [][]byte{{}, {0x00}, {0x10}}
	for n, want := range []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	} {
		if got := fmt.Sprintf("%x", mth(leaves[:n])); got != want {
			t.Errorf("%d leaves: %s, want %s", n, got, want)
		}
	}
}

func commitments(m *journaltest.Memory) [][]byte {
	d := make([][]byte, len(m.Rows))
	for i, row := range m.Rows {
		d[i] = bytes.Clone(row.Commitment[:])
	}
	return d
}

func TestAppend(t *testing.T) {
	t.Parallel()
	s := signer(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		m := journaltest.New()
		var size int64
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 40), 1, 8).Draw(t, "batches") {
			a := grow(t, m, s, n)
			size += int64(n)
			d := commitments(m)
			if a.Before.Size != size-int64(n) || a.Before.Root != mth(d[:a.Before.Size]) {
				t.Fatalf("Before = %+v", a.Before)
			}
			if a.Head.Size != size || a.Head.Root != mth(d) {
				t.Fatalf("root of %d differs from RFC 6962", size)
			}
			for i, l := range a.Leaves {
				if got := m.Rows[a.Before.Size+int64(i)].Commitment; got != l.Commitment {
					t.Fatalf("leaf %d is not at its place", i)
				}
			}
			if int64(len(m.Nodes)) != tlog.StoredHashCount(size) {
				t.Fatalf("%d stored hashes for %d leaves", len(m.Nodes), size)
			}
		}
		// Every node is the naive hash of what is below it.
		d := commitments(m)
		for at, h := range m.Nodes {
			level, n := tlog.SplitStoredHashIndex(at)
			if h != mth(d[n<<level:(n+1)<<level]) {
				t.Fatalf("node %d of level %d", n, level)
			}
		}
		// And any earlier head can be read back.
		old := rapid.Int64Range(0, size).Draw(t, "old")
		if h, err := journal.ReadHead(ctx, m, old); err != nil || h.Root != mth(d[:old]) {
			t.Fatalf("head at %d: %v", old, err)
		}
	})
}

// faulty is a tree whose storage fails or lies at one step.
type faulty struct {
	*journaltest.Memory
	size   int64
	short  bool
	fail   string
	writes int
	lent   []tlog.Hash // last returned by ReadHashes
}

var errDisk = errors.New("disk")

func (f *faulty) Size(ctx context.Context) (int64, error) {
	if f.fail == "size" {
		return 0, errDisk
	}
	if f.size != 0 {
		return f.size, nil
	}
	return f.Memory.Size(ctx)
}

func (f *faulty) ReadHashes(ctx context.Context, at []int64) ([]tlog.Hash, error) {
	if f.fail == "read" {
		return nil, errDisk
	}
	h, err := f.Memory.ReadHashes(ctx, at)
	if f.short && len(h) > 0 {
		h = h[1:]
	}
	f.lent = h
	return h, err
}

func (f *faulty) Write(ctx context.Context, l []journal.StoredLeaf, h []journal.StoredHash) error {
	f.writes++
	if f.fail == "write" {
		return errDisk
	}
	return f.Memory.Write(ctx, l, h)
}

func TestAppendFaults(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	m := journaltest.New()
	grow(t, m, signer(t), 5)
	for _, step := range []string{"size", "read", "write"} {
		if _, err := journal.Append(ctx, &faulty{Memory: m.Clone(), fail: step}, entry(1)); !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", step, err)
		}
	}
	for name, f := range map[string]*faulty{
		"negative size": {Memory: m.Clone(), size: -1},
		"endless size":  {Memory: m.Clone(), size: 1<<63 - 1},
		"short read":    {Memory: m.Clone(), short: true},
		"size too big":  {Memory: m.Clone(), size: 9},
		"size too low":  {Memory: m.Clone(), size: 4}, // a fork: the row is taken
	} {
		_, err := journal.Append(ctx, f, entry(1))
		if err == nil || (f.size < 0 || f.size > journal.MaxSize) != errors.Is(err, journal.ErrRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// One bad entry of three: nothing is written.
	f := &faulty{Memory: m.Clone()}
	if _, err := journal.Append(ctx, f, entry(1), journal.Entry{}, entry(2)); !errors.Is(err, journal.ErrEntry) || f.writes != 0 {
		t.Errorf("bad entry in a batch: %v, %d writes", err, f.writes)
	}
	// What the storage returned stays the storage's.
	g := &faulty{Memory: m.Clone()}
	if _, err := journal.Append(ctx, g, entry(1), entry(2), entry(3)); err != nil || g.lent[1] != m.Nodes[tlog.StoredHashIndex(0, 4)] {
		t.Errorf("append wrote into the storage's slice, or failed: %v", err)
	}
	// No entries: no write, and the present head.
	a, err := journal.Append(ctx, f)
	if err != nil || f.writes != 0 || a.Head.Size != 5 || a.Head != a.Before {
		t.Errorf("empty append: %+v, %v", a, err)
	}
}

func at(t fataler, m *journaltest.Memory, size int64) journal.Checkpoint {
	h, err := journal.ReadHead(t.Context(), m, size)
	if err != nil {
		t.Fatal(err)
	}
	return journal.Checkpoint{Origin: origin, Head: h}
}

func TestProofs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	m := journaltest.New()
	const size = 33
	grow(t, m, signer(t), size)
	for now := int64(0); now <= size; now++ {
		for old := int64(0); old <= now; old++ {
			p, err := journal.ProveConsistency(ctx, m, old, now)
			if err != nil {
				t.Fatal(err)
			}
			if err := journal.CheckConsistency(p, at(t, m, old), at(t, m, now)); err != nil {
				t.Fatalf("%d to %d: %v", old, now, err)
			}
		}
		for i := range now {
			p, err := journal.ProveInclusion(ctx, m, now, i)
			if err != nil {
				t.Fatal(err)
			}
			for j := range now {
				err := journal.CheckInclusion(p, at(t, m, now), i, m.Rows[j].Commitment)
				if (err == nil) != (i == j) || err != nil && !errors.Is(err, journal.ErrNotIncluded) {
					t.Fatalf("leaf %d at %d of %d: %v", j, i, now, err)
				}
			}
		}
	}
}

func TestProofsSpoilt(t *testing.T) {
	t.Parallel()
	m := journaltest.New()
	grow(t, m, signer(t), 60)
	rapid.Check(t, func(t *rapid.T) {
		now := rapid.Int64Range(2, 60).Draw(t, "now")
		old := rapid.Int64Range(1, now-1).Draw(t, "old")
		p, err := journal.ProveConsistency(t.Context(), m, old, now)
		if err != nil {
			t.Fatal(err)
		}
		a, b := at(t, m, old), at(t, m, now)
		switch rapid.IntRange(0, 5).Draw(t, "spoil") {
		case 0:
			p[rapid.IntRange(0, len(p)-1).Draw(t, "at")][3] ^= 1
		case 1:
			p = p[:len(p)-1]
		case 2:
			p = append(p, tlog.Hash{})
		case 3:
			a.Root[0] ^= 1
		case 4:
			b.Root[0] ^= 1
		case 5:
			a.Root, b.Root = b.Root, a.Root
		}
		if err := journal.CheckConsistency(p, a, b); !errors.Is(err, journal.ErrRewritten) || hotline.KindOf(err) != hotline.KindForged {
			t.Fatalf("spoilt proof: %v", err)
		}
	})
}

func TestConsistencyRefuses(t *testing.T) {
	t.Parallel()
	m := journaltest.New()
	grow(t, m, signer(t), 8)
	c5, c8, c0 := at(t, m, 5), at(t, m, 8), at(t, m, 0)
	other, huge, neg, fake0 := c5, c8, c8, c0
	other.Origin += "9"
	huge.Size, neg.Size = 1<<63-1, -1
	fake0.Root[0] ^= 1
	fork := c8
	fork.Root[0] ^= 1
	for name, tt := range map[string]struct {
		p        tlog.TreeProof
		old, now journal.Checkpoint
		want     error
	}{
		"other journal":   {nil, other, c8, journal.ErrOrigin},
		"rolled back":     {nil, c8, c5, journal.ErrRolledBack},
		"to empty":        {nil, c8, c0, journal.ErrRolledBack},
		"same size, fork": {nil, c8, fork, journal.ErrRewritten},
		"endless size":    {nil, c5, huge, journal.ErrRange}, // would not return without the bound
		"endless old":     {nil, huge, huge, journal.ErrRange},
		"negative size":   {nil, neg, c8, journal.ErrRange},
		"false empty":     {nil, fake0, c8, journal.ErrRewritten},
		"empty, proof":    {tlog.TreeProof{{}}, c0, c8, journal.ErrRewritten},
	} {
		if err := journal.CheckConsistency(tt.p, tt.old, tt.now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for _, n := range []int64{-1, 8, 1<<63 - 1} {
		if err := journal.CheckInclusion(nil, c8, n, m.Rows[0].Commitment); !errors.Is(err, journal.ErrNotIncluded) {
			t.Errorf("inclusion at %d: %v", n, err)
		}
	}
	if err := journal.CheckInclusion(nil, huge, 1, m.Rows[0].Commitment); !errors.Is(err, journal.ErrRange) {
		t.Errorf("inclusion in an endless tree: %v", err)
	}
	ctx := t.Context()
	for _, n := range [][2]int64{{-1, 5}, {6, 5}, {5, 1<<63 - 1}} {
		if _, err := journal.ProveConsistency(ctx, m, n[0], n[1]); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("prove %v: %v", n, err)
		}
	}
	for _, n := range [][2]int64{{5, -1}, {5, 5}, {1<<63 - 1, 5}} {
		if _, err := journal.ProveInclusion(ctx, m, n[0], n[1]); hotline.KindOf(err) != hotline.KindInvalid {
			t.Errorf("prove inclusion %v: %v", n, err)
		}
	}
}

// TestFork plays a server that shows two desks two histories from one point on.
func TestFork(t *testing.T) {
	t.Parallel()
	s := signer(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		m := journaltest.New()
		common := rapid.IntRange(0, 20).Draw(t, "common")
		grow(t, m, s, common)
		fork := m.Clone()
		grow(t, m, s, rapid.IntRange(1, 20).Draw(t, "mine"))
		grow(t, fork, s, rapid.IntRange(1, 20).Draw(t, "theirs")) // same texts, other blinds
		seen, err := journal.ParseCheckpoint(m.Signed, s.Verifier())
		if err != nil {
			t.Fatal(err)
		}
		shown, err := journal.ParseCheckpoint(fork.Signed, s.Verifier())
		if err != nil {
			t.Fatal(err)
		}
		old, now, tree := seen, shown, fork
		if old.Size > now.Size {
			old, now, tree = now, old, m
		}
		p, err := journal.ProveConsistency(ctx, tree, old.Size, now.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := journal.CheckConsistency(p, old, now); !errors.Is(err, journal.ErrRewritten) {
			t.Fatalf("fork: %v", err)
		}
		// Each is consistent with what they had in common.
		p, err = journal.ProveConsistency(ctx, tree, int64(common), now.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := journal.CheckConsistency(p, at(t, tree, int64(common)), now); err != nil {
			t.Fatal(err)
		}
	})
}
