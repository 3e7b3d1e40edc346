package rehearsal

import (
	"context"
	"strings"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// Walk takes a case to a stage by the desk's own acts, over the stages that
// lie between where there is no direct step, and says which way it went.
func Walk(ctx context.Context, d *desk.Desk, id hotline.CaseID, goal hotline.Stage) (string, error) {
	fail := func(format string, args ...any) (string, error) {
		return "", hotline.Errorf(hotline.KindConflict, "stage", format, args...)
	}
	if !goal.Valid() {
		return fail("%q is no stage", goal)
	}
	v, err := d.Case(ctx, id)
	if err != nil {
		return "", err
	}
	if v.Stage == goal {
		return string(goal) + " already", nil
	}
	route := v.Stage.Route(goal)
	if route == nil {
		return fail("no way leads from %q to %q", v.Stage, goal)
	}
	way := []string{string(v.Stage)}
	for _, next := range route {
		result, err := d.SetStage(ctx, id, next)
		if err != nil {
			return "", err
		}
		if result.Outcome != desk.OutcomeSent {
			return fail("the step to %q was not sent but %s: %s", next, result.Outcome, result.Text)
		}
		if v, err = d.Case(ctx, id); err != nil {
			return "", err
		}
		if v.Stage != next {
			return fail("after the step to %q the desk shows %q", next, v.Stage)
		}
		way = append(way, string(next))
	}
	return strings.Join(way, " → "), nil
}
