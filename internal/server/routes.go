package server

import (
	"net/http"
	"slices"

	"safeconduct/internal/api"
	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// public marks the routes that are open to a client certificate which is not
// in the roster. It stands in no row of the policy table.
const public hotline.Action = "public"

// Largest bodies in bytes. A sealed file of a record takes 24 KiB as JSON, a
// signed text 342 KiB at most.
const (
	noBody       = 0
	smallBody    = 4 << 10
	listBody     = 32 << 10
	recordBody   = 512 << 10
	tieBody      = 1 << 20
	documentBody = 1 << 20
	partBody     = seal.MaxPart/3*4 + 4<<10 // as JSON
)

// route is one row of the table.
type route struct {
	pattern string // of net/http's ServeMux
	action  hotline.Action
	body    int64 // largest body in bytes
	answer  func(*Server, *call) (any, error)
}

// routes is the whole surface. Who may call what, hotline's policy says.
func routes() []route {
	return []route{
		{"GET " + api.PathMe, hotline.ActionSelf, noBody, (*Server).me},
		{"GET " + api.PathDocument, hotline.ActionSelf, noBody, (*Server).document},
		{"GET " + api.PathDocumentAt, hotline.ActionSelf, noBody, (*Server).documentAt},
		{"POST " + api.PathDocuments, hotline.ActionPublish, documentBody, (*Server).publish},

		{"POST " + api.PathInvitations, hotline.ActionInvite, smallBody, (*Server).invite},
		{"GET " + api.PathInvitations, hotline.ActionInvite, noBody, (*Server).invitations},
		{"DELETE " + api.PathInvitation, hotline.ActionInvite, smallBody, (*Server).revokeInvitation},
		{"POST " + api.PathEnrol, public, listBody, (*Server).enrol},
		{"GET " + api.PathEnrol, public, noBody, (*Server).enrolment},

		{"GET " + api.PathEpochs, hotline.ActionSelf, noBody, (*Server).epochs},
		{"POST " + api.PathEpochs, hotline.ActionEpoch, documentBody, (*Server).newEpoch},
		{"POST " + api.PathTeamWraps, hotline.ActionWrapTeam, listBody, (*Server).wrapTeam},

		{"GET " + api.PathCases, hotline.ActionQueue, noBody, (*Server).cases},
		{"GET " + api.PathRetention, hotline.ActionSelf, noBody, (*Server).table},
		{"POST " + api.PathRetention, hotline.ActionRetention, smallBody, (*Server).changeTable},
		{"POST " + api.PathTrustClock, hotline.ActionRetention, smallBody, (*Server).trustClock},
		{"GET " + api.PathReview, hotline.ActionReview, noBody, (*Server).review},
		{"POST " + api.PathForget, hotline.ActionForget, smallBody, (*Server).forget},
		{"GET " + api.PathDoom, hotline.ActionDestroy, noBody, (*Server).doomed},
		{"POST " + api.PathDoom, hotline.ActionDestroy, smallBody, (*Server).destroy},
		{"POST " + api.PathFarewell, hotline.ActionWrapTeam, listBody, (*Server).farewell},
		{"POST " + api.PathAllowRewrap, hotline.ActionDestroy, smallBody, (*Server).allowRewrap},

		{"GET " + api.PathGone, hotline.ActionQueue, noBody, (*Server).goneCases},
		{"POST " + api.PathSync, hotline.ActionSync, listBody, (*Server).sync},
		{"POST " + api.PathLocate, hotline.ActionRead, smallBody, (*Server).locate},
		{"POST " + api.PathRead, hotline.ActionRead, smallBody, (*Server).read},
		{"POST " + api.PathReplies, hotline.ActionReply, recordBody, (*Server).reply},
		{"POST " + api.PathParts, hotline.ActionSendFile, partBody, (*Server).putPart},
		{"POST " + api.PathObjects, hotline.ActionRead, smallBody, (*Server).readObject},
		{"POST " + api.PathStatements, hotline.ActionState, recordBody, (*Server).state},
		{"POST " + api.PathGenerations, hotline.ActionRotate, recordBody, (*Server).rotate},
		{"POST " + api.PathWraps, hotline.ActionRotate, listBody, (*Server).rewrap},
		{"POST " + api.PathTies, hotline.ActionTie, tieBody, (*Server).tie},
		{"POST " + api.PathUntie, hotline.ActionUntie, tieBody, (*Server).untie},
		{"GET " + api.PathRewrap, hotline.ActionRotate, noBody, (*Server).rewrapList},

		{"GET " + api.PathLive, hotline.ActionLive, noBody, (*Server).live},

		{"GET " + api.PathCheckpoint, hotline.ActionJournal, noBody, (*Server).checkpoint},
		{"GET " + api.PathConsistency, hotline.ActionJournal, noBody, (*Server).consistency},
		{"GET " + api.PathLeaves, hotline.ActionJournalLeaves, noBody, (*Server).leaves},
		{"GET " + pathLogCheckpoint, hotline.ActionJournal, noBody, (*Server).logCheckpoint},
		{"GET " + pathLogTile, hotline.ActionJournal, noBody, (*Server).logTile},

		{"GET " + api.PathProposals, hotline.ActionProposals, noBody, (*Server).proposals},
		{"POST " + api.PathProposals, hotline.ActionPropose, documentBody, (*Server).propose},
		{"POST " + api.PathAnswers, hotline.ActionAnswer, documentBody, (*Server).answer},
		{"DELETE " + api.PathProposal, hotline.ActionPropose, smallBody, (*Server).withdraw},
		{"GET " + api.PathWatch, hotline.ActionWatch, noBody, (*Server).watch},
		{"POST " + api.PathCalm, hotline.ActionCalm, recordBody, (*Server).calm},
		{"POST " + api.PathCanary, hotline.ActionPlant, smallBody, (*Server).plant},
		{"DELETE " + api.PathCanary, hotline.ActionLift, smallBody, (*Server).lift},

		{"GET " + api.PathRestored, hotline.ActionJournal, noBody, (*Server).restored},
		{"POST " + api.PathRestored, hotline.ActionAccept, documentBody, (*Server).acceptRestored},
		{"GET " + api.PathCopies, hotline.ActionReply, noBody, (*Server).missingCopies},
		{"POST " + api.PathCopies, hotline.ActionReply, recordBody, (*Server).reseal},

		{"POST " + api.PathExport, hotline.ActionExport, smallBody, (*Server).export},
	}
}

// checkRoutes refuses a table that forgets something: no server starts with a
// route of which the policy knows nothing, or with an action that no route does.
func checkRoutes(table []route) error {
	if err := hotline.CheckPolicy(); err != nil {
		return err
	}
	done := map[hotline.Action]bool{}
	seen := map[string]bool{}
	for _, rt := range table {
		switch {
		case rt.action != public && !slices.Contains(hotline.Actions(), rt.action):
			return hotline.Errorf(hotline.KindInternal, "routes", "%s names no action of the policy: %q", rt.pattern, rt.action)
		case seen[rt.pattern] || rt.answer == nil || rt.body < 0:
			return hotline.Errorf(hotline.KindInternal, "routes", "%s is listed twice, or not whole", rt.pattern)
		}
		done[rt.action], seen[rt.pattern] = true, true
	}
	for _, a := range hotline.Actions() {
		if !done[a] {
			return hotline.Errorf(hotline.KindInternal, "routes", "no route does %q", a)
		}
	}
	return nil
}

// Handler returns the API. It needs the connection's TLS state.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range routes() {
		mux.Handle(rt.pattern, s.door(rt))
	}
	return s.guarded(mux)
}
