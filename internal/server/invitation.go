package server

import (
	"context"
	"slices"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

const (
	maxName     = 64 // bytes of a call-name, as in seal.Bundle
	longestLife = 90 * 24 * time.Hour
)

// invite registers an invitation. The secret stays with who made it; its hash
// is the id.
func (s *Server) invite(c *call) (any, error) {
	req, err := in[api.NewInvitation](c)
	if err != nil {
		return nil, err
	}
	if err := s.checkInvitation(req); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		held, err := tx.Invitation(ctx, req.ID[:])
		switch {
		case err == nil && held.State == api.InvitationOpen && held.CreatedBy == c.who.ID && sameInvitation(held, req):
			return nil, nil // sent again after a lost answer
		case err == nil:
			return nil, conflict("there is an invitation with this secret already; make another")
		case !store.Missing(err):
			return nil, err
		}
		return &deed{
			act: actInvite, hint: api.EventEnrol,
			detail: detail{"invitation": req.ID.String(), "grants": grants(req.Roles, req.Teams), "expires": number(req.Expires)},
			write: func(ctx context.Context, tx *store.Tx, _ int64) error {
				return tx.InsertInvitation(ctx, db.InsertInvitationParams{
					ID: req.ID[:], Role: grants(req.Roles, req.Teams), Name: req.Name, CreatedHour: int64(s.hour()),
					ExpiresMs: req.Expires, State: api.InvitationOpen, CreatedBy: c.who.ID,
				})
			},
		}, nil
	})
}

func (s *Server) checkInvitation(n api.NewInvitation) error {
	now := s.clock()
	if n.ID.IsZero() || len(n.Name) > maxName || strings.TrimSpace(n.Name) == "" {
		return invalid("an invitation needs an id and a call-name of up to %d bytes", maxName)
	}
	if err := hotline.CheckRoles(n.Roles); err != nil {
		return err
	}
	if len(n.Roles) > len(hotline.Roles()) || len(n.Teams) > 4 {
		return invalid("a role or a team is named twice")
	}
	for i, r := range n.Roles {
		if slices.Contains(n.Roles[:i], r) {
			return invalid("a role is named twice")
		}
	}
	for i, t := range n.Teams {
		if _, err := hotline.ParseTeam(string(t)); err != nil || slices.Contains(n.Teams[:i], t) {
			return invalid("a team is unknown or named twice")
		}
	}
	if n.Expires <= now.UnixMilli() || n.Expires > now.Add(longestLife).UnixMilli() {
		return invalid("an invitation expires within 90 days")
	}
	return nil
}

func sameInvitation(row db.Invitation, n api.NewInvitation) bool {
	return row.Name == n.Name && row.ExpiresMs == n.Expires && row.Role == grants(n.Roles, n.Teams)
}

// grants is how the store keeps what an invitation is for: "roles;teams".
func grants(roles []hotline.Role, teams []hotline.Team) string {
	return joined(roles) + ";" + joined(teams)
}

func joined[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = string(v)
	}
	return strings.Join(words, ",")
}

func split[T ~string](words string) []T {
	out := []T{}
	for w := range strings.SplitSeq(words, ",") {
		if w != "" {
			out = append(out, T(w))
		}
	}
	return out
}

func apiInvitation(row db.Invitation) api.Invitation {
	roles, teams, _ := strings.Cut(row.Role, ";")
	return api.Invitation{
		NewInvitation: api.NewInvitation{
			ID: hashOf(row.ID), Name: row.Name, Roles: split[hotline.Role](roles), Teams: split[hotline.Team](teams), Expires: row.ExpiresMs,
		},
		State: row.State, Bundle: row.Bundle,
	}
}

// pending reports whether an invitation can still be used or signed.
func pending(state string) bool {
	return state == api.InvitationOpen || state == api.InvitationKeys || state == api.InvitationContested
}

// invitations lists them, newest first.
func (s *Server) invitations(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	out := []api.Invitation{}
	now := s.clock().UnixMilli()
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		rows, err := tx.Invitations(c.Context())
		for _, row := range rows {
			if pending(row.State) && row.ExpiresMs <= now {
				row.State = api.InvitationExpired
			}
			out = append(out, apiInvitation(row))
		}
		return err
	})
	slices.Reverse(out)
	return out, err
}

// revokeInvitation takes an invitation back, or refuses the keys that came with it.
func (s *Server) revokeInvitation(c *call) (any, error) {
	var id seal.Hash
	if text := c.PathValue("id"); id.UnmarshalText([]byte(text)) != nil || id.IsZero() {
		return nil, invalid("an invitation's id has 64 lower-case hexadecimal digits")
	}
	if _, err := in[struct{}](c); err != nil {
		return nil, err
	}
	return nil, s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		row, err := tx.Invitation(ctx, id[:])
		switch {
		case store.Missing(err):
			return nil, hotline.Errorf(hotline.KindNotFound, "server", "there is no such invitation")
		case err != nil:
			return nil, err
		case row.State == api.InvitationRevoked:
			return nil, nil
		case !pending(row.State):
			return nil, conflict("the invitation is %s already; a member is revoked by a new roster", hotline.Term{Of: hotline.OfInvitation, Name: row.State})
		}
		return step(row, api.InvitationRevoked, actRevoke), nil
	})
}

// step moves an invitation to another state and changes nothing else.
func step(row db.Invitation, state, act string) *deed {
	return &deed{
		act: act, detail: detail{"invitation": hashOf(row.ID).String()}, hint: api.EventEnrol,
		write: func(ctx context.Context, tx *store.Tx, _ int64) error { return stepRow(ctx, tx, row, state) },
	}
}

func stepRow(ctx context.Context, tx *store.Tx, row db.Invitation, state string) error {
	n, err := tx.StepInvitation(ctx, db.StepInvitationParams{
		State: state, Bundle: row.Bundle, Operator: row.Operator, ID: row.ID, ExpectedState: row.State,
	})
	if err == nil && n != 1 {
		err = conflict("the invitation has changed meanwhile")
	}
	return err
}

// expireInvitations marks those whose time is over.
func (s *Server) expireInvitations(ctx context.Context) error {
	var over []db.Invitation
	now := s.clock().UnixMilli()
	due := func(row db.Invitation) bool { return pending(row.State) && row.ExpiresMs <= now }
	err := s.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Invitations(ctx)
		over = slices.DeleteFunc(rows, func(row db.Invitation) bool { return !due(row) })
		return err
	})
	if err != nil {
		return err
	}
	for _, row := range over {
		err := s.act(ctx, caller{}, func(ctx context.Context, tx *store.Tx) (*deed, error) {
			if err := lockHouse(ctx, tx); err != nil {
				return nil, err
			}
			row, err := tx.Invitation(ctx, row.ID)
			if err != nil || !due(row) {
				return nil, err
			}
			return step(row, api.InvitationExpired, actExpire), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
