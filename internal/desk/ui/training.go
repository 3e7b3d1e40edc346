package ui

import (
	"context"
	"fmt"
	"net/http"

	"safeconduct/internal/hotline"
)

// Training is an exercise with simulated people, when this desk is one.
type Training interface {
	// Review looks back at the exercise so far.
	Review(ctx context.Context) (Review, error)
	// End lets nobody write any more. It may be called again.
	End()
}

// Review is how an exercise goes.
type Review struct {
	Ended   bool
	People  int // who take part
	Done    int // of them have nothing more to say
	Lessons []Lesson
}

// Lesson looks back at one conversation.
type Lesson struct {
	Case     hotline.CaseID
	Name     string // of the scenario
	Findings []Finding
	Example  []string // what the operator of the script said
}

// Finding is one thing that was looked at.
type Finding struct {
	Check string // see the Check constants
	OK    bool
	Args  []any // see [Finding.English]; urgencies and stages are put into words
}

// What is looked at. The comments name the arguments.
const (
	CheckAnswered = "answered" // messages that were never said, for want of an answer
	CheckOrder    = "order"    // seconds to the first answer; how many less urgent people were answered before
	CheckUrgency  = "urgency"  // as set; as the script has it
	CheckPeople   = "people"   // as the script has it
	CheckFact     = "fact"     // what no note holds
	CheckWord     = "word"     // that the person named
	CheckStage    = "stage"    // as it is; as the script has it
	CheckEarly    = "early"    // what was told
	CheckAsked    = "asked"    // the words of the question
)

// Checks returns every check.
func Checks() []string {
	return []string{
		CheckAnswered, CheckOrder, CheckUrgency, CheckPeople, CheckFact, CheckWord, CheckStage, CheckEarly, CheckAsked,
	}
}

// English is the finding as a sentence.
func (f Finding) English() string { return f.in(english()) }

func (f Finding) in(t *texts) string {
	words := t.Training.Checks[f.Check]
	if f.OK {
		return words.Good
	}
	args := make([]any, len(f.Args))
	for i, a := range f.Args {
		switch v := a.(type) {
		case hotline.Urgency:
			args[i] = t.Urgencies[v]
		case hotline.Stage:
			args[i] = t.Stages[v]
		default:
			args[i] = a
		}
	}
	return fmt.Sprintf(words.Missed, args...)
}

type lessonView struct {
	Name, Ref string
	Good, All int
	Findings  []findingView
	Example   []string
}

type findingView struct {
	OK   bool
	Text string
}

// trainingPage shows what was done and what was missed.
func (u *UI) trainingPage(w http.ResponseWriter, r *http.Request) {
	if u.training == nil {
		u.refuse(w, r, hotline.KindNotFound)
		return
	}
	review, err := u.training.Review(r.Context())
	if err != nil {
		u.fail(w, r, err)
		return
	}
	v := struct {
		base
		Review
		State   string
		Lessons []lessonView
	}{base: u.base(r, "training"), Review: review}
	v.State = fmt.Sprintf(v.T.Training.State, review.Done, review.People)
	for _, l := range review.Lessons {
		view := lessonView{Name: l.Name, Ref: u.refs.of(l.Case), All: len(l.Findings), Example: l.Example}
		for _, f := range l.Findings {
			if f.OK {
				view.Good++
			}
			view.Findings = append(view.Findings, findingView{f.OK, f.in(v.T)})
		}
		v.Lessons = append(v.Lessons, view)
	}
	u.page(w, r, http.StatusOK, "training", v)
}

func (u *UI) endTraining(w http.ResponseWriter, r *http.Request) {
	if u.training == nil {
		u.refuse(w, r, hotline.KindNotFound)
		return
	}
	u.training.End()
	u.goTo(w, r, "/training")
}
