package gatewaytest

import (
	"cmp"
	"context"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"safeconduct/internal/store"
	"safeconduct/internal/store/storetest"
)

// Door is a channel with its simulator behind it, for one house.
type Door interface {
	// Node starts a node of the door over the house's database, as it was opened for
	// it, and returns what stops the node and waits for its end.
	Node(d *store.DB) (stop func())
	// Say lets a person hand a text to the channel, which brings it to the door
	// again and again until the door acknowledges it.
	Say(person int, text string)
	// Waiting counts the texts that the door has not acknowledged.
	Waiting() int
	// Trouble makes the channel misbehave until lift; nil where it cannot.
	Trouble(k Trouble) (lift func())
	// Secrets are the door's own keys, and what the channel knows of people; they
	// are long enough not to be found by accident.
	Secrets() []string
}

// Answering is a door through which replies go out.
type Answering interface {
	Door
	// Heard is what a person has got from the door, oldest first.
	Heard(person int) []string
	// Pace is how fast the door has sent, and how fast it may.
	Pace() (was, allowed Pace)
}

// Pace is the most that was, or may be, sent within a second.
type Pace struct{ Chat, Overall int }

// Trouble is a way in which a channel misbehaves.
type Trouble string

// The troubles.
const (
	Twice     Trouble = "twice"      // every text is delivered again, at the same time and later
	Fails     Trouble = "fails"      // the channel answers with its own faults
	CutBefore Trouble = "cut before" // the connection ends before a call has had an effect
	CutAfter  Trouble = "cut after"  // and after it
	SlowDown  Trouble = "slow down"  // the channel asks to wait
)

// Run runs the suite for a door, on every database.
func Run(t *testing.T, door func(*House) Door) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		for _, c := range []struct {
			name string
			run  func(*play)
		}{
			{"duplicate", (*play).duplicate},
			{"retry", (*play).retry},
			{"outage", (*play).outage},
			{"throttle", (*play).throttle},
			{"redaction", (*play).redaction},
			{"shutdown", (*play).shutdown},
			{"restart", (*play).restart},
			{"nodes", (*play).nodes},
		} {
			t.Run(engine+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				var h *House
				if c.name == "redaction" && engine == storetest.Postgres { // its files are searched
					cluster := storetest.NewCluster(t)
					h = openAt(t, cluster.URL)
					h.data = cluster.Dir
				} else {
					h = Open(t, engine)
				}
				c.run(&play{House: h, t: t, door: door(h), said: map[int][]string{}})
			})
		}
	}
}

// play is one test of the suite.
type play struct {
	*House
	t    *testing.T
	door Door

	mu   sync.Mutex
	said map[int][]string // by person
}

// node starts a node over a database of its own; stop ends it and closes that.
func (p *play) node() (stop func()) {
	p.t.Helper()
	d, err := store.Open(p.t.Context(), p.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	end := p.door.Node(d)
	stop = sync.OnceFunc(func() {
		end()
		if err := d.Close(); err != nil {
			p.t.Error(err)
		}
	})
	p.t.Cleanup(stop)
	return stop
}

// say lets people say so many texts each.
func (p *play) say(people, texts int) {
	for range texts {
		for person := range people {
			p.sayText(person, fmt.Sprintf("Слово %d человека %d", len(p.said[person]), person))
		}
	}
}

func (p *play) sayText(person int, text string) {
	p.mu.Lock()
	p.said[person] = append(p.said[person], text)
	p.mu.Unlock()
	p.door.Say(person, text)
}

// count is how many texts were said so far.
func (p *play) count() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, texts := range p.said {
		n += len(texts)
	}
	return n
}

// kept counts the records of people.
func (p *play) kept() (n int) {
	for _, c := range p.Cases() {
		n += len(c.Texts())
	}
	return n
}

// settled waits until all that was said is kept and acknowledged, and checks that
// it is there once, of one who is answered in one case and in the order said.
func (p *play) settled() {
	p.t.Helper()
	n := p.count()
	p.Await(fmt.Sprintf("%d texts are kept and acknowledged", n), func() bool { return p.door.Waiting() == 0 && p.kept() >= n })
	var got, want [][]string
	_, talks := p.door.(Answering)
	for _, c := range p.Cases() {
		got = append(got, c.Texts())
	}
	for _, texts := range p.said {
		if talks {
			want = append(want, texts)
			continue
		}
		for _, text := range texts {
			want = append(want, []string{text})
		}
	}
	order := func(x, y []string) int { return cmp.Compare(x[0], y[0]) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.EqualFunc(got, want, slices.Equal) {
		p.t.Errorf("kept, by case:\n%q\nsaid, by person:\n%q", got, want)
	}
}

// caseOf is the case of a person who was heard.
func (p *play) caseOf(person int) Case {
	p.t.Helper()
	for _, c := range p.Cases() {
		if texts := c.Texts(); len(texts) > 0 && texts[0] == p.said[person][0] {
			return c
		}
	}
	p.t.Fatalf("person %d has no case", person)
	return Case{}
}

// hurry is Await for what is put off until later: the clock runs faster meanwhile.
func (p *play) hurry(what string, holds func() bool) {
	p.t.Helper()
	p.Await(what, func() bool {
		if holds() {
			return true
		}
		p.Clock.Advance(time.Second / 2)
		return false
	})
}

// answer replies to a person, and returns how to see that it was noted as sent.
func (p *play) answer(person int, text string) (noted func() bool) {
	p.t.Helper()
	c := p.caseOf(person)
	reply := p.Reply(c, text)
	return func() bool {
		d := p.Delivery(c, reply)
		if d != nil && d.Reason != "" {
			p.t.Errorf("a reply failed: %s", d.Reason)
		}
		return d != nil
	}
}

// times counts how often a person has got a text.
func times(door Answering, person int, text string) (n int) {
	for _, heard := range door.Heard(person) {
		if strings.Contains(heard, text) {
			n++
		}
	}
	return n
}

// labelled runs fn so that every goroutine which comes of it can be told apart,
// and returns how many of them are there.
func labelled(name string, fn func()) (left func() int) {
	const label = "gatewaytest"
	pprof.Do(context.Background(), pprof.Labels(label, name), func(context.Context) { fn() })
	return func() int {
		var text strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&text, 1) // never fails (strings.Builder)
		return strings.Count(text.String(), fmt.Sprintf("%q:%q", label, name))
	}
}

// soon is how long a stop may take.
const soon = 10 * time.Second
