package training

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/desk/ui"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
)

// performance is what a person did and saw, as the person knows it.
type performance struct {
	scenario rehearsal.Scenario
	id       hotline.CaseID
	came     time.Time
	answered time.Time // zero: not yet
	waits    bool      // for an answer
	left     int       // messages that were never said
	word     string    // named by the person, once it was said
	now      time.Time
}

// reader is what the review needs of a desk.
type reader interface {
	Case(ctx context.Context, id hotline.CaseID) (desk.CaseView, error)
	CheckWord(id hotline.CaseID, word string) (desk.WordCheck, error)
}

// lessons looks back at every conversation that has begun.
func lessons(ctx context.Context, d reader, all []performance) ([]ui.Lesson, error) {
	var out []ui.Lesson
	for _, p := range all {
		if p.id == (hotline.CaseID{}) {
			continue
		}
		v, err := d.Case(ctx, p.id)
		if hotline.KindOf(err) == hotline.KindNotFound {
			continue // on its way to the desk
		}
		if err != nil {
			return nil, err
		}
		l := ui.Lesson{Case: p.id, Name: p.scenario.ID}
		for _, m := range p.scenario.Messages {
			if m.From == hotline.SideDesk {
				l.Example = append(l.Example, m.Text)
			}
		}
		word, err := wordCheck(d, p)
		if err != nil {
			return nil, err
		}
		goes := v
		if before := slices.IndexFunc(all, func(b performance) bool { return b.scenario.ID == p.scenario.Continues }); before >= 0 && all[before].id != (hotline.CaseID{}) {
			first, err := d.Case(ctx, all[before].id)
			if err != nil {
				return nil, err
			}
			goes = first // the case that the person comes back to is the one that goes on
		}
		l.Findings = append(l.Findings, answers(p, all)...)
		l.Findings = append(l.Findings, notes(p, v)...)
		l.Findings = append(l.Findings, word...)
		l.Findings = append(l.Findings, stages(p, goes)...)
		l.Findings = append(l.Findings, replies(v)...)
		out = append(out, l)
	}
	return out, nil
}

func found(check string, ok bool, args ...any) ui.Finding {
	return ui.Finding{Check: check, OK: ok, Args: args}
}

// answers: was everybody answered, and the most urgent first?
func answers(p performance, all []performance) []ui.Finding {
	out := []ui.Finding{found(ui.CheckAnswered, !p.waits && p.left == 0, p.left)}
	end := p.answered
	if end.IsZero() {
		end = p.now
	}
	waited := int(end.Sub(p.came).Round(time.Second) / time.Second)
	before := 0
	for _, o := range all {
		calmer := o.scenario.UrgencyOf() < p.scenario.UrgencyOf()
		if calmer && o.answered.After(p.came) && o.answered.Before(end) {
			before++
		}
	}
	return append(out, found(ui.CheckOrder, before == 0, waited, before))
}

// notes: what the next shift needs to know.
func notes(p performance, v desk.CaseView) []ui.Finding {
	s := p.scenario
	out := []ui.Finding{found(ui.CheckUrgency, v.Urgency == s.UrgencyOf(), v.Urgency, s.UrgencyOf())}
	if s.People != nil && *s.People != 1 {
		out = append(out, found(ui.CheckPeople, v.People == *s.People, *s.People))
	}
	for _, f := range s.Facts {
		if want := digits(f.Value); len(want) >= 6 {
			noted := slices.ContainsFunc(v.Notes, func(n desk.StatementView) bool { return strings.Contains(digits(n.Text), want) })
			out = append(out, found(ui.CheckFact, noted, f.Value))
		}
	}
	return out
}

// wordCheck: was the word that the person named agreed?
func wordCheck(d reader, p performance) ([]ui.Finding, error) {
	if p.word == "" {
		return nil, nil
	}
	got, err := d.CheckWord(p.id, p.word)
	if err != nil && hotline.KindOf(err) != hotline.KindNotFound && hotline.KindOf(err) != hotline.KindConflict && hotline.KindOf(err) != hotline.KindInvalid {
		return nil, err
	}
	return []ui.Finding{found(ui.CheckWord, err == nil && got == desk.WordMatch, p.word)}, nil
}

// stages: did the case come as far as it can at the desk? What follows a
// meeting is the work of other teams.
func stages(p performance, v desk.CaseView) []ui.Finding {
	var goal hotline.Stage
	for _, s := range p.scenario.Path {
		goal = s
		if s == hotline.StageMeeting {
			break
		}
	}
	if goal == "" {
		return nil
	}
	came := slices.ContainsFunc(v.History, func(s desk.StatementView) bool { return s.Verified && s.Stage == goal })
	return []ui.Finding{found(ui.CheckStage, came, v.Stage, goal)}
}

var (
	// placeOrTime is a clock time, a pair of decimal degrees, or grid figures.
	placeOrTime = regexp.MustCompile(`\b\d{1,2}:\d{2}\b|\b\d{1,3}[.,]\d{4,}|\b\d{6,}\b`)
	// identifying is a question for what nobody needs to know yet.
	identifying = regexp.MustCompile(`(?i)фамили|как (вас|тебя) зовут|ваше имя|номер (вашей )?части|прізвищ|як (вас|тебе) звати|ваше ім|номер (вашої )?частини|прозвішч|як вас завуць|your (full )?name|surname|unit number`)
)

// replies looks at what the newcomer wrote. It finds words, not meanings: a
// finding is a reason to read the sentence again.
func replies(v desk.CaseView) []ui.Finding {
	early, asked := "", ""
	for _, m := range v.Messages {
		if m.Side != hotline.SideDesk {
			continue
		}
		if hit := placeOrTime.FindString(m.Text); hit != "" && !v.WordSet && early == "" {
			early = hit
		}
		if hit := identifying.FindString(m.Text); hit != "" && asked == "" {
			asked = hit
		}
	}
	return []ui.Finding{found(ui.CheckEarly, early == "", early), found(ui.CheckAsked, asked == "", asked)}
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
