package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

type pin = seal.Hash

// house is a roster as it was published.
type house struct {
	serial int64
	text   []byte
	roster seal.Roster
	byPin  map[pin]seal.Member // active members by client certificate
}

// caller is who a certificate belongs to. For a stranger house is nil.
type caller struct {
	seal.Member
	house *house
}

func (w caller) inTeam(t hotline.Team) bool { return w.house != nil && slices.Contains(w.Teams, t) }

// pinOf is the pin of the certificate that the client has proved to hold.
func pinOf(r *http.Request) pin { return api.PinOf(r.TLS) }

// recognise finds the member of the newest roster, whichever node published it.
func (s *Server) recognise(ctx context.Context, p pin) (caller, error) {
	var h *house
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		h, err = s.house(ctx, tx)
		return err
	})
	if err != nil {
		return caller{}, err
	}
	m, ok := h.byPin[p]
	if !ok {
		return caller{}, nil
	}
	return caller{Member: m, house: h}, nil
}

// house returns the newest roster that tx sees. Only a new serial costs more
// than a look into an index. Every roster is verified by the authority of the
// one before it, back to the first.
func (s *Server) house(ctx context.Context, tx *store.Tx) (*house, error) {
	serial, err := tx.LatestSerial(ctx, api.DocumentRoster)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	h := s.known
	s.mu.Unlock()
	if h != nil && h.serial == serial {
		return h, nil
	}
	if serial == 0 {
		return nil, hotline.Errorf(hotline.KindUnavailable, "server", "there is no roster yet")
	}
	if h != nil && serial < h.serial {
		h = nil // an older database was put in place: believe only what it proves
	}
	if h, err = walkRosters(ctx, tx, h, serial); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.known = h
	s.mu.Unlock()
	return h, nil
}

// walkRosters goes on from h (nil: the beginning) to serial.
func walkRosters(ctx context.Context, tx *store.Tx, h *house, serial int64) (*house, error) {
	for h == nil || h.serial < serial {
		p := db.DocumentsAfterParams{Kind: api.DocumentRoster, MaxRows: 1}
		if h != nil {
			p.After = h.serial
		}
		docs, err := tx.DocumentsAfter(ctx, p)
		if err == nil && len(docs) == 0 {
			err = hotline.Errorf(hotline.KindNotFound, "server", "it is not there")
		}
		if err != nil {
			return nil, hotline.Errorf(hotline.KindInternal, "server", "the roster after %d cannot be read: %w", p.After, err)
		}
		if h, err = nextHouse(h, docs[0].Body); err != nil {
			return nil, hotline.Errorf(hotline.KindInternal, "server", "roster %d does not follow the one before: %w", docs[0].Serial, err)
		}
		if h.serial != docs[0].Serial {
			return nil, hotline.Errorf(hotline.KindInternal, "server", "roster %d stands under another number", h.serial)
		}
	}
	return h, nil
}

// nextHouse verifies that a roster follows h; the first is signed by its own authority.
func nextHouse(h *house, text []byte) (*house, error) {
	authority, serial := seal.Authority{}, int64(1)
	if h != nil {
		authority, serial = h.roster.Authority, h.serial+1
	} else {
		first, err := ownAuthority(text)
		if err != nil {
			return nil, err
		}
		authority = first
	}
	r, err := seal.VerifyRoster(text, authority)
	if err != nil {
		return nil, err
	}
	// A gap is left by a restore (handedIn); otherwise publish lets none through.
	if r.Serial < serial || (h == nil && r.Serial != serial) {
		return nil, conflict("the roster has serial %d, and %d is next", r.Serial, serial)
	}
	if h != nil && r.Desk != h.roster.Desk {
		return nil, forged("the roster is of another desk")
	}
	n := &house{serial: r.Serial, text: text, roster: r, byPin: make(map[pin]seal.Member)}
	for _, m := range r.Members {
		if m.Active() {
			n.byPin[m.TLS] = m
		}
	}
	return n, nil
}

// ownAuthority reads whom a roster names as its authority.
func ownAuthority(text []byte) (seal.Authority, error) {
	var r struct {
		Authority seal.Authority `json:"authority"`
	}
	s, err := seal.ParseSigned(text)
	if err != nil {
		return r.Authority, err
	}
	if err := json.Unmarshal(s.Line, &r); err != nil {
		return r.Authority, invalid("the roster is malformed")
	}
	return r.Authority, nil
}

// activeIn returns the active members of a team.
func (h *house) activeIn(t hotline.Team) []seal.Member {
	var out []seal.Member
	for _, m := range h.roster.Members {
		if m.Active() && slices.Contains(m.Teams, t) {
			out = append(out, m)
		}
	}
	return out
}

// me says who the caller is.
func (s *Server) me(c *call) (any, error) {
	return api.Me{Member: c.who.Member, Hour: s.hour(), Roster: c.who.house.serial}, nil
}
