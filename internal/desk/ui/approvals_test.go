package ui

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"safeconduct/internal/api"
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

func (f *fakeDesk) Approvals() ([]desk.ApprovalView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.approvals), f.err
}

func (f *fakeDesk) Answer(_ context.Context, id seal.Hash, approve bool) error {
	f.set(func(f *fakeDesk) {
		word := "refuse "
		if approve {
			word = "approve "
		}
		f.calls = append(f.calls, word+id.String()[:4])
	})
	return f.err
}

func (f *fakeDesk) Withdraw(_ context.Context, id seal.Hash) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "withdraw "+id.String()[:4]) })
	return f.err
}

func (f *fakeDesk) ProposeExport(_ context.Context, reason string) (seal.Hash, error) {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "propose "+reason) })
	return seal.Hash{1}, f.err
}

func (f *fakeDesk) ExportReady() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.exportReady
}

func (f *fakeDesk) ExportTo(_ context.Context, w io.Writer) error {
	f.set(func(f *fakeDesk) { f.calls = append(f.calls, "export") })
	if f.err != nil {
		return f.err
	}
	_, err := w.Write([]byte("sealed"))
	return err
}

// shared is a desk of an administrator and supervisor who is asked something.
func shared() *fakeDesk {
	f := newFake()
	f.st.Roles = []hotline.Role{hotline.RoleSupervisor, hotline.RoleAdministrator}
	f.st.Asked = 2
	at := func(n byte, act hotline.Shared, state string) desk.ApprovalView {
		return desk.ApprovalView{ID: seal.Hash{n}, Act: act, State: state, By: "Клен", Reason: "Мальва приходить на нічну зміну", Hour: hoursAgo(3), Expires: hoursAgo(-69), Needed: 2}
	}
	roster := at(0x11, hotline.SharedRoster, api.ProposalOpen)
	roster.Decide = true
	roster.Lines = []desk.ApprovalLine{
		{Kind: desk.LineJoins, Name: "Мальва", Roles: []hotline.Role{hotline.RoleOperator}, Teams: []hotline.Team{hotline.TeamDesk}, Values: []string{"0123456789abcdef"}},
		{Kind: desk.LineLeaves, Name: "Степ"},
		{Kind: desk.LineKeys, Name: "Гай", Values: []string{"tls"}},
	}
	export := at(0x22, hotline.SharedExport, api.ProposalOpen)
	export.Decide, export.Reason = true, hostile
	export.Lines = []desk.ApprovalLine{{Kind: desk.LineExport, Name: "{teams}", Teams: []hotline.Team{hotline.TeamDesk}}}
	keep := at(0x55, hotline.SharedRetention, api.ProposalOpen)
	keep.Lines = []desk.ApprovalLine{{Kind: desk.LineKeep, Name: "silence", Values: []string{"365", "300"}}}
	destroy := at(0x66, hotline.SharedDestroy, api.ProposalOpen)
	destroy.Lines = []desk.ApprovalLine{
		{Kind: desk.LineDestroy, Teams: []hotline.Team{hotline.TeamDesk}, Values: []string{"4", "17", "2026-03-01", "2026-05-30"}},
		{Kind: desk.LineForget, Name: "a1b2c3d4"},
	}
	mine := at(0x33, hotline.SharedExport, api.ProposalApproved)
	mine.Mine, mine.Ready, mine.By = true, true, "Весна"
	mine.Approved = []desk.ApprovalAnswer{{Name: "Клен", Hour: hoursAgo(1)}}
	past := at(0x44, hotline.SharedManifest, api.ProposalRefused)
	past.Refused = []desk.ApprovalAnswer{{Name: "Степ", Hour: hoursAgo(2)}}
	past.Void = []hotline.Sentence{hotline.Say("the access of %s has ended since", "Гай")}
	past.Lines = []desk.ApprovalLine{{Kind: desk.LineUnreadable, Why: hotline.Say("two texts were signed, not one")}}
	f.approvals, f.exportReady = []desk.ApprovalView{roster, export, keep, destroy, mine, past}, true
	return f
}

func TestApprovalsPage(t *testing.T) {
	t.Parallel()
	f := shared()
	w := launched(t, newUI(t, f, "en"))
	page := w.get("/approvals")
	contains(t, "approvals", page, http.StatusOK, "You are asked", "Мальва joins. Roles: operator. Teams: desk. Key: 0123456789abcdef.",
		"The access of Степ ends.", "ATTENTION: the entry of Гай changes: the certificate.", "Approved by Клен", "Refused by Степ",
		"a supervisor is asked: 300 days from now on, instead of 365.", "Key 4 of desk is destroyed for good. Cases that go with it: 17. The first of them ended on 2026-03-01, the last on 2026-05-30.",
		"Case a1b2c3d4 is forgotten", "{teams} takes everything of these teams out, sealed: desk.", "This cannot be shown, so it cannot be approved.", "I have read what exactly will be done.")
	if n := strings.Count(page.Body.String(), `value="approve"`); n != 2 {
		t.Errorf("%d proposals can be approved", n)
	}
	contains(t, "the head of another page", w.get("/people"), http.StatusOK, "Your decision is asked for: 2.")
	id := seal.Hash{0x11}.String()
	if rec := w.post("/approvals/decide", url.Values{"id": {id}, "decision": {"approve"}}); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("approved without reading: %d", rec.Code)
	}
	w.post("/approvals/decide", url.Values{"id": {id}, "decision": {"approve"}, "read": {"1"}})
	w.post("/approvals/decide", url.Values{"id": {id}, "decision": {"refuse"}})
	w.post("/approvals/withdraw", url.Values{"id": {seal.Hash{0x33}.String()}})
	if got := f.called(); !slices.Equal(got, []string{"approve 1100", "refuse 1100", "withdraw 3300"}) {
		t.Errorf("%q", got)
	}
	contains(t, "empty", launched(t, newUI(t, newFake(), "en")).get("/approvals"), http.StatusOK, "Nothing waits for anybody.")
}

func TestExportPage(t *testing.T) {
	t.Parallel()
	f := shared()
	w := launched(t, newUI(t, f, "en"))
	contains(t, "ready", w.get("/export"), http.StatusOK, "The export may be taken out", "How to open it")
	rec := w.post("/export/save", nil)
	if rec.Body.String() != "sealed" || rec.Header().Get("Content-Disposition") != `attachment; filename="safeconduct-2026-11-21.tar"` {
		t.Errorf("%q %v", rec.Body, rec.Header())
	}
	f.set(func(f *fakeDesk) { f.approvals, f.exportReady = nil, false })
	contains(t, "to propose", w.get("/export"), http.StatusOK, "Propose an export", "write nothing about a case or a person")
	w.post("/export/propose", url.Values{"reason": {"a copy"}})
	f.set(func(f *fakeDesk) {
		f.err = hotline.Errorf(hotline.KindConflict, "server", "this takes %d persons, and %d stand behind it until now", 2, 1)
	})
	rec = w.post("/export/save", nil)
	if rec.Code != http.StatusConflict || rec.Header().Get("Content-Disposition") != "" {
		t.Errorf("status %d %v", rec.Code, rec.Header())
	}
	if got := f.called(); !slices.Contains(got, "propose a copy") {
		t.Errorf("%q", got)
	}
}

// Every kind of line, act and state has its words.
func TestApprovalWords(t *testing.T) {
	t.Parallel()
	for _, lang := range languages() {
		words := textsOf(lang).Approvals
		for _, act := range hotline.SharedActs() {
			if words.Acts[act] == "" {
				t.Errorf("%s: no word for %s", lang, act)
			}
		}
		for _, kind := range desk.LineKinds() {
			if words.Lines[kind] == "" {
				t.Errorf("%s: no sentence for %s", lang, kind)
			}
		}
	}
}
