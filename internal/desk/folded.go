package desk

import (
	"context"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// unfold opens what stood in the clear of a case before it was folded, and puts
// it where it was, so that everything is verified as on the day it was written.
func (s *session) unfold(f *caseFile, b *api.Bundle) error {
	if len(b.Generations) == 0 {
		return hotline.Errorf(hotline.KindForged, "fold", "the case has no key")
	}
	newest := b.Generations[len(b.Generations)-1]
	recipient, err := seal.ParseRecipient(string(newest.Statement))
	if err != nil {
		return err
	}
	err = error(hotline.Errorf(hotline.KindLocked, "fold", "no key on this desk opens it"))
	var fold seal.Fold
	for _, w := range newest.Wraps {
		secret, ok := s.epochs[epochID{w.Team, w.Epoch}]
		if !ok {
			continue
		}
		var key seal.Identity
		if key, err = seal.UnwrapIdentity(secret.Identity, w.File, recipient); err != nil {
			continue
		}
		if fold, err = seal.OpenFold(key, b.Fold); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	if fold.Case != f.id || len(fold.Generations) != len(b.Generations) {
		return hotline.Errorf(hotline.KindForged, "fold", "it belongs to another case")
	}
	for i, text := range fold.Generations {
		g, _, err := seal.ParseGeneration(text)
		if err != nil {
			return err
		}
		if g.Recipient.String() != string(b.Generations[i].Statement) {
			return hotline.Errorf(hotline.KindForged, "fold", "it speaks of other keys than the server does")
		}
		b.Generations[i].Statement = text
	}
	for i, r := range b.Records {
		at, found := slices.BinarySearchFunc(fold.Records, r.Place, func(x seal.FoldedRecord, place int64) int { return int(x.Place - place) })
		if found {
			b.Records[i].Header = fold.Records[at].Header // the hour of arrival stays a day
		}
	}
	b.Statements = b.Statements[:0]
	for _, st := range fold.Statements {
		parsed, _, err := seal.ParseStatement(st.Text)
		if err != nil {
			return err
		}
		b.Statements = append(b.Statements, api.Statement{Seq: parsed.Seq, Text: st.Text, Sealed: st.Sealed})
	}
	return nil
}

// takeFolded is the beginning of merging a folded case. It reports false when
// the case stays shut; what was known of it before stays known.
func (s *session) takeFolded(f *caseFile, b *api.Bundle) bool {
	err := s.unfold(f, b)
	if err == nil {
		return true
	}
	f.keyTrouble = hotline.Say("This case has ended and is folded, and no key on this desk opens it.")
	if hotline.KindOf(err) == hotline.KindForged {
		f.keyTrouble = hotline.Say("This case has ended and is folded, and the fold does not verify.")
	}
	f.synced, f.short = b.Case.Version, nil
	delete(s.dirty, f.id)
	s.d.changedCase(f.id)
	return false
}

// letGo removes what this desk keeps of a case beside its chains: drafts, acts
// that were not sent, and what was opened. It is the one place for what else a
// desk may keep of a case.
func (s *session) letGo(id hotline.CaseID) error {
	if f := s.files[id]; f != nil {
		row, problems := f.row, f.lasting
		f.wipe()
		*f = caseFile{id: id, row: row, lasting: problems, keys: map[int]seal.Identity{}}
	}
	if s.viewed != nil && s.viewed.view.Case == id {
		s.closeFile()
	}
	s.cards.drop(id)
	s.texts.drop(id)
	if err := s.dropDraft(id); err != nil {
		return err
	}
	for _, e := range slices.Clone(s.outbox) {
		if e.Case != id {
			continue
		}
		if e.Kind != kindRead {
			if err := s.alarm("let go "+id.String(), keptAlarm{
				Case: &id, Text: hotline.Say("Something written here for case %s was not sent before the case was let go. It is gone too.", id.Short()),
			}); err != nil {
				return err
			}
		}
		if err := s.drop(e); err != nil {
			return err
		}
	}
	return nil
}

// refreshGone learns which cases were removed and removes what is kept of them.
func (s *session) refreshGone(ctx context.Context) error {
	var after int64
	if err := s.under(func() error { after = s.goneCursor; return nil }); err != nil {
		return err
	}
	for {
		page, err := s.client.Gone(ctx, after)
		if err != nil {
			return err
		}
		err = s.under(func() error {
			for _, g := range page.Cases {
				if err := s.takeGone(g); err != nil {
					return err
				}
			}
			s.goneCursor = page.Cursor
			return nil
		})
		if err != nil {
			return err
		}
		if !page.More || page.Cursor <= after {
			return s.keepCases() // at once: what has been let go must not lie here
		}
		after = page.Cursor
	}
}

// takeGone removes a case. That an open one is gone must be proved: a server
// could hide a person by saying so.
func (s *session) takeGone(g api.Gone) error {
	h, known := s.heads.all[g.ID]
	if known && h.Open && !s.provenGone(g) {
		return s.alarm("vanished "+g.ID.String(), keptAlarm{
			Case: &g.ID, Text: hotline.Say("Case %s was open and is no longer in the server's list.", g.ID.Short()),
		})
	}
	if err := s.letGo(g.ID); err != nil {
		return err
	}
	_, listed := s.rows[g.ID]
	s.heads.drop(g.ID)
	s.forget(g.ID)
	if known || listed {
		s.d.changed(NoticeState)
	}
	return nil
}

// nextStages are the steps that are left: a folded case takes none.
func (s *session) nextStages(f *caseFile, a acts) []hotline.Stage {
	if f.row.Folded {
		return nil
	}
	return a.stage.Next()
}
