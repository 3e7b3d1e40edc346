package server

import (
	"context"
	"encoding/json"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// readRestore returns the newest restore; ok is false where there was none.
func readRestore(ctx context.Context, tx *store.Tx) (p restorePoint, ok bool, err error) {
	raw, err := tx.Setting(ctx, settingRestored)
	if store.Missing(err) {
		return p, false, nil
	}
	if err == nil && json.Unmarshal(raw, &p) != nil {
		err = hotline.Errorf(hotline.KindInternal, "server", "the note of the restore is damaged")
	}
	return p, err == nil, err
}

// restored says from which backup this server was made, and who accepted it.
func (s *Server) restored(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := api.Restored{Leaf: api.Leaf{Index: -1}, Proof: []seal.Hash{}}
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		p, ok, err := readRestore(c.Context(), tx)
		if err != nil || !ok {
			return err
		}
		if out.Head, err = signedHead(c.Context(), tx); err != nil {
			return err
		}
		if out.Size, err = tx.Journal().Size(c.Context()); err != nil {
			return err
		}
		rows, err := source{tx}.Leaves(c.Context(), p.Leaf, 1)
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].Index != p.Leaf {
			return hotline.Errorf(hotline.KindInternal, "server", "the note of the restore is damaged")
		}
		out.Leaf, out.Accepted = apiLeaf(rows[0]), p.Accepted
		proof, err := journal.ProveInclusion(c.Context(), tx.Journal(), out.Size, p.Leaf)
		for _, h := range proof {
			out.Proof = append(out.Proof, seal.Hash(h))
		}
		return err
	})
	return out, err
}

// acceptRestored takes an administrator's word that the house goes on.
func (s *Server) acceptRestored(c *call) (any, error) {
	req, err := in[api.Acceptance](c)
	if err != nil {
		return nil, err
	}
	r, signed, err := seal.ParseRestored(req.Text)
	if err != nil {
		return nil, err
	}
	if !seal.RestoredSignedBy(signed, c.who.Key) || r.Desk != c.who.house.roster.Desk {
		return nil, forged("the acceptance is not signed by you, or is of another house")
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		p, ok, err := readRestore(ctx, tx)
		if err != nil {
			return nil, err
		}
		if !ok || p.Leaf != r.Leaf {
			return nil, conflict("the server was not restored, or restored again since")
		}
		if p.Accepted != nil {
			return nil, nil // somebody was quicker
		}
		p.Accepted = req.Text
		value, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		return &deed{
			act: actAccept, hint: api.EventDocument,
			detail: detail{"leaf": number(r.Leaf), "missing": number(r.Missing), "statement": signed.Hash().String()},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				return tx.PutSetting(ctx, settingRestored, value)
			},
		}, nil
	})
}

// copiesPage bounds how many missing copies are named at once; who has sealed
// them asks again.
const copiesPage = 200

// missingCopies lists replies of the caller's teams whose copies were lost.
func (s *Server) missingCopies(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := []api.MissingCopy{}
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		var teams []string
		for _, t := range c.who.Teams {
			teams = append(teams, string(t))
		}
		for _, team := range teams {
			rows, err := tx.MissingCopiesOfTeam(c.Context(), team, copiesPage)
			if err != nil {
				return err
			}
			for _, row := range rows {
				out = append(out, api.MissingCopy{Case: hotline.CaseID(row.CaseID), Seq: row.Seq})
			}
		}
		return nil
	})
	return out[:min(len(out), copiesPage)], err
}

// reseal takes a reply's copy for the person that was lost in a restore and
// sealed again by a desk. A copy that is not missing is not taken: what was put
// away stays away.
func (s *Server) reseal(c *call) (any, error) {
	req, err := in[api.Resealed](c)
	if err != nil {
		return nil, err
	}
	if err := checkSealed(req.File, maxRecordFile); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		row, err := lockCase(ctx, tx, c.who, req.Case)
		if err != nil {
			return nil, err
		}
		record, err := tx.MissingCopy(ctx, row.ID, req.Seq)
		if store.Missing(err) || (err == nil && row.FoldedDay.Valid) {
			return nil, nil // another desk was quicker, or the case has ended for good
		}
		if err != nil {
			return nil, err
		}
		return &deed{
			act: actReseal, id: req.Case, detail: detail{"seq": number(req.Seq), "copy": sum(req.File)},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				if _, err := tx.DeleteMissingCopy(ctx, record); err != nil {
					return err
				}
				_, err := tx.InsertReplyCopy(ctx, db.InsertReplyCopyParams{
					RecordID: record, CaseID: row.ID, Seq: req.Seq, File: req.File, Hour: int64(s.hour()),
				})
				if err != nil {
					return err
				}
				version, err := tx.NextVersion(ctx)
				if err != nil {
					return err
				}
				_, err = tx.CaseTouched(ctx, version, row.ID)
				return err
			},
		}, nil
	})
}

// mayJump reports whether a document may skip serials: after a restore the
// administrators' desks hold documents that the server has lost, and hand in the
// newest. Its signature is checked as ever.
func mayJump(ctx context.Context, tx *store.Tx) (bool, error) {
	_, ok, err := readRestore(ctx, tx)
	return ok, err
}
