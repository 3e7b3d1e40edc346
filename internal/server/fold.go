package server

import (
	"bytes"
	"context"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// fold seals what stands in the clear of a case that has ended, and lets go of
// hours, of the person's door and of the journal's words. It reports false when
// the case is not due any more.
func (s *Server) fold(ctx context.Context, id []byte, today hotline.Day) (folded bool, err error) {
	err = s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		folded = false
		r, err := retention(ctx, tx)
		if err != nil {
			return nil, err
		}
		g, err := lockGroup(ctx, tx, id)
		if store.Missing(err) || hotline.KindOf(err) == hotline.KindConflict && err != nil {
			return nil, nil // gone, or merged at this moment: the next run looks again
		}
		row := g.row
		if err != nil || row.FoldedDay.Valid || !due(g, func(k hotline.Keeping) hotline.Day { return k.FoldBy(today) }, r) {
			return nil, err
		}
		f, recipients, err := unsealed(ctx, tx, row)
		if err != nil {
			return nil, err
		}
		file, err := seal.WriteFold(recipients[len(recipients)-1], f)
		if err != nil {
			return nil, err
		}
		return &deed{
			act: actFold, id: hotline.CaseID(id),
			detail: detail{"fold": sum(file), "records": number(len(f.Records)), "statements": number(len(f.Statements))},
			write: func(ctx context.Context, tx *store.Tx, leaf int64) error {
				folded = true
				return keepFold(ctx, tx, row, folding{f, file, recipients, today, leaf})
			},
		}, nil
	})
	return folded, err
}

// folding is what replaces the clear parts of a case.
type folding struct {
	seal.Fold
	file       []byte
	recipients []seal.Recipient // by generation
	today      hotline.Day
	leaf       int64
}

// unsealed gathers everything of a case that stands in the clear.
func unsealed(ctx context.Context, tx *store.Tx, row db.HotlineCase) (seal.Fold, []seal.Recipient, error) {
	f := seal.Fold{Case: hotline.CaseID(row.ID), Gen: int(row.Generation), Records: []seal.FoldedRecord{}, Statements: []seal.FoldedStatement{}}
	var recipients []seal.Recipient
	keys, err := tx.CaseKeys(ctx, row.ID)
	if err != nil {
		return f, nil, err
	}
	for _, k := range keys {
		g, _, err := seal.ParseGeneration(k.Statement)
		if err != nil || int64(g.Gen) != k.N {
			return f, nil, hotline.Errorf(hotline.KindInternal, "server", "a key of a case is damaged: it cannot be folded")
		}
		recipients, f.Generations = append(recipients, g.Recipient), append(f.Generations, k.Statement)
	}
	if len(recipients) == 0 || int64(len(recipients)-1) != row.Generation {
		return f, nil, hotline.Errorf(hotline.KindInternal, "server", "a case lacks its newest key: it cannot be folded")
	}
	for after := int64(-1); ; {
		rows, err := tx.RecordsAfter(ctx, db.RecordsAfterParams{CaseID: row.ID, After: after, MaxRows: syncPage})
		if err != nil {
			return f, nil, err
		}
		for _, r := range rows {
			after = r.Place
			f.Records = append(f.Records, seal.FoldedRecord{Place: r.Place, Header: r.Header, Hour: hotline.Hour(r.Hour)})
		}
		if len(rows) < syncPage {
			break
		}
	}
	for after := int64(-1); ; {
		rows, err := tx.StatementsAfter(ctx, db.StatementsAfterParams{CaseID: row.ID, After: after, MaxRows: syncPage})
		if err != nil {
			return f, nil, err
		}
		for _, st := range rows {
			after = st.Seq
			f.Statements = append(f.Statements, seal.FoldedStatement{Text: st.Header, Sealed: st.Sealed})
		}
		if len(rows) < syncPage {
			return f, recipients, nil
		}
	}
}

// keepFold puts the fold in place of the clear parts.
func keepFold(ctx context.Context, tx *store.Tx, row db.HotlineCase, f folding) error {
	n, err := tx.InsertFold(ctx, db.InsertFoldParams{CaseID: row.ID, Generation: row.Generation, File: f.file})
	if err == nil && n != 1 {
		err = conflict("the case is folded already")
	}
	if err != nil {
		return err
	}
	for gen, r := range f.recipients {
		if _, err := tx.FoldCaseKey(ctx, db.FoldCaseKeyParams{Recipient: []byte(r.String()), CaseID: row.ID, N: int64(gen)}); err != nil {
			return err
		}
	}
	for _, change := range []func(context.Context, []byte) (int64, error){tx.FoldRecords, tx.FoldObjects, tx.FoldAlarms, tx.FoldCanary, tx.ForgetMarksOfCase, tx.DeleteStatements, tx.DeleteReplyCopies, tx.DeleteReplyMissing, tx.DeleteDeliveries, tx.DeleteFieldNotes, tx.LeaveChat, tx.FoldTies} {
		if _, err := change(ctx, row.ID); err != nil {
			return err
		}
	}
	if err := forgetAbout(ctx, tx, hotline.CaseID(row.ID), f.leaf); err != nil {
		return err
	}
	version, err := tx.NextVersion(ctx)
	if err != nil {
		return err
	}
	p := db.FoldCaseParams{Version: version, ID: row.ID}
	p.FoldedDay.Int64, p.FoldedDay.Valid = int64(f.today), true
	if n, err = tx.FoldCase(ctx, p); err == nil && n != 1 {
		err = conflict("somebody waits in this case")
	}
	if err != nil {
		return err
	}
	return tx.LoseOrder(ctx, row.ID)
}

// forgetAbout drops what leaves before one say about a case.
func forgetAbout(ctx context.Context, tx *store.Tx, id hotline.CaseID, leaf int64) error {
	_, err := tx.ForgetJournalAbout(ctx, id.String(), leaf)
	return err
}

// isFolded recognises what stands in the place of a generation's signed text in
// a folded case: the recipient alone.
func isFolded(statement []byte) bool { return !bytes.HasPrefix(statement, []byte("{")) }

// unfolded refuses an act on a case that is folded.
func unfolded(row db.HotlineCase) error {
	if row.FoldedDay.Valid {
		return conflict("this case has ended and is folded: nothing can be added to it. If the person came back, a new case is the place")
	}
	return nil
}
