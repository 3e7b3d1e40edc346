package hotline

import "slices"

// Role is what a person at a desk may do.
type Role string

// The roles. One person may hold several, except that an auditor holds no
// other: who checks does not act.
const (
	RoleOperator      Role = "operator"
	RoleSupervisor    Role = "supervisor"
	RoleAdministrator Role = "administrator"
	RoleAuditor       Role = "auditor"
)

// Roles returns every role.
func Roles() []Role {
	return []Role{RoleOperator, RoleSupervisor, RoleAdministrator, RoleAuditor}
}

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Action is one act at the desk's door of the server. Every route names one.
type Action string

// The actions.
const (
	ActionSelf          Action = "self"           // see who I am, the roster, the manifest, my wraps
	ActionQueue         Action = "queue"          // see the queue: ids, stages, waiting
	ActionSync          Action = "sync"           // take wraps and sealed records of cases
	ActionRead          Action = "read"           // open one case
	ActionReply         Action = "reply"          // answer a person
	ActionSendFile      Action = "send_file"      // send a person a file, part by part; a reply names it
	ActionState         Action = "state"          // make a statement on a case: stage, urgency, note, word
	ActionRotate        Action = "rotate"         // new generation of a case key, new wraps of it
	ActionEpoch         Action = "epoch"          // new epoch of a team key
	ActionWrapTeam      Action = "wrap_team"      // wrap the team key for a member
	ActionInvite        Action = "invite"         // invite a person to a desk
	ActionPublish       Action = "publish"        // publish a roster or a manifest signed by the authority
	ActionExport        Action = "export"         // take everything out, sealed as it is
	ActionJournal       Action = "journal"        // checkpoints and proofs
	ActionJournalLeaves Action = "journal_leaves" // the journal's entries in words
	ActionLive          Action = "live"           // the live feed
	ActionProposals     Action = "proposals"      // see what is proposed and who has approved it
	ActionPropose       Action = "propose"        // propose an act that needs two persons; see SharedRule
	ActionAnswer        Action = "answer"         // approve or refuse one; see SharedRule
	ActionWatch         Action = "watch"          // see the alarms of tripwires and the canary cases
	ActionCalm          Action = "calm"           // acknowledge such an alarm, with a note
	ActionPlant         Action = "plant"          // make a quiet case a canary
	ActionLift          Action = "lift"           // make a canary an ordinary case again
	ActionAccept        Action = "accept"         // accept that the server was restored from a backup
	ActionRetention     Action = "retention"      // change how long things are kept; say that the clock is right
	ActionReview        Action = "review"         // decide about cases that are silent
	ActionForget        Action = "forget"         // remove a case because the person asks for it
	ActionTie           Action = "tie"            // link, merge and split cases, and undo it
	ActionUntie         Action = "untie"          // undo it after the time for undoing
	ActionDestroy       Action = "destroy"        // destroy an epoch of a team key; let many cases be wrapped anew
)

// Actions returns every action.
func Actions() []Action {
	return []Action{
		ActionSelf, ActionQueue, ActionSync, ActionRead, ActionReply, ActionSendFile, ActionState, ActionRotate, ActionEpoch,
		ActionWrapTeam, ActionInvite, ActionPublish, ActionExport, ActionJournal, ActionJournalLeaves, ActionLive,
		ActionProposals, ActionPropose, ActionAnswer,
		ActionWatch, ActionCalm, ActionPlant, ActionLift, ActionAccept,
		ActionRetention, ActionReview, ActionForget, ActionDestroy, ActionTie, ActionUntie,
	}
}

// policy is the whole table of role × action. What is not in it is denied.
// Administrators run the house and read no case: reading needs the operator's
// or supervisor's role and a wrap of the team key.
var policy = map[Action][]Role{
	ActionSelf:          {RoleOperator, RoleSupervisor, RoleAdministrator, RoleAuditor},
	ActionQueue:         {RoleOperator, RoleSupervisor},
	ActionSync:          {RoleOperator, RoleSupervisor},
	ActionRead:          {RoleOperator, RoleSupervisor},
	ActionReply:         {RoleOperator, RoleSupervisor},
	ActionSendFile:      {RoleOperator, RoleSupervisor},
	ActionState:         {RoleOperator, RoleSupervisor},
	ActionRotate:        {RoleOperator, RoleSupervisor},
	ActionEpoch:         {RoleOperator, RoleSupervisor},
	ActionWrapTeam:      {RoleOperator, RoleSupervisor},
	ActionInvite:        {RoleAdministrator},
	ActionPublish:       {RoleAdministrator},
	ActionExport:        {RoleSupervisor},
	ActionJournal:       {RoleOperator, RoleSupervisor, RoleAdministrator, RoleAuditor},
	ActionJournalLeaves: {RoleSupervisor, RoleAuditor},
	ActionAccept:        {RoleAdministrator},
	ActionLive:          {RoleOperator, RoleSupervisor, RoleAdministrator, RoleAuditor},
	ActionProposals:     {RoleOperator, RoleSupervisor, RoleAdministrator, RoleAuditor},
	ActionPropose:       {RoleOperator, RoleSupervisor, RoleAdministrator},
	ActionAnswer:        {RoleOperator, RoleSupervisor, RoleAdministrator},
	ActionWatch:         {RoleSupervisor, RoleAuditor},
	ActionCalm:          {RoleSupervisor, RoleAuditor},
	ActionPlant:         {RoleSupervisor},
	ActionLift:          {RoleSupervisor},
	ActionRetention:     {RoleSupervisor, RoleAdministrator},
	ActionReview:        {RoleSupervisor},
	ActionForget:        {RoleOperator, RoleSupervisor},
	ActionTie:           {RoleOperator, RoleSupervisor},
	ActionUntie:         {RoleSupervisor},
	ActionDestroy:       {RoleSupervisor, RoleAdministrator},
}

// Allowed reports whether any of the roles may act.
func Allowed(a Action, roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(policy[a], r) })
}

// CheckRoles refuses sets of roles that nobody may hold together.
func CheckRoles(roles []Role) error {
	if len(roles) == 0 {
		return Errorf(KindInvalid, "roles", "at least one role is needed")
	}
	for _, r := range roles {
		if !r.Valid() {
			return Errorf(KindInvalid, "roles", "%q is no role", r)
		}
	}
	if slices.Contains(roles, RoleAuditor) && len(roles) > 1 {
		return Errorf(KindInvalid, "roles", "an auditor holds no other role")
	}
	return nil
}
