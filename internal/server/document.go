package server

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strconv"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
	"safeconduct/internal/store"
	"safeconduct/internal/store/db"
)

// document returns the newest document of a kind.
func (s *Server) document(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	kind := c.PathValue("kind")
	if kind != api.DocumentManifest && kind != api.DocumentRoster {
		return nil, hotline.Errorf(hotline.KindNotFound, "server", "there is no such kind of document")
	}
	var out api.Document
	err := s.db.View(c.Context(), func(tx *store.Tx) error {
		row, err := tx.LatestDocument(c.Context(), kind)
		if store.Missing(err) {
			return hotline.Errorf(hotline.KindNotFound, "server", "there is no such document yet")
		}
		out = api.Document{Kind: kind, Serial: row.Serial, Text: row.Body}
		return err
	})
	return out, err
}

// documentAt returns one document by its serial: a desk that was away while the
// authority changed walks from the one that it knows to the newest.
func (s *Server) documentAt(c *call) (any, error) {
	if _, err := c.numbers(); err != nil {
		return nil, err
	}
	kind, text := c.PathValue("kind"), c.PathValue("serial")
	serial, err := strconv.ParseInt(text, 10, 64)
	if err != nil || serial < 1 || number(serial) != text || (kind != api.DocumentManifest && kind != api.DocumentRoster) {
		return nil, hotline.Errorf(hotline.KindNotFound, "server", "there is no such document")
	}
	var out api.Document
	err = s.db.View(c.Context(), func(tx *store.Tx) error {
		row, err := tx.Document(c.Context(), kind, serial)
		if store.Missing(err) {
			return hotline.Errorf(hotline.KindNotFound, "server", "there is no such document")
		}
		out = api.Document{Kind: kind, Serial: row.Serial, Text: row.Body}
		return err
	})
	return out, err
}

// publish takes a roster or a manifest that the authority has signed.
func (s *Server) publish(c *call) (any, error) {
	d, err := in[api.Document](c)
	if err != nil {
		return nil, err
	}
	if d.Kind != api.DocumentManifest && d.Kind != api.DocumentRoster {
		return nil, invalid("a document is a manifest or a roster")
	}
	err = s.act(c.Context(), c.who, func(ctx context.Context, tx *store.Tx) (*deed, error) {
		if err := lockHouse(ctx, tx); err != nil {
			return nil, err
		}
		return s.publishing(ctx, tx, c.who.house, d)
	})
	if err == nil {
		s.keysFollow(c.Context())
	}
	return nil, err
}

// publishing is the deed of publishing a document that enough keys of the
// authority have signed; nil when it is there already. What was proposed to
// the same end is used up.
func (s *Server) publishing(ctx context.Context, tx *store.Tx, h *house, d api.Document) (*deed, error) {
	newest, err := tx.LatestDocument(ctx, d.Kind)
	if err != nil && !store.Missing(err) {
		return nil, err
	}
	if newest.Serial == d.Serial && bytes.Equal(newest.Body, d.Text) {
		return nil, nil // sent again after a lost answer
	}
	if d.Serial != newest.Serial+1 {
		return nil, conflict("the newest %s has serial %d; the next one follows it", hotline.Term{Of: hotline.OfDocument, Name: d.Kind}, newest.Serial)
	}
	var and func(context.Context, *store.Tx) error
	if d.Kind == api.DocumentRoster {
		next, err := nextHouse(h, d.Text)
		if err != nil {
			return nil, err
		}
		if next.serial != d.Serial {
			return nil, conflict("the roster has serial %d, and %d is next", next.serial, d.Serial)
		}
		if err := checkRoster(next.roster, s.journal.Verifier()); err != nil {
			return nil, err
		}
		if err := takesOver(ctx, tx, h.roster, next.roster); err != nil {
			return nil, err
		}
		and = func(ctx context.Context, tx *store.Tx) error { return followRoster(ctx, tx, h, next) }
	} else if err := checkManifest(ctx, tx, d, h); err != nil {
		return nil, err
	}
	then, err := s.usedUp(ctx, tx, d)
	if err != nil {
		return nil, err
	}
	return &deed{
		act: actPublish, detail: documentDetail(d), hint: api.EventDocument, then: then,
		write: func(ctx context.Context, tx *store.Tx, leaf int64) error {
			if err := keepDocument(ctx, tx, d, leaf, s.hour()); err != nil || and == nil {
				return err
			}
			return and(ctx, tx)
		},
	}, nil
}

// takesOver checks that a roster which changes the authority names the
// manifest in force: otherwise nobody could tell any more who signed that one.
func takesOver(ctx context.Context, tx *store.Tx, before, after seal.Roster) error {
	if reflect.DeepEqual(before.Authority, after.Authority) {
		return nil
	}
	row, err := tx.LatestDocument(ctx, api.DocumentManifest)
	if err == nil && after.Manifest != lineHash(row.Body) {
		err = conflict("the roster changes the authority, and the manifest has changed meanwhile; make the roster anew")
	}
	return err
}

func documentDetail(d api.Document) detail {
	return detail{"document": d.Kind, "serial": number(d.Serial), "hash": sum(d.Text)}
}

func keepDocument(ctx context.Context, tx *store.Tx, d api.Document, leaf int64, now hotline.Hour) error {
	n, err := tx.InsertDocument(ctx, db.InsertDocumentParams{Kind: d.Kind, Serial: d.Serial, Body: d.Text, Hour: int64(now), Leaf: leaf})
	if err == nil && n != 1 {
		err = conflict("a document with this serial is there already")
	}
	return err
}

// checkRoster refuses what would lock the house out or make a member ambiguous.
func checkRoster(r seal.Roster, journal *journal.Verifier) error {
	if r.Journal != journal.String() {
		return invalid("the roster names another journal key than this server's")
	}
	administrators := 0
	for i, m := range r.Members {
		for _, other := range r.Members[:i] {
			switch {
			case other.ID == m.ID:
				return invalid("two members of the roster have one key")
			case other.TLS == m.TLS && other.Active() && m.Active():
				return invalid("two active members of the roster have one certificate")
			}
		}
		if m.TLS.IsZero() {
			return invalid("a member of the roster has no certificate")
		}
		for _, t := range m.Teams {
			if _, err := hotline.ParseTeam(string(t)); err != nil {
				return err
			}
		}
		if m.Active() && slices.Contains(m.Roles, hotline.RoleAdministrator) {
			administrators++
		}
	}
	if administrators == 0 {
		return invalid("the roster has no active administrator: nobody could publish another")
	}
	return nil
}

// followRoster does what a new roster means for the rows beside it: who is out
// (of the house, or of a team) or has another key loses the wraps of team keys,
// and who came in by an invitation has used it.
func followRoster(ctx context.Context, tx *store.Tx, before, after *house) error {
	lost := int64(0)
	for _, old := range before.roster.Members {
		m, ok := after.roster.Member(old.ID)
		if !ok || !m.Active() || m.Recipient.String() != old.Recipient.String() {
			n, err := tx.DeleteTeamWrapsOf(ctx, old.ID)
			if err != nil {
				return err
			}
			lost += n
			continue
		}
		for _, team := range old.Teams {
			if slices.Contains(m.Teams, team) {
				continue
			}
			n, err := tx.DeleteTeamWrapOf(ctx, old.ID, string(team))
			if err != nil {
				return err
			}
			lost += n
		}
	}
	if lost > 0 {
		if err := dueKeys(ctx, tx); err != nil {
			return err
		}
	}
	rows, err := tx.Invitations(ctx)
	if err != nil {
		return err
	}
	signed := false
	for _, row := range rows {
		b, ok := bundleOf(row)
		if !ok || !pending(row.State) {
			continue
		}
		if m, member := after.byPin[b.TLS]; !member || m.Key != b.Key {
			continue
		}
		if err := stepRow(ctx, tx, row, api.InvitationSigned); err != nil {
			return err
		}
		signed = true
	}
	if !signed {
		return nil
	}
	return hint(ctx, tx, api.EventEnrol)
}

// checkManifest checks a manifest against the authority in force and the epochs.
func checkManifest(ctx context.Context, tx *store.Tx, d api.Document, h *house) error {
	m, err := seal.VerifyManifest(d.Text, h.roster.Authority)
	if err != nil {
		return err
	}
	switch {
	case m.Serial != d.Serial:
		return conflict("the manifest has serial %d, and %d was said", m.Serial, d.Serial)
	case m.Desk != h.roster.Desk:
		return forged("the manifest is of another desk")
	}
	epochs, err := tx.TeamEpochs(ctx)
	if err != nil {
		return err
	}
	return manifestFits(m, epochs)
}

// manifestFits checks that pages will seal only to epochs that are known here,
// and will believe only reply keys of such epochs.
func manifestFits(m seal.Manifest, epochs []db.TeamEpoch) error {
	known := func(team hotline.Team, key seal.TeamKey) bool {
		return slices.ContainsFunc(epochs, func(e db.TeamEpoch) bool {
			return e.Team == string(team) && e.N == int64(key.Epoch) && e.Recipient == key.Recipient.String() &&
				seal.PublicKey(e.ReplyKey) == key.ReplyKey
		})
	}
	for team, key := range m.Teams {
		if !known(team, key) {
			return invalid("the manifest names a key of team %s that is not one of its epochs", team)
		}
		if !slices.Contains(m.ReplyKeys, key.ReplyKey) {
			return invalid("the manifest leaves out the reply key of team %s: pages would refuse its answers", team)
		}
	}
	for _, key := range m.ReplyKeys {
		if !slices.ContainsFunc(epochs, func(e db.TeamEpoch) bool { return seal.PublicKey(e.ReplyKey) == key }) {
			return invalid("the manifest names a reply key of no epoch")
		}
	}
	return nil
}
