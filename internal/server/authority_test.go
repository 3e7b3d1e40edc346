package server_test

import (
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// two makes the house one of two administrators, ada and abe, and returns
// abe's key of the authority and that of the sheets.
func (w *world) two(t *testing.T) (abe, sheets seal.SigningKey) {
	t.Helper()
	abe, sheets = must(seal.NewSigningKey()), must(seal.RecoverySigningKey(w.recovery.Key))
	p := newPerson("abe", []hotline.Role{hotline.RoleAdministrator})
	p.member.Authority = abe.Public()
	w.people["abe"] = p
	w.publish(t, func(r *seal.Roster) {
		for i, m := range r.Members {
			if m.Name == "ada" {
				r.Members[i].Authority = w.authority.Public()
			}
		}
		r.Members = append(r.Members, p.member)
		r.RecoveryKey = sheets.Public()
		r.Authority = r.NextAuthority()
		r.Manifest = must(seal.ParseSigned(w.genesis.Manifest)).Hash()
	})
	return abe, sheets
}

// draft is the next roster signed by one key, and ada's proposal of it.
func (w *world) draft(change func(*seal.Roster), key seal.SigningKey) (next seal.Roster, document, proposal []byte) {
	var newest api.Document
	newest, _ = get[api.Document](w, w.people["ada"], fill(api.PathDocument, "roster"))
	next = w.roster
	next.Serial++
	next.Members = append([]seal.Member(nil), next.Members...)
	change(&next)
	signed := must(seal.SignRoster(next, key))
	now := hotline.HourOf(w.clock.Now())
	proposal = must(seal.SignProposal(seal.Proposal{
		Desk: w.roster.Desk, Act: hotline.SharedRoster, Base: must(seal.ParseSigned(newest.Text)).Hash(), Reason: "otto leaves", Hour: now, Expires: now + 72,
		Subject: must(seal.NewSubject(seal.DocumentSubject{Serial: next.Serial, Hash: signed.Hash()})),
	}, w.people["ada"].key)).Text()
	return next, signed.Text(), proposal
}

func ottoLeaves(r *seal.Roster) { r.Members[1].Until = 5 }

// With two administrators one signature publishes nothing; the approval that
// brings the second publishes at once.
func TestRosterOfTwo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		abe, sheets := w.two(t)
		ada := w.people["ada"]
		next, document, proposal := w.draft(ottoLeaves, w.authority)
		_, err := w.do(ada, "POST", api.PathDocuments, api.Document{Kind: api.DocumentRoster, Serial: next.Serial, Text: document})
		wantKind(t, err, hotline.KindForged)
		_, byOther, _ := w.draft(ottoLeaves, abe)
		w.refuse(t, ada, api.PathProposals, api.NewProposal{Text: proposal, Document: document}, []bad{
			{"no document", api.NewProposal{Text: proposal}, hotline.KindForged},
			{"the other's signature", api.NewProposal{Text: proposal, Document: byOther}, hotline.KindForged},
			{"another document", api.NewProposal{Text: proposal, Document: must(seal.SignRoster(w.roster, w.authority)).Text()}, hotline.KindForged},
		})
		path, in := w.answer("abe", proposal, seal.DecisionApprove)
		in.Document = must(seal.Cosign(document, hotline.SharedRoster, abe)).Text()
		with := func(document []byte) api.NewAnswer { return api.NewAnswer{Text: in.Text, Document: document} }
		w.refuse(t, w.people["abe"], path, in, []bad{
			{"no document", with(nil), hotline.KindForged},
			{"the proposer's signature again", with(document), hotline.KindForged},
			{"the sheets' signature", with(must(seal.Cosign(document, hotline.SharedRoster, sheets)).Text()), hotline.KindForged},
			{"another document", with(must(seal.SignRoster(w.roster, abe)).Text()), hotline.KindForged},
		})
		got, err := get[api.Document](w, ada, fill(api.PathDocument, "roster"))
		ok(t, err)
		if r, err := seal.VerifyRoster(got.Text, w.roster.Authority); err != nil || r.Serial != next.Serial || r.Members[1].Active() {
			t.Errorf("roster %d: %v", got.Serial, err)
		}
		if s := w.proposalState(t, "ada", proposal); s != api.ProposalUsed {
			t.Errorf("the proposal is %q", s)
		}
		before, err := get[api.Document](w, ada, fill(api.PathDocumentAt, "roster", 2))
		ok(t, err)
		if before.Serial != 2 {
			t.Errorf("%+v", before)
		}
		acts := w.entries(0)
		acts = acts[len(acts)-3:]
		if acts[0].Act != "proposal.approve" || acts[1].Act != "document.publish" || acts[2].Act != "proposal.used" {
			t.Errorf("leaves: %+v", acts)
		}
	})
}

// A roster that was proposed on another one is refused when it comes to the
// second signature; and one administrator with the sheets replaces a lost one.
func TestRosterOfTwoChangedSinceAndRecovered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		abe, sheets := w.two(t)
		ada := w.people["ada"]
		_, document, proposal := w.draft(ottoLeaves, w.authority)
		_, err := w.do(ada, "POST", api.PathProposals, api.NewProposal{Text: proposal, Document: document})
		ok(t, err)
		lost := func(r *seal.Roster) {
			r.Members[len(r.Members)-1].Until = 6
			r.Authority = r.NextAuthority()
		}
		next, alone, _ := w.draft(lost, w.authority)
		doc := api.Document{Kind: api.DocumentRoster, Serial: next.Serial, Text: alone}
		_, err = w.do(ada, "POST", api.PathDocuments, doc)
		wantKind(t, err, hotline.KindForged) // one of two cannot put the other out
		other, _, _ := w.draft(func(r *seal.Roster) { r.Members[1].Until = 7 }, w.authority)
		both := must(seal.SignRoster(other, w.authority, abe)).Text()
		_, err = w.do(ada, "POST", api.PathDocuments, api.Document{Kind: api.DocumentRoster, Serial: other.Serial, Text: both})
		ok(t, err)
		w.roster = other
		path, in := w.answer("abe", proposal, seal.DecisionApprove)
		in.Document = must(seal.Cosign(document, hotline.SharedRoster, abe)).Text()
		_, err = w.do(w.people["abe"], "POST", path, in)
		wantKind(t, err, hotline.KindConflict)

		next, _, _ = w.draft(lost, w.authority)
		text := must(seal.SignRoster(next, w.authority, sheets)).Text()
		_, err = w.do(ada, "POST", api.PathDocuments, api.Document{Kind: api.DocumentRoster, Serial: next.Serial, Text: text})
		ok(t, err)
		_, err = get[api.Me](w, w.people["abe"], api.PathMe)
		wantKind(t, err, hotline.KindDenied)
	})
}
