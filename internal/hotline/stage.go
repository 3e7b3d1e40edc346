package hotline

import "slices"

// Stage is where a case stands. The server knows it; it says nothing about
// who the person is.
type Stage string

// The stages, in the order in which a case meets them.
const (
	StageNew        Stage = "new"        // written, not yet taken in by an operator
	StageRegistered Stage = "registered" // an operator has answered and taken it in
	StageStandby    Stage = "standby"    // waits, for weeks or months, to come back
	StageMeeting    Stage = "meeting"    // place and time are being arranged
	StageReceived   Stage = "received"   // met, safe
	StageCustody    Stage = "custody"    // registered under the Third Geneva Convention
	StageSettled    Stage = "settled"    // the person's choice has been carried out
	StageClosed     Stage = "closed"     // nothing more to do
	StageReferred   Stage = "referred"   // belongs to another service
	StageWithdrawn  Stage = "withdrawn"  // the person does not want to go on
	StageUnfounded  Stage = "unfounded"  // a probe, a provocation, a mistake
)

// transitions is the whole table of steps. A wounded man at the front goes
// from new to meeting at once; a case that ended early may be taken up again,
// because people come back after months. What was called unfounded by mistake,
// perhaps together with many others, becomes new again.
var transitions = map[Stage][]Stage{
	StageNew:        {StageRegistered, StageStandby, StageMeeting, StageReferred, StageWithdrawn, StageUnfounded},
	StageRegistered: {StageStandby, StageMeeting, StageReferred, StageWithdrawn, StageUnfounded},
	StageStandby:    {StageRegistered, StageMeeting, StageReferred, StageWithdrawn, StageUnfounded, StageClosed},
	StageMeeting:    {StageStandby, StageReceived, StageWithdrawn, StageUnfounded},
	StageReceived:   {StageCustody},
	StageCustody:    {StageSettled},
	StageSettled:    {StageClosed},
	StageClosed:     {},
	StageReferred:   {StageRegistered, StageClosed},
	StageWithdrawn:  {StageRegistered, StageClosed},
	StageUnfounded:  {StageNew, StageRegistered, StageClosed},
}

// Stages returns every stage in order.
func Stages() []Stage {
	return []Stage{
		StageNew, StageRegistered, StageStandby, StageMeeting, StageReceived, StageCustody,
		StageSettled, StageClosed, StageReferred, StageWithdrawn, StageUnfounded,
	}
}

// Valid reports whether s is a stage of the table.
func (s Stage) Valid() bool { _, ok := transitions[s]; return ok }

// Next returns the stages that a case may step to from s.
func (s Stage) Next() []Stage { return slices.Clone(transitions[s]) }

// CanBecome reports whether a step from s to next is in the table.
func (s Stage) CanBecome(next Stage) bool { return slices.Contains(transitions[s], next) }

// Open reports whether somebody still has something to do in this stage.
func (s Stage) Open() bool {
	switch s {
	case StageNew, StageRegistered, StageStandby, StageMeeting, StageReceived, StageCustody, StageSettled:
		return true
	case StageClosed, StageReferred, StageWithdrawn, StageUnfounded:
		return false
	}
	return false
}

// StepTo returns next, or an error that says which steps there are.
func (s Stage) StepTo(next Stage) (Stage, error) {
	if !next.Valid() {
		return s, Errorf(KindInvalid, "stage", "%q is no stage", next)
	}
	if !s.CanBecome(next) {
		return s, Errorf(KindConflict, "stage", "a case in %q cannot become %q; possible: %v", s, next, s.Next())
	}
	return next, nil
}

// Route returns the shortest walk of steps from s to goal, without s itself.
// It is nil when there is none.
func (s Stage) Route(goal Stage) []Stage {
	from := map[Stage]Stage{s: ""}
	for queue := []Stage{s}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == goal {
			var walk []Stage
			for ; at != s; at = from[at] {
				walk = append([]Stage{at}, walk...)
			}
			return walk
		}
		for _, next := range transitions[at] {
			if _, seen := from[next]; !seen {
				from[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}
