package training

import (
	"context"
	"strings"
	"sync"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/rehearsal"
)

// person plays one scenario from the other side: it writes, waits for an
// answer where the script has one, reads it through the public door, and goes
// on. It knows nothing of the desk.
type person struct {
	scenario rehearsal.Scenario
	stage    *stage
	arrives  time.Duration // after the exercise began
	word     string        // that the person names; "": none
	before   *person       // who comes back here; nil: nobody

	mu       sync.Mutex
	id       hotline.CaseID // zero: has not written yet
	code     []string       // groups of the channel code
	came     time.Time      // the first message
	answered time.Time      // the first answer was read; zero: none
	said     int            // messages written
	waits    bool           // for an answer, since the last of them
	ended    chan struct{}  // closed when there is nothing more to say
}

// stage is what all people of an exercise share.
type stage struct {
	product *rehearsal.Product
	pace    time.Duration // of a minute of the script
	poll    time.Duration // between two looks for an answer
	clock   func() time.Time
}

func newPerson(s rehearsal.Scenario, on *stage, arrives time.Duration) *person {
	return &person{scenario: s, stage: on, arrives: arrives, ended: make(chan struct{})}
}

// turn is one message of the person.
type turn struct {
	text  string
	after time.Duration // the message before it, or the answer to that
	reply bool          // the script has an answer before it
}

// turns are what the person says, with the pauses of the script.
func (p *person) turns() []turn {
	var out []turn
	last, reply := 0.0, false
	for _, m := range p.scenario.Messages {
		if m.From != hotline.SideContact {
			last, reply = m.At, true
			continue
		}
		out = append(out, turn{text: m.Text, after: p.stage.minutes(m.At - last), reply: reply && len(out) > 0})
		last, reply = m.At, false
	}
	if len(out) == 0 {
		return nil
	}
	out[0].after = p.arrives
	if p.word != "" {
		// Named once somebody has answered: nobody gives a word to silence.
		at := min(1, len(out)-1)
		out[at].text += "\n" + sayWord(p.scenario.Language) + " «" + p.word + "»."
	}
	return out
}

func (s *stage) minutes(n float64) time.Duration { return time.Duration(n * float64(s.pace)) }

// play runs until everything has been said or ctx ends.
func (p *person) play(ctx context.Context) error {
	defer close(p.ended)
	if p.before != nil {
		select {
		case <-p.before.ended:
		case <-ctx.Done():
			return nil
		}
	}
	var device *contact.Case
	read := &reading{after: -1}
	for i, t := range p.turns() {
		if t.reply {
			p.set(func() { p.waits = true })
			if !p.await(ctx, device, read) {
				return nil
			}
		}
		if !pause(ctx, t.after) {
			return nil
		}
		var err error
		if device == nil {
			device, err = p.start(ctx, t.text)
		} else {
			err = device.Send(ctx, t.text, p.scenario.Language)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		p.set(func() { p.said = i + 1 })
	}
	p.set(func() { p.waits = true })
	p.await(ctx, device, read) // the last message wants its answer too
	return nil
}

func (p *person) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *person) start(ctx context.Context, text string) (*contact.Case, error) {
	client, err := p.stage.product.Contact(ctx)
	if err != nil {
		return nil, err
	}
	if p.before != nil {
		text += p.claim()
	}
	receipt := hotline.NewReceipt()
	c, err := client.Start(ctx, text, p.scenario.Language, &receipt)
	if err != nil {
		return nil, err
	}
	p.set(func() { p.id, p.code, p.came = c.ID(), c.Code().Groups(), p.stage.clock() })
	return c, nil
}

// claim is how somebody who comes back names the code and the word.
func (p *person) claim() string {
	p.before.mu.Lock()
	defer p.before.mu.Unlock()
	if len(p.before.code) == 0 {
		return ""
	}
	text := "\n" + strings.Join(p.before.code, " ")
	if p.before.word != "" {
		text += ", «" + p.before.word + "»"
	}
	return text
}

// reading is how far a person has read.
type reading struct {
	after int64
	last  *contact.Reply
}

// await looks for an answer until there is a new one. It returns false when
// the exercise has ended before.
func (p *person) await(ctx context.Context, device *contact.Case, r *reading) bool {
	if device == nil {
		return false
	}
	for {
		reply, found, err := device.Fetch(ctx, r.after, r.last)
		if ctx.Err() != nil {
			return false
		}
		if err == nil && found { // a door that is busy is asked again
			r.after, r.last = reply.Seq, &reply
			p.set(func() {
				p.waits = false
				if p.answered.IsZero() {
					p.answered = p.stage.clock()
				}
			})
			return true
		}
		if !pause(ctx, p.stage.poll) {
			return false
		}
	}
}

// pause returns false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sayWord is "my word" as a person says it.
func sayWord(language string) string {
	switch language {
	case "be":
		return "Маё слова:"
	case "uk":
		return "Моє слово:"
	case "en":
		return "My word:"
	}
	return "Моё слово:"
}
