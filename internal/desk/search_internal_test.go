package desk

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// filled is an unlocked desk with n cases in memory and no server.
func filled(tb testing.TB, n int) *Desk {
	tb.Helper()
	d, err := Open(Config{Dir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { d.lock.release() })
	words := strings.Fields("я хочу выйти к вам нас двое мост лес дорога ночь завтра командир телефон берёза река посёлок рота")
	d.s = &session{d: d, rows: map[hotline.CaseID]api.Case{}, files: map[hotline.CaseID]*caseFile{}, drafts: map[hotline.CaseID]*draft{}}
	for i := range n {
		var id hotline.CaseID
		_, _ = rand.Read(id[:])
		f := &caseFile{id: id, synced: 1, keys: map[int]seal.Identity{0: {}}}
		f.row = api.Case{ID: id, Stage: hotline.StageNew, ContactSeq: 5, DeskSeq: -1, StatementSeq: -1, SeenSeq: -1, Version: 1, WaitingSince: int64(i + 1)}
		for m := range 6 {
			var text strings.Builder
			for k := range 40 {
				text.WriteString(words[(i*7+m*3+k*k)%len(words)] + " ")
			}
			if m == 2 {
				fmt.Fprintf(&text, "Ёлка%d берёза", i)
			}
			r := openRecord{place: int64(m), side: hotline.SideContact, readable: true, verified: true, body: seal.Body{Text: text.String()}}
			r.header.Seen = -1
			r.header.Seq, r.header.Side, r.hash = int64(m), hotline.SideContact, seal.Hash{byte(m + 1)}
			if m > 0 {
				r.header.Prev = seal.Hash{byte(m)}
			}
			f.records = append(f.records, r)
		}
		f.indexText()
		d.s.rows[id], d.s.files[id] = f.row, f
	}
	return d
}

func TestSearchThousands(t *testing.T) {
	t.Parallel()
	d := filled(t, 3_000) // ten thousand and more are the benchmarks' work
	began := time.Now()
	hits, err := d.Search("елка2876 БЕРЕЗА", 20)
	if err != nil || len(hits) != 1 || !strings.Contains(hits[0].Snippet, "Ёлка2876") {
		t.Fatalf("%+v %v", hits, err)
	}
	if took := time.Since(began); took > 5*time.Second { // far above what even a loaded machine needs
		t.Errorf("searching took %v", took)
	}
	if hits, _ := d.Search("нетакогослова", 20); len(hits) != 0 {
		t.Errorf("%+v", hits)
	}
	if rows, _ := d.Queue(Filter{Limit: 50}); len(rows) != 50 || rows[0].Problems != 0 || rows[0].Waiting.After(rows[1].Waiting) {
		t.Errorf("%+v", rows[0])
	}
}

func BenchmarkSearchTenThousand(b *testing.B) {
	d := filled(b, 10_000)
	if _, err := d.Queue(Filter{}); err != nil { // the gist of each case is worked out once
		b.Fatal(err)
	}
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if hits, _ := d.Search("елка9876 береза", 20); len(hits) != 1 {
				b.Fatal(len(hits))
			}
		}
	})
	b.Run("queue", func(b *testing.B) {
		for b.Loop() {
			if rows, _ := d.Queue(Filter{OpenOnly: true, Limit: 100}); len(rows) != 100 {
				b.Fatal(len(rows))
			}
		}
	})
}

func FuzzInvitation(f *testing.F) {
	in := invitation{Server: "127.0.0.1:1", Pin: seal.Hash{1}, Authority: seal.Authority{Keys: []seal.PublicKey{{2}}, Threshold: 1}, Secret: make([]byte, 32)}
	text, err := in.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("scinvite1.e30")
	f.Add("scinvite1.")
	f.Fuzz(func(t *testing.T, text string) {
		in, err := parseInvitation(text)
		if err != nil {
			if hotline.KindOf(err) != hotline.KindInvalid {
				t.Error(err)
			}
			return
		}
		again, err := in.encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := parseInvitation(again); err != nil || back.Server != in.Server || back.Pin != in.Pin {
			t.Error("an invitation changes when it is written again")
		}
	})
}

func TestAroundFindsThePlace(t *testing.T) {
	t.Parallel()
	f := &caseFile{pieces: []string{strings.Repeat("слово ", 30) + "Ёлка стоит " + strings.Repeat("дальше ", 40)}}
	got := f.around("елка")
	if !strings.HasPrefix(got, "…") || !strings.Contains(got, "Ёлка стоит дальше") || len([]rune(got)) > 141 {
		t.Errorf("%q", got)
	}
}
