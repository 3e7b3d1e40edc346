package journal_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"safeconduct/internal/journal"
	"safeconduct/internal/journal/journaltest"
)

func verify(t fataler, m *journaltest.Memory, s *journal.Signer, old ...journal.Checkpoint) *journal.Report {
	r, err := journal.Verify(t.Context(), m, []*journal.Verifier{s.Verifier()}, old...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyWhole(t *testing.T) {
	t.Parallel()
	s := signer(t)
	rapid.Check(t, func(t *rapid.T) {
		m := journaltest.New()
		var old []journal.Checkpoint
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 30), 1, 6).Draw(t, "batches") {
			grow(t, m, s, n)
			c, err := journal.ParseCheckpoint(m.Signed, s.Verifier())
			if err != nil {
				t.Fatal(err)
			}
			old = append(old, c)
		}
		size := int64(len(m.Rows))
		newest, letGo := int64(-1), int64(0)
		for i := range size {
			if rapid.Bool().Draw(t, "let go") {
				m.LetGo(i)
				newest, letGo = i, letGo+1
			}
		}
		r := verify(t, m, s, old...)
		if !r.OK() || r.Entries != size || r.Proved != size || r.LetGo != letGo || r.NewestLetGo != newest ||
			r.Opened != size-letGo || r.Unsigned != 0 {
			t.Fatalf("%+v", r)
		}
		if _, bad := r.First(); bad || !strings.Contains(r.String(), "Nothing is wrong") {
			t.Fatal(r)
		}
	})
}

// TestVerifySaysWhoIsRight: where a leaf and the stored hash differ, the signed
// root decides which of them was changed.
func TestVerifySaysWhoIsRight(t *testing.T) {
	t.Parallel()
	s := signer(t)
	whole := journaltest.New()
	grow(t, whole, s, 21)
	for name, tt := range map[string]struct {
		spoil func(m *journaltest.Memory)
		fault journal.Fault
		want  string
	}{
		"hash": {func(m *journaltest.Memory) {
			m.Nodes[tlog.StoredHashIndex(0, 9)] = tlog.Hash{}
		}, journal.FaultHash, "the entry is the one that was signed"},
		"leaf": {func(m *journaltest.Memory) {
			l := commit(t, entry(999))
			m.Rows[9] = journal.StoredLeaf{Index: 9, Commitment: l.Commitment, Opening: &l.Opening}
		}, journal.FaultLeaf, "it was replaced"},
		"text": {func(m *journaltest.Memory) {
			m.Rows[9].Opening.Line, _ = entry(999).Line()
		}, journal.FaultOpening, "the text shown is not the one written"},
		"lost hash": {func(m *journaltest.Memory) {
			delete(m.Nodes, tlog.StoredHashIndex(0, 9))
		}, journal.FaultHash, "is missing; the entries are those that were signed"},
		"lost hash, no checkpoint": {func(m *journaltest.Memory) {
			delete(m.Nodes, tlog.StoredHashIndex(0, 9))
			m.Signed = nil
		}, journal.FaultHash, "is missing"},
		"no checkpoint": {func(m *journaltest.Memory) {
			m.Nodes[tlog.StoredHashIndex(0, 9)] = tlog.Hash{}
			m.Signed = nil
		}, journal.FaultLeaf, "differ"},
	} {
		m := whole.Clone()
		tt.spoil(m)
		f, _ := verify(t, m, s).First()
		if f.Index != 9 || f.Fault != tt.fault || !strings.Contains(f.Why, tt.want) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestVerifyRollback plays a whole database put back to an earlier state: its
// own checkpoint fits, and only somebody with a later one can tell.
func TestVerifyRollback(t *testing.T) {
	t.Parallel()
	s := signer(t)
	rapid.Check(t, func(t *rapid.T) {
		m := journaltest.New()
		before := rapid.IntRange(0, 30).Draw(t, "before")
		grow(t, m, s, before)
		backup := m.Clone()
		a := grow(t, m, s, rapid.IntRange(1, 30).Draw(t, "lost"))
		seen := journal.Checkpoint{Origin: origin, Head: a.Head}
		if r := verify(t, backup, s); !r.OK() {
			t.Fatal(r) // nothing in the backup itself gives it away
		}
		r := verify(t, backup, s, seen)
		if f, _ := r.First(); f.Fault != journal.FaultRolledBack || f.Index != int64(before) || f.Last != a.Head.Size-1 {
			t.Fatalf("%+v", f)
		}
		// And when new entries have since hidden that it is shorter:
		grow(t, backup, s, rapid.IntRange(1, 60).Draw(t, "after"))
		r = verify(t, backup, s, seen)
		if r.OK() {
			t.Fatal("rolled back and grown again: accepted")
		}
		if len(backup.Rows) >= int(seen.Size) {
			if f, _ := r.First(); f.Fault != journal.FaultRewritten || f.Index != 0 || f.Last != seen.Size-1 {
				t.Fatalf("%+v", f)
			}
		}
	})
}

// TestVerifyNarrows: one key holder rewrote the log and signed it again. Each older checkpoint
// that still fits moves the beginning of the suspicion up.
func TestVerifyNarrows(t *testing.T) {
	t.Parallel()
	s := signer(t)
	rapid.Check(t, func(t *rapid.T) {
		m := journaltest.New()
		var old []journal.Checkpoint
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			a := grow(t, m, s, rapid.IntRange(1, 9).Draw(t, "n"))
			old = append(old, journal.Checkpoint{Origin: origin, Head: a.Head})
		}
		i := draw(t, m, "i")
		rewrite(t, m, i)
		h, err := journal.ReadHead(t.Context(), m, int64(len(m.Rows)))
		if err != nil {
			t.Fatal(err)
		}
		if m.Signed, err = s.Sign(h); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, m, s); !r.OK() {
			t.Fatalf("with the key and without an older checkpoint this cannot be seen: %s", r)
		}
		want := journal.Finding{Fault: journal.FaultRewritten, Row: -1}
		for _, c := range old {
			if c.Size > i {
				want.Last = c.Size - 1
				break
			}
			want.Index = c.Size
		}
		slices.Reverse(old) // the order given does not matter
		got, _ := verify(t, m, s, old...).First()
		got.Why = ""
		if got != want {
			t.Fatalf("rewritten from %d: %+v, want %+v", i, got, want)
		}
	})
}

func TestVerifyCheckpoint(t *testing.T) {
	t.Parallel()
	s := signer(t)
	other, err := journal.GenerateSigner(origin)
	if err != nil {
		t.Fatal(err)
	}
	m := journaltest.New()
	early := grow(t, m, s, 4)
	earlyText := slices.Clone(m.Signed)
	late := grow(t, m, s, 5)
	latest := journal.Checkpoint{Origin: origin, Head: late.Head}
	alien := latest
	alien.Origin = "safeconduct/ff"
	endless := latest
	endless.Size = 1<<63 - 1
	forged, err := other.Sign(late.Head)
	if err != nil {
		t.Fatal(err)
	}
	fork := latest
	fork.Root[0] ^= 1
	falseEmpty := journal.Checkpoint{Origin: origin}
	for name, tt := range map[string]struct {
		signed []byte
		old    []journal.Checkpoint
		fault  journal.Fault
		index  int64
		want   string
	}{
		"none":          {nil, nil, journal.FaultCheckpoint, -1, "no checkpoint"},
		"garbage":       {[]byte("hello"), nil, journal.FaultCheckpoint, -1, "not well formed"},
		"other key":     {forged, nil, journal.FaultCheckpoint, -1, "no good signature"},
		"put back":      {earlyText, []journal.Checkpoint{latest}, journal.FaultCheckpoint, -1, "an older one was put in its place"},
		"alien":         {m.Signed, []journal.Checkpoint{alien}, journal.FaultCheckpoint, -1, "not one of this journal"},
		"endless":       {m.Signed, []journal.Checkpoint{endless}, journal.FaultCheckpoint, -1, "not one of this journal"},
		"false empty":   {m.Signed, []journal.Checkpoint{falseEmpty}, journal.FaultCheckpoint, -1, "not one of this journal"},
		"two histories": {m.Signed, []journal.Checkpoint{fork}, journal.FaultRewritten, 0, "two histories"},
	} {
		c := m.Clone()
		c.Signed = tt.signed
		f, _ := verify(t, c, s, tt.old...).First()
		if f.Fault != tt.fault || f.Index != tt.index || !strings.Contains(f.Why, tt.want) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	// Entries after the newest checkpoint are counted, not accused.
	c := m.Clone()
	c.Signed = earlyText
	if r := verify(t, c, s); !r.OK() || r.Unsigned != 5 || r.Proved != early.Head.Size {
		t.Errorf("unsigned entries: %s", r)
	}
	// Leaves that no checkpoint covers are taken out, their hashes forgotten.
	delete(c.Rows, 8)
	if f, _ := verify(t, c, s).First(); f.Fault != journal.FaultHash || f.Index != 8 {
		t.Errorf("taken out at the end: %+v", f)
	}
}

// TestVerifyOtherFormat: a commitment to text that is no entry is in the tree and opens, and
// is still named: nobody could have written it through this package.
func TestVerifyOtherFormat(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := signer(t)
	m := journaltest.New()
	grow(t, m, s, 2)
	o := journal.Opening{Line: []byte("nothing to see")}
	c := journal.Commitment(sha256.Sum256(append(append([]byte("safeconduct journal leaf v1\n"), o.Blind[:]...), o.Line...)))
	err := m.Write(ctx, []journal.StoredLeaf{{Index: 2, Commitment: c, Opening: &o}},
		[]journal.StoredHash{{Index: tlog.StoredHashIndex(0, 2), Hash: c.Hash()}})
	if err != nil {
		t.Fatal(err)
	}
	r := verify(t, m, s)
	if f, _ := r.First(); f.Fault != journal.FaultOpening || f.Index != 2 || len(r.Findings) != 1 {
		t.Errorf("%s", r)
	}
	if !strings.Contains(r.String(), "entry 2: its text matches its commitment but is not an entry") || strings.Contains(r.String(), "nothing to see") {
		t.Errorf("%s", r)
	}
}

// TestVerifyStandIn: where a leaf is gone and its hash is not, the walk goes on with
// the hash: the rest is still proved, and a change further on is still named.
func TestVerifyStandIn(t *testing.T) {
	t.Parallel()
	s := signer(t)
	m := journaltest.New()
	grow(t, m, s, 20)
	delete(m.Rows, 3)
	if r := verify(t, m, s); r.Proved != 20 || r.Entries != 19 || len(r.Findings) != 1 {
		t.Errorf("%s", r)
	}
	row := tlog.StoredHashIndex(1, 5)
	m.Nodes[row] = tlog.Hash{}
	r := verify(t, m, s)
	if len(r.Findings) != 2 || r.Findings[1].Row != row || r.Findings[1].Index != 10 || r.Findings[1].Last != 11 {
		t.Errorf("%s", r)
	}
}

// TestVerifyAlso: two independent changes are both named, the lower one first.
func TestVerifyAlso(t *testing.T) {
	t.Parallel()
	s := signer(t)
	m := journaltest.New()
	grow(t, m, s, 20)
	m.Rows[12].Opening.Blind = journal.Blind{}
	m.Nodes[tlog.StoredHashIndex(2, 1)] = tlog.Hash{} // over 4 to 7
	delete(m.Rows, 15)
	m.Signed = nil
	text := verify(t, m, s).String()
	want := []string{"First: entries 4 to 7: ", "Also: there is no checkpoint", "Also: entry 12: ", "Also: entry 15: "}
	for _, w := range want {
		_, rest, ok := strings.Cut(text, w)
		if !ok {
			t.Fatalf("no %q, or not in this order:\n%s", w, text)
		}
		text = rest
	}
}

func TestVerifyEmpty(t *testing.T) {
	t.Parallel()
	s := signer(t)
	m := journaltest.New()
	if r := verify(t, m, s); r.OK() {
		t.Error("an empty journal without a checkpoint is what is left after wiping it")
	}
	grow(t, m, s, 0)
	if r := verify(t, m, s); !r.OK() || r.Entries != 0 {
		t.Error(r)
	}
}

// TestVerifyWideGap: a row far off must not make verify count up to it.
func TestVerifyWideGap(t *testing.T) {
	t.Parallel()
	s := signer(t)
	for _, far := range []int64{1 << 45, 1<<63 - 1} {
		m := journaltest.New()
		grow(t, m, s, 3)
		m.Rows[far] = journal.StoredLeaf{Index: far}
		f, _ := verify(t, m, s).First()
		if f.Fault != journal.FaultMissing || f.Index != 3 || f.Last != far-1 {
			t.Errorf("%+v", f)
		}
	}
}

func TestVerifyManyFindings(t *testing.T) {
	t.Parallel()
	s := signer(t)
	m := journaltest.New()
	grow(t, m, s, 300)
	for i := range int64(300) {
		m.Rows[i].Opening.Blind = journal.Blind{}
	}
	r := verify(t, m, s)
	if len(r.Findings) != 100 || r.More != 200 || !strings.Contains(r.String(), "And 200 more.") {
		t.Errorf("%d findings, %d more", len(r.Findings), r.More)
	}
}

// badSource is a source that fails, or returns rows in another order than asked.
type badSource struct {
	*journaltest.Memory
	fail string
	back bool
}

func (b badSource) Checkpoint(ctx context.Context) ([]byte, error) {
	if b.fail == "checkpoint" {
		return nil, errDisk
	}
	return b.Memory.Checkpoint(ctx)
}

func (b badSource) Leaves(ctx context.Context, from int64, n int) ([]journal.StoredLeaf, error) {
	if b.fail == "leaves" {
		return nil, errDisk
	}
	l, err := b.Memory.Leaves(ctx, from, n)
	if b.back {
		slices.Reverse(l)
	}
	return l, err
}

func (b badSource) Hashes(ctx context.Context, from int64, n int) ([]journal.StoredHash, error) {
	if b.fail == "hashes" {
		return nil, errDisk
	}
	return b.Memory.Hashes(ctx, from, n)
}

func TestVerifyBadSource(t *testing.T) {
	t.Parallel()
	s := signer(t)
	m := journaltest.New()
	grow(t, m, s, 4)
	keys := []*journal.Verifier{s.Verifier()}
	for _, step := range []string{"checkpoint", "leaves", "hashes"} {
		if r, err := journal.Verify(t.Context(), badSource{Memory: m, fail: step}, keys); !errors.Is(err, errDisk) || r != nil {
			t.Errorf("%s: %v, %v", step, r, err)
		}
	}
	if _, err := journal.Verify(t.Context(), badSource{Memory: m, back: true}, keys); err == nil {
		t.Error("rows out of order: accepted")
	}
}
