package server

import (
	"context"
	"net/http"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
)

// The journal in the layout of c2sp.org/tlog-tiles, for tools that we did not
// write. Tiles hold commitments only.
const (
	pathLogCheckpoint = "/v1/log/checkpoint"
	pathLogTile       = "/v1/log/tile/{path...}"
)

// leafPage is how many leaves are read at once.
const leafPage = 200

// signedHead returns the newest checkpoint. Every append stores one, so there
// is nothing to sign here: what is not covered was not appended by a server.
func signedHead(ctx context.Context, tx *store.Tx) (string, error) {
	head, err := tx.JournalHead(ctx)
	if err == nil && head.Checkpoint == "" {
		err = hotline.Errorf(hotline.KindUnavailable, "server", "the journal has no checkpoint yet")
	}
	return head.Checkpoint, err
}

func (s *Server) newestCheckpoint(c *call) (text string, err error) {
	if _, err := c.numbers(); err != nil {
		return "", err
	}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		text, err = signedHead(c.Context(), tx)
		return err
	})
	return text, err
}

// checkpoint returns the newest signed checkpoint.
func (s *Server) checkpoint(c *call) (any, error) { return s.newestCheckpoint(c) }

// logCheckpoint returns the same, bare.
func (s *Server) logCheckpoint(c *call) (any, error) {
	text, err := s.newestCheckpoint(c)
	if err != nil {
		return nil, err
	}
	return raw(c, "text/plain; charset=utf-8", []byte(text))
}

// logTile returns one tile or one bundle of entries.
func (s *Server) logTile(c *call) (any, error) {
	t, err := journal.ParseTilePath("tile/" + c.PathValue("path"))
	if err != nil {
		return nil, err
	}
	var b []byte
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		size, err := tx.Journal().Size(c.Context())
		if err != nil {
			return err
		}
		b, err = journal.ReadTile(c.Context(), source{tx}, size, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return raw(c, "application/octet-stream", b)
}

func raw(c *call, kind string, b []byte) (any, error) {
	c.w.Header().Set("Content-Type", kind)
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(b) // the reader has gone
	return streamed{}, nil
}

// consistency proves that the journal of one size extends that of another.
func (s *Server) consistency(c *call) (any, error) {
	q, err := c.numbers("from", "size")
	if err != nil {
		return nil, err
	}
	out := api.JournalProof{From: q["from"], Size: q["size"], Hashes: []seal.Hash{}}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		size, err := tx.Journal().Size(c.Context())
		if err != nil {
			return err
		}
		if out.Size > size || out.From > out.Size {
			return invalid("the journal has %d entries", size)
		}
		proof, err := journal.ProveConsistency(c.Context(), tx.Journal(), out.From, out.Size)
		for _, h := range proof {
			out.Hashes = append(out.Hashes, seal.Hash(h))
		}
		return err
	})
	return out, err
}

// leaves pages through the entries.
func (s *Server) leaves(c *call) (any, error) {
	q, err := c.numbers("from")
	if err != nil {
		return nil, err
	}
	out := api.LeafPage{Leaves: []api.Leaf{}}
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		var err error
		if out.Size, err = tx.Journal().Size(c.Context()); err != nil {
			return err
		}
		rows, err := source{tx}.Leaves(c.Context(), q["from"], leafPage)
		for _, row := range rows {
			if row.Opening != nil && withheld(c.who, row.Opening.Line) {
				row.Opening = nil
			}
			out.Leaves = append(out.Leaves, apiLeaf(row))
		}
		return err
	})
	return out, err
}

func apiLeaf(row journal.StoredLeaf) api.Leaf {
	l := api.Leaf{Index: row.Index, Commitment: seal.Hash(row.Commitment)}
	if row.Opening != nil {
		l.Blind, l.Entry = seal.Hash(row.Opening.Blind), string(row.Opening.Line)
	}
	return l
}

// source reads the journal as an auditor does: with whatever gaps there are.
type source struct{ tx *store.Tx }

var _ journal.Source = source{}

// ReadHashes implements [journal.HashReader].
func (r source) ReadHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error) {
	return r.tx.Journal().ReadHashes(ctx, indexes)
}

// Checkpoint implements [journal.Source].
func (r source) Checkpoint(ctx context.Context) ([]byte, error) {
	head, err := r.tx.JournalHead(ctx)
	return []byte(head.Checkpoint), err
}

// Leaves implements [journal.Source].
func (r source) Leaves(ctx context.Context, from int64, n int) ([]journal.StoredLeaf, error) {
	rows, err := r.tx.JournalLeavesFrom(ctx, from, int32(n)) //nolint:gosec // a page's size
	if err != nil {
		return nil, err
	}
	leaves := make([]journal.StoredLeaf, len(rows))
	for i, row := range rows {
		leaves[i].Index = row.Idx
		copy(leaves[i].Commitment[:], row.Commitment) // a damaged one will not match
		if row.Blind == nil && row.Entry == nil {
			continue
		}
		leaves[i].Opening = &journal.Opening{Line: row.Entry}
		copy(leaves[i].Opening.Blind[:], row.Blind)
	}
	return leaves, nil
}

// Hashes implements [journal.Source].
func (r source) Hashes(ctx context.Context, from int64, n int) ([]journal.StoredHash, error) {
	rows, err := r.tx.JournalHashesFrom(ctx, from, int32(n)) //nolint:gosec // a page's size
	if err != nil {
		return nil, err
	}
	hashes := make([]journal.StoredHash, len(rows))
	for i, row := range rows {
		hashes[i].Index = row.Idx
		copy(hashes[i].Hash[:], row.Hash)
	}
	return hashes, nil
}
