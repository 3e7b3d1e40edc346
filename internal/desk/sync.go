package desk

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// maxBatch is how many cases are fetched at once: one leaf of the journal. It
// is far below the API's limit so that a page never waits behind the merging.
const maxBatch = 50

// takeRow takes the server's row of a case. Desk.mu must be held.
func (s *session) takeRow(row api.Case) {
	old, known := s.rows[row.ID]
	if known && row.Version < old.Version {
		return // an answer that was overtaken by the feed
	}
	if f := s.files[row.ID]; known && row == old && f != nil && !f.gone {
		return
	}
	s.rows[row.ID] = row
	f := s.files[row.ID]
	if f == nil {
		f = &caseFile{id: row.ID, keys: map[int]seal.Identity{}}
		s.files[row.ID] = f
	}
	f.row, f.gone, f.short = row, false, nil
	if row.Folded && !old.Folded {
		if err := s.letGo(row.ID); err != nil {
			s.d.cfg.Log.Error("what is kept of a folded case could not be removed", "kind", hotline.KindOf(err).String())
		}
	}
	s.checkRow(f, row)
	if !f.upToDate() && s.worthFetching(f) {
		s.dirty[row.ID] = true
	}
	s.toCard(f)
	s.d.changedCase(row.ID)
}

// worthFetching spares the fetching of cases that have ended. That one has
// ended only counts when operators have signed it: a server that files an
// open case among the ended ones would hide a person.
func (s *session) worthFetching(f *caseFile) bool {
	h, ok := s.heads.all[f.id]
	if f.row.Folded {
		return ok && h.Open && f.synced == 0
	}
	return f.row.Stage.Open() || !ok || h.Open || h.Statement != f.row.StatementSeq || h.StatementHead != f.row.StatementHead
}

// checkRow compares a row with how long the case was before.
func (s *session) checkRow(f *caseFile, row api.Case) {
	h, ok := s.heads.all[row.ID]
	if !ok {
		return
	}
	if row.ContactSeq < h.Contact || row.DeskSeq < h.Desk || row.StatementSeq < h.Statement || row.Generation < h.Generation {
		s.caseWentBack(f)
	}
}

// caseWentBack shows that the server shows less of a case than it did.
func (s *session) caseWentBack(f *caseFile) {
	id := f.id
	f.note(ProblemRollback, "The server shows less of this case than this desk has seen before, or something else in its place.")
	_ = s.alarm("went back "+id.String(), keptAlarm{ // not blocking: the error can only be of the disk, and comes again
		Case: &id, Text: hotline.Say("Case %s is shorter than it was, or was changed afterwards.", id.Short()),
	})
}

// checkVanished raises an alarm when open cases known before are gone from the
// server's list.
func (s *session) checkVanished(listed func(hotline.CaseID) bool) error {
	for id, h := range s.heads.all {
		if listed(id) || !h.Open {
			continue
		}
		if err := s.alarm("vanished "+id.String(), keptAlarm{
			Case: &id, Text: hotline.Say("Case %s was open and is no longer in the server's list.", id.Short()),
		}); err != nil {
			return err
		}
	}
	return nil
}

// reopen marks the cases that show something which a new key may open, or a
// new roster, manifest or epoch may verify: a colleague's act can come before
// the roster that names the colleague.
func (s *session) reopen() {
	for id, f := range s.files {
		if f.synced > 0 && f.doubtful() {
			f.reload = true
			s.dirty[id] = true
		}
	}
	poke(s.work)
}

func (f *caseFile) doubtful() bool {
	return !f.keyTrouble.IsZero() || len(f.astray) > 0 || f.locked() || len(f.keys) < len(f.generations) ||
		slices.ContainsFunc(f.records, func(r openRecord) bool { return !r.verified || !r.readable }) ||
		slices.ContainsFunc(f.statements, func(o openStatement) bool { return !o.verified || len(o.problems) > 0 })
}

// syncDirty fetches what changed, the most urgent cases first.
func (s *session) syncDirty(ctx context.Context) error {
	for {
		var items []api.SyncItem
		if err := s.under(func() error { items = s.nextBatch(); return nil }); err != nil || len(items) == 0 {
			return err
		}
		if err := s.fetch(ctx, items); err != nil {
			return err
		}
	}
}

func (s *session) nextBatch() []api.SyncItem {
	due := make([]hotline.Place, 0, maxBatch+1) // the most pressing, in order
	for id := range s.dirty {
		f := s.files[id]
		if f == nil || (f.upToDate() && !f.reload) {
			delete(s.dirty, id)
			continue
		}
		p := placeOf(f.row)
		if len(due) == maxBatch && hotline.ComparePlaces(p, due[maxBatch-1]) >= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(due, p, hotline.ComparePlaces)
		due = slices.Insert(due, at, p)
		due = due[:min(len(due), maxBatch)]
	}
	var items []api.SyncItem
	for _, p := range due {
		items = append(items, s.wants(s.files[p.ID]))
	}
	return items
}

// wants says what this desk lacks of a case.
func (s *session) wants(f *caseFile) api.SyncItem {
	item := api.SyncItem{ID: f.id, AfterPlace: -1, AfterStatement: -1}
	if f.reload {
		return item
	}
	if n := len(f.records); n > 0 {
		item.AfterPlace = f.records[n-1].place
	}
	item.AfterStatement, _ = f.lastStatement()
	return item
}

// fetch gets content and merges it. One at a time: of two answers that
// overlap the older could come last and look like a case that went back.
func (s *session) fetch(ctx context.Context, items []api.SyncItem) error {
	s.fetching.Lock()
	defer s.fetching.Unlock()
	answer, err := s.client.Sync(ctx, api.SyncRequest{Items: items})
	if err != nil {
		return err
	}
	asked := map[hotline.CaseID]api.SyncItem{}
	for _, i := range items {
		asked[i.ID] = i
	}
	for _, b := range answer.Cases {
		item, ok := asked[b.Case.ID]
		if !ok {
			continue // nobody asked for it
		}
		delete(asked, b.Case.ID)
		if err := s.under(func() error { s.merge(item, b); return nil }); err != nil {
			return err
		}
	}
	return s.under(func() error {
		for id := range asked {
			delete(s.dirty, id)
			if f := s.files[id]; f != nil {
				f.gone = true
				f.note(ProblemMissing, "The server does not hand out this case any more.")
				s.d.changedCase(id)
			}
		}
		return nil
	})
}

// refreshCase brings one case up to date.
func (s *session) refreshCase(ctx context.Context, id hotline.CaseID) error {
	var item api.SyncItem
	err := s.under(func() error {
		f := s.files[id]
		if f == nil {
			f = &caseFile{id: id, keys: map[int]seal.Identity{}}
			s.files[id] = f
		}
		item = s.wants(f)
		return nil
	})
	if err != nil {
		return err
	}
	return s.fetch(ctx, []api.SyncItem{item})
}

// fetched makes sure that a case of which only the card is here is opened.
func (s *session) fetched(ctx context.Context, id hotline.CaseID) error {
	onCard := false
	err := s.under(func() error {
		f := s.files[id]
		onCard = f != nil && f.content != nil
		return nil
	})
	if err != nil || !onCard {
		return err
	}
	return s.refreshCase(ctx, id)
}

// merge adds what the server sent of a case. Desk.mu must be held.
func (s *session) merge(item api.SyncItem, b api.Bundle) {
	s.takeRow(b.Case)
	f := s.files[b.Case.ID]
	whole := item.AfterPlace == -1 && item.AfterStatement == -1
	if b.Case.Folded && !s.takeFolded(f, &b) {
		return
	}
	s.takeGenerations(f, b.Generations)
	before := *f
	if whole {
		f.records, f.statements, f.reload = nil, nil, false
	}
	s.takeRecords(f, b.Records)
	s.takeStatements(f, b.Statements)
	if whole {
		s.compare(f, before)
	}
	s.takeGateway(f, b)
	f.pending, f.content = slices.Clone(b.Pending), nil
	// A long answer is cut at the end; what came then brings the next step
	// nearer. An answer that brings nothing is all that there is.
	if f.complete() || len(b.Records)+len(b.Statements) == 0 {
		f.synced = b.Case.Version
		s.checkHead(f)
	}
	s.remember(f)
	f.indexText()
	f.short = nil
	s.toCard(f)
	delete(s.dirty, f.id)
	if !f.upToDate() && s.worthFetching(f) {
		s.dirty[f.id] = true
		poke(s.work)
	}
	s.lookAtTies(f)
	s.d.changedCase(f.id)
	for _, t := range f.ties() { // they are drawn together
		s.d.changedCase(t.Other)
	}
}

// complete reports whether as much is there as the server's row counts.
func (f *caseFile) complete() bool {
	var person, desk int64 = -1, -1
	for _, r := range f.records {
		switch {
		case r.side == hotline.SideDesk:
			desk = max(desk, r.header.Seq)
		case r.side == hotline.SideContact || !f.row.Channel.Sealed():
			person = max(person, r.header.Seq)
		}
	}
	statement, _ := f.lastStatement()
	return person >= f.row.ContactSeq && desk >= f.row.DeskSeq && statement >= f.row.StatementSeq
}

// takeRecords appends records in order of their places. A place that is
// already known is not taken twice: it must be what it was.
func (s *session) takeRecords(f *caseFile, in []api.Record) {
	in = slices.Clone(in)
	slices.SortStableFunc(in, func(a, b api.Record) int { return int(a.Place - b.Place) })
	for _, rec := range in {
		o := s.openRecord(f, rec)
		i := slices.IndexFunc(f.records, func(r openRecord) bool { return r.place == rec.Place })
		switch {
		case i >= 0 && f.records[i].hash == o.hash:
		case i >= 0:
			s.caseWentBack(f)
		default:
			f.records = append(f.records, o)
		}
	}
}

func (s *session) takeStatements(f *caseFile, in []api.Statement) {
	in = slices.Clone(in)
	slices.SortStableFunc(in, func(a, b api.Statement) int { return int(a.Seq - b.Seq) })
	for _, text := range in {
		o := s.openStatement(f, text)
		i := slices.IndexFunc(f.statements, func(x openStatement) bool { return x.seq == text.Seq })
		switch {
		case i >= 0 && f.statements[i].hash == o.hash:
			continue
		case i >= 0:
			s.caseWentBack(f)
			continue
		}
		next, hash := f.lastStatement()
		switch {
		case o.seq != next+1:
			o.verified = false
			o.add(ProblemGap, "Acts %d to %d are missing before this one.", next+1, o.seq-1)
		case o.verified && o.st.Prev != hash:
			o.verified = false
			o.add(ProblemFork, "This act does not follow the one before it.")
		}
		f.statements = append(f.statements, o)
	}
}

// compare finds what changed between two readings of a whole case.
func (s *session) compare(f *caseFile, before caseFile) {
	for _, old := range before.records {
		if !slices.ContainsFunc(f.records, func(r openRecord) bool { return r.place == old.place && r.hash == old.hash }) {
			s.caseWentBack(f)
		}
	}
	for _, old := range before.statements {
		if !slices.ContainsFunc(f.statements, func(x openStatement) bool { return x.seq == old.seq && x.hash == old.hash }) {
			s.caseWentBack(f)
		}
	}
}

// checkHead compares a case with what this desk remembers from earlier days.
func (s *session) checkHead(f *caseFile) {
	h, ok := s.heads.all[f.id]
	if !ok {
		return
	}
	contact, _ := f.last(hotline.SideContact)
	gateway, _ := f.last(hotline.SideGateway)
	shorter := contact < h.Contact || gateway < h.Gateway || len(f.generations) <= h.Generation
	replied := h.Desk < 0 || slices.ContainsFunc(f.records, func(r openRecord) bool { return r.hash == h.DeskHead })
	stated := h.Statement < 0 || slices.ContainsFunc(f.statements, func(o openStatement) bool { return o.hash == h.StatementHead })
	if shorter || !replied || !stated {
		s.caseWentBack(f)
	}
}

// remember notes how long a case is. It never notes less than before.
func (s *session) remember(f *caseFile) {
	old, known := s.heads.all[f.id]
	a := f.acts()
	h := head{Generation: len(f.generations) - 1, Open: a.stage.Open()}
	for _, t := range a.ties {
		if t.Part() {
			h.Main = t.Main
		}
	}
	h.Contact, _ = f.last(hotline.SideContact)
	h.Gateway, _ = f.last(hotline.SideGateway)
	h.Desk, h.DeskHead = f.last(hotline.SideDesk)
	h.Statement, h.StatementHead = -1, seal.Hash{}
	for _, o := range f.statements {
		if o.verified {
			h.Statement, h.StatementHead = o.seq, o.hash
		}
	}
	if known {
		h.Contact, h.Gateway, h.Generation = max(h.Contact, old.Contact), max(h.Gateway, old.Gateway), max(h.Generation, old.Generation)
		if h.Desk < old.Desk {
			h.Desk, h.DeskHead = old.Desk, old.DeskHead
		}
		if h.Statement < old.Statement {
			h.Statement, h.StatementHead = old.Statement, old.StatementHead
		}
	}
	if !known || h != old {
		s.heads.put(f.id, h)
	}
}
