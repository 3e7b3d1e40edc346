package server

import (
	"context"
	"encoding/json"
	"slices"

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

// AfterRestore is how far a house has come with going on after its last restore.
type AfterRestore struct {
	Restored bool // there was one
	seal.Acceptance
}

// Open reports whether administrators still have to accept it.
func (a AfterRestore) Open() bool { return a.Restored && !a.Enough() }

// ReadAfterRestore counts who has accepted the last restore, by the newest roster.
func ReadAfterRestore(ctx context.Context, tx *store.Tx) (AfterRestore, error) {
	p, ok, err := readRestore(ctx, tx)
	if err != nil || !ok {
		return AfterRestore{}, err
	}
	serial, err := tx.LatestSerial(ctx, api.DocumentRoster)
	if err != nil {
		return AfterRestore{}, err
	}
	h, err := walkRosters(ctx, tx, nil, serial)
	if err != nil {
		return AfterRestore{}, err
	}
	rows, err := source{tx}.Leaves(ctx, p.Leaf, 1)
	if err == nil && len(rows) != 1 {
		err = hotline.Errorf(hotline.KindInternal, "server", "the note of the restore is damaged")
	}
	if err != nil {
		return AfterRestore{}, err
	}
	return AfterRestore{true, h.roster.AcceptedBy(p.Leaf, seal.Hash(rows[0].Commitment), p.By...)}, nil
}

// restored says from which backup this server was made, and who accepted it.
func (s *Server) restored(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := api.Restored{Leaf: api.Leaf{Index: -1}, Proof: []seal.Hash{}, Accepted: [][]byte{}}
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
		out.Leaf, out.Accepted = apiLeaf(rows[0]), append(out.Accepted, p.By...)
		proof, err := journal.ProveInclusion(c.Context(), tx.Journal(), out.Size, p.Leaf)
		for _, h := range proof {
			out.Proof = append(out.Proof, seal.Hash(h))
		}
		return err
	})
	return out, err
}

// acceptRestored takes an administrator's word that the house goes on, and
// documents that the server has lost. It takes as many persons as a roster.
func (s *Server) acceptRestored(c *call) (any, error) {
	req, err := in[api.Acceptance](c)
	if err != nil {
		return nil, err
	}
	if err := checkAcceptance(c.who, req); err != nil {
		return nil, err
	}
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		p, ok, err := readRestore(ctx, tx)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, conflict("the server was not restored, or restored again since")
		}
		first, last, h, err := s.handedIn(ctx, tx, c.who.house, req.Documents)
		if err != nil || req.Text == nil {
			return first, err
		}
		accepting, err := s.accepting(ctx, tx, h, p, req.Text)
		if err != nil || first == nil {
			return accepting, err
		}
		last.then = accepting
		return first, nil
	})
	if err == nil {
		s.keysFollow(c.Context()) // a roster may have been published
	}
	return nil, err
}

// checkAcceptance checks what a request says by itself.
func checkAcceptance(who caller, req api.Acceptance) error {
	if req.Text == nil {
		if len(req.Documents) == 0 {
			return invalid("an acceptance holds a signed word, or documents, or both")
		}
		return nil
	}
	r, signed, err := seal.ParseRestored(req.Text)
	if err != nil {
		return err
	}
	if !seal.RestoredSignedBy(signed, who.Key) || r.Desk != who.house.roster.Desk {
		return forged("the acceptance is not signed by you, or is of another house")
	}
	return nil
}

// accepting adds a word to those that count by the roster h; nil when the house
// goes on already, or this person has said it before.
func (s *Server) accepting(ctx context.Context, tx *store.Tx, h *house, p restorePoint, text []byte) (*deed, error) {
	r, signed, err := seal.ParseRestored(text)
	if err != nil {
		return nil, err
	}
	rows, err := source{tx}.Leaves(ctx, p.Leaf, 1)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 || r.Leaf != p.Leaf || r.Commitment != seal.Hash(rows[0].Commitment) {
		return nil, conflict("the server was not restored, or restored again since")
	}
	before := h.roster.AcceptedBy(p.Leaf, r.Commitment, p.By...)
	after := h.roster.AcceptedBy(p.Leaf, r.Commitment, append(slices.Clone(p.By), text)...)
	if before.Enough() {
		return nil, nil // somebody was quicker
	}
	if len(after.By) == len(before.By) {
		if m, ok := h.roster.Member(signed.Sigs[0].Key.String()); ok && before.Has(m.Who()) {
			return nil, nil // sent again after a lost answer
		}
		return nil, hotline.Errorf(hotline.KindDenied, "server", "your word does not count: by the newest roster you are no administrator any more")
	}
	p.By = append(p.By, text)
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
}

// maxHandedIn bounds the documents of one request.
const maxHandedIn = 64

// handedIn are the deeds of publishing what administrators' desks hold and the
// server has lost: rosters, each signed by the authority before it, and then
// the manifest. Serials may be skipped; the signatures are checked as ever. Only
// at the end must the manifest in force be one that the newest roster knows: on
// the way the rosters may name manifests that nobody hands in. It returns the
// first and the last deed, nil for none, and the house as it will be.
func (s *Server) handedIn(ctx context.Context, tx *store.Tx, h *house, docs []api.Document) (first, last *deed, _ *house, err error) {
	if len(docs) > maxHandedIn {
		return nil, nil, nil, invalid("more than %d documents at once", maxHandedIn)
	}
	in, err := tx.LatestDocument(ctx, api.DocumentManifest)
	if err != nil {
		return nil, nil, nil, err
	}
	manifest := api.Document{Kind: api.DocumentManifest, Serial: in.Serial, Text: in.Body}
	for i, d := range docs {
		next := &deed{act: actPublish, hint: api.EventDocument, detail: documentDetail(d)}
		switch {
		case d.Kind == api.DocumentRoster && d.Serial <= h.serial, d.Kind == api.DocumentManifest && d.Serial <= in.Serial:
			continue // another desk was quicker
		case d.Kind == api.DocumentManifest && i == len(docs)-1:
			manifest = d
			next.write = s.keepingLost(d, nil)
		case d.Kind == api.DocumentRoster:
			before := h
			if h, err = s.lostRoster(h, d); err != nil {
				return nil, nil, nil, err
			}
			after := h
			next.write = s.keepingLost(d, func(ctx context.Context, tx *store.Tx) error { return followRoster(ctx, tx, before, after) })
		default:
			return nil, nil, nil, invalid("lost documents are rosters, and then one manifest")
		}
		if first == nil {
			first = next
		} else {
			last.then = next
		}
		last = next
	}
	if first == nil {
		return nil, nil, h, nil
	}
	return first, last, h, s.lostManifest(ctx, tx, h, manifest)
}

// keepingLost writes a document, and then does what follows from it.
func (s *Server) keepingLost(d api.Document, and func(context.Context, *store.Tx) error) func(context.Context, *store.Tx, int64) error {
	return func(ctx context.Context, tx *store.Tx, leaf int64) error {
		if err := keepDocument(ctx, tx, d, leaf, s.hour()); err != nil || and == nil {
			return err
		}
		return and(ctx, tx)
	}
}

// lostRoster checks a roster that the server has lost.
func (s *Server) lostRoster(h *house, d api.Document) (*house, error) {
	next, err := nextHouse(h, d.Text)
	if hotline.KindOf(err) == hotline.KindForged {
		return nil, hotline.Errorf(hotline.KindForged, "server",
			"roster %d is not signed by the administrators of roster %d, the newest that the backup knows, and this desk does not hold those between. "+
				"Let the desk of an administrator who was there all the time accept the restore first, or restore a newer backup", d.Serial, h.serial)
	}
	if err != nil {
		return nil, err
	}
	if next.serial != d.Serial {
		return nil, conflict("the roster has serial %d, and %d was said", next.serial, d.Serial)
	}
	return next, checkRoster(next.roster, s.journal.Verifier())
}

// lostManifest checks that pages go on to work: the manifest in force is one
// of the newest roster's, and its keys are here.
func (s *Server) lostManifest(ctx context.Context, tx *store.Tx, h *house, d api.Document) error {
	m, err := seal.VerifyManifestIn(d.Text, h.roster)
	switch {
	case hotline.KindOf(err) == hotline.KindForged:
		return hotline.Errorf(hotline.KindForged, "server", "the newest roster does not know manifest %d; hand in the manifest that came with it", d.Serial)
	case err != nil:
		return err
	case m.Serial != d.Serial:
		return conflict("the manifest has serial %d, and %d was said", m.Serial, d.Serial)
	case m.Desk != h.roster.Desk:
		return forged("the manifest is of another desk")
	}
	epochs, err := tx.TeamEpochs(ctx)
	if err != nil {
		return err
	}
	if err := manifestFits(m, epochs); err != nil {
		return hotline.Errorf(hotline.KindConflict, "server", "the key store that was restored is older than the manifest: restore again with the newest key store: %w", err)
	}
	return nil
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
				if err == nil {
					err = s.deliver(ctx, tx, row, record)
				}
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
