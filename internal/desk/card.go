package desk

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// card is what a desk keeps on its disk of a case, sealed to the operator, so
// that the queue is there as soon as the desk is unlocked, and the search a
// moment later, and not only when a hundred thousand cases have been fetched
// and opened again. It holds no key. A case in which somebody waits, or in
// which something does not verify, has a card without content: it is fetched
// anew. The texts stand beside the cards (see texts), for they take longer to read.
type card struct {
	Row     api.Case `json:"row"`
	Synced  int64    `json:"synced,omitempty"` // version of the row with which the content came
	Content *content `json:"content,omitempty"`
}

// content is a quiet case as it was opened.
type content struct {
	Stage    hotline.Stage   `json:"stage"`
	Urgency  hotline.Urgency `json:"urgency,omitempty"`
	Urged    bool            `json:"urged,omitempty"`
	Assignee seal.OperatorID `json:"assignee,omitempty"`
	Language string          `json:"language,omitempty"`
	People   int             `json:"people,omitempty"`
	Title    string          `json:"title,omitempty"`
	Snippet  string          `json:"snippet,omitempty"`
	Files    []FileKind      `json:"files,omitempty"`
	Code     []string        `json:"code,omitempty"`
	Ties     []seal.Tie      `json:"ties,omitempty"`
	Epoch    int             `json:"epoch"` // that the newest key is wrapped to
	Chat     chatGist        `json:"chat,omitzero"`
}

// String shows nothing.
func (content) String() string { return "content(hidden)" }

// GoString shows nothing.
func (content) GoString() string { return "content(hidden)" }

// texts are what was written in a case, the newest first.
type texts struct {
	Synced int64    `json:"synced"` // as on the card: otherwise they are of another day
	Pieces []string `json:"pieces"`
}

// String shows nothing.
func (texts) String() string { return "texts(hidden)" }

// GoString shows nothing.
func (texts) GoString() string { return "texts(hidden)" }

// toCard puts a case on its card. Desk.mu must be held.
func (s *session) toCard(f *caseFile) {
	c := f.cardOf()
	s.cards.put(f.id, c)
	switch {
	case c.Content == nil:
		s.texts.drop(f.id)
	case f.content == nil:
		s.texts.put(f.id, texts{c.Synced, f.pieces})
	}
}

// cardOf makes the card of a case.
func (f *caseFile) cardOf() card {
	if f.content != nil {
		return card{f.row, f.synced, f.content}
	}
	c := card{Row: f.row}
	if !f.quiet() {
		return c
	}
	c.Synced = f.synced
	g := f.gist()
	c.Content = &content{
		Stage: g.stage, Urgency: g.urgency, Urged: g.urged, Assignee: g.assignee, Language: g.language, People: g.people,
		Title: g.title, Snippet: g.snippet, Files: g.files, Code: f.code(), Ties: g.ties, Epoch: f.generations[len(f.generations)-1].Epoch,
		Chat: g.chat,
	}
	return c
}

// quiet reports whether a case can rest on a card: it is wholly opened, all of
// it verifies, and nobody waits in it.
func (f *caseFile) quiet() bool {
	if !f.upToDate() || f.row.WaitingSince != 0 || len(f.generations) == 0 || len(f.keys) < len(f.generations) || f.doubtful() || len(f.lasting) > 0 {
		return false
	}
	g := f.gist()
	return g.problems == 0 && g.unread == 0 && g.stage != hotline.StageNew
}

// epoch is the epoch of the team's key to which the newest key of the case
// was first wrapped.
func (f *caseFile) epoch() (n int, known bool) {
	if f.content != nil {
		return f.content.Epoch, true
	}
	if len(f.generations) == 0 {
		return 0, false
	}
	return f.generations[len(f.generations)-1].Epoch, true
}

// fromCard is a case as its card has it.
func fromCard(id hotline.CaseID, c card) *caseFile {
	f := &caseFile{id: id, row: c.Row, keys: map[int]seal.Identity{}, content: c.Content}
	if c.Content == nil {
		return f
	}
	f.synced = c.Synced
	return f
}

// gist is what the queue shows of a case on a card.
func (c *content) gist() *gist {
	return &gist{
		acts: acts{
			stage: c.Stage, urgency: c.Urgency, urged: c.Urged, assignee: c.Assignee, title: c.Title, language: c.Language, ties: c.Ties, handover: -1,
		},
		language: c.Language, people: c.People, title: c.Title, snippet: c.Snippet, files: c.Files, chat: c.Chat,
	}
}

// codeIndex is how a channel code is found.
func codeIndex(code []string) string {
	if code == nil {
		return ""
	}
	return "\n" + strings.Join(code, "") + "\n" + strings.Join(code, " ") + "\n" + strings.Join(code, "-")
}

// foldPieces makes the text in which a case is found.
func (f *caseFile) foldPieces(code []string) {
	var b strings.Builder
	b.WriteString(f.id.String())
	for _, p := range f.pieces {
		b.WriteByte('\n')
		for _, r := range p {
			b.WriteRune(foldRune(r))
		}
	}
	b.WriteString(codeIndex(code))
	f.index = pack(b.String())
}

// loadCards brings back the cases that were on cards when the desk was last
// open. They are a convenience: what is damaged is thrown away and fetched.
func (s *session) loadCards() error {
	files := make([]map[hotline.CaseID]*caseFile, drawers)
	for n := range files {
		files[n] = map[hotline.CaseID]*caseFile{}
	}
	var strange atomic.Bool
	err := s.cards.load(s.d.dir, s.keys.Identity, func(id hotline.CaseID, c card) {
		if c.Row.ID != id {
			strange.Store(true)
		}
		files[id[0]][id] = fromCard(id, c)
	})
	if err == nil && strange.Load() {
		err = hotline.Errorf(hotline.KindInvalid, "desk folder", "%s is damaged", dirCards)
	}
	var at bookmark
	if err == nil {
		err = s.d.dir.readSealed(s.keys.Identity, fileBookmark, &at)
	}
	if err == nil && at.Roster == 0 && len(s.cards.all) > 0 {
		err = hotline.Errorf(hotline.KindInvalid, "desk folder", "%s is damaged", fileBookmark)
	}
	var e *hotline.Error
	if errors.As(err, &e) && e.Kind == hotline.KindInvalid {
		s.d.cfg.Log.Warn("the cards of cases cannot be used: every case is fetched again")
		if err := s.d.dir.remove(fileBookmark); err != nil {
			return err
		}
		return errors.Join(s.cards.discard(s.d.dir), s.texts.discard(s.d.dir))
	}
	if err != nil {
		return err
	}
	s.cursor, s.reading = at.Cursor, map[byte]bool{}
	for n := range drawers {
		s.reading[byte(n)] = true
	}
	for _, drawer := range files {
		for id, f := range drawer {
			s.files[id], s.rows[id] = f, f.row
			if !f.upToDate() && s.worthFetching(f) {
				s.dirty[id] = true
			}
		}
	}
	return nil
}

// readTexts brings the texts back, drawer by drawer, while the desk is in use.
func (s *session) readTexts() {
	var identity seal.Identity
	if s.under(func() error { identity = s.keys.Identity; return nil }) != nil {
		return
	}
	group, ctx := errgroup.WithContext(s.ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n := range drawers {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			drawer := byte(n) //nolint:gosec // n is below 256
			read, err := s.texts.read(s.d.dir, identity, drawer)
			if err != nil {
				read = nil // as if there were none: the cases are fetched
			}
			folded := map[hotline.CaseID]*caseFile{}
			for id, t := range read {
				folded[id] = &caseFile{id: id, pieces: t.Pieces, synced: t.Synced}
				folded[id].foldPieces(nil)
			}
			return s.under(func() error { s.takeTexts(drawer, read, folded); return nil })
		})
	}
	if group.Wait() == nil {
		s.d.changed(NoticeState)
		poke(s.work)
	}
}

func (s *session) takeTexts(drawer byte, read map[hotline.CaseID]texts, folded map[hotline.CaseID]*caseFile) {
	delete(s.reading, drawer)
	for id, f := range s.files {
		if id[0] != drawer || f.content == nil {
			continue
		}
		t := folded[id]
		if t == nil || t.synced != f.synced || t.pieces == nil {
			f.content, f.synced, f.short = nil, 0, nil
			s.dirty[id] = true
			s.toCard(f)
			continue
		}
		f.pieces, f.index = t.pieces, t.index+pack(codeIndex(f.content.Code))
		if _, newer := s.texts.all[id]; !newer {
			s.texts.all[id] = read[id]
		}
	}
}

// bookmark is how far in the feed the cards go.
type bookmark struct {
	Cursor int64 `json:"cursor"`
	Roster int64 `json:"roster"` // serial; never 0 in one that was written
}

// keepEvery is how often heads and cards are written while they change. What
// a power cut takes is fetched again.
const keepEvery = 5 * time.Second

func (s *session) keepCasesOften(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.d.cfg.Clock.After(keepEvery):
		}
		if err := s.keepCases(); err != nil {
			return err
		}
	}
}

// keepCases writes what changed of heads and cards.
func (s *session) keepCases() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	var l leaving
	err := s.under(func() (err error) {
		l, err = s.leaving()
		return err
	})
	if err != nil {
		return err
	}
	if err := l.write(s.d.dir); err != nil {
		return errors.Join(err, s.under(func() error {
			s.heads.failed(l.heads)
			s.cards.failed(l.cards)
			s.texts.failed(l.texts)
			return nil
		}))
	}
	return nil
}

// leaving is what goes to the disk, with the key it is sealed to.
type leaving struct {
	heads, cards, texts []written
	at                  bookmark
	to                  seal.Recipient
}

// leaving takes what the disk lacks. Desk.mu must be held.
func (s *session) leaving() (l leaving, err error) {
	l.at, l.to = bookmark{Cursor: s.cursor, Roster: s.roster.Serial}, s.keys.Identity.Recipient()
	if l.heads, err = s.heads.take(nil); err != nil {
		return l, err
	}
	if l.cards, err = s.cards.take(nil); err != nil {
		s.heads.failed(l.heads)
		return l, err
	}
	// A drawer that was not read yet must not be written over.
	if l.texts, err = s.texts.take(s.reading); err != nil {
		s.heads.failed(l.heads)
		s.cards.failed(l.cards)
	}
	return l, err
}

// write puts it there. The place in the feed comes last: if the power goes
// before, some cases are shown again.
func (l leaving) write(to folder) error {
	if len(l.heads)+len(l.cards)+len(l.texts) == 0 {
		return nil
	}
	if err := writeDrawers(to, l.to, l.heads); err != nil {
		return err
	}
	if err := writeDrawers(to, l.to, l.texts); err != nil {
		return err
	}
	if err := writeDrawers(to, l.to, l.cards); err != nil || l.at.Roster == 0 {
		return err
	}
	return to.writeSealed(l.to, fileBookmark, l.at)
}
