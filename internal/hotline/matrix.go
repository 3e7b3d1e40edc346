package hotline

import "slices"

// Standing is what a caller is to the house and to the thing in question.
type Standing string

// The standings.
const (
	StandingMember        Standing = "member"         // active, and of the team
	StandingOtherTeam     Standing = "other team"     // active, of another team
	StandingRevoked       Standing = "revoked"        // in the roster, with an end
	StandingLeft          Standing = "left"           // was in an earlier roster
	StandingStranger      Standing = "stranger"       // a certificate that no roster ever named
	StandingNoCertificate Standing = "no certificate" // nobody
)

// Standings returns every standing.
func Standings() []Standing {
	return []Standing{
		StandingMember, StandingOtherTeam, StandingRevoked, StandingLeft, StandingStranger, StandingNoCertificate,
	}
}

// Member reports whether the roster in force lets the caller in at all.
func (s Standing) Member() bool { return s == StandingMember || s == StandingOtherTeam }

// About is what a request names, and so what the caller must hold besides a role.
type About string

// What requests are about.
const (
	AboutHouse About = "house" // nothing that belongs to one team
	AboutTeam  About = "team"  // a team in the address
	AboutCase  About = "case"  // a case in the address
)

// Outcome is how a request without a mistake in it ends.
type Outcome string

// The outcomes.
const (
	OutcomeDone     Outcome = "done"
	OutcomeDenied   Outcome = "denied"   // KindDenied
	OutcomeAbsent   Outcome = "absent"   // KindNotFound: what is another team's is not there
	OutcomeConflict Outcome = "conflict" // KindConflict: not in this stage
)

// stagesOf lists the stages in which an act on a case is possible. An act that
// is not in it is possible in every stage: a person may come back to a case
// that has ended, must be answered, and the keys of ended cases are renewed
// too. Which step follows which, [Stage.Next] says.
var stagesOf = map[Action][]Stage{
	// A person who is being met or cared for is no bait.
	ActionPlant: {StageRegistered, StageStandby, StageReferred, StageWithdrawn, StageUnfounded, StageClosed},
}

// PossibleIn reports whether an act on a case can be done in a stage.
func (a Action) PossibleIn(s Stage) bool {
	in, bounded := stagesOf[a]
	return !bounded || slices.Contains(in, s)
}

// Expect is the whole policy in one place: how a request without a mistake in
// it ends, by what the caller is, what it is about and where the case stands.
// The matrix test calls every route in every combination and compares.
func Expect(a Action, roles []Role, standing Standing, about About, stage Stage) Outcome {
	switch {
	case !standing.Member(), !Allowed(a, roles...):
		return OutcomeDenied
	case about != AboutHouse && standing == StandingOtherTeam:
		return OutcomeAbsent
	case about == AboutCase && !a.PossibleIn(stage):
		return OutcomeConflict
	}
	return OutcomeDone
}

// RoleSets returns every set of roles that one person may hold.
func RoleSets() [][]Role {
	acting := []Role{RoleOperator, RoleSupervisor, RoleAdministrator}
	sets := [][]Role{{RoleAuditor}}
	for bits := 1; bits < 1<<len(acting); bits++ {
		var set []Role
		for i, r := range acting {
			if bits&(1<<i) != 0 {
				set = append(set, r)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// CheckPolicy finds actions that the table forgets, or knows without being
// listed. A server with such a policy does not start.
func CheckPolicy() error {
	all := Actions()
	for i, a := range all {
		switch {
		case slices.Contains(all[:i], a):
			return Errorf(KindInternal, "policy", "action %q is listed twice", a)
		case len(policy[a]) == 0:
			return Errorf(KindInternal, "policy", "action %q stands in no row of the table: nobody could do it", a)
		}
	}
	for a, roles := range policy {
		if !slices.Contains(all, a) {
			return Errorf(KindInternal, "policy", "action %q of the table is not listed", a)
		}
		for _, r := range roles {
			if !r.Valid() {
				return Errorf(KindInternal, "policy", "%q is no role", r)
			}
		}
	}
	return nil
}
