package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// FaultUnjournaled is a row that only a journaled act can have made, and that has no leaf.
const FaultUnjournaled journal.Fault = "unjournaled"

// Verify checks the journal of a database as an auditor does: the leaves, the
// tree and the checkpoints (see [journal.Verify]), and that every document,
// epoch, later case key, reply, statement, proposal and answer has the leaf of its act. oldCheckpoint
// is one that was kept from before, or empty. Only leaves about
// folded and removed cases lose their text, and of those no such row is left but
// the fold, which has a leaf of its own.
func Verify(ctx context.Context, d *store.DB, vkey string, oldCheckpoint []byte) (*journal.Report, error) {
	verifier, err := journal.ParseVerifier(vkey)
	if err != nil {
		return nil, err
	}
	var old []journal.Checkpoint
	if len(oldCheckpoint) > 0 {
		c, err := journal.ParseCheckpoint(oldCheckpoint, verifier)
		if err != nil {
			return nil, err
		}
		old = append(old, c)
	}
	var report *journal.Report
	err = d.View(ctx, func(tx *store.Tx) error {
		if report, err = journal.Verify(ctx, source{tx}, []*journal.Verifier{verifier}, old...); err != nil {
			return err
		}
		a := &audit{ctx: ctx, tx: tx, report: report, leaves: make(map[witness]struct{})}
		return a.run()
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}

// witness is what a leaf says was done: an act and the hash of its object.
type witness struct {
	act  string
	hash [sha256.Size]byte
}

// objects names the detail that holds the hash of an act's object.
var objects = map[string]string{
	actFold: "fold", actReply: "record", actStatement: "statement", actGeneration: "generation", actEpoch: "announcement", actPublish: "hash",
	actPropose: "proposal", actApprove: "answer", actRefuse: "answer",
}

// maxUnjournaled bounds the findings of one report.
const maxUnjournaled = 100

type audit struct {
	ctx    context.Context
	tx     *store.Tx
	report *journal.Report
	leaves map[witness]struct{}
	found  int
}

func (a *audit) run() error {
	if err := a.collect(); err != nil {
		return err
	}
	for _, check := range []func() error{a.documents, a.epochs, a.generations, a.statements, a.replies, a.folds, a.proposals, a.answers} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// collect reads all leaves once.
func (a *audit) collect() error {
	const page = 1024
	for from := int64(0); ; {
		rows, err := source{a.tx}.Leaves(a.ctx, from, page)
		if err != nil {
			return err
		}
		for _, row := range rows {
			from = row.Index + 1
			a.leaf(row)
		}
		if len(rows) < page {
			return nil
		}
	}
}

func (a *audit) leaf(row journal.StoredLeaf) {
	if row.Opening == nil {
		return
	}
	e, err := journal.VerifyOpening(row.Commitment, *row.Opening)
	if err != nil {
		return // a finding of journal.Verify
	}
	w := witness{act: e.Act}
	if n, err := hex.Decode(w.hash[:], []byte(shortened(e.Detail[objects[e.Act]]))); err == nil && n == len(w.hash) {
		a.leaves[w] = struct{}{}
	}
}

// shortened keeps a text that is no hash from overrunning one.
func shortened(s string) string {
	if len(s) > 2*sha256.Size {
		return ""
	}
	return s
}

// demand reports a row without a leaf.
func (a *audit) demand(act string, hash [sha256.Size]byte, format string, args ...any) {
	if _, ok := a.leaves[witness{act, hash}]; ok {
		return
	}
	if a.found++; a.found > maxUnjournaled {
		a.report.More++
		return
	}
	a.report.Findings = append(a.report.Findings, journal.Finding{
		Fault: FaultUnjournaled, Index: -1, Last: -1, Row: -1,
		Why: fmt.Sprintf(format, args...) + " is in the database, but the journal has no entry of it",
	})
}

func (a *audit) documents() error {
	for _, kind := range []string{api.DocumentRoster, api.DocumentManifest} {
		for after := int64(0); ; {
			rows, err := a.tx.DocumentsAfter(a.ctx, db.DocumentsAfterParams{Kind: kind, After: after, MaxRows: 10})
			if err != nil {
				return err
			}
			for _, d := range rows {
				after = d.Serial
				a.demand(actPublish, sha256.Sum256(d.Body), "%s %d", kind, d.Serial)
			}
			if len(rows) < 10 {
				break
			}
		}
	}
	return nil
}

func (a *audit) epochs() error {
	rows, err := a.tx.TeamEpochs(a.ctx)
	for _, e := range rows {
		a.demand(actEpoch, lineHash(e.Statement), "epoch %d of team %s", e.N, e.Team)
	}
	return err
}

// generations checks the keys after the first, which the contact made.
func (a *audit) generations() error {
	p := db.CaseKeysAfterParams{CaseID: make([]byte, len(hotline.CaseID{})), MaxRows: casePage}
	for {
		rows, err := a.tx.CaseKeysAfter(a.ctx, p)
		if err != nil {
			return err
		}
		for _, k := range rows {
			p.CaseID, p.N = k.CaseID, k.N
			if isFolded(k.Statement) {
				continue // its fold is looked for
			}
			a.demand(actGeneration, lineHash(k.Statement), "key %d of case %s", k.N, hotline.CaseID(k.CaseID))
		}
		if len(rows) < casePage {
			return nil
		}
	}
}

func (a *audit) statements() error {
	after := make([]byte, sha256.Size)
	for {
		rows, err := a.tx.AllStatements(a.ctx, after, casePage)
		if err != nil {
			return err
		}
		for _, st := range rows {
			after = st.ID
			a.demand(actStatement, lineHash(st.Header), "statement %x", st.ID[:8])
		}
		if len(rows) < casePage {
			return nil
		}
	}
}

func (a *audit) replies() error {
	after := make([]byte, sha256.Size)
	for {
		rows, err := a.tx.AllReplies(a.ctx, after, casePage)
		if err != nil {
			return err
		}
		for _, r := range rows {
			after = r.ID
			a.demand(actReply, sha256.Sum256(r.File), "reply %x", r.ID[:8])
		}
		if len(rows) < casePage {
			return nil
		}
	}
}

func (a *audit) proposals() error {
	after := make([]byte, sha256.Size)
	for {
		rows, err := a.tx.AllProposals(a.ctx, after, casePage)
		if err != nil {
			return err
		}
		for _, p := range rows {
			after = p.ID
			a.demand(actPropose, lineHash(p.Statement), "proposal %x", p.ID[:8])
		}
		if len(rows) < casePage {
			return nil
		}
	}
}

func (a *audit) answers() error {
	after := make([]byte, sha256.Size)
	for {
		rows, err := a.tx.AllApprovals(a.ctx, after, casePage)
		if err != nil {
			return err
		}
		for _, p := range rows {
			after = p.ID
			act := actApprove
			if p.Decision == string(seal.DecisionRefuse) {
				act = actRefuse
			}
			a.demand(act, lineHash(p.Statement), "answer %x to a proposal", p.ID[:8])
		}
		if len(rows) < casePage {
			return nil
		}
	}
}

// lineHash is the hash of a signed text; of a damaged one, a hash no leaf has.
func lineHash(text []byte) seal.Hash {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return sha256.Sum256(line)
}

func (a *audit) folds() error {
	after := make([]byte, len(hotline.CaseID{}))
	for {
		rows, err := a.tx.AllFolds(a.ctx, after, casePage)
		if err != nil {
			return err
		}
		for _, f := range rows {
			after = f.CaseID
			a.demand(actFold, sha256.Sum256(f.File), "the fold of case %s", hotline.CaseID(f.CaseID))
		}
		if len(rows) < casePage {
			return nil
		}
	}
}
