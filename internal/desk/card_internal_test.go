package desk

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// BenchmarkStandby is a desk that knows a hundred thousand cases on standby:
// from the key file to a queue on the screen, and a search. Argon2 and scrypt
// of the passphrase come on top.
func BenchmarkStandby(b *testing.B) {
	const cases = 100_000
	dir := folder(b.TempDir())
	if err := dir.prepare(); err != nil {
		b.Fatal(err)
	}
	key, err := seal.NewIdentity()
	if err != nil {
		b.Fatal(err)
	}
	words := strings.Fields("я хочу выйти к вам нас двое мост лес дорога ночь завтра командир телефон берёза река посёлок рота")
	cards := newShelf[card](dirCards)
	heads, pieces := newShelf[head](dirHeads), newShelf[texts](dirTexts)
	for i := range cases {
		var id hotline.CaseID
		_, _ = rand.Read(id[:])
		c := card{
			Synced: int64(i + 1),
			Row:    api.Case{ID: id, Channel: hotline.ChannelWeb, Stage: hotline.StageStandby, Team: hotline.TeamDesk, ContactSeq: 2, SeenSeq: 2, DeskSeq: 1, StatementSeq: 3, Version: int64(i + 1), Answered: true},
			Content: &content{
				Stage: hotline.StageStandby, Language: "ru", People: 2, Title: fmt.Sprintf("Ёлка%d", i), Snippet: "Записал. Если дойдёт до дела, я напишу с чужого телефона.",
				Code: []string{"4417", "0922", fmt.Sprintf("%04d", i%10_000)}, Epoch: 1,
			},
		}
		written := texts{Synced: c.Synced}
		for m := range 5 {
			var text strings.Builder
			for k := range 20 {
				text.WriteString(words[(i*7+m*3+k*k)%len(words)] + " ")
			}
			written.Pieces = append(written.Pieces, text.String())
		}
		written.Pieces = append(written.Pieces, c.Content.Title)
		cards.put(id, c)
		pieces.put(id, written)
		heads.put(id, head{Contact: 2, Desk: 1, Statement: 3, Open: true})
	}
	l := leaving{at: bookmark{Cursor: cases, Roster: 1}, to: key.Recipient()}
	if l.heads, err = heads.take(nil); err != nil {
		b.Fatal(err)
	}
	if l.cards, err = cards.take(nil); err != nil {
		b.Fatal(err)
	}
	if l.texts, err = pieces.take(nil); err != nil {
		b.Fatal(err)
	}
	size := 0
	for _, w := range append(l.cards, l.texts...) {
		size += len(w.plain)
	}
	b.Logf("%d MiB of cards", size>>20)
	if err := l.write(dir); err != nil {
		b.Fatal(err)
	}
	d, err := Open(Config{Dir: string(dir)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.lock.release() })
	open := func() {
		b.Helper()
		s, err := d.newSession(seal.KeyFile{Identity: key})
		if err != nil {
			b.Fatal(err)
		}
		d.s = s
		rows, err := d.Queue(Filter{Limit: 200})
		if err != nil || len(rows) != 200 || !rows[0].Opened {
			b.Fatal(len(rows), err)
		}
	}
	b.Run("unlock", func(b *testing.B) {
		for b.Loop() {
			open()
		}
	})
	open()
	b.Run("texts", func(b *testing.B) {
		for b.Loop() {
			d.s.readTexts()
		}
	})
	b.Run("queue", func(b *testing.B) {
		for b.Loop() {
			if rows, _ := d.Queue(Filter{Limit: 200}); len(rows) != 200 {
				b.Fatal(len(rows))
			}
		}
	})
	for name, q := range map[string]string{"one": "елка98765", "many": "берёза мост", "none": "нетакогослова"} {
		b.Run("search "+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := d.Search(q, 20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
