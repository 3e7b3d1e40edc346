package desk

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
)

// ledger is the journal as this desk has read and checked it: every entry
// against the checkpoint that the desk itself keeps. The server's word for
// what is in it counts nothing.
type ledger struct {
	rows     []LedgerRow
	size     int64 // of the checkpoint against which they were checked
	loading  bool
	goal     int64 // size that is being loaded
	fault    error
	checked  time.Time // when the journal was last shown to continue
	unproved int       // rows that are not in the tree
	tiles    map[string][]byte
}

// LedgerRow is one entry of the journal.
type LedgerRow struct {
	Index  int64
	Hour   hotline.Hour
	Actor  string // operator id, or the name of a process
	Name   string // call-name, if the roster has it
	Act    string
	Case   string // hexadecimal, or empty
	Proved bool   // it is in the tree of the checkpoint
	Gone   bool   // the words were let go; that something was done is proved all the same
	Raw    string // when it is not in the form that is expected
	Line   string // as it was logged
}

// Detail returns what the act binds: ids and hashes.
func (r LedgerRow) Detail() map[string]string {
	e, err := journal.ParseEntry([]byte(r.Line))
	if err != nil {
		return nil
	}
	return e.Detail
}

// LedgerState says how far the desk has read and checked the journal.
type LedgerState struct {
	Loaded, Goal int64
	Loading      bool
	Fault        hotline.Sentence // why it could not go on; zero: it could
	Checkpoint   []byte           // the desk's own, as it was signed
	Size         int64
	Root         string
	Key          string // of the journal, from the roster
	Checked      time.Time
	Unproved     int
	Broken       int // alarms about the journal that this desk has raised, acknowledged or not
}

// LedgerFilter narrows the journal; empty fields do not.
type LedgerFilter struct {
	Actor string // operator id
	Case  string // the beginning of a case id, at least 4 digits
	Act   string // "case.read", or a family of acts: "case."
	From  hotline.Hour
	To    hotline.Hour // up to and not with; 0: no end
}

// Ledger says how far the journal was read here.
func (d *Desk) Ledger() LedgerState {
	s, done, err := d.open("journal")
	if err != nil {
		return LedgerState{Fault: hotline.SaidBy(err)}
	}
	defer done()
	l := &s.ledger
	st := LedgerState{
		Loaded: int64(len(l.rows)), Goal: l.goal, Loading: l.loading, Checkpoint: []byte(s.kept.Checkpoint),
		Key: s.roster.Journal, Checked: l.checked, Unproved: l.unproved,
	}
	if l.fault != nil {
		st.Fault = hotline.SaidBy(l.fault)
	}
	if c, err := s.checkpoint(); err == nil {
		st.Size, st.Root = c.Size, hex.EncodeToString(c.Root[:])
	}
	st.Broken = len(s.kept.Evidence)
	for _, a := range s.kept.Alarms {
		if a.Checkpoint != "" && !a.Acknowledged {
			st.Broken++
		}
	}
	return st
}

// ReadLedger reads and checks what has been added since; it returns when that is
// done, or after patience, and then goes on in the background.
func (d *Desk) ReadLedger(patience time.Duration) error {
	s, done, err := d.open("journal")
	if err != nil {
		return err
	}
	switch {
	case !hotline.Allowed(hotline.ActionJournalLeaves, s.me.Roles...):
		err = hotline.Errorf(hotline.KindDenied, "journal", "auditors and supervisors read the journal")
	case !s.online:
		err = hotline.Errorf(hotline.KindUnavailable, "journal", "there is no connection to the server")
	case s.ledger.loading:
		done()
		return nil
	}
	if err != nil {
		done()
		return err
	}
	s.ledger.loading, s.ledger.fault = true, nil
	finished := make(chan struct{})
	s.wg.Go(func() {
		defer close(finished)
		err := s.readLedger(s.ctx)
		_ = s.under(func() error { // a locked desk keeps nothing
			s.ledger.loading, s.ledger.fault = false, err
			s.d.changed(NoticeState)
			return nil
		})
	})
	done()
	select {
	case <-finished:
	case <-time.After(patience):
	}
	return nil
}

// readLedger pins the newest checkpoint, which must continue the one before,
// and then reads up to it.
func (s *session) readLedger(ctx context.Context) error {
	if err := s.refreshCheckpoint(ctx); err != nil {
		return err
	}
	var head citedCheckpoint
	var next int64
	err := s.under(func() (err error) {
		head, err = s.checkpoint()
		s.ledger.goal, s.ledger.checked = head.Size, s.d.cfg.Clock.Now()
		next = int64(len(s.ledger.rows))
		if s.ledger.tiles == nil {
			s.ledger.tiles = map[string][]byte{}
		}
		return err
	})
	if err != nil {
		return err
	}
	tree := tlog.TileHashReader(tlog.Tree{N: head.Size, Hash: head.Root}, &tileSource{ctx: ctx, s: s})
	for next < head.Size {
		page, err := s.client.Leaves(ctx, next)
		if err != nil {
			return err
		}
		page.Leaves = page.Leaves[:min(int64(len(page.Leaves)), head.Size-next)]
		if len(page.Leaves) == 0 {
			return hotline.Errorf(hotline.KindForged, "journal", "the server does not hand out entry %d, and has signed that there is one", next)
		}
		proved, err := provedLeaves(tree, next, page.Leaves)
		if err != nil {
			return err
		}
		anew := false
		err = s.under(func() error {
			if anew = int64(len(s.ledger.rows)) != next; anew {
				return nil // the desk goes on with another journal since
			}
			for i, leaf := range page.Leaves {
				s.addLeaf(leaf, next+int64(i), proved[i])
			}
			s.ledger.size = head.Size
			s.d.changed(NoticeState)
			return nil
		})
		if err != nil || anew {
			return err
		}
		next += int64(len(page.Leaves))
	}
	return nil
}

// provedLeaves reports which of the leaves are in the tree at their places. The
// tree's hashes have been checked against its root.
func provedLeaves(tree tlog.HashReader, first int64, leaves []api.Leaf) ([]bool, error) {
	at := make([]int64, len(leaves))
	for i := range leaves {
		at[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	hashes, err := tree.ReadHashes(at)
	if err != nil {
		if k := hotline.KindOf(err); k == hotline.KindUnavailable || k == hotline.KindUnknown || k == hotline.KindBusy {
			return nil, err
		}
		return nil, hotline.Errorf(hotline.KindForged, "journal", "the hashes that the server shows do not lead to the checkpoint: %w", err)
	}
	out := make([]bool, len(leaves))
	for i, l := range leaves {
		out[i] = l.Index == first+int64(i) && hashes[i] == journal.Commitment(l.Commitment).Hash()
	}
	return out, nil
}

// addLeaf adds one entry. Desk.mu must be held.
func (s *session) addLeaf(l api.Leaf, index int64, proved bool) {
	row := LedgerRow{Index: index, Proved: proved, Gone: l.Blind.IsZero()}
	if !row.Gone {
		o := journal.Opening{Blind: journal.Blind(l.Blind), Line: []byte(l.Entry)}
		e, err := journal.VerifyOpening(journal.Commitment(l.Commitment), o)
		if err != nil {
			row.Proved, row.Raw = false, l.Entry // not the words that were logged
		} else {
			row.Hour, row.Actor, row.Act, row.Case, row.Line = hotline.Hour(e.Hour), e.Actor, e.Act, e.Case, l.Entry
			if m, ok := s.roster.Member(e.Actor); ok {
				row.Name = m.Name
			}
		}
	}
	if !row.Proved {
		s.ledger.unproved++
		_ = s.alarm("entry "+strconv.FormatInt(index, 10), keptAlarm{
			Text: hotline.Say("Entry %d of the journal is not the one that the checkpoint commits to.", index),
		})
	}
	s.ledger.rows = append(s.ledger.rows, row)
}

// tileSource gets the tree's tiles, each once. [tlog.TileHashReader] checks
// them against the root.
type tileSource struct {
	ctx context.Context //nolint:containedctx // tlog's interface passes none
	s   *session
}

// Height implements [tlog.TileReader].
func (*tileSource) Height() int { return 8 }

// ReadTiles implements [tlog.TileReader].
func (t *tileSource) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := journal.TilePath(tile)
		err := t.s.under(func() error { out[i] = t.s.ledger.tiles[path]; return nil })
		if err != nil {
			return nil, err
		}
		if out[i] != nil {
			continue
		}
		if out[i], err = t.s.client.Tile(t.ctx, strings.TrimPrefix(path, "tile/")); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SaveTiles implements [tlog.TileReader]: these tiles have been checked.
func (t *tileSource) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	_ = t.s.under(func() error { // a locked desk keeps nothing
		for i, tile := range tiles {
			if tile.W == 1<<tile.H { // a tile that is not full grows
				t.s.ledger.tiles[journal.TilePath(tile)] = data[i]
			}
		}
		return nil
	})
}

func (f LedgerFilter) passes(r LedgerRow) bool {
	switch {
	case f.Actor != "" && r.Actor != f.Actor,
		f.Case != "" && !strings.HasPrefix(r.Case, f.Case),
		f.Act != "" && r.Act != f.Act && (!strings.HasSuffix(f.Act, ".") || !strings.HasPrefix(r.Act, f.Act)),
		f.From != 0 && r.Hour < f.From,
		f.To != 0 && r.Hour >= f.To:
		return false
	}
	return true
}

func (f LedgerFilter) empty() bool { return f == LedgerFilter{} }

// LedgerPage returns entries that pass the filter, newest first: at most n after
// leaving out the first skip, and how many there are in all.
func (d *Desk) LedgerPage(f LedgerFilter, skip, n int) ([]LedgerRow, int) {
	s, done, err := d.open("journal")
	if err != nil {
		return nil, 0
	}
	defer done()
	var out []LedgerRow
	total := 0
	for _, r := range slices.Backward(s.ledger.rows) {
		if (r.Gone || r.Raw != "") && !f.empty() || !f.passes(r) {
			continue
		}
		if total >= skip && len(out) < n {
			out = append(out, r)
		}
		total++
	}
	return out, total
}

// LedgerActs lists the acts that there are, for choosing one.
func (d *Desk) LedgerActs() []string {
	s, done, err := d.open("journal")
	if err != nil {
		return nil
	}
	defer done()
	var out []string
	for _, r := range s.ledger.rows {
		if r.Act != "" && !slices.Contains(out, r.Act) {
			out = append(out, r.Act)
		}
	}
	slices.Sort(out)
	return out
}

// ReadCount is what one person did on one day.
type ReadCount struct {
	Day      hotline.Hour // first hour of the day (UTC)
	Actor    string
	Name     string
	Opened   int // different cases opened by hand
	Openings int // how often
	Replies  int
	Acts     int // statements: stages, notes, words and the like
	Located  int // codes looked up
	Fetched  int // cases that the desk fetched by itself
	Alarms   int // of tripwires
}

// CaseReader is who opened a case by hand.
type CaseReader struct {
	Actor string
	Name  string
	Times int
	First hotline.Hour
	Last  hotline.Hour
}

const dayHours = 24

// LedgerReads counts by person and day, newest day first.
func (d *Desk) LedgerReads(f LedgerFilter) []ReadCount {
	s, done, err := d.open("journal")
	if err != nil {
		return nil
	}
	defer done()
	type key struct {
		day   hotline.Hour
		actor string
	}
	counts := map[key]*ReadCount{}
	opened := map[key]map[string]bool{}
	of := func(r LedgerRow, actor string) (*ReadCount, key) {
		k := key{r.Hour / dayHours * dayHours, actor}
		if counts[k] == nil {
			counts[k] = &ReadCount{Day: k.day, Actor: actor}
			if m, ok := s.roster.Member(actor); ok {
				counts[k].Name = m.Name
			}
			opened[k] = map[string]bool{}
		}
		return counts[k], k
	}
	for _, r := range s.ledger.rows {
		if r.Act == "" || !f.passes(r) {
			continue
		}
		switch r.Act {
		case "case.read":
			c, k := of(r, r.Actor)
			c.Openings++
			opened[k][r.Case] = true
			c.Opened = len(opened[k])
		case "case.reply":
			c, _ := of(r, r.Actor)
			c.Replies++
		case "case.statement":
			c, _ := of(r, r.Actor)
			c.Acts++
		case "case.locate":
			c, _ := of(r, r.Actor)
			c.Located++
		case "case.sync":
			c, _ := of(r, r.Actor)
			n, _ := strconv.Atoi(r.Detail()["cases"]) // what is no number counts nothing
			c.Fetched += n
		case "tripwire.alarm":
			c, _ := of(r, r.Detail()["who"])
			c.Alarms++
		}
	}
	out := make([]ReadCount, 0, len(counts))
	for _, c := range counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b ReadCount) int {
		switch {
		case a.Day != b.Day:
			return int(b.Day - a.Day)
		case a.Opened != b.Opened:
			return b.Opened - a.Opened
		}
		return strings.Compare(a.Actor, b.Actor)
	})
	return out
}

// LedgerReaders lists who opened a case, by the beginning of its id.
func (d *Desk) LedgerReaders(f LedgerFilter) []CaseReader {
	s, done, err := d.open("journal")
	if err != nil {
		return nil
	}
	defer done()
	byActor := map[string]*CaseReader{}
	f.Act = "case.read"
	for _, r := range s.ledger.rows {
		if r.Act == "" || !f.passes(r) {
			continue
		}
		c := byActor[r.Actor]
		if c == nil {
			c = &CaseReader{Actor: r.Actor, Name: r.Name, First: r.Hour}
			byActor[r.Actor] = c
		}
		c.Times++
		c.First, c.Last = min(c.First, r.Hour), max(c.Last, r.Hour)
	}
	out := make([]CaseReader, 0, len(byActor))
	for _, c := range byActor {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b CaseReader) int {
		if a.Times != b.Times {
			return b.Times - a.Times
		}
		return strings.Compare(a.Actor, b.Actor)
	})
	return out
}
