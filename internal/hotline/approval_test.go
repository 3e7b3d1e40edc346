package hotline_test

import (
	"slices"
	"testing"

	"safeconduct/internal/hotline"
)

func TestSharedActsHaveRules(t *testing.T) {
	t.Parallel()
	for _, act := range hotline.SharedActs() {
		rule, ok := act.Rule()
		if !ok || rule.Persons != 2 || rule.Hours < 24 || rule.Hours > 168 || len(rule.Propose) == 0 {
			t.Errorf("%s: %+v, %v", act, rule, ok)
		}
		for _, role := range hotline.Roles() {
			// Two persons who may propose must be able to approve each other's.
			if rule.MayPropose(role) && !rule.MayApprove(role) {
				t.Errorf("%s: %s may propose and not approve", act, role)
			}
			// A proposal reaches the server by a route, whose action the role needs too.
			if rule.MayPropose(role) && !hotline.Allowed(hotline.ActionPropose, role) {
				t.Errorf("%s: %s may propose and cannot send a proposal", act, role)
			}
			if rule.MayApprove(role) && !hotline.Allowed(hotline.ActionAnswer, role) {
				t.Errorf("%s: %s may approve and cannot send an answer", act, role)
			}
		}
		if rule.MayPropose(hotline.RoleAuditor) || rule.MayApprove(hotline.RoleAuditor) {
			t.Errorf("%s: who checks acts", act)
		}
		if rule.Needed(0) != 1 || rule.Needed(1) != 1 || rule.Needed(2) != 2 || rule.Needed(9) != 2 {
			t.Errorf("%s: the number of persons", act)
		}
	}
	if _, ok := hotline.Shared("else").Rule(); ok {
		t.Error("an act that nobody named has a rule")
	}
	if rule, _ := hotline.SharedExport.Rule(); rule.MayPropose(hotline.RoleAdministrator, hotline.RoleOperator) ||
		!slices.Contains(rule.Approve, hotline.RoleAdministrator) {
		t.Error("who takes an export out")
	}
}
