package hotline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestQueueOrder(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC) }
	want := []Place{
		{ID: CaseID{9}, Urgency: UrgencyNow, Waiting: at(30)},
		{ID: CaseID{1}, Urgency: UrgencyNow},
		{ID: CaseID{2}, Urgency: UrgencyUrgent, Waiting: at(50)},
		{ID: CaseID{8}, Waiting: at(1)},
		{ID: CaseID{3}, Waiting: at(2)},
		{ID: CaseID{4}, Waiting: at(2)},
		{ID: CaseID{5}},
	}
	got := slices.Clone(want)
	rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, ComparePlaces)
	if !slices.Equal(got, want) {
		t.Errorf("order: %v", got)
	}
}

func TestStages(t *testing.T) {
	t.Parallel()
	for _, s := range Stages() {
		if !s.Valid() {
			t.Errorf("%s is not in the table", s)
		}
		for _, next := range s.Next() {
			if !next.Valid() {
				t.Errorf("%s → %s leads nowhere", s, next)
			}
		}
		if s.Route(StageClosed) == nil && s != StageClosed {
			t.Errorf("%s never ends", s)
		}
	}
	if len(Stages()) != len(transitions) {
		t.Error("Stages() and the table differ")
	}
	if got := StageNew.Route(StageReceived); !slices.Equal(got, []Stage{StageMeeting, StageReceived}) {
		t.Errorf("route: %v", got)
	}
	if _, err := StageReceived.StepTo(StageNew); KindOf(err) != KindConflict {
		t.Errorf("a step back: %v", err)
	}
	if _, err := StageNew.StepTo("gone"); KindOf(err) != KindInvalid {
		t.Errorf("no stage: %v", err)
	}
}

func TestCaseID(t *testing.T) {
	t.Parallel()
	id := CaseID{1, 2, 3}
	if got, err := ParseCaseID(id.String()); err != nil || got != id {
		t.Error(got, err)
	}
	for _, bad := range []string{"", "zz", id.String()[1:], id.String() + "00", "g" + id.String()[1:]} {
		if _, err := ParseCaseID(bad); KindOf(err) != KindInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
