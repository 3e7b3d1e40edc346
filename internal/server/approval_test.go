package server_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func proposalID(text []byte) seal.Hash { return must(seal.ParseSigned(text)).Hash() }

// exportProposal is what somebody's desk would send to take his teams' cases out.
func (w *world) exportProposal(by string, change func(*seal.Proposal)) []byte {
	p := w.people[by]
	teams := slices.Sorted(slices.Values(p.member.Teams))
	var newest []seal.Epoch
	for _, team := range teams {
		pub := w.teams[team].Public()
		newest = append(newest, seal.Epoch{Team: team, Epoch: pub.Epoch, Recipient: pub.Recipient, ReplyKey: pub.ReplyKey})
	}
	now := hotline.HourOf(w.clock.Now())
	proposal := seal.Proposal{
		Desk: w.roster.Desk, Act: hotline.SharedExport, Subject: must(seal.NewSubject(seal.ExportSubject{To: p.member.ID, Teams: teams})),
		Base: seal.ExportBase(newest...), Reason: "a copy for the safe", Hour: now, Expires: now + 72,
	}
	if change != nil {
		change(&proposal)
	}
	return must(seal.SignProposal(proposal, p.key)).Text()
}

func (w *world) answer(by string, proposal []byte, d seal.Decision) (path string, in api.NewAnswer) {
	id := proposalID(proposal)
	text := must(seal.SignApproval(seal.Approval{Proposal: id, Decision: d, Hour: hotline.HourOf(w.clock.Now())}, w.people[by].key)).Text()
	return fill(api.PathAnswers, id), api.NewAnswer{Text: text}
}

func (w *world) propose(t *testing.T, by string, text []byte) {
	t.Helper()
	_, err := w.do(w.people[by], "POST", api.PathProposals, api.NewProposal{Text: text})
	ok(t, err)
}

func (w *world) decide(by string, proposal []byte, d seal.Decision) error {
	path, in := w.answer(by, proposal, d)
	_, err := w.do(w.people[by], "POST", path, in)
	return err
}

// agree lets one propose an export and another approve it.
func (w *world) agree(t *testing.T, by, approver string) []byte {
	t.Helper()
	text := w.exportProposal(by, nil)
	w.propose(t, by, text)
	ok(t, w.decide(approver, text, seal.DecisionApprove))
	return text
}

func (w *world) export(by string) error {
	_, err := w.do(w.people[by], "POST", api.PathExport, struct{}{})
	return err
}

func (w *world) proposalState(t *testing.T, by string, text []byte) string {
	t.Helper()
	list, err := get[api.ProposalList](w, w.people[by], api.PathProposals)
	ok(t, err)
	for _, p := range list.Proposals {
		if p.ID == proposalID(text) {
			return p.State
		}
	}
	return ""
}

// refuses asks for an export and shows that nothing was handed out or kept, and why.
func (w *world) refuses(t *testing.T, name, by string, kind hotline.Kind, words string) {
	t.Helper()
	before := w.snapshot()
	err := w.export(by)
	if hotline.KindOf(err) != kind || err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: got %v (%v), want %v with %q", name, err, hotline.KindOf(err), kind, words)
	}
	if w.snapshot() != before {
		t.Errorf("%s: something was kept", name)
	}
}

func TestTwoPersons(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.refuses(t, "nobody proposed", "sam", hotline.KindConflict, "propose it first")
		text := w.exportProposal("sam", nil)
		w.propose(t, "sam", text)
		w.refuses(t, "nobody approved", "sam", hotline.KindConflict, "takes 2 persons, and 1")
		for _, by := range []string{"sam", "olga", "audrey"} {
			if err := w.decide(by, text, seal.DecisionApprove); hotline.KindOf(err) != hotline.KindDenied {
				t.Errorf("%s approved: %v", by, err)
			}
		}
		w.refuses(t, "himself, an operator, an auditor", "sam", hotline.KindConflict, "takes 2 persons, and 1")
		ok(t, w.decide("ada", text, seal.DecisionApprove))
		if s := w.proposalState(t, "audrey", text); s != api.ProposalApproved {
			t.Errorf("the auditor sees %q", s)
		}
		w.refuses(t, "another supervisor", "frank", hotline.KindConflict, "propose it first")
		ok(t, w.export("sam"))
		if s := w.proposalState(t, "sam", text); s != api.ProposalUsed {
			t.Errorf("after the export: %q", s)
		}
		w.refuses(t, "a second time", "sam", hotline.KindConflict, "counts once")
		wantKind(t, w.decide("frank", text, seal.DecisionApprove), hotline.KindConflict)
		_, err := w.do(w.people["sam"], "DELETE", fill(api.PathProposal, proposalID(text)), struct{}{})
		wantKind(t, err, hotline.KindConflict)
	})
}

func TestApprovalsThatDoNotCount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		text := w.agree(t, "sam", "ada")
		ok(t, w.decide("frank", text, seal.DecisionRefuse)) // one person against is enough, even after an approval
		w.refuses(t, "refused", "sam", hotline.KindConflict, "refused")
		w.clock.Move(time.Hour)

		text = w.exportProposal("sam", nil)
		w.propose(t, "sam", text)
		_, err := w.do(w.people["frank"], "DELETE", fill(api.PathProposal, proposalID(text)), struct{}{})
		wantKind(t, err, hotline.KindDenied)
		_, err = w.do(w.people["sam"], "DELETE", fill(api.PathProposal, proposalID(text)), struct{}{})
		ok(t, err)
		wantKind(t, w.decide("ada", text, seal.DecisionApprove), hotline.KindConflict)
		w.refuses(t, "withdrawn", "sam", hotline.KindConflict, "withdrawn")

		w.clock.Move(time.Hour)
		w.agree(t, "sam", "ada")
		w.clock.Move(72 * time.Hour)
		w.refuses(t, "over", "sam", hotline.KindConflict, "is over")

		for name, change := range map[string]func(*seal.Proposal){
			"another's": func(p *seal.Proposal) {
				p.Subject = seal.Subject(`{"to":"` + w.people["frank"].member.ID + `","teams":["desk"]}`)
			},
			"another team": func(p *seal.Proposal) {
				p.Subject = seal.Subject(`{"to":"` + w.people["sam"].member.ID + `","teams":["field"]}`)
			},
			"more than one": func(p *seal.Proposal) {
				p.Subject = seal.Subject(`{"to":"` + w.people["sam"].member.ID + `","teams":["desk"],"x":1}`)
			},
		} {
			text := w.exportProposal("sam", change)
			w.propose(t, "sam", text)
			ok(t, w.decide("ada", text, seal.DecisionApprove))
			w.refuses(t, name, "sam", hotline.KindConflict, "is over") // of the one before: these are not about this act
		}
		text = w.exportProposal("sam", func(p *seal.Proposal) { p.Base = seal.Hash{1} })
		w.propose(t, "sam", text)
		ok(t, w.decide("ada", text, seal.DecisionApprove))
		w.refuses(t, "another base", "sam", hotline.KindConflict, "has changed since")
	})
}

// What was approved under one key of the team does not count under the next.
func TestApprovalForSomethingChangedSince(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.agree(t, "sam", "ada")
		next := must(seal.NewTeamSecret(hotline.TeamDesk, 2))
		_, err := w.do(w.people["olga"], "POST", api.PathEpochs, w.epoch(next, w.people["olga"]))
		ok(t, err)
		w.refuses(t, "a new key", "sam", hotline.KindConflict, "has changed since")
		w.teams[hotline.TeamDesk] = next
		w.agree(t, "sam", "ada")
		ok(t, w.export("sam"))
	})
}

// Who has left, or has another role, approves and proposes nothing any more.
func TestApprovalOfWhoHasLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		text := w.exportProposal("sam", nil)
		w.propose(t, "sam", text)
		ok(t, w.decide("frank", text, seal.DecisionApprove))
		frank := slices.IndexFunc(w.roster.Members, func(m seal.Member) bool { return m.Name == "frank" })
		w.publish(t, func(r *seal.Roster) { r.Members[frank].Roles = []hotline.Role{hotline.RoleOperator} })
		w.refuses(t, "another role", "sam", hotline.KindConflict, "role of frank")
		w.publish(t, func(r *seal.Roster) {
			r.Members[frank].Roles, r.Members[frank].Until = []hotline.Role{hotline.RoleSupervisor}, 2
		})
		w.refuses(t, "gone", "sam", hotline.KindConflict, "access of frank has ended")
		ok(t, w.decide("ada", text, seal.DecisionApprove))
		ok(t, w.export("sam"))
	})
}

// Two computers of one person are one person, at the server too.
func TestSecondComputerIsNoSecondPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		second := newPerson("sam (2)", []hotline.Role{hotline.RoleSupervisor}, hotline.TeamDesk)
		second.member.Person = w.people["sam"].member.ID
		w.people["sam (2)"] = second
		w.publish(t, func(r *seal.Roster) { r.Members = append(r.Members, second.member) })
		text := w.exportProposal("sam", nil)
		w.propose(t, "sam", text)
		wantKind(t, w.decide("sam (2)", text, seal.DecisionApprove), hotline.KindDenied)
		w.refuses(t, "approved by himself", "sam", hotline.KindConflict, "takes 2 persons")
		_, err := w.do(second, "DELETE", fill(api.PathProposal, proposalID(text)), struct{}{})
		ok(t, err) // he may take it back from either
	})
}

// One supervisor alone in the house needs nobody; as soon as there is another he does.
func TestOneSupervisorAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.publish(t, func(r *seal.Roster) {
			for i, m := range r.Members {
				switch m.Name {
				case "sam", "frank", "otto":
					r.Members[i].Until = 2
				case "ada":
					r.Members[i].Roles = []hotline.Role{hotline.RoleAdministrator, hotline.RoleSupervisor}
					r.Members[i].Teams = []hotline.Team{hotline.TeamDesk}
				}
			}
		})
		w.people["ada"].member.Teams = []hotline.Team{hotline.TeamDesk}
		w.refuses(t, "without a word", "ada", hotline.KindConflict, "propose it first")
		w.propose(t, "ada", w.exportProposal("ada", nil))
		ok(t, w.export("ada"))
		w.propose(t, "ada", w.exportProposal("ada", nil))
		w.publish(t, func(r *seal.Roster) {
			i := slices.IndexFunc(r.Members, func(m seal.Member) bool { return m.Name == "otto" })
			r.Members[i].Until, r.Members[i].Roles = 0, []hotline.Role{hotline.RoleSupervisor}
		})
		w.refuses(t, "no longer alone", "ada", hotline.KindConflict, "takes 2 persons, and 1")
	})
}

func TestBadProposals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sam := w.people["sam"]
		with := func(change func(*seal.Proposal)) api.NewProposal {
			return api.NewProposal{Text: w.exportProposal("sam", change)}
		}
		good := with(nil)
		subject := must(seal.NewSubject(seal.DocumentSubject{Serial: 2}))
		w.refuse(t, sam, api.PathProposals, good, []bad{
			{"nothing", api.NewProposal{}, hotline.KindInvalid},
			{"no text", api.NewProposal{Text: []byte("{}")}, hotline.KindInvalid},
			{"another's signature", api.NewProposal{Text: w.exportProposal("frank", nil)}, hotline.KindForged},
			{"changed", api.NewProposal{Text: []byte(strings.Replace(string(good.Text), "safe", "sale", 1))}, hotline.KindForged},
			{"another house", with(func(p *seal.Proposal) { p.Desk[0]++ }), hotline.KindForged},
			{"an hour that is long gone", with(func(p *seal.Proposal) { p.Hour, p.Expires = p.Hour-2, p.Expires-2 }), hotline.KindConflict},
			{"an hour to come", with(func(p *seal.Proposal) { p.Hour, p.Expires = p.Hour+2, p.Expires+2 }), hotline.KindConflict},
			{"too long a life", with(func(p *seal.Proposal) { p.Expires++ }), hotline.KindInvalid},
			{"no reason", with(func(p *seal.Proposal) { p.Reason = "" }), hotline.KindInvalid},
			{"an act of nobody", with(func(p *seal.Proposal) { p.Act = "else" }), hotline.KindInvalid},
			{"an act of others", with(func(p *seal.Proposal) { p.Act, p.Subject = hotline.SharedRoster, subject }), hotline.KindDenied},
			{"a document with it", api.NewProposal{Text: good.Text, Document: []byte("x")}, hotline.KindInvalid},
		})
		for range 19 {
			w.propose(t, "sam", w.exportProposal("sam", nil))
		}
		_, err := w.do(sam, "POST", api.PathProposals, with(nil))
		wantKind(t, err, hotline.KindConflict)

		path, in := w.answer("ada", good.Text, seal.DecisionApprove)
		ada := w.people["ada"]
		_, others := w.answer("frank", good.Text, seal.DecisionApprove)
		_, another := w.answer("ada", w.exportProposal("sam", nil), seal.DecisionApprove)
		old := must(seal.SignApproval(seal.Approval{Proposal: proposalID(good.Text), Decision: seal.DecisionApprove, Hour: 5}, ada.key)).Text()
		w.refuse(t, ada, path, in, []bad{
			{"nothing", api.NewAnswer{}, hotline.KindInvalid},
			{"another's", others, hotline.KindForged},
			{"to another proposal", another, hotline.KindForged},
			{"of another day", api.NewAnswer{Text: old}, hotline.KindConflict},
			{"a document with it", api.NewAnswer{Text: in.Text, Document: []byte("x")}, hotline.KindInvalid},
		})
		lost := fill(api.PathAnswers, proposalID(w.exportProposal("sam", nil)))
		_, err = w.do(ada, "POST", lost, another)
		wantKind(t, err, hotline.KindForged)
	})
}

// What nobody answers is marked in the journal when its time is over.
func TestProposalsExpire(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		open, agreed := w.exportProposal("sam", nil), w.exportProposal("sam", nil)
		w.propose(t, "sam", open)
		w.propose(t, "sam", agreed)
		ok(t, w.decide("ada", agreed, seal.DecisionApprove))
		ok(t, w.s.ExpireProposals(t.Context()))
		if s := w.proposalState(t, "sam", open); s != api.ProposalOpen {
			t.Fatalf("too early: %q", s)
		}
		w.clock.Move(72 * time.Hour)
		if s := w.proposalState(t, "sam", open); s != api.ProposalExpired {
			t.Errorf("before it is marked: %q", s)
		}
		at := int64(len(w.entries(0)))
		ok(t, w.s.ExpireProposals(t.Context()))
		ok(t, w.s.ExpireProposals(t.Context()))
		got := w.entries(at)
		if len(got) != 2 || got[0].Act != "proposal.expire" || got[0].Actor != "server" {
			t.Errorf("leaves: %+v", got)
		}
		wantKind(t, w.decide("ada", open, seal.DecisionApprove), hotline.KindConflict)
	})
}
