package desk

import (
	"context"
	"fmt"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// refreshEpochs fetches the epochs of my teams, opens their wraps, and passes
// the keys on to members who have none yet.
func (s *session) refreshEpochs(ctx context.Context) error {
	epochs, err := s.client.Epochs(ctx)
	if err != nil {
		return err
	}
	err = s.under(func() error {
		gained := false
		for _, e := range epochs {
			g, err := s.takeEpoch(e)
			if err != nil {
				return err
			}
			gained = gained || g
		}
		if gained {
			s.reopen()
		}
		return s.keep()
	})
	if err != nil {
		return err
	}
	return s.wrapForNewcomers(ctx)
}

// takeEpoch believes an announcement that a member has signed and that agrees
// with the manifest; gained means that something may verify or open now that
// did not before.
func (s *session) takeEpoch(e api.Epoch) (gained bool, err error) {
	wrong := func(why hotline.Sentence) (bool, error) {
		return false, s.alarm(fmt.Sprintf("epoch %s %d %x %s", e.Team, e.Epoch, e.Announcement, why), keptAlarm{
			Blocking: true,
			Text:     hotline.Say("Team %s, key number %d: %v This desk does not use it.", e.Team, e.Epoch, why),
		})
	}
	a, signed, err := seal.ParseEpoch(e.Announcement)
	if err != nil || a.Team != e.Team || a.Epoch != e.Epoch {
		return wrong(hotline.Say("the announcement is malformed or belongs to another key."))
	}
	signedBy := func(k seal.PublicKey) bool { return seal.EpochSignedBy(signed, k) }
	if _, ok := s.signer(signed, a.Hour, signedBy); !ok {
		return wrong(hotline.Say("nobody of the roster has announced it."))
	}
	key := seal.TeamKey{Epoch: a.Epoch, Recipient: a.Recipient, ReplyKey: a.ReplyKey}
	if m, ok := s.manifest.Teams[e.Team]; ok && m.Epoch == a.Epoch && !sameKey(m, key) {
		return wrong(hotline.Say("it is not the one in the manifest."))
	}
	name := fmt.Sprintf("%s/%d", e.Team, e.Epoch)
	if before, ok := s.kept.Epochs[name]; ok && before != signed.Hash() {
		return wrong(hotline.Say("it is not the one that was announced before under this number."))
	}
	if s.kept.Epochs == nil {
		s.kept.Epochs = map[string]seal.Hash{}
	}
	s.kept.Epochs[name] = signed.Hash()
	_, known := s.replyKeys[a.ReplyKey]
	s.replyKeys[a.ReplyKey] = e.Team
	if n, ok := s.newest[e.Team]; !ok || n.Epoch.Epoch <= a.Epoch {
		s.newest[e.Team] = announced{a, key}
	}
	id := epochID{e.Team, e.Epoch}
	if e.Destroyed {
		s.takeDestroyed(e, signed.Hash())
		return !known, nil
	}
	s.holders[id] = slices.Clone(e.Holders)
	if _, have := s.epochs[id]; have || e.Wrap == nil {
		return !known, nil
	}
	secret, err := seal.OpenTeamSecret(s.keys.Identity, e.Wrap, e.Team, key)
	if err != nil {
		return wrong(hotline.Say("the key that the server handed out for it is another one."))
	}
	s.epochs[id] = secret
	return true, nil
}

func sameKey(a, b seal.TeamKey) bool {
	return a.Recipient.String() == b.Recipient.String() && a.ReplyKey == b.ReplyKey
}

// wrapForNewcomers gives every active member of my teams the keys that the
// member lacks. Other desks do the same; the first one is enough.
func (s *session) wrapForNewcomers(ctx context.Context) error {
	type gift struct {
		id   epochID
		to   seal.Member
		file []byte
	}
	var gifts []gift
	err := s.under(func() error {
		if !hotline.Allowed(hotline.ActionWrapTeam, s.me.Roles...) {
			return nil
		}
		for id, secret := range s.epochs {
			for _, m := range s.roster.Members {
				if !m.Active() || !slices.Contains(m.Teams, id.Team) || slices.Contains(s.holders[id], m.ID) {
					continue
				}
				file, err := secret.Wrap(m.Recipient)
				if err != nil {
					return err
				}
				gifts = append(gifts, gift{id, m, file})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, g := range gifts {
		err := s.client.WrapTeam(ctx, g.id.Team, g.id.Epoch, api.TeamWrap{Holder: g.to.ID, File: g.file})
		if err != nil && hotline.KindOf(err) != hotline.KindConflict { // a conflict: another desk was quicker
			return err
		}
		err = s.under(func() error {
			s.holders[g.id] = append(s.holders[g.id], g.to.ID)
			s.d.changed(NoticeState)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// replySecret is the newest key of a team that this desk holds and whose reply
// key people's pages know by the manifest.
func (s *session) replySecret(team hotline.Team) (seal.TeamSecret, error) {
	var best seal.TeamSecret
	for id, secret := range s.epochs {
		public := secret.Reply.Public()
		known := s.manifest.Teams[team].ReplyKey == public || slices.Contains(s.manifest.ReplyKeys, public)
		if id.Team == team && known && id.Epoch > best.Epoch {
			best = secret
		}
	}
	if best.Epoch == 0 {
		return best, hotline.Errorf(hotline.KindLocked, "team key",
			"this desk does not hold the team's key yet; a colleague's desk passes it on as soon as it is connected")
	}
	return best, nil
}
