package desk_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// withSupervisor is a world in which Boris is a supervisor too.
func withSupervisor(t *testing.T) (w *world, anna, boris *station) {
	t.Helper()
	w = newWorld(t)
	anna = w.work(&w.anna)
	w.publishAs(t, func(r *seal.Roster) {
		r.Members[1].Roles = []hotline.Role{hotline.RoleOperator, hotline.RoleSupervisor}
	})
	boris = w.work(&w.boris)
	anna.await("the new roster", func() bool {
		for _, p := range anna.People() {
			if p.Name == "Boris" && len(p.Roles) == 2 {
				return true
			}
		}
		return false
	})
	return w, anna, boris
}

// publishAs publishes the next roster with the authority's key.
func (w *world) publishAs(t *testing.T, change func(*seal.Roster)) {
	t.Helper()
	w.roster.Serial++
	change(&w.roster)
	admin := w.newStation(&w.anna)
	cert := must(api.Certificate(w.anna.TLS))
	client := admin.cfg.Client(w.addr, cert, w.anna.ServerTLS)
	ok(t, client.Publish(t.Context(), api.Document{
		Kind: api.DocumentRoster, Serial: w.roster.Serial, Text: must(seal.SignRoster(w.roster, w.authority)).Text(),
	}))
}

// asked waits until a desk shows a proposal of a state.
func (st *station) proposal(id seal.Hash, state string) desk.ApprovalView {
	st.w.tb.Helper()
	var found desk.ApprovalView
	st.await("a proposal that is "+state, func() bool {
		for _, v := range must(st.Approvals()) {
			if v.ID == id && v.State == state {
				found = v
				return true
			}
		}
		return false
	})
	return found
}

// Two desks decide on an export against a real server; each shows the other's
// step without being asked to.
func TestTwoDesksDecide(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, anna, boris := withSupervisor(t)
	id := must(anna.ProposeExport(ctx, "копія  на випадок\nпожежі"))
	var out bytes.Buffer
	wantKind(t, anna.ExportTo(ctx, &out), hotline.KindConflict)
	v := boris.proposal(id, api.ProposalOpen)
	if !v.Decide || v.By != "Anna" || v.Reason != "копія на випадок пожежі" || v.Needed != 2 || len(v.Lines) != 1 ||
		v.Lines[0].Kind != desk.LineExport || v.Lines[0].Name != "Anna" || boris.State().Asked != 1 || anna.State().Asked != 0 {
		t.Fatalf("%+v; asked %d and %d", v, boris.State().Asked, anna.State().Asked)
	}
	if mine := anna.proposal(id, api.ProposalOpen); mine.Decide || len(mine.Lines) != 1 || mine.Lines[0].Name != v.Lines[0].Name {
		t.Errorf("the two do not see the same: %+v", mine)
	}
	wantKind(t, anna.Answer(ctx, id, true), hotline.KindDenied)
	wantKind(t, boris.Withdraw(ctx, id), hotline.KindDenied)
	ok(t, boris.Answer(ctx, id, true))
	if v := anna.proposal(id, api.ProposalApproved); !v.Ready || len(v.Approved) != 1 || v.Approved[0].Name != "Boris" {
		t.Errorf("%+v", v)
	}
	waiting, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	ok(t, anna.WaitApproved(waiting, id))
	if !anna.ExportReady() || boris.ExportReady() {
		t.Error("who may take it out")
	}
	ok(t, anna.ExportTo(ctx, &out))
	boris.proposal(id, api.ProposalUsed)
	wantKind(t, anna.ExportTo(ctx, &out), hotline.KindConflict)

	id = must(boris.ProposeExport(ctx, "ще раз"))
	anna.proposal(id, api.ProposalOpen)
	ok(t, anna.Answer(ctx, id, false))
	boris.proposal(id, api.ProposalRefused)
	wantKind(t, boris.ExportTo(ctx, &out), hotline.KindConflict)
}

// A second computer is enrolled under its owner's call-name, and is no second
// person: neither as Anna's colleague nor after her first computer was given up.
func TestSecondComputerOfOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.work(&w.anna)
	persons := func() map[string]string {
		out := map[string]string{}
		for _, p := range anna.People() {
			if p.Until == 0 {
				out[p.Name] = p.Person
			}
		}
		return out
	}
	clara := w.enrol(anna, "Clara")
	first := clara.State().ID
	w.enrol(anna, "Clara")
	w.clock.move(time.Hour)
	ok(t, anna.Revoke(t.Context(), first, nil))
	w.enrol(anna, "Clara")
	w.enrol(anna, "Dora")
	got := persons()
	if len(got) != 5 || got["Clara"] != first || got["Clara (2)"] != first || got["Dora"] == first || got["Dora"] == got["Boris"] {
		t.Errorf("%q, the first entry is %s", got, first)
	}
}

// A server that shows a proposal of its own, or an answer that was not given,
// is not believed.
func TestForgedProposalsAreNotShown(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, anna, boris := withSupervisor(t)
	stranger := must(seal.NewSigningKey())
	now := hotline.HourOf(w.clock.Now())
	forged := must(seal.SignProposal(seal.Proposal{
		Desk: w.roster.Desk, Act: hotline.SharedExport, Subject: seal.Subject(`{"to":"` + w.anna.OperatorID() + `","teams":["desk"]}`),
		Reason: "r", Hour: now, Expires: now + 1,
	}, stranger))
	boris.wire.set(func(x *wire) {
		x.change = tamper("/v1/proposals", func(l *api.ProposalList) {
			for i := range l.Proposals { // Boris is told that he has approved it
				l.Proposals[i].State = api.ProposalApproved
				l.Proposals[i].Answers = append(l.Proposals[i].Answers, must(seal.SignApproval(seal.Approval{
					Proposal: l.Proposals[i].ID, Decision: seal.DecisionApprove, Hour: now,
				}, stranger)).Text())
			}
			l.Proposals = append(l.Proposals, api.Proposal{ID: forged.Hash(), State: api.ProposalOpen, Text: forged.Text()})
		})
	})
	id := must(anna.ProposeExport(ctx, "r"))
	v := boris.proposal(id, api.ProposalApproved)
	if v.Ready || len(v.Approved) != 0 || len(v.Void) != 1 {
		t.Errorf("a forged answer counts: %+v", v)
	}
	if list := must(boris.Approvals()); len(list) != 1 || boris.State().Alarms != 1 {
		t.Errorf("a forged proposal is shown: %+v", list)
	}
	wantKind(t, boris.Answer(ctx, forged.Hash(), true), hotline.KindNotFound)
}
