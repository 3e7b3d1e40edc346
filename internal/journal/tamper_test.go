package journal_test

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"safeconduct/internal/journal"
	"safeconduct/internal/journal/journaltest"
)

// rewrite puts other entries from index i on and makes everything that is stored
// agree with them, except for the signature.
func rewrite(t fataler, m *journaltest.Memory, i int64) {
	n := int64(len(m.Rows))
	tail := make([]journal.StoredLeaf, 0, n)
	for j := i; j < n; j++ {
		tail = append(tail, m.Rows[j])
	}
	cut(m, i)
	entries := make([]journal.Entry, len(tail))
	for k, row := range tail {
		e, err := journal.ParseEntry(row.Opening.Line)
		if err != nil {
			t.Fatal(err)
		}
		e.Actor = "nobody"
		entries[k] = e
	}
	if _, err := journal.Append(t.Context(), m, entries...); err != nil {
		t.Fatal(err)
	}
}

// tamper is one change to the stored journal by somebody without the key.
// It returns the first bad entry (or the span) and the stored hash it must name.
type tamper func(t *rapid.T, m *journaltest.Memory) (want journal.Finding)

func draw(t *rapid.T, m *journaltest.Memory, name string) int64 {
	return rapid.Int64Range(0, int64(len(m.Rows))-1).Draw(t, name)
}

var tampers = map[string]tamper{
	"commitment": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		i := draw(t, m, "i")
		row := m.Rows[i]
		row.Commitment[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 0x80
		m.Rows[i] = row
		return journal.Finding{Fault: journal.FaultLeaf, Index: i, Last: i, Row: tlog.StoredHashIndex(0, i)}
	},
	"replaced leaf with a good opening": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		i := draw(t, m, "i")
		l, err := journal.Commit(entry(999))
		if err != nil {
			t.Fatal(err)
		}
		m.Rows[i] = journal.StoredLeaf{Index: i, Commitment: l.Commitment, Opening: &l.Opening}
		return journal.Finding{Fault: journal.FaultLeaf, Index: i, Last: i, Row: tlog.StoredHashIndex(0, i)}
	},
	"text": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		i := draw(t, m, "i")
		m.Rows[i].Opening.Line, _ = entry(999).Line()
		return journal.Finding{Fault: journal.FaultOpening, Index: i, Last: i, Row: -1}
	},
	"blind": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		i := draw(t, m, "i")
		m.Rows[i].Opening.Blind[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		return journal.Finding{Fault: journal.FaultOpening, Index: i, Last: i, Row: -1}
	},
	"half an opening": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		i := draw(t, m, "i")
		m.Rows[i].Opening.Line = nil
		return journal.Finding{Fault: journal.FaultOpening, Index: i, Last: i, Row: -1}
	},
	"stored hash": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		at := rapid.Int64Range(0, int64(len(m.Nodes))-1).Draw(t, "row")
		h := m.Nodes[at]
		h[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 4
		m.Nodes[at] = h
		return span(at)
	},
	"lost hash": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		at := rapid.Int64Range(0, int64(len(m.Nodes))-1).Draw(t, "row")
		delete(m.Nodes, at)
		return span(at)
	},
	"lost leaf": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		if len(m.Rows) < 2 {
			t.Skip()
		}
		i := rapid.Int64Range(0, int64(len(m.Rows))-2).Draw(t, "i")
		delete(m.Rows, i)
		return journal.Finding{Fault: journal.FaultMissing, Index: i, Last: i, Row: -1}
	},
	"lost leaf with its hashes": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		if len(m.Rows) < 2 {
			t.Skip()
		}
		i := rapid.Int64Range(0, int64(len(m.Rows))-2).Draw(t, "i")
		delete(m.Rows, i)
		for at := tlog.StoredHashIndex(0, i); at < tlog.StoredHashIndex(0, i+1); at++ {
			delete(m.Nodes, at)
		}
		return journal.Finding{Fault: journal.FaultMissing, Index: i, Last: i, Row: -1}
	},
	"closed gap": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		if len(m.Rows) < 2 {
			t.Skip()
		}
		i := rapid.Int64Range(0, int64(len(m.Rows))-2).Draw(t, "i")
		last := int64(len(m.Rows)) - 1
		for j := i; j < last; j++ {
			row := m.Rows[j+1]
			row.Index = j
			m.Rows[j] = row
		}
		delete(m.Rows, last)
		return journal.Finding{Fault: journal.FaultLeaf, Index: i, Last: i, Row: tlog.StoredHashIndex(0, i)}
	},
	"two swapped": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		i, j := draw(t, m, "i"), draw(t, m, "j")
		if i == j {
			t.Skip()
		}
		a, b := m.Rows[i], m.Rows[j]
		a.Index, b.Index = j, i
		m.Rows[i], m.Rows[j] = b, a
		i = min(i, j)
		return journal.Finding{Fault: journal.FaultLeaf, Index: i, Last: i, Row: tlog.StoredHashIndex(0, i)}
	},
	"cut leaves": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		n := int64(len(m.Rows))
		i := draw(t, m, "i")
		for j := i; j < n; j++ {
			delete(m.Rows, j)
		}
		return journal.Finding{Fault: journal.FaultShort, Index: i, Last: n - 1, Row: -1}
	},
	"cut leaves and hashes": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		n := int64(len(m.Rows))
		i := draw(t, m, "i")
		cut(m, i)
		return journal.Finding{Fault: journal.FaultShort, Index: i, Last: n - 1, Row: -1}
	},
	"rewritten to the end": func(t *rapid.T, m *journaltest.Memory) journal.Finding {
		n := int64(len(m.Rows))
		rewrite(t, m, draw(t, m, "i"))
		return journal.Finding{Fault: journal.FaultRewritten, Index: 0, Last: n - 1, Row: -1}
	},
}

// span is the finding about the stored hash at a row: one leaf, or all below a node.
func span(row int64) journal.Finding {
	level, n := tlog.SplitStoredHashIndex(row)
	return journal.Finding{Fault: journal.FaultHash, Index: n << level, Last: (n+1)<<level - 1, Row: row}
}

// TestVerifyNamesFirst is the test of what verify is for: whatever single change
// is made, it is found, it is named where it is, and nothing before it is accused.
func TestVerifyNamesFirst(t *testing.T) {
	t.Parallel()
	s := signer(t)
	for name, change := range tampers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				m := journaltest.New()
				grow(t, m, s, rapid.IntRange(1, 70).Draw(t, "size"))
				// Entries let go must not hide a change, save that of a text which is gone.
				letGo := rapid.SliceOfN(rapid.Int64Range(0, int64(len(m.Rows))-1), 0, 3).Draw(t, "let go")
				if r := verify(t, m, s); !r.OK() {
					t.Fatal(r)
				}
				want := change(t, m)
				for _, i := range letGo {
					if row, ok := m.Rows[i]; ok && want.Fault != journal.FaultOpening && want.Fault != journal.FaultRewritten {
						row.Opening = nil
						m.Rows[i] = row
					}
				}
				r := verify(t, m, s)
				got, bad := r.First()
				why := got.Why
				got.Why = ""
				if !bad || got != want || why == "" {
					t.Fatalf("First = %+v\nwant    %+v\n%s", got, want, r)
				}
				if strings.Contains(r.String(), "Nothing is wrong") || !strings.Contains(r.String(), "First: ") {
					t.Fatal(r.String())
				}
			})
		})
	}
}
