package desk

import (
	"context"
	"errors"
	"io"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Revoke ends a member's access and renews every key that the member knew, as
// far as this desk may. It can be broken off and called again; what is left to
// do, Renewal tells. In a house of two it ends when it waits for the other
// administrator, and goes on by itself when he has signed.
func (d *Desk) Revoke(ctx context.Context, member seal.OperatorID, progress func(Progress)) error {
	s, done, err := d.open("revoke")
	if err != nil {
		return err
	}
	err = s.administrator()
	if err == nil && member == s.me.ID {
		err = hotline.Errorf(hotline.KindInvalid, "revoke", "you cannot end your own access: the house would have no administrator")
	}
	done()
	if err != nil {
		return err
	}
	tell(progress, Progress{Step: hotline.Say("ending access")})
	waits, err := s.endAccess(ctx, member)
	if err != nil && !errors.Is(err, errRevoked) {
		return err
	}
	if waits != nil {
		return s.putOff(member)
	}
	return d.Renew(ctx, progress)
}

// endAccess signs the roster in which a member has left.
func (s *session) endAccess(ctx context.Context, member seal.OperatorID) (waits *Waiting, err error) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	err = s.under(func() error { waits = s.leaveWaits(member); return nil })
	if err != nil || waits != nil {
		return waits, err
	}
	return s.publishRoster(ctx, ReasonLeaves, func(r *seal.Roster) error {
		i := slices.IndexFunc(r.Members, func(m seal.Member) bool { return m.ID == member })
		if i < 0 {
			return hotline.Errorf(hotline.KindNotFound, "revoke", "the roster has no such member")
		}
		if !r.Members[i].Active() {
			return errRevoked
		}
		r.Members[i].Until = r.Hour
		return s.takeOver(r)
	})
}

// errRevoked says that the first step of a revocation was done before.
var errRevoked = hotline.Errorf(hotline.KindConflict, "revoke", "access was ended before")

func tell(progress func(Progress), p Progress) {
	if progress != nil {
		progress(p)
	}
}

// Renewal tells what a revocation has left to do.
func (d *Desk) Renewal() RenewalView {
	s, done, err := d.open("renewal")
	if err != nil {
		return RenewalView{}
	}
	defer done()
	return s.renewal()
}

func (s *session) renewal() RenewalView {
	v := RenewalView{Manifest: s.manifestLags(), Cases: len(s.staleCases())}
	if v.Manifest {
		v.Waits = s.manifestWaits(s.nextManifest())
	}
	for team := range s.newest {
		if s.epochStale(team) {
			v.Epochs = append(v.Epochs, team)
		}
	}
	slices.Sort(v.Epochs)
	return v
}

// epochStale reports whether somebody who is no longer a member of the team
// was one when its newest key was made: that person may have the key.
func (s *session) epochStale(team hotline.Team) bool {
	n, ok := s.newest[team]
	return ok && n.Hour <= s.lastLeft(team)
}

// lastLeft is the hour in which somebody last left a team, -1 if nobody has.
// Who holds which wrap is only the server's word, so it does not count here.
func (s *session) lastLeft(team hotline.Team) hotline.Hour {
	last := hotline.Hour(-1)
	for _, m := range s.roster.Members {
		if !m.Active() && slices.Contains(m.Teams, team) {
			last = max(last, m.Until)
		}
	}
	return last
}

// manifestLags reports whether pages still seal to an old key.
func (s *session) manifestLags() bool {
	for team, n := range s.newest {
		if m, ok := s.manifest.Teams[team]; ok && m.Epoch < n.Epoch.Epoch {
			return true
		}
	}
	return false
}

// staleCases are the open cases of my teams whose newest key was first wrapped
// to an older epoch than the newest.
func (s *session) staleCases() []hotline.CaseID {
	var out []hotline.CaseID
	for _, id := range sortedIDs(s.rows) {
		row := s.rows[id]
		n, ok := s.newest[row.Team]
		f := s.files[id]
		if !ok || !row.Stage.Open() || f == nil {
			continue
		}
		if epoch, known := f.epoch(); known && epoch < n.Epoch.Epoch {
			out = append(out, id)
		}
	}
	return out
}

// Renew makes new epochs for teams whose key somebody knows who has left,
// publishes them in a manifest, and gives every open case a new key. It does
// what this desk may do and says what another must.
func (d *Desk) Renew(ctx context.Context, progress func(Progress)) error {
	s, done, err := d.open("renew")
	if err != nil {
		return err
	}
	blocked := s.blocked()
	done()
	if blocked {
		return hotline.Errorf(hotline.KindForged, "renew", "something does not verify: look at the alarms first")
	}
	return s.renew(ctx, progress)
}

func (s *session) renew(ctx context.Context, progress func(Progress)) error {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if err := s.refreshEpochs(ctx); err != nil {
		return err
	}
	view := s.d.Renewal()
	for i, team := range view.Epochs {
		tell(progress, Progress{Step: hotline.Say("new key for team %s", team), Done: i, Total: len(view.Epochs)})
		if err := s.startEpoch(ctx, team); err != nil {
			return err
		}
	}
	if err := s.refreshEpochs(ctx); err != nil {
		return err
	}
	if s.d.Renewal().Manifest {
		tell(progress, Progress{Step: hotline.Say("publishing the new keys")})
		waits, err := s.publishKeys(ctx, s.manifestLags)
		if err != nil {
			return err
		}
		if waits != nil {
			return s.putOff("")
		}
	}
	if err := s.rotateCases(ctx, progress); err != nil {
		return err
	}
	return s.under(func() error {
		if !s.kept.Renewing || len(s.kept.Leaving) > 0 {
			return nil
		}
		s.kept.Renewing = false
		return s.keep()
	})
}

// startEpoch makes a new key of a team, wrapped to its active members and to R.
func (s *session) startEpoch(ctx context.Context, team hotline.Team) error {
	var epoch api.NewEpoch
	err := s.under(func() error {
		if !slices.Contains(s.me.Teams, team) || !hotline.Allowed(hotline.ActionEpoch, s.me.Roles...) {
			return hotline.Errorf(hotline.KindDenied, "renew", "team %s needs a new key: one of its own members has to make it", team)
		}
		secret, err := seal.NewTeamSecret(team, s.newest[team].Epoch.Epoch+1)
		if err != nil {
			return err
		}
		public := secret.Public()
		signed, err := seal.SignEpoch(seal.Epoch{
			Team: team, Epoch: secret.Epoch, Recipient: public.Recipient, ReplyKey: public.ReplyKey,
			Hour: max(s.hour(), s.lastLeft(team)+1), // every desk must see that it is the later one
		}, s.keys.Signing)
		if err != nil {
			return err
		}
		epoch = api.NewEpoch{Announcement: signed.Text(), Wraps: map[string][]byte{}}
		if epoch.Wraps[api.HolderRecovery], err = secret.Wrap(s.roster.Recovery); err != nil {
			return err
		}
		for _, m := range s.roster.Members {
			if m.Active() && slices.Contains(m.Teams, team) {
				if epoch.Wraps[m.ID], err = secret.Wrap(m.Recipient); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = s.client.NewEpoch(ctx, epoch)
	if err != nil && hotline.KindOf(err) == hotline.KindConflict { // a colleague's desk was quicker: theirs will do
		return nil
	}
	return err
}

// publishKeys names the newest keys, if that is still due with the newest
// manifest: a colleague's desk can have been quicker.
func (s *session) publishKeys(ctx context.Context, due func() bool) (waits *Waiting, err error) {
	return s.publishManifest(ctx, ReasonManifest, func(*seal.Manifest) error {
		if err := s.administrator(); err != nil {
			return hotline.Errorf(hotline.KindDenied, "renew", "the new keys are made; an administrator's desk has to publish them: %w", err)
		}
		if !due() {
			return errPublished
		}
		return nil
	})
}

// errPublished says that there is nothing to publish.
var errPublished = hotline.Errorf(hotline.KindConflict, "publish", "it is published already")

// publishManifest signs the manifest that follows the one in force, with a
// change, which also says who may. waits is set when another administrator must
// sign before it counts, or such a manifest waits already.
func (s *session) publishManifest(ctx context.Context, reason string, change func(*seal.Manifest) error) (waits *Waiting, err error) {
	if err := s.refreshDocuments(ctx); err != nil {
		return nil, err
	}
	var doc api.Document
	err = s.under(func() error {
		m := s.nextManifest()
		if err := change(&m); err != nil {
			return err
		}
		if waits = s.manifestWaits(m); waits != nil {
			return nil
		}
		signed, err := seal.SignManifest(m, s.keys.Authority)
		doc = api.Document{Kind: api.DocumentManifest, Serial: m.Serial, Text: signed.Text()}
		return err
	})
	if errors.Is(err, errPublished) {
		return nil, nil
	}
	if err != nil || waits != nil {
		return waits, err
	}
	return s.publish(ctx, hotline.SharedManifest, doc, reason)
}

// nextManifest is the manifest that follows the one in force, with the newest
// keys. Earlier reply keys stay listed: their replies may still wait for the
// person. Desk.mu must be held.
func (s *session) nextManifest() seal.Manifest {
	m := s.manifest
	m.Teams = map[hotline.Team]seal.TeamKey{}
	for team, key := range s.manifest.Teams {
		if n, ok := s.newest[team]; ok && n.Epoch.Epoch > key.Epoch {
			key = n.key
		}
		m.Teams[team] = key
	}
	m.ReplyKeys = slices.Clone(m.ReplyKeys)
	for _, key := range m.Teams {
		if !slices.Contains(m.ReplyKeys, key.ReplyKey) {
			m.ReplyKeys = append(m.ReplyKeys, key.ReplyKey)
		}
	}
	fresh, used := m.Expires-m.Hour, m.UseUntil-m.Hour
	m.Serial, m.Hour = m.Serial+1, s.hour()
	m.Expires, m.UseUntil = m.Hour+fresh, m.Hour+used
	return m
}

// rotateCases gives every open case whose key is wrapped to an older epoch a
// new one. After a crash the same cases are found again.
func (s *session) rotateCases(ctx context.Context, progress func(Progress)) error {
	if err := s.syncDirty(ctx); err != nil { // only what is opened can be given a new key
		return err
	}
	var due []hotline.CaseID
	if err := s.under(func() error { due = s.staleCases(); return nil }); err != nil {
		return err
	}
	for i, id := range due {
		tell(progress, Progress{Step: hotline.Say("new keys for open cases"), Done: i, Total: len(due)})
		if err := s.fetched(ctx, id); err != nil {
			return err
		}
		err := s.rotate(ctx, id)
		if err != nil && hotline.KindOf(err) == hotline.KindConflict { // a colleague's desk was quicker, or the case moved: look again
			if err = s.refreshCase(ctx, id); err == nil {
				err = s.rotate(ctx, id)
			}
		}
		if err != nil {
			return err
		}
	}
	tell(progress, Progress{Step: hotline.Say("done"), Done: len(due), Total: len(due)})
	s.d.changed(NoticeState)
	return nil
}

// rotate makes the next generation of a case's key.
func (s *session) rotate(ctx context.Context, id hotline.CaseID) error {
	var next api.NewGeneration
	err := s.under(func() error {
		f := s.files[id]
		if f == nil || !slices.Contains(s.staleCases(), id) {
			return nil
		}
		last, err := s.canSeal(f)
		if err != nil {
			return err
		}
		n := s.newest[f.row.Team]
		reply, err := s.replySecret(f.row.Team)
		if err == nil && reply.Epoch != n.Epoch.Epoch {
			err = hotline.Errorf(hotline.KindUnavailable, "renew", "the team's new key is not published, or not on this desk yet")
		}
		if err != nil {
			return err
		}
		key, err := seal.NewIdentity()
		if err != nil {
			return err
		}
		wrap, err := seal.WrapIdentity(n.Recipient, key)
		if err != nil {
			return err
		}
		signed, err := seal.SignGeneration(seal.Generation{
			Case: id, Gen: last.Gen + 1, Prev: f.genHashes[last.Gen], Team: f.row.Team, Epoch: n.Epoch.Epoch,
			Recipient: key.Recipient(), ContactKey: last.ContactKey, ContactRecipient: last.ContactRecipient, Parent: last.Parent, Hour: s.hour(),
		}, reply.Reply, s.keys.Signing)
		next = api.NewGeneration{Statement: signed.Text(), Wraps: []api.Wrap{{Team: f.row.Team, Epoch: n.Epoch.Epoch, File: wrap}}}
		return err
	})
	if err != nil || next.Statement == nil {
		return err
	}
	row, err := s.client.Rotate(ctx, id, next)
	if err != nil {
		return err
	}
	if err := s.under(func() error { s.takeRow(row); return nil }); err != nil {
		return err
	}
	return s.refreshCase(ctx, id)
}

// ExportTo writes everything that the server holds, sealed as it is.
func (d *Desk) ExportTo(ctx context.Context, w io.Writer) error {
	s, done, err := d.open("export")
	if err != nil {
		return err
	}
	done()
	return s.client.Export(ctx, w)
}
