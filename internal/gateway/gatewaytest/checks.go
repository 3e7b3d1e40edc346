package gatewaytest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// duplicate: what comes again, at the same time, later or after a restart, is kept
// once.
func (p *play) duplicate() {
	lift := p.door.Trouble(Twice)
	if lift == nil {
		p.t.Fatal("every channel can deliver twice")
	}
	stop := p.node()
	p.say(3, 2)
	p.settled()
	p.say(3, 1)
	stop()
	p.node()
	p.settled()
	lift()
	p.say(3, 1)
	p.settled()
}

// retry: what a person says is kept once and what is answered arrives, whatever the
// connection does.
func (p *play) retry() {
	p.node()
	for i, trouble := range []Trouble{Fails, CutBefore, CutAfter} {
		lift := p.door.Trouble(trouble)
		if lift == nil {
			continue
		}
		p.say(2, 1)
		p.hurry("both are kept", func() bool { return p.kept() == p.count() })
		door, ok := p.door.(Answering)
		if !ok {
			lift()
			continue
		}
		text := fmt.Sprintf("Ответ %d.", i)
		p.hurry("the reply is noted as sent", p.answer(0, text))
		lift()
		// Where the answer to a call is lost, nobody can know whether it was done.
		if n := times(door, 0, text); n == 0 || (n > 1 && trouble != CutAfter) {
			p.t.Errorf("%s: the reply came %d times", trouble, n)
		}
	}
	p.settled()
}

// outage: while the database is away nothing is acknowledged, and when it is back
// nothing is missing.
func (p *play) outage() {
	d, away := p.Unreliable()
	p.t.Cleanup(p.door.Node(d))
	p.say(2, 1)
	p.settled()
	back := away()
	p.say(3, 2)
	p.Await("the door notices", func() bool { return strings.Contains(p.Logged(), "not kept") })
	if kept, waiting := p.kept(), p.door.Waiting(); kept != 2 || waiting != 6 {
		p.t.Errorf("without a database %d texts were kept and %d of 6 wait", kept-2, waiting)
	}
	back()
	p.settled()
	if door, ok := p.door.(Answering); ok {
		p.Await("a reply arrives", p.answer(0, "Мы здесь."))
		if n := times(door, 0, "Мы здесь."); n != 1 {
			p.t.Errorf("the reply came %d times", n)
		}
	}
}

// throttle: a channel that asks to wait gets everything later, in order, and never
// faster than it allows.
func (p *play) throttle() {
	door, ok := p.door.(Answering)
	if !ok {
		return
	}
	p.node()
	const people, replies = 3, 5
	p.say(people, 1)
	p.settled()
	lift := p.door.Trouble(SlowDown)
	var noted []func() bool
	for n := range replies {
		for person := range people {
			noted = append(noted, p.answer(person, fmt.Sprintf("Ответ %d.", n)))
		}
	}
	for _, sent := range noted {
		p.Await("every reply is noted as sent", sent)
	}
	lift()
	for person := range people {
		var got []string
		for _, heard := range door.Heard(person) {
			if strings.HasPrefix(heard, "Ответ") {
				got = append(got, heard)
			}
		}
		if want := []string{"Ответ 0.", "Ответ 1.", "Ответ 2.", "Ответ 3.", "Ответ 4."}; !slices.Equal(got, want) {
			p.t.Errorf("person %d has got %q", person, got)
		}
	}
	if was, allowed := door.Pace(); was.Chat > allowed.Chat || was.Overall > allowed.Overall {
		p.t.Errorf("too fast: %+v, allowed is %+v", was, allowed)
	}
}

// shutdown: a stop in the middle of traffic takes seconds, loses nothing and leaves
// nothing running.
func (p *play) shutdown() {
	var stop func()
	left := labelled(p.t.Name(), func() { stop = p.node() })
	if left() == 0 {
		p.t.Fatal("a node that runs has goroutines")
	}
	p.say(8, 2)
	p.Await("some are kept", func() bool { return p.kept() >= 4 })
	p.say(8, 8)
	began := time.Now()
	stop()
	if took := time.Since(began); took > soon {
		p.t.Errorf("the stop took %s", took)
	}
	if waiting, kept := p.door.Waiting(), p.kept(); kept < p.count()-waiting {
		p.t.Errorf("%d of %d texts are kept, and only %d come again", kept, p.count(), waiting)
	}
	p.Await("no goroutine is left", func() bool { return left() == 0 })
	p.node()
	p.settled()
}

// restart: a conversation goes on in its case, and nothing is said to anybody twice.
func (p *play) restart() {
	stop := p.node()
	p.say(2, 2)
	p.settled()
	door, ok := p.door.(Answering)
	if !ok {
		stop()
		p.say(2, 1)
		p.node()
		p.settled()
		return
	}
	p.Await("a reply is noted", p.answer(0, "Первый ответ."))
	stop()
	before := [][]string{door.Heard(0), door.Heard(1)}
	p.say(2, 1)
	later := p.answer(0, "Второй ответ.")
	p.node()
	p.settled()
	p.hurry("the next reply is noted", later)
	p.hurry("all that waits is said", p.Quiet)
	for person, texts := range before {
		for _, text := range texts {
			if then, now := count(texts, text), count(door.Heard(person), text); now != then {
				p.t.Errorf("what person %d had got %d times came %d times", person, then, now)
			}
		}
	}
	if n := times(door, 0, "Второй ответ."); n != 1 {
		p.t.Errorf("the reply that waited came %d times", n)
	}
}

func count(all []string, text string) (n int) {
	for _, one := range all {
		if one == text {
			n++
		}
	}
	return n
}

// nodes: two nodes over one database do everything once, and one of them can go.
func (p *play) nodes() {
	first := p.node()
	second := p.node()
	defer second()
	p.say(5, 2)
	p.settled()
	door, talks := p.door.(Answering)
	for person := range 5 {
		if talks {
			p.Await("a reply is noted", p.answer(person, "Ответ первый."))
		}
	}
	p.say(5, 1)
	first()
	p.say(5, 1)
	p.settled()
	if !talks {
		return
	}
	p.Await("a reply is noted", p.answer(0, "Ответ второй."))
	for person := range 5 {
		if n := times(door, person, "Ответ первый."); n != 1 {
			p.t.Errorf("person %d has got the reply %d times", person, n)
		}
	}
	if n := times(door, 0, "Ответ второй."); n != 1 {
		p.t.Errorf("the reply after the change came %d times", n)
	}
}
