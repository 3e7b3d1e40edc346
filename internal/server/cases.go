package server

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// casePage is how many cases are read at once.
const casePage = 200

// apiCase is a row as desks see it: no look-up id, no key, no code.
func apiCase(row db.HotlineCase) api.Case {
	return api.Case{
		ID: hotline.CaseID(row.ID), Channel: hotline.Channel(row.Channel), Stage: hotline.Stage(row.Stage),
		Urgency: hotline.Urgency(row.Urgency), Team: hotline.Team(row.Team), Assignee: row.Assignee,
		Generation: int(row.Generation), ContactSeq: row.ContactSeq, SeenSeq: row.SeenSeq,
		DeskSeq: row.DeskSeq, DeskHead: hashOf(row.DeskHead),
		StatementSeq: row.StatementSeq, StatementHead: hashOf(row.StatementHead),
		WaitingSince: row.WaitingSinceMs.Int64, Answered: row.Answered,
		Created: hotline.Hour(row.CreatedHour), Folded: row.FoldedDay.Valid, Version: row.Version,
	}
}

// sees reports whether a case is one of the caller's teams.
func (w caller) sees(row db.HotlineCase) bool { return w.inTeam(hotline.Team(row.Team)) }

// lockCase reads a case for a change. One of another team does not exist.
func lockCase(ctx context.Context, tx *store.Tx, who caller, id hotline.CaseID) (db.HotlineCase, error) {
	row, err := tx.LockCase(ctx, id[:])
	switch {
	case store.Missing(err):
		return row, noCase()
	case err != nil:
		return row, err
	case !who.sees(row):
		return row, noCase()
	}
	return row, nil
}

// caseAfter reads a case after its change.
func caseAfter(ctx context.Context, tx *store.Tx, id hotline.CaseID) (api.Case, error) {
	row, err := tx.CaseByID(ctx, id[:])
	if err != nil {
		return api.Case{}, err
	}
	return apiCase(row), nil
}

// cases pages through the queue by version.
func (s *Server) cases(c *call) (any, error) {
	q, err := c.numbers("after")
	if err != nil {
		return nil, err
	}
	page := api.CasePage{Cases: []api.Case{}, Cursor: q["after"]}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		if page.Cursor, err = knownCursor(c.Context(), tx, page.Cursor); err != nil {
			return err
		}
		for len(page.Cases) == 0 { // a page of other teams' cases alone is no page
			rows, err := tx.CasesAfter(c.Context(), page.Cursor, casePage)
			if err != nil {
				return err
			}
			for _, row := range rows {
				page.Cursor = row.Version
				if c.who.sees(row) {
					page.Cases = append(page.Cases, apiCase(row))
				}
			}
			if page.More = len(rows) == casePage; !page.More {
				return nil
			}
		}
		return nil
	})
	return page, err
}

// knownCursor returns the cursor to go on from. One from the future was given by
// another state of the database (a backup has been put in its place): all is
// told again, rather than nothing until the versions have caught up.
func knownCursor(ctx context.Context, tx *store.Tx, cursor int64) (int64, error) {
	last, err := tx.LastVersion(ctx)
	if cursor > last {
		return 0, err
	}
	return cursor, err
}

// read marks how far an operator has read. Reading does not end the waiting:
// who has been read but not answered still waits.
func (s *Server) read(c *call) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.Read](c)
	if err != nil {
		return nil, err
	}
	var out api.Case
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		row, err := lockCase(ctx, tx, c.who, id)
		if err != nil {
			return nil, err
		}
		if req.Seq < -1 || req.Seq > row.ContactSeq {
			return nil, invalid("the case has no such record")
		}
		write := func(ctx context.Context, tx *store.Tx, _ int64) error {
			if req.Seq > row.SeenSeq && !row.FoldedDay.Valid { // of a folded case only the leaf remembers
				version, err := tx.NextVersion(ctx)
				if err != nil {
					return err
				}
				p := db.CaseReadParams{SeenSeq: req.Seq, ReadHour: row.ReadHour, Version: version, ID: id[:]}
				p.ReadHour.Int64, p.ReadHour.Valid = int64(s.hour()), true
				if _, err := tx.CaseRead(ctx, p); err != nil {
					return err
				}
			}
			var err error
			out, err = caseAfter(ctx, tx, id)
			return err
		}
		d := &deed{act: actRead, id: id, detail: detail{"seq": number(req.Seq)}, write: write, byHand: []hotline.CaseID{id}}
		// What is merged is read as one case, and counts as one; each has its leaf.
		one, _, err := groupOf(ctx, tx, id[:])
		if err != nil {
			return nil, err
		}
		d.touch(hotline.WireRead, one)
		if req.Seq <= row.SeenSeq && !row.WaitingSinceMs.Valid && row.Assignee != c.who.ID && string(one) == string(id[:]) {
			d.touch(hotline.WireBrowse, one)
		}
		return d, nil
	})
	return out, err
}

// locate finds the cases that a channel code names. A code proves nothing, so
// the answer holds ids alone, and only those of the caller's teams.
func (s *Server) locate(c *call) (any, error) {
	req, err := in[api.Locate](c)
	if err != nil {
		return nil, err
	}
	code, err := hotline.ParseChannelCode(req.Code)
	if err != nil || code.Digits() != req.Code {
		return nil, invalid("a channel code has 12 digits, and these are not one")
	}
	index := intake.CodeIndex(s.indexKey, code)
	out := api.Located{Cases: []hotline.CaseID{}}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		rows, err := tx.CasesByCode(c.Context(), index, casePage)
		for _, row := range rows {
			if c.who.sees(row) {
				out.Cases = append(out.Cases, hotline.CaseID(row.ID))
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.act(c.Context(), c.who, func(context.Context, *store.Tx) (*deed, error) {
		d := &deed{act: actLocate, detail: idsDetail(out.Cases), byHand: out.Cases}
		d.touch(hotline.WireLocate, nil)
		if len(out.Cases) == 0 {
			d.touch(hotline.WireLost, nil)
		}
		return d, nil
	})
	if err != nil {
		return nil, err // what was found is not told without a leaf
	}
	return out, nil
}

// idsDetail commits to several cases: their number and a hash over their sorted ids.
func idsDetail(ids []hotline.CaseID) detail {
	sorted := make([]string, len(ids))
	for i, id := range ids {
		sorted[i] = id.String()
	}
	slices.Sort(sorted)
	var all []byte
	for _, id := range sorted {
		all = append(append(all, id...), '\n')
	}
	return detail{"cases": number(len(ids)), "ids": sum(all)}
}

// checkSealed checks the shape of a sealed file without any key.
func checkSealed(file []byte, largest int) error {
	if len(file) > largest {
		return invalid("a sealed file is larger than %d bytes", largest)
	}
	return seal.CheckFile(file)
}

// Largest sealed files in bytes: a padded record; a wrapped identity or team key
// (a line or three of text).
const (
	maxRecordFile = seal.MaxRecord + seal.FileOverhead
	maxWrapFile   = 1<<10 + seal.FileOverhead
)
