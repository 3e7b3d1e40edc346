package hotline

import "slices"

// Shared is an act that one person alone may not do: another person sees
// exactly what will be done, and approves it.
type Shared string

// The shared acts.
const (
	SharedRoster     Shared = "roster"     // publish a roster, once the authority has two keys
	SharedManifest   Shared = "manifest"   // publish a manifest, once the authority has two keys
	SharedExport     Shared = "export"     // take everything out, sealed as it is
	SharedRetention  Shared = "retention"  // change how long things are kept
	SharedRewrap     Shared = "rewrap"     // wrap the keys of many cases anew
	SharedDestroy    Shared = "destroy"    // destroy an epoch of a team's key, and with it its closed cases
	SharedForget     Shared = "forget"     // remove a case because the person asks for it
	SharedLink       Shared = "link"       // say that two cases are of one person where no word could be asked
	SharedProtection Shared = "protection" // end the protection of a person who was told of
)

// SharedActs returns every shared act.
func SharedActs() []Shared {
	return []Shared{
		SharedRoster, SharedManifest, SharedExport, SharedRetention, SharedRewrap, SharedDestroy, SharedForget, SharedLink, SharedProtection,
	}
}

// SharedRule says who proposes and who approves an act, how many different
// persons that takes, and for how long a proposal stands.
type SharedRule struct {
	Propose []Role
	Approve []Role // whoever may propose may approve: otherwise two persons could not be found
	Persons int    // the proposer is one of them
	Hours   Hour   // life of a proposal
}

const (
	aDay      Hour = 24
	threeDays Hour = 72
	aWeek     Hour = 168
)

// sharedRules is the whole table. What is not in it nobody may do. Keys and
// people are the administrators' business, cases the supervisors'. An
// administrator may approve what a supervisor takes out or destroys: it shows
// him nothing of a case.
var sharedRules = map[Shared]SharedRule{
	SharedRoster:     {[]Role{RoleAdministrator}, []Role{RoleAdministrator}, 2, threeDays},
	SharedManifest:   {[]Role{RoleAdministrator}, []Role{RoleAdministrator}, 2, aWeek},
	SharedExport:     {[]Role{RoleSupervisor}, []Role{RoleSupervisor, RoleAdministrator}, 2, threeDays},
	SharedRetention:  {[]Role{RoleSupervisor, RoleAdministrator}, []Role{RoleSupervisor, RoleAdministrator}, 2, threeDays},
	SharedRewrap:     {[]Role{RoleSupervisor}, []Role{RoleSupervisor, RoleAdministrator}, 2, threeDays},
	SharedDestroy:    {[]Role{RoleSupervisor, RoleAdministrator}, []Role{RoleSupervisor, RoleAdministrator}, 2, threeDays},
	SharedForget:     {[]Role{RoleSupervisor}, []Role{RoleSupervisor, RoleOperator}, 2, threeDays},
	SharedLink:       {[]Role{RoleOperator, RoleSupervisor}, []Role{RoleOperator, RoleSupervisor}, 2, threeDays},
	SharedProtection: {[]Role{RoleOperator, RoleSupervisor}, []Role{RoleOperator, RoleSupervisor}, 2, aDay},
}

// Rule returns the rule of an act; false for an act that is not in the table.
func (s Shared) Rule() (SharedRule, bool) {
	r, ok := sharedRules[s]
	return r, ok
}

// MayPropose reports whether any of the roles may propose.
func (r SharedRule) MayPropose(roles ...Role) bool { return anyOf(roles, r.Propose) }

// MayApprove reports whether any of the roles may approve.
func (r SharedRule) MayApprove(roles ...Role) bool { return anyOf(roles, r.Approve) }

// Needed is how many persons an act takes in a house where so many persons may
// propose or approve it. Where there is only one, one is enough: a second
// signature by the same hand would protect nothing.
func (r SharedRule) Needed(persons int) int {
	if persons <= 1 {
		return 1
	}
	return r.Persons
}

func anyOf(roles, among []Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(among, r) })
}
