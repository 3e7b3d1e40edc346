package hotline

import "slices"

// Wire is a rule about what is unusual at a desk. A wire never refuses
// anything: whoever trips it goes on working and learns nothing; those who
// watch the house are told.
type Wire string

// The wires. What counts is what a person does by hand: a desk fetches every
// open case of its team by itself, so that fetching alone says nothing.
const (
	WireRead    Wire = "read"    // different cases opened by hand
	WireBrowse  Wire = "browse"  // of those: nobody waits there, nothing is new, and it is not his
	WireLocate  Wire = "locate"  // channel codes looked up
	WireLost    Wire = "lost"    // channel codes looked up that name no case
	WireOld     Wire = "old"     // different cases fetched that ended long ago
	WireExport  Wire = "export"  // everything taken out
	WireRefused Wire = "refused" // requests that the server refused for want of a right
	WireCanary  Wire = "canary"  // a case opened that nobody has a reason to open
)

// Wires returns every wire, the gravest first.
func Wires() []Wire {
	return []Wire{WireCanary, WireExport, WireBrowse, WireOld, WireRefused, WireLost, WireLocate, WireRead}
}

// Valid reports whether w is one of the wires.
func (w Wire) Valid() bool { return slices.Contains(Wires(), w) }

// Tension says when a wire trips.
type Tension struct {
	Minutes  int64        // the window that slides along
	Limits   map[Role]int // a role that is not listed may do none; of several roles the largest counts
	Relative int          // also not below so many times the house's median; 0: the limit alone
}

// Hours that count as long ago, for WireOld: a desk that was off for a month
// fetches what ended meanwhile.
const (
	LongEnded Hour = 720
	// Newcomer is for how long a new member's desk may fetch what is old: it
	// reads the whole house once.
	Newcomer Hour = 72
)

// tensions is the whole table. An operator who answers well opens 10 to 20
// cases in an hour. Night is no reason: the line is busiest then. On a day when
// everybody reads much, the median lifts the limit for all; who reads three
// times as much as the others stands out on such a day too.
var tensions = map[Wire]Tension{
	WireRead:    {60, map[Role]int{RoleOperator: 40, RoleSupervisor: 60}, 3},
	WireBrowse:  {720, map[Role]int{RoleOperator: 30, RoleSupervisor: 80}, 3},
	WireLocate:  {60, map[Role]int{RoleOperator: 25, RoleSupervisor: 25}, 3},
	WireLost:    {60, map[Role]int{RoleOperator: 8, RoleSupervisor: 8}, 3},
	WireOld:     {1440, map[Role]int{RoleOperator: 20, RoleSupervisor: 40}, 0},
	WireExport:  {1440, nil, 0},
	WireRefused: {60, map[Role]int{RoleOperator: 15, RoleSupervisor: 15, RoleAdministrator: 15, RoleAuditor: 15}, 0},
	WireCanary:  {1440, nil, 0},
}

// Tension returns a wire's row of the table.
func (w Wire) Tension() Tension { return tensions[w] }

// LongestWindow is the longest of all windows in minutes: older marks serve nothing.
func LongestWindow() int64 {
	longest := int64(0)
	for _, t := range tensions {
		longest = max(longest, t.Minutes)
	}
	return longest
}

// minimumOthers is how many colleagues must have done the same thing in the
// window before their median says anything.
const minimumOthers = 2

// Bound returns up to how many a person of these roles may do in the window.
// others is how often each colleague did it who did it at all. The person is
// not among them: nobody lifts his own limit.
func (t Tension) Bound(roles []Role, others []int) int {
	bound := 0
	for _, r := range roles {
		bound = max(bound, t.Limits[r])
	}
	if t.Relative == 0 || len(others) < minimumOthers {
		return bound
	}
	sorted := slices.Sorted(slices.Values(others))
	median := sorted[(len(sorted)-1)/2] // the lower one: two who read much together do not lift it
	return max(bound, t.Relative*median)
}

// Retell reports whether a count has grown so much since it was told last that
// it is worth telling again: an alarm that goes on is one alarm, not a storm.
func Retell(told, count int64) bool { return count >= 2*told }
