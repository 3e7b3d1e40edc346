package training

import (
	"context"
	"slices"
	"sync"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/desk/ui"
	"safeconduct/internal/hotline"
	"safeconduct/internal/rehearsal"
)

// exercise is the simulated people with what they have seen. It is what the
// desk's pages ask for the look back.
type exercise struct {
	desk   *desk.Desk
	people []*person
	clock  func() time.Time
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu     sync.Mutex
	ended  bool
	faults []error
}

// arrival is how many minutes of the script lie between two newcomers.
const arrival = 4

// begin lets the people come, one after the other.
func begin(ctx context.Context, scenarios []rehearsal.Scenario, on *stage, d *desk.Desk) *exercise {
	e := &exercise{desk: d, clock: on.clock}
	words := []string{"тихая гавань", "синий чайник", "старый мост", "белая лампа"}
	for i, s := range scenarios {
		p := newPerson(s, on, on.minutes(float64(i*arrival)))
		if i := slices.IndexFunc(e.people, func(b *person) bool { return b.scenario.ID == s.Continues }); i >= 0 {
			p.before = e.people[i]
			p.arrives = on.minutes(arrival)
			if p.before.word == "" {
				p.before.word = words[i%len(words)]
			}
		}
		e.people = append(e.people, p)
	}
	var playing context.Context
	playing, e.cancel = context.WithCancel(ctx)
	for _, p := range e.people {
		e.done.Go(func() {
			if err := p.play(playing); err != nil {
				e.mu.Lock()
				e.faults = append(e.faults, err)
				e.mu.Unlock()
			}
		})
	}
	return e
}

// End sends the people home. What they have not said stays unsaid.
func (e *exercise) End() {
	e.cancel()
	e.done.Wait()
	e.mu.Lock()
	e.ended = true
	e.mu.Unlock()
}

// Review looks back at the exercise so far.
func (e *exercise) Review(ctx context.Context) (ui.Review, error) {
	e.mu.Lock()
	r := ui.Review{Ended: e.ended, People: len(e.people)}
	faults := slices.Clone(e.faults)
	e.mu.Unlock()
	if len(faults) > 0 {
		return r, hotline.Errorf(hotline.KindInternal, "training", "a simulated person could not go on: %w", faults[0])
	}
	var all []performance
	for _, p := range e.people {
		all = append(all, p.performance(e.clock()))
		select {
		case <-p.ended:
			r.Done++
		default:
		}
	}
	var err error
	r.Lessons, err = lessons(ctx, e.desk, all)
	return r, err
}

func (p *person) performance(now time.Time) performance {
	turns := p.turns()
	p.mu.Lock()
	defer p.mu.Unlock()
	out := performance{
		scenario: p.scenario, id: p.id, came: p.came, answered: p.answered,
		waits: p.waits, left: len(turns) - p.said, now: now,
	}
	if p.said > min(1, len(turns)-1) {
		out.word = p.word
	}
	return out
}
