package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// secretSize is the length in bytes of an invitation's secret: nobody guesses
// one, so tries need no counting.
const secretSize = 32

// noInvitation is the one answer for a secret that is unknown, revoked or expired.
func noInvitation() error {
	return hotline.Errorf(hotline.KindDenied, "server", "no open invitation has this secret; ask the administrator for another")
}

// enrol takes a newcomer's public keys. They count for nothing until both
// people have compared the fingerprint and the authority has signed a roster
// that names them.
func (s *Server) enrol(c *call) (any, error) {
	req, err := in[api.Enrol](c)
	if err != nil {
		return nil, err
	}
	b, err := s.checkBundle(c, req)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(req.Secret)
	operator := b.Key.ID().String()
	contested := false
	err = s.act(c.Context(), caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		contested = false
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		row, err := tx.Invitation(ctx, id[:])
		switch {
		case store.Missing(err):
			return nil, noInvitation()
		case err != nil:
			return nil, err
		case subtle.ConstantTimeCompare(row.ID, id[:]) != 1 || row.ExpiresMs <= s.clock().UnixMilli() || !pending(row.State):
			return nil, noInvitation()
		}
		d := &deed{actor: operator, hint: api.EventEnrol, detail: detail{
			"invitation": hashOf(id[:]).String(), "bundle": sum(req.Bundle), "tls": b.TLS.String(),
		}}
		if row.State != api.InvitationOpen {
			contested = !bytes.Equal(row.Bundle, req.Bundle)
			if !contested || row.State == api.InvitationContested {
				return nil, nil // sent again, or known to be contested already
			}
			d.act = actContest
			d.write = func(ctx context.Context, tx *store.Tx, _ int64) error {
				return stepRow(ctx, tx, row, api.InvitationContested)
			}
			return d, nil
		}
		d.act = actEnrol
		d.write = func(ctx context.Context, tx *store.Tx, _ int64) error {
			return keepBundle(ctx, tx, row, req.Bundle, operator)
		}
		return d, nil
	})
	if err == nil && contested {
		err = conflict("this invitation has been used with other keys; the administrator has been told, ask for another")
	}
	return nil, err
}

// checkBundle reads the newcomer's keys. The certificate of the connection
// proves that whoever sends them holds the key of the certificate they name.
func (s *Server) checkBundle(c *call, req api.Enrol) (seal.Bundle, error) {
	b, err := seal.ParseBundle(req.Bundle)
	switch {
	case err != nil:
		return b, err
	case len(req.Secret) != secretSize:
		return b, noInvitation()
	case b.TLS != c.pin:
		return b, forged("the keys name another certificate than the one of this connection")
	}
	h := c.who.house
	if h == nil {
		err = s.db.View(c.Context(), func(tx *store.Tx) (err error) {
			h, err = s.house(c.Context(), tx)
			return err
		})
		if err != nil {
			return b, err
		}
	}
	taken := func(m seal.Member) bool {
		return m.Key == b.Key || m.TLS == b.TLS || m.Recipient.String() == b.Recipient.String()
	}
	if slices.ContainsFunc(h.roster.Members, taken) {
		return b, conflict("these keys are in the roster already; a newcomer makes new ones")
	}
	return b, nil
}

func keepBundle(ctx context.Context, tx *store.Tx, row db.Invitation, bundle []byte, operator string) error {
	row.Bundle, row.Operator = bundle, operator
	n, err := tx.StepInvitation(ctx, db.StepInvitationParams{
		State: api.InvitationKeys, Bundle: row.Bundle, Operator: row.Operator, ID: row.ID, ExpectedState: api.InvitationOpen,
	})
	if err == nil && n != 1 {
		err = conflict("the invitation has changed meanwhile")
	}
	return err
}

// enrolment tells a newcomer how far it is. Only who is in the roster gets it.
func (s *Server) enrolment(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	if h := c.who.house; h != nil {
		return api.Enrolment{State: api.InvitationSigned, Roster: h.text}, nil
	}
	var out api.Enrolment
	now := s.clock().UnixMilli()
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		rows, err := tx.Invitations(c.Context())
		if err != nil {
			return err
		}
		for _, row := range rows { // the newest counts
			if b, ok := bundleOf(row); !ok || b.TLS != c.pin {
				continue
			}
			out.State = row.State
			switch {
			case pending(row.State) && row.ExpiresMs <= now:
				out.State = api.InvitationExpired
			case row.State == api.InvitationSigned:
				out.State = api.InvitationRevoked // was in the roster, and is no more
			}
		}
		return nil
	})
	if err == nil && out.State == "" {
		err = hotline.Errorf(hotline.KindNotFound, "server", "no keys have come with this certificate")
	}
	return out, err
}

// bundleOf reads the keys that came for an invitation.
func bundleOf(row db.Invitation) (seal.Bundle, bool) {
	if len(row.Bundle) == 0 {
		return seal.Bundle{}, false
	}
	b, err := seal.ParseBundle(row.Bundle)
	return b, err == nil
}
