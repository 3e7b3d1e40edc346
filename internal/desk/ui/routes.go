package ui

import (
	"net/http"
	"slices"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// route is one address of the pages. What changes something is a POST; a POST
// of the queue changes nothing, but what is searched for must not stand in an
// address.
type route struct {
	method, path string
	open         bool         // for who has no session yet
	phases       []desk.Phase // in which it answers; nil: in every one
	act          bool         // an act of the operator: the idle clock starts anew
	// needs is the action of the policy without which a ready desk shows
	// nothing here. Before it is ready nobody knows the roles.
	needs  hotline.Action
	handle http.HandlerFunc
}

func (u *UI) routes() []route {
	ready := []desk.Phase{desk.PhaseReady}
	return slices.Concat(u.keepingRoutes(), u.tieRoutes(), u.addressRoutes(), []route{
		{method: "GET", path: "/launch", open: true, handle: u.launch},
		{method: "GET", path: "/static/{file}", open: true, handle: u.static},

		{method: "GET", path: "/{$}", act: true, needs: hotline.ActionSelf, handle: u.home},
		{method: "GET", path: "/live", needs: hotline.ActionLive, handle: u.live},
		{method: "GET", path: "/status", needs: hotline.ActionSelf, handle: u.status},
		{method: "POST", path: "/touch", act: true, needs: hotline.ActionSelf, handle: u.touch},
		{method: "POST", path: "/preferences", act: true, needs: hotline.ActionSelf, handle: u.prefer},
		{method: "POST", path: "/unlock", phases: []desk.Phase{desk.PhaseLocked}, act: true, handle: u.unlock},
		{method: "POST", path: "/lock", needs: hotline.ActionSelf, handle: u.lock},
		{method: "POST", path: "/enrol", phases: []desk.Phase{desk.PhaseNoKeys}, act: true, handle: u.enrol},
		{method: "POST", path: "/enrol/compared", phases: []desk.Phase{desk.PhaseEnrolling}, act: true, handle: u.compared},

		{method: "POST", path: "/queue", phases: ready, needs: hotline.ActionQueue, handle: u.queue},
		{method: "POST", path: "/group/plan", phases: ready, act: true, needs: hotline.ActionState, handle: u.planBulk},
		{method: "POST", path: "/group/run", phases: ready, act: true, needs: hotline.ActionState, handle: u.onBulk(Desk.RunBulk)},
		{method: "POST", path: "/group/stop", phases: ready, act: true, needs: hotline.ActionState, handle: u.onBulk(Desk.StopBulk)},
		{method: "POST", path: "/group/undo", phases: ready, act: true, needs: hotline.ActionState, handle: u.onBulk(Desk.UndoBulk)},
		{method: "GET", path: "/case/{ref}", phases: ready, act: true, needs: hotline.ActionRead, handle: u.openCase},
		{method: "GET", path: "/case/{ref}/live", phases: ready, needs: hotline.ActionRead, handle: u.liveCase},
		{method: "POST", path: "/case/{ref}/read", phases: ready, needs: hotline.ActionRead, handle: u.markRead},
		{method: "POST", path: "/case/{ref}/reply", phases: ready, act: true, needs: hotline.ActionReply, handle: u.reply},
		{method: "POST", path: "/case/{ref}/draft", phases: ready, act: true, needs: hotline.ActionReply, handle: u.draft},
		{method: "POST", path: "/case/{ref}/urgency", phases: ready, act: true, needs: hotline.ActionState, handle: u.urgency},
		{method: "POST", path: "/case/{ref}/stage", phases: ready, act: true, needs: hotline.ActionState, handle: u.stage},
		{method: "POST", path: "/case/{ref}/assign", phases: ready, act: true, needs: hotline.ActionState, handle: u.assign},
		{method: "POST", path: "/case/{ref}/note", phases: ready, act: true, needs: hotline.ActionState, handle: u.note},
		{method: "POST", path: "/case/{ref}/handover", phases: ready, act: true, needs: hotline.ActionState, handle: u.handover},
		{method: "POST", path: "/case/{ref}/facts", phases: ready, act: true, needs: hotline.ActionState, handle: u.facts},
		{method: "POST", path: "/case/{ref}/words", phases: ready, act: true, needs: hotline.ActionState, handle: u.words},
		{method: "POST", path: "/case/{ref}/check", phases: ready, act: true, needs: hotline.ActionRead, handle: u.checkWord},
		{method: "GET", path: "/templates/{lang}", phases: ready, needs: hotline.ActionReply, handle: u.templates},

		{method: "POST", path: "/case/{ref}/file", phases: ready, act: true, needs: hotline.ActionRead, handle: u.openFile},
		{method: "POST", path: "/case/{ref}/attach", phases: ready, act: true, needs: hotline.ActionSendFile, handle: u.attach},
		{method: "POST", path: "/case/{ref}/attach/again", phases: ready, act: true, needs: hotline.ActionSendFile, handle: u.attachAgain},
		{method: "POST", path: "/case/{ref}/detach", phases: ready, act: true, needs: hotline.ActionSendFile, handle: u.detach},
		{method: "GET", path: "/file", phases: ready, needs: hotline.ActionRead, handle: u.fileState},
		{method: "GET", path: "/file/{token}", phases: ready, needs: hotline.ActionRead, handle: u.fileContent},
		{method: "POST", path: "/file/page", phases: ready, act: true, needs: hotline.ActionRead, handle: u.showPage},
		{method: "POST", path: "/file/close", phases: ready, needs: hotline.ActionRead, handle: u.closeFile},

		{method: "GET", path: "/outbox", phases: ready, act: true, needs: hotline.ActionQueue, handle: u.outbox},
		{method: "POST", path: "/outbox/retry", phases: ready, act: true, needs: hotline.ActionQueue, handle: u.retry},
		{method: "POST", path: "/outbox/discard", phases: ready, act: true, needs: hotline.ActionQueue, handle: u.discard},
		{method: "GET", path: "/alarms", act: true, phases: ready, needs: hotline.ActionSelf, handle: u.alarms},
		{method: "POST", path: "/alarms/acknowledge", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.acknowledge},

		{method: "GET", path: "/computer", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.computer},
		{method: "POST", path: "/computer/passphrase", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.changePassphrase},
		{method: "GET", path: "/watch", phases: ready, act: true, needs: hotline.ActionWatch, handle: u.watchPage},
		{method: "POST", path: "/watch/calm", phases: ready, act: true, needs: hotline.ActionCalm, handle: u.calmAlarm},
		{method: "POST", path: "/watch/lift", phases: ready, act: true, needs: hotline.ActionLift, handle: u.lift},
		{method: "POST", path: "/case/{ref}/canary", phases: ready, act: true, needs: hotline.ActionPlant, handle: u.plant},
		{method: "GET", path: "/journal", phases: ready, act: true, needs: hotline.ActionJournalLeaves, handle: u.journal},
		{method: "POST", path: "/journal", phases: ready, act: true, needs: hotline.ActionJournalLeaves, handle: u.journal},
		{method: "GET", path: "/journal/checkpoint", phases: ready, act: true, needs: hotline.ActionJournalLeaves, handle: u.checkpointFile},

		{method: "GET", path: "/people", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.people},
		{method: "GET", path: "/people/live", phases: ready, needs: hotline.ActionSelf, handle: u.peopleLive},
		{method: "POST", path: "/people/invite", phases: ready, act: true, needs: hotline.ActionInvite, handle: u.invite},
		{method: "POST", path: "/people/confirm", phases: ready, act: true, needs: hotline.ActionInvite, handle: u.confirm},
		{method: "POST", path: "/people/refuse", phases: ready, act: true, needs: hotline.ActionInvite, handle: u.refuseNewcomer},
		{method: "POST", path: "/people/revoke", phases: ready, act: true, needs: hotline.ActionPublish, handle: u.revoke},
		{method: "POST", path: "/people/renew", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.renew},

		{method: "GET", path: "/approvals", phases: ready, act: true, needs: hotline.ActionProposals, handle: u.approvals},
		{method: "POST", path: "/approvals/decide", phases: ready, act: true, needs: hotline.ActionAnswer, handle: u.decide},
		{method: "POST", path: "/approvals/withdraw", phases: ready, act: true, needs: hotline.ActionPropose, handle: u.takeBack},
		{method: "GET", path: "/export", phases: ready, act: true, needs: hotline.ActionExport, handle: u.export},
		{method: "POST", path: "/export/propose", phases: ready, act: true, needs: hotline.ActionExport, handle: u.proposeExport},
		{method: "POST", path: "/export/save", phases: ready, act: true, needs: hotline.ActionExport, handle: u.saveExport},

		{method: "GET", path: "/training", phases: ready, act: true, needs: hotline.ActionQueue, handle: u.trainingPage},
		{method: "POST", path: "/training/end", phases: ready, act: true, needs: hotline.ActionQueue, handle: u.endTraining},
	})
}

// keepingRoutes is what lets go.
func (u *UI) keepingRoutes() []route {
	ready := []desk.Phase{desk.PhaseReady}
	return []route{
		{method: "GET", path: "/keeping", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.keepingPage},
		{method: "POST", path: "/keeping/change", phases: ready, act: true, needs: hotline.ActionRetention, handle: u.proposeRetention},
		{method: "POST", path: "/keeping/clock", phases: ready, act: true, needs: hotline.ActionRetention, handle: u.trustClock},
		{method: "POST", path: "/keeping/destroy", phases: ready, act: true, needs: hotline.ActionDestroy, handle: u.proposeDestroy},
		{method: "POST", path: "/keeping/rewrap", phases: ready, act: true, needs: hotline.ActionDestroy, handle: u.proposeRewrap},
		{method: "POST", path: "/keeping/review", phases: ready, act: true, needs: hotline.ActionReview, handle: u.review},
		{method: "GET", path: "/keeping/receipt/{n}", phases: ready, act: true, needs: hotline.ActionSelf, handle: u.receiptFile},
		{method: "POST", path: "/case/{ref}/forget", phases: ready, act: true, needs: hotline.ActionForget, handle: u.proposeForget},
	}
}

// Handler returns the pages.
func (u *UI) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range u.routes() {
		h := u.inPhase(rt)
		if !rt.open {
			h = u.admitted(h)
		}
		mux.Handle(rt.method+" "+rt.path, h)
	}
	return u.guard(mux)
}
