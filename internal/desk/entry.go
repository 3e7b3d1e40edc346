package desk

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// The kinds of outbox entries.
const (
	kindReply     = "reply"
	kindStatement = "statement"
	kindRead      = "read"
)

// entry is an act in the outbox. Its bytes are made and on the disk before the
// first attempt, and every attempt sends the same bytes, so that an answer
// that was lost costs nothing. Only after the server has shown that it does
// not have them may they be made anew.
type entry struct {
	ID      string           `json:"-"` // number of the file: the order of writing
	Kind    string           `json:"kind"`
	Case    hotline.CaseID   `json:"case"`
	At      time.Time        `json:"at"`
	Hour    hotline.Hour     `json:"hour"`
	Outcome Outcome          `json:"outcome"` // queued, conflict or refused
	Why     hotline.Sentence `json:"why,omitzero"`

	// What the operator means.
	Text     string              `json:"text,omitempty"`
	Language string              `json:"language,omitempty"`
	Act      string              `json:"act,omitempty"` // of statements
	Stage    hotline.Stage       `json:"stage,omitempty"`
	Urgency  hotline.Urgency     `json:"urgency,omitempty"`
	Assignee seal.OperatorID     `json:"assignee,omitempty"`
	Body     *seal.StatementBody `json:"body,omitempty"`
	ReadSeq  int64               `json:"read_seq,omitempty"`
	Files    []outFile           `json:"files,omitempty"` // of a reply; it gets its place when all are at the server
	After    int64               `json:"after,omitempty"` // of such a reply: the newest that its writer had read

	// What is sent.
	Seq       int64             `json:"seq"`
	Prev      seal.Hash         `json:"prev"`
	Gen       int               `json:"gen"`
	Hash      seal.Hash         `json:"hash"`
	Reply     *api.Reply        `json:"reply,omitempty"`
	Statement *api.NewStatement `json:"statement,omitempty"`

	sent  int64            // of Files, sealed bytes that are at the server; guarded by Desk.mu
	waits hotline.Sentence // why Files do not go out just now
}

func (e *entry) file() string { return dirOutbox + "/" + e.ID + suffixAge }

// loadOutbox reads the acts that were not sent. A file that cannot be read is
// an error: an act must not get lost in silence.
func (s *session) loadOutbox() error {
	names, err := s.d.dir.list(dirOutbox)
	if err != nil {
		return err
	}
	for _, name := range names {
		e := &entry{}
		if err := s.d.dir.readSealed(s.keys.Identity, name, e); err != nil {
			return err
		}
		e.ID = strings.TrimSuffix(path.Base(name), suffixAge)
		s.outbox = append(s.outbox, e)
	}
	return s.sweepFiles()
}

// add puts an act into the outbox; when it returns the disk has it.
func (s *session) add(e *entry) error {
	last := 0
	for _, other := range s.outbox {
		if n, err := strconv.Atoi(other.ID); err == nil {
			last = max(last, n)
		}
	}
	e.ID, e.At, e.Outcome = fmt.Sprintf("%012d", last+1), s.d.cfg.Clock.Now().UTC(), OutcomeQueued
	if err := s.put(e); err != nil {
		return err
	}
	s.outbox = append(s.outbox, e)
	s.d.changedCase(e.Case)
	s.d.changed(NoticeState)
	return nil
}

func (s *session) put(e *entry) error {
	return s.d.dir.writeSealed(s.keys.Identity.Recipient(), e.file(), e)
}

// drop takes an act out of the outbox.
func (s *session) drop(e *entry) error {
	s.outbox = slices.DeleteFunc(s.outbox, func(o *entry) bool { return o == e })
	defer s.removeFiles(e) // after the entry: what is left without one is swept
	s.d.changedCase(e.Case)
	s.d.changed(NoticeState)
	return s.d.dir.remove(e.file())
}

// deskSeq is the number of the newest reply, those that wait here included.
func (s *session) deskSeq(f *caseFile) int64 {
	seq, _ := s.deskEnd(f)
	return seq
}

// deskEnd is the end of the desk's chain, those that wait here included.
func (s *session) deskEnd(f *caseFile) (int64, seal.Hash) {
	seq, hash := f.last(hotline.SideDesk)
	if l := f.sentReply; !l.hash.IsZero() && l.seq > seq {
		seq, hash = l.seq, l.hash
	}
	for _, e := range s.outbox {
		if e.Kind == kindReply && e.Case == f.id && e.Outcome == OutcomeQueued && !e.unplaced() && e.Seq > seq {
			seq, hash = e.Seq, e.Hash
		}
	}
	return seq, hash
}

// statementEnd is the end of the chain of acts, those that wait here included.
func (s *session) statementEnd(f *caseFile) (int64, seal.Hash) {
	seq, hash := f.lastStatement()
	if l := f.sentAct; !l.hash.IsZero() && l.seq > seq {
		seq, hash = l.seq, l.hash
	}
	for _, e := range s.outbox {
		if e.Kind == kindStatement && e.Case == f.id && e.Outcome == OutcomeQueued && e.Seq > seq {
			seq, hash = e.Seq, e.Hash
		}
	}
	return seq, hash
}

// canSeal says with which key something for this case is sealed now, or why
// not.
func (s *session) canSeal(f *caseFile) (seal.Generation, error) {
	if s.blocked() {
		return seal.Generation{}, hotline.Errorf(hotline.KindForged, "act",
			"something does not verify: look at the alarms first. Nothing was sent")
	}
	g, ok := f.newestKey()
	switch {
	case f.row.Folded:
		return g, hotline.Errorf(hotline.KindConflict, "act", "this case has ended and is folded: nothing can be added to it")
	case f.synced == 0 || f.content != nil:
		return g, hotline.Errorf(hotline.KindUnavailable, "act", "the case has not been fetched yet")
	case !ok:
		return g, hotline.Errorf(hotline.KindLocked, "act", "no key on this desk opens this case yet")
	case !f.keyTrouble.IsZero() || (g.Gen != f.row.Generation && f.upToDate()):
		return g, hotline.Errorf(hotline.KindForged, "act", "the newest key of this case does not verify")
	}
	return g, nil
}

// canReply is canSeal for replies, with the team's key.
func (s *session) canReply(f *caseFile) (seal.TeamSecret, error) {
	if _, err := s.canSeal(f); err != nil {
		return seal.TeamSecret{}, err
	}
	if !hotline.Allowed(hotline.ActionReply, s.me.Roles...) {
		return seal.TeamSecret{}, hotline.Errorf(hotline.KindDenied, "reply", "your roles do not allow replies")
	}
	if g, _ := f.newestKey(); (g.Parent != hotline.CaseID{}) || !f.row.Channel.Door() {
		return seal.TeamSecret{}, hotline.Errorf(hotline.KindConflict, "reply", "this case has no door of its own: write in the case that its people left")
	}
	if g, _ := f.newestKey(); f.delivered() && s.copyTo(f, g).IsZero() {
		return seal.TeamSecret{}, hotline.Errorf(hotline.KindUnavailable, "reply", "the published keys name no gateway that could deliver a reply")
	}
	return s.replySecret(f.row.Team)
}

// makeReply fills in what is sent of a reply that follows seq and prev.
func (s *session) makeReply(f *caseFile, e *entry, seq int64, prev seal.Hash) error {
	g, err := s.canSeal(f)
	if err != nil {
		return err
	}
	team, err := s.canReply(f)
	if err != nil {
		return err
	}
	contact, _ := f.last(hotline.SideContact) // what a gateway sealed stands apart: the person signed none of it
	body, err := seal.NewBody(e.Text, e.Language)
	if err != nil {
		return err
	}
	for _, file := range e.Files {
		body.Files = append(body.Files, file.File)
	}
	e.Seq, e.Prev, e.Gen, e.Hour = seq+1, prev, g.Gen, s.hour()
	h := seal.RecordHeader{
		Case: f.id, Gen: g.Gen, Side: hotline.SideDesk, Seq: e.Seq, Prev: prev, Seen: contact, Hour: e.Hour,
	}
	rec, err := seal.SignRecord(h, body, team.Reply, s.keys.Signing)
	if err != nil {
		return err
	}
	e.Hash = rec.Signed.Hash()
	e.Reply = &api.Reply{Header: rec.Signed.Text()}
	if e.Reply.File, err = rec.Seal(g.Recipient); err != nil {
		return err
	}
	to := s.copyTo(f, g)
	if to.IsZero() {
		return nil
	}
	// The copy on its way to the person names no operator.
	rec.Signed = rec.Signed.Only(team.Reply.Public())
	e.Reply.Copy, err = rec.Seal(to)
	return err
}

// makeStatement fills in what is sent of an act that follows seq and prev.
func (s *session) makeStatement(f *caseFile, e *entry, seq int64, prev seal.Hash) error {
	g, err := s.canSeal(f)
	if err != nil {
		return err
	}
	e.Seq, e.Prev, e.Gen, e.Hour = seq+1, prev, g.Gen, s.hour()
	st := seal.Statement{
		Case: f.id, Act: e.Act, Seq: e.Seq, Prev: prev, Hour: e.Hour, Gen: g.Gen, Log: s.log(),
		Stage: e.Stage, Urgency: e.Urgency, Assignee: e.Assignee,
	}
	signed, file, err := seal.SignStatement(st, e.Body, g.Recipient, s.keys.Signing)
	if err != nil {
		return err
	}
	e.Hash = signed.Hash()
	e.Statement = &api.NewStatement{Text: signed.Text(), Sealed: file}
	return nil
}
