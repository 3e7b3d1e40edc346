package server

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	// maxSync is how many cases one sync may name.
	maxSync = 100
	// syncBytes bounds the sealed files of one answer; as JSON they grow by a
	// third, and api.MaxBody must hold them.
	syncBytes = 32 << 20
	// syncPage is how many rows of a case are read at once.
	syncPage = 100
)

// sync hands out sealed content. It is read first and told only when the leaf
// that commits to the ids of exactly these cases is on disk. Where an answer
// would grow too large, records and statements are left out at the end; who
// asks again after the last ones gets the rest.
func (s *Server) sync(c *call) (any, error) {
	req, err := in[api.SyncRequest](c)
	if err != nil {
		return nil, err
	}
	if len(req.Items) == 0 || len(req.Items) > maxSync {
		return nil, invalid("a sync names 1 to %d cases", maxSync)
	}
	seen := make(map[hotline.CaseID]bool, len(req.Items))
	for _, it := range req.Items {
		if seen[it.ID] || it.AfterPlace < -1 || it.AfterStatement < -1 {
			return nil, invalid("a sync names each case once")
		}
		seen[it.ID] = true
	}
	var out api.SyncAnswer
	var old []hotline.CaseID
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		g := gather{ctx: c.Context(), tx: tx, who: c.who, now: s.hour(), left: syncBytes}
		var err error
		out.Cases, err = g.bundles(req.Items)
		old = g.old
		return err
	})
	if err != nil {
		return nil, err
	}
	ids := make([]hotline.CaseID, len(out.Cases))
	for i, b := range out.Cases {
		ids[i] = b.Case.ID
	}
	err = s.act(c.Context(), c.who, func(context.Context, *store.Tx) (*deed, error) {
		d := &deed{act: actSync, detail: idsDetail(ids), write: func(_ context.Context, _ *store.Tx, leaf int64) error {
			out.Leaf = leaf
			return nil
		}}
		for _, id := range old {
			d.touch(hotline.WireOld, id[:])
		}
		return d, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// gather collects bundles for one caller.
type gather struct {
	ctx  context.Context
	tx   *store.Tx
	who  caller
	now  hotline.Hour
	left int              // bytes
	old  []hotline.CaseID // that ended long ago
}

func (g *gather) bundles(items []api.SyncItem) ([]api.Bundle, error) {
	ids := make([][]byte, len(items))
	for i := range items {
		ids[i] = items[i].ID[:]
	}
	rows, err := g.tx.CasesByIDs(g.ctx, ids)
	if err != nil {
		return nil, err
	}
	mine := make(map[hotline.CaseID]db.HotlineCase, len(rows))
	var seen [][]byte
	for _, row := range rows {
		if g.who.sees(row) {
			mine[hotline.CaseID(row.ID)] = row
			seen = append(seen, row.ID)
		}
	}
	wraps, err := g.wraps(seen)
	if err != nil {
		return nil, err
	}
	out := make([]api.Bundle, 0, len(seen))
	for _, it := range items {
		row, ok := mine[it.ID]
		if !ok {
			continue
		}
		if g.longEnded(row) {
			g.old = append(g.old, it.ID)
		}
		b, err := g.bundle(row, it, wraps[it.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// longEnded reports whether a desk that knows the house has little reason to
// fetch a case: it ended long ago, and the caller is no newcomer.
func (g *gather) longEnded(row db.HotlineCase) bool {
	return row.ClosedHour.Valid && hotline.Hour(row.ClosedHour.Int64)+hotline.LongEnded < g.now && g.who.Since+hotline.Newcomer < g.now
}

// wraps returns the cases' wraps that are sealed to the caller's teams.
func (g *gather) wraps(ids [][]byte) (map[hotline.CaseID][]db.CaseWrap, error) {
	out := make(map[hotline.CaseID][]db.CaseWrap, len(ids))
	for _, team := range g.who.Teams {
		rows, err := g.tx.WrapsOfCases(g.ctx, string(team), ids)
		if err != nil {
			return nil, err
		}
		for _, w := range rows {
			id := hotline.CaseID(w.CaseID)
			out[id] = append(out[id], w)
		}
	}
	return out, nil
}

func (g *gather) bundle(row db.HotlineCase, it api.SyncItem, wraps []db.CaseWrap) (api.Bundle, error) {
	b := api.Bundle{Case: apiCase(row), Generations: []api.KeyGeneration{}, Records: []api.Record{}, Statements: []api.Statement{}, FieldNotes: []api.FieldNote{}}
	keys, err := g.tx.CaseKeys(g.ctx, row.ID)
	if err != nil {
		return b, err
	}
	for _, k := range keys {
		kg := api.KeyGeneration{Statement: k.Statement, Wraps: []api.Wrap{}}
		g.left -= len(k.Statement)
		for _, w := range wraps {
			if w.N == k.N {
				g.left -= len(w.Wrap)
				kg.Wraps = append(kg.Wraps, api.Wrap{Team: hotline.Team(w.Team), Epoch: int(w.Epoch), File: w.Wrap})
			}
		}
		slices.SortFunc(kg.Wraps, func(x, y api.Wrap) int { return x.Epoch - y.Epoch })
		b.Generations = append(b.Generations, kg)
	}
	if err := g.records(&b, row.ID, it.AfterPlace); err != nil {
		return b, err
	}
	if err := g.statements(&b, row.ID, it.AfterStatement); err != nil {
		return b, err
	}
	if row.FoldedDay.Valid {
		f, err := g.tx.Fold(g.ctx, row.ID)
		if err != nil {
			return b, err
		}
		b.Fold = f.File
		g.left -= len(f.File)
	}
	if b.Pending, err = g.tx.PendingReplies(g.ctx, row.ID); err != nil {
		return b, err
	}
	return b, g.gateway(&b, row.ID)
}

// gateway adds what a gateway has left beside the records of a case.
func (g *gather) gateway(b *api.Bundle, id []byte) (err error) {
	if b.Deliveries, err = g.tx.DeliveriesOfCase(g.ctx, id); err != nil {
		return err
	}
	notes, err := g.tx.FieldNotesOfCase(g.ctx, id)
	for _, n := range notes {
		if !g.who.inTeam(hotline.Team(n.Team)) {
			continue
		}
		g.left -= len(n.File)
		b.FieldNotes = append(b.FieldNotes, api.FieldNote{Record: seal.Hash(n.RecordID), Team: hotline.Team(n.Team), Epoch: int(n.Epoch), File: n.File})
	}
	return err
}

func (g *gather) records(b *api.Bundle, id []byte, after int64) error {
	for g.left > 0 {
		rows, err := g.tx.RecordsAfter(g.ctx, db.RecordsAfterParams{CaseID: id, After: after, MaxRows: syncPage})
		if err != nil {
			return err
		}
		for _, r := range rows {
			g.left -= len(r.File) + len(r.Header)
			after = r.Place
			b.Records = append(b.Records, api.Record{
				Place: r.Place, Side: hotline.Side(r.Side), Header: r.Header, File: r.File, Hour: hotline.Hour(r.Hour),
			})
			if g.left <= 0 {
				return nil
			}
		}
		if len(rows) < syncPage {
			return nil
		}
	}
	return nil
}

func (g *gather) statements(b *api.Bundle, id []byte, after int64) error {
	for g.left > 0 {
		rows, err := g.tx.StatementsAfter(g.ctx, db.StatementsAfterParams{CaseID: id, After: after, MaxRows: syncPage})
		if err != nil {
			return err
		}
		for _, r := range rows {
			g.left -= len(r.Header) + len(r.Sealed)
			after = r.Seq
			b.Statements = append(b.Statements, api.Statement{Seq: r.Seq, Text: r.Header, Sealed: r.Sealed})
			if g.left <= 0 {
				return nil
			}
		}
		if len(rows) < syncPage {
			return nil
		}
	}
	return nil
}
