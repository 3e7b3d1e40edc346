package desk

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/journal"
	"safeconduct/internal/seal"
)

// keptRestore is what an alarm says of a restore.
type keptRestore struct {
	Leaf       int64             `json:"leaf"`
	Commitment seal.Hash         `json:"commitment"`
	Missing    int64             `json:"missing"`
	Signed     []byte            `json:"signed,omitempty"` // by this administrator
	Told       bool              `json:"told,omitempty"`   // the server has it
	By         []seal.OperatorID `json:"by,omitempty"`     // who has accepted it until now
}

// actRestore is the act of a restore's entry.
const actRestore = "restore"

// askRestored looks whether the server was restored from a backup since this desk
// verified the checkpoint old: either the journal went back, or it goes on (ok)
// from what this desk saw last and holds a restore since; then only what this
// desk had not looked at yet is missing in the journal, but cases can be shorter.
// If the journal itself says so, an alarm tells from when the backup is, and the
// signed words of administrators end it on every desk; known is true once they
// have. Without that entry a journal that went back is the alarm of one that was
// tampered with.
func (s *session) askRestored(ctx context.Context, text string, old, now journal.Checkpoint, ok bool) (known bool, err error) {
	r, err := s.client.Restored(ctx)
	if err != nil {
		if lost(err) {
			return false, err
		}
		return false, nil
	}
	var entry journal.Entry
	err = s.under(func() error {
		var proved bool
		entry, proved = s.restoreEntry(r)
		since := r.Leaf.Index >= old.Size
		if !ok { // what went before the restore was cut off within what this desk has seen
			since = r.Leaf.Index <= old.Size
		}
		known = proved && since && r.Size >= now.Size
		return nil
	})
	if err != nil || !known {
		return false, err
	}
	if r, err = s.tellRestored(ctx, r); err != nil {
		return true, err
	}
	return true, s.under(func() error {
		hour, _ := strconv.ParseInt(entry.Detail["hour"], 10, 64) // signed by the journal's key; a damaged one shows 1970
		when := hotline.Hour(hour).Time().Format("2006-01-02 15:04 UTC")
		missing := max(0, old.Size-r.Leaf.Index)
		words := hotline.Say("The server was restored from a backup of %s. %d acts that this desk knew of are missing since. "+
			"Until this is accepted, nothing is sent.", when, missing)
		if missing == 0 {
			words = hotline.Say("The server was restored from a backup of %s. What came after it is lost; the cases that this desk knew to be longer are named here. "+
				"Until this is accepted, nothing is sent.", when)
		}
		return s.restoreAlarm(r, text, words, missing)
	})
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

// restoreAlarm raises the alarm once for each restore, or ends it when enough
// administrators of the roster that this desk knows accept it.
func (s *session) restoreAlarm(r api.Restored, text string, words hotline.Sentence, missing int64) error {
	key := "restored " + s.kept.Checkpoint + "\n" + r.Leaf.Commitment.String()
	err := s.alarm(key, keptAlarm{
		Text: words, Blocking: true, Checkpoint: text,
		Restore: &keptRestore{Leaf: r.Leaf.Index, Commitment: r.Leaf.Commitment, Missing: missing},
	})
	if err == nil {
		return nil
	}
	accepted := s.roster.AcceptedBy(r.Leaf.Index, r.Leaf.Commitment, r.Accepted...)
	changed := accepted.Enough()
	for i := range s.kept.Alarms {
		a := &s.kept.Alarms[i]
		if a.Restore == nil || a.Restore.Commitment != r.Leaf.Commitment {
			continue
		}
		changed = changed || len(a.Restore.By) != len(accepted.By)
		a.Restore.By = nil
		for _, m := range accepted.By {
			a.Restore.By = append(a.Restore.By, m.ID)
		}
		a.Acknowledged = accepted.Enough()
	}
	if !changed {
		return err
	}
	if accepted.Enough() {
		s.goOnWith(text)
		err = nil
	}
	s.d.changed(NoticeState)
	return errors.Join(s.keep(), err)
}

// goOnWith forgets what the server showed before and reads it anew. What each case
// was like stays in heads, so a case that is shorter now says so. Desk.mu
// must be held.
func (s *session) goOnWith(checkpoint string) {
	s.kept.Evidence = append(s.kept.Evidence, s.kept.Checkpoint)
	s.kept.Checkpoint = checkpoint
	s.cursor = 0
	s.ledger.rows, s.ledger.size, s.ledger.unproved, s.ledger.tiles = nil, 0, 0, map[string][]byte{}
	clear(s.rows)
	clear(s.dirty)
	for _, f := range s.files {
		f.wipe()
	}
	clear(s.files)
	s.d.changed(NoticeQueue)
}

// signRestore makes this administrator's word, for all desks. The desks go on
// when the server has as many as it takes.
func (s *session) signRestore(a *keptAlarm) error {
	if !hotline.Allowed(hotline.ActionAccept, s.me.Roles...) {
		return hotline.Errorf(hotline.KindDenied, "acknowledge", "an administrator accepts this, for all desks. Yours goes on by itself then")
	}
	if a.Restore.Signed != nil {
		return nil
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

// restoreView tells who has accepted a restore, and of whom one more must.
func (s *session) restoreView(a keptAlarm) (signed bool, by, open []string) {
	signed = a.Restore.Signed != nil
	persons := map[seal.OperatorID]bool{}
	for _, id := range a.Restore.By {
		if m, ok := s.roster.Member(id); ok {
			persons[m.Who()] = true
			by = append(by, m.Name)
		}
	}
	for _, m := range s.roster.Members {
		if m.Active() && hotline.Allowed(hotline.ActionAccept, m.Roles...) && !persons[m.Who()] && (!signed || m.Who() != s.me.Who()) {
			persons[m.Who()] = true
			open = append(open, m.Name)
		}
	}
	return signed, by, open
}

// tellRestored comes to an understanding with a server that was restored, before
// the desk believes anything else: it takes a newer roster, if the server has
// one, and an administrator's desk hands in his word and what the server has
// lost of the house's documents. It returns what the server says then.
func (s *session) tellRestored(ctx context.Context, r api.Restored) (api.Restored, error) {
	roster, err := s.client.Document(ctx, api.DocumentRoster)
	if err != nil {
		return r, err
	}
	manifest, err := s.client.Document(ctx, api.DocumentManifest)
	if err != nil {
		return r, err
	}
	var known int64
	if err := s.under(func() error { known = s.roster.Serial; return nil }); err != nil {
		return r, err
	}
	if roster.Serial > known { // signed since the restore: perhaps somebody was replaced who cannot accept it any more
		if err := s.catchUp(ctx, roster); err != nil {
			return r, err
		}
		if err := s.under(func() error { return s.takeRoster(roster.Text) }); err != nil {
			return r, err
		}
	}
	var owed api.Acceptance
	err = s.under(func() error {
		owed = s.owedAfterRestore(r, roster.Serial, manifest.Serial)
		return nil
	})
	if err != nil || (owed.Text == nil && len(owed.Documents) == 0) {
		return r, err
	}
	err = s.client.AcceptRestored(ctx, owed)
	if err != nil && (owed.Text != nil || lost(err)) {
		return r, err
	}
	if err != nil {
		return r, nil //nolint:nilerr // the house goes on already; the alarm of an old roster says what is wrong
	}
	err = s.under(func() error {
		for i := range s.kept.Alarms {
			if a := s.kept.Alarms[i].Restore; a != nil && a.Signed != nil && a.Commitment == r.Leaf.Commitment {
				a.Told = true
			}
		}
		return s.keep()
	})
	if err != nil {
		return r, err
	}
	return s.client.Restored(ctx)
}

// owedAfterRestore is what this desk has to hand in to a server that knows these
// serials: nothing unless its administrator has accepted the restore, or enough
// others have.
func (s *session) owedAfterRestore(r api.Restored, roster, manifest int64) (owed api.Acceptance) {
	if !hotline.Allowed(hotline.ActionAccept, s.me.Roles...) {
		return owed
	}
	signed := false
	for _, a := range s.kept.Alarms {
		if a.Restore != nil && a.Restore.Signed != nil && a.Restore.Commitment == r.Leaf.Commitment {
			signed = true
			if !a.Restore.Told {
				owed.Text = a.Restore.Signed
			}
		}
	}
	if !signed && !s.roster.AcceptedBy(r.Leaf.Index, r.Leaf.Commitment, r.Accepted...).Enough() {
		return owed
	}
	owed.Documents = s.newerThan(roster, manifest)
	return owed
}

// newerThan lists the documents that a server with these serials has lost: the
// rosters that changed the authority, the newest, and the manifest. Desk.mu
// must be held.
func (s *session) newerThan(roster, manifest int64) (out []api.Document) {
	for _, text := range append(slices.Clone(s.kept.Chain), s.kept.Roster) {
		d, err := seal.DraftRoster(text)
		if err != nil || d.Serial <= roster {
			continue
		}
		roster = d.Serial
		out = append(out, api.Document{Kind: api.DocumentRoster, Serial: d.Serial, Text: bytes.Clone(text)})
	}
	if s.manifest.Serial > manifest {
		out = append(out, api.Document{Kind: api.DocumentManifest, Serial: s.manifest.Serial, Text: bytes.Clone(s.kept.Manifest)})
	}
	return out
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

// copyOf seals one of the desk's own records to the person, or to the gateway
// that delivers it, with the reply key's signature alone: the header that the
// person sees is the one of then.
func (s *session) copyOf(f *caseFile, rec api.Record) (file []byte, seq int64, ok bool) {
	if f == nil || rec.Side != hotline.SideDesk || len(f.generations) == 0 {
		return nil, 0, false
	}
	h, _, err := seal.ParseRecordHeader(rec.Header)
	if err != nil || h.Gen < 0 || h.Gen >= len(f.generations) {
		return nil, 0, false
	}
	to := s.copyTo(f, f.generations[h.Gen])
	if to.IsZero() {
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
			file, err = opened.Seal(to)
			return file, h.Seq, err == nil
		}
	}
	return nil, 0, false
}
