package hotline

import (
	"slices"
	"testing"
)

func TestPolicyIsWhole(t *testing.T) {
	t.Parallel()
	if err := CheckPolicy(); err != nil {
		t.Fatal(err)
	}
	for _, set := range RoleSets() {
		if err := CheckRoles(set); err != nil {
			t.Errorf("%v: %v", set, err)
		}
	}
	if n := len(RoleSets()); n != 8 {
		t.Errorf("%d sets of roles", n)
	}
}

// What the table says, said once more from the other end.
func TestExpectations(t *testing.T) {
	t.Parallel()
	op, sup, adm, aud := []Role{RoleOperator}, []Role{RoleSupervisor}, []Role{RoleAdministrator}, []Role{RoleAuditor}
	for _, c := range []struct {
		a        Action
		roles    []Role
		standing Standing
		about    About
		want     Outcome
	}{
		{ActionRead, op, StandingMember, AboutCase, OutcomeDone},
		{ActionRead, op, StandingOtherTeam, AboutCase, OutcomeAbsent},
		{ActionRead, op, StandingRevoked, AboutCase, OutcomeDenied},
		{ActionRead, adm, StandingMember, AboutCase, OutcomeDenied},
		{ActionRead, adm, StandingOtherTeam, AboutCase, OutcomeDenied},
		{ActionSync, aud, StandingMember, AboutHouse, OutcomeDenied},
		{ActionExport, sup, StandingMember, AboutHouse, OutcomeDone},
		{ActionExport, sup, StandingLeft, AboutHouse, OutcomeDenied},
		{ActionJournalLeaves, aud, StandingOtherTeam, AboutHouse, OutcomeDone},
		{ActionPublish, adm, StandingStranger, AboutHouse, OutcomeDenied},
		{ActionSelf, op, StandingNoCertificate, AboutHouse, OutcomeDenied},
	} {
		if got := Expect(c.a, c.roles, c.standing, c.about, StageNew); got != c.want {
			t.Errorf("%s as %v, %s, about a %s: %s, want %s", c.a, c.roles, c.standing, c.about, got, c.want)
		}
	}
	for _, a := range Actions() {
		if Allowed(a, RoleAdministrator) && slices.Contains([]Action{ActionRead, ActionSync, ActionReply, ActionState}, a) {
			t.Errorf("an administrator may %s", a)
		}
	}
}
