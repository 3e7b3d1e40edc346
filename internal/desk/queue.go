package desk

import (
	"bytes"
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
)

func placeOf(row api.Case) hotline.Place {
	p := hotline.Place{ID: row.ID, Urgency: row.Urgency}
	if row.WaitingSince != 0 {
		p.Waiting = time.UnixMilli(row.WaitingSince)
	}
	return p
}

// Queue returns the cases that pass the filter, the most pressing first.
func (d *Desk) Queue(filter Filter) ([]Row, error) {
	s, done, err := d.open("queue")
	if err != nil {
		return nil, err
	}
	defer done()
	words := needles(fold(filter.Text))
	all := make([]placed, 0, len(s.files))
	for _, f := range s.files {
		if !s.knows(f) || !s.finds(f, words) || s.mainOf(f) != nil { // a part stands in the row of its main case
			continue
		}
		if p := s.placed(f); s.passes(filter, p) {
			all = append(all, p)
		}
	}
	all = first(all, filter.Limit, comparePlaced)
	out := make([]Row, len(all))
	for i, p := range all {
		out[i] = s.rowOf(p.f)
	}
	return out, nil
}

// placed is a case with what decides where it stands in the queue, small enough to put many in order.
type placed struct {
	f       *caseFile
	urgency hotline.Urgency
	waiting int64 // Unix milliseconds since when somebody waits; 0: nobody does
	stage   hotline.Stage
}

// placed says of a case what rowOf says of it. Desk.mu must be held.
func (s *session) placed(f *caseFile) placed {
	p := placed{f: f, urgency: f.row.Urgency, waiting: f.row.WaitingSince, stage: f.row.Stage}
	if f.synced > 0 {
		g := f.gist()
		p.urgency, p.stage = g.urgency, g.stage
	}
	for _, part := range s.partsOf(f) {
		if w := part.row.WaitingSince; w != 0 && (p.waiting == 0 || w < p.waiting) {
			p.waiting = w
		}
	}
	return p
}

// finds reports whether a case, or one of its parts, holds the words.
func (s *session) finds(f *caseFile, words []needle) bool {
	return f.matches(words) || slices.ContainsFunc(s.partsOf(f), func(p *caseFile) bool { return p.matches(words) })
}

// comparePlaced is hotline.ComparePlaces.
func comparePlaced(a, b placed) int {
	if c := cmp.Compare(b.urgency, a.urgency); c != 0 {
		return c
	}
	switch {
	case a.waiting == b.waiting:
		return bytes.Compare(a.f.id[:], b.f.id[:])
	case a.waiting == 0:
		return 1
	case b.waiting == 0:
		return -1
	}
	return cmp.Compare(a.waiting, b.waiting)
}

// passes looks first at what costs nothing.
func (s *session) passes(filter Filter, p placed) bool {
	if (len(filter.Stages) > 0 && !slices.Contains(filter.Stages, p.stage)) || (filter.OpenOnly && !p.stage.Open()) {
		return false
	}
	if !filter.Unread && !filter.Mine && !filter.Free && filter.Language == "" {
		return true
	}
	return filter.passes(s.rowOf(p.f))
}

// knows reports whether the server has ever listed the case.
func (s *session) knows(f *caseFile) bool {
	_, ok := s.rows[f.id]
	return ok
}

func (f Filter) passes(r Row) bool {
	switch {
	case len(f.Stages) > 0 && !slices.Contains(f.Stages, r.Stage),
		f.OpenOnly && !r.Stage.Open(),
		f.Unread && r.Unread == 0,
		f.Mine && !r.Mine,
		f.Free && r.Assignee != "",
		f.Language != "" && !strings.EqualFold(f.Language, r.Language):
		return false
	}
	return true
}

// foldRune makes a letter that is found whatever its case; ё and е are one
// letter to who searches. One rune stays one rune, so that places in folded
// text are places in the text.
func foldRune(r rune) rune {
	switch r = unicode.ToLower(r); r {
	case 'ё':
		return 'е'
	}
	return r
}

func foldText(text string) string { return strings.Map(foldRune, norm.NFC.String(text)) }

// fold returns the folded words of a query.
func fold(query string) []string { return strings.Fields(foldText(query)) }

// indexText makes the text in which a case is found: once for each change.
func (f *caseFile) indexText() {
	a := f.acts()
	pieces := []string{f.title(a)}
	for _, r := range slices.Backward(f.records) {
		if r.readable {
			pieces = append(pieces, r.body.Text)
		}
	}
	for _, o := range slices.Backward(f.statements) {
		if o.body.Text != "" || o.body.Title != "" {
			pieces = append(pieces, strings.TrimSpace(o.body.Title+" "+o.body.Text))
		}
	}
	f.pieces = f.pieces[:0]
	for _, p := range pieces {
		f.pieces = append(f.pieces, norm.NFC.String(p))
	}
	f.foldPieces(f.code())
}

func (f *caseFile) matches(words []needle) bool {
	for _, w := range words {
		if !w.in(f.index) {
			return false
		}
	}
	return true
}

// Search finds the cases that hold every word of the query: in messages,
// notes, titles, the channel code and the id. The most pressing come first.
func (d *Desk) Search(query string, limit int) ([]Hit, error) {
	s, done, err := d.open("search")
	if err != nil {
		return nil, err
	}
	defer done()
	words := fold(query)
	if len(words) == 0 {
		return nil, nil
	}
	found := first(s.matching(needles(words)), limit, func(a, b *caseFile) int { return hotline.ComparePlaces(placeOf(a.row), placeOf(b.row)) })
	hits := make([]Hit, 0, len(found))
	seen := map[hotline.CaseID]bool{}
	for _, f := range found {
		main := f
		if m := s.mainOf(f); m != nil {
			main = m
		}
		if !seen[main.id] {
			seen[main.id] = true
			hits = append(hits, Hit{Row: s.rowOf(main), Snippet: f.around(words[0])})
		}
	}
	return hits, nil
}

// matching looks through all cases, on all processors. Desk.mu must be held.
func (s *session) matching(words []needle) []*caseFile {
	all := make([]*caseFile, 0, len(s.files))
	for _, f := range s.files {
		all = append(all, f)
	}
	parts := make([][]*caseFile, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for n := range parts {
		group.Go(func() {
			for i := n; i < len(all); i += len(parts) {
				if f := all[i]; f.matches(words) && s.knows(f) {
					parts[n] = append(parts[n], f)
				}
			}
		})
	}
	group.Wait()
	return slices.Concat(parts...)
}

// around returns the text around the first place where a word stands.
func (f *caseFile) around(word string) string {
	const before, length = 40, 140
	for _, p := range f.pieces {
		at := strings.Index(strings.Map(foldRune, p), word)
		if at < 0 {
			continue
		}
		start := len([]rune(strings.Map(foldRune, p)[:at])) - before
		runes := []rune(p)
		lead := ""
		if start > 0 {
			lead, runes = "…", runes[start:]
		}
		return lead + shorten(string(runes), length)
	}
	return f.snippet()
}

// Locate asks the server which cases a channel code names. A code proves
// nothing: whoever says it may have found it.
func (d *Desk) Locate(ctx context.Context, code string) ([]Row, error) {
	parsed, err := hotline.ParseChannelCode(code)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "locate", "%w", err)
	}
	s, done, err := d.open("locate")
	if err != nil {
		return nil, err
	}
	done()
	found, err := s.client.Locate(ctx, parsed)
	if err != nil {
		return nil, err
	}
	for _, id := range found.Cases {
		fresh := false
		err := s.under(func() error {
			f := s.files[id]
			fresh = f != nil && f.upToDate()
			return nil
		})
		if err == nil && !fresh {
			err = s.refreshCase(ctx, id)
		}
		if err != nil {
			return nil, err
		}
	}
	var rows []Row
	err = s.under(func() error {
		for _, id := range found.Cases {
			if f := s.files[id]; f != nil && s.knows(f) {
				rows = append(rows, s.rowOf(f))
			}
		}
		return nil
	})
	return rows, err
}
