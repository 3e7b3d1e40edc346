package desk

import (
	"bytes"
	"context"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
)

// keptRestore is what an alarm says of a restore.
type keptRestore struct {
	Leaf       int64     `json:"leaf"`
	Commitment seal.Hash `json:"commitment"`
	Missing    int64     `json:"missing"`
	Signed     []byte    `json:"signed,omitempty"` // by this administrator
	Told       bool      `json:"told,omitempty"`   // the server has it
}

// actRestore is the act of a restore's entry.
const actRestore = "restore"

// askRestored looks whether the journal went back because the server was restored
// from a backup. If the journal itself says so, the alarm tells from when the
// backup is and how much is missing, and an administrator's signed word ends it
// on every desk; known is true once it has. Without that entry it is the alarm
// of a journal that was tampered with.
func (s *session) askRestored(ctx context.Context, text string, old, now journal.Checkpoint) (known bool, err error) {
	r, err := s.client.Restored(ctx)
	if err != nil {
		if lost(err) {
			return false, err
		}
		return false, nil
	}
	var accepted bool
	err = s.under(func() error {
		entry, ok := s.restoreEntry(r)
		// What went before the restore was cut off within what this desk has seen.
		if !ok || r.Leaf.Index > old.Size || r.Size < now.Size {
			return nil
		}
		known = true
		missing := old.Size - r.Leaf.Index
		hour, _ := strconv.ParseInt(entry.Detail["hour"], 10, 64) // signed by the journal's key; a damaged one shows 1970
		accepted = s.acceptedBy(r)
		return s.restoreAlarm(r, text, accepted, hotline.Say("The server was restored from a backup of %s. %d acts that this desk knew of are missing since. "+
			"Until an administrator accepts this, nothing is sent.", hotline.Hour(hour).Time().Format("2006-01-02 15:04 UTC"), missing), missing)
	})
	return known, err
}

// restoreEntry returns the entry of the restore if it is proved to be in the journal.
func (s *session) restoreEntry(r api.Restored) (e journal.Entry, ok bool) {
	if r.Leaf.Index < 0 || s.verifier == nil {
		return e, false
	}
	head, err := journal.ParseCheckpoint([]byte(r.Head), s.verifier)
	if err != nil || head.Size != r.Size {
		return e, false
	}
	var proof tlog.RecordProof
	for _, h := range r.Proof {
		proof = append(proof, tlog.Hash(h))
	}
	c := journal.Commitment(r.Leaf.Commitment)
	if journal.CheckInclusion(proof, head, r.Leaf.Index, c) != nil {
		return e, false
	}
	e, err = journal.VerifyOpening(c, journal.Opening{Blind: journal.Blind(r.Leaf.Blind), Line: []byte(r.Leaf.Entry)})
	return e, err == nil && e.Act == actRestore
}

// acceptedBy reports whether an administrator of the roster that this desk
// knows has signed that the house goes on.
func (s *session) acceptedBy(r api.Restored) bool {
	if len(r.Accepted) == 0 {
		return false
	}
	a, signed, err := seal.ParseRestored(r.Accepted)
	if err != nil || a.Desk != s.keys.Desk || a.Leaf != r.Leaf.Index || a.Commitment != r.Leaf.Commitment {
		return false
	}
	m, ok := s.signer(signed, a.Hour, func(k seal.PublicKey) bool { return seal.RestoredSignedBy(signed, k) })
	return ok && m.Active() && hotline.Allowed(hotline.ActionAccept, m.Roles...)
}

// restoreAlarm raises the alarm once for each restore, or ends it.
func (s *session) restoreAlarm(r api.Restored, text string, accepted bool, words hotline.Sentence, missing int64) error {
	key := "restored " + s.kept.Checkpoint + "\n" + r.Leaf.Commitment.String()
	err := s.alarm(key, keptAlarm{
		Text: words, Blocking: true, Checkpoint: text,
		Restore: &keptRestore{Leaf: r.Leaf.Index, Commitment: r.Leaf.Commitment, Missing: missing},
	})
	if err == nil || !accepted {
		return err
	}
	for i := range s.kept.Alarms {
		if a := &s.kept.Alarms[i]; a.Restore != nil && a.Restore.Commitment == r.Leaf.Commitment {
			a.Acknowledged, a.Restore.Told = true, true
		}
	}
	s.goOnWith(text)
	s.d.changed(NoticeState)
	return s.keep()
}

// goOnWith forgets what the server showed before and reads it anew. What each case
// was like stays in heads, so a case that is shorter now says so. Desk.mu
// must be held.
func (s *session) goOnWith(checkpoint string) {
	s.kept.Evidence = append(s.kept.Evidence, s.kept.Checkpoint)
	s.kept.Checkpoint = checkpoint
	s.cursor = 0
	clear(s.rows)
	clear(s.dirty)
	for _, f := range s.files {
		f.wipe()
	}
	clear(s.files)
	s.d.changed(NoticeQueue)
}

// signRestore makes the administrator's word for all desks.
func (s *session) signRestore(a *keptAlarm) error {
	if !hotline.Allowed(hotline.ActionAccept, s.me.Roles...) {
		return hotline.Errorf(hotline.KindDenied, "acknowledge", "an administrator accepts this, for all desks. Yours goes on by itself then")
	}
	signed, err := seal.SignRestored(seal.Restored{
		Desk: s.keys.Desk, Leaf: a.Restore.Leaf, Commitment: a.Restore.Commitment, Missing: a.Restore.Missing, Hour: s.hour(),
	}, s.keys.Signing)
	if err != nil {
		return err
	}
	a.Restore.Signed = signed.Text()
	return nil
}

// refreshJournal demands that the journal goes on, and tells of an acceptance.
func (s *session) refreshJournal(ctx context.Context) error {
	if err := s.refreshCheckpoint(ctx); err != nil {
		return err
	}
	return s.tellAccepted(ctx)
}

// tellAccepted hands in this administrator's word, and the newest documents, which
// the server may have lost.
func (s *session) tellAccepted(ctx context.Context) error {
	for {
		var next *keptRestore
		var roster, manifest api.Document
		err := s.under(func() error {
			for i := range s.kept.Alarms {
				if r := s.kept.Alarms[i].Restore; r != nil && r.Signed != nil && !r.Told {
					next = r
				}
			}
			roster = api.Document{Kind: api.DocumentRoster, Serial: s.roster.Serial, Text: bytes.Clone(s.kept.Roster)}
			manifest = api.Document{Kind: api.DocumentManifest, Serial: s.manifest.Serial, Text: bytes.Clone(s.kept.Manifest)}
			return nil
		})
		if err != nil || next == nil {
			return err
		}
		for _, d := range []api.Document{roster, manifest} {
			there, err := s.client.Document(ctx, d.Kind)
			if err != nil {
				return err
			}
			if there.Serial >= d.Serial {
				continue
			}
			if err := s.client.Publish(ctx, d); err != nil && hotline.KindOf(err) != hotline.KindConflict {
				return err
			}
		}
		// Last: the other desks go on from here, and must find the documents.
		if err := s.client.AcceptRestored(ctx, next.Signed); err != nil && hotline.KindOf(err) != hotline.KindConflict {
			return err
		}
		err = s.under(func() error {
			next.Told = true
			return s.keep()
		})
		if err != nil {
			return err
		}
	}
}

// sealAgain seals the person's copies of replies again that no backup holds. Any
// desk with the case's key does it; what another has done is left alone.
func (s *session) sealAgain(ctx context.Context) error {
	for {
		var may bool
		err := s.under(func() error {
			may = !s.blocked() && hotline.Allowed(hotline.ActionReply, s.me.Roles...)
			return nil
		})
		if err != nil || !may {
			return err
		}
		missing, err := s.client.MissingCopies(ctx)
		if err != nil || len(missing) == 0 {
			return err
		}
		done := 0
		byCase := map[hotline.CaseID]map[int64]bool{}
		for _, m := range missing {
			if byCase[m.Case] == nil {
				byCase[m.Case] = map[int64]bool{}
			}
			byCase[m.Case][m.Seq] = true
		}
		for _, id := range sortedIDs(byCase) {
			n, err := s.sealCase(ctx, id, byCase[id])
			if err != nil {
				return err
			}
			done += n
		}
		if done == 0 {
			return nil // this desk holds no key for the rest; another may
		}
	}
}

// sealCase seals the copies of one case.
func (s *session) sealCase(ctx context.Context, id hotline.CaseID, seqs map[int64]bool) (done int, err error) {
	item := api.SyncItem{ID: id, AfterPlace: -1, AfterStatement: -1}
	answer, err := s.client.Sync(ctx, api.SyncRequest{Items: []api.SyncItem{item}})
	if err != nil || len(answer.Cases) != 1 || answer.Cases[0].Case.ID != id {
		return 0, err
	}
	var out []api.Resealed
	err = s.under(func() error {
		s.merge(item, answer.Cases[0])
		f := s.files[id]
		for _, rec := range answer.Cases[0].Records {
			if file, seq, ok := s.copyOf(f, rec); ok && seqs[seq] {
				out = append(out, api.Resealed{MissingCopy: api.MissingCopy{Case: id, Seq: seq}, File: file})
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, r := range out {
		if err := s.client.Reseal(ctx, r); err != nil {
			if lost(err) {
				return done, err
			}
			continue // the case has changed meanwhile
		}
		done++
	}
	return done, nil
}

// copyOf seals one of the desk's own records to the person, with the reply key's
// signature alone: the header that the person sees is the one of then.
func (s *session) copyOf(f *caseFile, rec api.Record) (file []byte, seq int64, ok bool) {
	if f == nil || rec.Side != hotline.SideDesk || len(f.generations) == 0 {
		return nil, 0, false
	}
	h, _, err := seal.ParseRecordHeader(rec.Header)
	if err != nil || h.Gen < 0 || h.Gen >= len(f.generations) || f.generations[h.Gen].ContactRecipient.IsZero() {
		return nil, 0, false
	}
	key, held := f.keys[h.Gen]
	if !held {
		return nil, 0, false
	}
	opened, err := seal.OpenRecord(key, rec.File)
	if err != nil || opened.Header.Case != f.id || opened.Header.Side != hotline.SideDesk {
		return nil, 0, false
	}
	for k := range s.replyKeys {
		if opened.SignedBy(k) {
			opened.Signed = opened.Signed.Only(k)
			file, err = opened.Seal(f.generations[h.Gen].ContactRecipient)
			return file, h.Seq, err == nil
		}
	}
	return nil, 0, false
}
