package endure

import (
	"fmt"
	"testing"
	"time"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
	"safeconduct/internal/intake/contact"
	"safeconduct/internal/store/storetest"
)

// TestClockJumps sets the server's clock wrong in normal service, by days and by
// hours, both ways, and right again. People write and are answered all the time,
// nothing is removed before its day, and two people's decisions wait or are made
// anew.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clockJumps(t, newHouse(t, urlOf(t, engine)))
		})
	}
}

func clockJumps(t *testing.T, h *house) {
	ctx := t.Context()
	anna := h.openDesk()
	boris := anna.enrol("Boris", hotline.RoleOperator, hotline.RoleSupervisor)
	k, ended := h.begins("I am here"), h.begins("a mistake")
	for _, c := range []*talk{k, ended} {
		anna.reads(c.ID(), c.said[0])
		anna.replies(c.ID(), "Hello")
		c.told = append(c.told, "Hello")
	}
	anna.stage(ended.ID(), hotline.StageUnfounded)
	for range 29 { // it is folded after 30 days
		h.clock.pass(day)
		h.first.looks()
	}
	_, err := k.Open(ctx)
	ok(t, err)
	up := must[*contact.Upload](t)(k.Attach([]byte("a photo"), "image/jpeg"))
	ok(t, up.Send(ctx)) // named by no message yet

	ok(t, anna.ProposeRetention(ctx, "again", 90, "made before the jumps"))
	for _, jump := range []time.Duration{72 * time.Hour, -72 * time.Hour, 2 * time.Hour, -2 * time.Hour, 300 * 24 * time.Hour} {
		for _, by := range []time.Duration{jump, -jump} {
			h.clock.jump(by)
			for range 3 { // hours go by in which the work is looked at
				h.first.looks()
				h.clock.pass(time.Hour)
			}
			text := fmt.Sprint("after a jump of ", by)
			if by == 300*24*time.Hour {
				// An envelope of another year is refused: the page keeps the message and says so.
				continue
			}
			k.says(text)
			boris.reads(k.ID(), text)
			boris.replies(k.ID(), text)
			k.told = append(k.told, text)
			if v, err := anna.Case(ctx, ended.ID()); err != nil || v.Folded {
				t.Fatalf("%s: the case that ended 29 days ago: folded %v, %v", text, v.Folded, err)
			}
		}
	}
	ok(t, k.SendFiles(ctx, "the photo", "en", up))
	k.said = append(k.said, "the photo")
	k.whole(t, boris)
	state, err := anna.Keeping(ctx)
	if err != nil || state.Paused {
		t.Errorf("the clock is right again: paused %v, %v", state.Paused, err)
	}
	// What was proposed has run out while the clock was ahead; it is made anew.
	ok(t, anna.ProposeRetention(ctx, "again", 90, "made anew"))
	boris.approves(hotline.SharedRetention)
	for range 4 {
		h.clock.pass(day)
		h.first.looks()
	}
	boris.sees(ended.ID(), "it is folded on its day", func(v desk.CaseView) bool { return v.Folded })
	for _, d := range []*station{anna, boris} {
		if a := d.Alarms(); len(a) != 0 {
			t.Errorf("alarms: %+v", a)
		}
	}
}
