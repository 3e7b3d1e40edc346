package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/object"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// partPatience is how long a part may take on an operator's bad line.
const partPatience = 2 * time.Minute

// putPart takes one part of a file that an operator sends. A reply names the
// file later; until then it waits, a day at most. The part's bytes are on disk
// before its leaf and its row are written.
func (s *Server) putPart(c *call) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	control := http.NewResponseController(c.w)
	_ = control.SetReadDeadline(begun(partPatience)) // a connection without deadlines is a test's
	_ = control.SetWriteDeadline(begun(partPatience + writePatience))
	req, err := in[api.Part](c)
	if err != nil {
		return nil, err
	}
	p, err := partOf(id, req, s.hour())
	out := api.Parts{}
	held := false
	look := s.db.View(c.Context(), func(tx *store.Tx) error {
		row, missing := tx.CaseByID(c.Context(), id[:])
		switch {
		case store.Missing(missing), missing == nil && !c.who.sees(row):
			return noCase()
		case missing != nil || err != nil:
			return missing
		}
		held, out.Have, missing = s.objects.Held(c.Context(), tx, p)
		return missing
	})
	if err := cmp.Or(look, err); err != nil || held {
		return out, err
	}
	if err := s.objects.Room(c.Context(), true); err != nil {
		return nil, err
	}
	if p.Key, err = s.objects.Write(c.Context(), p.Side, req.Content); err != nil {
		return nil, err
	}
	kept := false
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		row, err := lockCase(ctx, tx, c.who, p.Case)
		if err != nil {
			return nil, err
		}
		if err := unfolded(row); err != nil {
			return nil, err
		}
		d := &deed{act: actPart, id: p.Case, detail: detail{"object": p.Object.String(), "part": number(p.Index), "hash": p.Hash.String()}}
		d.write = func(ctx context.Context, tx *store.Tx, _ int64) (err error) {
			out.Have, kept, err = s.objects.Take(ctx, tx, row, p)
			return err
		}
		return d, nil
	})
	// Where nobody knows whether the row is there, the bytes stay for the sweep.
	if (err != nil || !kept) && hotline.KindOf(err) != hotline.KindUnknown {
		s.objects.Drop(context.WithoutCancel(c.Context()), p.Key)
	}
	return out, err
}

// partOf compares a part with its place in the file.
func partOf(id hotline.CaseID, req api.Part, hour hotline.Hour) (object.Part, error) {
	p := object.Part{Side: object.SideDesk, Part: seal.Part{
		Case: id, Object: req.Object, Index: req.Index, Parts: req.Parts, Size: req.Size, Hash: hashOfBytes(req.Content), Hour: hour,
	}}
	if req.Copy {
		p.Side = object.SideCopy
	}
	if err := p.Check(req.Content); err != nil {
		return p, err
	}
	if p.Index == 0 {
		return p, seal.CheckFile(req.Content)
	}
	return p, nil
}

// readObject hands out the sealed file of an attachment, from one part on. It
// is a read of the case: the leaf is on disk before the first byte leaves.
func (s *Server) readObject(c *call) (any, error) {
	id, err := c.caseID()
	if err != nil {
		return nil, err
	}
	req, err := in[api.ReadObject](c)
	if err != nil {
		return nil, err
	}
	oid := req.Object
	var parts []db.ObjectPart
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if _, err := lockCase(ctx, tx, c.who, id); err != nil {
			return nil, err
		}
		o, err := tx.ObjectByID(ctx, id[:], oid[:])
		if store.Missing(err) || (err == nil && (len(o.RecordID) == 0 || o.Side == string(object.SideCopy))) {
			return nil, hotline.Errorf(hotline.KindNotFound, "server", "there is no such attachment")
		}
		if err != nil {
			return nil, err
		}
		if parts, err = tx.ObjectParts(ctx, id[:], oid[:]); err != nil {
			return nil, err
		}
		if req.From < 0 || req.From >= len(parts) {
			return nil, invalid("the attachment has no such part")
		}
		return &deed{act: actFile, id: id, detail: detail{"object": oid.String(), "from": number(req.From)}}, nil
	})
	if err != nil {
		return nil, err
	}
	return s.streamParts(c, parts[req.From:])
}

func (s *Server) streamParts(c *call, parts []db.ObjectPart) (any, error) {
	control := http.NewResponseController(c.w)
	for i, part := range parts {
		content, err := s.objects.Read(c.Context(), part)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			c.w.Header().Set("Content-Type", "application/octet-stream")
			c.w.WriteHeader(http.StatusOK)
		}
		if err := control.SetWriteDeadline(begun(writePatience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return nil, hotline.Errorf(hotline.KindUnavailable, "server", "the reader has gone")
		}
		if _, err := c.w.Write(content); err != nil {
			return nil, hotline.Errorf(hotline.KindUnavailable, "server", "the reader has gone")
		}
	}
	return streamed{}, nil
}
