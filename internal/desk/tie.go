package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Link says that two cases are of one person, because the word of one of them
// was said: it is compared here. The duress word links nothing.
func (d *Desk) Link(ctx context.Context, id, other hotline.CaseID, word string) (Result, error) {
	if id == other {
		return Result{}, hotline.Errorf(hotline.KindInvalid, "link", "this is the same case")
	}
	if err := d.openBoth(ctx, id, other); err != nil {
		return Result{}, err
	}
	known, said := false, WordNo
	for _, c := range []hotline.CaseID{id, other} {
		check, err := d.CheckWord(c, word)
		if hotline.KindOf(err) == hotline.KindNotFound && err != nil {
			continue
		}
		if err != nil {
			return Result{}, err
		}
		if known = true; check != WordNo && said != WordDuress {
			said = check
		}
	}
	switch {
	case !known:
		return Result{}, hotline.Errorf(hotline.KindConflict, "link", "no word was agreed in either case: two people decide")
	case said == WordDuress:
		return Result{}, hotline.Errorf(hotline.KindConflict, "link", "this word means that somebody stands beside the person. Nothing was linked; act as for the duress word")
	case said != WordMatch:
		return Result{}, hotline.Errorf(hotline.KindConflict, "link", "this is not the word of either case. Nothing was linked")
	}
	return d.tie(ctx, id, other, false, func(_ *session, _, _ *caseFile) (seal.Statement, pairBodies, error) {
		return seal.Statement{Act: seal.ActLink, How: seal.HowWord}, pairBodies{}, nil
	})
}

// ProposeLink asks another person to decide with this one that two cases are of
// one person: no word could be asked.
func (d *Desk) ProposeLink(ctx context.Context, id, other hotline.CaseID, reason string) error {
	if err := d.openBoth(ctx, id, other); err != nil {
		return err
	}
	s, done, err := d.open("link")
	if err != nil {
		return err
	}
	err = s.linkable(s.files[id], s.files[other])
	done()
	if err != nil {
		return err
	}
	_, err = s.propose(ctx, hotline.SharedLink, seal.NewLinkSubject(id, other), seal.Hash{}, reason)
	return err
}

// linkApproved makes the link that two people have decided.
func (s *session) linkApproved(ctx context.Context, p seal.Hash, x seal.LinkSubject) error {
	if err := s.d.openBoth(ctx, x.One, x.Two); err != nil {
		return err
	}
	_, err := s.d.tie(ctx, x.One, x.Two, false, func(_ *session, _, _ *caseFile) (seal.Statement, pairBodies, error) {
		return seal.Statement{Act: seal.ActLink, How: seal.HowTwo, Proposal: p}, pairBodies{}, nil
	})
	return err
}

// Merge makes one of two linked cases a part of the other, main.
func (d *Desk) Merge(ctx context.Context, id, other, main hotline.CaseID) (Result, error) {
	if main != id && main != other {
		return Result{}, hotline.Errorf(hotline.KindInvalid, "merge", "the main case is one of the two")
	}
	return d.tie(ctx, id, other, false, func(s *session, f, o *caseFile) (seal.Statement, pairBodies, error) {
		st := seal.Statement{Act: seal.ActMerge, Main: main}
		t, ok := f.tieTo(o.id)
		if !ok || t.Kind != seal.TieLink {
			return st, pairBodies{}, hotline.Errorf(hotline.KindConflict, "merge", "only cases that are linked are merged, and only once")
		}
		if _, state := s.tieState(t); state != TieBoth {
			return st, pairBodies{}, hotline.Errorf(hotline.KindForged, "merge", "only one of the two cases speaks of the link: it does not count, nothing was merged")
		}
		return st, pairBodies{}, nil
	})
}

// Untie undoes what binds a case to another: a split, a merge (it is a link
// then), or a link.
func (d *Desk) Untie(ctx context.Context, id, other hotline.CaseID) (Result, error) {
	late := false
	s, done, err := d.open("undo")
	if err != nil {
		return Result{}, err
	}
	if f := s.files[id]; f != nil {
		if t, ok := f.tieTo(other); ok {
			late = s.hour() > t.Hour+s.undoDays()
		}
	}
	done()
	return d.tie(ctx, id, other, late, func(s *session, f, o *caseFile) (seal.Statement, pairBodies, error) {
		t, ok := f.tieTo(o.id)
		if !ok {
			return seal.Statement{}, pairBodies{}, hotline.Errorf(hotline.KindConflict, "undo", "nothing binds these two cases any more")
		}
		if err := s.mayUntie(f, o, t); err != nil {
			return seal.Statement{}, pairBodies{}, err
		}
		switch t.Kind {
		case seal.TieMerge:
			return seal.Statement{Act: seal.ActUnmerge, Main: t.Main}, pairBodies{}, nil
		case seal.TieSplit:
			body := newStatementBody()
			if a, b := f.gist().people, o.gist().people; a > 0 && b > 0 {
				sum := a + b
				body.People = &sum
			}
			return seal.Statement{Act: seal.ActUnsplit, Main: f.id}, pairBodies{here: body}, nil
		}
		return seal.Statement{Act: seal.ActUnlink}, pairBodies{}, nil
	})
}

// Parting is what is said when people leave a case into one of their own.
type Parting struct {
	People int    // how many leave
	Title  string // of their case
	Text   string // why, and who they are; kept sealed in both
}

// Split lets people of a case leave into one of their own. It has no door: they
// are reached by the case that they left, until they come by one of theirs and
// that case is linked.
func (d *Desk) Split(ctx context.Context, id hotline.CaseID, p Parting) (hotline.CaseID, error) {
	p.Title, p.Text = strings.TrimSpace(p.Title), strings.TrimSpace(p.Text)
	switch {
	case p.People < 1 || p.People > 10000:
		return hotline.CaseID{}, hotline.Errorf(hotline.KindInvalid, "split", "that is no number of people")
	case p.Title == "" || len(p.Title) > 400 || len(p.Text) > 4000 || !utf8.ValidString(p.Title+p.Text):
		return hotline.CaseID{}, hotline.Errorf(hotline.KindInvalid, "split", "the new case needs a title, not too long")
	}
	if err := d.openBoth(ctx, id); err != nil {
		return hotline.CaseID{}, err
	}
	s, done, err := d.open("split")
	if err != nil {
		return hotline.CaseID{}, err
	}
	in, child, err := s.makeSplit(s.files[id], p)
	done()
	if err != nil {
		return hotline.CaseID{}, err
	}
	_, err = s.sendTie(ctx, id, child, in, false)
	return child, err
}

func (s *session) makeSplit(f *caseFile, p Parting) (in api.NewTie, child hotline.CaseID, err error) {
	last, err := s.canSeal(f)
	if err == nil {
		err = s.notPart(f)
	}
	if err == nil {
		err = s.settled(f)
	}
	if err != nil {
		return in, child, err
	}
	a, left := f.acts(), f.gist().people
	switch {
	case !a.stage.Open():
		return in, child, hotline.Errorf(hotline.KindConflict, "split", "this case has ended: take it up again first")
	case left > 0 && p.People >= left:
		return in, child, hotline.Errorf(hotline.KindInvalid, "split", "%d people cannot leave a case of %d: somebody stays", p.People, left)
	}
	n := s.newest[f.row.Team]
	reply, err := s.replySecret(f.row.Team)
	if err == nil && reply.Epoch != n.Epoch.Epoch {
		err = hotline.Errorf(hotline.KindUnavailable, "split", "the team's new key is not published, or not on this desk yet")
	}
	if err != nil {
		return in, child, err
	}
	key, err := seal.NewIdentity()
	if err != nil {
		return in, child, err
	}
	wrap, err := seal.WrapIdentity(n.Recipient, key)
	if err != nil {
		return in, child, err
	}
	child = seal.SplitCaseID(f.id, key.Recipient())
	first, err := seal.SignGeneration(seal.Generation{
		Case: child, Team: f.row.Team, Epoch: n.Epoch.Epoch, Recipient: key.Recipient(), Parent: f.id, Hour: s.hour(),
	}, reply.Reply, s.keys.Signing)
	if err != nil {
		return in, child, err
	}
	here, there := newStatementBody(), newStatementBody()
	here.Text, there.Text, there.Title, there.People = p.Text, p.Text, p.Title, &p.People
	if left > 0 {
		left -= p.People
		here.People = &left
	}
	seq, prev := s.statementEnd(f)
	st := seal.Statement{
		Case: f.id, Other: child, Act: seal.ActSplit, Main: f.id, Stage: a.stage, Seq: seq + 1, Prev: prev, Gen: last.Gen, Hour: s.hour(), Log: s.log(),
	}
	in, err = s.signPair(st, st.Twin(0, 0), pairBodies{here, there}, last.Recipient, key.Recipient())
	in.Child = &api.NewGeneration{Statement: first.Text(), Wraps: []api.Wrap{{Team: f.row.Team, Epoch: n.Epoch.Epoch, File: wrap}}}
	return in, child, err
}

// pairBodies are the sealed parts of an act on two cases.
type pairBodies struct{ here, there *seal.StatementBody }

func (s *session) signPair(st, twin seal.Statement, bodies pairBodies, here, there seal.Recipient) (in api.NewTie, err error) {
	sign := func(st seal.Statement, body *seal.StatementBody, to seal.Recipient) (api.NewStatement, error) {
		signed, file, err := seal.SignStatement(st, body, to, s.keys.Signing)
		return api.NewStatement{Text: signed.Text(), Sealed: file}, err
	}
	if in.Here, err = sign(st, bodies.here, here); err == nil && st.Act != seal.ActUnsplit {
		in.There, err = sign(twin, bodies.there, there)
	}
	return in, err
}

func (f *caseFile) tieTo(other hotline.CaseID) (seal.Tie, bool) {
	ties := f.ties()
	i := slices.IndexFunc(ties, func(t seal.Tie) bool { return t.Other == other })
	if i < 0 {
		return seal.Tie{}, false
	}
	return ties[i], true
}

// openBoth brings cases up to date, and sends what waits for them: an act on
// two cases needs the server and is not kept for later.
func (d *Desk) openBoth(ctx context.Context, ids ...hotline.CaseID) error {
	s, done, err := d.open("cases")
	if err != nil {
		return err
	}
	online := s.online
	done()
	if !online {
		return hotline.Errorf(hotline.KindUnavailable, "cases", "two cases change together: this needs the server, and there is no connection. Nothing was done")
	}
	if err := s.flush(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.refreshCase(ctx, id); err != nil {
			return err
		}
	}
	return s.under(func() error {
		for _, id := range ids {
			if f := s.files[id]; f == nil || !s.knows(f) || f.gone {
				return hotline.Errorf(hotline.KindNotFound, "cases", "this desk knows no such case")
			}
		}
		return nil
	})
}

// settled refuses while something written here for the case is not at the server.
func (s *session) settled(f *caseFile) error {
	if slices.ContainsFunc(s.outbox, func(e *entry) bool { return e.Case == f.id && e.Kind == kindStatement }) {
		return hotline.Errorf(hotline.KindConflict, "cases", "something written here for case %s is not at the server yet: send it first", f.id.Short())
	}
	return nil
}

// linkable checks what is known here of two cases that shall be linked.
func (s *session) linkable(f, o *caseFile) error {
	_, tied := f.tieTo(o.id)
	switch {
	case f.id == o.id:
		return hotline.Errorf(hotline.KindInvalid, "link", "this is the same case")
	case f.row.Team != o.row.Team:
		return hotline.Errorf(hotline.KindInvalid, "link", "the two cases belong to different teams: their compartments stay apart")
	case tied:
		return hotline.Errorf(hotline.KindConflict, "link", "these two cases are linked, merged or split already; read it, then decide")
	}
	return nil
}

// tie makes an act on two cases and sends it: both statements or none.
func (d *Desk) tie(
	ctx context.Context, id, other hotline.CaseID, late bool, act func(*session, *caseFile, *caseFile) (seal.Statement, pairBodies, error),
) (Result, error) {
	if id == other {
		return Result{}, hotline.Errorf(hotline.KindInvalid, "cases", "this is the same case")
	}
	if err := d.openBoth(ctx, id, other); err != nil {
		return Result{}, err
	}
	s, done, err := d.open("cases")
	if err != nil {
		return Result{}, err
	}
	in, err := s.makeTie(s.files[id], s.files[other], act)
	done()
	if err != nil {
		return Result{}, err
	}
	return s.sendTie(ctx, id, other, in, late)
}

func (s *session) makeTie(f, o *caseFile, act func(*session, *caseFile, *caseFile) (seal.Statement, pairBodies, error)) (in api.NewTie, err error) {
	if !hotline.Allowed(hotline.ActionTie, s.me.Roles...) {
		return in, hotline.Errorf(hotline.KindDenied, "act", "your roles do not allow this")
	}
	g, err := s.canSeal(f)
	if err != nil {
		return in, err
	}
	h, err := s.canSeal(o)
	if err != nil {
		return in, err
	}
	st, bodies, err := act(s, f, o)
	if err == nil && st.Act == seal.ActLink {
		err = s.linkable(f, o)
	}
	for _, c := range []*caseFile{f, o} {
		if err == nil {
			err = s.settled(c)
		}
	}
	if err != nil {
		return in, err
	}
	seq, prev := s.statementEnd(f)
	otherSeq, otherPrev := s.statementEnd(o)
	st.Case, st.Other, st.Seq, st.Prev, st.OtherPrev = f.id, o.id, seq+1, prev, otherPrev
	st.Gen, st.Hour, st.Log = g.Gen, s.hour(), s.log()
	return s.signPair(st, st.Twin(otherSeq+1, h.Gen), bodies, g.Recipient, h.Recipient)
}

// tieTries is how often an act on two cases is sent when its answer is lost:
// the same bytes, so that it counts once.
const tieTries = 3

func (s *session) sendTie(ctx context.Context, id, other hotline.CaseID, in api.NewTie, late bool) (Result, error) {
	var tied api.Tied
	var err error
	for range tieTries {
		sending, cancel := context.WithTimeout(ctx, actTimeout)
		tied, err = s.client.Tie(sending, id, in, late)
		cancel()
		if err == nil || !lost(err) {
			break
		}
	}
	if err != nil {
		return Result{}, err
	}
	err = s.under(func() error {
		s.takeRow(tied.Here)
		if tied.There.ID == other {
			s.takeRow(tied.There)
		}
		return nil
	})
	for _, row := range []api.Case{tied.Here, tied.There} {
		if err == nil && (row.ID != hotline.CaseID{}) {
			err = s.refreshCase(ctx, row.ID)
		}
	}
	if err != nil && !lost(err) {
		return Result{}, err
	}
	poke(s.work)
	return Result{Outcome: OutcomeSent, Text: hotline.Say("Sent: it is at the server.")}, nil
}

// unsplitProof reports whether a case is gone because who had left came back:
// an operator has signed so in the case that they left.
func (s *session) unsplitProof(g api.Gone) bool {
	st, signed, err := seal.ParseStatement(g.Proof)
	if err != nil || st.Act != seal.ActUnsplit || st.Other != g.ID {
		return false
	}
	_, ok := s.signer(signed, st.Hour, func(k seal.PublicKey) bool { return seal.StatementSignedBy(signed, k) })
	return ok
}

// forgetProof reports whether two people wanted a case, or the one that it is a
// part of, to be forgotten.
func (s *session) forgetProof(g api.Gone) bool {
	var proof api.ForgetProof
	if json.Unmarshal(g.Proof, &proof) != nil {
		return false
	}
	t, err := s.roster.Count(proof.Proposal, proof.Answers...)
	if err != nil || !t.Ready() || t.Proposal.Act != hotline.SharedForget {
		return false
	}
	var x seal.ForgetSubject
	if seal.DecodeSubject(t.Proposal.Subject, &x) != nil {
		return false
	}
	h, known := s.heads.all[g.ID]
	return x.Case == g.ID || (known && x.Case == h.Main)
}
