package server

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// export streams everything of the caller's teams as a tar archive, sealed as
// it is. What it holds and how many cases is one leaf, written before the first
// byte leaves. Copies of replies and files for contacts are not in it: the person decides
// when they go.
func (s *Server) export(c *call) (any, error) {
	if _, err := in[struct{}](c); err != nil {
		return nil, err
	}
	if !s.exporting.TryLock() {
		return nil, hotline.Errorf(hotline.KindBusy, "server", "another export is running; try again when it is done")
	}
	defer s.exporting.Unlock()
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		x := &export{ctx: c.Context(), tx: tx, objects: s.objects, who: c.who, now: s.clock(), control: http.NewResponseController(c.w)}
		ids, err := x.count()
		if err != nil {
			return err
		}
		d := &deed{act: actExport, detail: idsDetail(ids)}
		d.detail["teams"] = joined(x.teams())
		d.touch(hotline.WireExport, nil)
		// On its own connection: this transaction goes on seeing what it counted.
		err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) { return s.agreedExport(ctx, tx, x, d) })
		if err != nil {
			return err
		}
		c.w.Header().Set("Content-Type", "application/x-tar")
		c.w.WriteHeader(http.StatusOK)
		x.tar = tar.NewWriter(c.w)
		return x.write()
	})
	if err != nil {
		return nil, err
	}
	return streamed{}, nil
}

// agreedExport lets an export happen that another person has approved.
func (s *Server) agreedExport(ctx context.Context, tx *store.Tx, x *export, d *deed) (*deed, error) {
	if err := lockHouse(ctx, tx); err != nil {
		return nil, err
	}
	subject, err := seal.NewSubject(seal.ExportSubject{To: x.who.ID, Teams: x.teams()})
	if err != nil {
		return nil, err
	}
	base, err := exportBase(ctx, tx, x.teams())
	if err != nil {
		return nil, err
	}
	ok, err := s.approved(ctx, tx, x.who, hotline.SharedExport, subject, base)
	if err != nil {
		return nil, err
	}
	d.detail["proposal"] = ok.tally.ID.String()
	d.then = ok.used()
	return d, nil
}

// exportBase is the state on which an export is proposed: the newest keys of the teams.
func exportBase(ctx context.Context, tx *store.Tx, teams []hotline.Team) (seal.Hash, error) {
	rows, err := tx.TeamEpochs(ctx)
	if err != nil {
		return seal.Hash{}, err
	}
	var newest []seal.Epoch
	for _, team := range teams {
		var last seal.Epoch
		for _, row := range rows {
			e, _, err := seal.ParseEpoch(row.Statement)
			if err != nil {
				return seal.Hash{}, err
			}
			if e.Team == team && e.Epoch > last.Epoch {
				last = e
			}
		}
		if last.Epoch > 0 {
			newest = append(newest, last)
		}
	}
	return seal.ExportBase(newest...), nil
}

// export writes the archive from one state of the database.
type export struct {
	ctx     context.Context
	tx      *store.Tx
	objects *object.Keeper
	who     caller
	now     time.Time
	tar     *tar.Writer
	control *http.ResponseController
}

func (x *export) teams() []hotline.Team { return slices.Sorted(slices.Values(x.who.Teams)) }

// each visits the cases in order of their versions.
func (x *export) each(visit func(db.HotlineCase) error) error {
	for after := int64(0); ; {
		rows, err := x.tx.CasesAfter(x.ctx, after, casePage)
		if err != nil {
			return err
		}
		for _, row := range rows {
			after = row.Version
			if !x.who.sees(row) {
				continue
			}
			if err := visit(row); err != nil {
				return err
			}
		}
		if len(rows) < casePage {
			return nil
		}
	}
}

func (x *export) count() (ids []hotline.CaseID, err error) {
	err = x.each(func(row db.HotlineCase) error {
		ids = append(ids, hotline.CaseID(row.ID))
		return nil
	})
	return ids, err
}

func (x *export) write() error {
	for _, part := range []func() error{
		x.readme, x.recovery, x.epochs, x.documents, x.proposals,
		func() error { return x.each(x.oneCase) },
		x.journal, x.tar.Close,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// file writes one file of the archive. The time-out is for each file: an
// export may take hours on a bad line, as long as it moves.
func (x *export) file(content []byte, format string, args ...any) error {
	if err := x.control.SetWriteDeadline(begun(writePatience)); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	err := x.tar.WriteHeader(&tar.Header{
		Name: fmt.Sprintf(format, args...), Mode: 0o600, Size: int64(len(content)), ModTime: x.now, Format: tar.FormatPAX,
	})
	if err == nil {
		_, err = x.tar.Write(content)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func (x *export) recovery() error {
	parts, err := x.tx.RecoveryParts(x.ctx)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := x.file(p.File, "recovery/%s", p.Name); err != nil {
			return err
		}
	}
	return nil
}

// epochs writes the announcements and the wraps for the recovery key.
func (x *export) epochs() error {
	rows, err := x.tx.TeamEpochs(x.ctx)
	if err != nil {
		return err
	}
	for _, e := range rows {
		if !x.who.inTeam(hotline.Team(e.Team)) {
			continue
		}
		if err := x.file(e.Statement, "team/%s-%d.txt", e.Team, e.N); err != nil {
			return err
		}
		wraps, err := x.tx.TeamWraps(x.ctx, e.Team, e.N)
		if err != nil {
			return err
		}
		for _, w := range wraps {
			if w.Holder != api.HolderRecovery {
				continue
			}
			if err := x.file(w.Wrap, "team/%s-%d.age", e.Team, e.N); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *export) documents() error {
	for _, kind := range []string{api.DocumentRoster, api.DocumentManifest} {
		for after := int64(0); ; {
			rows, err := x.tx.DocumentsAfter(x.ctx, db.DocumentsAfterParams{Kind: kind, After: after, MaxRows: 10})
			if err != nil {
				return err
			}
			for _, d := range rows {
				after = d.Serial
				if err := x.file(d.Body, "documents/%s-%d.txt", kind, d.Serial); err != nil {
					return err
				}
			}
			if len(rows) < 10 {
				break
			}
		}
	}
	return nil
}

// proposals writes what was proposed and who answered.
func (x *export) proposals() error {
	for after := make([]byte, len(seal.Hash{})); ; {
		rows, err := x.tx.AllProposals(x.ctx, after, casePage)
		if err != nil {
			return err
		}
		for _, row := range rows {
			after = row.ID
			if err := x.file(row.Statement, "proposals/%x.txt", row.ID); err != nil {
				return err
			}
			answers, err := answersTo(x.ctx, x.tx, row.ID)
			if err != nil {
				return err
			}
			for i, text := range answers {
				if err := x.file(text, "proposals/%x-answer-%d.txt", row.ID, i); err != nil {
					return err
				}
			}
		}
		if len(rows) < casePage {
			return nil
		}
	}
}

func (x *export) oneCase(row db.HotlineCase) error {
	id := hotline.CaseID(row.ID)
	index, err := json.MarshalIndent(apiCase(row), "", "  ")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := x.file(append(index, '\n'), "cases/%s/case.json", id); err != nil {
		return err
	}
	keys, err := x.tx.CaseKeys(x.ctx, row.ID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := x.file(k.Statement, "cases/%s/generation-%d.txt", id, k.N); err != nil {
			return err
		}
	}
	if row.FoldedDay.Valid {
		f, err := x.tx.Fold(x.ctx, row.ID)
		if err != nil {
			return err
		}
		if err := x.file(f.File, "cases/%s/fold-%d.age", id, f.Generation); err != nil {
			return err
		}
	}
	wraps, err := x.tx.CaseWraps(x.ctx, row.ID)
	if err != nil {
		return err
	}
	for _, w := range wraps {
		if !x.who.inTeam(hotline.Team(w.Team)) {
			continue
		}
		if err := x.file(w.Wrap, "cases/%s/key-%d-%s-%d.age", id, w.N, w.Team, w.Epoch); err != nil {
			return err
		}
	}
	if err := x.records(id); err != nil {
		return err
	}
	if err := x.attachments(id); err != nil {
		return err
	}
	if err := x.deliveries(id); err != nil {
		return err
	}
	return x.statements(id)
}

// deliveries writes what a gateway said became of replies. Positions are not in
// an archive: they are worth nothing after days, and much to a thief.
func (x *export) deliveries(id hotline.CaseID) error {
	texts, err := x.tx.DeliveriesOfCase(x.ctx, id[:])
	for i, text := range texts {
		if err := x.file(text, "cases/%s/deliveries/%d.txt", id, i); err != nil {
			return err
		}
	}
	return err
}

func (x *export) records(id hotline.CaseID) error {
	for after := int64(-1); ; {
		rows, err := x.tx.RecordsAfter(x.ctx, db.RecordsAfterParams{CaseID: id[:], After: after, MaxRows: syncPage})
		if err != nil {
			return err
		}
		for _, r := range rows {
			after = r.Place
			if err := x.file(r.File, "cases/%s/records/%d-%s.age", id, r.Place, r.Side); err != nil {
				return err
			}
			if len(r.Header) == 0 {
				continue // in the fold
			}
			if err := x.file(r.Header, "cases/%s/records/%d-%s.header", id, r.Place, r.Side); err != nil {
				return err
			}
		}
		if len(rows) < syncPage {
			return nil
		}
	}
}

// attachments writes the sealed files that records name. One that is damaged
// on disk must not keep all others from leaving: a note stands in its place.
func (x *export) attachments(id hotline.CaseID) error {
	objects, err := x.tx.ObjectsOf(x.ctx, id[:])
	if err != nil {
		return err
	}
	for _, o := range objects {
		if len(o.RecordID) == 0 || o.Side == string(object.SideCopy) {
			continue
		}
		content, err := x.attachment(o)
		name := "cases/%s/objects/%x.age"
		if hotline.KindOf(err) == hotline.KindInternal && err != nil {
			content, name = []byte("This attachment is damaged or gone on the server's disk.\n"), "cases/%s/objects/%x.missing.txt"
		} else if err != nil {
			return err
		}
		if err := x.file(content, name, id, o.ID); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) attachment(o db.Object) ([]byte, error) {
	parts, err := x.tx.ObjectParts(x.ctx, o.CaseID, o.ID)
	if err != nil {
		return nil, err
	}
	content := make([]byte, 0, o.Size)
	for _, p := range parts {
		b, err := x.objects.Read(x.ctx, p)
		if err != nil {
			return nil, err
		}
		content = append(content, b...)
	}
	return content, nil
}

func (x *export) statements(id hotline.CaseID) error {
	for after := int64(-1); ; {
		rows, err := x.tx.StatementsAfter(x.ctx, db.StatementsAfterParams{CaseID: id[:], After: after, MaxRows: syncPage})
		if err != nil {
			return err
		}
		for _, st := range rows {
			after = st.Seq
			if err := x.file(st.Header, "cases/%s/statements/%d-%s.txt", id, st.Seq, st.Kind); err != nil {
				return err
			}
			if len(st.Sealed) == 0 {
				continue
			}
			if err := x.file(st.Sealed, "cases/%s/statements/%d-%s.age", id, st.Seq, st.Kind); err != nil {
				return err
			}
		}
		if len(rows) < syncPage {
			return nil
		}
	}
}

// journal writes the checkpoint and the leaves, one line of JSON each, in
// files of a thousand.
func (x *export) journal() error {
	head, err := x.tx.JournalHead(x.ctx)
	if err != nil {
		return err
	}
	if err := x.file([]byte(head.Checkpoint), "journal/checkpoint.txt"); err != nil {
		return err
	}
	const page = 1000
	for from := int64(0); from < head.Size; from += page {
		rows, err := source{x.tx}.Leaves(x.ctx, from, page)
		if err != nil {
			return err
		}
		var b []byte
		for _, row := range rows {
			line, err := json.Marshal(apiLeaf(row))
			if err != nil {
				return fmt.Errorf("export: %w", err)
			}
			b = append(append(b, line...), '\n')
		}
		if err := x.file(b, "journal/leaves-%d.jsonl", from); err != nil {
			return err
		}
	}
	return nil
}
